import Commands
import Foundation
import Kernels
import Networks
import TestSupport
import Testing

@testable import Explain

extension Explanation: CustomTestStringConvertible {
  /// The name.
  public var testDescription: String { name }

  /// The example a little aside, so that what is computed moves.
  static let nudged = Example(nudge: 0.01)
}

@Suite("Explanations of terms")
struct ExplainTests {
  // An image has two views, the rows of a batch of two images four.
  @Test func rowsAreNamedByViewAndImage() {
    #expect(
      SmallBank(Example()).rowNames == [
        "view 0 of image 0", "view 0 of image 2", "view 1 of image 0", "view 1 of image 2",
      ])
  }

  /// The sign of a loss or of a gradient, a lost factor or a changed index in the library: all show here.
  @Test(arguments: Explanation.all) func invariantWhatIsWorkedOutAgrees(term: Explanation) {
    #expect(term.disagreements() == [])
    #expect(term.disagreements(Explanation.nudged) == [])
    let checks = term.work(Example()).filter {
      switch $0 {
      case .agreement, .gradient: true
      default: false
      }
    }
    #expect(!checks.isEmpty)
  }

  @Test(arguments: Explanation.all) func invariantTextFitsAndStays(term: Explanation) {
    let text = term.text()
    #expect(term.text() == text)
    for line in text.split(separator: "\n") where line.count > 100 {
      Issue.record("\(line.count) columns: \(line)")
    }
    #expect(text.hasPrefix("\(term.name): ") && text.hasSuffix("\n") && !text.contains("DISAGREE"))
    for part in ["Formula", "Example", "Where to look"] {
      #expect(text.contains("\n\(part)"), "\(part)")
    }
    // No control characters: the text is the same on a terminal and in a file.
    #expect(text.unicodeScalars.allSatisfy { $0.value >= 32 || $0 == "\n" })
  }

  /// A number that somebody typed into a table would stand still when the inputs move.
  @Test(arguments: Explanation.all) func invariantEveryNumberMovesWithTheInputs(term: Explanation) {
    let (here, there) = (term.work(Example()), term.work(Explanation.nudged))
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

  // Inputs moved by as little as Double tells apart and as far as every constant stays what it is for: nothing that
  // is printed is infinite or no number, both sides agree, and the text stays within its columns.
  @Test(arguments: Explanation.all) func invariantMovedInputsGiveNumbers(term: Explanation) {
    for nudge in [1e-16, 1e-12, -1e-12, 1e-9, -1e-6, 1e-4, -1e-3, 0.005, -0.009, 0.01, 0.015] {
      let example = Example(nudge: nudge)
      #expect(term.disagreements(example) == [], "\(nudge)")
      for passage in term.work(example) {
        #expect(passage.numbers.allSatisfy { $0.isFinite }, "\(nudge): \(passage)")
      }
      let text = term.text(example)
      for line in text.split(separator: "\n") where line.count > 100 { Issue.record("\(nudge): \(line)") }
      let words = text.split { $0 == " " || $0 == "\n" || $0 == "," }
      #expect(!words.contains { ["nan", "-nan", "inf", "-inf"].contains($0) }, "\(nudge)")
    }
  }

  // What a user may type is a word. Whatever it is, it names a term or is refused in one sentence that names a term.
  @Test(arguments: [
    "", " ", "0", "-1", "1e-308", "1e308", "nan", "inf", "10.5", "eq", "eq10000000000000000000000", "(", "()", "–",
    "%s %d %n",
    "--", "cp=0.1", "τ", "\u{1F600}", "é\u{301}\u{301}", String(repeating: "x", count: 3000),
  ])
  func invariantAnyWordIsNamedOrRefused(word: String) {
    do {
      let term = try Explanation.named(word)
      #expect(term.names.contains { $0.contains(word.filter { $0.isLetter || $0.isNumber }) }, "\(word)")
    } catch {
      let text = error.message
      #expect(text.hasPrefix("there is no term \"\(word)\"; did you mean "), "\(text)")
      #expect(Explanation.all.flatMap(\.names).contains { text.contains(" \($0)") }, "\(text)")
    }
  }

  @Test(arguments: Explanation.all) func invariantSentencesHoldNoNumbers(term: Explanation) {
    for passage in term.work(Example()) {
      switch passage {
      case .prose(let text), .heading(let text):
        #expect(text.range(of: #"[0-9]\.[0-9]"#, options: .regularExpression) == nil, "\(text)")
        #expect(!text.contains("\n"), "\(text)")
      default: break
      }
    }
  }

  @Test(arguments: Explanation.all) func invariantPlacesExist(term: Explanation) throws {
    #expect(!term.references.sources.isEmpty && !term.references.tests.isEmpty && !term.references.golden.isEmpty)
    for (path, symbol) in term.references.sources {
      #expect(try PackageFiles.text(path).contains(symbol), "\(symbol) in \(path)")
    }
    for path in term.references.tests { #expect(PackageFiles.exists(path), "\(path)") }
    for id in term.references.golden { #expect(PackageFiles.cases.contains(id), "\(id)") }
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

  @Test func workedExampleOfNames() throws {
    for word in ["cp", "L_cp", "eq10", "10", "(10)", "Eq. 11", "equation 10", "Eq. 10–11"] {
      #expect(try Explanation.named(word).name == "cp", "\(word)")
    }
    #expect(
      throws: UsageError("there is no term \"hungarain\"; did you mean hungarian? \"tsuc explain\" lists all")
    ) { try Explanation.named("hungarain") }
  }

  /// What stands between the example and the places to look at, and nothing else.
  @Test func workedExampleOfMistakes() {
    let term = Explanation.batchLoss
    let mistakes = Passage.lines(of: [.heading("What porters get wrong"), .prose("Everything.")])
    #expect(mistakes == ["", "What porters get wrong", "  Everything."])
    let heading = "\nWhere to look\n"
    let parts = term.text(mistakes: mistakes).components(separatedBy: mistakes.joined(separator: "\n") + "\n" + heading)
    #expect(parts.count == 2 && parts.joined(separator: heading) == term.text())
  }

  @Test func invariantWrongNumbersDisagree() {
    let right = CrossCheck("L", [0.25], [0.25 + 1e-14], by: "f")
    #expect(
      right.holds
        && right.lines == ["L, computed above  0.250000000000", "L, by f            0.250000000000, they agree"])
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
