import Files
import Kernels
import Networks
import Testing

@testable import Oracle

@Suite("Another parameter")
struct ParameterFitTests {
  private func fit(_ id: String, as name: String, _ value: JSON, noise: Double = 0) throws -> String? {
    let item = try ownCorpus.get().load(id)
    var prompt = item.prompt
    prompt.parameters[name] = value
    let answers = try Question(prompt).right.mapValues { value -> StoredTensor in
      guard case .real(let tensor) = value else { return StoredTensor(type: "I64", value: value) }
      return StoredTensor(type: "F32", value: .real(tensor.mapped { Double(Float($1)) * (1 + noise) }))
    }
    let failing = Set(item.compare(answers, profile: .float32).filter { $0.verdict == .fail }.map(\.name))
    try #require(!failing.isEmpty)
    return ParameterFit(item, answers, failing: failing, profile: .float32)?.found
  }

  @Test(arguments: [0.07, 0.25, 0.0837, 3.14]) func aTemperatureIsFound(value: Double) throws {
    #expect(
      try fit("head/cluster-heads-feature-axis", as: "headTemperature", .number(value))
        == "headTemperature = \(value) instead of 0.75")
  }

  @Test func aWordIsFound() throws {
    #expect(
      try fit("head/cluster-heads-feature-axis", as: "axis", .string("class"))
        == "axis = \"class\" instead of \"feature\"")
  }

  // A number near 0 explains as much as 0 itself; 0 is told.
  @Test func nothingIsTheSimplestValue() throws {
    #expect(
      try fit("loss/unification-entropy-others", as: "ownLogit", .integer(0)) == "ownLogit = 0 instead of its absence")
  }

  // Some temperature gives any single number, and is no explanation of it.
  @Test func oneNumberIsNotFitted() throws {
    let item = try ownCorpus.get().load("loss/batch-loss-full")
    guard case .real(let loss)? = item.expected["loss"] else { return }
    let answers = ["loss": StoredTensor(type: "F32", value: .real(loss.mapped { Double(Float(1.1 * $1)) }))]
    #expect(ParameterFit(item, answers, failing: ["loss"], profile: .float32)?.found == nil)
  }

  // An answer that no temperature gives.
  @Test func noiseIsNoParameter() throws {
    #expect(try fit("head/cluster-heads-feature-axis", as: "headTemperature", .number(0.07), noise: 1e-3) == nil)
  }
}
