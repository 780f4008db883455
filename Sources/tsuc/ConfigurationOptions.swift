// Every hyper-parameter as an option: the paths of a Codable configuration, each key in kebab case.
//
//     stageOne.learningRate  →  --stage-one.learning-rate
//
// Nothing is listed by hand, so no hyper-parameter can be forgotten.
// Tests    tsucTests/ConfigurationOptionsTests.swift

/// The options that stand for the values of a configuration.
struct ConfigurationOptions: Sendable {
  private let paths: [String: [String]]
  private let defaults: [(name: String, value: JSONValue)]

  /// The options of all values that occur in any of the given configurations; the first one's are the defaults shown.
  init(_ configurations: [JSONValue]) {
    var paths: [String: [String]] = [:]
    var defaults: [(name: String, value: JSONValue)] = []
    for leaf in configurations.flatMap(\.leaves) {
      let name = leaf.path.map(Self.kebab).joined(separator: ".")
      if paths.updateValue(leaf.path, forKey: name) == nil { defaults.append((name, leaf.value)) }
    }
    self.paths = paths
    self.defaults = defaults
  }

  /// The options, for the parser and the help.
  var options: [Option] {
    defaults.map { Option($0.name, Self.placeholder($0.value), "[\($0.value.text)]") }
  }

  /// The configuration with what the command line says instead of its own values.
  func apply<Configuration: Codable>(
    _ arguments: Arguments, to configuration: Configuration
  ) throws -> Configuration {
    let original = try JSONValue(of: configuration)
    var changed = original
    var changes: [(name: String, path: [String], value: JSONValue)] = []
    for (name, shown) in defaults {
      guard let text = arguments[name], let path = paths[name] else { continue }
      let value = try Self.parsed(text, like: original[path[...]] ?? shown, option: name)
      changes.append((name, path, value))
      changed[path[...]] = value
    }
    do {
      return try changed.decoded()
    } catch {
      throw Self.blame(changes, in: original, decodes: { try $0.decoded() as Configuration }, error)
    }
  }

  /// "stageOne" → "stage-one"; digits stay with what precedes them.
  static func kebab(_ key: String) -> String {
    key.reduce(into: "") { name, letter in
      if letter.isUppercase && !name.isEmpty { name += "-" }
      name += letter.lowercased()
    }
  }

  private static func placeholder(_ value: JSONValue) -> String {
    switch value {
    case .bool: "true|false"
    case .integer, .number: "NUMBER"
    case .array: "LIST"
    default: "NAME"
    }
  }

  /// A text as a value of the same kind as the one it replaces.
  private static func parsed(_ text: String, like value: JSONValue, option: String) throws(UsageError) -> JSONValue {
    switch value {
    case .bool:
      guard let flag = ["true": true, "false": false][text] else {
        throw UsageError("option --\(option) takes true or false, not \"\(text)\"")
      }
      return .bool(flag)
    case .integer, .number:
      guard let number = number(text) else {
        throw UsageError("option --\(option) takes a number, not \"\(text)\"")
      }
      return number
    case .array(let values):
      return .array(
        try text.split(separator: ",", omittingEmptySubsequences: false).map { part throws(UsageError) -> JSONValue in
          try parsed(String(part), like: values.first ?? .null, option: option)
        })
    case .string: return .string(text)
    case .null, .object: return number(text) ?? .string(text)
    }
  }

  private static func number(_ text: String) -> JSONValue? {
    if let whole = Int(text) { return .integer(whole) }
    if let number = Double(text), number.isFinite { return .number(number) }
    return nil
  }

  /// The first change that cannot be decoded on its own, or all of them if each can.
  private static func blame<Configuration>(
    _ changes: [(name: String, path: [String], value: JSONValue)], in original: JSONValue,
    decodes: (JSONValue) throws -> Configuration, _ error: any Error
  ) -> UsageError {
    for change in changes {
      var alone = original
      alone[change.path[...]] = change.value
      do {
        _ = try decodes(alone)
      } catch {
        let old = original[change.path[...]]?.text ?? "none"
        return UsageError(
          "option --\(change.name) does not take \"\(change.value.text)\"\(reason(error, change.value)); its default is \(old)"
        )
      }
    }
    return UsageError("these options do not fit together: \(changes.map { "--\($0.name)" }.joined(separator: ", "))")
  }

  private static func reason(_ error: any Error, _ value: JSONValue) -> String {
    if case DecodingError.keyNotFound(let key, _) = error { return " without \(kebab(key.stringValue)) beside it" }
    // A fraction can only be refused by what takes whole numbers.
    if case .number = value { return ", only a whole number" }
    return ""
  }
}
