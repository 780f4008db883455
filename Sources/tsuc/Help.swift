// The texts of --help, made from the commands' own tables so that they cannot disagree with what is understood.
// Tests    tsucTests/HelpTests.swift

/// What --help prints.
enum Help {
  /// For the whole program.
  static var program: String {
    """
    tsuc sorts unlabelled images into classes: two-stage unsupervised image classification.

    Usage:
      tsuc                      both stages on the embedded digits, then the scores and a report
      tsuc COMMAND [OPTIONS]

    Commands:
    \(table(Command.all.map { ($0.name, $0.summary) }))

    \(table([
      ("--help", "this text; \"tsuc COMMAND --help\" for the options of a command"),
      ("--version", "the version and the kind of arithmetic of this build"),
    ]))

    Results go to standard output, progress and errors to standard error.
    Exit codes: 0 success, 1 failure, 2 command line not understood, 130 or 143 training stopped by SIGINT or SIGTERM.

    """
  }

  /// For one command.
  static func command(_ command: Command) -> String {
    let operands = command.operands.map { " \($0.name)" }.joined()
    var text = "tsuc \(command.name): \(command.summary)\n\nUsage:\n  tsuc \(command.name)\(operands) [OPTIONS]\n\n"
    text += command.details + "\n"
    if !command.operands.isEmpty {
      text += "\n" + table(command.operands.map { ($0.name, $0.help) }) + "\n"
    }
    if !command.subcommands.isEmpty {
      text += "\nCommands:\n" + table(command.subcommands.map { ($0.name, $0.summary) }) + "\n"
    }
    text += "\nOptions:\n" + table(lines(command.options) + [("--help", "this text")]) + "\n"
    if !command.hyperParameters.isEmpty {
      text += "\nHyper-parameters (the defaults of the preset \"digits\" in brackets):\n"
      text += table(lines(command.hyperParameters)) + "\n"
    }
    return text
  }

  private static func lines(_ options: [Option]) -> [(String, String)] {
    options.map { option in ("--" + option.name + (option.placeholder.map { " " + $0 } ?? ""), option.help) }
  }

  /// Two columns, indented by two.
  private static func table(_ lines: [(String, String)]) -> String {
    let width = min(62, lines.map(\.0.count).max() ?? 0)
    return lines.map { left, right in
      let gap = String(repeating: " ", count: max(0, width - left.count) + 2)
      return "  " + left + gap + right
    }.joined(separator: "\n")
  }
}
