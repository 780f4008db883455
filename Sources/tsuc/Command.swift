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
  /// What may be said besides, in the order of the help.
  let options: [Option]
  /// The hyper-parameters, which the help lists apart.
  let hyperParameters: [Option]
  /// Does it.
  let run: @Sendable (Arguments, Console) throws -> Void

  init(
    name: String, summary: String, details: String, operands: [Operand] = [], options: [Option],
    hyperParameters: [Option] = [], run: @escaping @Sendable (Arguments, Console) throws -> Void
  ) {
    self.name = name
    self.summary = summary
    self.details = details
    self.operands = operands
    self.options = options
    self.hyperParameters = hyperParameters
    self.run = run
  }

  /// Every command in the order of the help.
  static let all: [Command] = [.train, .evaluate, .predict, .embed, .bench]

  /// The command of a name; an unknown one is told with the nearest known.
  static func named(_ name: String) throws(UsageError) -> Command {
    if let command = all.first(where: { $0.name == name }) { return command }
    let nearest = nearestNames(to: name, among: all.map(\.name) + ["help"]).joined(separator: " or ")
    throw UsageError("unknown command \"\(name)\"; did you mean \(nearest)? \"tsuc --help\" lists all commands")
  }
}
