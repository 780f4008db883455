// JSON values by path, so that any Codable configuration can be listed and changed by name.
// Tests    tsucTests/ConfigurationOptionsTests.swift
import Files

extension JSON {
  /// What lies at a path of keys, if anything does.
  subscript(path: ArraySlice<String>) -> JSON? {
    get {
      guard let key = path.first else { return self }
      guard case .object(let members) = self else { return nil }
      return members[key]?[path.dropFirst()]
    }
    set {
      guard let key = path.first else {
        self = newValue ?? .null
        return
      }
      var members: [String: JSON] = [:]
      if case .object(let existing) = self { members = existing }
      var member = members[key] ?? .object([:])
      member[path.dropFirst()] = newValue
      members[key] = member
      self = .object(members)
    }
  }

  /// The values that are no objects, with the keys that lead to them, in alphabetical order.
  var leaves: [(path: [String], value: JSON)] {
    guard case .object(let members) = self else { return [([], self)] }
    return members.sorted { $0.key < $1.key }.flatMap { key, member in
      member.leaves.map { ([key] + $0.path, $0.value) }
    }
  }

  /// How the command line writes the value: lists with commas.
  var text: String {
    switch self {
    case .null: "none"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let value): value
    case .array(let values): values.map(\.text).joined(separator: ",")
    case .object(let members): members.keys.sorted().joined(separator: ",")
    }
  }
}
