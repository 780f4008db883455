import Testing

@testable import Images

@Suite("Delimited texts")
struct DelimitedTextTests {
  private func lines(_ text: String) throws -> [[String]] {
    try DelimitedText(Array(text.utf8), path: "t").lines.map(\.fields)
  }

  private func problem(_ bytes: [UInt8]) -> String? {
    do {
      _ = try DelimitedText(bytes, path: "t")
      return nil
    } catch { return error.problem }
  }

  @Test(arguments: [
    ("a,b\nc,d\n", [["a", "b"], ["c", "d"]]),
    ("a,b\r\nc,d", [["a", "b"], ["c", "d"]]),
    ("a,b\rc,d\r", [["a", "b"], ["c", "d"]]),
    ("\u{FEFF}a , b\n\n  \nc,d\n\n", [["a", "b"], ["c", "d"]]),
    ("\"a, \"\"x\"\"\",b\n\"c\r\nd\", \"e\"\n", [["a, \"x\"", "b"], ["c\r\nd", "e"]]),
    ("a\tb c\nd\te\n", [["a", "b c"], ["d", "e"]]),
    ("a;b\nc;\n", [["a", "b"], ["c", ""]]),
    ("cat\n  small dog \n5\" disk\n", [["cat"], ["small dog"], ["5\" disk"]]),
    // A semicolon in one of several lines is part of a name.
    ("cat\ndog; brown\n", [["cat"], ["dog; brown"]]),
    ("\"cat, small\"\ndog\n", [["cat, small"], ["dog"]]),
    ("猫,ネコ\n", [["猫", "ネコ"]]),
    ("", []), ("\n \n", []),
    ("\"\"\na\n", [[""], ["a"]]),
  ]) func workedExample(text: String, expected: [[String]]) throws {
    #expect(try lines(text) == expected)
  }

  @Test func workedExampleOfLineNumbers() throws {
    let text = try DelimitedText(Array("a,1\n\n\"b\nb\",2\r\nc,3".utf8), path: "t")
    #expect(text.lines.map(\.number) == [1, 3, 5])
  }

  @Test func goldenSentences() {
    #expect(
      problem(Array("a,b\nc\n".utf8))
        == "line 2 has 1 field, line 1 has 2; a name that holds a comma must stand in quotation marks")
    #expect(
      problem(Array("a\n\"b\nc\n".utf8))
        == "the quotation mark of line 2 is not closed; two of them inside quotes stand for one")
    #expect(problem([0xFF, 0xFE, 0x41, 0]) == "the text is UTF-16; save it as UTF-8")
    for bytes in [[0x41, 0xFF], [0x41, 0x0A, 0]] as [[UInt8]] {
      #expect(
        problem(bytes)
          == "the file is neither IDX nor npy, and no text in UTF-8 either; save a text as UTF-8, and numbers with numpy.save"
      )
    }
  }
}
