// `tsuc explain TERM`: what an explanation consists of, and how it becomes text.
//
//     name, title ─▶ passages (prose, formulas, tables, agreements, gradient checks) ─▶ places: file, test, golden case
//
// No number of a table is typed in: the inputs of an example are a few short decimals, and everything else is computed
// step by step as it is printed and then held against the library's own result.
// Tests    ExplainTests/ExplainTests.swift
import Commands
import Kernels
import Networks

/// One term of the method, explained on a tiny example.
package struct Explanation: Sendable {
  /// What it is asked for by: a short word.
  package let name: String
  /// Other names: the paper's symbols and equation numbers.
  package let aliases: [String]
  /// What it is, in a few words.
  package let title: String
  /// Where to read on.
  let references: References
  /// Works the example out.
  package let work: @Sendable (Example) -> [Passage]

  /// The files of a term and the golden cases to compare a port with.
  struct References: Sendable {
    /// Paths of sources with the symbol that each is about.
    let sources: [(path: String, symbol: String)]
    /// Paths of tests.
    let tests: [String]
    /// Cases of the corpus.
    let golden: [String]
  }

  /// The whole text, with lines about mistakes before those that say where to look.
  package func text(_ example: Example = Example(), mistakes: [String] = []) -> String {
    let lines = ["\(name): \(title)", ""] + Passage.lines(of: work(example)) + mistakes + placeLines
    return lines.joined(separator: "\n") + "\n"
  }

  /// What does not agree in the example: none, unless the library or the explanation is wrong.
  package func disagreements(_ example: Example = Example()) -> [String] {
    work(example).compactMap { passage in
      switch passage {
      case .agreement(let agreement) where !agreement.holds: "\(name): \(agreement.what)"
      case .gradient(let check) where !check.holds: "\(name): \(check.what)"
      default: nil
      }
    }
  }

  private var placeLines: [String] {
    var lines = ["", "Where to look"]
    func add(_ title: String, _ entries: [String]) {
      for (index, entry) in entries.enumerated() {
        lines.append("  " + (index == 0 ? title : "").filled(to: 9) + entry)
      }
    }
    add("also", aliases.isEmpty ? [] : [aliases.joined(separator: ", ")])
    add("code", references.sources.map { "\($0.path)  \($0.symbol)" })
    add("test", references.tests)
    add("golden", references.golden.map { "tsuc oracle explain \($0)" })
    return lines
  }
}

/// The inputs of an example; moved a little by tests, which see every number that is really computed move along.
package struct Example: Sendable {
  /// How far inputs are moved: 0 in what is printed.
  let nudge: Double

  /// The inputs of what is printed, or those moved by about `nudge`.
  package init(nudge: Double = 0) { self.nudge = nudge }

  /// A constant such as a temperature.
  func constant(_ value: Double) -> Double { value + nudge }

  /// A whole number such as a seed.
  func whole(_ value: Int) -> Int { value + Int(nudge * 100) }

  /// Rows of inputs.
  func rows(_ rows: [[Double]]) -> [[Double]] {
    rows.enumerated().map { i, row in row.enumerated().map { j, x in x + nudge * Double(1 + (2 * i + 3 * j) % 5) } }
  }
}

/// One part of an explanation.
package enum Passage: Sendable, Equatable {
  /// A title line.
  case heading(String)
  /// Sentences, wrapped.
  case prose(String)
  /// Lines that stand as they are.
  case formula(String)
  /// A sentence out of the catalogue of mutants, wrapped.
  case quotation(String)
  /// Constants of the example.
  case constants([Constant])
  /// Numbers.
  case table(NumberTable)
  /// What was computed beside what the library says.
  case agreement(CrossCheck)
  /// A gradient beside central differences.
  case gradient(GradientCheck)

  /// A named constant.
  package struct Constant: Sendable, Equatable {
    /// Its symbol.
    let name: String
    /// Its number.
    package let value: Double

    init(_ name: String, _ value: Double) { (self.name, self.value) = (name, value) }
  }

  private var isTabular: Bool {
    switch self {
    case .table, .gradient: true
    default: false
    }
  }

  private var leavesSpace: Bool {
    switch self {
    case .heading, .quotation: false
    default: true
    }
  }

  /// The lines of one passage after another, tables apart from what is said of them.
  package static func lines(of passages: [Passage]) -> [String] {
    var lines: [String] = []
    var needsSpace = false
    for passage in passages {
      if needsSpace && passage.isTabular { lines.append("") }
      lines += passage.lines
      needsSpace = passage.leavesSpace
    }
    return lines
  }

  /// The lines, of at most 100 columns.
  var lines: [String] {
    switch self {
    case .heading(let title): ["", title]
    case .prose(let text), .quotation(let text): wrapped(text, width: 96).map { "  " + $0 }
    case .formula(let text): text.split(separator: "\n", omittingEmptySubsequences: false).map { "    " + $0 }
    case .constants(let constants):
      ["    " + constants.map { "\($0.name) = \(short($0.value))" }.joined(separator: "   ")]
    case .table(let table): table.lines.map { "    " + $0 }
    case .agreement(let agreement): agreement.lines.map { "    " + $0 }
    case .gradient(let check): check.lines.map { "    " + $0 }
    }
  }
}
