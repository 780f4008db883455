import Testing

@testable import Commands

@Suite("Comma-separated values")
struct CSVTests {
  @Test(arguments: [
    ("a b.png", "a b.png"), ("a,b", "\"a,b\""), ("say \"x\"", "\"say \"\"x\"\"\""), ("two\nlines", "\"two\nlines\""),
    ("é", "é"), ("", ""), ("a\r", "\"a\r\""),
  ]) func fields(text: String, field: String) { #expect(CSV.field(text) == field) }
}
