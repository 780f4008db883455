// How messages show names that somebody else wrote.
// Tests    OracleTests/DeclarationTests.swift, OracleTests/PromptFaultTests.swift
import Files

/// Names in messages.
enum Wording {
  /// A name that somebody wrote, in quotation marks.
  static func quoted(_ name: String) -> String { "\"\(shown(name, most: 40))\"" }

  /// A name that somebody wrote: of a long one the beginning, and nothing that a terminal obeys.
  static func shown(_ name: String, most: Int) -> String {
    let plain = name.prefix(most).unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : String($0) }
    return plain.joined() + (name.count > most ? "…" : "")
  }

  /// The end of a sentence about an unknown name: the known ones that it most resembles.
  static func hint(_ name: String, among known: [String]) -> String {
    let nearest = nearestNames(to: String(name.prefix(60)), among: known).map { "\"\($0)\"" }
    return nearest.isEmpty ? "" : "; did you mean \(nearest.joined(separator: " or "))?"
  }
}
