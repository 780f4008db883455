// The commands of the program, each with its operands and options.
// Tests    CommandsTests/ArgumentsTests.swift
import Files

/// One option of a command line: "--name VALUE", or "--name" alone where it has no placeholder.
package struct Option: Sendable, Equatable {
  /// The name without its dashes.
  package let name: String
  /// What the help shows for the value; nil for a switch.
  package let placeholder: String?
  /// One line of help.
  package let help: String
  /// What others call it; whoever types that is told the name.
  let otherNames: [String]

  package init(_ name: String, _ placeholder: String?, _ help: String, alsoKnownAs otherNames: [String] = []) {
    self.name = name
    self.placeholder = placeholder
    self.help = help
    self.otherNames = otherNames
  }
}

/// A word that a command needs, such as the run folder.
package struct Operand: Sendable, Equatable {
  /// What the help calls it, in capitals.
  package let name: String
  /// One line of help.
  package let help: String

  package init(name: String, help: String) { (self.name, self.help) = (name, help) }
}

/// One thing that the program can do.
package struct Command: Sendable {
  /// The first word of the command line.
  package let name: String
  /// One line of help.
  package let summary: String
  /// What the help of the command says below its first line.
  package let details: String
  /// The words that must follow.
  package let operands: [Operand]
  /// Whether more words like the last operand may follow.
  package let takesMore: Bool
  /// What may be said besides, in the order of the help.
  package let options: [Option]
  /// The hyper-parameters, which the help lists apart.
  package let hyperParameters: [Option]
  /// What a command that is a family consists of; their names begin with the family's.
  package let subcommands: [Command]
  /// Does it.
  package let run: @Sendable (Arguments, Console) throws -> Void
  /// Hands all words that follow the name to another program, whose exit code comes back; nil for a command of this one.
  package let handOver: (@Sendable ([String]) throws -> Int32)?

  package init(
    name: String, summary: String, details: String, operands: [Operand] = [], takesMore: Bool = false,
    options: [Option], hyperParameters: [Option] = [], run: @escaping @Sendable (Arguments, Console) throws -> Void
  ) {
    self.name = name
    self.summary = summary
    self.details = details
    self.operands = operands
    self.takesMore = takesMore
    self.options = options
    self.hyperParameters = hyperParameters
    self.subcommands = []
    self.run = run
    handOver = nil
  }

  /// A family of commands that another program understands.
  package init(name: String, summary: String, handOver: @escaping @Sendable ([String]) throws -> Int32) {
    (self.name, self.summary, self.handOver) = (name, summary, handOver)
    (details, operands, takesMore, options, hyperParameters, subcommands) = ("", [], true, [], [], [])
    run = { _, _ in }
  }

  /// A family of commands, of which the next word names one.
  package init(name: String, summary: String, subcommands: [Command]) {
    (self.name, self.summary, self.subcommands) = (name, summary, subcommands)
    details = "\"tsuc \(name) COMMAND --help\" for the options of a command."
    operands = [Operand(name: "COMMAND", help: "one of those that \"tsuc \(name) --help\" lists")]
    (takesMore, options, hyperParameters) = (false, [], [])
    handOver = nil
    run = { arguments, _ in throw Self.unknown(arguments.operands[0], of: name, among: subcommands) }
  }

  /// The member of the family that the first word names, and the words after it; the family itself if that is an option.
  package func member(_ words: [String]) throws(UsageError) -> (command: Command, words: [String]) {
    guard !subcommands.isEmpty, let first = words.first, !first.hasPrefix("-") else { return (self, words) }
    guard let command = subcommands.first(where: { $0.name == "\(name) \(first)" }) else {
      throw Self.unknown(first, of: name, among: subcommands)
    }
    return (command, Array(words.dropFirst()))
  }

  private static func unknown(_ word: String, of family: String, among members: [Command]) -> UsageError {
    let names = members.map { String($0.name.dropFirst(family.count + 1)) }
    return UsageError(
      "unknown command \"\(family) \(word)\"; did you mean \(nearestNames(to: word, among: names).joined(separator: " or "))? "
        + "\"tsuc \(family) --help\" lists all")
  }
}
