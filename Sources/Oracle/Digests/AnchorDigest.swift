// The digest of neighbourhood discovery, on banks whose products are exact in every precision, ties among them.
// Tests    OracleTests/DigestTests.swift
import Kernels
import Networks
import TwoStage

/// The digest of TwoStage/NeighbourhoodDiscovery.swift.
let anchorDigest = Digest(
  "anchors",
  definition: """
    Draw i: a bank of 8 rows of 4 numbers ((word >> 24) - 128) / 128, row after row, on stream(seed 12, purpose 2, epoch 0, \
    image i, view 0), temperature 1/2; the 2, 4, 6 or 8 anchors of round 1 + i mod 4 at the rate 1/4 by their entropy, which \
    binary64 decides, and the two nearest other rows of each by inner product, where equal products (exact in binary32, \
    too) go to the lower row.
    """,
  record: "the anchors in order, then the two neighbours of each, the nearer first: uint8 each, 6, 12, 18 or 24 bytes",
  marginUnit: "entropy, between neighbours in the order of the anchors and the first row that is none"
) { count in
  .ofEach(count) { i, records in
    var stream = RandomStream(seed: 12, purpose: .memory, image: i)
    let values = (0..<32).map { _ in (Double(stream.nextWord() >> 24) - 128) / 128 }
    let bank = MemoryBank(rows: Tensor<Double>(shape: [8, 4], values: values), temperature: 0.5)
    let found = NeighbourhoodDiscovery(rate: 0.25, neighbourCount: 2).discover(in: bank, round: 1 + i % 4)
    for anchor in found.anchors { records.append(byte: anchor) }
    for neighbour in found.neighbours.joined() { records.append(byte: neighbour) }
    let entropies = NeighbourhoodDiscovery.entropies(of: bank).sorted()
    for index in 0..<min(7, found.anchors.count) { records.meet(margin: entropies[index + 1] - entropies[index]) }
  }
}
