// What stands behind indices: the similarities of neighbours, the scores of a vote, and whether one of the best is right.
// Tests    OracleTests/CoverageCasesTests.swift
import Files
import Evaluation
import Kernels
import Networks
import TwoStage

/// The operations of the areas "evaluate" and "neighbour" that tell scores.
let voteOperations: [any OracleOperation] = [
  VoteScoresOperation(), TopAccuracyOperation(), NeighbourSimilaritiesOperation(),
]

/// The vote of the weighted nearest neighbours with all that it counts.
///
/// Outputs: neighbours and similarities (n × min(k, images), one less where images are left out), scores (n × classes),
/// predictions (n).
struct VoteScoresOperation: OracleOperation {
  let name = "vote-scores"
  let area = "evaluate"
  private static let leavesOut = ParameterDeclaration.bool(
    "leavesOut", default: false, "whether query i takes no part in its own vote as image i")
  let parameters = WeightedNeighboursOperation().parameters + [Self.leavesOut]
  let inputs = WeightedNeighboursOperation().inputs
  let formula = """
    s_j = q·f_j, the k largest, equal ones by the lower j;  score_c = Σ_{j among them, label c} exp((s_j − max s) / σ);
    prediction = argmax_c score_c, ties to the lower class
    """

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let (classifier, queries, leavesOut) = try Self.inputs(prompt, as: Scalar.self)
    let (voters, scores) = (
      classifier.voters(queries, leavingOut: leavesOut), classifier.scores(queries, leavingOut: leavesOut)
    )
    let shape = [queries.rows, voters[0].count]
    return [
      "neighbours": .integers(voters.flatMap { $0.map(\.row) }, shape: shape),
      "similarities": .real(Tensor(shape: shape, values: voters.flatMap { $0.map(\.similarity) })),
      "scores": .real(scores.converted(to: Scalar.self)),
      "predictions": .integers(classifier.classes(of: scores), shape: [queries.rows]),
    ]
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let (classifier, queries, leavesOut) = try Self.inputs(prompt, as: Double.self)
    let reader = NetworkPrompt(prompt: prompt)
    try reader.requireTrackable("\"features\"", classifier.features.shape)
    try reader.requireTrackable("\"queries\"", queries.shape)
    try reader.requireTrackable(
      "the similarities", [queries.rows, min(classifier.neighbourCount, classifier.features.rows)])
    try reader.requireTrackable("the scores", [queries.rows, classifier.classCount])
    let temperature = TrackedNumber(rounded: classifier.temperature)
    let (rows, asked) = (TrackedMatrix(exact: classifier.features), TrackedMatrix(exact: queries))
    let voters = classifier.voters(queries, leavingOut: leavesOut)
    var (similarities, scores): ([TrackedNumber], [TrackedNumber]) = ([], [])
    for (a, list) in voters.enumerated() {
      let query = asked.row(a)
      let found = list.map { TrackedNumber.dot(query, rows.row($0.row), rounding: .ofMatrices) }
      let weights = found.map { TrackedNumber.exp(($0 - found[0]) / temperature) }
      similarities += found
      scores += (0..<classifier.classCount).map { c in
        TrackedNumber.sum(list.indices.filter { classifier.labels[list[$0].row] == c }.map { weights[$0] })
      }
    }
    let (count, features) = (voters[0].count, queries.columns)
    return [
      "similarities": TrackedNumber.scale(of: similarities, shape: [queries.rows, count], longestSum: features),
      "scores": TrackedNumber.scale(
        of: scores, shape: [queries.rows, classifier.classCount], longestSum: max(features, count)),
    ]
  }

  /// "neighbour": the smallest gap between the similarities of one neighbour and the next, or the first that does not count;
  /// "score": the gap between the two best classes as a share of the best.
  func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    let (classifier, queries, leavesOut) = try Self.inputs(prompt, as: Double.self)
    let products = queries.multiplied(by: classifier.features, otherTransposed: true)
    let scores = classifier.scores(queries, leavingOut: leavesOut)
    var (neighbours, gaps): ([Double], [Double]) = ([], [])
    for a in 0..<queries.rows {
      let others = products.row(a).enumerated().filter { !leavesOut || $0.offset != a }
      neighbours.append(
        neighbourGap(
          queries.row(a), others.map { ($0.offset, $0.element) }, of: classifier.features,
          count: classifier.neighbourCount))
      let best = scores.row(a).sorted(by: >)
      if best.count > 1 { gaps.append((best[0] - best[1]) / best[0]) }
    }
    return ["neighbour": smallestMargin(neighbours), "score": smallestMargin(gaps)].filter { $0.value.isFinite }
  }

  func marginRoundings(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    let (classifier, queries, _) = try Self.inputs(prompt, as: Double.self)
    return WeightedNeighboursOperation.marginRoundings(classifier, queries)
  }

  static func inputs<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> (WeightedNearestNeighbours<Scalar>, queries: Tensor<Scalar>, leavesOut: Bool) {
    let (classifier, queries) = try WeightedNeighboursOperation.classifier(prompt, as: Scalar.self)
    let (features, reader) = (classifier.features, NetworkPrompt(prompt: prompt))
    try reader.requireRoom("the similarities", [queries.rows, features.rows])
    guard try prompt.bool(Self.leavesOut) else { return (classifier, queries, false) }
    guard queries.rows == features.rows, features.rows > 1 else {
      throw prompt.fault(
        "\"leavesOut\" needs a row of \"queries\" for each of at least 2 \"features\", not \(queries.rows) for \(features.rows)"
      )
    }
    return (
      WeightedNearestNeighbours(
        features: features, labels: classifier.labels, classCount: classifier.classCount,
        neighbourCount: min(classifier.neighbourCount, features.rows - 1), temperature: classifier.temperature),
      queries, true
    )
  }
}

/// Top-k accuracy.
///
/// Outputs: hits (n whole numbers, 0 or 1), matched (whole number), accuracy.
struct TopAccuracyOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "top-accuracy"
  let area = "evaluate"
  private static let count = ParameterDeclaration.integer(
    "count", 1...Int.max, default: 5, "k, how many of the best classes count; there may be fewer")
  let parameters = [Self.count]
  let inputs: [InputDeclaration] = [
    .real("scores", "rows × classes", "the higher, the better"),
    .integers("targets", "rows", "the class of every row"),
  ]
  let formula =
    "hit = [fewer than k classes stand before the target: a higher score, or an equal one of a lower class];  mean of hits"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let top: TopClasses = try found(prompt, as: Scalar.self)
    return [
      "hits": .integers(top.hits.map { $0 ? 1 : 0 }, shape: [top.hits.count]),
      "matched": .integers([top.matched], shape: []), "accuracy": .number(Scalar(top.accuracy)),
    ]
  }

  /// One quotient of whole numbers.
  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    [
      "accuracy": RoundingScale(
        values: Tensor(shape: [], values: [try found(prompt, as: Double.self).accuracy]), terms: 1)
    ]
  }

  private func found<Scalar: RealScalar>(_ prompt: Prompt, as _: Scalar.Type) throws(OracleError) -> TopClasses {
    let reader = NetworkPrompt(prompt: prompt)
    let scores: Tensor<Scalar> = try reader.matrix("scores")
    let targets = try reader.indices("targets", count: scores.rows, below: scores.columns)
    return TopClasses(try prompt.integer(Self.count), of: scores, targets: targets)
  }
}

/// The nearest other rows with their similarities.
///
/// Outputs: neighbours (Q × k whole numbers), similarities (Q × k).
struct NeighbourSimilaritiesOperation: OracleOperation {
  let name = "neighbour-similarities"
  let area = "neighbour"
  let parameters = NearestRowsOperation().parameters
  let inputs = NearestRowsOperation().inputs
  let formula =
    "s_ij = m_i·m_j, j ≠ i: the k largest of each query i and their j, the largest first, equal ones by the lower j"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let found = try NearestRowsOperation().answer(prompt, as: Scalar.self)
    try NetworkPrompt(prompt: prompt).requireRoom(
      "the similarities", [prompt.shape(of: "queries")[0], prompt.shape(of: "rows")[0]])
    let (rows, queries, neighbours): (Tensor<Scalar>, [Int], [Int]) = (
      try prompt.tensor("rows"), try prompt.integers("queries"), try Self.indices(found)
    )
    let (products, count) = (
      rows.rows(queries).multiplied(by: rows, otherTransposed: true), neighbours.count / queries.count
    )
    let similarities = neighbours.enumerated().map { products.values[$0 / count * rows.rows + $1] }
    return found.merging([
      "similarities": .real(Tensor(shape: [queries.count, count], values: similarities))
    ]) { $1 }
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let found = try Self.indices(NearestRowsOperation().answer(prompt, as: Double.self))
    let (queries, reader) = (try prompt.integers("queries"), NetworkPrompt(prompt: prompt))
    let count = found.count / queries.count
    try reader.requireTrackable("\"rows\"", prompt.shape(of: "rows"))
    try reader.requireTrackable("the similarities", [queries.count, count])
    let rows = TrackedMatrix(exact: try prompt.tensor("rows"))
    let similarities = found.enumerated().map { index, j in
      TrackedNumber.dot(rows.row(queries[index / count]), rows.row(j), rounding: .ofMatrices)
    }
    return [
      "similarities": TrackedNumber.scale(
        of: similarities, shape: [queries.count, count], longestSum: rows.columns)
    ]
  }

  func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double] { try NearestRowsOperation().margins(prompt) }

  func marginRoundings(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    try NearestRowsOperation().marginRoundings(prompt)
  }

  private static func indices(_ answer: [String: TensorValue]) throws(OracleError) -> [Int] {
    guard case .integers(let indices, _)? = answer["neighbours"] else {
      throw OracleError("nearest-rows names no rows")
    }
    return indices
  }
}
