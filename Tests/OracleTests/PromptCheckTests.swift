import Files
import Networks
import Testing

@testable import Oracle

@Suite("Judging prompts of one's own")
struct PromptCheckTests {
  @Test func workedExampleOfVerdicts() throws {
    try withFolder { path in
      let casePrompts = try #require(try? corpusPrompts(in: "schedule", "optimiser"))
      try PromptFolder.write(casePrompts, to: path("prompts"))
      let prompts = try PromptFolder(reading: path("prompts"))
      try prompts.answer(with: PackageBackend(Float.self), to: path("answers"))
      var progress: [JudgingProgress] = []
      let report = try prompts.check(ResponseFolder(reading: path("answers"))) { progress.append($0) }
      #expect(progress.map(\.id) == prompts.ids && progress.map(\.number) == Array(1...casePrompts.count))
      #expect(progress.allSatisfy { $0.count == casePrompts.count && $0.calibrationRuns == nil })
      #expect(report.passed && report.count(.ok) == casePrompts.count && report.profile == .float32, "\(report)")
      // Float is not Double, and a folder of other prompts is stale.
      #expect(try !prompts.check(ResponseFolder(reading: path("answers")), profile: .float64).passed)
      try PromptFolder.write(Array(casePrompts.prefix(2)), to: path("fewer"))
      let fewer = try PromptFolder(reading: path("fewer"))
      #expect(try fewer.check(ResponseFolder(reading: path("answers"))).problems.count == 1)

      var answers: [String: [String: TensorValue]] = [:]
      for id in prompts.ids { answers[id] = try PackageBackend(Double.self).answer(prompts.prompt(id).prompt) }
      answers["optimiser/sgd-paper"] = answers["optimiser/sgd-paper"]?.mapValues { $0.map { $0 * 1.01 } }
      answers[prompts.ids[0]] = nil
      let claims = prompts.ids.filter { $0 != prompts.ids[1] }
      let capability = Capability(
        backend: "port", version: "0", scalar: "float64", corpus: try prompts.corpusHash() ?? "", claims: claims)
      try CorpusFiles.write(ResponseFolder.files(capability, answers, reals: .double), to: path("wrong"))
      let wrong = try prompts.check(ResponseFolder(reading: path("wrong")))
      #expect(wrong.problems.isEmpty && wrong.count(.missing) == 1 && wrong.count(.unsupported) == 1)
      #expect(wrong.failures.map(\.id).contains("optimiser/sgd-paper") && wrong.failures.count == 2)
      var unknown = capability
      unknown.scalar = "posit"
      try CorpusFiles.write(ResponseFolder.files(unknown, [:], reals: .double), to: path("unknown"))
      expectError("\"posit\" is no profile") { try prompts.check(ResponseFolder(reading: path("unknown"))) }
    }
  }

  // A rate that has fallen for 99,999 epochs is 0 by underflow, and so is its bound's reference: no judge may stop at that.
  // Allowed there is what Float loses below its smallest normal number, in Double's unit: 2⁻¹⁰² · 2⁻⁵³ = 2.2e-47. After 30
  // falls the rate is 3e-32, and the 66 roundings of its products still count.
  @Test(arguments: [
    (99_999, 0.0, true), (99_999, 2e-47, true), (99_999, 1e-40, false), (99_999, 0.03, false),
    (99_999, .infinity, false), (1280, 16 * 0x1p-53, true), (1280, 1000 * 0x1p-53, false),
  ])
  func workedExampleOfARateThatUnderflows(epoch: Int, error: Double, passes: Bool) throws {
    try withFolder { path in
      let prompt = Prompt(
        operation: "learning-rate",
        parameters: ["base": .number(0.03), "epochs": .array([.integer(epoch)]), "length": .integer(100_000)],
        inputs: [:])
      let right: Tensor<Double> = try Question(prompt).output("rates")
      #expect(epoch == 1280 ? abs(right.values[0] - 3e-32) < 1e-45 : right.values == [0])
      // Of itself, or absolute where it is 0.
      let answer = right.values[0] > 0 ? right.values[0] * (1 + error) : error
      let casePrompt = CasePrompt(area: "schedule", slug: "underflow", summary: "-", catches: ["-"], prompt: prompt)
      try PromptFolder.write([casePrompt], to: path("prompts"))
      let prompts = try PromptFolder(reading: path("prompts"))
      let capability = Capability(
        backend: "port", version: "0", scalar: "float64", corpus: try prompts.corpusHash() ?? "", claims: ["*"])
      let files = try ResponseFolder.files(
        capability, ["schedule/underflow": ["rates": reals([answer])]], reals: .double)
      try CorpusFiles.write(files, to: path("answers"))
      let report = try prompts.check(ResponseFolder(reading: path("answers")))
      #expect(report.passed == passes, "\(report)")
    }
  }

  private func reals(_ values: [Double]) -> TensorValue { .real(Tensor<Double>(shape: [values.count], values: values)) }

  // Near a kink a tensor's bound is calibrated before an answer outside it is called wrong: what lies between the first bound and
  // the calibrated one is right, what lies beyond both is not.
  @Test func workedExampleOfACalibratedBound() throws {
    let near = try MonteCarloScaleTests().prompts().near
    let operation = try #require(try Operations.named(near.operation) as? any TracedOperation)
    let margins = try operation.margins(near)
    let scales = try operation.scales(near, for: .float32, margins: margins)
    let calibrated = try #require(try operation.calibrated(scales, near, for: .float32, margins: margins))
    func widening(_ name: String) -> Double {
      zip(calibrated[name]?.values.values ?? [], scales[name]?.values.values ?? []).reduce(0) {
        $1.1 > 0 ? max($0, $1.0 / $1.1) : $0
      }
    }
    let name = try #require(scales.keys.sorted().max { widening($0) < widening($1) })
    let widest = widening(name)
    #expect(widest > 1.1)
    try withFolder { path in
      try PromptFolder.write(
        [CasePrompt(area: "step", slug: "near", summary: "a kink", catches: ["none"], prompt: near)], to: path("near"))
      let prompts = try PromptFolder(reading: path("near"))
      var runs: [Int?] = []
      func verdict(_ answer: String, moved bounds: Double) throws -> Verdict {
        runs = []
        var answers = try PackageBackend(Double.self).answer(near)
        guard case .real(var tensor)? = answers[name] else { throw OracleError("no \(name)") }
        let scale = try #require(scales[name]?.values.values)
        for i in scale.indices { tensor.values[i] += 0x1p-24 * bounds * scale[i] }
        answers[name] = .real(tensor)
        let capability = Capability(
          backend: "port", version: "0", scalar: "float32", corpus: try prompts.corpusHash() ?? "", claims: ["step"])
        try CorpusFiles.write(
          ResponseFolder.files(capability, ["step/near": answers], reals: .double), to: path(answer))
        return try prompts.check(ResponseFolder(reading: path(answer))) { runs.append($0.calibrationRuns) }.cases[0]
          .verdict
      }
      #expect(try verdict("inside", moved: 0.9) == .ok && runs == [nil])
      #expect(try verdict("wider", moved: widest.squareRoot()) == .ok && (2...65).contains(runs.count))
      #expect(try verdict("wrong", moved: 1.1 * widest) == .fail && runs == [nil] + (0..<64).map { $0 })
    }
  }
}
