// The table of all terms: which mutants are shown for each, on which question, and which numbers are looked at.
// Tests    tsuc-oracleTests/MistakesTests.swift
import Commands
import Evaluation
import Explain

/// What porters get wrong in one term.
struct TermMistakes: Sendable {
  /// The name of the term in `tsuc explain`.
  let term: String
  /// The mistakes on the term's example.
  let passages: @Sendable (Example) throws -> [Passage]

  /// Every term's, in the order of the method.
  static let all: [TermMistakes] = [
    views, philox, batchNorm, unitRows, bank, anchors, neighbourhood, entropy, relations, stageOne, heads, information,
    assignment, batchLoss, stageTwo, descent, schedule, entropyWeight, nearestNeighbours, hungarian,
  ]

  /// Those of a term by any of its names.
  static func named(_ word: String) throws(UsageError) -> TermMistakes {
    let name = try Explanation.named(word).name
    guard let mistakes = all.first(where: { $0.term == name }) else {
      throw UsageError("no mistakes are known of the term \"\(name)\"")
    }
    return mistakes
  }

  /// The lines that stand in the term's explanation.
  func lines(_ example: Example = Example()) throws -> [String] { Passage.lines(of: try passages(example)) }
}

extension Command {
  /// What porters get wrong in a term.
  static let oracleMistakes = Command(
    name: "oracle mistakes", summary: "what porters get wrong in a term of the method, shown on its example",
    details: """
      Each mistake is a mutant that oracle power runs too; its numbers stand below the right ones. "tsuc explain TERM" shows
      them with the example and its formula, and "tsuc explain" lists the terms.
      """,
    operands: [Operand(name: "TERM", help: "a name of the term, such as cp, mi or eq10")], options: []
  ) { arguments, console in
    let lines = try TermMistakes.named(arguments.operands[0]).lines()
    // A heading stands apart from what is above it, and here nothing is.
    try console.write(lines.drop(while: \.isEmpty).joined(separator: "\n") + "\n")
  }
}
