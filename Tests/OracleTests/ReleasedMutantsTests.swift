import Files
import Networks
import Testing

@testable import Oracle

@Suite("Mistakes of the released program")
struct ReleasedMutantsTests {
  private let rows = Tensor<Double>(rows: [[1, 0], [0, 1], [0.8, 0.6], [-0.6, 0.8]])

  private func answer(_ mutant: String, temperature: Double) throws -> [String: TensorValue]? {
    try Mutants.named(mutant).answer(
      Question(
        Prompt(
          operation: "batch-loss", parameters: ["temperature": .number(temperature)], inputs: ["rows": .real(rows)])))
  }

  // exp(1 / 0.011) = 3e39 is beyond Float's 3.4e38, exp(1 / 0.0125) = 5.5e34 is not.
  @Test func workedExampleOfAnOverflow() throws {
    #expect(try answer("loss.overflow", temperature: 0.0125) == nil)
    guard case .real(let loss)? = try #require(try answer("loss.overflow", temperature: 0.011))["loss"] else { return }
    #expect(loss.values[0].isNaN)
  }

  // Row 0 has the products 0, 0.8 and −0.6 with the others, and 0.8 is its partner's: Q = 1 / (1 + e^−0.8/τ + e^−1.4/τ). In Float
  // that is 1 where e^−0.8/τ is below 2⁻²⁵, a τ of 0.046.
  @Test func workedExampleOfAPartnerWithAll() throws {
    #expect(try answer("aug.partner-subtracted", temperature: 0.05) == nil)
    guard case .real(let loss)? = try #require(try answer("aug.partner-subtracted", temperature: 0.045))["loss"] else {
      return
    }
    #expect(loss.values[0].isNaN)
  }

  // Columns of a softmax over the batch sum to 1, rows do not; one row is then sure of every class.
  @Test func workedExampleOfASoftmaxOverTheBatch() throws {
    let prompt = Prompt(
      operation: "cluster-heads",
      inputs: [
        "embeddings": .real(rows), "heads": .real(Tensor<Double>(shape: [1, 2, 3], values: [1, 0, 2, 3, 1, -1])),
        "probabilities.cotangent": .real(Tensor<Double>(shape: [1, 4, 3], repeating: 0.5)),
      ])
    let wrong = try #require(try Mutants.named("head.softmax-over-batch").answer(Question(prompt)))
    guard case .real(let y)? = wrong["probabilities"] else { return }
    for k in 0..<3 { #expect(abs((0..<4).reduce(0) { $0 + y.values[$1 * 3 + k] } - 1) < 1e-15) }
    // Equal cotangents say nothing about a distribution.
    guard case .real(let gradient)? = wrong["embeddings.gradient"] else { return }
    #expect(gradient.values.allSatisfy { abs($0) < 1e-14 })
  }
}
