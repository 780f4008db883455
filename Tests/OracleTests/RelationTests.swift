import Files
import Kernels
import Networks
import Testing

@testable import Oracle

@Suite("Relations between answers")
struct RelationTests {
  @Test(arguments: Relation.all.map(\.name)) func ownAnswersAreRelated(name: String) throws {
    let relation = try Relation.named(name)
    // The bounds of whole losses cost the third power of the size, those of operations little.
    let large = relation.largest >= 1024
    for (backend, sizes) in [
      (PackageBackend(Float.self), [2, 3] + (large ? [33, 130] : [])),
      (PackageBackend(Double.self), [2] + (large ? [37] : [])),
    ] {
      let report = try Relation.check(backend, sizes: sizes, relations: [relation])
      #expect(report.passed && report.count(.ok) == sizes.count, "\(report)")
    }
  }

  @Test func invariantPromptsAreFloats() throws {
    for relation in Relation.all {
      for casePrompt in relation.prompts(size: 3) {
        try CaseDescription.check(casePrompt.id, in: "the relation")
        for case .real(let tensor) in casePrompt.prompt.inputs.values {
          #expect(tensor.values.allSatisfy { Double(Float($0)) == $0 }, "\(casePrompt.slug)")
        }
      }
    }
  }

  /// A backend whose every answer is altered.
  private struct Altered: CorpusBackend {
    let capability = Capability(backend: "altered", version: "0", scalar: "float64", claims: ["*"])
    let alter: @Sendable (inout [String: TensorValue]) throws -> Void
    func answer(_ prompt: Prompt) throws -> [String: TensorValue] {
      var answer = try PackageBackend(Double.self).answer(prompt)
      try alter(&answer)
      return answer
    }
  }

  // A softmax has no factors to round: tf32 and bfloat16 allow it what float32 does.
  @Test func operationsWithoutProductsHaveOneBound() throws {
    let relation = try Relation.named("softmax-row-sums")
    let prompts = Dictionary(
      uniqueKeysWithValues: relation.prompts(size: 3).map {
        (String($0.slug.dropFirst("size-3-".count)), $0.prompt)
      })
    let answers = try prompts.mapValues {
      try PackageBackend(Float.self).answer($0).mapValues { StoredTensor(type: "F32", value: $0) }
    }
    func numbers(_ profile: Profile) throws -> [BoundedNumber] {
      let found = try RelationAnswers(relation, prompts: prompts, answers: answers, profile: profile)
      return prompts.keys.sorted().flatMap { found($0, "y") }
    }
    let single = try numbers(.float32)
    #expect(!single.isEmpty)
    #expect(try numbers(.tf32) == single && numbers(.bfloat16) == single)
  }

  @Test func whatCannotBeJudgedFails() throws {
    func verdict(_ alter: @escaping @Sendable (inout [String: TensorValue]) throws -> Void) throws -> Verdict? {
      let report = try Relation.check(
        Altered(alter: alter), sizes: [3], relations: [Relation.named("softmax-row-sums")])
      return report.passed ? .ok : report.cases.first?.verdict
    }
    #expect(try verdict { _ in } == .ok)
    #expect(try verdict { $0["y"] = nil } == .missing)
    #expect(try verdict { _ in throw OracleError("not written yet") } == .missing)
    #expect(try verdict { $0["y"] = .integers([1], shape: [1]) } == .missing)
    #expect(try verdict { $0["y"] = .number(1.0) } == .shape)
    #expect(try verdict { $0["y"] = $0["y"]?.map { $0 * .nan } } == .notFinite)
    // Gradients of zero would sum to zero.
    #expect(try verdict { $0["x.gradient"] = $0["x.gradient"]?.map { _ in 0 } } == .fail)
  }

  @Test func foldersAreJudgedLikeBackends() throws {
    try withFolder { path in
      let relation = try Relation.named("log-sum-exp-shift")
      try PromptFolder.write(relation.prompts(size: 2) + relation.prompts(size: 5), to: path("prompts"))
      let prompts = try PromptFolder(reading: path("prompts"))
      try prompts.answer(with: PackageBackend(Float.self), to: path("answers"))
      let report = try Relation.check(ResponseFolder(reading: path("answers")), to: prompts)
      #expect(report.passed && report.cases.map(\.id) == ["log-sum-exp-shift/size-2", "log-sum-exp-shift/size-5"])
      let strict = try Relation.check(ResponseFolder(reading: path("answers")), to: prompts, profile: .float64)
      #expect(!strict.passed && strict.cases.map(\.verdict) == [.type, .type])
      // Answers to other prompts are stale, and a prompt that was changed is refused.
      try PromptFolder.write(relation.prompts(size: 2), to: path("others"))
      let others = try PromptFolder(reading: path("others"))
      #expect(try Relation.check(ResponseFolder(reading: path("answers")), to: others).problems.count == 1)
      var changed = relation.prompts(size: 2)
      changed[0].prompt = changed[1].prompt
      try PromptFolder.write(changed, to: path("changed"))
      expectError("is not the prompt that was written") {
        try Relation.check(ResponseFolder(reading: path("answers")), to: PromptFolder(reading: path("changed")))
      }
      try PromptFolder.write([relation.prompts(size: 2)[0]], to: path("one"))
      expectError("lacks the prompt") {
        try Relation.check(ResponseFolder(reading: path("answers")), to: PromptFolder(reading: path("one")))
      }
      try PromptFolder.write(corpusPrompts(in: "rng"), to: path("corpus"))
      expectError("there is no relation \"rng\"") {
        try Relation.check(ResponseFolder(reading: path("answers")), to: PromptFolder(reading: path("corpus")))
      }
    }
  }
}

extension TensorValue {
  /// Every real number changed.
  func map(_ change: (Double) -> Double) -> TensorValue {
    guard case .real(let tensor) = self else { return self }
    return .real(Tensor<Double>(shape: tensor.shape, values: tensor.values.map(change)))
  }
}
