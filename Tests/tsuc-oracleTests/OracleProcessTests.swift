// The checker as a process: its exit code is what a script of continuous integration sees.
import Commands
import Foundation
import TestSupport
import Testing

@testable import tsuc_oracle

@Suite("The program as a process: the corpus")
struct OracleProcessTests {
  @Test func workedExampleOfTheExitCodes() throws {
    try withTemporaryFolder { folder in
      #expect(
        try runProgram(["oracle", "freeze", "--draft", "--area", "schedule", "--out", "v1", "."], in: folder).code == 2)
      try #"{"backend":"nobody","version":"0","scalar":"float64","claims":["schedule"]}"#
        .write(toFile: "\(folder)/capability.json", atomically: true, encoding: .utf8)
      let frozen = try runProgram(
        ["oracle", "freeze", "--draft", "--area", "schedule", "--out", "v1", "."], in: folder)
      #expect(frozen.code == 0, "\(frozen)")
      let answered = try runProgram(["oracle", "answer", "v1", "--out", "answers"], in: folder)
      #expect(answered.code == 0, "\(answered)")
      let passed = try runProgram(["oracle", "check", "answers", "--corpus", "v1"], in: folder)
      #expect(passed.code == 0 && passed.output.contains("PASSED"), "\(passed)")
      // Truncated, the file is unreadable; the report is the output, and one sentence the complaint.
      let file = "\(folder)/answers/schedule/anchor-count-odd.safetensors"
      try Data(contentsOf: URL(fileURLWithPath: file)).dropLast(1).write(to: URL(fileURLWithPath: file))
      let failed = try runProgram(["oracle", "check", "answers", "--corpus", "v1"], in: folder)
      #expect(failed.code == 1 && !failed.wasStopped && failed.output.contains("unreadable: schedule/anchor-count-odd"))
      #expect(failed.errors == "tsuc: the answers did not pass: 1 of 15 cases failed, 0 other problems\n")
      expectComplaint(
        try runProgram(["oracle", "check", "answers", "--corpus", "answers"], in: folder), code: 2,
        containing: "no corpus")
      // A changed corpus judges nobody.
      try Data([1]).write(to: URL(fileURLWithPath: "\(folder)/v1/cases/schedule/anchor-count-odd/expected.safetensors"))
      expectComplaint(
        try runProgram(["oracle", "check", "answers", "--corpus", "v1"], in: folder), code: 2, containing: "was changed"
      )
      expectComplaint(
        try runProgram(["oracle", "answer", "v1", "--out", "/dev/null/x"], in: folder), code: 2,
        containing: "cannot be written")
    }
  }
}
