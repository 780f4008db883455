// What judges a run: nearest neighbours, the scores of a clustering, and the choice of epoch and head.
// Tests    OracleTests/ShallowCasesTests.swift
import Files
import Evaluation
import Kernels
import Networks
import TwoStage

/// The operations of the area "evaluate".
let evaluationOperations: [any OracleOperation] = [
  WeightedNeighboursOperation(), ClusterScoresOperation(), ModelSelectionOperation(),
]

/// The weighted nearest-neighbour classifier.
///
/// Output: predictions (n).
struct WeightedNeighboursOperation: OracleOperation {
  let name = "weighted-neighbours"
  let area = "evaluate"
  private static let k = ParameterDeclaration.integer(
    "k", 1...Int.max, default: 200, "how many neighbours vote, at most all")
  private static let temperature = ParameterDeclaration.number(
    "temperature", .temperatures, default: 0.1, "σ of the weights")
  private static let classes = ParameterDeclaration.integer(
    "classes", 1...1_000_001, absent: "one more than the largest label", "how many classes there are")
  let parameters = [Self.k, Self.temperature, Self.classes]
  let inputs: [InputDeclaration] = [
    .real("features", "images × features", "the rows that vote"),
    .integers("labels", "images", "the class of every row"),
    .real("queries", "queries × features", "the rows that are classified"),
  ]
  let formula = "argmax_c Σ_{j among the k largest q·f_j, label c} exp(q·f_j / σ), ties to the lower index"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let (classifier, queries) = try Self.classifier(prompt, as: Scalar.self)
    return ["predictions": .integers(classifier.predict(queries), shape: [queries.rows])]
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] { [:] }

  /// "neighbour": the gap between the last similarity that counts and the first that does not; "score": the gap between the
  /// two best classes as a share of the best.
  func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    let (classifier, queries) = try Self.classifier(prompt, as: Double.self)
    try NetworkPrompt(prompt: prompt).requireRoom(
      "the similarities", [queries.rows, classifier.features.rows])
    var (neighbours, gaps): ([Double], [Double]) = ([], [])
    let (products, scores) = (
      queries.multiplied(by: classifier.features, otherTransposed: true), classifier.scores(queries)
    )
    for a in 0..<queries.rows {
      let best = scores.row(a).sorted(by: >)
      let row = products.row(a).enumerated().sorted { $0.element > $1.element }
      if classifier.neighbourCount < row.count {
        let (last, next) = (row[classifier.neighbourCount - 1], row[classifier.neighbourCount])
        let gap = neighbourGap(
          queries.row(a), [(last.offset, last.element), (next.offset, next.element)], of: classifier.features, count: 1)
        neighbours.append(gap)
      }
      if best.count > 1 { gaps.append((best[0] - best[1]) / best[0]) }
    }
    return ["neighbour": smallestMargin(neighbours), "score": smallestMargin(gaps)].filter { $0.value.isFinite }
  }

  /// Of both products that of a sum of as many products as features; that error over the temperature in an exponent, and a sum of k
  /// exponentials, for each of two scores.
  func marginRoundings(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    let (classifier, queries) = try Self.classifier(prompt, as: Double.self)
    return Self.marginRoundings(classifier, queries)
  }

  static func marginRoundings(
    _ classifier: WeightedNearestNeighbours<Double>, _ queries: Tensor<Double>
  ) -> [String: Double] {
    let products = productRoundings(queries, classifier.features)
    return [
      "neighbour": products, "score": products / classifier.temperature + 2 * Double(classifier.neighbourCount + 4),
    ]
  }

  /// The classifier of a prompt and what it classifies.
  static func classifier<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> (WeightedNearestNeighbours<Scalar>, queries: Tensor<Scalar>) {
    let reader = NetworkPrompt(prompt: prompt)
    let (features, queries): (Tensor<Scalar>, Tensor<Scalar>) = (
      try prompt.tensor("features"), try prompt.tensor("queries")
    )
    guard features.shape.count == 2, queries.shape.count == 2, features.shape.allSatisfy({ $0 > 0 }),
      queries.shape[1] == features.shape[1]
    else {
      throw reader.fault(
        "\"features\" and \"queries\" must be rows of equally many numbers, not (\(features.shape.inWords)) and "
          + "(\(queries.shape.inWords))")
    }
    let labels = try prompt.integers("labels")
    let classes = try prompt.integerIfGiven(Self.classes) ?? min(labels.max() ?? 0, 1_000_000) + 1
    try reader.requireRoom("the scores", [queries.rows, classes])
    try reader.requireComparable(queries.rows, features.rows)
    try reader.requireProducts("the products of \"queries\" and \"features\"", queries, features)
    guard labels.count == features.rows else {
      throw reader.fault(
        "\"labels\" must hold a number for each of \(features.rows) rows of \"features\", not \(labels.count)")
    }
    try reader.requireIndices(labels, "labels", below: classes)
    return (
      WeightedNearestNeighbours(
        features: features, labels: labels, classCount: classes, neighbourCount: try prompt.integer(Self.k),
        temperature: try prompt.number(Self.temperature)),
      queries
    )
  }
}

/// Hungarian accuracy, NMI and ARI of a clustering.
///
/// Outputs: accuracy, nmi, ari, matched (whole number).
struct ClusterScoresOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "cluster-scores"
  let area = "evaluate"
  private static let clusters = ParameterDeclaration.integer("clusters", 1...1000, "how many clusters there are")
  private static let classes = ParameterDeclaration.integer("classes", 1...1000, "how many classes there are")
  let parameters = [Self.clusters, Self.classes]
  let inputs: [InputDeclaration] = [
    .integers("predictions", "images", "the cluster of every image; at most 1,000,000"),
    .integers("targets", "images", "the class of every image"),
  ]
  let formula =
    "accuracy = max over one-to-one maps of matched / n;  NMI = 2 I / (H_p + H_t);  ARI = (RI − E RI) / (max RI − E RI)"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let table = try table(prompt)
    let hungarian = table.hungarian
    return [
      "accuracy": .number(Scalar(hungarian.accuracy)), "nmi": .number(Scalar(table.normalisedMutualInformation)),
      "ari": .number(Scalar(table.adjustedRandIndex)), "matched": .integers([hungarian.matched], shape: []),
    ]
  }

  /// Running errors of the quotients: a logarithm of a quotient of products errs by its size and by the 3 roundings inside.
  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let table = try table(prompt)
    let (n, rows, columns) = (Double(table.total), table.clusterSizes, table.classSizes)
    func entropy(_ sizes: [Int]) -> (value: Double, scale: Double) {
      sizes.filter { $0 > 0 }.reduce((0, 0)) { sum, size in
        let share = Double(size) / n
        let logarithm = abs(Double.log(share))
        return (sum.0 + share * logarithm, sum.1 + share * (1 + 7 * logarithm))
      }
    }
    var (information, scale) = (0.0, 0.0)
    for p in rows.indices {
      for t in columns.indices where table.counts[p][t] > 0 {
        let joint = Double(table.counts[p][t])
        let logarithm = Double.log(joint * n / (Double(rows[p]) * Double(columns[t])))
        information += joint / n * logarithm
        scale += joint / n * (3 + 7 * abs(logarithm))
      }
    }
    let (first, second) = (entropy(rows), entropy(columns))
    let (mean, meanScale) = ((first.value + second.value) / 2, (first.scale + second.scale) / 2)
    let nmi = table.normalisedMutualInformation
    let nmiScale = mean > 0 ? scale / mean + abs(information) * 2 * meanScale / (mean * mean) + 2 * nmi : 0
    let cells = table.counts.joined().count { $0 > 0 } + rows.count + columns.count
    return [
      "accuracy": RoundingScale(values: Tensor(shape: [], values: [table.accuracy]), terms: 1),
      "nmi": RoundingScale(values: Tensor(shape: [], values: [nmiScale]), terms: cells),
      "ari": RoundingScale(values: Tensor(shape: [], values: [randScale(table)]), terms: 2),
    ]
  }

  /// The pair counts are whole numbers; their products, sums and quotient round.
  ///
  /// Numerator and denominator cancel.
  private func randScale(_ table: ContingencyTable) -> Double {
    func squares(_ sizes: [Int]) -> Double { sizes.reduce(0) { $0 + Double($1) * Double($1) } }
    let (all, n) = (squares(Array(table.counts.joined())), Double(table.total))
    let (tp, fn, fp) = (all - n, squares(table.classSizes) - all, squares(table.clusterSizes) - all)
    let tn = n * n - fn - fp - all
    if fn == 0 && fp == 0 { return 0 }
    let (top, bottom) = (
      2 * (abs(tp * tn) + abs(fn * fp)), (tp + fn) * (fn + tn) + (tp + fp) * (fp + tn)
    )
    return bottom == 0 ? 0 : 8 * top / abs(bottom) + 9 * abs(table.adjustedRandIndex)
  }

  func table(_ prompt: Prompt) throws(OracleError) -> ContingencyTable {
    let (predictions, targets) = (try prompt.integers("predictions"), try prompt.integers("targets"))
    let (clusters, classes) = (try prompt.integer(Self.clusters), try prompt.integer(Self.classes))
    let reader = NetworkPrompt(prompt: prompt)
    guard predictions.count == targets.count else {
      throw reader.fault(
        "\"predictions\" and \"targets\" must be equally many, not \(predictions.count) and \(targets.count)")
    }
    guard (1...1_000_000).contains(predictions.count) else {
      throw reader.fault("\"predictions\" must be 1 to 1000000 numbers, not \(predictions.count)")
    }
    try reader.requireIndices(predictions, "predictions", below: clusters)
    try reader.requireIndices(targets, "targets", below: classes)
    return ContingencyTable(predictions: predictions, targets: targets, clusters: clusters, classes: classes)
  }
}

/// The epoch and the head that a run is judged by.
///
/// Outputs: epoch and head.
struct ModelSelectionOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "model-selection"
  let area = "evaluate"
  let parameters: [ParameterDeclaration] = []
  let inputs: [InputDeclaration] = [
    .real("losses", "epochs", "the mean total of each epoch"),
    .real("head_losses", "epochs × heads", "the losses of each head, at most 10,000"),
  ]
  let formula = "epoch = argmin losses,  head = argmin head_losses[epoch]; the first among equals"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let (losses, heads) = try losses(prompt)
    let epoch = losses.indices.reduce(0) { losses[$1] < losses[$0] ? $1 : $0 }
    let nobody = EncoderConfiguration(
      inputChannels: 1, streams: [.plain], widths: [1], blocks: [1], strides: [1], stemStride: 1, embeddingSize: 1)
    let best = Trainer<Scalar>.Best(
      epoch: epoch, loss: losses[epoch], encoder: ImageEncoder(nobody, seed: 0),
      heads: ClusterHeads(features: 1, classes: 1, heads: heads.columns, seed: 0), headLosses: Array(heads.row(epoch)))
    return ["epoch": .integers([best.epoch], shape: []), "head": .integers([best.head], shape: [])]
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] { [:] }

  private func losses(_ prompt: Prompt) throws(OracleError) -> ([Double], Tensor<Double>) {
    let (losses, heads): (Tensor<Double>, Tensor<Double>) = (
      try prompt.tensor("losses"), try prompt.tensor("head_losses")
    )
    let reader = NetworkPrompt(prompt: prompt)
    for (name, tensor) in [("losses", losses), ("head_losses", heads)] { try reader.requireFinite(tensor, name) }
    guard losses.shape.count == 1, losses.count > 0, heads.shape.count == 2, heads.shape[0] == losses.count,
      (1...10_000).contains(heads.shape[1])
    else {
      throw reader.fault(
        "\"losses\" must be epochs and \"head_losses\" as many epochs × 1 to 10000 heads, not (\(losses.shape.inWords)) and "
          + "(\(heads.shape.inWords))")
    }
    return (losses.values, heads)
  }
}
