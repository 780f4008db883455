import Testing

@testable import Explain

@Suite("The layout of explanations")
struct NumberTableTests {
  @Test func workedExampleOfATable() {
    let table = NumberTable(
      "what", columns: ["x", "long name"],
      rows: [("a", [.number(-0.5), .whole(3)]), ("second", [.none, .word(0xBEEF)]), ("c", [.name("no")])])
    #expect(
      table.lines == [
        "what",
        "                x  long name",
        "a       -0.500000          3",
        "second          ·   0000beef",
        "c              no",
      ])
    #expect(NumberTable("", columns: ["", ""], names: ["r"], numbers: [[1, 2]]).lines == ["r  1.000000  2.000000"])
  }

  @Test(arguments: [
    (0.0, "0", "0"), (1, "1.000000", "1"), (-0.25, "-0.250000", "-0.25"), (0.0003, "3.000e-04", "3.000e-04"),
    (2e7, "2.000e+07", "2.000e+07"), (.infinity, "inf", "inf"), (-.infinity, "-inf", "-inf"), (.nan, "nan", "nan"),
    (20, "20.000000", "20"),
  ])
  func workedExampleOfNumbers(value: Double, fixedText: String, shortText: String) {
    #expect(fixed(value) == fixedText)
    #expect(short(value) == shortText)
  }

  @Test func workedExampleOfWrapping() {
    #expect(wrapped("one two  three\nfour", width: 9) == ["one two", "three", "four"])
    #expect(wrapped("unbreakable", width: 3) == ["unbreakable"])
    #expect(wrapped("", width: 3) == [])
    #expect(magnitude(3.2e-11) == "3e-11" && magnitude(0) == "0")
    #expect(subscripted(120) == "₁₂₀")
  }
}
