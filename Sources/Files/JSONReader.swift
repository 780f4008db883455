// Reads JSON documents from bytes that anyone may have written.
//
// Nothing here recurses deeper than a fixed limit or allocates more than a small multiple of the document's size.
// Tests    FilesTests/JSONTests.swift

extension JSON {
  /// Reads one whole document; refuses bad UTF-8, a key given twice, deep nesting and anything after the document.
  package init(bytes: ArraySlice<UInt8>) throws(JSONError) {
    // A check that stores nothing: the standard library would repair bad bytes silently.
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    decoding: while true {
      switch decoder.decode(&iterator) {
      case .scalarValue: continue
      case .emptyInput: break decoding
      case .error: throw JSONError(description: "the text is not UTF-8")
      }
    }
    var reader = JSONReader(bytes: bytes)
    self = try reader.value(depth: 0)
    try reader.finish()
  }
}

/// A place in a document that is being read.
private struct JSONReader {
  static let deepest = 32
  let bytes: ArraySlice<UInt8>
  var offset: Int

  init(bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    offset = bytes.startIndex
  }

  private func fault(_ text: String) -> JSONError {
    JSONError(description: "byte \(offset - bytes.startIndex): \(text)")
  }

  private var next: UInt8? { offset < bytes.endIndex ? bytes[offset] : nil }

  private mutating func take(_ character: Character) -> Bool {
    guard next == character.asciiValue else { return false }
    offset += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { offset += 1 }
  }

  mutating func finish() throws(JSONError) {
    skipSpace()
    if next != nil { throw fault("something follows the document") }
  }

  mutating func value(depth: Int) throws(JSONError) -> JSON {
    guard depth <= Self.deepest else { throw fault("lists and objects lie deeper than \(Self.deepest)") }
    skipSpace()
    defer { skipSpace() }
    switch next {
    case UInt8(ascii: "{"): return .object(try object(depth: depth))
    case UInt8(ascii: "["): return .array(try array(depth: depth))
    case UInt8(ascii: "\""): return .string(try text())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case nil: throw fault("the text ends where a value should begin")
    default: return try number()
    }
  }

  private mutating func word(_ word: String, _ value: JSON) throws(JSONError) -> JSON {
    guard bytes[offset...].starts(with: word.utf8) else { throw fault("a value that is none; expected \(word)") }
    offset += word.utf8.count
    return value
  }

  private mutating func array(depth: Int) throws(JSONError) -> [JSON] {
    offset += 1
    skipSpace()
    if take("]") { return [] }
    var list: [JSON] = []
    repeat { list.append(try value(depth: depth + 1)) } while take(",")
    guard take("]") else { throw fault("a list goes on with , or ends with ]") }
    return list
  }

  private mutating func object(depth: Int) throws(JSONError) -> [String: JSON] {
    offset += 1
    skipSpace()
    if take("}") { return [:] }
    var members: [String: JSON] = [:]
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw fault("a key should begin with \"") }
      let key = try text()
      skipSpace()
      guard take(":") else { throw fault("a colon should follow the key \"\(key.prefix(60))\"") }
      let member = try value(depth: depth + 1)
      guard members.updateValue(member, forKey: key) == nil else {
        throw fault("the key \"\(key.prefix(60))\" is given twice")
      }
    } while take(",")
    guard take("}") else { throw fault("an object goes on with , or ends with }") }
    return members
  }

  private mutating func digits() -> Int {
    let first = offset
    while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { offset += 1 }
    return offset - first
  }

  private mutating func number() throws(JSONError) -> JSON {
    let first = offset
    _ = take("-")
    let leadsWithZero = next == UInt8(ascii: "0")
    let whole = digits()
    guard whole > 0, !leadsWithZero || whole == 1 else {
      offset = first
      throw fault("neither a value nor a number of JSON")
    }
    var isWhole = true
    if take(".") {
      isWhole = false
      if digits() == 0 { throw fault("digits should follow the point") }
    }
    if take("e") || take("E") {
      isWhole = false
      if !take("+") { _ = take("-") }
      if digits() == 0 { throw fault("digits should follow the e") }
    }
    let text = String(decoding: bytes[first..<offset], as: UTF8.self)
    if isWhole, let integer = Int(text) { return .integer(integer) }
    guard let number = Double(text), number.isFinite else { throw fault("\(text.prefix(40)) is too large a number") }
    return .number(number)
  }

  private mutating func text() throws(JSONError) -> String {
    offset += 1
    var content: [UInt8] = []
    while let byte = next {
      offset += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: content, as: UTF8.self)
      case UInt8(ascii: "\\"): try escape(to: &content)
      case 0..<0x20: throw fault("text holds a control character, which must be escaped")
      default: content.append(byte)
      }
    }
    throw fault("text has no end")
  }

  private mutating func escape(to content: inout [UInt8]) throws(JSONError) {
    guard let byte = next else { throw fault("text has no end") }
    offset += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
    case UInt8(ascii: "b"): content.append(8)
    case UInt8(ascii: "f"): content.append(12)
    case UInt8(ascii: "n"): content.append(10)
    case UInt8(ascii: "r"): content.append(13)
    case UInt8(ascii: "t"): content.append(9)
    case UInt8(ascii: "u"): content += String(try scalar()).utf8
    default: throw fault("\\ is followed by a character that JSON does not escape")
    }
  }

  /// The character of \u and four hexadecimal digits, or of two such that are halves of one character.
  private mutating func scalar() throws(JSONError) -> Character {
    let first = try unit()
    guard 0xD800..<0xE000 ~= first else { return Character(Unicode.Scalar(first) ?? "\u{FFFD}") }
    guard first < 0xDC00, take("\\"), take("u") else { throw fault("half of a character (\\u of a surrogate)") }
    let second = try unit()
    guard 0xDC00..<0xE000 ~= second, let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + second - 0xDC00)
    else { throw fault("half of a character (\\u of a surrogate)") }
    return Character(scalar)
  }

  private mutating func unit() throws(JSONError) -> UInt32 {
    let digits = bytes[offset..<min(offset + 4, bytes.endIndex)]
    let text = String(decoding: digits, as: UTF8.self)
    guard digits.count == 4, text.allSatisfy(\.isHexDigit), let unit = UInt32(text, radix: 16) else {
      throw fault("\\u needs four hexadecimal digits")
    }
    offset += 4
    return unit
  }
}
