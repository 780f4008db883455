import Files
import Commands
import Explain
import Networks
import TestSupport
import Testing

@testable import tsuc_oracle

@Suite("Mistakes in terms")
struct MistakesTests {
  private static let names = Explanation.all.map(\.name)

  private func run(_ words: String...) -> ProgramRun { programRun(["mistakes"] + words) }

  private func tables(_ name: String, _ example: Example = Example()) throws -> [NumberTable] {
    try TermMistakes.named(name).passages(example).compactMap { passage in
      if case .table(let table) = passage { table } else { nil }
    }
  }

  @Test func invariantEveryTermHasMistakes() throws {
    #expect(TermMistakes.all.map(\.term) == Self.names)
    for term in Explanation.all {
      for name in term.names { #expect(try TermMistakes.named(name).term == term.name, "\(name)") }
    }
  }

  @Test(arguments: names) func invariantMistakesChangeNumbers(name: String) throws {
    let tables = try tables(name)
    #expect(!tables.isEmpty)
    for table in tables {
      #expect(table.rows.count > 1 && table.rows[0].name == "right")
      for row in table.rows.dropFirst() { #expect(row.cells != table.rows[0].cells, "\(row.name)") }
    }
  }

  /// A number that somebody typed into a question would stand still when the inputs move.
  @Test(arguments: names) func invariantEveryNumberMovesWithTheInputs(name: String) throws {
    let (here, there) = (try tables(name), try tables(name, Example(nudge: 0.01)))
    #expect(here.map { $0.rows.map(\.name) } == there.map { $0.rows.map(\.name) })
    for (first, second) in zip(here.flatMap(\.rows), there.flatMap(\.rows)) {
      for (a, b) in zip(first.cells, second.cells) {
        switch a {
        // Whole numbers, such as an anchor or the 0 of a row without its own column, may stay.
        case .number(let value) where abs(value - value.rounded()) > 1e-12: #expect(a != b, "\(first)")
        case .word: #expect(a != b, "\(first)")
        case .none: Issue.record("nothing to look at: \(first)")
        default: break
        }
      }
    }
  }

  /// The mutants answer the question of the term's own example: what is right stands in the explanation too.
  @Test(arguments: names) func invariantRightIsWhatTheLibrarySays(name: String) throws {
    for example in [Example(), Example(nudge: 0.01)] {
      var library = try Explanation.named(name).work(example).flatMap(\.library)
      // L_assign of the same heads is told in the term of that name.
      if name == "stage2" { library += try Explanation.named("assign").work(example).flatMap(\.library) }
      // Of the query the explanation shows the scores, from which its class follows.
      if name == "knn" { library = [library[1] > library[0] ? 1 : 0] }
      for cell in try tables(name, example).flatMap({ $0.rows[0].cells }) {
        switch cell {
        case .number(let value): #expect(library.contains(value), "\(value)")
        case .whole(let value): #expect(library.contains(Double(value)), "\(value)")
        case .word(let value): #expect(library.contains(Double(value)), "\(value)")
        case .name, .none: Issue.record("no number")
        }
      }
    }
  }

  @Test(arguments: names) func workedExampleOfTheCommand(name: String) throws {
    let result = run(name)
    #expect(result.code == 0 && result.errors == "")
    #expect(result.output.hasPrefix("What porters get wrong") && result.output.hasSuffix("\n"))
    #expect("\n" + result.output == (try TermMistakes.named(name).lines()).joined(separator: "\n") + "\n")
    for line in result.output.split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
    #expect(result.output.unicodeScalars.allSatisfy { $0.value >= 32 || $0 == "\n" })
  }

  @Test func mistakesEndWithTwoAndOneSentence() {
    for words in [["no-such-term"], ["eq7"], [""], []] {
      let recorder = ConsoleRecorder()
      #expect(Main.run(["mistakes"] + words, on: recorder.console()) == 2, "\(words)")
      #expect(recorder.written == "" && recorder.noted.split(separator: "\n").count == 1, "\(words)")
    }
    #expect(run("no-such-term").errors.hasPrefix("tsuc: there is no term \"no-such-term\"; did you mean "))
  }

  /// Both programs are built together with these tests, and the first asks the second.
  @Test func workedExampleOfTheExplanation() throws {
    let term = try Explanation.named("cp")
    let outcome = try runProgram(["explain", "cp"])
    #expect(outcome.code == 0 && outcome.errors == "", "\(outcome)")
    #expect(outcome.output == term.text(mistakes: try TermMistakes.named("cp").lines()))
  }
}

extension Passage {
  /// Every number of the library's that stands in it.
  fileprivate var library: [Double] {
    switch self {
    case .agreement(let agreement): agreement.library
    case .gradient(let check): check.claimed.values
    default: []
    }
  }
}
