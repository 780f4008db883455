import Files
import Testing

@Suite("JSON")
struct JSONTests {
  private static func read(_ text: String) throws -> JSON { try JSON(bytes: Array(text.utf8)[...]) }

  @Test func workedExampleReading() throws {
    let text = #" { "a" : [ 1 , -2.5e1, true, false, null ], "ü\u00e9\ud83d\ude00\n" : "" , "b":{} } "#
    #expect(
      try Self.read(text)
        == .object([
          "a": .array([.integer(1), .number(-25), .bool(true), .bool(false), .null]), "üé😀\n": .string(""),
          "b": .object([:]),
        ]))
    #expect(try Self.read("9223372036854775807") == .integer(.max))
    #expect(try Self.read("9223372036854775808") == .number(0x1p63))
    #expect(try Self.read("-0") == .integer(0))
    #expect(try Self.read("1.0") == .number(1))
  }

  @Test func workedExampleWriting() {
    let value = JSON.object([
      "b": .array([.integer(1), .number(0.1)]), "a": .object([:]),
      "c": .array([.object(["x": .string("\u{1}\"\\/é")])]),
    ])
    #expect(value.compact == #"{"a":{},"b":[1,0.1],"c":[{"x":"\u0001\"\\/é"}]}"#)
    #expect(
      value.pretty == """
        {
          "a": {},
          "b": [1, 0.1],
          "c": [
            {
              "x": "\\u0001\\"\\\\/é"
            }
          ]
        }

        """)
    #expect(JSON.array((0..<40).map { .integer($0) }).pretty.split(separator: "\n").count == 42)
  }

  @Test func invariantRoundTrip() throws {
    let numbers: [Double] = [0.1, 1e300, -.leastNonzeroMagnitude, 1 / 3, 2.5e-7, .greatestFiniteMagnitude]
    let value = JSON.object([
      "numbers": .array(numbers.map { .number($0) }), "": .null, "\u{7F}\u{2028}": .array([.array([]), .object([:])]),
      "integers": .array([.integer(.min), .integer(.max)]),
    ])
    for text in [value.compact, value.pretty] { #expect(try Self.read(text) == value) }
  }

  @Test(arguments: [
    ("", "ends where"), ("{", "key should begin"), ("[1", "ends with ]"), ("[1,]", "neither"), ("{\"a\":1,}", "key"),
    ("{\"a\" 1}", "colon"), ("{\"a\":1,\"a\":2}", "\"a\" is given twice"), ("{\"a\":1,\"\\u0061\":2}", "given twice"),
    ("01", "neither"), ("-", "neither"), ("+1", "neither"), ("1.", "follow the point"), (".5", "neither"),
    ("1e", "follow the e"), ("1e999", "too large"), ("NaN", "neither"), ("nul", "expected null"), ("'a'", "neither"),
    ("\"a", "no end"), ("\"\\", "no end"), ("\"\\x\"", "does not escape"), ("\"\u{1}\"", "control"),
    ("\"\\ud800\"", "half of a character"), ("\"\\udc00\"", "half of a character"), ("\"\\u12\"", "four hex"),
    ("\"\\u12g4\"", "four hex"), ("1 2", "follows the document"), ("[1 2]", "ends with ]"),
    (String(repeating: "[", count: 100_000), "deeper than 32"),
  ]) func invariantMalformedTextsAreToldApart(text: String, part: String) throws {
    let error = #expect(throws: JSONError.self) { try Self.read(text) }
    #expect(try #require(error).description.contains(part), "\(text.prefix(40)): \(error?.description ?? "")")
  }

  // A lone continuation byte, an overlong slash, half of a surrogate pair, a cut character.
  @Test(arguments: [[0x80], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xE2, 0x82]] as [[UInt8]])
  func invariantBadUTF8IsRefused(bytes: [UInt8]) {
    #expect(throws: JSONError(description: "the text is not UTF-8")) {
      try JSON(bytes: ([0x22] + bytes + [0x22])[...])
    }
  }

  @Test func invariantAccessNamesThePlace() {
    let value = JSON.object(["a": .array([.integer(1), .string("x")])])
    #expect(
      throws: JSONError(
        description: "an element of \"a\" has a value of the wrong kind: a whole number was expected, not text")
    ) { try value.members(of: "it")["a"]?.integers(of: "\"a\"") }
    #expect(throws: JSONError.self) { try value.elements(of: "it") }
    #expect(throws: JSONError.self) { try JSON.number(3).integer(of: "it") }
    #expect(throws: JSONError.self) { try JSON.string("1").number(of: "it") }
    #expect(throws: JSONError.self) { try JSON.integer(1).bool(of: "it") }
  }
}
