// The texts of --help, made from the commands' own tables so that they cannot disagree with what is understood.
// Tests    tsucTests/HelpTests.swift

/// What --help prints.
package enum Help {
  /// For one command.
  package static func command(_ command: Command) -> String {
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
      text += "\nHyperparameters, with the defaults of the preset \"digits\":\n"
      text += table(lines(command.hyperParameters)) + "\n"
    }
    return text
  }

  private static func lines(_ options: [Option]) -> [(String, String)] {
    options.map { option in ("--" + option.name + (option.placeholder.map { " " + $0 } ?? ""), option.help) }
  }

  /// Two columns, indented by two.
  static func table(_ lines: [(String, String)]) -> String {
    let width = min(62, lines.map(\.0.count).max() ?? 0)
    return lines.map { left, right in
      let gap = String(repeating: " ", count: max(0, width - left.count) + 2)
      return "  " + left + gap + right
    }.joined(separator: "\n")
  }
}
