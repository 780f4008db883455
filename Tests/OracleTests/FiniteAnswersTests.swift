import Kernels
import Networks
import Testing

@testable import Oracle

@Suite("Answers are finite")
struct FiniteAnswersTests {
  private func answer<Scalar: RealScalar>(
    _ x: [Double], times y: [Double]? = nil, as _: Scalar.Type
  ) throws -> [String: TensorValue] {
    func reals(_ shape: [Int], _ values: [Double]) -> TensorValue {
      .real(Tensor<Double>(shape: shape, values: values))
    }
    let prompt = Prompt(
      operation: "matrix-product",
      inputs: ["a": reals([1, x.count], x), "b": reals([x.count, 1], y ?? x), "y.cotangent": reals([1, 1], [1])])
    return try PackageBackend(Scalar.self).answer(prompt)
  }

  // 3 · 10²⁰ squared is 9 · 10⁴⁰, more than Float holds; 10²⁰⁰ squared more than Double, and so do their differences.
  @Test func workedExampleOfOverflow() throws {
    #expect(try answer([3e20], as: Double.self)["y"] != nil)
    expectError("the operation matrix-product: \"y\" overflows float: its element 0 is inf") {
      try answer([3e20], as: Float.self)
    }
    expectError("\"y\" overflows double: its element 0 is inf") { try answer([1e200], as: Double.self) }
    let error = #expect(throws: OracleError.self) {
      try answer([1e200, 1e200], times: [1e200, -1e200], as: Double.self)
    }
    // ∞ − ∞ where the second product rounds on its own; a fused multiply-add takes it as it is, and stays at ∞.
    let text = error?.description ?? ""
    #expect(text.contains("\"y\" overflows double: its element 0 is "), "\(text)")
    #expect(["is nan", "is -nan", "is inf"].contains(where: text.hasSuffix), "\(text)")
  }

  // Nothing that is frozen, and no relation, is refused.
  @Test func invariantTheCorpusIsFinite() throws {
    for casePrompt in try corpusPrompts.get() {
      for value in try PackageBackend(Float.self).answer(casePrompt.prompt).values { #expect(value.fillsShape) }
      _ = try PackageBackend(Double.self).answer(casePrompt.prompt)
    }
    for relation in Relation.all {
      for (_, prompt) in relation.prompts(RelationDrawing(size: 7)) {
        _ = try PackageBackend(Float.self).answer(prompt)
        _ = try PackageBackend(Double.self).answer(prompt)
      }
    }
  }
}
