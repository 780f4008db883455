// Wrong implementations of the totals of both stages.
// Tests    OracleTests/MutantsTests.swift
import Files
import Kernels
import Networks
import TwoStage

/// Mistakes in the constants of stage 1, in its loss and in its step.
func stageOneConstantMutations(_ operation: String) -> [Mutation] {
  let own: [Mutation] = [
    .taking(
      Mistake("aug.embeddings-for-relations", "embeddings instead of relations"), operation, "augmentationSpace",
      .string("embedding"), unless: .string("relation")),
    .taking(
      Mistake(
        "aug.relations-for-embeddings", "relations although embeddings were asked for",
        right: "augmentationSpace embedding compares the embeddings themselves"), operation, "augmentationSpace",
      .string("relation"), unless: .string("relation")),
    .asking(Mistake("ue.weight-lost", "the weight of the entropy lost", right: "w weighs L_UE"), operation) { prompt in
      let weight = try prompt.number(.entropyWeight, as: Double.self)
      prompt.parameters["entropyWeight"] = .integer(1)
      return weight > 0 && weight != 1
    },
    .asking(Mistake("ue.left-out", "L_UE left out", right: "stage 1 adds w L_UE"), operation) { prompt in
      let weight = try prompt.number(.entropyWeight, as: Double.self)
      prompt.parameters["entropyWeight"] = .integer(0)
      return weight > 0
    },
    .asking(Mistake("ue.own-logit-ignored", "own image left out although a constant was asked for"), operation) {
      prompt in
      try prompt.number(.entropyWeight, as: Double.self) > 0
        && prompt.parameters.removeValue(forKey: "ownLogit") != nil
    },
    .asking(Mistake("ue.finite-mask", "own image masked by −10"), operation) { prompt in
      let weight = try prompt.number(.entropyWeight, as: Double.self)
      guard weight > 0, prompt.parameters["ownLogit"] == nil else { return false }
      prompt.parameters["ownLogit"] = .integer(-10)
      return true
    },
    .asking(
      Mistake(
        "aug.bank-temperature", "one temperature for bank and batch",
        right: "the batch loss has a temperature of its own"), operation
    ) { prompt in
      let bank = try prompt.number(.bankTemperature, as: Double.self)
      let batch = try prompt.number(.temperature, as: Double.self)
      prompt.parameters["temperature"] = .number(bank)
      return bank != batch
    },
  ]
  let shared = batchConstantMutations(operation).filter {
    !$0.mistake.name.hasSuffix("denominator") && $0.mistake.name != "aug.weight-lost"
  }
  return shared + reductionMutations(operation) + neighbourhoodMutations(operation) + own
}

/// Mistakes in the constants of stage 2, in its loss and in its step.
func stageTwoConstantMutations(_ operation: String) -> [Mutation] {
  let own: [Mutation] = [
    .asking(Mistake("cp.weight-lost", "λ lost", right: "λ weighs L_cp"), operation) { prompt in
      let weight = try prompt.number(.consistencyWeight, as: Double.self)
      prompt.parameters["consistencyWeight"] = .integer(1)
      return weight > 0 && weight != 1
    },
    .asking(Mistake("cp.left-out", "L_cp left out", right: "stage 2 minimises L_assign + λ L_cp"), operation) {
      prompt in
      let weight = try prompt.number(.consistencyWeight, as: Double.self)
      prompt.parameters["consistencyWeight"] = .integer(0)
      return weight > 0
    },
    .asking(Mistake("aug.no-stop-gradient", "stop-gradient missing"), operation) { prompt in
      guard try prompt.bool(.stopsGradient) else { return false }
      prompt.parameters["stopsGradient"] = .bool(false)
      return try prompt.number(.consistencyWeight, as: Double.self) > 0
    },
    .asking(Mistake("aug.needless-stop-gradient", "stop-gradient although none was asked for"), operation) { prompt in
      guard try !prompt.bool(.stopsGradient) else { return false }
      prompt.parameters["stopsGradient"] = .bool(true)
      return try prompt.number(.consistencyWeight, as: Double.self) > 0
    },
    .asking(
      Mistake(
        "head.temperatures-swapped", "temperatures of heads and batch swapped",
        right: "heads and batch loss have temperatures of their own"), operation
    ) { prompt in
      let heads = try prompt.number(.headTemperature, as: Double.self)
      let batch = try prompt.number(.temperature, as: Double.self)
      (prompt.parameters["headTemperature"], prompt.parameters["temperature"]) = (.number(batch), .number(heads))
      return heads != batch
    },
  ]
  return informationConstantMutations(operation) + headAxisMutations(operation) + own
}

let stageLossMutations: [Mutation] =
  stageOneConstantMutations("stage-one-loss") + stageTwoConstantMutations("stage-two-loss") + stageFormMutations

private let stageFormMutations: [Mutation] = [
  .asking(
    Mistake(
      "memory.updated-before-loss", "the bank updated before the loss",
      right: "loss and gradient see the bank before the batch; it is updated after"), "stage-one-loss"
  ) { prompt in
    var bank = MemoryBank(rows: try prompt.tensor("bank", as: Double.self), momentum: 0.5)
    bank.update(images: try prompt.integers("images"), embeddings: try prompt.tensor("embeddings", as: Double.self))
    prompt.inputs["bank"] = .real(bank.rows)
    return true
  },
  .asking(Mistake("aug.interleaved-views", "rows 2i and 2i + 1 taken for a pair"), "stage-one-loss") { prompt in
    let views: Tensor<Double> = try prompt.tensor("embeddings")
    let half = views.rows / 2
    let interleaved: Tensor<Double> = views.rows((0..<views.rows).map { $0 % 2 * half + $0 / 2 })
    prompt.inputs["embeddings"] = .real(interleaved)
    return views.rows > 2
  },
  Mutation(Mistake("head.summed", "heads summed instead of averaged"), "stage-two-loss") { question in
    let count = try question.input("heads").rows
    return count > 1 ? try weighingHeads(question, { $0 }, times: Double(count)) : nil
  },
  Mutation(Mistake("head.last-gradient-only", "the gradient of the last head alone"), "stage-two-loss") { question in
    let heads = try question.input("heads")
    guard heads.rows > 1 else { return nil }
    return try weighingHeads(question, { $0.rows([$0.rows - 1]) }, times: 1 / Double(heads.rows))
      .filter { $0.key == "embeddings.gradient" }
  },
]

/// The total of some heads' mean times a factor, beside λ L_cp.
private func weighingHeads(
  _ question: Question, _ choose: (Tensor<Double>) -> Tensor<Double>, times factor: Double
) throws -> [String: TensorValue] {
  var wrong = question.prompt
  let weight = try question.prompt.number(.consistencyWeight, as: Double.self)
  wrong.parameters["consistencyWeight"] = .number(weight / factor)
  wrong.inputs["heads"] = .real(choose(try question.input("heads")))
  return try Question(wrong).scaled(by: factor, ["assignment", "total", "embeddings.gradient"])
}
