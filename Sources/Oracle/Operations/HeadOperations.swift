// The class heads of stage 2, forward and backward.
// Tests    OracleTests/HeadCasesTests.swift, OracleTests/LossPromptTests.swift
import Files
import Kernels
import Networks
import TwoStage

/// The operations of the area "head".
let headOperations: [any OracleOperation] = [ClusterHeadsOperation()]

/// Class probabilities of several heads with normalised weights.
///
/// Outputs: probabilities, embeddings.gradient, classes (heads × rows, whole numbers), heads.gradient where they are
/// trainable.
struct ClusterHeadsOperation: OracleOperation {
  let name = "cluster-heads"
  let area = "head"
  let parameters: [ParameterDeclaration] = [.headTemperature, .axis, .trainable]
  let inputs: [InputDeclaration] = [
    .real("embeddings", "rows × features", "what is classified"), .heads,
    .real(
      "probabilities.cotangent", "heads × rows × classes", "the gradient of some loss with respect to probabilities"),
  ]
  let formula = "y = softmax(V W̄ / τ_c),  W̄ = W / ‖W[:, k]‖ by class or W / ‖W[d, :]‖ by feature"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    var (heads, embeddings, cotangent) = try inputs(prompt, as: Scalar.self)
    let (probabilities, cache) = heads.forward(embeddings)
    let gradient = heads.backward(cotangent, cache: cache)
    let (count, rows) = (heads.headCount, embeddings.rows)
    let classes = (0..<count).flatMap { heads.classes(of: embeddings, head: $0) }
    var outputs: [String: TensorValue] = [
      "probabilities": .real(
        Tensor(shape: [count, rows, heads.classCount], values: probabilities.flatMap(\.values))),
      "embeddings.gradient": .real(gradient), "classes": .integers(classes, shape: [count, rows]),
    ]
    if heads.isTrainable {
      outputs["heads.gradient"] = .real(
        Tensor(shape: prompt.shape(of: "heads"), values: heads.weights.flatMap(\.gradient.values)))
    }
    return outputs
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let (heads, embeddings, cotangent) = try inputs(prompt, as: Double.self)
    try NetworkPrompt(prompt: prompt).requireTrackable(
      "the probabilities", [heads.headCount, embeddings.rows, heads.classCount])
    let views = TrackedMatrix(exact: embeddings)
    var (probabilities, pulled, weights) = ([TrackedNumber](), [TrackedMatrix](), [TrackedNumber]())
    for (parameter, gradient) in zip(heads.weights, cotangent) {
      let head = TrackedHead(
        weight: parameter.value, embeddings: views, temperature: heads.temperature, axis: heads.axis)
      let scores = head.scoresGradient(of: TrackedMatrix(exact: gradient))
      probabilities += head.probabilities.values
      pulled.append(scores.multiplied(byTransposed: head.directions))
      weights += head.weightGradient(ofScores: scores, embeddings: views).values
    }
    let (count, rows, features, classes) = (heads.headCount, embeddings.rows, embeddings.columns, heads.classCount)
    let terms = max(features, classes * count, heads.isTrainable ? rows : 1)
    let gradient = views.values.indices.map { i in TrackedNumber.sum(pulled.map { $0.values[i] }) }
    var scales = [
      "probabilities": TrackedMatrix(rows: count * rows, columns: classes, values: probabilities).scale(
        longestSum: terms, shape: [count, rows, classes]),
      "embeddings.gradient": TrackedMatrix(rows: rows, columns: features, values: gradient).scale(longestSum: terms),
    ]
    if heads.isTrainable {
      scales["heads.gradient"] = TrackedMatrix(rows: count * features, columns: classes, values: weights).scale(
        longestSum: terms, shape: [count, features, classes])
    }
    return scales
  }

  /// All but the classes.
  func outputs(settledDespite margin: String) -> Set<String> {
    ["probabilities", "embeddings.gradient", "heads.gradient"]
  }

  /// "class": the smallest gap between the two largest scores v·w̄ of a row; those of equal columns, and of an embedding of
  /// zeros, are equal in every program.
  func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    let (heads, embeddings, _) = try inputs(prompt, as: Double.self)
    guard heads.classCount > 1 else { return [:] }
    let gaps = zip(heads.weights, heads.forward(embeddings).probabilities).flatMap { weights, y in
      let columns = weights.value.transposed.lists
      return (0..<y.rows).map { a -> Double in
        let row = y.row(a).enumerated().sorted { $0.element > $1.element }
        let gap = heads.temperature * (Double.log(row[0].element) - Double.log(row[1].element))
        let isExact = columns[row[0].offset] == columns[row[1].offset] || embeddings.row(a).allSatisfy { $0 == 0 }
        return gap == 0 && !isExact ? .leastNonzeroMagnitude : gap
      }
    }
    return ["class": smallestMargin(gaps)]
  }

  /// Of both scores that of a sum of as many products as features, and of the features or classes of a length.
  func marginRoundings(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    let (heads, embeddings, _) = try inputs(prompt, as: Double.self)
    let (features, classes) = (embeddings.columns, heads.classCount)
    let largest = (0..<embeddings.rows).map { embeddings.row($0).reduce(0) { $0 + abs($1) } }.max() ?? 0
    let weights = heads.axis == .none ? heads.weights.flatMap(\.value.values).reduce(0) { max($0, abs($1)) } : 1
    return ["class": (2 * Double(features + 3) + Double(max(features, classes))) * largest * weights]
  }

  private func inputs<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> (ClusterHeads<Scalar>, embeddings: Tensor<Scalar>, cotangent: [Tensor<Scalar>]) {
    let reader = NetworkPrompt(prompt: prompt)
    let embeddings: Tensor<Scalar> = try reader.matrix("embeddings")
    let heads = try reader.finiteHeads(features: embeddings.columns, as: Scalar.self)
    let shape = [embeddings.rows, heads.classCount]
    let cotangent: Tensor<Scalar> = try reader.finite("probabilities.cotangent", [heads.headCount] + shape)
    return (
      heads, embeddings,
      (0..<heads.headCount).map { Tensor(shape: shape, values: Array(cotangent.row($0))) }
    )
  }
}
