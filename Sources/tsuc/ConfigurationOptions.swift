// Every hyper-parameter as an option: the paths of a Codable configuration, each key in kebab case.
//
//     stageOne.learningRate  →  --stage-one.learning-rate
//
// Nothing is listed by hand, so no hyper-parameter can be forgotten.
// Tests    tsucTests/ConfigurationOptionsTests.swift
import Files
import Commands
import Foundation

/// The options that stand for the values of a configuration.
struct ConfigurationOptions: Sendable {
  private let paths: [String: [String]]
  private let defaults: [(name: String, value: JSON)]
  private let choices: [String: [String]]

  /// The options of all values that occur in any of the given configurations; the first one's are the defaults shown.
  ///
  /// The options called `names` are left out. `choices` are the values that a name may take, by the last part of its option.
  init(_ configurations: [JSON], except names: Set<String> = [], choices: [String: [String]] = [:]) {
    var paths: [String: [String]] = [:]
    var defaults: [(name: String, value: JSON)] = []
    for leaf in configurations.flatMap(\.leaves) {
      let name = Self.name(of: leaf.path)
      if names.contains(name) { continue }
      if paths.updateValue(leaf.path, forKey: name) == nil { defaults.append((name, leaf.value)) }
    }
    self.paths = paths
    self.defaults = defaults.sorted { $0.name < $1.name }
    self.choices = choices
  }

  /// The options, for the parser and the help.
  var options: [Option] {
    defaults.map { Option($0.name, placeholder($0.name, $0.value), "default \($0.value.text)") }
  }

  /// The configuration with what the command line says instead of its own values.
  func apply<Configuration: Codable>(
    _ arguments: Arguments, to configuration: Configuration
  ) throws -> Configuration {
    let original = try JSON(of: configuration)
    var changed = original
    var changes: [(name: String, path: [String], value: JSON)] = []
    for (name, shown) in defaults {
      guard let text = arguments[name], let path = paths[name] else { continue }
      let value = try Self.parsed(text, like: original[path[...]] ?? shown, option: name)
      changes.append((name, path, value))
      changed[path[...]] = value
    }
    let result: Configuration
    do {
      result = try changed.decoded()
    } catch {
      throw blame(changes, in: original, decodes: { try $0.decoded() as Configuration }, error)
    }
    // A decoder passes by what it does not know: the constants of another kind of views.
    let kept = try JSON(of: result)
    if let lost = changes.first(where: { kept[$0.path[...]] == nil }) {
      throw UsageError(
        "option --\(lost.name) is no constant of this run: it belongs to another kind of "
          + Self.name(of: lost.path.dropLast()))
    }
    return result
  }

  /// The option of a path: "stage-one.learning-rate".
  static func name(of path: [String]) -> String { path.map(kebab).joined(separator: ".") }

  /// "stageOne" → "stage-one"; digits stay with what precedes them.
  static func kebab(_ key: String) -> String {
    key.reduce(into: "") { name, letter in
      if letter.isUppercase && !name.isEmpty { name += "-" }
      name += letter.lowercased()
    }
  }

  /// A sentence about the configuration with its paths written as options.
  func withOptionNames(_ sentence: String) -> String {
    // Longer paths first: none is then replaced inside another.
    paths.sorted { $0.value.joined().count > $1.value.joined().count }.reduce(sentence) { text, path in
      text.replacingOccurrences(of: path.value.joined(separator: "."), with: "--\(path.key)")
    }
  }

  private func choices(of name: String) -> [String]? { name.split(separator: ".").last.flatMap { choices[String($0)] } }

  private func placeholder(_ name: String, _ value: JSON) -> String {
    switch value {
    case .string where choices(of: name) != nil: (choices(of: name) ?? []).joined(separator: "|")
    case .bool: "true|false"
    case .integer, .number: "NUMBER"
    case .array: "LIST"
    default: "NAME"
    }
  }

  /// A text as a value of the same kind as the one it replaces.
  private static func parsed(_ text: String, like value: JSON, option: String) throws(UsageError) -> JSON {
    switch value {
    case .bool:
      guard let flag = ["true": true, "false": false][text] else {
        throw UsageError("option --\(option) takes true or false, not \"\(text)\"")
      }
      return .bool(flag)
    case .integer, .number:
      guard let number = number(text) else {
        throw UsageError("option --\(option) takes a number (0, or 1e-30 to 1e6 in size), not \"\(text)\"")
      }
      return number
    case .array(let values):
      return .array(
        try text.split(separator: ",", omittingEmptySubsequences: false).map { part throws(UsageError) -> JSON in
          try parsed(String(part), like: values.first ?? .null, option: option)
        })
    case .string: return .string(text)
    case .null, .object: return number(text) ?? .string(text)
    }
  }

  private static func number(_ text: String) -> JSON? {
    // Numbers that Float cannot hold, or sizes that no machine holds, are no hyper-parameters.
    if let whole = Int(text), abs(Double(whole)) <= 1_000_000 { return .integer(whole) }
    if let number = Double(text), number == 0 || (1e-30...1e6).contains(abs(number)) { return .number(number) }
    return nil
  }

  /// The first change that cannot be decoded on its own, or all of them if each can.
  private func blame<Configuration>(
    _ changes: [(name: String, path: [String], value: JSON)], in original: JSON,
    decodes: (JSON) throws -> Configuration, _ error: any Error
  ) -> UsageError {
    for change in changes {
      var alone = original
      alone[change.path[...]] = change.value
      do {
        _ = try decodes(alone)
      } catch {
        let old = original[change.path[...]]?.text ?? "none"
        return UsageError(
          "option --\(change.name) does not take \"\(change.value.text)\"\(Self.reason(error, change.value)); "
            + (choices(of: change.name).map { "it takes \($0.joined(separator: ", "))" } ?? "its default is \(old)")
        )
      }
    }
    return UsageError("these options do not fit together: \(changes.map { "--\($0.name)" }.joined(separator: ", "))")
  }

  private static func reason(_ error: any Error, _ value: JSON) -> String {
    if case DecodingError.keyNotFound(let key, _) = error { return " without \(kebab(key.stringValue)) beside it" }
    // A fraction can only be refused by what takes whole numbers.
    if case .number = value { return ", only a whole number" }
    return ""
  }
}
