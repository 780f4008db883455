import Kernels
import Networks
import Testing

@testable import Oracle

/// A backend that makes the mistakes of some mutants, in Float where it can round: one after another, each in what it says.
private struct MistakenBackend: CorpusBackend {
  let mutants: [Mutant]
  let capability = Capability(backend: "mistaken", version: "1", scalar: "float32", claims: ["*"])

  func answer(_ prompt: Prompt) throws -> [String: TensorValue] {
    var prompt = prompt
    var answer = try Question(prompt).right
    for mutant in mutants {
      let mutation = mutant.mutations.first { $0.operation == prompt.operation }
      if let change = mutation?.change, try change(&prompt) {
        answer = try Question(prompt).right
      } else {
        answer = mutant.answer(Question(prompt, right: answer)) ?? answer
      }
    }
    // As Float stores it.
    return answer.mapValues { value in
      guard case .real(let tensor) = value else { return value }
      return .real(Tensor<Double>(shape: tensor.shape, values: tensor.values.map { Double(Float($0)) }))
    }
  }
}

@Suite("Diagnosis")
struct DiagnosisTests {
  private func item(_ id: String) throws -> CorpusCase { try ownCorpus.get().load(id) }

  private func diagnose(_ id: String, _ names: [String]) throws -> Diagnosis? {
    let (item, backend) = (try item(id), MistakenBackend(mutants: try names.map { try Mutants.named($0) }))
    let answers = try backend.answer(item.prompt).mapValues {
      switch $0 {
      case .real: StoredTensor(type: "F32", value: $0)
      case .integers: StoredTensor(type: "I64", value: $0)
      case .bytes: StoredTensor(type: "U8", value: $0)
      }
    }
    var diagnostician = Diagnostician()
    return diagnostician.diagnose(item, answers, profile: .float32)
  }

  // On every case of a sample, each mutant that it kills is named; others that answer alike may stand beside it, not before it.
  @Test func invariantEveryKilledMutantIsNamed() throws {
    let (corpus, matrix) = (try ownCorpus.get(), try KillMatrix(reading: KillMatrix.ownPath))
    var (count, others) = (0, 0)
    for (index, id) in corpus.manifest.cases.enumerated() where index % 23 == 3 {
      // Whole steps are another test's.
      if ["trajectory/", "step/", "encoder/"].contains(where: id.hasPrefix) { continue }
      for entry in matrix.kills(by: id, in: .float32).prefix(6) {
        let found = try #require(try diagnose(id, [entry.mutant]), "\(id): \(entry.mutant)")
        #expect(found.mutants.count == 1, "\(id): \(entry.mutant) is taken for \(found.mutants)")
        #expect(found.distance < 1e-5)
        count += 1
        others += found.mutants == [entry.mutant] ? 0 : 1
      }
    }
    #expect(count > 60)
    #expect(others * 5 < count, "\(others) of \(count) are called by another's name")
  }

  @Test func aRightAnswerHasNoDiagnosis() throws { #expect(try diagnose("optimiser/sgd-paper", []) == nil) }

  // Two mistakes at once: one asks another question, the other spoils its answer.
  @Test func pairsAreNamed() throws {
    let found = try #require(try diagnose("optimiser/sgd-plain-velocity", ["sgd.no-decay", "sgd.dampened"]))
    #expect(found.mutants == ["sgd.no-decay", "sgd.dampened"])
    #expect(found.distance < 1e-6)
  }

  // A mistake in a sum, and the temperature as a factor of loss and gradient.
  @Test func aMistakeTimesAFactorIsNamed() throws {
    let item = try item("loss/batch-loss-full")
    let mutant = try Mutants.named("aug.self-in-denominator")
    let wrong = try #require(mutant.answer(Question(item.prompt, right: item.expected)))
    let answers = wrong.mapValues { value -> StoredTensor in
      guard case .real(let tensor) = value else { return StoredTensor(type: "I64", value: value) }
      return StoredTensor(type: "F32", value: .real(tensor.mapped { Double(Float(0.1 / 0.07 * $1)) }))
    }
    var diagnostician = Diagnostician()
    #expect(
      diagnostician.diagnose(item, answers, profile: .float32)?.mutants == ["aug.self-in-denominator", "a factor"])
  }

  @Test func whatNoMutantAnswersIsUnknown() throws {
    let item = try item("optimiser/sgd-paper")
    let wrong = try Question(item.prompt).changed("parameters") { $0 == 3 ? $1 + 1 : $1 }
    let answers = item.expected.merging(wrong) { $1 }.mapValues { StoredTensor(type: "F64", value: $0) }
    var diagnostician = Diagnostician()
    let unknown = Diagnosis(mistakes: [], distance: .infinity, operation: "sgd")
    #expect(diagnostician.diagnose(item, answers, profile: .float64) == unknown)
  }

  // The report names the mistake once for all cases, and what is right instead.
  @Test func workedExampleOfTheReport() throws {
    let backend = MistakenBackend(mutants: [try Mutants.named("sgd.rate-inside-velocity")])
    let text = try ownCorpus.get().check(backend, profile: .float32, area: "optimiser").description
    #expect(text.contains("sgd.rate-inside-velocity explains"), "\(text)")
    #expect(text.contains("failing cases of sgd, "), "\(text)")
    #expect(text.contains("right is: the rate multiplies the step"), "\(text)")
    #expect(
      !(try ownCorpus.get().check(backend, profile: .float32, area: "optimiser", diagnoses: false)).description
        .contains("explains"))
  }
}
