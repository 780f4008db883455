// `tsuc explain`: one term of the method at a time, with a tiny example computed as it is printed.
//
//     Explanation of the term  +  what the second program, if it is there, says of the known mistakes  ─▶  text
//
// Tests    tsucTests/ExplainCommandTests.swift
import Commands
import Explain

extension Command {
  /// Explains terms, or lists them.
  static let explain = Command(
    name: "explain",
    summary: "explain a term of the method on numbers computed on the spot: and, ue, cp, mi, sgd, eq10, …",
    details: """
      "tsuc explain" lists the terms, "tsuc explain TERM" explains one (or several): its formula, a tiny example with all numbers
      on the way, its gradient beside central differences, what porters get wrong, its file, its test and its golden case.
      Exit status 1 if a number that was computed and the library's disagree.
      """,
    takesMore: true, options: []
  ) { arguments, console in
    guard !arguments.operands.isEmpty else { return try console.write(Explanation.list) }
    let terms = try arguments.operands.map { try Explanation.named($0) }
    for (index, term) in terms.enumerated() {
      try console.write((index == 0 ? "" : "\n\n") + term.text(mistakes: try mistakes(in: term)))
    }
    let disagreements = terms.flatMap { $0.disagreements() }
    if !disagreements.isEmpty {
      throw RunError("what was computed and what the library says disagree: \(disagreements.joined(separator: "; "))")
    }
  }

  /// What porters get wrong, from the second program; without it, how to get that.
  static func mistakes(in term: Explanation) throws -> [String] {
    guard let text = try OracleProgram.output(["mistakes", term.name]) else {
      return Passage.lines(of: [
        .heading("What porters get wrong"),
        .prose(
          """
          The known mistakes are kept by a second program, tsuc-oracle; build it beside this one with: \
          \(OracleProgram.advice)
          """),
      ])
    }
    return [""] + text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }
}
