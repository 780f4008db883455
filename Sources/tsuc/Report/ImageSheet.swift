// Images in rows as one embedded PNG, with what is to be said about each laid over it in SVG: a title on hover, a frame
// around those that disagree, the page's own colour in the gaps.
// Tests    tsucTests/Report/ImageSheetTests.swift, ReportTests.swift
import Images

/// A grid of images of one size.
struct ImageSheet: Sendable {
  /// One image.
  struct Cell: Sendable {
    /// channels × height × width in [0, 1].
    let pixels: [Float]
    /// What hovering tells.
    let title: String
    /// Whether it is framed.
    var isFramed = false
  }

  let channels, height, width: Int
  /// Rows of cells; they may differ in length.
  let rows: [[Cell]]
  /// What the picture shows, for those who cannot see it.
  let description: String
  /// Columns that the picture has room for, used or not: sheets of one width then show images of one size.
  var leastColumns = 1

  /// Pixels between images: a frame needs room.
  private var gap: Int { max(1, max(height, width) / 12) }

  /// The picture; empty without images.
  var svg: String {
    let columns = rows.map(\.count).max() ?? 0
    guard columns > 0 else { return "" }
    let empty = [Float](repeating: 0, count: channels * height * width)
    let images = rows.flatMap { row in
      row.map(\.pixels) + Array(repeating: empty, count: columns - row.count)
    }
    let png = ContactSheet(columns: columns, gap: gap, background: 128).png(
      of: images, channels: channels, height: height, width: width)
    let (cellWidth, cellHeight) = (width + gap, height + gap)
    let size = (width: columns * cellWidth + gap, height: rows.count * cellHeight + gap)
    var text = element("image", ["width": "\(size.width)", "height": "\(size.height)", "href": dataAddress(png: png)])
    text += gaps(columns: columns, size: size)
    for (y, row) in rows.enumerated() {
      for x in row.count..<max(row.count, columns) {
        text += box("blank", x * cellWidth, y * cellHeight, cellWidth + gap, cellHeight + gap, "")
      }
      for (x, cell) in row.enumerated() {
        text += box(
          cell.isFramed ? "cell framed" : "cell", x * cellWidth + gap, y * cellHeight + gap, width, height,
          element("title", [:], escaped(cell.title)))
      }
    }
    let room = max(columns, leastColumns) * cellWidth + gap
    return element(
      "svg",
      ["viewBox": "0 0 \(room) \(size.height)", "role": "img", "class": "sheet", "aria-label": description], text)
  }

  /// The gaps, covered exactly; all boxes turn the same way, so that crossings are covered too.
  private func gaps(columns: Int, size: (width: Int, height: Int)) -> String {
    let across = (0...rows.count).map { "M0 \($0 * (height + gap))h\(size.width)v\(gap)h-\(size.width)z" }
    let down = (0...columns).map { "M\($0 * (width + gap)) 0h\(gap)v\(size.height)h-\(gap)z" }
    return element("path", ["class": "blank", "d": across.joined() + down.joined()])
  }

  private func box(_ style: String, _ x: Int, _ y: Int, _ width: Int, _ height: Int, _ content: String) -> String {
    element(
      "rect", ["class": style, "x": "\(x)", "y": "\(y)", "width": "\(width)", "height": "\(height)"], content)
  }
}
