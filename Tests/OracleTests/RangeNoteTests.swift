import Kernels
import Networks
import Testing

@testable import Oracle

@Suite("What float16's range has to do with failures")
struct RangeNoteTests {
  /// The product of a 1 × 2 and a 2 × 1 matrix, and an answer to its y.
  private func note(_ a: [Double], y: Double, _ profile: Profile = .float16) throws -> (Verdict, String) {
    func matrix(_ rows: Int, _ columns: Int, _ values: [Double]) -> TensorValue {
      .real(Tensor<Double>(shape: [rows, columns], values: values))
    }
    let prompt = Prompt(
      operation: "matrix-product",
      inputs: ["a": matrix(1, 2, a), "b": matrix(2, 1, [1, 1]), "y.cotangent": matrix(1, 1, [1])])
    let description = CaseDescription(id: "mine/product", operation: "matrix-product")
    let item = try CorpusCase(answering: prompt, description, for: profile)
    var answers = item.expected.mapValues { StoredTensor(type: "F64", value: $0) }
    answers["y"] = StoredTensor(type: "F64", value: matrix(1, 1, [y]))
    var nobody: (any Diagnosing)?
    let report = item.report(on: answers, profile: profile, by: &nobody)
    return (report.verdict, report.note)
  }

  @Test func overflowNamesTheTensor() throws {
    #expect(try note([70000, 1], y: .infinity) == (.notFinite, "float16 ends at 65,504, and \"a\" holds 70000.0"))
    #expect(try note([1, 1], y: .nan) == (.notFinite, "float16 ends at 65,504: is a factor on the way larger?"))
  }

  @Test func underflowNamesTheTensor() throws {
    let expected = "float16 loses digits below 6.1e-5, and \"a\" holds 1e-08: scale small factors by a power of two"
    #expect(try note([1e-8, 0], y: 0) == (.fail, expected))
    #expect(try note([1, 1], y: 3) == (.fail, ""))
    #expect(try note([1e-8, 0], y: 1e-8) == (.ok, ""))
  }

  @Test func otherProfilesHaveFloatsRange() throws {
    #expect(try note([70000, 1], y: .infinity, .tf32) == (.notFinite, ""))
    #expect(try note([1e-8, 0], y: 0, .bfloat16) == (.fail, ""))
  }

  // float16's factors are tf32's, rounded to 11 bits; its answers may be stored as such numbers.
  @Test func boundsAreThoseOfElevenBits() {
    #expect(Profile.float16.factorRounding == Profile.tf32.factorRounding)
    #expect(Profile.float16.factor(terms: 9) == Profile.float32.factor(terms: 9))
    #expect(Profile.float16.realTypes == ["F64", "F32", "F16"])
    #expect(Profile.float16.decidingMargin("relu") == Profile.tf32.decidingMargin("relu"))
  }
}
