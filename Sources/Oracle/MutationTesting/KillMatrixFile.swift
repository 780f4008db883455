// The kill matrix as a file: for every mutant the cases that it meets and the margins in three significant digits.
//
//     {"corpus": …, "profiles": […], "mutants": {"aug.no-stop-gradient": {"mistake": …, "remedy": …, "cases": {ID: [m, m, m, m]}}}}
//
// "exact" stands for four infinite margins: whole numbers or bytes differ, or an answer is no number.
// Tests    OracleTests/KillMatrixTests.swift    Fixture  Fixtures/power/matrix.json
import Files
import Foundation
import Networks

extension KillMatrix {
  /// The package's own matrix, beside its corpus.
  package static var ownPath: String {
    Corpus.ownPath.replacing("corpus/\(Manifest.current)", with: "power/matrix.json")
  }

  /// The bytes of the file.
  package var encoded: [UInt8] {
    var mutants: [String: JSON] = [:]
    for (name, entries) in Dictionary(grouping: entries, by: \.mutant) {
      let mutant = try? Mutants.named(name)
      mutants[name] = .object([
        "mistake": .string(mutant?.mistake ?? ""), "remedy": .string(mutant?.remedy ?? ""),
        "cases": .object(
          Dictionary(uniqueKeysWithValues: entries.map { ($0.id, Self.json($0.margins)) })),
      ])
    }
    return Array(
      JSON.object([
        "corpus": .string(corpus), "profiles": .array(KillMatrix.profiles.map { .string($0.rawValue) }),
        "leastMargin": .number(Self.leastMargin), "mutants": .object(mutants),
      ]).pretty.utf8)
  }

  private static func json(_ margins: [Double]) -> JSON {
    if margins.allSatisfy({ $0 == .infinity }) { return .string("exact") }
    return .array(margins.map { $0.isFinite ? .number(rounded($0)) : .string("exact") })
  }

  /// Three significant digits.
  static func rounded(_ margin: Double) -> Double {
    guard margin.isFinite, margin > 0 else { return margin }
    return Double(String(format: "%.2e", margin)) ?? margin
  }

  /// Reads a file.
  package init(reading path: String) throws(OracleError) {
    let members = try CorpusFiles.members(path)
    guard case .string(let corpus)? = members["corpus"], case .object(let mutants)? = members["mutants"] else {
      throw OracleError("\(path) is no kill matrix: it lacks \"corpus\" or \"mutants\"")
    }
    var entries: [Entry] = []
    for (name, mutant) in mutants {
      guard case .object(let parts) = mutant, case .object(let cases)? = parts["cases"] else {
        throw OracleError("\(path): the mutant \"\(name)\" has no \"cases\"")
      }
      for (id, json) in cases {
        entries.append(Entry(mutant: name, id: id, margins: try Self.margins(json, "\(path): \(name), \(id)")))
      }
    }
    self.init(corpus: corpus, entries: entries.sorted { ($0.id, $0.mutant) < ($1.id, $1.mutant) })
  }

  private static func margins(_ json: JSON, _ context: String) throws(OracleError) -> [Double] {
    func margin(_ json: JSON) -> Double? {
      switch json {
      case .integer(let integer): Double(integer)
      case .number(let number): number
      case .string("exact"): .infinity
      default: nil
      }
    }
    if json == .string("exact") { return KillMatrix.profiles.map { _ in .infinity } }
    guard case .array(let list) = json, list.count == KillMatrix.profiles.count else {
      throw OracleError("\(context): \"exact\" or \(KillMatrix.profiles.count) margins were expected, not \(json.kind)")
    }
    let margins = list.compactMap(margin)
    guard margins.count == list.count else { throw OracleError("\(context): a margin is no number") }
    return margins
  }
}
