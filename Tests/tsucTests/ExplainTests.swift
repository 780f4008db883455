import Foundation
import Kernels
import Networks
import Testing

@testable import tsuc

extension Explanation: CustomTestStringConvertible {
  /// The name.
  public var testDescription: String { name }
}

@Suite("tsuc explain")
struct ExplainTests {
  private func run(_ words: String...) -> (code: Int32, output: String, errors: String) {
    let recorder = Recorder()
    let code = Program.run(["explain"] + words, on: recorder.console())
    return (code, recorder.written, recorder.noted)
  }

  /// The sign of a loss or of a gradient, a lost factor or a changed index in the library: all show here.
  @Test(arguments: Explanation.all) func invariantWhatIsWorkedOutAgrees(term: Explanation) throws {
    #expect(try term.disagreements() == [])
    #expect(try term.disagreements(Explanation.nudged) == [])
    let checks = try term.work(Example()).filter {
      switch $0 {
      case .agreement, .gradient: true
      default: false
      }
    }
    #expect(!checks.isEmpty)
  }

  @Test(arguments: Explanation.all) func invariantTextFitsAndStays(term: Explanation) throws {
    let text = try term.text()
    #expect(try term.text() == text)
    for line in text.split(separator: "\n") where line.count > 100 {
      Issue.record("\(line.count) columns: \(line)")
    }
    #expect(text.hasPrefix("\(term.name): ") && text.hasSuffix("\n") && !text.contains("DISAGREE"))
    for part in ["Formula", "Example", "What porters get wrong", "Where to look"] {
      #expect(text.contains("\n\(part)"), "\(part)")
    }
    // No control characters: the text is the same on a terminal and in a file.
    #expect(text.unicodeScalars.allSatisfy { $0.value >= 32 || $0 == "\n" })
  }

  /// A number that somebody typed into a table would stand still when the inputs move.
  @Test(arguments: Explanation.all) func invariantEveryNumberMovesWithTheInputs(term: Explanation) throws {
    let (here, there) = (try term.work(Example()), try term.work(Explanation.nudged))
    #expect(here.count == there.count)
    var moved = 0
    for (first, second) in zip(here, there) {
      let (one, two) = (first.numbers, second.numbers)
      // A view that fits at its first try has a shorter table.
      #expect(one.isEmpty == two.isEmpty, "\(first)")
      for (a, b) in zip(one, two) {
        // Whole numbers, as 0 in an own column or 1 as the length of a unit row, may stay.
        if abs(a - a.rounded()) < 1e-12 && abs(a) < 65536 { continue }
        #expect(a != b, "\(a) in \(first)")
        moved += 1
      }
    }
    #expect(moved > 0)
  }

  @Test(arguments: Explanation.all) func invariantSentencesHoldNoNumbers(term: Explanation) throws {
    for passage in try term.work(Example()) {
      switch passage {
      case .prose(let text), .heading(let text):
        #expect(text.range(of: #"[0-9]\.[0-9]"#, options: .regularExpression) == nil, "\(text)")
        #expect(!text.contains("\n"), "\(text)")
      default: break
      }
    }
  }

  @Test(arguments: Explanation.all) func invariantMistakesChangeNumbers(term: Explanation) throws {
    var tables = 0
    for case .table(let table) in try term.work(Example()) where table.rows.first?.name == "right" {
      for row in table.rows.dropFirst() { #expect(row.cells != table.rows[0].cells, "\(row.name)") }
      tables += 1
    }
    #expect(tables > 0)
  }

  @Test(arguments: Explanation.all) func invariantPlacesExist(term: Explanation) throws {
    #expect(!term.places.sources.isEmpty && !term.places.tests.isEmpty && !term.places.golden.isEmpty)
    for (path, symbol) in term.places.sources {
      #expect(try PackageFiles.text(path).contains(symbol), "\(symbol) in \(path)")
    }
    for path in term.places.tests { #expect(PackageFiles.exists(path), "\(path)") }
    for id in term.places.golden { #expect(PackageFiles.cases.contains(id), "\(id)") }
  }

  @Test func invariantNamesAreUnique() {
    let names = Explanation.all.flatMap(\.names).map { $0.lowercased() }
    #expect(Set(names).count == names.count)
    let wanted = [
      "and", "ue", "aug", "cp", "assign", "mi", "bank", "norm-fc", "anchors", "knn", "hungarian", "sgd", "bn",
      "schedule",
      "w", "stage1", "stage2", "views", "philox",
    ]
    #expect(Set(wanted).isSubset(of: Explanation.all.map(\.name)))
    // Reached by name, whatever stands before it in the list.
    for term in Explanation.all {
      for name in term.names { #expect(try! Explanation.named(name).name == term.name, "\(name)") }
    }
  }

  @Test func workedExampleOfTheCommand() throws {
    let list = run()
    #expect(list.code == 0 && list.errors == "")
    for term in Explanation.all {
      #expect(list.output.contains("\n  \(term.name) ") || list.output.hasPrefix("  \(term.name) "))
    }
    for line in list.output.split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
    let text = try Explanation.batchLoss.text()
    for word in ["cp", "L_cp", "eq10", "10", "(10)", "Eq. 11", "equation 10", "Eq. 10–11"] {
      #expect(run(word).output == text, "\(word)")
    }
    #expect(run("cp", "ue").output == text + "\n\n" + (try Explanation.entropy.text()))
  }

  @Test func mistakesEndWithTwoAndOneSentence() {
    #expect(
      run("hungarain").errors
        == "tsuc: there is no term \"hungarain\"; did you mean hungarian? \"tsuc explain\" lists all\n")
    for word in ["eq7", "", "  ", "--", "\u{1F600}"] where word != "--" {
      let result = run(word)
      #expect(result.code == 2 && result.output == "" && result.errors.split(separator: "\n").count == 1, "\(word)")
    }
  }

  @Test func invariantWrongNumbersDisagree() {
    let right = CrossCheck("L", [0.25], [0.25 + 1e-14], by: "f")
    #expect(
      right.holds
        && right.lines == ["L, worked out above  0.250000000000", "L, by f              0.250000000000, they agree"])
    for wrong in [[-0.25], [0.25 + 1e-11], [0.25, 0.25], [], [.nan]] {
      let agreement = CrossCheck("L", wrong, [0.25], by: "f")
      #expect(!agreement.holds && agreement.lines.contains { $0.contains("THEY DISAGREE") }, "\(wrong)")
    }
    // f = x³ / 3 at 2 has the slope 4.
    let point = Tensor<Double>(rows: [[2]])
    for (slope, holds) in [(4.0, true), (-4, false), (4 + 1e-5, false), (.nan, false), (8, false)] {
      let check = GradientCheck("f'", Tensor(rows: [[slope]]), at: point, names: ["x"], columns: ["x"]) {
        $0.values[0] * $0.values[0] * $0.values[0] / 3
      }
      #expect(check.holds == holds, "\(slope)")
      #expect(check.lines.contains { $0.contains("THEY DISAGREE") } == !holds)
    }
  }
}

extension Passage {
  /// Every real number that it prints.
  fileprivate var numbers: [Double] {
    switch self {
    case .heading, .prose, .formula, .quotation: []
    case .constants(let constants): constants.map(\.value)
    case .table(let table):
      table.rows.flatMap(\.cells).compactMap { cell in
        switch cell {
        case .number(let value): value
        case .word(let word): Double(word)
        default: nil
        }
      }
    case .agreement(let agreement): agreement.worked + agreement.library
    case .gradient(let check): check.claimed.values + check.measured.values.map { abs($0) < 1e-7 ? 0 : $0 }
    }
  }
}
