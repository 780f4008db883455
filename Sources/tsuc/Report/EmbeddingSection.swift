// The embeddings of stage 2 in the plane: along their two principal components, and by t-SNE. Points are coloured by
// cluster or by class (two buttons, no script), and show their image where the pointer is.
// Tests    tsucTests/Report/ReportTests.swift
import Commands
import Evaluation
import Images
import Networks
import TwoStage

/// Two maps of up to 2,000 images.
struct EmbeddingSection {
  private let contents: ReportContents

  init(_ contents: ReportContents) { self.contents = contents }

  /// The side of a map's view box, and what of it stays empty around the points.
  private static let (side, margin) = (440.0, 18.0)
  /// The most bytes of pixels that are embedded for hovering; with larger images fewer points show theirs.
  private static let pixelBytes = 2_000_000

  var html: String {
    guard contents.shown.count > 2 else { return "" }
    let components = PrincipalComponents(of: contents.embeddings, count: min(2, contents.embeddings.columns))
    let tSNE = StochasticNeighbourEmbedding()
    let layout = tSNE.layOut(contents.embeddings)
    let explained = components.variances.reduce(0, +) / max(components.totalVariance, .leastNormalMagnitude)
    let plane = components.project(contents.embeddings)
    let maps =
      map(
        plane, "Two principal components, \(decimals(100 * Double(explained), 1)) % of the variance",
        "principal components")
      + map(
        layout.positions,
        "t-SNE, perplexity \(Int(tSNE.perplexity)), \(tSNE.iterations) turns; divergence "
          + "\(decimals(layout.firstDivergence, 2)) → \(decimals(layout.divergence, 2))", "t-SNE")
    let all = contents.shown.count == contents.images.count
    let what =
      "Each point is one of \(all ? "all" : "the") \(grouped(contents.shown.count)) images"
      + (all ? "" : ", evenly spaced,") + " where stage 2's encoder puts it. Hover to see it."
      + (contents.labels == nil ? "" : " Ringed points have another class than their cluster is matched with.")
    return element("h2", [:], "The embedding") + element("p", [:], what) + buttons
      + element("div", ["class": "maps"], maps) + atlasStyle
  }

  /// Two buttons that choose the colours; nothing to choose without labels.
  private var buttons: String {
    guard contents.labels != nil else { return "" }
    func button(_ id: String, _ text: String, _ attributes: KeyValuePairs<String, String>) -> String {
      element("input", attributes) + element("label", ["for": id], text)
    }
    return button(
      "by-cluster", "by cluster", ["type": "radio", "name": "colours", "id": "by-cluster", "checked": "checked"])
      + button("by-label", "by class", ["type": "radio", "name": "colours", "id": "by-label"])
  }

  private func map(_ positions: Tensor<Float>, _ caption: String, _ name: String) -> String {
    let coordinates = Self.coordinates(positions)
    var points = ""
    let colours = contents.clusterColours
    for (number, image) in contents.shown.enumerated() {
      let label = contents.labels.map { " l\($0[image])" } ?? ""
      points += element(
        "circle",
        [
          "class": "k\(colours[contents.clusters[image]])\(label)\(contents.isMisplaced(image) ? " ring" : "")",
          "cx": coordinate(coordinates[number].x), "cy": coordinate(coordinates[number].y), "r": "2.6",
        ])
    }
    let names =
      names("of-clusters", coordinates, groups: contents.matching.count) {
        contents.clusters[$0]
      } text: {
        contents.matching[$0].map { contents.classNames[$0] } ?? "cluster \($0)"
      }
    let classes = contents.labels.map { labels in
      self.names("of-classes", coordinates, groups: contents.classNames.count) {
        labels[$0]
      } text: {
        contents.classNames[$0]
      }
    }
    let side = coordinate(Self.side)
    let svg = element(
      "svg",
      ["viewBox": "0 0 \(side) \(side)", "class": "chart", "role": "img", "aria-label": "\(name) of the embeddings"],
      points + names + (classes ?? ""))
    return element(
      "figure", [:],
      element("figcaption", [:], escaped(caption)) + element("div", ["class": "map"], svg + targets(coordinates)))
  }

  /// Positions on the map, both axes on one scale.
  private static func coordinates(_ positions: Tensor<Float>) -> [(x: Double, y: Double)] {
    let points = (0..<positions.rows).map { i -> (x: Double, y: Double) in
      let row = Array(positions.row(i))
      return (Double(row[0]), row.count > 1 ? Double(row[1]) : 0)
    }
    let (left, right) = (points.map(\.x).min() ?? 0, points.map(\.x).max() ?? 0)
    let (low, high) = (points.map(\.y).min() ?? 0, points.map(\.y).max() ?? 0)
    let scale = (side - 2 * margin) / max(right - left, high - low, 1e-12)
    return points.map { point in
      (side / 2 + scale * (point.x - (left + right) / 2), side / 2 - scale * (point.y - (low + high) / 2))
    }
  }

  /// The name of each group in the middle of its points.
  private func names(
    _ style: String, _ coordinates: [(x: Double, y: Double)], groups: Int, of group: (Int) -> Int, text: (Int) -> String
  ) -> String {
    var members = [[Int]](repeating: [], count: groups)
    for (number, image) in contents.shown.enumerated() { members[group(image)].append(number) }
    let names = members.indices.filter { !members[$0].isEmpty }.map { number in
      // The member nearest to the medians of both coordinates: a group in two parts is not named between them.
      let (x, y) = (
        Self.median(members[number].map { coordinates[$0].x }), Self.median(members[number].map { coordinates[$0].y })
      )
      let distances = members[number].map {
        (coordinates[$0].x - x) * (coordinates[$0].x - x) + (coordinates[$0].y - y) * (coordinates[$0].y - y)
      }
      let nearest = distances.indices.reduce(0) { distances[$1] < distances[$0] ? $1 : $0 }
      let anchor = coordinates[members[number][nearest]]
      return element("text", ["x": coordinate(anchor.x), "y": coordinate(anchor.y + 5)], escaped(text(number)))
    }
    return element("g", ["class": "names \(style)"], names.joined())
  }

  private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

  /// The numbers of points that show their image.
  private var illustrated: [Int] {
    let limit = max(1, Self.pixelBytes / contents.images.valuesPerImage)
    let count = contents.shown.count
    return count <= limit ? Array(0..<count) : (0..<limit).map { $0 * count / limit }
  }

  /// Images side by side in the one picture that all points take theirs from.
  private var atlasColumns: Int { max(1, Int(Double(illustrated.count).squareRoot().rounded(.up))) }

  /// Invisible squares over the points; those in front are drawn over all others, which SVG cannot.
  private func targets(_ coordinates: [(x: Double, y: Double)]) -> String {
    let columns = atlasColumns
    return illustrated.enumerated().map { index, number in
      let (u, v) = (100 * coordinates[number].x / Self.side, 100 * coordinates[number].y / Self.side)
      return element(
        "i",
        [
          "style": "--u:\(coordinate(u));--v:\(coordinate(v));--x:\(index % columns);--y:\(index / columns)",
          "data-t": contents.title(contents.shown[number]),
        ])
    }.joined()
  }

  private var atlasStyle: String {
    let (images, columns) = (contents.images, atlasColumns)
    let png = ContactSheet(columns: columns, gap: 0).png(
      of: illustrated.map { images.image(contents.shown[$0]) }, channels: images.channels, height: images.height,
      width: images.width)
    let side = 72.0 / Double(max(images.height, images.width))
    let (width, height) = (coordinate(side * Double(images.width)), coordinate(side * Double(images.height)))
    let rows = (illustrated.count + columns - 1) / columns
    return element(
      "style", [:],
      ".map i:hover::before { width: \(width)px; height: \(height)px; "
        + "background-size: calc(\(columns) * \(width)px) calc(\(rows) * \(height)px); "
        + "background-position: calc(var(--x) * -\(width)px) calc(var(--y) * -\(height)px); "
        + "background-image: url('\(dataAddress(png: png))'); }")
  }
}
