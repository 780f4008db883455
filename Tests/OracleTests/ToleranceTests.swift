import Files
import Kernels
import Networks
import Testing

@testable import Oracle

@Suite("Tolerances in common use")
struct ToleranceTests {
  private func accepts(_ index: Int, _ given: Double, _ right: Double) -> Bool {
    Tolerance.common[index].accepts(["y": .number(given)], ["y": .number(right)])
  }

  @Test func workedExampleOfEveryRule() {
    #expect(accepts(0, 1.0009, 1) && !accepts(0, 1.0011, 1) && !accepts(0, 2e-7, 0))
    #expect(accepts(1, 1.00001, 1) && !accepts(1, 1.00002, 1))
    #expect(accepts(2, 1.019, 1) && !accepts(2, 1.021, 1))
    #expect(accepts(3, 1.0003, 1) && !accepts(3, 1.0004, 1))
    #expect(accepts(4, 1.9, 1) && accepts(4, 12.4, 10) && !accepts(4, 12.6, 10))
    #expect(!accepts(4, .nan, 1) && accepts(0, .infinity, .infinity))
  }

  // Whole numbers are equal or not under every rule; a missing tensor and another shape pass nowhere.
  @Test func invariantOtherTensorsMustBeEqual() {
    for tolerance in Tolerance.common {
      #expect(!tolerance.accepts(["y": .listOf([1, 2])], ["y": .listOf([1, 3])]))
      #expect(tolerance.accepts(["y": .listOf([1, 2])], ["y": .listOf([1, 2])]))
      #expect(!tolerance.accepts([:], ["y": .number(1.0)]))
      #expect(!tolerance.accepts(["y": .listOf([1])], ["y": .number(1.0)]))
    }
  }

  // On these cases one hundredth lets a decay pass that was left out, and PyTorch's default refuses a right Float answer.
  @Test func workedExampleOfVerdicts() throws {
    let mutants = [try Mutants.named("sgd.no-decay"), try Mutants.named("sgd.dampened")]
    let verdicts = try ownCorpus.get().verdicts(mutants: mutants, ids: ["optimiser/sgd-nesterov-falling-rate"])
    #expect(verdicts[2].survivors == ["sgd.no-decay"] && verdicts[0].survivors.isEmpty)
    #expect(verdicts.allSatisfy { $0.refusals.isEmpty })
  }
}
