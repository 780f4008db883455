// Lines over epochs as a picture in SVG: axes with round numbers, each line's name beside its end, marks across.
//
//     ┌ title ───────────────┐
//     │ y ┬───┊───────  name │      the names move apart where lines end close together
//     │   └───┊───────       │
//     │       round 1  epoch │
// Tests    tsucTests/Report/LineChartTests.swift

/// A plot of several series over the same axis.
struct LineChart: Sendable {
  /// One line.
  struct Series: Sendable {
    let name: String
    let points: [(x: Double, y: Double)]
    /// Its colour by number.
    let colour: Int
    /// How it is drawn: "", "strong" or "dashed".
    let style: String

    init(_ name: String, _ points: [(x: Double, y: Double)], colour: Int, style: String = "") {
      (self.name, self.points, self.colour, self.style) = (name, points.filter { $0.y.isFinite }, colour, style)
    }
  }

  /// What stands above the plot, and what the horizontal axis counts.
  let title, axis: String
  let series: [Series]
  /// Vertical lines with names, such as the beginnings of rounds.
  var marks: [(x: Double, name: String)] = []

  private static let (width, height) = (440.0, 250.0)
  private static let (left, right, top, bottom) = (46.0, 90.0, 16.0, 34.0)
  private static let lineHeight = 13.0
  /// More names than this do not fit beside the plot; they then stand below it.
  private static let namesBesidePlot = 14

  /// The figure; empty where there is nothing to draw.
  var figure: String {
    let drawn = series.filter { !$0.points.isEmpty }
    let points = drawn.flatMap(\.points)
    guard let low = points.map(\.y).min(), let high = points.map(\.y).max(), let end = points.map(\.x).max() else {
      return ""
    }
    let begin = min(points.map(\.x).min() ?? 0, 0)
    let plot = Plot(
      horizontal: AxisTicks(from: begin, to: max(end, begin + 1), count: 5, isWhole: true),
      vertical: AxisTicks(from: low, to: high), end: max(end, begin + 1))
    let isCrowded = drawn.count > Self.namesBesidePlot
    let content =
      plot.axes(axis) + plot.marks(marks) + drawn.map(plot.line).joined()
      + (isCrowded ? "" : plot.names(drawn))
    let svg = element(
      "svg",
      [
        "viewBox": "0 0 \(coordinate(Self.width)) \(coordinate(Self.height))", "role": "img", "class": "chart",
        "aria-label": "\(title): " + drawn.map(\.name).joined(separator: ", "),
      ], content)
    let legend =
      isCrowded
      ? element(
        "p", ["class": "legend"],
        drawn.map { element("span", ["class": "k\($0.colour)"], escaped($0.name)) }.joined(separator: " "))
      : ""
    return element("figure", [:], element("figcaption", [:], escaped(title)) + svg + legend)
  }

  /// The axes of a chart and where values lie on them.
  private struct Plot {
    let horizontal, vertical: AxisTicks
    let end: Double

    func x(_ value: Double) -> Double {
      let first = horizontal.range.lowerBound
      return left + (width - left - right) * (value - first) / (end - first)
    }

    func y(_ value: Double) -> Double {
      let range = vertical.range
      return height - bottom - (height - top - bottom) * (value - range.lowerBound)
        / (range.upperBound - range.lowerBound)
    }

    func axes(_ name: String) -> String {
      let across = vertical.values.map { value in
        rule(x(horizontal.range.lowerBound), y(value), x(end), y(value), "grid")
          + text(left - 6, y(value) + 4, vertical.text(value), "tick end")
      }
      let along = horizontal.values.filter { $0 <= end }.map { value in
        rule(x(value), height - bottom, x(value), height - bottom + 4, "tick")
          + text(x(value), height - bottom + 16, horizontal.text(value), "tick middle")
      }
      return across.joined() + along.joined() + text(width - right + 8, height - bottom + 16, name, "tick")
    }

    /// Lines across, the last one always with its name, the others where there is room before the next name.
    func marks(_ marks: [(x: Double, name: String)]) -> String {
      var (text, limit) = ("", Double.infinity)
      for mark in marks.reversed() {
        text += rule(x(mark.x), top, x(mark.x), height - bottom, "mark")
        let end = x(mark.x) + 3 + 6.2 * Double(mark.name.count)
        if end > limit { continue }
        limit = x(mark.x)
        text += self.text(x(mark.x) + 3, top - 4, mark.name, "tick")
      }
      return text
    }

    func line(_ series: Series) -> String {
      let points = series.points.map { "\(coordinate(x($0.x))),\(coordinate(y($0.y)))" }
      let attributes = "line c\(series.colour) \(series.style)"
      guard points.count > 1 else {
        return element(
          "circle",
          [
            "class": "k\(series.colour)", "cx": coordinate(x(series.points[0].x)),
            "cy": coordinate(y(series.points[0].y)), "r": "3",
          ])
      }
      return element("polyline", ["class": attributes, "points": points.joined(separator: " ")])
    }

    /// The names at the ends of the lines, moved apart from top to bottom and, where they leave the plot, back up.
    func names(_ drawn: [Series]) -> String {
      let ends = drawn.map { y($0.points.last?.y ?? 0) + 4 }
      let order = drawn.indices.sorted { (ends[$0], $0) < (ends[$1], $1) }
      var baselines = ends
      for (previous, next) in zip(order, order.dropFirst()) {
        baselines[next] = max(baselines[next], baselines[previous] + lineHeight)
      }
      var limit = height - bottom + 4
      for next in order.reversed() {
        baselines[next] = min(baselines[next], limit)
        limit = baselines[next] - lineHeight
      }
      return drawn.indices.map { number in
        let series = drawn[number]
        let last = series.points.last ?? (0, 0)
        let leader =
          abs(baselines[number] - ends[number]) > 3 || last.x < end
          ? rule(x(last.x) + 1, ends[number] - 4, width - right + 9, baselines[number] - 4, "leader c\(series.colour)")
          : ""
        return leader
          + text(width - right + 11, baselines[number], series.name, "name c\(series.colour) \(series.style)")
      }.joined()
    }

    private func rule(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) -> String {
      element(
        "line",
        ["class": style, "x1": coordinate(x1), "y1": coordinate(y1), "x2": coordinate(x2), "y2": coordinate(y2)])
    }

    private func text(_ x: Double, _ y: Double, _ content: String, _ style: String) -> String {
      element("text", ["class": style, "x": coordinate(x), "y": coordinate(y)], escaped(content))
    }
  }
}
