// A program as a set of commands: which one a command line means, and what exit code its end has.
// Tests    CommandsTests/ArgumentsTests.swift, tsucTests/HelpTests.swift, tsucTests/ProcessTests.swift
import Files
import Foundation
import InstructionSets
import Kernels

/// One of this package's programs.
package struct Program: Sendable {
  /// Every command in the order of the help.
  package let commands: [Command]
  /// The command of a line of options alone: `tsuc --seed 3` is `tsuc train --seed 3`.
  private let main: Command
  /// What the help says above its list of commands.
  private let introduction: String

  /// A program with its commands.
  package init(_ introduction: String, commands: [Command], main: Command) {
    (self.introduction, self.commands, self.main) = (introduction, commands, main)
  }

  /// Runs one command line.
  ///
  /// Returns 0 for success, 1 for a failure, 2 for a command line that was not understood, and as shells do 130 and 143 for
  /// work that SIGINT or SIGTERM stopped.
  package func run(_ arguments: [String], on console: Console) -> Int32 {
    do {
      if let refusal = InstructionSet.refusal { throw RunError(refusal) }
      return try dispatch(arguments, on: console)
    } catch let error as UsageError {
      console.complain("tsuc: \(error.message)")
      return 2
    } catch let error as Interruption {
      console.complain("tsuc: \(error.message.onOneLine)")
      return 128 + error.signal
    } catch {
      console.complain("tsuc: \(Self.sentence(of: error))")
      return 1
    }
  }

  /// The command of a name; an unknown one is told with the nearest known.
  package func command(named name: String) throws(UsageError) -> Command {
    if let command = commands.first(where: { $0.name == name }) { return command }
    let nearest = nearestNames(to: name, among: commands.map(\.name) + ["help"]).joined(separator: " or ")
    throw UsageError("unknown command \"\(name)\"; did you mean \(nearest)? \"tsuc --help\" lists all commands")
  }

  private func dispatch(_ arguments: [String], on console: Console) throws -> Int32 {
    switch arguments.first {
    case "--help", "-h": try console.write(help)
    case "--version": try console.write("tsuc \(Version.number) (\(Version.build))\n")
    case let first? where !first.hasPrefix("-") && first != "help":
      let command = try command(named: first)
      if let handOver = command.handOver { return try handOver(Array(arguments.dropFirst())) }
      let (member, words) = try command.member(Array(arguments.dropFirst()))
      try perform(member, words, on: console)
    case "help":
      guard arguments.count > 1 else {
        try console.write(help)
        return 0
      }
      let command = try command(named: arguments[1])
      if let handOver = command.handOver { return try handOver(Array(arguments.dropFirst(2)) + ["--help"]) }
      try console.write(Help.command(command.member(Array(arguments.dropFirst(2))).command))
    default: try perform(main, arguments, on: console)
    }
    return 0
  }

  private func perform(_ command: Command, _ arguments: [String], on console: Console) throws {
    let arguments = try Arguments(arguments, for: command)
    if arguments.wantsHelp { return try console.write(Help.command(command)) }
    try command.run(arguments, console)
  }

  /// What --help prints.
  var help: String {
    """
    \(introduction)

    Commands:
    \(Help.table(commands.map { ($0.name, $0.summary) }))

    \(Help.table([
      ("--help", "this text; \"tsuc COMMAND --help\" for the options of a command"),
      ("--version", "the version, the processors of this build and its kind of arithmetic"),
    ]))

    Results go to standard output, progress and errors to standard error.
    Exit status: 0 success, 1 failure, 2 command line not understood, 130 or 143 training stopped by SIGINT or SIGTERM.

    """
  }

  /// The one line that tells an error, without line breaks or a second full stop.
  private static func sentence(of error: any Error) -> String {
    let isFoundations = error is CocoaError || error is POSIXError
    let text = isFoundations ? error.localizedDescription : String(describing: error)
    return text.onOneLine
  }
}

/// What the programs call themselves.
package enum Version {
  package static let number = "1.0.0"

  /// The instructions and the arithmetic of the build: "avx2 build, fused arithmetic".
  package static var build: String { "\(InstructionSet.ofBuild) build, \(arithmetic)" }

  /// Which of the two arithmetics the build has.
  package static var arithmetic: String {
    Arithmetic.isFused ? "fused arithmetic" : "portable arithmetic: last bits differ from fused builds"
  }
}
