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
      #expect(failed.errors == "tsuc: the answers did not pass: 1 of 20 cases failed, 0 other problems\n")
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

  /// The program tsuc in a folder of its own, where the second program is not, or is another.
  private func withLoneProgram(_ body: (_ program: String, _ second: String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try FileManager.default.copyItem(atPath: try programURL().path, toPath: "\(folder)/tsuc")
      try body("\(folder)/tsuc", "\(folder)/tsuc-oracle")
    }
  }

  @Test func workedExampleWithoutTheSecondProgram() throws {
    try withLoneProgram { program, _ in
      expectComplaint(
        try runProgram(["oracle", "list"], copy: program), code: 1, containing: "swift build", "--product tsuc-oracle")
      let explained = try runProgram(["explain", "cp"], copy: program)
      #expect(explained.code == 0 && explained.errors == "", "\(explained)")
      #expect(
        explained.output.contains("What porters get wrong\n") && explained.output.contains("--product tsuc-oracle"))
    }
  }

  /// Words, streams, exit codes and signals go through; a second program of another version is not taken for a missing one.
  @Test func workedExampleOfAnotherSecondProgram() throws {
    try withLoneProgram { program, second in
      let script = """
        #!/bin/sh
        case "$1" in
          list) echo "out: $*"; echo "err: $*" >&2; exit 3 ;;
          power) kill -KILL $$ ;;
          *) exit 2 ;;
        esac
        """
      try script.write(toFile: second, atomically: true, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: second)
      let listed = try runProgram(["oracle", "list", "--area", "a b"], copy: program)
      #expect(listed.code == 3 && !listed.wasStopped)
      #expect(listed.output == "out: list --area a b\n" && listed.errors == "err: list --area a b\n")
      #expect(try runProgram(["oracle", "power"], copy: program).code == 128 + SIGKILL)
      let explained = try runProgram(["explain", "cp"], copy: program)
      expectComplaint(explained, code: 1, containing: second, "another version", "swift build")
    }
  }
}
