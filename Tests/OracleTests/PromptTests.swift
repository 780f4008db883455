import Foundation
import Networks
import Oracle
import Testing

@Suite("Prompts")
struct PromptTests {
  private static let prompt = Prompt(
    operation: "op",
    parameters: [
      "n": .integer(3), "x": .number(0.5), "t": .text("a"), "b": .truth(true), "l": .list([.integer(1), .number(2.5)]),
      "mixed": .list([.text("a")]),
    ],
    inputs: ["r": .real(Tensor<Float>(shape: [2], values: [1, 0.1])), "i": .integers([4], shape: [1])])

  @Test func workedExampleOfReaders() throws {
    let prompt = Self.prompt
    #expect(try prompt.number("n") == 3 && prompt.number("x") == 0.5 && prompt.number("none", default: 2) == 2)
    #expect(try prompt.integer("n") == 3 && prompt.integer("none", default: 4) == 4)
    #expect(try prompt.text("t") == "a" && prompt.text("none", default: "b") == "b")
    #expect(try prompt.truth("b") && prompt.truth("none", default: true))
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
    expect("needs a number as its parameter \"t\", not text") { try prompt.number("t", default: 1) }
    expect("needs a whole number as its parameter \"x\"") { try prompt.integer("x", default: 1) }
    expect("needs true or false as its parameter \"n\"") { try prompt.truth("n", default: true) }
    expect("needs text as its parameter \"n\"") { try prompt.text("n", default: "") }
    expect("which is not given") { try prompt.text("none") }
    expect("needs a list of numbers as its parameter \"mixed\"") { try prompt.numbers("mixed") }
    expect("needs a tensor of whole numbers named \"r\"") { try prompt.integers("r") }
    expect("needs a tensor of real numbers named \"none\" among its inputs, which are [\"i\", \"r\"]") {
      try prompt.tensor("none", as: Float.self)
    }
  }

  @Test func invariantParametersKeepTheirKindInJSON() throws {
    let values: [ParameterValue] = [
      .truth(true), .integer(1), .number(0.5), .text("1"), .list([.truth(false), .list([])]),
    ]
    let text = try JSONEncoder().encode(values)
    #expect(try JSONDecoder().decode([ParameterValue].self, from: text) == values)
  }
}
