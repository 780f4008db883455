// `tsuc explain anchors`: which images become anchors, and who their neighbours are.
// Tests    ExplainTests/ExplainTests.swift
import Kernels
import Networks
import TwoStage

/// The bank of four in the second round of stage 1.
package struct AnchorsExample: Sendable {
  /// The bank and its temperature.
  package let small: SmallBank
  /// s, the share of all images that every round adds to the anchors.
  package let rate = 0.25
  /// r, the round's number from 0.
  package let round = 2
  /// k, the number of neighbours of an anchor.
  package let neighbourCount = 1

  /// The inputs, moved as the example says.
  package init(_ example: Example) { small = SmallBank(example) }

  /// The library's discovery.
  var library: NeighbourhoodDiscovery { NeighbourhoodDiscovery(rate: rate, neighbourCount: neighbourCount) }
}

extension Explanation {
  static let anchors = Explanation(
    name: "anchors", aliases: ["N(i)", "neighbourhood", "discovery"],
    title: "neighbourhood discovery: the images of lowest entropy get neighbours",
    references: References(
      sources: [
        ("Sources/TwoStage/NeighbourhoodDiscovery.swift", "NeighbourhoodDiscovery"),
        ("Sources/TwoStage/Neighbourhoods.swift", "Neighbourhoods"),
      ],
      tests: ["Tests/TwoStageTests/NeighbourhoodDiscoveryTests.swift"],
      golden: [
        "neighbour/neighbourhood-discovery-round-2", "neighbour/bank-entropies-quarter", "schedule/anchor-count-paper",
      ])
  ) { example in
    let given = AnchorsExample(example)
    let (bank, tau, rate, round) = (given.small.bank, given.small.temperature, given.rate, given.round)
    let similarities = products(bank, bank)
    let exponentials = each(similarities) { Double.exp($0 / tau) }
    let probabilities = shares(exponentials)
    let entropies = probabilities.map { row in -total(row.map { $0 * Double.log($0) }) }
    let order = entropies.indices.sorted { (entropies[$0], $0) < (entropies[$1], $1) }
    let count = Int(Double(bank.count) * rate * Double(round))
    let anchors = Array(order.prefix(count))
    let nearest = anchors.map { i in
      bank.indices.filter { $0 != i }.max { similarities[i][$0] < similarities[i][$1] } ?? 0
    }
    let found = given.library.discover(in: given.small.library, round: round)
    let surprise = NeighbourhoodDiscovery.entropies(of: given.small.library)
    let (names, columns) = (numbered("m", bank.count), bank.indices.map { "j = \($0)" })
    return [
      .prose(
        """
        When a round begins, every image asks the bank whom it resembles. Where the answer is sharp (low entropy) a nearest neighbour \
        can be trusted. Each round a larger share of the images become anchors; the lists are made anew, not continued. Labels take \
        no part. An image far from all others is sure too, of itself; it becomes an anchor as well. Nothing is differentiated: anchors and neighbours are indices, constants of the round.
        """),
      .heading("Formula"),
      .formula(
        """
        p_ij = softmax_j(⟨m_i, m_j⟩ / τ) over ALL images j, i included      h_i = −Σ_j p_ij log p_ij
        anchors of round r: the n_r = ⌊N s r⌋ images of the smallest h, equal ones by the lower index
        N(i): the k largest ⟨m_i, m_j⟩ over all j ≠ i, anchors or not
        """),
      .heading("Example: round \(round) of a bank of four, with s = 1/4 and k = 1"),
      .constants([.init("τ", tau)]),
      .table(NumberTable("M", columns: ["x", "y"], names: names, numbers: bank)),
      .table(NumberTable("⟨m_i, m_j⟩", columns: columns, names: names, numbers: similarities)),
      .table(
        NumberTable(
          "exp(⟨m_i, m_j⟩ / τ)", columns: columns + ["Σ"], names: names, numbers: exponentials.map { $0 + [total($0)] })
      ),
      .table(
        NumberTable(
          "p, and the entropy h", columns: columns + ["h"], names: names,
          numbers: zip(probabilities, entropies).map { $0 + [$1] })),
      .agreement(CrossCheck("h", entropies, surprise, by: "NeighbourhoodDiscovery.entropies")),
      .table(
        NumberTable(
          "n = ⌊N s r⌋ anchors, the most confident first, each with its nearest other image",
          columns: ["anchor", "h", "neighbour", "product"],
          rows: anchors.indices.map {
            (
              "",
              [
                .whole(anchors[$0]), .number(entropies[anchors[$0]]), .whole(nearest[$0]),
                .number(similarities[anchors[$0]][nearest[$0]]),
              ]
            )
          })),
      .agreement(
        CrossCheck(
          "lists", (anchors + nearest).map(Double.init),
          (found.anchors + found.neighbours.flatMap { $0 }).map(Double.init), by: "NeighbourhoodDiscovery.discover")),
    ]
  }
}
