import Commands
import Foundation
import TestSupport
import Testing

@testable import Oracle
@testable import tsuc_oracle

@Suite("Folders with illegal prompts")
struct OracleFaultsTests {
  /// Three right prompts and two illegal ones.
  private func withPrompts(_ body: (_ folder: String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      var files: [String: [UInt8]] = [:]
      for (slug, rest) in [("a", "1"), ("b", "2"), ("c", "3"), ("early", "-1"), ("late", "200")] {
        let text =
          #"{"id":"x/\#(slug)","operation":"learning-rate","parameters":{"base":0.03,"epochs":[\#(rest)]}}"#
        files["cases/x/\(slug)/case.json"] = Array(text.utf8)
      }
      try CorpusFiles.write(files, to: "\(folder)/prompts")
      try body(folder)
    }
  }

  @Test func workedExampleOfKeepGoing() throws {
    try withPrompts { folder in
      let stopped = run("answer", "\(folder)/prompts", "--out", "\(folder)/none")
      #expect(stopped.code == 2 && !CorpusFiles.exists("\(folder)/none"))
      #expect(
        stopped.errors.contains("cases/x/early: ") && stopped.errors.contains("\n\(folder)/prompts/cases/x/late: "))
      let kept = run("answer", "\(folder)/prompts", "--out", "\(folder)/answers", "--keep-going")
      #expect(kept.code == 1, "\(kept)")
      #expect(kept.errors.contains("cases/x/early: ") && kept.errors.contains("cases/x/late: "))
      #expect(
        kept.errors.hasSuffix(
          "tsuc: 2 of 5 prompts were not answered; the answers to the other 3 are in \(folder)/answers\n"))
      let answers = try ResponseFolder(reading: "\(folder)/answers")
      #expect(try answers.ids() == ["x/a", "x/b", "x/c"])
      // What is not claimed is not judged.
      let judged = run("judge", "\(folder)/prompts", "\(folder)/answers")
      #expect(judged.code == 0 && judged.output.contains("3 of 5 cases passed, 0 failed, 2 unsupported"), "\(judged)")
    }
  }

  @Test func workedExampleOfAJudgeOfIllegalPrompts() throws {
    try withPrompts { folder in
      #expect(run("answer", "\(folder)/prompts", "--out", "\(folder)/answers", "--keep-going").code == 1)
      var files: [String: [UInt8]] = [:]
      let right = try CorpusFiles.read("\(folder)/answers/x/a.safetensors")
      for slug in ["a", "b", "c", "early", "late"] { files["x/\(slug).safetensors"] = right }
      files[Capability.name] = Capability(backend: "b", version: "", scalar: "float64", claims: ["x"]).encoded
      try CorpusFiles.write(files, to: "\(folder)/all")
      let judged = run("judge", "\(folder)/prompts", "\(folder)/all", "--json", "\(folder)/report.json")
      #expect(judged.code == 2, "\(judged)")
      #expect(
        judged.output.hasPrefix("illegal prompt: x/early: ") && judged.output.contains("\nillegal prompt: x/late: "))
      #expect(judged.output.contains("3 of 5 cases passed, 0 failed, 0 unsupported, 0 not run, 2 illegal prompts"))
      #expect(judged.errors.contains("2 of 5 prompts are illegal and were not judged; none of the others failed"))
      let report = try String(contentsOfFile: "\(folder)/report.json", encoding: .utf8)
      #expect(report.contains("\"illegal prompt\": 2") && report.contains("\"passed\": false"))
      // A wrong answer beside them is told as ever.
      files["x/b.safetensors"] = []
      try CorpusFiles.write(files, to: "\(folder)/wrong")
      let wrong = run("judge", "\(folder)/prompts", "\(folder)/wrong")
      #expect(wrong.code == 1 && wrong.output.contains("unreadable: x/b"), "\(wrong)")
    }
  }
}
