import Commands
import Foundation
import TestSupport
import Testing

@testable import Oracle
@testable import tsuc_oracle

@Suite("tsuc oracle ask")
struct OracleAskTests {
  @Test func workedExampleOfACase() throws {
    try withTemporaryFolder { folder in
      let asked = run("ask", "op/l2-normalisation-embedding", "--out", "\(folder)/asked")
      #expect(asked.code == 0 && asked.errors == "tsuc: wrote 1 prompt to \(folder)/asked\n", "\(asked)")
      #expect(
        asked.output == """
          op/l2-normalisation-embedding
            norms (rows): ‖x_a‖ = √(Σ_j x_aj²)
            along (rows): ⟨y_a, g_a⟩

          """, "\(asked.output)")
      let file = "\(folder)/asked/cases/op/l2-normalisation-embedding/case.json"
      let written = try String(contentsOfFile: file, encoding: .utf8)
      #expect(written.contains("\"wanted\""))
      let again = run("ask", "op/l2-normalisation-embedding", "--out", "\(folder)/asked")
      #expect(again.code == 2 && again.errors.contains("exists already and is not overwritten"))
    }
  }

  // Wrong answers without a tensor on the way: the command asks for what the report asks for, and only lists it without --out.
  @Test func workedExampleOfAnswers() throws {
    let corpus = try Corpus()
    let id = "op/l2-normalisation-embedding"
    let item = try corpus.load(id)
    func answers(times factor: Double, to path: String) throws {
      let outputs = item.expected.mapValues { value -> TensorValue in
        if case .real(let tensor) = value { .real(tensor.mapped { factor * $1 }) } else { value }
      }
      let capability = Capability(
        backend: "port", version: "1", scalar: "float64", corpus: corpus.manifest.hash, claims: [id])
      try CorpusFiles.write(
        [Capability.name: capability.encoded, "\(id).safetensors": TensorFile.encoded(outputs, reals: .double)],
        to: path)
    }
    try withTemporaryFolder { folder in
      try answers(times: 2, to: "\(folder)/wrong")
      let asked = run("ask", "\(folder)/wrong")
      #expect(asked.code == 0 && asked.output.hasPrefix("\(id)\n  norms (rows): "), "\(asked)")
      try answers(times: 1, to: "\(folder)/right")
      let nothing = run("ask", "\(folder)/right", "--out", "\(folder)/asked")
      #expect(nothing.code == 1 && nothing.errors.contains("nothing is left to ask"), "\(nothing)")
      #expect(!CorpusFiles.exists("\(folder)/asked"))
    }
  }

  @Test func unknownNamesAreRefused() {
    let unknown = run("ask", "op/l2-normalisation-embeding")
    #expect(unknown.code == 2 && unknown.errors.contains("did you mean op/l2-normalisation-embedding"), "\(unknown)")
    let whole = run("ask", "rng/initial-encoder-plain")
    #expect(whole.code == 2 && whole.errors.contains("no tensors between its inputs and its outputs"), "\(whole)")
  }
}
