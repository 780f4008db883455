import Commands
import Foundation
import TestSupport
import Testing

@testable import tsuc_oracle

@Suite("tsuc oracle relations and relate")
struct OracleRelationsTests {
  @Test func workedExampleFromPromptsToTheVerdict() throws {
    try withTemporaryFolder { folder in
      let (prompts, answers) = ("\(folder)/prompts", "\(folder)/answers")
      let written = run("relations", "--out", prompts, "--sizes", "2,9", "--only", "product-transposition")
      #expect(written.code == 0 && written.errors == "tsuc: wrote 6 prompts to \(prompts)\n")
      #expect(run("answer", prompts, "--out", answers, "--scalar", "float").code == 0)
      let related = run("relate", prompts, answers, "--json", "\(folder)/report.json")
      #expect(related.code == 0 && related.errors == "", "\(related)")
      #expect(related.output.contains("2 of 2 cases passed"))
      let report = try String(contentsOfFile: "\(folder)/report.json", encoding: .utf8)
      #expect(report.contains("\"passed\": true") && report.contains("product-transposition/size-9"))
      try FileManager.default.removeItem(atPath: "\(answers)/product-transposition/size-9-stored.safetensors")
      let lacking = run("relate", prompts, answers)
      #expect(lacking.code == 1 && lacking.output.contains("there is no file product-transposition/size-9-stored"))
      #expect(
        lacking.errors
          == "tsuc: the answers did not pass: 1 of 2 cases failed, 0 other problems\n")
      let list = run("relations")
      #expect(list.code == 0 && list.output.contains("stage-one-view-swap: swapped views"))
      // Sizes that one relation does not reach are told, and refused where nothing is left.
      #expect(
        run("relations", "--out", "\(folder)/far", "--sizes", "2,3000", "--only", "softmax-row-sums").errors.contains(
          "left out, beyond their largest size: softmax-row-sums 3000"))
    }
  }

  @Test func mistakesEndWithTwoAndOneSentence() throws {
    try withTemporaryFolder { folder in
      let prompts = "\(folder)/prompts"
      #expect(run("relations", "--out", prompts, "--sizes", "2", "--only", "softmax-row-sums").code == 0)
      #expect(run("answer", prompts, "--out", "\(folder)/answers").code == 0)
      let cases: [([String], String)] = [
        (["relations", "--only", "softmax"], "there is no relation \"softmax\"; there are stage-one-view-swap"),
        (["relations", "--out", prompts], "exists already"), (["relations", "--sizes", "1"], "not \"1\""),
        (["relations", "--sizes", "2,,3"], "not \"2,,3\""),
        (["relations", "--sizes", "4,4"], "different whole numbers"),
        (
          ["relations", "--only", "softmax-row-sums", "--sizes", "4096", "--out", "\(folder)/x"],
          "no relation reaches so far"
        ),
        (["relate", prompts], "needs RESPONSES"),
        (["relate", "\(folder)/none", "\(folder)/answers"], "there is no folder"),
        (["relate", prompts, "\(folder)/none"], "there is no folder"),
        (["relate", prompts, prompts], "holds no capability.json"),
        (
          ["relate", prompts, "\(folder)/answers", "--profile", "half"],
          "there is no profile \"half\"; there are float64"
        ),
        (["relate", prompts, "\(folder)/answers", "--json", prompts], "exists already"),
        (["relate", prompts, "\(folder)/answers", "--json", "/proc/x"], "/proc/x cannot be written"),
      ]
      for (words, part) in cases {
        let recorder = ConsoleRecorder()
        let code = Main.run(words, on: recorder.console())
        #expect(code == 2 && recorder.noted.contains(part), "\(words): \(code) \(recorder.noted)")
        #expect(recorder.noted.split(separator: "\n").count == 1, "\(words)")
      }
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/x"))
    }
  }
}
