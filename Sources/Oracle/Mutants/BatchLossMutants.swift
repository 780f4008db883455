// Wrong implementations of the batch loss, of rows and of relations.
// Tests    OracleTests/MutantsTests.swift
import Files
import Kernels
import Networks
import TwoStage

/// Whether a prompt asks for the released denominator.
func isReleased(_ prompt: Prompt) -> Bool { prompt.parameters["denominator"] != .string("paper") }

/// Mistakes in the constants of the batch loss, in an operation that takes them.
func batchConstantMutations(_ operation: String) -> [Mutation] {
  [
    .taking(
      Mistake(
        "aug.no-stop-gradient", "stop-gradient missing",
        right: "the keys of the batch loss are constants: only the query's side takes a gradient"), operation,
      "stopsGradient", .bool(false), unless: .bool(true)),
    .taking(
      Mistake(
        "aug.needless-stop-gradient", "stop-gradient although none was asked for",
        right: "with stopsGradient false both factors of a product take a gradient"), operation, "stopsGradient",
      .bool(true), unless: .bool(true)),
    .taking(
      Mistake("aug.weight-lost", "the weight of negatives lost", right: "negatives count m times"), operation,
      "negativeWeight", .integer(1), unless: .integer(1)),
    .taking(
      Mistake(
        "aug.paper-denominator", "the paper's denominator instead of the released one",
        right: "the released denominator holds all rows but the query"), operation, "denominator",
      .string("paper"), unless: .string("released")
    ) { $0.parameters["negativeWeight"] == nil },
    .taking(
      Mistake(
        "aug.released-denominator", "the released denominator instead of the paper's",
        right: "the paper's denominator was asked for"), operation, "denominator",
      .string("released"), unless: .string("released")),
    .asking(
      Mistake(
        "aug.temperature-twice", "temperature applied twice", right: "similarities are divided by the temperature once"),
      operation
    ) { prompt in
      let temperature = try prompt.number(.temperature, as: Double.self)
      prompt.parameters["temperature"] = .number(temperature * temperature)
      return temperature != 1
    },
    .taking(
      Mistake(
        "aug.default-temperature", "temperature left at its default",
        right: "the temperature is a parameter, 0.1 by default"), operation, "temperature", .number(0.1),
      unless: .number(0.1)),
  ]
}

let batchLossMutations: [Mutation] = ["batch-loss", "relation-loss"].flatMap(batchUnitMutations) + batchFormMutations

private func batchUnitMutations(_ operation: String) -> [Mutation] {
  let units: [Mutation] = [
    Mutation(Mistake("loss.divided-by-images", "divided by B instead of 2B"), operation) { question in
      question.prompt.asksForMean && isReleased(question.prompt) ? question.scaled(by: 2) : nil
    },
    Mutation(Mistake("loss.binary-logarithm", "logarithms of base 2"), operation) { $0.scaled(by: 1 / Double.log(2)) },
  ]
  return batchConstantMutations(operation) + reductionMutations(operation) + units
}

/// Mistakes in the sums of the batch loss, wherever it is computed of products of rows.
let batchLossMistakes: [(mistake: Mistake, wrong: WrongBatchLoss.Mistake)] = [
  (
    Mistake(
      "aug.self-in-denominator", "self-similarity left in the denominator", right: "the query itself is in no sum"),
    .selfKept
  ),
  (
    Mistake("aug.partner-as-negative", "the partner counted as a negative", right: "the partner is no negative"),
    .partnerNegative
  ),
  (
    Mistake("aug.first-views-only", "only the first views ask", right: "the rows of both views ask for their partners"),
    .firstViewsOnly
  ),
  (
    Mistake(
      "aug.interleaved-views", "rows 2i and 2i + 1 taken for a pair",
      right: "row i and row i + B are the views of one image"), .neighboursPaired
  ),
  (
    Mistake(
      "aug.weight-only-in-loss", "the weight of negatives missing in the denominator",
      right: "the weight m is in the denominator too"), .weightOnlyInLoss
  ),
  (
    Mistake(
      "aug.weight-on-partner", "the weight of negatives on the partner too",
      right: "the partner's term in the denominator has weight 1"), .weightOnPartner
  ),
  (
    Mistake(
      "aug.gradient-unweighted", "the weight of negatives missing in the gradient",
      right: "the weight m of negatives is in the gradient too"), .gradientOfWeightOne
  ),
]

extension WrongBatchLoss {
  /// The loss that a prompt asks for, with a mistake; nil where the mistake has no place in it.
  init?(_ prompt: Prompt, rows: Int, mistake: Mistake?) throws {
    let weight = try prompt.number(.negativeWeight, as: Double.self)
    let aboutWeights: [Mistake?] = [.weightOnlyInLoss, .weightOnPartner, .gradientOfWeightOne]
    // Two rows are one pair, which is right of itself.
    guard isReleased(prompt), rows > 2, weight > 1 || !aboutWeights.contains(mistake) else { return nil }
    self.weight = weight
    temperature = try prompt.number(.temperature, as: Double.self)
    (stopsGradient, takesMean) = (try prompt.bool(.stopsGradient), prompt.asksForMean)
    self.mistake = mistake
  }
}

private let batchFormMutations: [Mutation] =
  batchLossMistakes.map { mistake, wrong in
    Mutation(mistake, "batch-loss") { question in
      let rows = try question.input("rows")
      guard let loss = try WrongBatchLoss(question.prompt, rows: rows.rows, mistake: wrong) else { return nil }
      let found = loss.evaluate(rows)
      return ["loss": .number(found.loss), "rows.gradient": .real(found.gradient)]
    }
  } + otherBatchMutations

private let otherBatchMutations: [Mutation] = [
  .asking(
    Mistake("aug.normalised-by-loss", "rows normalised by the loss", right: "the loss takes rows as they are"),
    "batch-loss"
  ) { prompt in
    let rows: Tensor<Double> = try prompt.tensor("rows")
    let unit = L2Normalisation().forward(rows).output
    prompt.inputs["rows"] = .real(unit)
    return zip(rows.values, unit.values).contains { abs($0 - $1) > 0.01 }
  },
  Mutation(
    Mistake(
      "aug.embeddings-for-relations", "embeddings instead of relations",
      right: "L_AUG compares relations V Mᵀ to the bank unless told otherwise"), "relation-loss"
  ) { question in
    var wrong = question.prompt
    wrong.operation = "batch-loss"
    wrong.inputs = ["rows": .real(try question.input("embeddings"))]
    let answer = try Question(wrong).right
    return ["loss": answer["loss"], "embeddings.gradient": answer["rows.gradient"]].compactMapValues { $0 }
  },
  .asking(
    Mistake("memory.normalised-before-use", "rows of the bank normalised", right: "rows are used as they are given"),
    "relation-loss"
  ) { prompt in
    let bank: Tensor<Double> = try prompt.tensor("bank")
    prompt.inputs["bank"] = .real(L2Normalisation().forward(bank).output)
    return bank.values.contains { abs($0) > 1.01 }
  },
]
