import Files
import Kernels
import Networks
import TestSupport
import Testing

@testable import Oracle

@Suite("Losses against the bank as functions of embeddings")
struct BankLossOperationsTests {
  private static let names = ["instance-neighbourhood-of-embeddings", "unification-entropy-of-embeddings"]

  private static func casePrompts() throws -> [CasePrompt] {
    try corpusPrompts.get().filter { names.contains($0.prompt.operation) }
  }

  private func number(_ value: TensorValue?) throws -> Double {
    guard case .real(let tensor)? = value else { throw OracleError("no number") }
    return tensor.values[0]
  }

  // V = (1, 0), M = (0.8, 0.6), (0, 1), (−1, 0) and τ = 0.5: z = (1.6, 0, −2), so L_AND = log(1 + e^−1.6 + e^−3.6), and
  // ∂V = 2 Σ (p − e₀) m. L_UE is the entropy of softmax(0, −2): p = 1 / (1 + e^−2), H = log(1 + e^−2) + 2 (1 − p).
  @Test func workedExample() throws {
    let inputs: [String: TensorValue] = [
      "embeddings": .real(Tensor<Double>(rows: [[1, 0]])),
      "bank": .real(Tensor<Double>(rows: [[0.8, 0.6], [0, 1], [-1, 0]])), "images": .listOf([0]),
    ]
    func answer(_ name: String) throws -> [String: TensorValue] {
      try Question(Prompt(operation: name, parameters: ["bankTemperature": .number(0.5)], inputs: inputs)).right
    }
    let (one, two) = (Double.exp(-1.6), Double.exp(-3.6))
    let and = try answer(Self.names[0])
    #expect(abs(try number(and["loss"]) - Double.log(1 + one + two)) < 1e-15)
    let p = [1, one, two].map { $0 / (1 + one + two) }
    guard case .real(let gradient)? = and["embeddings.gradient"] else { return }
    #expect(gradient.shape == [1, 2])
    #expect(abs(gradient.values[0] - 2 * (0.8 * (p[0] - 1) - p[2])) < 1e-15)
    #expect(abs(gradient.values[1] - 2 * (0.6 * (p[0] - 1) + p[1])) < 1e-15)
    let share = 1 / (1 + Double.exp(-2))
    let ue = try number(try answer(Self.names[1])["loss"])
    #expect(abs(ue - (Double.log(1 + Double.exp(-2)) + 2 * (1 - share))) < 1e-15)
  }

  // The bank is a constant: there is a gradient of the embeddings, and no other.
  @Test func invariantTheyAreTheLossesOfLogitsBetweenProducts() throws {
    for casePrompt in try Self.casePrompts() {
      let (prompt, answer) = (casePrompt.prompt, try casePrompt.answer(as: Double.self))
      #expect(Set(answer.keys) == ["loss", "embeddings.gradient"])
      var products = Prompt(
        operation: "memory-logits", inputs: prompt.inputs.filter { ["embeddings", "bank"].contains($0.key) })
      products.parameters["bankTemperature"] = prompt.parameters["bankTemperature"]
      let shape = [prompt.shape(of: "embeddings")[0], prompt.shape(of: "bank")[0]]
      products.inputs["logits.cotangent"] = .real(Tensor<Double>(shape: shape))
      var loss = prompt
      loss.operation = String(prompt.operation.dropLast("-of-embeddings".count))
      (loss.inputs["embeddings"], loss.inputs["bank"], loss.parameters["bankTemperature"]) = (nil, nil, nil)
      loss.inputs["logits"] = try Question(products).right["logits"]
      let found = try Question(loss).right
      products.inputs["logits.cotangent"] = found["logits.gradient"]
      #expect(answer["loss"] == found["loss"], "\(casePrompt.slug)")
      #expect(
        answer["embeddings.gradient"] == (try Question(products).right["embeddings.gradient"]), "\(casePrompt.slug)")
    }
  }

  @Test func gradientsOfEmbeddings() throws {
    for casePrompt in try Self.casePrompts() where !casePrompt.slug.contains("temperature") {
      guard case .real(let gradient)? = try casePrompt.answer(as: Double.self)["embeddings.gradient"] else { continue }
      let check = DirectionalDifference(
        at: try casePrompt.prompt.tensor("embeddings", as: Double.self), gradient: gradient
      ) { moved in
        var prompt = casePrompt.prompt
        prompt.inputs["embeddings"] = .real(moved)
        return (try? number(Question(prompt).right["loss"])) ?? .nan
      }
      #expect(
        check.relativeDistance < 1e-6 || gradient.values.allSatisfy { abs($0) < 1e-12 }, "\(casePrompt.slug): \(check)")
    }
  }

  @Test func mistakesAreErrors() throws {
    let prompt = try #require(try Self.casePrompts().first).prompt
    var wide = prompt
    wide.inputs["bank"] = .real(Tensor<Double>(rows: [[1, 2], [3, 4]]))
    expectError("\"bank\" must be rows × ") { try Question(wide) }
    var few = prompt
    few.inputs["images"] = .listOf([0])
    expectError("\"images\" must be ") { try Question(few) }
    var unknown = prompt
    unknown.parameters["temperature"] = .number(0.5)
    expectError("has no parameter \"temperature\"; did you mean \"bankTemperature\"?") {
      try Operations.asked(by: unknown)
    }
  }
}
