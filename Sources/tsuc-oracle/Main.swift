// The program tsuc-oracle: the golden corpus, its judge and the known mistakes. `tsuc oracle …` runs it, and so do its texts
// name its commands; by itself it takes the words that follow.
// Tests    tsuc-oracleTests/OracleProcessTests.swift
import Commands
import Foundation

/// Where the process starts.
@main enum Main {
  static func main() {
    Allocation.keepFreedMemory()
    exit(run(Array(CommandLine.arguments.dropFirst()), on: .standard))
  }

  static let family = Command.oracle
  private static let program = Program("", commands: [family], main: family)

  /// Runs what follows "tsuc oracle".
  static func run(_ words: [String], on console: Console) -> Int32 {
    switch words.first {
    case "--version": program.run(words, on: console)
    case "help": program.run(["help", "oracle"] + words.dropFirst(), on: console)
    default: program.run(["oracle"] + words, on: console)
    }
  }
}
