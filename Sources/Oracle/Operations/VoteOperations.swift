// What stands behind indices: the similarities of neighbours, the scores of a vote, and whether one of the best is right.
// Tests    OracleTests/CoverageCasesTests.swift
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
/// Parameters: k (default 200), temperature (default 0.1), classes (default: one more than the largest label), leavesOut
/// (default false): whether query i takes no part in its own vote as image i. Inputs: features (images × D), labels (images),
/// queries (n × D). Outputs: neighbours and similarities (n × min(k, images), one less where images are left out), scores
/// (n × classes), predictions (n).
struct VoteScoresOperation: OracleOperation {
  let name = "vote-scores"
  let area = "evaluate"
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
    let temperature = TrackedNumber(rounded: classifier.temperature)
    let (rows, asked) = (TrackedMatrix(exact: classifier.features), TrackedMatrix(exact: queries))
    let voters = classifier.voters(queries, leavingOut: leavesOut)
    let products = asked.multiplied(byTransposed: rows)
    var (similarities, scores): ([TrackedNumber], [TrackedNumber]) = ([], [])
    for (a, list) in voters.enumerated() {
      let found = list.map { products.values[a * rows.rows + $0.row] }
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
    var (neighbour, score) = (Double.infinity, Double.infinity)
    for a in 0..<queries.rows {
      var row = Array(products.row(a))
      if leavesOut { row.remove(at: a) }
      row.sort(by: >)
      for (x, y) in zip(row.prefix(classifier.neighbourCount), row.dropFirst()) { neighbour = min(neighbour, x - y) }
      let best = scores.row(a).sorted(by: >)
      if best.count > 1 { score = min(score, (best[0] - best[1]) / best[0]) }
    }
    return ["neighbour": neighbour, "score": score].filter { $0.value.isFinite }
  }

  static func inputs<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> (WeightedNearestNeighbours<Scalar>, queries: Tensor<Scalar>, leavesOut: Bool) {
    let reader = NetworkPrompt(prompt: prompt)
    let features: Tensor<Scalar> = try reader.matrix("features")
    let queries: Tensor<Scalar> = try reader.matrix("queries", columns: features.columns)
    let labels = try prompt.integers("labels")
    let classes = try prompt.integer("classes", default: min(labels.max() ?? 0, 999) + 1)
    guard (1...1000).contains(classes) else { throw reader.fault("\"classes\" must be 1 to 1000, not \(classes)") }
    _ = try reader.indices("labels", count: features.rows, below: classes)
    let k = try prompt.integer("k", default: 200)
    guard k > 0 else { throw reader.fault("\"k\" must be positive, not \(k)") }
    let temperature = try reader.number("temperature", default: 0.1, needs: "1e-4 to 1e6", as: Double.self) {
      (1e-4...1e6).contains($0)
    }
    let leavesOut = try prompt.truth("leavesOut", default: false)
    guard !leavesOut || queries.rows == features.rows && features.rows > 1 else {
      throw reader.fault(
        "\"leavesOut\" needs a row of \"queries\" for each of at least 2 \"features\", not \(queries.rows) for \(features.rows)"
      )
    }
    return (
      WeightedNearestNeighbours(
        features: features, labels: labels, classCount: classes,
        neighbourCount: min(k, leavesOut ? features.rows - 1 : features.rows), temperature: temperature),
      queries, leavesOut
    )
  }
}

/// Top-k accuracy.
///
/// Parameters: count (k, default 5). Inputs: scores (n × classes), targets (n). Outputs: hits (n whole numbers, 0 or 1), matched
/// (whole number), accuracy.
struct TopAccuracyOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "top-accuracy"
  let area = "evaluate"
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
    let count = try prompt.integer("count", default: 5)
    guard count > 0 else { throw reader.fault("\"count\" must be positive, not \(count)") }
    return TopClasses(count, of: scores, targets: targets)
  }
}

/// The nearest other rows with their similarities.
///
/// Parameters: k (default 1). Inputs: rows (N × features), queries (Q). Outputs: neighbours (Q × k whole numbers), similarities (Q × k).
struct NeighbourSimilaritiesOperation: OracleOperation {
  let name = "neighbour-similarities"
  let area = "neighbour"
  let formula =
    "s_ij = m_i·m_j, j ≠ i: the k largest of each query i and their j, the largest first, equal ones by the lower j"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let found = try NearestRowsOperation().answer(prompt, as: Scalar.self)
    let (rows, queries, neighbours): (Tensor<Scalar>, [Int], [Int]) = (
      try prompt.tensor("rows"), try prompt.integers("queries"), try Self.places(found)
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
    let found = try Self.places(NearestRowsOperation().answer(prompt, as: Double.self))
    let queries = try prompt.integers("queries")
    let rows = TrackedMatrix(exact: try prompt.tensor("rows"))
    let count = found.count / queries.count
    let similarities = found.enumerated().map { place, j in
      TrackedNumber.dot(rows.row(queries[place / count]), rows.row(j), roundsFactors: true)
    }
    return [
      "similarities": TrackedNumber.scale(
        of: similarities, shape: [queries.count, count], longestSum: rows.columns)
    ]
  }

  func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double] { try NearestRowsOperation().margins(prompt) }

  private static func places(_ answer: [String: TensorValue]) throws(OracleError) -> [Int] {
    guard case .integers(let places, _)? = answer["neighbours"] else { throw OracleError("nearest-rows names no rows") }
    return places
  }
}
