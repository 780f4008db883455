import Networks
import Testing

@testable import Oracle

@Suite("Judging prompts of one's own")
struct PromptCheckTests {
  @Test func workedExampleOfVerdicts() throws {
    try withFolder { path in
      let recipes = try #require(try? recipes("schedule") + recipes("optimiser"))
      try PromptFolder.write(recipes, to: path("prompts"))
      let prompts = try PromptFolder(reading: path("prompts"))
      try prompts.answer(with: PackageBackend(Float.self), to: path("answers"))
      let report = try prompts.check(ResponseFolder(reading: path("answers")))
      #expect(report.passed && report.count(.ok) == recipes.count && report.profile == .float32, "\(report)")
      // Float is not Double, and a folder of other prompts is stale.
      #expect(try !prompts.check(ResponseFolder(reading: path("answers")), profile: .float64).passed)
      try PromptFolder.write(Array(recipes.prefix(2)), to: path("fewer"))
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
}
