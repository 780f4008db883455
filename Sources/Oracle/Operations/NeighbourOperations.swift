// Neighbourhood discovery: how sure the bank is of each image, the anchors of a round and their neighbours.
// Tests    OracleTests/NeighbourCasesTests.swift, OracleTests/LossPromptTests.swift
import Files
import Kernels
import Networks
import TwoStage

/// The operations of the area "neighbour".
let neighbourOperations: [any OracleOperation] = [
  BankEntropiesOperation(), NeighbourhoodDiscoveryOperation(), NearestRowsOperation(),
]

/// The entropy of every image's distribution over all images, itself included.
///
/// Output: entropies (images).
struct BankEntropiesOperation: OracleOperation {
  let name = "bank-entropies"
  let area = "neighbour"
  let parameters: [ParameterDeclaration] = [.bankTemperature]
  let inputs: [InputDeclaration] = [.bank]
  let formula = "h_i = −Σ_j p_ij log p_ij,  p_i = softmax_j(m_i·m_j / τ) over all j"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let (reader, bank) = (
      NetworkPrompt(prompt: prompt), try NetworkPrompt(prompt: prompt).finiteBank(as: Scalar.self)
    )
    try reader.requireComparable(bank.rows.rows, bank.rows.rows)
    let entropies = NeighbourhoodDiscovery.entropies(of: bank)
    return ["entropies": .real(Tensor(shape: [entropies.count], values: entropies))]
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let bank = try NetworkPrompt(prompt: prompt).finiteBank(as: Double.self)
    try NetworkPrompt(prompt: prompt).requireTrackable(
      "the logits", [bank.rows.rows, bank.rows.rows])
    let (matrix, images) = (TrackedMatrix(exact: bank.rows), bank.rows.rows)
    let (rows, temperature) = ((0..<images).map(matrix.row), TrackedNumber(rounded: bank.temperature))
    // Row by row: all logits at once, each with its deviations, would take gigabytes.
    let rounding = ProductRounding.ofMatrices
    let entropies = Parallel.map(images) { i in
      TrackedNumber.entropy(rows.map { TrackedNumber.dot(rows[i], $0, rounding: rounding) / temperature }).entropy
    }
    return [
      "entropies": TrackedMatrix(rows: 1, columns: images, values: entropies).scale(
        longestSum: max(images, bank.rows.columns), shape: [images])
    ]
  }
}

/// The anchors of a round and their neighbours.
///
/// Outputs, whole numbers: anchors (n_r), the lowest entropy first; neighbours (n_r × k), the nearest first.
struct NeighbourhoodDiscoveryOperation: OracleOperation {
  let name = "neighbourhood-discovery"
  let area = "neighbour"
  private static let round = ParameterDeclaration.integer("round", 0...100_000, "0 has no anchors")
  let parameters: [ParameterDeclaration] = [.rate, .neighbourCount, Self.round, .bankTemperature]
  let inputs: [InputDeclaration] = [.bank]
  let formula =
    "anchors: the min(N, ⌊N · rate · round + 10⁻⁹⌋) images of smallest entropy; neighbours: the k largest m_i·m_j"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let (discovery, bank, round) = try inputs(prompt, as: Scalar.self)
    let found = discovery.discover(in: bank, round: round)
    return [
      "anchors": .integers(found.anchors, shape: [found.anchors.count]),
      "neighbours": .integers(
        found.neighbours.flatMap { $0 }, shape: [found.anchors.count, discovery.neighbourCount]),
    ]
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] { [:] }

  /// "entropy": the smallest gap between the entropies of one anchor and the next, or the first image that is none;
  /// "neighbour": that between the similarities of one neighbour and the next, or the first row that is none.
  func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    let (discovery, bank, round) = try inputs(prompt, as: Double.self)
    try NetworkPrompt(prompt: prompt).requireRoom(
      "the similarities", [bank.rows.rows, bank.rows.rows])
    let anchors = discovery.discover(in: bank, round: round).anchors
    guard !anchors.isEmpty else { return [:] }
    let entropies = NeighbourhoodDiscovery.entropies(of: bank).sorted()
    return [
      "entropy": smallestGap(entropies, first: anchors.count),
      "neighbour": neighbourMargin(bank.rows, queries: anchors, count: discovery.neighbourCount),
    ].filter { $0.value.isFinite }
  }

  /// Of both entropies their error, of both products that of a sum of as many products as features.
  ///
  /// Of more images than can be tracked the entropies have no such bound.
  func marginRoundings(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    let bank = try NetworkPrompt(prompt: prompt).finiteBank(as: Double.self)
    var roundings = ["neighbour": productRoundings(bank.rows, bank.rows)]
    if let entropies = try? BankEntropiesOperation().scales(prompt)["entropies"] {
      roundings["entropy"] = 2 * Double(entropies.terms) * entropies.values.values.reduce(0, max)
    }
    return roundings
  }

  private func inputs<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> (NeighbourhoodDiscovery, MemoryBank<Scalar>, round: Int) {
    let reader = NetworkPrompt(prompt: prompt)
    let bank = try reader.finiteBank(as: Scalar.self)
    let (rate, round) = (try prompt.number(.rate, as: Double.self), try prompt.integer(Self.round))
    let count = try reader.neighbourCount(of: bank.rows.rows)
    try reader.requireComparable(bank.rows.rows, bank.rows.rows)
    try reader.requireRoom("the neighbours", [bank.rows.rows, count])
    try reader.requireProducts("the products of the bank's rows", bank.rows, bank.rows)
    return (NeighbourhoodDiscovery(rate: rate, neighbourCount: count), bank, round)
  }
}

/// The nearest other rows by inner product.
///
/// Output: neighbours (Q × k, whole numbers).
struct NearestRowsOperation: OracleOperation {
  let name = "nearest-rows"
  let area = "neighbour"
  let parameters: [ParameterDeclaration] = [.neighbourCount]
  let inputs: [InputDeclaration] = [
    .real("rows", "rows × features", "what is compared"), .integers("queries", "queries", "numbers of rows"),
  ]
  let formula = "for each query i the k largest m_i·m_j, j ≠ i, the largest first, equal ones by the lower j"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let (rows, queries, count) = try inputs(prompt, as: Scalar.self)
    let lists = NeighbourhoodDiscovery.nearest(count, to: queries, in: rows)
    return ["neighbours": .integers(lists.flatMap { $0 }, shape: [queries.count, count])]
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] { [:] }

  /// "neighbour": the smallest gap between the similarities of one neighbour and the next, or the first that is none.
  func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    let (rows, queries, count) = try inputs(prompt, as: Double.self)
    try NetworkPrompt(prompt: prompt).requireRoom("the similarities", [queries.count, rows.rows])
    return ["neighbour": neighbourMargin(rows, queries: queries, count: count)].filter { $0.value.isFinite }
  }

  /// Of both products that of a sum of as many products as features.
  func marginRoundings(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    let (rows, queries, _) = try inputs(prompt, as: Double.self)
    return ["neighbour": productRoundings(rows.rows(queries), rows)]
  }

  private func inputs<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> (rows: Tensor<Scalar>, queries: [Int], count: Int) {
    let reader = NetworkPrompt(prompt: prompt)
    let rows: Tensor<Scalar> = try reader.matrix("rows")
    let queries = try reader.indices("queries", below: rows.rows)
    let count = try reader.neighbourCount(of: rows.rows)
    try reader.requireComparable(queries.count, rows.rows)
    try reader.requireRoom("the neighbours", [queries.count, count])
    try reader.requireProducts("the products of \"rows\"", rows, rows)
    return (rows, queries, count)
  }
}

extension NetworkPrompt {
  /// The parameter "k", less than the number of rows.
  fileprivate func neighbourCount(of rows: Int) throws(OracleError) -> Int {
    let count = try prompt.integer(.neighbourCount)
    guard count < rows else {
      throw fault(
        rows == 1
          ? "\"k\" neighbours need at least one row more than the query, and there is 1 row"
          : "\"k\" must be 1 to \(rows - 1), the rows other than the query, not \(count)")
    }
    return count
  }
}

/// How many units of rounding the difference of two inner products of rows moves at most: 2 · features · Σ |a| |b| of the largest.
func productRoundings(_ queries: Tensor<Double>, _ rows: Tensor<Double>) -> Double {
  let sizes = queries.magnitudes.multiplied(by: rows.magnitudes, otherTransposed: true)
  return 2 * Double(rows.columns) * sizes.values.reduce(0, max)
}

/// The smallest gap among the `count` largest similarities of each query and the next.
private func neighbourMargin(_ rows: Tensor<Double>, queries: [Int], count: Int) -> Double {
  let products = rows.rows(queries).multiplied(by: rows, otherTransposed: true)
  return smallestMargin(
    queries.enumerated().map { entry in
      let others = products.row(entry.offset).enumerated().filter { $0.offset != entry.element }
      return neighbourGap(
        rows.row(entry.element), others.map { ($0.offset, $0.element) }, of: rows, count: count)
    })
}
