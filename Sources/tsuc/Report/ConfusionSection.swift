// The confusion matrix: clusters in the order of the classes that they are matched with, so that what is right lies on
// the diagonal.
// Tests    tsucTests/Report/ReportTests.swift
import Commands

/// A table of counts as a picture; nothing without labels.
struct ConfusionSection {
  private let contents: ReportContents

  init(_ contents: ReportContents) { self.contents = contents }

  private static let (cell, top) = (36.0, 26.0)

  var html: String {
    guard let labels = contents.labels else { return "" }
    let classes = contents.classNames.count
    var counts = [[Int]](repeating: Array(repeating: 0, count: classes), count: contents.matching.count)
    for (cluster, label) in zip(contents.clusters, labels) { counts[cluster][label] += 1 }
    return element("h2", [:], "Clusters against classes")
      + element(
        "p", [:],
        "Rows are clusters, columns classes, numbers images; the stronger a cell's colour, the larger its share of the cluster. The "
          + "one-to-one matching that agrees with most images lies on the diagonal.")
      + element("figure", ["class": "confusion"], picture(counts, classes: classes))
  }

  private func picture(_ counts: [[Int]], classes: Int) -> String {
    let cell = Self.cell
    // Names of classes stand across their columns where they are short, and slanted where they are not.
    let longest = contents.classNames.map(\.count).max() ?? 0
    let top = longest > 4 ? 16 + 4.6 * Double(longest) : Self.top
    let left = 74.0
    var text = ""
    for (column, name) in contents.classNames.enumerated() {
      let (x, y) = (left + (Double(column) + 0.5) * cell, top - 8)
      let attributes: KeyValuePairs<String, String> =
        longest > 4
        ? ["class": "tick", "transform": "translate(\(coordinate(x)) \(coordinate(y))) rotate(-50)"]
        : ["class": "tick middle", "x": coordinate(x), "y": coordinate(y)]
      text += element("text", attributes, escaped(name))
    }
    for (row, cluster) in contents.clusterOrder.enumerated() {
      let y = top + Double(row) * cell
      let size = counts[cluster].reduce(0, +)
      text += element(
        "text", ["class": "tick end", "x": coordinate(left - 8), "y": coordinate(y + cell / 2 + 4)],
        "cluster \(cluster)")
      for (column, count) in counts[cluster].enumerated() {
        text += box(
          count, share: size == 0 ? 0 : Double(count) / Double(size), x: left + Double(column) * cell, y: y,
          isMatched: contents.matching[cluster] == column,
          title: "cluster \(cluster), class \(contents.classNames[column]): \(count) of \(size)")
      }
    }
    let size = (left + Double(classes) * cell + (longest > 4 ? 40 : 2), top + Double(counts.count) * cell + 2)
    return element(
      "svg",
      [
        "viewBox": "0 0 \(coordinate(size.0)) \(coordinate(size.1))", "class": "chart", "role": "img",
        "aria-label": "images of each class in each cluster", "style": "max-width:\(Int(size.0 * 1.25))px",
      ], text)
  }

  private func box(_ count: Int, share: Double, x: Double, y: Double, isMatched: Bool, title: String) -> String {
    let rectangle = element(
      "rect",
      [
        "class": isMatched ? "cell-of-table matched" : "cell-of-table", "x": coordinate(x + 1), "y": coordinate(y + 1),
        "width": coordinate(Self.cell - 2), "height": coordinate(Self.cell - 2),
        // The square root lifts single mistakes above what the eye drops.
        "fill-opacity": decimals(share.squareRoot(), 3),
      ], element("title", [:], escaped(title)))
    if count == 0 { return rectangle }
    let style = share > 0.3 ? "count on-dark" : "count"
    return rectangle
      + element(
        "text", ["class": style, "x": coordinate(x + Self.cell / 2), "y": coordinate(y + Self.cell / 2 + 4)], "\(count)"
      )
  }
}
