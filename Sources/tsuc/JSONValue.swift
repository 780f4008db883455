// A JSON document as a value, so that any Codable configuration can be listed and changed by name.
// Tests    tsucTests/ConfigurationOptionsTests.swift
import Foundation

/// One JSON value.
enum JSONValue: Codable, Equatable, Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// The JSON form of a value.
  init(of value: some Encodable) throws {
    self = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(value))
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }

  /// The value decoded as a type.
  func decoded<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
    try JSONDecoder().decode(type, from: JSONEncoder().encode(self))
  }

  /// What lies at a path of keys, if anything does.
  subscript(path: ArraySlice<String>) -> JSONValue? {
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
      var members: [String: JSONValue] = [:]
      if case .object(let existing) = self { members = existing }
      var member = members[key] ?? .object([:])
      member[path.dropFirst()] = newValue
      members[key] = member
      self = .object(members)
    }
  }

  /// The values that are no objects, with the keys that lead to them, in alphabetical order.
  var leaves: [(path: [String], value: JSONValue)] {
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
