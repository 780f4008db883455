// The losses of both stages, each with the gradient of what it is a loss of.
// Tests    OracleTests/LossCasesTests.swift, OracleTests/LossPromptTests.swift
import Files
import Kernels
import Networks
import TwoStage

/// The operations of the area "loss".
let lossOperations: [any OracleOperation] = [
  InstanceNeighbourhoodOperation(), UnificationEntropyOperation(), BatchLossOperation(), RelationLossOperation(),
  MutualInformationOperation(), StageOneLossOperation(), StageTwoLossOperation(),
]

/// The anchor neighbourhood loss L_AND.
///
/// Outputs: loss, logits.gradient.
struct InstanceNeighbourhoodOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "instance-neighbourhood"
  let area = "loss"
  let parameters: [ParameterDeclaration] = [.reduction]
  let inputs: [InputDeclaration] = [.logits, .rowImages, .neighbours]
  let formula = "L = (1/R) Σ_a −log Σ_{j∈S_a} p_aj,  p_a = softmax(z_a),  S_a = {i} ∪ N(i) as a set"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let (loss, logits, images, neighbourhoods) = try inputs(prompt, as: Scalar.self)
    let found = loss.evaluate(logits: logits, images: images, neighbourhoods: neighbourhoods)
    return ["loss": .number(found.loss), "logits.gradient": .real(found.logitsGradient)]
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let (loss, logits, images, neighbourhoods) = try inputs(prompt, as: Double.self)
    try NetworkPrompt(prompt: prompt).requireTrackable("the logits", logits.shape)
    let found = loss.tracked(TrackedMatrix(exact: logits), images: images, neighbourhoods: neighbourhoods)
    let terms = max(logits.rows, logits.columns)
    return ["loss": found.loss.scale(longestSum: terms), "logits.gradient": found.gradient.scale(longestSum: terms)]
  }

  private func inputs<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> (InstanceNeighbourhoodLoss<Scalar>, Tensor<Scalar>, [Int], Neighbourhoods) {
    let reader = NetworkPrompt(prompt: prompt)
    let logits: Tensor<Scalar> = try reader.matrix("logits")
    return (
      InstanceNeighbourhoodLoss(reduction: try prompt.choice(.reduction)), logits,
      try reader.indices("images", count: logits.rows, below: logits.columns),
      try reader.neighbourhoods(images: logits.columns)
    )
  }
}

/// The unification entropy L_UE.
///
/// Outputs: loss, logits.gradient.
struct UnificationEntropyOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "unification-entropy"
  let area = "loss"
  let parameters: [ParameterDeclaration] = [.ownLogit, .reduction]
  let inputs: [InputDeclaration] = [.logits, .rowImages]
  let formula = "L = (1/R) Σ_a −Σ_{j≠i} p̃_aj log p̃_aj,  p̃_a = softmax over the images j ≠ i of z_a"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let (loss, logits, images) = try inputs(prompt, as: Scalar.self)
    let found = loss.evaluate(logits: logits, images: images)
    return ["loss": .number(found.loss), "logits.gradient": .real(found.logitsGradient)]
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let (loss, logits, images) = try inputs(prompt, as: Double.self)
    try NetworkPrompt(prompt: prompt).requireTrackable("the logits", logits.shape)
    let found = loss.tracked(TrackedMatrix(exact: logits), images: images)
    let terms = max(logits.rows, logits.columns)
    return ["loss": found.loss.scale(longestSum: terms), "logits.gradient": found.gradient.scale(longestSum: terms)]
  }

  private func inputs<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> (UnificationEntropyLoss<Scalar>, Tensor<Scalar>, [Int]) {
    let reader = NetworkPrompt(prompt: prompt)
    let logits: Tensor<Scalar> = try reader.matrix("logits")
    return (
      try reader.unificationEntropy(as: Scalar.self), logits,
      try reader.indices("images", count: logits.rows, below: logits.columns)
    )
  }
}

/// The batch loss of rows: L_cp of stage 2, and L_AUG of stage 1 in embedding space.
///
/// Outputs: loss, rows.gradient.
struct BatchLossOperation: OracleOperation {
  let name = "batch-loss"
  let area = "loss"
  let parameters = ParameterDeclaration.batchLoss
  let inputs: [InputDeclaration] = [.real("rows", "2B × features", "the first views above the second ones")]
  let formula = "L = −(1/2B) Σ_a [log Q_a,π(a) + m Σ_{b∉{a,π(a)}} log(1 − Q_ab)],  Q_ab = exp(r_a·r_b / τ) / Z_a"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let reader = NetworkPrompt(prompt: prompt)
    let found = try reader.batchLoss(as: Scalar.self).evaluate(try reader.views("rows"))
    return ["loss": .number(found.loss), "rows.gradient": .real(found.rowsGradient)]
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let reader = NetworkPrompt(prompt: prompt)
    let rows: Tensor<Double> = try reader.views("rows")
    try reader.requireTrackable("the products of all pairs of rows", [rows.rows, rows.rows])
    try reader.requireTrackable("\"rows\"", rows.shape)
    let found = try reader.batchLoss(as: Double.self).tracked(TrackedMatrix(exact: rows))
    let terms = max(rows.rows, rows.columns)
    return ["loss": found.loss.scale(longestSum: terms), "rows.gradient": found.gradient.scale(longestSum: terms)]
  }
}

/// The batch loss of relations to the bank: L_AUG of stage 1.
///
/// Outputs: loss, embeddings.gradient.
struct RelationLossOperation: RecordedOperation {
  let name = "relation-loss"
  let area = "loss"
  let parameters = ParameterDeclaration.batchLoss
  let inputs: [InputDeclaration] = [.embeddings, .bank]
  let formula = "the batch loss of r_a = M v_a / ‖M v_a‖,  r_a·r_b = v_aᵀ G v_b / (n_a n_b),  G = Mᵀ M"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let (loss, embeddings, bank) = try inputs(prompt, as: Scalar.self)
    let found = loss.evaluate(embeddings: embeddings, gram: bank.multiplied(by: bank, transposed: true))
    return ["loss": .number(found.loss), "embeddings.gradient": .real(found.embeddingsGradient)]
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let (loss, embeddings, bank) = try inputs(prompt, as: Double.self)
    let reader = NetworkPrompt(prompt: prompt)
    try reader.requireTrackable("the products of all pairs of rows", [embeddings.rows, embeddings.rows])
    try reader.requireTrackable("the bank's Gram matrix", [bank.columns, bank.columns])
    try reader.requireTrackable("the bank", bank.shape)
    let found = loss.tracked(embeddings: TrackedMatrix(exact: embeddings), bank: TrackedMatrix(exact: bank))
    let terms = max(embeddings.rows, embeddings.columns, bank.rows)
    return [
      "loss": found.loss.scale(longestSum: terms), "embeddings.gradient": found.gradient.scale(longestSum: terms),
    ]
  }

  /// The trace in Gram form that a step of stage 1 has, under the names that it has there.
  func record<Scalar: RealScalar>(_ prompt: Prompt, in tracer: inout Tracer<Scalar>) throws(OracleError) {
    let (loss, embeddings, bank) = try inputs(prompt, as: Scalar.self)
    _ = tracer.relationLoss(
      Traced(name: "embeddings", value: embeddings), loss.batchLoss, bank: Traced(name: "bank", value: bank), "aug")
    for (first, name) in outputsByFirstName { tracer.rename(first, to: name) }
  }

  let outputsByFirstName = ["aug": "loss", "aug.embeddings.gradient": "embeddings.gradient"]

  func isOutput(_ name: String, of prompt: Prompt) -> Bool { outputsByFirstName.values.contains(name) }

  private func inputs<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> (RelationLoss<Scalar>, embeddings: Tensor<Scalar>, bank: Tensor<Scalar>) {
    let reader = NetworkPrompt(prompt: prompt)
    let embeddings: Tensor<Scalar> = try reader.views("embeddings")
    try reader.requireRoom("the bank's Gram matrix", [embeddings.columns, embeddings.columns])
    let bank: Tensor<Scalar> = try reader.matrix("bank", columns: embeddings.columns)
    try reader.requireRelations(embeddings, bank)
    return (RelationLoss(batchLoss: try reader.batchLoss(as: Scalar.self)), embeddings, bank)
  }
}

/// Minus the mutual information of two views' classes: L_assign of one head.
///
/// Outputs: loss, information, joint (classes × classes, before the floor), first.gradient, second.gradient.
struct MutualInformationOperation: OracleOperation {
  let name = "mutual-information"
  let area = "loss"
  let parameters: [ParameterDeclaration] = [.marginalEntropyWeight, .symmetrised]
  let inputs: [InputDeclaration] = [
    .real("first", "images × classes", "probabilities: none negative, rows that sum to 1 within 0.0001"),
    .real("second", "images × classes", "the same of the second views"),
  ]
  let formula = "L = −Σ P (log P − β log r − β log q),  P = sym(Y₁ᵀ Y₂) / Σ,  entries below 2⁻⁵² are 2⁻⁵²"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let (loss, first, second) = try inputs(prompt, as: Scalar.self)
    let found = loss.evaluate(first: first, second: second)
    return [
      "loss": .number(found.loss), "information": .number(found.mutualInformation), "joint": .real(found.joint),
      "first.gradient": .real(found.firstGradient), "second.gradient": .real(found.secondGradient),
    ]
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let (loss, first, second) = try inputs(prompt, as: Double.self)
    try NetworkPrompt(prompt: prompt).requireTrackable("the joint distribution", [first.columns, first.columns])
    try NetworkPrompt(prompt: prompt).requireTrackable("\"first\"", first.shape)
    let found = loss.tracked(first: TrackedMatrix(exact: first), second: TrackedMatrix(exact: second))
    let terms = max(first.rows, first.columns * first.columns)
    return [
      "loss": found.loss.scale(longestSum: terms), "information": found.information.scale(longestSum: terms),
      "joint": found.joint.scale(longestSum: terms), "first.gradient": found.firstGradient.scale(longestSum: terms),
      "second.gradient": found.secondGradient.scale(longestSum: terms),
    ]
  }

  /// Values have no jump at the floor.
  func outputs(settledDespite margin: String) -> Set<String> { ["loss", "information", "joint"] }

  /// "floor": the smallest distance of an entry of P, r or q from the floor, as a share of the larger of both.
  func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    let (loss, first, second) = try inputs(prompt, as: Double.self)
    let joint = loss.evaluate(first: first, second: second).joint
    return ["floor": joint.floorMargin(loss.floor)]
  }

  /// Sums of positive terms, as many as rows, and once more over a row, a column or all of the joint distribution.
  func marginRoundings(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    let (_, first, _) = try inputs(prompt, as: Double.self)
    return ["floor": floorRoundings(rows: first.rows, classes: first.columns)]
  }

  private func inputs<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> (MutualInformationLoss<Scalar>, first: Tensor<Scalar>, second: Tensor<Scalar>) {
    let reader = NetworkPrompt(prompt: prompt)
    let (first, second): (Tensor<Scalar>, Tensor<Scalar>) = (
      try reader.distributions("first"), try reader.distributions("second")
    )
    guard first.shape == second.shape else {
      throw reader.fault(
        "\"first\" and \"second\" must have one shape, not (\(first.shape.inWords)) and (\(second.shape.inWords))")
    }
    return (try reader.mutualInformation(as: Scalar.self), first, second)
  }
}

extension InputDeclaration {
  fileprivate static let logits = real("logits", "rows × images", "z")
  static let rowImages = integers("images", "rows", "the image of every row")
}

/// How many roundings an entry of a joint distribution has, and the floor with it.
func floorRoundings(rows: Int, classes: Int) -> Double { Double(rows + classes * classes + 6) }

extension Tensor<Double> {
  /// The smallest |x − floor| / max(x, floor) of the entries, the row sums and the column sums of a joint distribution.
  func floorMargin(_ floor: Double) -> Double {
    let rowSums = (0..<rows).map { row($0).reduce(0, +) }
    let columnSums = (0..<columns).map { c in (0..<rows).reduce(0) { $0 + values[$1 * columns + c] } }
    return (values + rowSums + columnSums).reduce(Double.infinity) {
      Swift.min($0, abs($1 - floor) / Swift.max($1, floor))
    }
  }
}
