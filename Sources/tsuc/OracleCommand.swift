// `tsuc oracle …`: handed over to the second program.
// Tests    tsuc-oracleTests/OracleProcessTests.swift
import Commands

extension Command {
  /// The corpus and its checker, in the program beside this one.
  static let oracle = Command(
    name: "oracle", summary: "the golden corpus: its cases, its prompts, and the verdict on another program's answers"
  ) { words in try OracleProgram.run(words) }
}
