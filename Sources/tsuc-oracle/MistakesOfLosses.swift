// What porters get wrong in the losses and their totals.
// Tests    tsuc-oracleTests/MistakesTests.swift
import Files
import Explain
import Oracle

private func embeddings(_ indices: Int) -> [Watched] { gradient("embeddings.gradient", indices) }

/// The first numbers of a gradient of rows of two.
private func gradient(_ output: String, _ indices: Int) -> [Watched] {
  (0..<indices).map { Watched("∂L/∂" + ["x", "y"][$0 % 2] + subscripted($0 / 2), output, $0) }
}

/// The gradient of the first row of logits.
private func logits(_ small: SmallBank) -> [Watched] {
  small.bank.indices.map { Watched("∂L/∂z₀" + subscripted($0), "logits.gradient", $0) }
}

extension SmallBank {
  /// Each image's neighbour, −1 for none.
  fileprivate var neighbourTable: TensorValue {
    .integers(neighbours.map { $0.first ?? -1 }, shape: [neighbours.count, 1])
  }
}

extension SmallHeads {
  fileprivate func prompt(_ parameters: [String: JSON]) -> Prompt {
    var prompt = Prompt.asking(
      "stage-two-loss", parameters.merging(["headTemperature": .number(temperature)]) { first, _ in first },
      rows: ["embeddings": views])
    prompt.inputs["heads"] = .numbers(
      weights.flatMap { $0.flatMap { $0 } }, shape: [weights.count, weights[0].count, weights[0][0].count])
    return prompt
  }
}

extension TermMistakes {
  static let neighbourhood = TermMistakes(term: "and") { example in
    let small = SmallBank(example)
    var prompt = Prompt.asking(
      "instance-neighbourhood", rows: ["logits": small.logits], wholes: ["images": small.rowImages])
    prompt.inputs["neighbours"] = small.neighbourTable
    return try prompt.mistakes(
      ["and.own-image-left-out", "and.summed-logarithms"], watching: [Watched("L", "loss")] + logits(small))
  }

  static let entropy = TermMistakes(term: "ue") { example in
    let small = SmallBank(example)
    return try Prompt.asking(
      "unification-entropy", rows: ["logits": small.logits], wholes: ["images": small.rowImages]
    ).mistakes(
      ["ue.own-image-kept", "ue.gradient-without-entropy"], watching: [Watched("L", "loss")] + logits(small))
  }

  static let relations = TermMistakes(term: "aug") { example in
    let small = SmallBank(example)
    return try Prompt.asking(
      "relation-loss", ["temperature": .number(small.temperature)],
      rows: ["embeddings": small.views, "bank": small.bank]
    ).mistakes(
      ["aug.embeddings-for-relations", "aug.no-stop-gradient"], watching: [Watched("L", "loss")] + embeddings(4))
  }

  static let batchLoss = TermMistakes(term: "cp") { example in
    let small = SmallBank(example)
    return try Prompt.asking(
      "batch-loss", ["temperature": .number(small.temperature)], rows: ["rows": small.views]
    ).mistakes(
      ["aug.no-stop-gradient", "aug.self-in-denominator"],
      watching: [Watched("L", "loss")] + gradient("rows.gradient", 4))
  }

  static let stageOne = TermMistakes(term: "stage1") { example in
    let given = StageOneExample(example)
    let small = given.small
    var prompt = Prompt.asking(
      "stage-one-loss",
      [
        "entropyWeight": .number(given.entropyWeight), "bankTemperature": .number(small.temperature),
        "temperature": .number(given.temperature),
      ], rows: ["embeddings": small.views, "bank": small.bank], wholes: ["images": small.images])
    prompt.inputs["neighbours"] = small.neighbourTable
    return try prompt.mistakes(
      ["memory.updated-before-loss", "aug.bank-temperature"],
      watching: [
        Watched("L_AND", "and"), Watched("L_UE", "ue"), Watched("L_AUG", "aug"), Watched("L", "total"),
      ] + embeddings(2))
  }

  static let information = TermMistakes(term: "mi") { example in
    let given = InformationExample(example)
    return try Prompt.asking("mutual-information", rows: ["first": given.first, "second": given.second]).mistakes(
      ["iic.not-symmetrised", "iic.detached-second-view", "iic.sign"],
      watching: [
        Watched("L", "loss"), Watched("P₀₁", "joint", 1), Watched("P₁₀", "joint", 3),
        Watched("∂L/∂Y₁", "first.gradient"), Watched("∂L/∂Y₂", "second.gradient"),
      ])
  }

  static let assignment = TermMistakes(term: "assign") { example in
    try SmallHeads(example).prompt(["consistencyWeight": .integer(0)]).mistakes(
      ["head.summed", "normfc.feature-axis"], watching: [Watched("L_assign", "assignment")] + embeddings(2))
  }

  static let stageTwo = TermMistakes(term: "stage2") { example in
    let given = StageTwoExample(example)
    return try given.small.prompt([
      "consistencyWeight": .number(given.consistencyWeight), "temperature": .number(given.temperature),
    ]).mistakes(
      ["cp.weight-lost", "head.temperatures-swapped"],
      watching: [Watched("L_assign", "assignment"), Watched("L_cp", "consistency"), Watched("L", "total")]
        + embeddings(2))
  }
}
