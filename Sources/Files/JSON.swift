// JSON documents as values, written with sorted keys and one fixed form: the same value gives the same bytes everywhere.
//
// Standard RFC 8259. Reading is in JSONReader.swift and stricter than Foundation's: a key given twice is an error.
// Tests    FilesTests/JSONTests.swift

/// Why a text is no JSON document, or not the one that was expected, in one sentence.
package struct JSONError: Error, CustomStringConvertible, Equatable, Sendable {
  package let description: String
  package init(description: String) { self.description = description }
}

/// One JSON value.
///
/// Numbers without fraction and exponent that fit into Int are whole numbers.
public enum JSON: Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSON])
  case object([String: JSON])

  /// What the value is, in words.
  package var kind: String {
    switch self {
    case .null: "null"
    case .bool: "true or false"
    case .integer: "a whole number"
    case .number: "a number"
    case .string: "text"
    case .array: "a list"
    case .object: "an object"
    }
  }

  /// The document in one line without spaces.
  package var compact: String {
    var text = ""
    write(to: &text, indentation: nil)
    return text
  }

  /// The document for people: objects and long lists have a line for each member; it ends with a line break.
  package var pretty: String {
    var text = ""
    write(to: &text, indentation: 0)
    return text + "\n"
  }

  private func write(to text: inout String, indentation: Int?) {
    switch self {
    case .null: text += "null"
    case .bool(let truth): text += truth ? "true" : "false"
    case .integer(let integer): text += String(integer)
    // The shortest digits that give the number back. JSON has no infinities: whoever may have one writes text.
    case .number(let number): text += number.isFinite ? number.description : "null"
    case .string(let content): Self.quote(content, to: &text)
    case .array(let list):
      let isDeep = list.contains { if case .object = $0 { true } else { false } }
      let isLong = indentation != nil && compact.utf8.count > 100
      Self.write(list.map { (nil, $0) }, "[", "]", to: &text, indentation, broken: isDeep || isLong)
    case .object(let members):
      // By code points, not by the language of the machine.
      let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      Self.write(sorted.map { ($0.key, $0.value) }, "{", "}", to: &text, indentation, broken: !members.isEmpty)
    }
  }

  private static func write(
    _ members: [(key: String?, value: JSON)], _ open: String, _ close: String, to text: inout String,
    _ indentation: Int?, broken: Bool
  ) {
    let inner = indentation.map { $0 + 2 }
    let isBroken = broken && inner != nil
    text += open
    for (index, member) in members.enumerated() {
      if index > 0 { text += isBroken || inner == nil ? "," : ", " }
      if isBroken { text += "\n" + String(repeating: " ", count: inner ?? 0) }
      if let key = member.key {
        quote(key, to: &text)
        text += inner == nil ? ":" : ": "
      }
      member.value.write(to: &text, indentation: inner)
    }
    if isBroken { text += "\n" + String(repeating: " ", count: indentation ?? 0) }
    text += close
  }

  private static func quote(_ content: String, to text: inout String) {
    text += "\""
    for scalar in content.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\t": text += "\\t"
      case "\r": text += "\\r"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
