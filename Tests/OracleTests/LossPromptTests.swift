import Files
import Kernels
import Networks
import TestSupport
import Testing

@testable import Oracle

@Suite("Prompts about losses, banks, neighbours and heads")
struct LossPromptTests {
  private func first(_ operation: String) throws -> CasePrompt {
    let all = try corpusPrompts(in: "loss", "memory", "neighbour", "head")
    return try #require(all.first { $0.prompt.operation == operation && $0.prompt.parameters["trainable"] == nil })
  }

  private func expectError(_ prompt: Prompt, _ comment: String) throws {
    let operation = try Operations.named(prompt.operation)
    #expect(throws: OracleError.self, "\(comment), answer") { try operation.answer(prompt, as: Float.self) }
    #expect(throws: OracleError.self, "\(comment), scales") {
      _ = try operation.scales(prompt)
      // Operations without scales check in their margins.
      _ = try operation.margins(prompt)
    }
  }

  private static let operations = [
    "instance-neighbourhood", "unification-entropy", "batch-loss", "relation-loss", "mutual-information",
    "stage-one-loss", "stage-two-loss", "memory-logits", "memory-update", "bank-entropies", "neighbourhood-discovery",
    "nearest-rows", "neighbour-similarities", "cluster-heads", "instance-neighbourhood-of-embeddings",
    "unification-entropy-of-embeddings",
  ]

  @Test(arguments: operations) func wrongInputsAreErrors(operation: String) throws {
    let casePrompt = try first(operation)
    for (name, value) in casePrompt.prompt.inputs {
      var wrong: [TensorValue?] = [
        .real(Tensor<Double>(shape: [0])), .real(Tensor<Double>(shape: [0, 3])), .bytes([1], shape: [1]),
      ]
      if name != "neighbours" { wrong.append(nil) }
      switch value {
      case .real(let tensor):
        wrong += [Double.nan, .infinity, -.infinity].map { number in
          .real(Tensor<Double>(shape: tensor.shape, values: [number] + tensor.values.dropFirst()))
        }
        wrong.append(.real(Tensor<Double>(shape: [tensor.count], values: tensor.values)))
        wrong.append(.real(Tensor<Double>(shape: tensor.shape + [1, 1], values: tensor.values)))
      case .integers(let numbers, let shape):
        for number in [-2, 1_000_000, Int.max, Int.min] {
          wrong.append(.integers([number] + numbers.dropFirst(), shape: shape))
        }
        wrong.append(.integers(numbers, shape: shape + [1, 1]))
      case .bytes: break
      }
      for (index, value) in wrong.enumerated() {
        var prompt = casePrompt.prompt
        prompt.inputs[name] = value
        try expectError(prompt, "\(operation), \(name), wrong input \(index)")
      }
    }
  }

  @Test(arguments: operations) func wrongParametersAreErrors(operation: String) throws {
    for casePrompt in try corpusPrompts(in: "loss", "memory", "neighbour", "head")
    where casePrompt.prompt.operation == operation {
      for name in casePrompt.prompt.parameters.keys {
        for value in [JSON.string("wrong"), .integer(-7), .array([.bool(true)]), .number(.nan)] {
          if value == .integer(-7), name == "ownLogit" { continue }
          var prompt = casePrompt.prompt
          prompt.parameters[name] = value
          try expectError(prompt, "\(casePrompt.slug), \(name) \(value)")
        }
      }
    }
  }

  // What the losses themselves would stop the program for.
  @Test func wrongCombinationsAreErrors() throws {
    var batch = try first("batch-loss").prompt
    batch.parameters["negativeWeight"] = .number(0.5)
    try expectError(batch, "a weight below 1")
    batch.parameters["negativeWeight"] = .integer(2)
    batch.parameters["denominator"] = .string("paper")
    try expectError(batch, "a weight and the paper's denominator")
    batch.parameters = [:]
    batch.inputs["rows"] = .rows3
    try expectError(batch, "an odd number of rows")

    var information = try first("mutual-information").prompt
    let (classes, logits) = (information.inputs["first"]?.shape[1] ?? 0, information.inputs["second"])
    information.inputs["second"] = .real(Tensor<Double>.random(logits?.shape ?? [], seed: 1))
    try expectError(information, "logits instead of probabilities")
    information.inputs["second"] = .real(
      Tensor<Double>(shape: [2, classes], repeating: 1 / Double(classes)))
    try expectError(information, "views of different numbers of images")

    var nearest = try first("nearest-rows").prompt
    nearest.parameters["k"] = .integer(nearest.inputs["rows"]?.shape[0] ?? 0)
    try expectError(nearest, "as many neighbours as rows")
    nearest.parameters["k"] = .integer(0)
    try expectError(nearest, "no neighbours")
    var discovery = try first("neighbourhood-discovery").prompt
    discovery.parameters["k"] = .integer(discovery.inputs["bank"]?.shape[0] ?? 0)
    try expectError(discovery, "as many neighbours as images")
    discovery.parameters["k"] = .integer(1)
    discovery.parameters["round"] = .integer(-1)
    try expectError(discovery, "a round before the first")
    var update = try #require(
      try corpusPrompts(in: "memory").first {
        $0.prompt.inputs["embeddings"]?.shape[0] == 8 && $0.prompt.operation == "memory-update"
      }
    ).prompt
    update.inputs["images"] = .listOf([0, 1, 2])
    try expectError(update, "three images and eight views")
  }
}

extension TensorValue {
  fileprivate static let rows3 = TensorValue.real(Tensor<Double>(rows: [[1, 0], [0, 1], [1, 1]]))
}
