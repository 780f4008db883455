import Networks
import Testing

@testable import Oracle

@Suite("General forms of wrong tensors")
struct GeneralFormsTests {
  private let item = Result { try ownCorpus.get().load("op/softmax-of-rows-square") }

  private func forms(_ change: (Tensor<Double>) -> Tensor<Double>) throws -> [String] {
    let item = try item.get()
    guard case .real(let right)? = item.expected["x.gradient"] else { return [] }
    let answers = ["x.gradient": StoredTensor(type: "F64", value: .real(change(right)))]
    return item.generalForms(answers, failing: ["x.gradient"], profile: .float32)
  }

  @Test func workedExamples() throws {
    #expect(try forms { $0.mapped { 2 * $1 } } == ["x.gradient is 2.0 times the right tensor"])
    #expect(try forms { $0.mapped { -$1 / 12 } } == ["x.gradient is -0.08333 times the right tensor"])
    #expect(try forms { $0.mapped { $1 + 0.25 } } == ["x.gradient is the right tensor plus 0.25"])
    #expect(
      try forms { $0.mapped { max(0, $1) } } == ["x.gradient is the right tensor with 0 for what is negative"])
    #expect(try forms { $0.mapped { abs($1) } } == ["x.gradient is the right tensor without its signs"])
    #expect(try forms { $0.mapped { _, _ in 0 } } == ["x.gradient is 0 throughout"])
    #expect(try forms { $0.mapped { $0 == 3 ? .nan : $1 } } == ["x.gradient is not finite in 1 of 36 elements"])
    #expect(
      try forms { right in right.mapped { i, _ in right.values[i % 6 * 6 + i / 6] } } == [
        "x.gradient is the right tensor transposed"
      ])
    #expect(
      try forms { right in right.mapped { i, _ in right.values[30 - i / 6 * 6 + i % 6] } } == [
        "x.gradient is the right tensor reversed along axis 0"
      ])
    #expect(
      try forms { right in right.mapped { i, _ in right.values[(i + 18) % 36] } } == [
        "x.gradient has the halves of axis 0 swapped"
      ])
  }

  // A wrong element has no form, nor has a right tensor that is off by a rounding, nor what follows the right values.
  @Test func whatIsNoFormHasNone() throws {
    #expect(try forms { $0.mapped { $0 == 7 ? $1 + 0.1 : $1 } } == [])
    #expect(try forms { $0.mapped { $1 + 0.01 * $1 * $1 } } == [])
    #expect(try forms { $0.mapped { 1e7 * $1 } } == [], "of a right tensor near 0 every answer is a huge multiple")
    #expect(try forms { $0.mapped { $1 * (1 + 1e-7) } } == [])
  }

  // Small errors of either sign in every element: of factors in bfloat16, say.
  @Test func lostDigitsAreNoFormula() throws {
    let found = try forms { $0.mapped { $1 * (1 + ($0 * 7 % 4 < 2 ? 1e-3 : -1e-3)) } }
    #expect(found.count == 1 && found[0].contains("as where digits are lost"), "\(found)")
  }

  // Signs of a few elements tell nothing.
  @Test func fewElementsLoseNoDigits() {
    func form(_ count: Int) -> String? {
      let right = Tensor<Double>(shape: [count], values: (1...count).map { Double($0) })
      let given = right.mapped { $1 * (1 + ($0 * 7 % 4 < 2 ? 1e-3 : -1e-3)) }
      return FormFinder(given: given, right: right, sizes: right.values) { 1e-7 * right.values[$0] }.found
    }
    #expect(form(8) == nil)
    #expect(form(32)?.hasSuffix(FormFinder.lostDigits) == true)
  }

  // A state that a step should have changed.
  @Test func keptStatesAreTold() throws {
    let item = try ownCorpus.get().load("op/batch-norm-two-views")
    let kept = try #require(item.prompt.inputs["runningMean"])
    let answers = ["runningMean.new": StoredTensor(type: "F32", value: kept)]
    #expect(
      item.generalForms(answers, failing: ["runningMean.new"], profile: .float32)
        == ["runningMean.new is runningMean as it was: not updated"])
  }

  // Errors whose sign is that of |x| − its median have no mean and do not follow x, but along x they change their sign only twice.
  @Test func errorsInOrderAreNoLostDigits() throws {
    let found = try forms { right in
      let median = right.values.map { abs($0) }.sorted()[right.count / 2]
      return right.mapped { $1 + ($1 == 0 ? 0 : abs($1) < median ? -1e-3 : 1e-3) * median }
    }
    #expect(found == [])
  }

  // Bytes and whole numbers tell how many differ, and by how much.
  @Test func wholeNumbersTellTheirDifferences() throws {
    let item = try ownCorpus.get().load("augment/hue-half-turn")
    guard case .bytes(let right, let shape)? = item.expected["y"] else { return }
    func forms(_ by: UInt8) -> [String] {
      let wrong = right.enumerated().map { $0 % 5 == 0 ? ($1 > 127 ? $1 - by : $1 + by) : $1 }
      return item.generalForms(
        ["y": StoredTensor(type: "U8", value: .bytes(wrong, shape: shape))], failing: ["y"], profile: .float32)
    }
    let count = (right.count + 4) / 5
    #expect(
      forms(1) == [
        "y differs in \(count) of \(right.count) elements, by at most 1: a convention of rounding or cutting"
      ])
    #expect(forms(3) == ["y differs in \(count) of \(right.count) elements, by at most 3"])
  }

  // One number is a multiple of any other.
  @Test func singleNumbersHaveFewForms() throws {
    let item = try ownCorpus.get().load("loss/batch-loss-paper")
    guard case .real(let loss)? = item.expected["loss"] else { return }
    func forms(_ factor: Double) -> [String] {
      item.generalForms(
        ["loss": StoredTensor(type: "F64", value: .real(loss.mapped { factor * $1 }))], failing: ["loss"],
        profile: .float32)
    }
    #expect(forms(2) == ["loss is 2.0 times the right tensor"] && forms(0.5) == ["loss is 0.5 times the right tensor"])
    #expect(forms(1.7) == [])
  }
}
