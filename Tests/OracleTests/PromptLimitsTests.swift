import Files
import Kernels
import Networks
import Testing

@testable import Oracle

@Suite("Limits of prompts")
struct PromptLimitsTests {
  private static func reals(_ shape: Int...) -> TensorValue { .real(Tensor<Double>(shape: shape, repeating: 1)) }

  private static func zeros(_ count: Int) -> TensorValue {
    .integers(Array(repeating: 0, count: count), shape: [count])
  }

  /// Prompts of at most some MB that ask for GB, and what is said to them.
  static let prompts: [(prompt: Prompt, sentence: String)] = [
    (
      Prompt(operation: "bank-entropies", inputs: ["bank": reals(200_000, 1)]),
      "the comparisons of rows would be 200000 × 200000 numbers, and at most 17179869184 are allowed"
    ),
    (
      Prompt(
        operation: "nearest-rows", parameters: ["k": .integer(40_000)],
        inputs: ["rows": reals(40_001, 1), "queries": zeros(5000)]),
      "the neighbours would be 5000 × 40000 numbers, and at most 134217728 are allowed"
    ),
    (
      Prompt(
        operation: "weighted-neighbours", parameters: ["classes": .integer(1_000_001)],
        inputs: ["features": reals(2, 1), "labels": zeros(2), "queries": reals(200, 1)]),
      "the scores would be 200 × 1000001 numbers, and at most 134217728 are allowed"
    ),
    (
      Prompt(operation: "batch-loss", inputs: ["rows": reals(20_000, 1)]),
      "the products of all pairs of rows would be 20000 × 20000 numbers, and at most 134217728 are allowed"
    ),
    (
      Prompt(operation: "relation-loss", inputs: ["embeddings": reals(2, 20_000), "bank": reals(1, 20_000)]),
      "the bank's Gram matrix would be 20000 × 20000 numbers, and at most 134217728 are allowed"
    ),
    (
      Prompt(
        operation: "stage-one-loss",
        inputs: ["embeddings": reals(2000, 1), "bank": reals(100_000, 1), "images": zeros(1000)]),
      "the logits would be 2000 × 100000 numbers, and at most 134217728 are allowed"
    ),
    (
      Prompt(operation: "mutual-information", inputs: ["first": reals(1, 20_000), "second": reals(1, 20_000)]),
      "the joint distribution would be 20000 × 20000 numbers, and at most 134217728 are allowed"
    ),
    (
      Prompt(operation: "stage-two-loss", inputs: ["embeddings": reals(2, 1), "heads": reals(1, 1, 20_000)]),
      "the joint distributions would be 1 × 20000 × 20000 numbers, and at most 134217728 are allowed"
    ),
  ]

  @Test(arguments: prompts.indices) func workedExampleOfTooMuch(index: Int) throws {
    let (prompt, sentence) = Self.prompts[index]
    let error = #expect(throws: OracleError.self) {
      try Operations.named(prompt.operation).answer(prompt, as: Float.self)
    }
    #expect(error?.description == "the operation \(prompt.operation): \(sentence)")
  }

  // What can be answered can be too much for bounds, each of whose numbers carries deviations.
  @Test func workedExampleOfTooMuchToJudge() throws {
    let large = Prompt(
      operation: "memory-logits",
      inputs: [
        "bank": Self.reals(2000, 1), "embeddings": Self.reals(1200, 1), "logits.cotangent": Self.reals(1200, 2000),
      ])
    let operation = try Operations.named("memory-logits")
    #expect(try operation.answer(large, as: Double.self)["logits"]?.shape == [1200, 2000])
    expectError("to find the bounds of answers, the logits would be 1200 × 2000 numbers, and at most 2097152") {
      try operation.scales(large)
    }
  }

  @Test func workedExampleOfGeneratedInputs() {
    let one = #"{"shape":[60000000],"seed":1,"image":1,"scale":1}"#
    let text = #"{"id":"a/b","operation":"relu","generated":{"x":\#(one),"y":\#(one)}}"#
    expectError("120000000 values are generated, and at most 67108864 may be") {
      try CaseDescription(bytes: Array(text.utf8), name: "case.json")
    }
  }

  @Test func workedExampleOfProducts() {
    #expect(
      TensorValue.count(of: []) == 1 && TensorValue.count(of: [2, 3]) == 6 && TensorValue.count(of: [0, 5]) == 0)
    #expect(TensorValue.count(of: [-1, -1]) == nil && TensorValue.count(of: [1 << 32, 1 << 32]) == nil)
  }
}
