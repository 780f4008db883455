// The words of a command line, sorted into operands and options, with every mistake told in one sentence.
// Tests    CommandsTests/ArgumentsTests.swift
import Files

/// What a command line says to its command.
package struct Arguments: Sendable {
  /// The words that are no options, in order; as many as the command has operands.
  package let operands: [String]
  /// Whether help was asked for; then nothing else was checked.
  package let wantsHelp: Bool
  private let values: [String: String]

  /// Sorts the words that follow the command's name.
  ///
  /// Options are written "--name value" or "--name=value", in any order and each once; after "--" all words are operands.
  package init(_ words: [String], for command: Command) throws(UsageError) {
    let known = command.options + command.hyperParameters
    var operands: [String] = []
    var values: [String: String] = [:]
    let optionWords = words.prefix { $0 != "--" }
    wantsHelp = optionWords.contains { ["--help", "-h"].contains($0) }
    var rest = wantsHelp ? [] : words[...]
    while let word = rest.popFirst() {
      if word == "--" {
        operands += rest
        break
      }
      guard word.hasPrefix("-"), word != "-" else {
        operands.append(word)
        continue
      }
      let (name, attached) = Self.split(word)
      guard word.hasPrefix("--"), let option = known.first(where: { $0.name == name }) else {
        throw Self.unknown(word, name, known, command)
      }
      if values[name] != nil { throw UsageError("option --\(name) is given twice; give it once") }
      values[name] = try Self.value(of: option, attached: attached, rest: &rest)
    }
    (self.operands, self.values) = (operands, values)
    if !wantsHelp { try Self.check(operands, command) }
  }

  /// The value of an option, nil where it was not given; a switch has the value "".
  package subscript(_ name: String) -> String? { values[name] }

  /// The value of an option as a whole number in a range.
  package func integer(_ name: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
    guard let text = values[name] else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw UsageError(
        "option --\(name) takes a whole number from \(range.lowerBound) to \(range.upperBound), not \"\(text)\"")
    }
    return number
  }

  /// The value of an option as a number in a range.
  package func number(_ name: String, in range: ClosedRange<Double>) throws(UsageError) -> Double? {
    guard let text = values[name] else { return nil }
    guard let number = Double(text), range.contains(number) else {
      throw UsageError(
        "option --\(name) takes a number from \(Int(range.lowerBound)) to \(Int(range.upperBound)), not \"\(text)\"")
    }
    return number
  }

  private static func split(_ word: String) -> (name: String, attached: String?) {
    let parts = word.drop { $0 == "-" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    return (parts.first.map(String.init) ?? "", parts.count == 2 ? String(parts[1]) : nil)
  }

  private static func value(
    of option: Option, attached: String?, rest: inout ArraySlice<String>
  ) throws(UsageError) -> String {
    guard let placeholder = option.placeholder else {
      if let attached { throw UsageError("option --\(option.name) takes no value, not \"\(attached)\"") }
      return ""
    }
    // "--out --seed 3" has forgotten a value; "--seed -3" has not, it will be told that -3 is out of range.
    guard let value = attached ?? rest.first, attached != nil || !value.hasPrefix("--") else {
      throw UsageError("option --\(option.name) needs a value: --\(option.name) \(placeholder)")
    }
    if attached == nil { rest.removeFirst() }
    if value.isEmpty { throw UsageError("option --\(option.name) needs a value that is not empty: \(placeholder)") }
    return value
  }

  private static func unknown(_ word: String, _ name: String, _ known: [Option], _ command: Command) -> UsageError {
    let meant = known.filter { $0.otherNames.contains(name) }.map(\.name)
    let nearest = (meant.isEmpty ? nearestNames(to: name, among: known.map(\.name) + ["help"]) : meant).map {
      "--\($0)"
    }
    return UsageError(
      "unknown option \(word) of \"tsuc \(command.name)\"; did you mean \(nearest.joined(separator: " or "))? "
        + "\"tsuc \(command.name) --help\" lists all options")
  }

  private static func check(_ operands: [String], _ command: Command) throws(UsageError) {
    if operands.count < command.operands.count {
      let missing = command.operands[operands.count]
      throw UsageError("\"tsuc \(command.name)\" needs \(missing.name): \(missing.help)")
    }
    if operands.count > command.operands.count && !command.takesMore {
      throw UsageError(
        "\"tsuc \(command.name)\" does not understand \"\(operands[command.operands.count])\"; options begin with --")
    }
    if let index = operands.firstIndex(of: "") {
      let operand = command.operands.isEmpty ? "words" : command.operands[min(index, command.operands.count - 1)].name
      throw UsageError("\"tsuc \(command.name)\" needs \(operand), which is empty")
    }
  }
}
