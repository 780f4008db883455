import Commands
import Testing

@testable import tsuc

@Suite("Charts of the report")
struct LineChartTests {
  @Test func workedExamplesOfTicks() {
    let ticks = AxisTicks(from: 0.3, to: 9.2)
    #expect(ticks.values == [0, 5, 10] && ticks.digits == 0)
    let small = AxisTicks(from: -0.031, to: 0.02)
    #expect(small.values.map(small.text) == ["-0.04", "-0.02", "0.00", "0.02"])
    #expect(AxisTicks(from: 0, to: 3, count: 5, isWhole: true).values == [0, 1, 2, 3])
    #expect(AxisTicks(from: 0, to: 59, count: 5, isWhole: true).values == [0, 20, 40, 60])
  }

  @Test(arguments: [(0.0, 1.0), (5.0, 5.0), (-3.0, 1e9), (1e-12, 2e-12), (0.0, 0.0), (-7.5, -7.4)])
  func invariantTicksEncloseTheValues(low: Double, high: Double) {
    let ticks = AxisTicks(from: low, to: high)
    let slack = 1e-6 * max(abs(low), abs(high))
    #expect(ticks.range.lowerBound <= low + slack && ticks.range.upperBound >= high - slack)
    #expect((2...12).contains(ticks.values.count))
    #expect(Set(ticks.values.map(ticks.text)).count == ticks.values.count)
  }

  @Test func invariantChartsNeverStopTheProgram() {
    func chart(_ points: [(x: Double, y: Double)]) -> String {
      LineChart(title: "<", axis: "epoch", series: [.init("&", points, colour: 0)], marks: [(0, "round 0")]).figure
    }
    #expect(LineChart(title: "", axis: "", series: []).figure == "")
    #expect(chart([]) == "" && chart([(0, .nan)]) == "")
    #expect(chart([(0, 1)]).contains("<circle"))
    for points in [[(0.0, 1.0), (1.0, 1.0)], [(0, -1), (1, .infinity), (2, 3)]] {
      let figure = chart(points.map { (x: $0.0, y: $0.1) })
      #expect(figure.contains("<polyline") && figure.contains("&lt;") && figure.contains("&amp;"))
      #expect(!figure.contains("nan") && !figure.contains("inf"))
    }
  }

  // Five lines that end at one point: their names keep a line's height from each other.
  @Test func invariantNamesDoNotOverlap() throws {
    let series = (0..<5).map { LineChart.Series("n\($0)", [(0, Double($0)), (1, 9)], colour: $0) }
    let figure = LineChart(title: "", axis: "", series: series).figure
    let baselines = figure.matches(of: /class="name c\d " x="[0-9.]*" y="([0-9.]+)"/).compactMap { Double($0.1) }
      .sorted()
    #expect(baselines.count == 5)
    for (above, below) in zip(baselines, baselines.dropFirst()) { #expect(below - above >= 12.9) }
  }

  @Test func workedExamplesOfMarkup() {
    #expect(escaped("<a href=\"x\">&'\u{0}") == "&lt;a href=&quot;x&quot;&gt;&amp;&#39;\u{FFFD}")
    #expect(element("p", ["id": "a&b"], "<b/>") == "<p id=\"a&amp;b\"><b/></p>")
    #expect(element("meta", ["charset": "utf-8"]) == "<meta charset=\"utf-8\"/>" && element("i") == "<i></i>")
    #expect([0, 999, 1000, -1_234_567].map(grouped) == ["0", "999", "1,000", "-1,234,567"])
    #expect([1, 1.26, -0.5].map(coordinate) == ["1", "1.3", "-0.5"])
  }

  @Test func invariantColoursDiffer() {
    for isDark in [false, true] {
      let colours = (0..<40).map { Palette.colour($0, isDark: isDark) }
      #expect(Set(colours).count == 40)
    }
    #expect(Palette.variables(count: 2, isDark: false) == "--c0: #332288; --c1: #cc6677;")
  }
}
