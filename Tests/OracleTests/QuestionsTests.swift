import Kernels
import Networks
import Testing

@testable import Oracle

/// Prompts that ask for tensors on the way, and what a judge makes of the answers.
@Suite("Questions about tensors on the way")
struct QuestionsTests {
  private static let id = "loss/batch-loss-temperature-one-tenth"

  /// Writes one prompt, and answers to it under the same path with "-answers".
  private func judged(
    _ question: CasePrompt, _ answers: [String: TensorValue], _ path: (String) -> String
  ) throws -> CaseReport {
    try PromptFolder.write([question], to: path("asked"))
    let prompts = try PromptFolder(reading: path("asked"))
    let capability = Capability(
      backend: "port", version: "1", scalar: "float64", corpus: try prompts.corpusHash() ?? "", claims: ["*"])
    try CorpusFiles.write(
      ResponseFolder.files(capability, [question.id: answers], reals: .double), to: path("asked-answers"))
    return try #require(try prompts.check(ResponseFolder(reading: path("asked-answers"))).cases.first)
  }

  // Of a case all that its definition has on the way is asked for, and nothing else need be answered.
  @Test func workedExampleOfACase() throws {
    let question = try ownCorpus.get().question(Self.id)
    #expect(
      question.wanted
        == ["similarities", "log-z", "probabilities", "log-complements", "row-losses", "similarities.gradient"])
    #expect(question.wantedLines[0] == "similarities (2B × 2B): s_ab = r_a·r_b / τ")
    let item = try CorpusCase(answering: question.prompt, CaseDescription(question), for: .float64)
    let all = try DefinitionAnswers.right(item, as: Double.self).mapValues(\.value)
    let wanted = all.filter { question.wanted.contains($0.key) }
    try withFolder { path in
      let right = try judged(question, wanted, path)
      #expect(right.verdict == .ok, "\(right)")
      #expect(Set(right.tensors.filter { $0.verdict == .ok }.map(\.name)) == Set(question.wanted))
      #expect(Set(right.tensors.filter { $0.verdict == .unanswered }.map(\.name)) == ["loss", "rows.gradient"])
    }
    // What was asked for and is not there is missing; what is wrong is told, with its equation.
    try withFolder { path in
      let less = try judged(question, wanted.filter { $0.key != "log-z" }, path)
      #expect(less.verdict == .missing && less.tensors.first { $0.verdict == .missing }?.name == "log-z")
    }
    try withFolder { path in
      var wrong = wanted
      guard case .real(let logZ)? = wanted["log-z"] else { throw OracleError("no log-z") }
      wrong["log-z"] = .real(logZ.mapped { 2 * $1 })
      let report = try judged(question, wrong, path)
      #expect(report.verdict == .fail && report.divergence?.isolated.map(\.tensor) == ["log-z"])
    }
  }

  @Test func unknownTensorsAreRefused() throws {
    var question = try ownCorpus.get().question(Self.id)
    question.wanted = ["log-y"]
    try withFolder { path in
      let report = try judged(question, ["log-z": .number(0.0)], path)
      #expect(
        report.verdict == .illegal
          && report.note.hasPrefix(
            "the operation batch-loss: the prompt wants \"log-y\", which cannot be told of it; did you mean \"log-z\"?"),
        "\(report.note)")
    }
    let encoder = try #require(corpusPrompts.get().first { $0.prompt.operation == "initial-encoder" })
    expectError("initial-encoder has no tensors between its inputs and its outputs") {
      _ = try ownCorpus.get().question(encoder.id)
    }
    expectError("are outputs of the case") { _ = try ownCorpus.get().question("step/stage-one-step-one-stream") }
  }

  // A loss that is traced: its tensors are asked for, must be there, have no verdict, and tell where the mistake is.
  @Test func tensorsOfATracedLossAreAskedFor() throws {
    let question = try ownCorpus.get().question("loss/relation-loss-full")
    #expect(question.wanted.contains("aug.pulled") && !question.wanted.contains("loss"))
    let operation = try #require(try Operations.named("relation-loss") as? any RecordedOperation)
    var tracer = Tracer<Double>(hook: { site, _ in site.name == "aug.cosines" ? site.value.mapped { 1.5 * $1 } : nil })
    try operation.record(question.prompt, in: &tracer)
    let answers = tracer.values.mapValues { TensorValue.real($0) }
    try withFolder { path in
      let report = try judged(question, answers, path)
      #expect(report.divergence?.isolated.map(\.tensor) == ["aug.cosines"], "\(report)")
    }
    try withFolder { path in
      let report = try judged(question, answers.filter { $0.key != "aug.gram" }, path)
      #expect(report.tensors.first { $0.name == "aug.gram" }?.verdict == .missing && report.verdict != .ok)
    }
  }

  // Two cases of one operation fail, and one of another: the smaller of the two is asked about, and the smallest first.
  @Test func failingCasesAreAskedAboutSmallestFirst() throws {
    let corpus = try ownCorpus.get()
    let ids = ["loss/batch-loss-temperature-one-tenth", "loss/unification-entropy-sharp"]
    var answers: [String: [String: TensorValue]] = [:]
    for id in corpus.manifest.cases where id.hasPrefix("loss/batch-loss") || ids.contains(id) {
      answers[id] = try corpus.load(id).expected.mapValues { value in
        if case .real(let tensor) = value { .real(tensor.mapped { 1.5 * $1 }) } else { value }
      }
    }
    let capability = Capability(
      backend: "port", version: "1", scalar: "float64", corpus: corpus.manifest.hash, claims: answers.keys.sorted())
    try withFolder { path in
      try CorpusFiles.write(ResponseFolder.files(capability, answers, reals: .double), to: path("answers"))
      let questions = try corpus.questions(about: ResponseFolder(reading: path("answers")))
      #expect(questions.count == 2 && questions.allSatisfy { (1...2).contains($0.wanted.count) })
      let sizes = questions.map { $0.prompt.inputs.values.reduce(0) { $0 + $1.count } }
      #expect(sizes == sizes.sorted())
      let batch = try #require(questions.first { $0.prompt.operation == "batch-loss" })
      let smallest = answers.keys.filter { $0.hasPrefix("loss/batch-loss") }.compactMap { id in
        try? corpus.load(id).prompt.inputs.values.reduce(0) { $0 + $1.count }
      }.min()
      #expect(batch.prompt.inputs.values.reduce(0) { $0 + $1.count } == smallest)
    }
  }

  @Test func whatIsWantedIsWrittenAndRead() throws {
    let question = try ownCorpus.get().question(Self.id)
    let description = try CaseDescription(question)
    #expect(try CaseDescription(bytes: description.encoded, name: "case.json").wanted == question.wanted)
    #expect(try Schema("case").fault(in: description.encoded) == nil)
    #expect(CasePrompt(description, question.prompt) == question)
    var plain = description
    plain.wanted = []
    #expect(!String(decoding: plain.encoded, as: UTF8.self).contains("wanted"))
  }
}
