// The commands of the program, each with its operands and options.
// Tests    tsucTests/ArgumentsTests.swift

/// One option of a command line: "--name VALUE", or "--name" alone where it has no placeholder.
struct Option: Sendable, Equatable {
  /// The name without its dashes.
  let name: String
  /// What the help shows for the value; nil for a switch.
  let placeholder: String?
  /// One line of help.
  let help: String

  init(_ name: String, _ placeholder: String?, _ help: String) {
    self.name = name
    self.placeholder = placeholder
    self.help = help
  }
}

/// A word that a command needs, such as the run folder.
struct Operand: Sendable, Equatable {
  /// What the help calls it, in capitals.
  let name: String
  /// One line of help.
  let help: String
}

/// One thing that the program can do.
struct Command: Sendable {
  /// The first word of the command line.
  let name: String
  /// One line of help.
  let summary: String
  /// What the help of the command says below its first line.
  let details: String
  /// The words that must follow.
  let operands: [Operand]
  /// Whether more words like the last operand may follow.
  let takesMore: Bool
  /// What may be said besides, in the order of the help.
  let options: [Option]
  /// The hyper-parameters, which the help lists apart.
  let hyperParameters: [Option]
  /// What a command that is a family consists of; their names begin with the family's.
  let subcommands: [Command]
  /// Does it.
  let run: @Sendable (Arguments, Console) throws -> Void

  init(
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
  }

  /// A family of commands, of which the next word names one.
  init(name: String, summary: String, subcommands: [Command]) {
    (self.name, self.summary, self.subcommands) = (name, summary, subcommands)
    details = "\"tsuc \(name) COMMAND --help\" for the options of a command."
    operands = [Operand(name: "COMMAND", help: "one of those that \"tsuc \(name) --help\" lists")]
    (takesMore, options, hyperParameters) = (false, [], [])
    run = { arguments, _ in throw Self.unknown(arguments.operands[0], of: name, among: subcommands) }
  }

  /// The member of the family that the first word names, and the words after it; the family itself if that is an option.
  func member(_ words: [String]) throws(UsageError) -> (command: Command, words: [String]) {
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

  /// Every command in the order of the help.
  static let all: [Command] = [
    .train, .evaluate, .predict, .embed, .report, .ablate, .explain, .bench, .scaling, .sweep, .oracle,
  ]

  /// The command of a name; an unknown one is told with the nearest known.
  static func named(_ name: String) throws(UsageError) -> Command {
    if let command = all.first(where: { $0.name == name }) { return command }
    let nearest = nearestNames(to: name, among: all.map(\.name) + ["help"]).joined(separator: " or ")
    throw UsageError("unknown command \"\(name)\"; did you mean \(nearest)? \"tsuc --help\" lists all commands")
  }
}
