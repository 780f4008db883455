import Foundation
import TestSupport
import Testing

@testable import tsuc_oracle

@Suite("tsuc oracle converge")
struct OracleConvergeTests {
  /// A folder with the runs of some seeds, "0" to "23", each with its history.csv.
  private func withRuns(_ body: (_ folder: String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      for seed in 0..<24 as Range<UInt64> { try write(SyntheticRun(seed: seed), "\(folder)/\(seed)") }
      try body(folder)
    }
  }

  private func write(_ run: SyntheticRun, _ folder: String, without columns: Set<String> = []) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    try run.csv(without: columns).write(toFile: "\(folder)/history.csv", atomically: true, encoding: .utf8)
  }

  @Test func workedExampleFromRunsToTheVerdict() throws {
    try withRuns { folder in
      let bands = "\(folder)/bands.json"
      let stored = (0..<20).map { "\(folder)/\($0)" }
      let measured = programRun(["converge"] + stored + ["--measure", bands, "--recipe", "small"])
      #expect(measured.code == 0 && measured.output.hasPrefix("20 runs"), "\(measured)")
      #expect(measured.output.contains("\nL_and of stage 1, round 0, epoch 0  "))
      let inside = run("converge", "\(folder)/20", "\(folder)/21", "\(folder)/22", "--bands", bands)
      #expect(inside.code == 0 && inside.errors == "" && inside.output.contains("\nINSIDE: "), "\(inside)")
      try write(SyntheticRun(seed: 30).adding(3, to: "L_and", in: 4...5), "\(folder)/wrong")
      let json = "\(folder)/report.json"
      let outside = run("converge", "\(folder)/wrong", "\(folder)/20", "--bands", bands, "--json", json)
      #expect(
        outside.code == 1 && outside.output.contains("L_and of stage 1, round 1 lies above the band"), "\(outside)")
      #expect(outside.errors == "tsuc: the 2 runs do not converge as the stored ones do (p = 0.0052)\n", "\(outside)")
      #expect(try String(contentsOfFile: json, encoding: .utf8).contains("\"passed\": false"))
      let alone = run("converge", "\(folder)/wrong/history.csv", "--bands", bands)
      #expect(alone.code == 1 && alone.errors.hasPrefix("tsuc: the run does not converge"), "\(alone)")
    }
  }

  @Test func mistakesEndWithTwoAndOneSentence() throws {
    try withRuns { folder in
      let bands = "\(folder)/bands.json"
      #expect(programRun(["converge"] + (0..<20).map { "\(folder)/\($0)" } + ["--measure", bands]).code == 0)
      let histories: [(name: String, text: String)] = [
        ("empty", ""), ("header", "stage,round,epoch,total\n"), ("words", "stage,round,epoch,total\n1,0,0,high\n"),
        ("nan", SyntheticRun(seed: 9).csv().replacing("0.03,", with: "nan,", maxReplacements: 1)),
        ("short", SyntheticRun(seed: 9).csv().split(separator: "\n").dropLast().joined(separator: "\n")),
      ]
      for (name, text) in histories {
        try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: false)
        try text.write(toFile: "\(folder)/\(name)/history.csv", atomically: true, encoding: .utf8)
      }
      try write(SyntheticRun(seed: 40), "\(folder)/few", without: ["L_ue"])
      let cases: [([String], String)] = [
        ([], "needs RUN..."), (["\(folder)/none"], "does not exist"), (["/tmp"], "history.csv does not exist"),
        (["\(folder)/empty"], "must begin with"), (["\(folder)/header"], "holds no epoch"),
        (["\(folder)/words"], "line 2"), (["\(folder)/nan"], "is nan"), (["\(folder)/short"], "epoch 3 is missing"),
        (["\(folder)/few"], "lacks the column \"L_ue\""), (["\(folder)/3"], "is the stored run 3 itself"),
        (["\(folder)/20", "\(folder)/20"], "are the same run"),
        (["\(folder)/20", "--json", bands], "exists already"),
        (["\(folder)/20", "--measure", bands], "exists already"),
        (["\(folder)/20", "--measure", "\(folder)/b"], "at least 20 runs, not 1"),
      ]
      for (words, part) in cases {
        let (code, output, errors) = programRun(["converge"] + words + ["--bands", bands])
        #expect(code == 2 && errors.contains(part) && output == "", "\(words): \(code) \(errors)")
        #expect(errors.split(separator: "\n").count == 1 && errors.count <= 300 + 3 * folder.count, "\(words)")
      }
      // The package's own bands are of another recipe.
      let other = run("converge", "\(folder)/20")
      #expect(other.code == 2 && other.errors.contains("has 10 epochs and recipe digits 90"), "\(other)")
      for file in ["\(folder)/none.json", "\(folder)/20/history.csv"] {
        let wrong = run("converge", "\(folder)/20", "--bands", file)
        #expect(wrong.code == 2 && wrong.errors.contains(file), "\(wrong)")
      }
    }
  }
}
