// Wrong implementations of the batch loss, of rows and of relations.
// Tests    OracleTests/MutantsTests.swift
import Files
import Kernels
import Networks
import TwoStage

private func isReleased(_ prompt: Prompt) -> Bool { prompt.parameters["denominator"] != .string("paper") }

/// Mistakes in the constants of the batch loss, in an operation that takes them.
func batchConstantMutations(_ operation: String) -> [Mutation] {
  [
    .taking(
      "aug.no-stop-gradient", "stop-gradient missing", operation, "stopsGradient", .bool(false), unless: .bool(true)),
    .taking(
      "aug.needless-stop-gradient", "stop-gradient although none was asked for", operation, "stopsGradient",
      .bool(true), unless: .bool(true)),
    .taking(
      "aug.weight-lost", "the weight of negatives lost", operation, "negativeWeight", .integer(1), unless: .integer(1)),
    .taking(
      "aug.paper-denominator", "the paper's denominator instead of the released one", operation, "denominator",
      .string("paper"), unless: .string("released")
    ) { $0.parameters["negativeWeight"] == nil },
    .taking(
      "aug.released-denominator", "the released denominator instead of the paper's", operation, "denominator",
      .string("released"), unless: .string("released")),
    .asking("aug.temperature-twice", "temperature applied twice", operation) { prompt in
      let temperature = try prompt.number(.temperature, as: Double.self)
      prompt.parameters["temperature"] = .number(temperature * temperature)
      return temperature != 1
    },
    .taking(
      "aug.default-temperature", "temperature left at its default", operation, "temperature", .number(0.1),
      unless: .number(0.1)),
  ]
}

let batchLossMutations: [Mutation] = ["batch-loss", "relation-loss"].flatMap(batchUnitMutations) + batchFormMutations

private func batchUnitMutations(_ operation: String) -> [Mutation] {
  let units: [Mutation] = [
    Mutation("loss.divided-by-images", "divided by B instead of 2B", operation) { question in
      question.prompt.asksForMean && isReleased(question.prompt) ? question.scaled(by: 2) : nil
    },
    Mutation("loss.binary-logarithm", "logarithms of base 2", operation) { $0.scaled(by: 1 / Double.log(2)) },
  ]
  return batchConstantMutations(operation) + reductionMutations(operation) + units
}

private let batchFormMutations: [Mutation] = [
  textbook("aug.self-in-denominator", "self-similarity left in the denominator", .selfKept),
  textbook("aug.partner-as-negative", "the partner counted as a negative", .partnerNegative),
  textbook("aug.first-views-only", "only the first views ask", .firstViewsOnly),
  textbook("aug.interleaved-views", "rows 2i and 2i + 1 taken for a pair", .neighboursPaired),
  textbook("aug.weight-only-in-loss", "the weight of negatives missing in the denominator", .weightOnlyInLoss),
  textbook("aug.weight-on-partner", "the weight of negatives on the partner too", .weightOnPartner),
  textbook("aug.gradient-unweighted", "the weight of negatives missing in the gradient", .gradientOfWeightOne),
  .asking("aug.normalised-by-loss", "rows normalised by the loss", "batch-loss") { prompt in
    let rows: Tensor<Double> = try prompt.tensor("rows")
    let unit = L2Normalisation().forward(rows).output
    prompt.inputs["rows"] = .real(unit)
    return zip(rows.values, unit.values).contains { abs($0 - $1) > 0.01 }
  },
  Mutation("aug.embeddings-for-relations", "embeddings instead of relations", "relation-loss") { question in
    var wrong = question.prompt
    wrong.operation = "batch-loss"
    wrong.inputs = ["rows": .real(try question.input("embeddings"))]
    let answer = try Question(wrong).right
    return ["loss": answer["loss"], "embeddings.gradient": answer["rows.gradient"]].compactMapValues { $0 }
  },
  .asking("memory.normalised-before-use", "rows of the bank normalised", "relation-loss") { prompt in
    let bank: Tensor<Double> = try prompt.tensor("bank")
    prompt.inputs["bank"] = .real(L2Normalisation().forward(bank).output)
    return bank.values.contains { abs($0) > 1.01 }
  },
]

private func textbook(_ name: String, _ mistake: String, _ wrong: TextbookBatchLoss.Mistake) -> Mutation {
  Mutation(name, mistake, "batch-loss") { question in
    let prompt = question.prompt
    let (weight, tau) = (
      try prompt.number(.negativeWeight, as: Double.self), try prompt.number(.temperature, as: Double.self)
    )
    let aboutWeights: [TextbookBatchLoss.Mistake] = [.weightOnlyInLoss, .weightOnPartner, .gradientOfWeightOne]
    // Where a probability is within rounding of 1 the textbook's answer is wrong on its own account.
    guard prompt.asksForMean, isReleased(prompt), tau > 0.1, weight > 1 || !aboutWeights.contains(wrong) else {
      return nil
    }
    let loss = TextbookBatchLoss(
      temperature: tau, weight: weight, stopsGradient: try prompt.bool(.stopsGradient),
      mistake: wrong)
    let found = loss.evaluate(try question.input("rows"))
    return ["loss": .number(found.loss), "rows.gradient": .real(found.gradient)]
  }
}
