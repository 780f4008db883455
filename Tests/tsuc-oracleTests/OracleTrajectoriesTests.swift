import Commands
import Foundation
import TestSupport
import Testing

@testable import tsuc_oracle

@Suite("tsuc oracle trajectories and judge")
struct OracleTrajectoriesTests {
  @Test func workedExampleFromStatesToTheVerdict() throws {
    try withTemporaryFolder { folder in
      let table = run("trajectories")
      #expect(table.code == 0 && table.output.contains("stage-one-steady, 100 steps"))
      #expect(table.output.contains("horizon: Float 100, Double 100"))
      let (prompts, answers) = ("\(folder)/prompts", "\(folder)/answers")
      let written = run("trajectories", "--only", "stage-two-steady", "--out", prompts)
      #expect(written.code == 0 && written.errors == "tsuc: wrote 3 prompts to \(prompts)\n")
      #expect(run("answer", prompts, "--out", answers, "--scalar", "float").code == 0)
      let judged = run("judge", prompts, answers, "--json", "\(folder)/report.json")
      #expect(judged.code == 0 && judged.output.contains("3 of 3 cases passed"), "\(judged)")
      #expect(try String(contentsOfFile: "\(folder)/report.json", encoding: .utf8).contains("\"passed\": true"))
      // A terminal is told which prompt is being judged, in one line that is gone afterwards; a file is not bothered.
      #expect(judged.errors == "")
      let terminal = ConsoleRecorder()
      #expect(Main.run(["judge", prompts, answers], on: terminal.console(isTerminal: true)) == 0)
      #expect(terminal.noted.contains("\r\u{1B}[Kjudging step/stage-two-steady-after-50, 2 of 3\r\u{1B}[K"))
      #expect(terminal.noted.hasSuffix(", 3 of 3\r\u{1B}[K"))
      try FileManager.default.removeItem(atPath: "\(answers)/step/stage-two-steady-after-50.safetensors")
      let lacking = run("judge", prompts, answers)
      #expect(lacking.code == 1 && lacking.errors.contains("1 of 3 cases failed"))
    }
  }

  @Test func mistakesEndWithTwoAndOneSentence() throws {
    try withTemporaryFolder { folder in
      let cases: [([String], String)] = [
        (["trajectories", "--only", "free"], "there is no trajectory \"free\"; there are stage-one-steady"),
        (["trajectories", "--out", folder], "exists already"), (["trajectories", "--write", folder], "exists already"),
        (["trajectories", "--threads", "x"], "from 1 to 4096"), (["judge", folder], "needs RESPONSES"),
        (["judge", folder, folder], "there is no folder \(folder)/cases"),
        (["judge", folder, folder, "--profile", "half"], "there is no profile \"half\"; there are float64"),
        (["judge", folder, folder, "--json", folder], "exists already"),
      ]
      for (words, part) in cases {
        let recorder = ConsoleRecorder()
        let code = Main.run(words, on: recorder.console())
        #expect(code == 2 && recorder.noted.contains(part), "\(words): \(code) \(recorder.noted)")
        #expect(recorder.noted.split(separator: "\n").count == 1, "\(words)")
      }
    }
  }
}
