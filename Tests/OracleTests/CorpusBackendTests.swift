import Networks
import Testing

@testable import Oracle

@Suite("Backends")
struct CorpusBackendTests {
  /// A backend that is right in the area rng, wrong in one sign, and fails elsewhere.
  private struct Port: CorpusBackend {
    var capability: Capability {
      Capability(backend: "port", version: "0", scalar: "float32", claims: ["rng", "optimiser/sgd-paper", "schedule"])
    }

    func answer(_ prompt: Prompt) throws -> [String: TensorValue] {
      var answers = try PackageBackend(Float.self).answer(prompt)
      if prompt.operation == "anchor-count" { throw OracleError("not written yet") }
      if case .real(let tensor)? = answers["velocities"] {
        answers["velocities"] = .real(Tensor<Double>(shape: tensor.shape, values: tensor.values.map { -$0 }))
      }
      return answers
    }
  }

  @Test func workedExampleOfAPort() throws {
    try withFolder { path in
      let corpus = try DraftCorpus.make(at: path("v1"))
      let report = try corpus.check(Port())
      #expect(!report.passed && report.problems.isEmpty)
      #expect(
        report.failures.map(\.id)
          == corpus.manifest.cases.filter { $0 == "optimiser/sgd-paper" || $0.contains("anchor") })
      #expect(report.cases.first { $0.id == "optimiser/sgd-paper" }?.tensors.map(\.verdict) == [.ok, .fail])
      #expect(report.description.contains("missing: schedule/anchor-count-odd: the backend failed: not written yet"))
      #expect(try corpus.check(Port(), area: "rng").passed)
    }
  }

  @Test func ownAnswersPass() throws {
    try withFolder { path in
      let corpus = try DraftCorpus.make(at: path("v1"))
      for backend in [PackageBackend(Double.self), PackageBackend(Float.self)] {
        let report = try corpus.check(backend)
        let all = try DraftCorpus.prompts.get().count
        #expect(report.passed && report.count(.ok) == all && report.profile == backend.profile, "\(report)")
      }
    }
  }
}
