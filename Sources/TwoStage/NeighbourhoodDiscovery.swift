// Neighbourhood discovery: before each round of stage 1 but the first, the images of lowest entropy become
// anchors, and each anchor gets its nearest images for neighbours.
//
// Paper    Huang et al. (AND), ICML 2019, progressive neighbourhood discovery; stage 1 of Han et al., ECCV 2020.
//     h_i = −Σ_j p_ij log p_ij,   p_i = softmax_j(m_i·m_j / τ) over all images, i included
//     the n_r = ⌊N s r⌋ images of the smallest h are the anchors of round r; neighbours by the largest m_i·m_j, j ≠ i
// Definition  referenceDiscovery in ReferenceStages.swift
// Tests    NeighbourhoodDiscoveryTests.swift
// Fixture  Fixtures/method/method-golden.json, A_stage1
import Kernels
import Networks

/// The rule by which a round's neighbourhoods are found; nothing is carried over from the round before.
///
/// | Paper | Here             | Range                                                        |
/// | ----- | ---------------- | ------------------------------------------------------------ |
/// | s     | `rate`           | > 0; 0.25, so that round 4 makes every image an anchor       |
/// | k     | `neighbourCount` | 1...N−1; 1 in the paper, 5 to 10 in the short recipes        |
///
/// Equal entropies and equal products are settled by the lower index.
public struct NeighbourhoodDiscovery: Codable, Sendable, Equatable {
  /// s, the share of the images that become anchors with each round.
  public let rate: Double
  /// k, the number of neighbours of an anchor.
  public let neighbourCount: Int

  /// A rule; without arguments it is the paper's.
  public init(rate: Double = 0.25, neighbourCount: Int = 1) {
    require(rate > 0 && rate.isFinite, "the share of anchors per round must be positive, not \(rate)")
    require(neighbourCount > 0, "an anchor needs at least one neighbour, not \(neighbourCount)")
    self.rate = rate
    self.neighbourCount = neighbourCount
  }

  /// n_r = ⌊N s r + 10⁻⁹⌋, at most N; the small term makes up for products such as 90 · 0.7 < 63.
  public func anchorCount(images: Int, round: Int) -> Int {
    require(round >= 0, "a round's number must not be negative: \(round)")
    return min(images, Int((Double(images) * rate * Double(round) + 1e-9).rounded(.down)))
  }

  /// The neighbourhoods of a round, from 0; round 0 has none.
  public func discover<Scalar: RealScalar>(in bank: MemoryBank<Scalar>, round: Int) -> Neighbourhoods {
    let images = bank.rows.rows
    require(
      neighbourCount < images, "\(neighbourCount) neighbours need more than \(images) images: at most \(images - 1)")
    let count = anchorCount(images: images, round: round)
    guard count > 0 else { return .instances(imageCount: images) }
    let entropies = Self.entropies(of: bank)
    let order = entropies.indices.sorted { (entropies[$0], $0) < (entropies[$1], $1) }
    let anchors = Array(order.prefix(count))
    return Neighbourhoods(
      imageCount: images, anchors: anchors,
      neighbours: Self.nearest(neighbourCount, to: anchors, in: bank.rows))
  }

  /// h_i of every image.
  public static func entropies<Scalar: RealScalar>(of bank: MemoryBank<Scalar>) -> [Scalar] {
    let images = bank.rows.rows
    var entropies: [Scalar] = []
    for range in RowChunks.ranges(rows: images, columns: images, of: Scalar.self) {
      let logits = bank.logits(of: bank.rows.rows(range)).values
      // h = log Σ_j exp z_j − Σ_j p_j z_j; a p_j that underflows counts as 0 log 0 = 0.
      entropies += entropiesOfRows(logits, columns: images)
    }
    return entropies
  }

  /// For each of `queries`, which are numbers of rows, the `count` other rows with the largest inner product, the largest first.
  ///
  /// Ties go to the lower number.
  public static func nearest<Scalar: RealScalar>(
    _ count: Int, to queries: [Int], in rows: Tensor<Scalar>
  ) -> [[Int]] {
    var lists: [[Int]] = []
    for range in RowChunks.ranges(rows: queries.count, columns: rows.rows, of: Scalar.self) {
      let chunk = Array(queries[range])
      let products = rows.rows(chunk).multiplied(by: rows, otherTransposed: true)
      let found = largestOfRows(count, products.values, columns: rows.rows, excluding: chunk)
      lists += chunk.indices.map { Array(found[$0 * count..<($0 + 1) * count]) }
    }
    return lists
  }
}
