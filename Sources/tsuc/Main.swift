// The program tsuc: sorts unlabelled images into classes and judges the result. No mathematics lives in this module.
// Tests    tsucTests/HelpTests.swift, tsucTests/ProcessTests.swift
import Commands
import Explain
import Foundation

/// Where the process starts.
@main enum Main {
  static func main() {
    Allocation.keepFreedMemory()
    // A file that may not grow further is then an error like a full disk, not the end of the program.
    signal(SIGXFSZ, SIG_IGN)
    exit(program.run(Array(CommandLine.arguments.dropFirst()), on: .standard))
  }

  static let program = Program(
    """
    tsuc sorts unlabelled images into classes: two-stage unsupervised image classification.

    Usage:
      tsuc                      both stages on the bundled digits, then the scores and a report
      tsuc COMMAND [OPTIONS]
    """,
    commands: [
      .train, .sort, .evaluate, .predict, .embed, .report, .ablate, .explain, .bench, .scaling, .sweep, .oracle,
    ],
    main: .train)
}
