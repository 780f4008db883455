import Kernels
import Networks
import Testing

@testable import Oracle

/// A mistake in one operation is named where it is a part of another.
@Suite("Composed mutants")
struct ComposedMutantsTests {
  private func diagnose(_ id: String, _ mutant: String, carries: Bool = false) throws -> [String] {
    let item = try ownCorpus.get().load(id)
    let question = Question(item.prompt, right: item.expected)
    let suspicion = Suspicion(try Mutants.named(mutant), carriesGradients: carries)
    let answers = try #require(suspicion.answer(question), "\(mutant) changes nothing").mapValues {
      value -> StoredTensor in
      guard case .real(let tensor) = value else { return StoredTensor(type: "I64", value: value) }
      return StoredTensor(type: "F32", value: .real(tensor.mapped { Double(Float($1)) }))
    }
    var diagnostician = Diagnostician()
    let found = diagnostician.diagnose(item, answers, profile: .float32)
    return try #require(found).mutants
  }

  @Test(arguments: [
    ("loss/stage-one-loss-all-terms", "ue.sign"), ("loss/stage-one-loss-all-terms", "and.own-image-left-out"),
    ("loss/stage-one-loss-all-terms", "aug.self-in-denominator"),
    ("loss/relation-loss-temperature-one-tenth", "aug.partner-as-negative"),
    ("loss/stage-two-loss-three-heads", "iic.sign"),
    ("block/residual-block-stride-2-odd", "convolution.last-row-and-column"),
    ("encoder/encoder-plain", "pool.last-pixel"),
  ]) func aPartsMistakeIsNamed(id: String, mutant: String) throws {
    #expect(try diagnose(id, mutant) == [mutant])
  }

  // The entropies' sign turned by a program whose gradients follow: all of the loss of stage 1 is explained, with its gradient.
  @Test func carriedGradientsInsideALoss() throws {
    #expect(try diagnose("loss/stage-two-loss-three-heads", "softmax.base-two", carries: true) == ["softmax.base-two"])
  }

  // A trace that nothing is put into has the answers of the operation, whichever way that takes to them.
  @Test func invariantATraceHasTheAnswers() throws {
    let corpus = try ownCorpus.get()
    var traced: [String: Int] = [:]
    for id in corpus.manifest.cases where ["loss/", "edge/", "block/"].contains(where: id.hasPrefix) {
      let item = try corpus.load(id)
      guard let outputs = DiagnosticTrace(item.prompt)?.outputs({ _, _ in nil }) else { continue }
      traced[item.prompt.operation, default: 0] += 1
      let answers = outputs.mapValues { StoredTensor(type: "F64", value: $0) }
      let wrong = item.compare(answers, profile: .float64).filter { ![.ok, .missing].contains($0.verdict) }
      #expect(wrong.isEmpty && !outputs.isEmpty, "\(id): \(wrong)")
      // Of all outputs only the information of each head is not on the way to a gradient.
      #expect(Set(item.expected.keys).subtracting(outputs.keys).isSubset(of: ["heads.information"]), "\(id)")
    }
    #expect(
      traced.keys.sorted() == ["relation-loss", "residual-block", "stage-one-loss", "stage-two-loss"], "\(traced)")
  }
}
