import Commands
import Explain
import Foundation
import TestSupport
import Testing

@testable import tsuc

@Suite("tsuc explain")
struct ExplainCommandTests {
  private func run(_ words: String...) -> (code: Int32, output: String, errors: String) {
    let recorder = ConsoleRecorder()
    let code = Main.program.run(["explain"] + words, on: recorder.console())
    return (code, recorder.written, recorder.noted)
  }

  @Test func workedExampleOfTheCommand() throws {
    let list = run()
    #expect(list.code == 0 && list.errors == "")
    for term in Explanation.all {
      #expect(list.output.contains("\n  \(term.name) ") || list.output.hasPrefix("  \(term.name) "))
    }
    for line in list.output.split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
    let (cp, ue) = (run("cp").output, run("ue").output)
    for word in ["L_cp", "eq10", "10", "(10)", "Eq. 11", "equation 10", "Eq. 10–11"] {
      #expect(run(word).output == cp, "\(word)")
    }
    #expect(run("cp", "ue").output == cp + "\n\n" + ue)
  }

  /// The mistakes come from a program that need not be there; then a sentence says how to get it.
  @Test(arguments: Explanation.all.map(\.name)) func invariantMistakesStandBeforeThePlaces(name: String) throws {
    let (term, result) = (try Explanation.named(name), run(name))
    #expect(result.code == 0 && result.errors == "")
    let parts = result.output.components(separatedBy: "\nWhat porters get wrong")
    #expect(parts.count > 1)
    let heading = try #require(result.output.range(of: "\nWhere to look\n"))
    #expect(parts[0] + result.output[heading.lowerBound...] == term.text())
    for line in result.output.split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
    if OracleProgram.url == nil { #expect(result.output.contains(OracleProgram.advice)) }
  }

  @Test func mistakesEndWithTwoAndOneSentence() {
    #expect(
      run("hungarain").errors
        == "tsuc: there is no term \"hungarain\"; did you mean hungarian? \"tsuc explain\" lists all\n")
    for word in ["eq7", "", "  ", "\u{1F600}"] {
      let result = run(word)
      #expect(result.code == 2 && result.output == "" && result.errors.split(separator: "\n").count == 1, "\(word)")
    }
  }
}
