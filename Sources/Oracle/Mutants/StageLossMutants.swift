// Wrong implementations of the totals of both stages.
// Tests    OracleTests/MutantsTests.swift
import Files
import Kernels
import Networks
import TwoStage

/// Mistakes in the constants of stage 1, in its loss and in its step.
func stageOneConstantMutations(_ operation: String) -> [Mutation] {
  batchConstantMutations(operation).filter { !$0.name.hasSuffix("denominator") && $0.name != "aug.weight-lost" }
    + reductionMutations(operation) + neighbourhoodMutations(operation) + [
      .taking(
        "aug.embeddings-for-relations", "embeddings instead of relations", operation, "augmentationSpace",
        .string("embedding"), unless: .string("relation")),
      .taking(
        "aug.relations-for-embeddings", "relations although embeddings were asked for", operation, "augmentationSpace",
        .string("relation"), unless: .string("relation")),
      .asking("ue.weight-lost", "the weight of the entropy lost", operation) { prompt in
        let weight = try prompt.number(.entropyWeight, as: Double.self)
        prompt.parameters["entropyWeight"] = .integer(1)
        return weight > 0 && weight != 1
      },
      .asking("ue.left-out", "L_UE left out", operation) { prompt in
        let weight = try prompt.number(.entropyWeight, as: Double.self)
        prompt.parameters["entropyWeight"] = .integer(0)
        return weight > 0
      },
      .asking("ue.own-logit-ignored", "own image left out although a constant was asked for", operation) { prompt in
        try prompt.number(.entropyWeight, as: Double.self) > 0
          && prompt.parameters.removeValue(forKey: "ownLogit") != nil
      },
      .asking("ue.finite-mask", "own image masked by −10", operation) { prompt in
        let weight = try prompt.number(.entropyWeight, as: Double.self)
        guard weight > 0, prompt.parameters["ownLogit"] == nil else { return false }
        prompt.parameters["ownLogit"] = .integer(-10)
        return true
      },
      .asking("aug.bank-temperature", "one temperature for bank and batch", operation) { prompt in
        let bank = try prompt.number(.bankTemperature, as: Double.self)
        let batch = try prompt.number(.temperature, as: Double.self)
        prompt.parameters["temperature"] = .number(bank)
        return bank != batch
      },
    ]
}

/// Mistakes in the constants of stage 2, in its loss and in its step.
func stageTwoConstantMutations(_ operation: String) -> [Mutation] {
  informationConstantMutations(operation) + headAxisMutations(operation) + [
    .asking("cp.weight-lost", "λ lost", operation) { prompt in
      let weight = try prompt.number(.consistencyWeight, as: Double.self)
      prompt.parameters["consistencyWeight"] = .integer(1)
      return weight > 0 && weight != 1
    },
    .asking("cp.left-out", "L_cp left out", operation) { prompt in
      let weight = try prompt.number(.consistencyWeight, as: Double.self)
      prompt.parameters["consistencyWeight"] = .integer(0)
      return weight > 0
    },
    .asking("aug.no-stop-gradient", "stop-gradient missing", operation) { prompt in
      guard try prompt.bool(.stopsGradient) else { return false }
      prompt.parameters["stopsGradient"] = .bool(false)
      return try prompt.number(.consistencyWeight, as: Double.self) > 0
    },
    .asking("aug.needless-stop-gradient", "stop-gradient although none was asked for", operation) { prompt in
      guard try !prompt.bool(.stopsGradient) else { return false }
      prompt.parameters["stopsGradient"] = .bool(true)
      return try prompt.number(.consistencyWeight, as: Double.self) > 0
    },
    .asking("head.temperatures-swapped", "temperatures of heads and batch swapped", operation) { prompt in
      let heads = try prompt.number(.headTemperature, as: Double.self)
      let batch = try prompt.number(.temperature, as: Double.self)
      (prompt.parameters["headTemperature"], prompt.parameters["temperature"]) = (.number(batch), .number(heads))
      return heads != batch
    },
  ]
}

let stageLossMutations: [Mutation] =
  stageOneConstantMutations("stage-one-loss") + stageTwoConstantMutations("stage-two-loss") + stageFormMutations

private let stageFormMutations: [Mutation] = [
  .asking("memory.updated-before-loss", "the bank updated before the loss", "stage-one-loss") { prompt in
    var bank = MemoryBank(rows: try prompt.tensor("bank", as: Double.self), momentum: 0.5)
    bank.update(images: try prompt.integers("images"), embeddings: try prompt.tensor("embeddings", as: Double.self))
    prompt.inputs["bank"] = .real(bank.rows)
    return true
  },
  .asking("aug.interleaved-views", "rows 2i and 2i + 1 taken for a pair", "stage-one-loss") { prompt in
    let views: Tensor<Double> = try prompt.tensor("embeddings")
    let half = views.rows / 2
    let interleaved: Tensor<Double> = views.rows((0..<views.rows).map { $0 % 2 * half + $0 / 2 })
    prompt.inputs["embeddings"] = .real(interleaved)
    return views.rows > 2
  },
  Mutation("head.summed", "heads summed instead of averaged", "stage-two-loss") { question in
    let count = try question.input("heads").rows
    return count > 1 ? try weighingHeads(question, { $0 }, times: Double(count)) : nil
  },
  Mutation("head.last-gradient-only", "the gradient of the last head alone", "stage-two-loss") { question in
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
