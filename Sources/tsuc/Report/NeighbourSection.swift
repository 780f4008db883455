// Which images stage 1 took for alike: the rounds in numbers, and anchors of the last round beside their neighbours.
// Tests    tsucTests/Report/ReportTests.swift
import Commands
import Images
import TwoStage

/// A table of the rounds and two sheets of anchors.
struct NeighbourSection {
  private let contents: ReportContents

  init(_ contents: ReportContents) { self.contents = contents }

  /// Anchors of a sheet, and neighbours of an anchor that are shown.
  private static let (anchorCount, neighbourCount) = (10, 8)

  var html: String {
    let table = rounds
    let sheets = contents.neighbourhoods.map(sheets) ?? ""
    if table.isEmpty && sheets.isEmpty { return "" }
    return element("h2", [:], "Anchors and neighbours of stage 1")
      + element(
        "p", [:],
        "Before each round but the first the images of lowest entropy become anchors, and each is pulled to its nearest neighbours."
          + (contents.labels == nil ? "" : " Consistency is the share of neighbours with their anchor's class."))
      + table + sheets
  }

  private var rounds: String {
    let epochs = contents.history.epochs.filter { $0.stage == 1 }
    var seen: Set<Int> = []
    let firsts = epochs.filter { seen.insert($0.round).inserted }
    func value(_ name: String, _ epoch: EpochRecord) -> Double? { epoch.values.first { $0.name == name }?.value }
    guard !firsts.isEmpty else { return "" }
    let hasLabels = contents.labels != nil
    let rows = firsts.map { epoch -> String in
      let anchors = value("anchors", epoch)
      let cells =
        [
          "\(epoch.round)", anchors.map { grouped(Int($0)) } ?? "–",
          anchors.map { decimals(100 * $0 / Double(contents.images.count), 1) } ?? "–",
        ] + (hasLabels ? [value("consistency", epoch).map { percent($0) } ?? "–"] : [])
      return element("tr", [:], cells.map { element("td", [:], $0) }.joined())
    }
    let names = ["round", "anchors", "% of images"] + (hasLabels ? ["consistency, %"] : [])
    return element(
      "table", [:], element("tr", [:], names.map { element("th", [:], $0) }.joined()) + rows.joined())
  }

  private func sheets(_ neighbourhoods: Neighbourhoods) -> String {
    let anchors = neighbourhoods.anchors
    guard !anchors.isEmpty else { return "" }
    // Evenly spaced from the most confident anchor to the least confident one, half of them on each card.
    let chosen =
      anchors.count <= 2 * Self.anchorCount
      ? anchors : (0..<2 * Self.anchorCount).map { anchors[$0 * (anchors.count - 1) / (2 * Self.anchorCount - 1)] }
    let half = (chosen.count + 1) / 2
    let less = Array(chosen[half...])
    return element(
      "div", ["class": "charts"],
      card("Anchors of the last round, the surer half", Array(chosen[..<half]), neighbourhoods)
        + (less.isEmpty ? "" : card("The less sure half", less, neighbourhoods)))
  }

  private func card(_ title: String, _ anchors: [Int], _ neighbourhoods: Neighbourhoods) -> String {
    let pairs = anchors.map { anchor in
      (anchor, neighbourhoods.members(of: anchor).dropFirst().prefix(Self.neighbourCount))
    }
    let anchorSheet = contents.sheet(pairs.map { [plain($0.0, "anchor, ")] }, "anchors")
    let others = contents.sheet(
      pairs.map { anchor, neighbours in neighbours.map { neighbour($0, of: anchor) } }, "their nearest neighbours")
    // Both sheets have rows of one height if they share the height of the page: their widths are as their columns.
    let columns = max(1, pairs.map(\.1.count).max() ?? 1)
    return element(
      "article", [:],
      element("h3", [:], title)
        + element(
          "p", ["class": "note"],
          "anchor | its nearest neighbours" + (contents.labels == nil ? "" : ", framed if of another class"))
        + element(
          "div",
          [
            "class": "pairs",
            "style": "grid-template-columns: \(share(1))fr \(share(columns))fr; max-width: \(44 * (columns + 1))px",
          ],
          anchorSheet.svg + others.svg))
  }

  /// The width of a sheet of so many columns in pixels, its outer gaps included.
  private func share(_ columns: Int) -> Int {
    let gap = max(1, max(contents.images.height, contents.images.width) / 12)
    return columns * (contents.images.width + gap) + gap
  }

  private func plain(_ image: Int, _ role: String) -> ImageSheet.Cell {
    ImageSheet.Cell(pixels: contents.images.image(image), title: role + contents.title(image))
  }

  private func neighbour(_ image: Int, of anchor: Int) -> ImageSheet.Cell {
    var cell = plain(image, "")
    cell.isFramed = contents.labels.map { $0[image] != $0[anchor] } ?? false
    return cell
  }
}

/// neighbours.csv: the anchors of the last round of stage 1, the most confident first, each with its neighbours, the nearest first.
enum NeighbourFile {
  static let name = "neighbours.csv"

  /// One row for each pair; where images have files of their own, these stand behind the numbers.
  static func csv(_ neighbourhoods: Neighbourhoods, names: [String]? = nil) -> String {
    let header = "anchor,neighbour" + (names == nil ? "\n" : ",anchor_file,neighbour_file\n")
    return zip(neighbourhoods.anchors, neighbourhoods.neighbours).reduce(into: header) { text, pair in
      for neighbour in pair.1 {
        text += "\(pair.0),\(neighbour)"
        if let names { text += ",\(CSV.field(names[pair.0])),\(CSV.field(names[neighbour]))" }
        text += "\n"
      }
    }
  }

  /// The neighbourhoods in the text of the file.
  static func parse(_ text: String, imageCount: Int, path: String) throws(RunError) -> Neighbourhoods {
    var (anchors, neighbours): ([Int], [[Int]]) = ([], [])
    var seen: Set<Int> = []
    let lines: [DelimitedText.Line]
    do {
      lines = try DelimitedText(Array(text.utf8), path: path).lines
    } catch {
      throw RunError(error.description)
    }
    for line in lines.dropFirst() {
      let cells = line.fields.prefix(2).map { Int($0) }
      guard cells.count == 2, let anchor = cells[0], let neighbour = cells[1], (0..<imageCount).contains(anchor),
        (0..<imageCount).contains(neighbour)
      else {
        throw RunError(
          "\(path), line \(line.number): expected two images below \(imageCount), as in \"3,17\", and found "
            + "\"\(line.fields.joined(separator: ","))\"")
      }
      if anchors.last != anchor {
        guard seen.insert(anchor).inserted else {
          throw RunError(
            "\(path), line \(line.number): anchor \(anchor) occurs in two places; its rows must follow one another")
        }
        anchors.append(anchor)
        neighbours.append([])
      }
      neighbours[neighbours.count - 1].append(neighbour)
    }
    return Neighbourhoods(imageCount: imageCount, anchors: anchors, neighbours: neighbours)
  }
}
