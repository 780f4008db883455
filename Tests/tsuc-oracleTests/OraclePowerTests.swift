import Commands
import TestSupport
import Testing

@testable import Oracle
@testable import tsuc_oracle

@Suite("Oracle power")
struct OraclePowerTests {
  private func run(_ words: String...) -> ProgramRun { programRun(["power"] + words) }

  @Test func workedExampleOfACase() {
    let found = run("--case", "optimiser/sgd-paper")
    #expect(found.code == 0)
    #expect(found.output.contains("sgd.rate-inside-velocity"))
    #expect(found.output.hasSuffix("pairs of a mutant and a case with different answers\n"))
  }

  @Test func workedExampleOfAnArea() {
    let found = run("--area", "schedule", "--mutant", "schedule")
    #expect(found.code == 0 && found.output.contains("schedule.first-drop-at-80"))
    #expect(!found.output.contains("sgd."))
  }

  @Test(arguments: [["--mutant", "sgd.nothing"], ["--case", "no/case"], ["--area", "nowhere"], ["--out", "/"]])
  func wrongNamesAreSentences(arguments: [String]) {
    let recorder = ConsoleRecorder()
    #expect(Main.run(["power"] + arguments, on: recorder.console()) == 2)
    #expect(recorder.noted.split(separator: "\n").count == 1)
  }
}
