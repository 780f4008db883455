import Commands
import Foundation
import TestSupport
import Testing

@testable import tsuc_oracle

@Suite("tsuc oracle digests")
struct OracleDigestsTests {
  private func run(_ words: String...) -> ProgramRun { programRun(["digests"] + words) }

  @Test func workedExampleFromAFileToTheVerdict() throws {
    try withTemporaryFolder { folder in
      let own = run("--only", "shuffles", "--draws", "100")
      #expect(own.code == 0 && own.errors == "", "\(own)")
      #expect(own.output.contains("  shuffles 100  ok\nPASSED: 1 digests"), "\(own)")
      let written = run("--only", "shuffles", "--draws", "100", "--write", "\(folder)/port.json")
      #expect(written.code == 0 && written.output.hasSuffix("  shuffles 100\n"))
      #expect(run("--only", "shuffles", "--draws", "100", "--check", "\(folder)/port.json").code == 0)
      // What the port has not computed has not passed.
      let less = run("--only", "shuffles", "--check", "\(folder)/port.json")
      #expect(less.code == 1 && less.output.contains("shuffles 10000  missing"))
      #expect(less.errors == "tsuc: 1 of 2 digests are not those of \(folder)/port.json\n")
      let text = try String(contentsOfFile: "\(folder)/port.json", encoding: .utf8)
      let hash = try #require(text.firstMatch(of: /[0-9a-f]{64}/)).output
      try text.replacing(hash, with: String(hash.reversed()))
        .write(toFile: "\(folder)/wrong.json", atomically: true, encoding: .utf8)
      let wrong = run("--only", "shuffles", "--draws", "100", "--check", "\(folder)/wrong.json")
      #expect(wrong.code == 1 && wrong.output.contains("  shuffles 100  differs: \(String(hash.reversed()))"))
    }
  }

  @Test func mistakesEndWithTwoAndOneSentence() throws {
    try withTemporaryFolder { folder in
      try "{}".write(toFile: "\(folder)/empty.json", atomically: true, encoding: .utf8)
      let cases: [([String], String)] = [
        (["--only", "shuffle"], "there is no digest \"shuffle\"; there are philox-words"),
        (["--draws", "1000"], "takes 100, 10000 or 1000000, not \"1000\""), (["--draws", "ten"], "not \"ten\""),
        (["--check", "\(folder)/none.json"], "does not exist"), (["--check", folder], "cannot be read"),
        (["--check", "\(folder)/empty.json"], "lacks \"version\""),
        (["--write", "\(folder)/empty.json"], "exists already and is not overwritten"),
        (["--only", "permutation", "--draws", "100", "--write", "/proc/x"], "/proc/x cannot be written"),
        (["x"], "does not understand"), (["--threads", "0"], "from 1 to 4096"),
      ]
      for (words, part) in cases {
        let recorder = ConsoleRecorder()
        let code = Main.run(["digests"] + words, on: recorder.console())
        #expect(code == 2 && recorder.noted.contains(part), "\(words): \(code) \(recorder.noted)")
        #expect(recorder.noted.split(separator: "\n").count == 1, "\(words)")
      }
      #expect(try String(contentsOfFile: "\(folder)/empty.json", encoding: .utf8) == "{}")
    }
  }
}
