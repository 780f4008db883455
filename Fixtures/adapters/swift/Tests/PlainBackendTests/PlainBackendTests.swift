import Networks
import Oracle
import PlainBackend
import Testing

@Suite("The golden corpus")
struct PlainBackendTests {
  @Test func passesWhatItClaims() throws {
    let report = try Corpus().check(PlainBackend())
    #expect(report.passed, "\(report)")
  }

  /// One of the commonest mistakes of ports, the first velocity thrown away, does not pass.
  @Test func aWrongPortFails() throws {
    let report = try Corpus().check(Forgetful())
    #expect(!report.passed && report.failures.contains { $0.id == "optimiser/sgd-plain-velocity" }, "\(report)")
  }

  private struct Forgetful: CorpusBackend {
    let capability = PlainBackend().capability
    func answer(_ prompt: Prompt) throws -> [String: TensorValue] {
      var prompt = prompt
      prompt.inputs["velocity"] = nil
      return try PlainBackend().answer(prompt)
    }
  }
}
