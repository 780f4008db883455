// Each cluster as its most and its least confident images, with its size and, where there are labels, what it consists of.
// Tests    tsucTests/Report/ReportTests.swift
import Commands
import Images

/// A card for each cluster.
struct ClusterSection {
  private let contents: ReportContents

  init(_ contents: ReportContents) { self.contents = contents }

  private static let (columns, mostConfident, leastConfident) = (10, 30, 10)

  var html: String {
    let note =
      contents.labels == nil
      ? "The most confident images of each cluster and the least confident ones. Hover over an image for its number and probability."
      : "The most confident images of each cluster and the least confident ones. Framed ones have another class than the cluster is matched "
        + "with. Hover over an image for its number and probability."
    return element("h2", [:], "Clusters") + element("p", [:], note)
      + element("div", ["class": "cards"], contents.clusterOrder.map(card).joined())
  }

  private func card(_ cluster: Int) -> String {
    let members = contents.members(of: cluster)
    let swatch = element("span", ["class": "swatch b\(contents.clusterColours[cluster])"])
    let heading = element(
      "h3", [:], swatch + "Cluster \(cluster)" + (matched(cluster).map { " → " + escaped($0) } ?? ""))
    guard let last = members.last else {
      return element("article", [:], heading + element("p", [:], "empty"))
    }
    let least = Array(members.dropFirst(Self.mostConfident).suffix(Self.leastConfident))
    var text =
      heading
      + element("p", [:], "\(grouped(members.count)) image\(members.count == 1 ? "" : "s")" + composition(of: members))
    text += sheet(Array(members.prefix(Self.mostConfident)), "the most confident images of cluster \(cluster)")
    if !least.isEmpty {
      text += element(
        "p", ["class": "note"], "least confident, down to \(decimals(Double(contents.confidences[last]), 2))")
      text += sheet(least, "the least confident images of cluster \(cluster)")
    }
    return element("article", [:], text)
  }

  private func sheet(_ images: [Int], _ description: String) -> String {
    let rows = stride(from: 0, to: images.count, by: Self.columns).map { first in
      images[first..<min(images.count, first + Self.columns)].map(contents.cell)
    }
    var sheet = contents.sheet(rows, description)
    sheet.leastColumns = Self.columns
    return sheet.svg
  }

  private func matched(_ cluster: Int) -> String? { contents.matching[cluster].map { contents.classNames[$0] } }

  /// ", 98.3 % **7**": the most frequent class, the lower one among equals, and its share.
  private func composition(of members: [Int]) -> String {
    guard let labels = contents.labels else { return "" }
    var counts = [Int](repeating: 0, count: contents.classNames.count)
    for image in members { counts[labels[image]] += 1 }
    let most = counts.indices.reduce(0) { counts[$1] > counts[$0] ? $1 : $0 }
    return ", \(decimals(100 * Double(counts[most]) / Double(members.count), 1)) % "
      + element("strong", [:], escaped(contents.classNames[most]))
  }
}

/// The pictures of the clusters as files of their own: "clusters/cluster-3.png" with the fifty most confident images, and
/// "clusters/all.png" with a row for each cluster, its 29 most confident images and its six least confident ones.
struct ClusterPictures {
  let contents: ReportContents

  /// Writes them.
  func write(to folder: RunFolder) throws(RunError) {
    let images = contents.images
    let sheet = ContactSheet(columns: 10, gap: 2, enlargement: max(1, 48 / max(images.height, images.width)))
    let overview = ContactSheet(
      columns: 36, gap: 3, enlargement: max(1, 24 / max(images.height, images.width)))
    var rows: [[Float]] = []
    for cluster in contents.clusterOrder {
      let members = contents.members(of: cluster)
      if members.isEmpty { continue }
      let mostConfident = members.prefix(50).map { images.image($0) }
      try folder.write(png(sheet, mostConfident), to: "clusters/cluster-\(cluster).png")
      let (first, last) = (members.prefix(29), members.dropFirst(29).suffix(6))
      let blank = [Float](repeating: 1, count: images.valuesPerImage)
      rows += first.map { images.image($0) } + Array(repeating: blank, count: 36 - first.count - last.count)
      rows += last.map { images.image($0) }
    }
    if !rows.isEmpty { try folder.write(png(overview, rows), to: "clusters/all.png") }
  }

  private func png(_ sheet: ContactSheet, _ pictures: [[Float]]) -> [UInt8] {
    let images = contents.images
    return sheet.png(of: pictures, channels: images.channels, height: images.height, width: images.width)
  }
}
