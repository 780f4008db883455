// Curves over epochs as a picture in SVG, drawn into the report without any script.
// Tests    tsucTests/ReportTests.swift

/// A plot of several series over the same epochs.
struct LossCurves: Sendable {
  /// What stands above the plot.
  let title: String
  /// The series, each with its name.
  let series: [(name: String, points: [(epoch: Int, value: Double)])]

  private static let colours = ["#1b6ca8", "#c8553d", "#2e8b57", "#8e5ea2", "#b8860b", "#444444", "#008b8b"]
  private static let (width, height, left, top, bottom) = (720.0, 240.0, 60.0, 30.0, 30.0)

  /// The picture; empty where there is nothing to draw.
  var svg: String {
    let points = series.flatMap(\.points)
    guard let lowest = points.map(\.value).min(), let highest = points.map(\.value).max(),
      let last = points.map(\.epoch).max()
    else { return "" }
    let span = highest > lowest ? highest - lowest : 1
    func x(_ epoch: Int) -> Double {
      Self.left + (Self.width - Self.left - 150) * (last == 0 ? 0 : Double(epoch) / Double(last))
    }
    func y(_ value: Double) -> Double {
      Self.height - Self.bottom - (Self.height - Self.top - Self.bottom) * (value - lowest) / span
    }
    var text =
      "<svg viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" role=\"img\" aria-label=\"\(escaped(title))\">"
    text += "<text x=\"\(Int(Self.left))\" y=\"16\" class=\"title\">\(escaped(title))</text>"
    for value in [lowest, (lowest + highest) / 2, highest] {
      let line = decimals(y(value), 1)
      text +=
        "<line x1=\"\(Int(Self.left))\" x2=\"\(decimals(x(last), 1))\" y1=\"\(line)\" y2=\"\(line)\" class=\"grid\"/>"
      text += "<text x=\"\(Int(Self.left) - 6)\" y=\"\(line)\" class=\"tick\">\(decimals(value, 2))</text>"
    }
    text += "<text x=\"\(decimals(x(last), 1))\" y=\"\(Int(Self.height) - 8)\" class=\"tick\">epoch \(last)</text>"
    for (number, line) in series.enumerated() {
      let colour = Self.colours[number % Self.colours.count]
      let path = line.points.map { "\(decimals(x($0.epoch), 1)),\(decimals(y($0.value), 1))" }.joined(separator: " ")
      text += "<polyline points=\"\(path)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"1.5\"/>"
      text +=
        "<text x=\"\(Int(Self.width) - 140)\" y=\"\(Int(Self.top) + 16 * number + 8)\" fill=\"\(colour)\">"
        + "\(escaped(line.name))</text>"
    }
    return text + "</svg>"
  }
}

/// Text as it may stand in HTML.
func escaped(_ text: String) -> String {
  text.reduce(into: "") { result, letter in
    switch letter {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    default: result.append(letter)
    }
  }
}
