import Files
import Foundation
import Networks
import Oracle
import Testing

@Suite("Prompts")
struct PromptTests {
  private static let prompt = Prompt(
    operation: "op",
    parameters: [
      "n": .integer(3), "x": .number(0.5), "t": .string("a"), "b": .bool(true),
      "l": .array([.integer(1), .number(2.5)]),
      "mixed": .array([.string("a")]),
    ],
    inputs: ["r": .real(Tensor<Float>(shape: [2], values: [1, 0.1])), "i": .integers([4], shape: [1])])

  @Test func workedExampleOfReaders() throws {
    let prompt = Self.prompt
    #expect(try prompt.number("n") == 3 && prompt.number("x") == 0.5 && prompt.number("none", default: 2) == 2)
    #expect(try prompt.integer("n") == 3 && prompt.integer("none", default: 4) == 4)
    #expect(try prompt.string("t") == "a" && prompt.string("none", default: "b") == "b")
    #expect(try prompt.bool("b") && prompt.bool("none", default: true))
    #expect(try prompt.numbers("l") == [1, 2.5] && prompt.integers("i") == [4])
    #expect(try prompt.tensor("r", as: Double.self).values == [1, Double(Float(0.1))])
    #expect(prompt.inputs["i"]?.shape == [1] && TensorValue.number(Float(1)).shape == [])
  }

  // A parameter of the wrong kind is an error even where there is a default.
  @Test func mistakesAreTold() {
    let prompt = Self.prompt
    func expect<Result>(_ part: String, _ body: () throws -> Result) {
      let error = #expect(throws: OracleError.self) { _ = try body() }
      #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    }
    expect("needs a number as its parameter \"t\", not \"a\"") { try prompt.number("t", default: 1) }
    expect("needs a whole number as its parameter \"x\"") { try prompt.integer("x", default: 1) }
    expect("needs true or false as its parameter \"n\"") { try prompt.bool("n", default: true) }
    expect("needs text as its parameter \"n\"") { try prompt.string("n", default: "") }
    expect("which is not given") { try prompt.string("none") }
    expect("needs a list of numbers as its parameter \"mixed\", not [\"a\"]") { try prompt.numbers("mixed") }
    expect("needs a number as its parameter \"l\", not [1, 2.5]") { try prompt.number("l") }
    expect("needs a tensor of whole numbers named \"r\", which is given, but as real numbers") {
      try prompt.integers("r")
    }
    expect("needs a tensor of real numbers named \"none\", which is not among its inputs: i, r") {
      try prompt.tensor("none", as: Float.self)
    }
  }

  @Test func workedExampleOfLongNames() {
    let names = (0..<9).map { "streams.\($0).layer1.0.shortcut.0.weight.velocity" }
    let tensor = TensorValue.real(Tensor<Double>(shape: [1]))
    let prompt = Prompt(operation: "sgd", inputs: Dictionary(uniqueKeysWithValues: names.map { ($0, tensor) }))
    let error = #expect(throws: OracleError.self) { try prompt.tensor("none", as: Float.self) }
    #expect(error?.description.hasSuffix("among its inputs: \(names[0]), \(names[1]), … (9 names)") == true)
  }

  // However long a value is, a sentence shows its beginning.
  @Test func workedExampleOfLongValues() {
    #expect(JSON.array((0..<50_000).map { .integer($0) }).description == "[0, 1, 2, 3, … (50000 values)]")
    #expect(JSON.string(String(repeating: "x", count: 90)).description.count == 43)
  }

  // One bad number of many is named, and the others are not told.
  @Test func workedExampleOfOneBadNumberAmongMany() throws {
    var numbers = (0..<50_000).map { $0 % 10 }
    numbers[31_234] = 10
    let bad = TensorValue.integers(numbers, shape: [50_000])
    let good = TensorValue.integers(numbers.map { min($0, 9) }, shape: [50_000])
    let rows = TensorValue.real(Tensor<Float>(shape: [50_000, 1], repeating: 1))
    let questions: [(operation: String, parameters: [String: JSON], inputs: [String: TensorValue], name: String)] = [
      (
        "weighted-neighbours", ["classes": .integer(10)], ["features": rows, "queries": rows, "labels": bad], "labels"
      ),
      (
        "cluster-scores", ["clusters": .integer(10), "classes": .integer(10)], ["predictions": bad, "targets": good],
        "predictions"
      ),
      (
        "cluster-scores", ["clusters": .integer(10), "classes": .integer(10)], ["predictions": good, "targets": bad],
        "targets"
      ),
      ("memory-update", [:], ["bank": reals(10), "embeddings": rows, "images": bad], "images"),
      ("unification-entropy", [:], ["logits": .real(Tensor<Float>(shape: [50_000, 10])), "images": bad], "images"),
    ]
    for question in questions {
      let prompt = Prompt(operation: question.operation, parameters: question.parameters, inputs: question.inputs)
      let error = #expect(throws: OracleError.self) {
        try Operations.named(question.operation).answer(prompt, as: Float.self)
      }
      #expect(
        error?.description
          == "the operation \(question.operation): \"\(question.name)\" must hold numbers from 0 to 9, "
          + "but its element 31234 is 10")
    }
  }

  private func reals(_ rows: Int) -> TensorValue { .real(Tensor<Float>(shape: [rows, 1], repeating: 1)) }

  @Test func invariantParametersKeepTheirKindInJSON() throws {
    let values: [JSON] = [
      .bool(true), .integer(1), .number(0.5), .string("1"), .array([.bool(false), .array([])]),
    ]
    let text = try JSONEncoder().encode(values)
    #expect(try JSONDecoder().decode([JSON].self, from: text) == values)
  }
}
