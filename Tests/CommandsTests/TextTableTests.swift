import Testing

@testable import Commands

@Suite("Text tables and numbers")
struct TextTableTests {
  @Test func workedExampleOfATable() {
    let table = TextTable(header: ["method", "ACC"], rows: [["k-means", "79.30"], ["x"]])
    #expect(table.text == "method     ACC\n--------------\nk-means  79.30\nx\n")
  }

  @Test func workedExampleOfNumbers() {
    #expect(decimals(1.25, 1) == "1.2")
    #expect(decimals(-0.5, 3) == "-0.500")
    #expect(percent(0.79299) == "79.30")
    #expect(percent(nil) == "-")
    #expect(duration(47.6) == "48 s")
    #expect(duration(185) == "3 min 5 s")
    #expect(duration(7260) == "2 h 1 min")
  }

  @Test func invariantOddNumbersNeverStopTheProgram() {
    for value in [Double.nan, .infinity, -.infinity, 1e300, -1e300, 1e18] {
      #expect(!duration(value).isEmpty)
      #expect(!decimals(value, 2).isEmpty)
    }
  }
}
