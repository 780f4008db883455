// What is wrong with prompts of a folder: a line for each of them, and one bad prompt keeps no other from its answer.
// Tests    OracleTests/PromptFaultTests.swift

/// A prompt that has no answer, and why.
public struct PromptFault: Sendable, Equatable {
  /// More lines than this nobody reads.
  static let mostLines = 100
  /// "area/slug", or what stands there in its place.
  public let id: String
  /// One line that names the prompt.
  public let reason: String

  init(_ id: String, _ reason: String) {
    self.id = id
    self.reason = reason.split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  /// The first reasons, one to a line, and how many there are besides.
  public static func text(_ faults: [PromptFault]) -> String {
    let lines = faults.prefix(mostLines).map(\.reason)
    let rest = faults.count - lines.count
    return (lines + (rest > 0 ? ["… and \(rest) more"] : [])).joined(separator: "\n")
  }
}
