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

  // Pixels repeated and pixels mirrored outside are the same one pixel from the border: the name that explains all cases is told in each.
  @Test func ofSeveralNamesTheOneOfMostCasesIsTold() throws {
    let corpus = try ownCorpus.get()
    func names(_ id: String) throws -> [String] {
      try diagnose(id, ["grey.repeated-border"])?.alternatives.map(\.name) ?? []
    }
    let ambiguous = try corpus.manifest.cases.filter {
      try $0.hasPrefix("augment/grey-view-") && names($0).contains("grey.mirrored-border")
    }
    #expect(ambiguous.count >= 2)
    let backend = MistakenBackend(mutants: [try Mutants.named("grey.repeated-border")])
    let report = try corpus.check(backend, profile: .float32, only: "augment/grey-view-*")
    let told = Set(report.cases.compactMap { $0.diagnosis?.mutants })
    #expect(told == [["grey.repeated-border"]], "\(told)")
  }

  // Nearer to a mistake's answer than to the right one, but not eight times: enough once the mistake has explained another case.
  @Test func aKnownMistakeIsRecognisedNearTheBounds() throws {
    let name = "batchnorm.epsilon-outside-root"
    let mutant = try Mutants.named(name)
    var diagnostician = Diagnostician()
    func answers(_ item: CorpusCase, share: Double) throws -> [String: StoredTensor] {
      guard let wrong = mutant.answer(Question(item.prompt, right: item.expected)) else {
        throw OracleError("the mistake makes no difference")
      }
      return item.expected.reduce(into: [:]) { answers, output in
        guard case .real(let right) = output.value, case .real(let other)? = wrong[output.key] else { return }
        answers[output.key] = StoredTensor(
          type: "F64", value: .real(right.mapped { $1 + share * (other.values[$0] - $1) }))
      }
    }
    // In its worst element 1.5 to 12 bounds from right, four times as far as from the mistake's answer.
    let ids = try ownCorpus.get().manifest.cases.filter { $0.contains("/batch-norm-") }
    let near = try ids.map { try self.item($0) }.first { candidate in
      guard let answers = try? answers(candidate, share: 0.8) else { return false }
      let ratios = candidate.compare(answers, profile: .float32).map(\.ratio)
      return (1.5...12).contains(ratios.max() ?? 0)
    }
    let item = try #require(near)
    let close = try answers(item, share: 0.8)
    let first = diagnostician.diagnose(item, close, profile: .float32)
    #expect(first?.mutants == [])
    #expect(diagnostician.reconsider(item, close, profile: .float32) == nil)
    let clear = try self.item("op/batch-norm-epsilon-half")
    #expect(diagnostician.diagnose(clear, try answers(clear, share: 1), profile: .float32)?.mutants == [name])
    #expect(diagnostician.reconsider(item, close, profile: .float32)?.mutants == [name])
    // Nearer to the right one it is not.
    #expect(diagnostician.reconsider(item, try answers(item, share: 0.55), profile: .float32) == nil)
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
