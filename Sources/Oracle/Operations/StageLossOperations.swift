// The total losses of both stages, from embeddings to their gradient.
// Tests    OracleTests/LossCasesTests.swift, OracleTests/LossPromptTests.swift
import Files
import Kernels
import Networks
import TwoStage

/// The total loss of stage 1.
///
/// Outputs: and, ue (where its weight is not 0), aug, total, embeddings.gradient.
struct StageOneLossOperation: RecordedOperation {
  let name = "stage-one-loss"
  let area = "loss"
  let parameters = ParameterDeclaration.stageOneLoss
  let inputs: [InputDeclaration] = [
    .embeddings, .bank, .integers("images", "B", "the image of every pair"), .neighbours,
  ]
  let formula = "L = L_AND + w L_UE + L_AUG of z = V Mᵀ / τ;  ∂L/∂V = ∂z M / τ + ∂L_AUG/∂V"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let given = try Inputs<Scalar>(NetworkPrompt(prompt: prompt))
    let found = given.loss.evaluate(
      embeddings: given.embeddings, images: given.images, bank: given.bank, neighbourhoods: given.neighbourhoods,
      entropyWeight: given.entropyWeight)
    var outputs: [String: TensorValue] = [
      "total": .number(found.total), "embeddings.gradient": .real(found.embeddingsGradient),
    ]
    if let and = found.neighbourhood { outputs["and"] = .number(and) }
    if let aug = found.augmentation { outputs["aug"] = .number(aug) }
    if let entropy = found.entropy { outputs["ue"] = .number(entropy) }
    return outputs
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let reader = NetworkPrompt(prompt: prompt)
    let given = try Inputs<Double>(reader)
    let (count, features) = (given.embeddings.rows, given.embeddings.columns)
    try reader.requireTrackable("the logits", [count, given.bank.rows.rows])
    try reader.requireTrackable("the bank", given.bank.rows.shape)
    try reader.requireTrackable("the products of all pairs of rows", [count, count])
    try reader.requireTrackable("the bank's Gram matrix", [features, features])
    let (embeddings, memory) = (TrackedMatrix(exact: given.embeddings), TrackedMatrix(exact: given.bank.rows))
    let temperature = TrackedNumber(rounded: given.bank.temperature)
    let terms = max(given.embeddings.rows, given.embeddings.columns, given.bank.rows.rows)
    let logits = embeddings.multiplied(byTransposed: memory).map { $0 / temperature }
    let images = given.images + given.images
    let and = given.loss.neighbourhood.tracked(logits, images: images, neighbourhoods: given.neighbourhoods)
    var scales = ["and": and.loss.scale(longestSum: terms)]
    var (total, gradient) = (and.loss, and.gradient)
    if given.entropyWeight > 0 {
      let (ue, weight) = (
        given.loss.entropy.tracked(logits, images: images), TrackedNumber(rounded: given.entropyWeight)
      )
      scales["ue"] = ue.loss.scale(longestSum: terms)
      total = total + weight * ue.loss
      gradient = gradient + ue.gradient.map { weight * $0 }
    }
    let aug =
      given.loss.augmentationSpace == .embedding
      ? given.loss.augmentation.tracked(embeddings)
      : RelationLoss(batchLoss: given.loss.augmentation).tracked(embeddings: embeddings, bank: memory)
    let pulled = gradient.multiplied(by: memory).map { $0 / temperature }
    scales["aug"] = aug.loss.scale(longestSum: terms)
    scales["total"] = (total + aug.loss).scale(longestSum: terms)
    scales["embeddings.gradient"] = (pulled + aug.gradient).scale(longestSum: terms)
    return scales
  }

  func record<Scalar: RealScalar>(_ prompt: Prompt, in tracer: inout Tracer<Scalar>) throws(OracleError) {
    let given = try Inputs<Scalar>(NetworkPrompt(prompt: prompt))
    _ = tracer.stageOneLoss(
      Traced(name: "embeddings", value: given.embeddings), given.loss, bank: given.bank, images: given.images,
      neighbourhoods: given.neighbourhoods, entropyWeight: given.entropyWeight)
  }

  func isOutput(_ name: String, of prompt: Prompt) -> Bool {
    ["and", "ue", "aug", "total", "embeddings.gradient"].contains(name)
  }

  private struct Inputs<Scalar: RealScalar> {
    let loss: StageOneLoss<Scalar>
    let embeddings: Tensor<Scalar>
    let bank: MemoryBank<Scalar>
    let images: [Int]
    let neighbourhoods: Neighbourhoods
    let entropyWeight: Scalar

    init(_ reader: NetworkPrompt) throws(OracleError) {
      loss = try reader.stageOneLoss(as: Scalar.self)
      embeddings = try reader.views("embeddings")
      bank = try reader.finiteBank(features: embeddings.columns, as: Scalar.self)
      try reader.requireRoom("the logits", [embeddings.rows, bank.rows.rows])
      try reader.requireRoom("the bank's Gram matrix", [embeddings.columns, embeddings.columns])
      if loss.augmentationSpace != .embedding { try reader.requireRelations(embeddings, bank.rows) }
      images = try reader.indices("images", count: embeddings.rows / 2, below: bank.rows.rows)
      neighbourhoods = try reader.neighbourhoods(images: bank.rows.rows)
      entropyWeight = try reader.prompt.number(.entropyWeight)
    }
  }
}

/// The total loss of stage 2.
///
/// Outputs: assignment, consistency (where its weight is not 0), total, heads.losses, heads.information,
/// embeddings.gradient.
struct StageTwoLossOperation: RecordedOperation {
  let name = "stage-two-loss"
  let area = "loss"
  let parameters = ParameterDeclaration.stageTwoLoss
  let inputs: [InputDeclaration] = [.embeddings, .heads]
  let formula = "L = (1/H) Σ_h L_assign(h) + λ L_cp;  y_h = softmax(V W̄_h / τ_c)"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    var (loss, embeddings, heads) = try inputs(prompt, as: Scalar.self)
    let found = loss.evaluate(embeddings: embeddings, accumulatingInto: &heads)
    let shape = [heads.headCount]
    var outputs: [String: TensorValue] = [
      "assignment": .number(found.assignment), "total": .number(found.total),
      "heads.losses": .real(Tensor(shape: shape, values: found.heads)),
      "heads.information": .real(Tensor(shape: shape, values: found.mutualInformation)),
      "embeddings.gradient": .real(found.embeddingsGradient),
    ]
    if let consistency = found.consistency { outputs["consistency"] = .number(consistency) }
    return outputs
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let reader = NetworkPrompt(prompt: prompt)
    let embeddings: Tensor<Double> = try reader.views("embeddings")
    let (heads, loss) = (
      try reader.finiteHeads(features: embeddings.columns, as: Double.self), try reader.stageTwoLoss(as: Double.self)
    )
    let classes = heads.classCount
    try reader.requireTrackable("the joint distributions", [heads.headCount, classes, classes])
    try reader.requireTrackable("the probabilities", [heads.headCount, embeddings.rows, classes])
    try reader.requireTrackable(
      "the products of all pairs of rows", [embeddings.rows, embeddings.rows])
    let rows = TrackedMatrix(exact: embeddings)
    let (found, pulled) = tracked(rows, heads, loss.assignment)
    var (total, gradient) = (TrackedNumber.share(of: heads) * TrackedNumber.sum(found.map(\.loss)), pulled)
    let terms = max(embeddings.rows, embeddings.columns, classes * classes, classes * heads.headCount)
    var scales = ["assignment": total.scale(longestSum: terms)]
    if loss.consistencyWeight > 0 {
      let (pairs, weight) = (loss.consistency.tracked(rows), TrackedNumber(rounded: loss.consistencyWeight))
      scales["consistency"] = pairs.loss.scale(longestSum: terms)
      total = total + weight * pairs.loss
      gradient = gradient + pairs.gradient.map { weight * $0 }
    }
    func list(_ numbers: [TrackedNumber]) -> RoundingScale {
      TrackedMatrix(rows: 1, columns: numbers.count, values: numbers).scale(longestSum: terms, shape: [numbers.count])
    }
    scales["total"] = total.scale(longestSum: terms)
    scales["heads.losses"] = list(found.map(\.loss))
    scales["heads.information"] = list(found.map(\.information))
    scales["embeddings.gradient"] = gradient.scale(longestSum: terms)
    return scales
  }

  func record<Scalar: RealScalar>(_ prompt: Prompt, in tracer: inout Tracer<Scalar>) throws(OracleError) {
    let (loss, embeddings, heads) = try inputs(prompt, as: Scalar.self)
    _ = tracer.stageTwoLoss(Traced(name: "embeddings", value: embeddings), loss, heads: heads)
    let names = (0..<heads.headCount).map { "heads.\($0).loss" }
    let losses = names.compactMap { tracer.values[$0]?.values[0] }
    _ = tracer.record(
      "heads.losses", Tensor(shape: [losses.count], values: losses), from: names, by: "concatenate", errors: [])
  }

  func isOutput(_ name: String, of prompt: Prompt) -> Bool {
    ["assignment", "consistency", "total", "heads.losses", "embeddings.gradient"].contains(name)
  }

  private func inputs<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> (loss: StageTwoLoss<Scalar>, embeddings: Tensor<Scalar>, heads: ClusterHeads<Scalar>) {
    let reader = NetworkPrompt(prompt: prompt)
    let embeddings: Tensor<Scalar> = try reader.views("embeddings")
    let heads = try reader.finiteHeads(features: embeddings.columns, as: Scalar.self)
    try requireRoom(heads, reader)
    return (try reader.stageTwoLoss(as: Scalar.self), embeddings, heads)
  }

  private func requireRoom<Scalar: RealScalar>(
    _ heads: ClusterHeads<Scalar>, _ reader: NetworkPrompt
  ) throws(OracleError) {
    try reader.requireRoom(
      "the joint distributions", [heads.headCount, heads.classCount, heads.classCount])
  }

  /// Every head's loss, and the gradient of the embeddings from their mean.
  private func tracked(
    _ rows: TrackedMatrix, _ heads: ClusterHeads<Double>, _ assignment: MutualInformationLoss<Double>
  ) -> (found: [MutualInformationLoss<Double>.Tracked], gradient: TrackedMatrix) {
    let (batch, share) = (rows.rows / 2, TrackedNumber.share(of: heads))
    var (found, pulled) = ([MutualInformationLoss<Double>.Tracked](), [TrackedMatrix]())
    for parameter in heads.weights {
      let head = TrackedHead(
        weight: parameter.value, embeddings: rows, temperature: heads.temperature, axis: heads.axis)
      let y = head.probabilities
      let terms = assignment.tracked(first: y.rows(0..<batch), second: y.rows(batch..<2 * batch))
      let gradients = terms.firstGradient.values + terms.secondGradient.values
      let gradient = TrackedMatrix(rows: y.rows, columns: y.columns, values: gradients.map { share * $0 })
      found.append(terms)
      pulled.append(head.scoresGradient(of: gradient).multiplied(byTransposed: head.directions))
    }
    return (
      found,
      TrackedMatrix(
        rows: rows.rows, columns: rows.columns,
        values: rows.values.indices.map { i in TrackedNumber.sum(pulled.map { $0.values[i] }) })
    )
  }

  /// Values have no jump at the floor.
  func outputs(settledDespite margin: String) -> Set<String> {
    ["assignment", "consistency", "total", "heads.losses", "heads.information"]
  }

  /// "floor": the smallest distance of a joint probability or a marginal from the floor, over all heads.
  func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    let reader = NetworkPrompt(prompt: prompt)
    let embeddings: Tensor<Double> = try reader.views("embeddings")
    let heads = try reader.finiteHeads(features: embeddings.columns, as: Double.self)
    try requireRoom(heads, reader)
    let (assignment, batch) = (try reader.stageTwoLoss(as: Double.self).assignment, embeddings.rows / 2)
    let joints = heads.forward(embeddings).probabilities.map {
      assignment.evaluate(first: $0.rows(0..<batch), second: $0.rows(batch..<2 * batch)).joint
    }
    return ["floor": joints.reduce(Double.infinity) { min($0, $1.floorMargin(assignment.floor)) }]
  }

  /// As of a head's loss alone.
  func marginRoundings(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    let reader = NetworkPrompt(prompt: prompt)
    let embeddings: Tensor<Double> = try reader.views("embeddings")
    let heads = try reader.finiteHeads(features: embeddings.columns, as: Double.self)
    // Two probabilities of a product, each as far off as its logit: a sum of as many products as features, over τ.
    let length = (0..<embeddings.rows).map { embeddings.row($0).reduce(0) { $0 + abs($1) } }.max() ?? 0
    let weights = heads.axis == .none ? heads.weights.flatMap(\.value.values).reduce(0) { max($0, abs($1)) } : 1
    let logits = Double(embeddings.columns + 4) * length * weights / heads.temperature
    return ["floor": floorRoundings(rows: embeddings.rows / 2, classes: heads.classCount) + 4 * logits]
  }
}

extension TrackedNumber {
  /// 1 / H.
  fileprivate static func share(of heads: ClusterHeads<Double>) -> TrackedNumber {
    TrackedNumber(rounded: 1 / Double(heads.headCount))
  }
}
