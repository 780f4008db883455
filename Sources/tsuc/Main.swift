// The program tsuc: sorts unlabelled images into classes and judges the result. No mathematics lives in this module but
// what `tsuc explain` works out step by step, to be held against the library.
// Tests    tsucTests/HelpTests.swift, tsucTests/ProcessTests.swift
import Foundation

/// Where the process starts.
@main struct Program {
  static func main() {
    Allocation.keepFreedMemory()
    exit(run(Array(CommandLine.arguments.dropFirst()), on: .standard))
  }

  /// Runs one command line: 0 for success, 1 for a failure, 2 for a command line that was not understood,
  /// and as shells do 130 and 143 for a training that SIGINT or SIGTERM stopped.
  static func run(_ arguments: [String], on console: Console) -> Int32 {
    do {
      try Processor.check()
      try dispatch(arguments, on: console)
      return 0
    } catch let error as UsageError {
      console.complain("tsuc: \(error.message)")
      return 2
    } catch let error as Interruption {
      console.complain("tsuc: \(error.message)")
      return 128 + error.signal
    } catch {
      console.complain("tsuc: \(sentence(of: error))")
      return 1
    }
  }

  private static func dispatch(_ arguments: [String], on console: Console) throws {
    // Options alone belong to the main job: `tsuc --seed 3` is `tsuc train --seed 3`.
    guard let first = arguments.first, !first.hasPrefix("-") else {
      switch arguments.first {
      case "--help", "-h": try console.write(Help.program)
      case "--version": try console.write("tsuc \(Version.number) (\(Version.arithmetic))\n")
      default: try perform(.train, arguments, on: console)
      }
      return
    }
    let rest = Array(arguments.dropFirst())
    if first == "help" {
      guard let name = rest.first else { return try console.write(Help.program) }
      let command = try Command.named(name).member(Array(rest.dropFirst())).command
      return try console.write(Help.command(command))
    }
    let (command, words) = try Command.named(first).member(rest)
    try perform(command, words, on: console)
  }

  private static func perform(_ command: Command, _ arguments: [String], on console: Console) throws {
    let arguments = try Arguments(arguments, for: command)
    if arguments.wantsHelp { return try console.write(Help.command(command)) }
    try command.run(arguments, console)
  }

  /// The one line that tells an error, without line breaks or a second full stop.
  private static func sentence(of error: any Error) -> String {
    let isFoundations = error is CocoaError || error is POSIXError
    let text = isFoundations ? error.localizedDescription : String(describing: error)
    return text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}

/// What the program calls itself.
enum Version {
  static let number = "1.0.0"
}
