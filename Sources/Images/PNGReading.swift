// Reads PNG pictures of every colour type and depth, interlaced or not, into 8 bits, grey or RGB.
//
// Row after row is decompressed, unfiltered, converted and forgotten: besides the file and the picture in 8 bits, only two
// rows and the last 32 KiB of the decompressed data are in memory.
//
// Standard  PNG (ISO/IEC 15948), sections 8 (Adam7), 9 (filters)
// Palettes count as colour. What an opacity or a transparent colour means: Picture.swift.
// Tests     ImagesTests/PNGReadingTests.swift    Fixture  Fixtures/images/formats/png.json
import Files

extension PNG {
  /// Whether `bytes` begin as PNG.
  static func isPNG(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) }

  /// The picture in a file's bytes, which begin as PNG.
  static func decode(_ bytes: [UInt8], path: String) throws(ImageSetError) -> Picture {
    do {
      var rows = try PNGRows(PNGChunks(bytes), of: bytes)
      return try rows.picture()
    } catch {
      throw ImageSetError(path: path, problem: "the PNG file is damaged: \(error.sentence)")
    }
  }
}

/// The rows of a PNG file, one after the other.
private struct PNGRows {
  private var chunks: PNGChunks
  private var stream: ZlibReader
  /// The current row behind its filter's number, and the one above it, unfiltered.
  private var row: [UInt8] = []
  private var above: [UInt8] = []
  /// So many bytes behind the pixels are looked at.
  private static let mostSurplus = 1 << 20

  init(_ chunks: PNGChunks, of bytes: [UInt8]) throws(PNGProblem) {
    self.chunks = chunks
    do {
      stream = try ZlibReader(bytes, parts: chunks.data)
    } catch {
      throw PNGProblem(error.description)
    }
  }

  /// The picture: pass by pass, row by row.
  mutating func picture() throws(PNGProblem) -> Picture {
    let header = chunks.header
    // DEFLATE shrinks to no less than one part in 1032: a picture that cannot be there costs no memory.
    let compressed = chunks.data.reduce(0) { $0 + $1.count }
    guard header.dataSize <= 1032 * compressed else {
      throw PNGProblem("\(compressed) compressed bytes cannot hold the \(header.dataSize) bytes of the rows")
    }
    var converter = PNGPixels(chunks)
    let area = header.height * header.width
    var pixels = [UInt8](repeating: 0, count: converter.channels * area)
    var (colours, position) = ([UInt8](), 0)
    for pass in header.passSizes {
      let length = header.rowBytes(pass.width)
      above = [UInt8](repeating: 0, count: length + 1)
      for y in 0..<pass.height {
        try read(length + 1, position: &position)
        try Self.unfilter(&row, above, distance: header.filterDistance)
        converter.convert(row, count: pass.width, into: &colours)
        let first = (pass.y + y * pass.dy) * header.width + pass.x
        Self.scatter(colours, converter.channels, into: &pixels, first: first, step: pass.dx, area: area)
        swap(&row, &above)
      }
    }
    if converter.hasIndexOutside {
      chunks.add(irregularity: "pixels have colours outside of the palette, which are black")
    }
    try finish()
    let size = ImageSize(height: header.height, width: header.width)
    return Picture(
      channels: converter.channels, size: size, pixels: pixels, irregularities: chunks.irregularities
    ).turned(from: chunks.orientation)
  }

  private mutating func read(_ count: Int, position: inout Int) throws(PNGProblem) {
    do {
      try stream.read(count, into: &row)
    } catch {
      throw PNGProblem(error.description)
    }
    position += row.count
    guard row.count == count else {
      throw PNGProblem("the rows have \(position) bytes instead of \(chunks.header.dataSize)")
    }
  }

  /// What follows the last row: nothing, then the checksum of all rows.
  private mutating func finish() throws(PNGProblem) {
    do {
      var surplus = 0
      repeat {
        try stream.read(1 << 12, into: &row)
        surplus += row.count
      } while !row.isEmpty && surplus < Self.mostSurplus
      if surplus > 0 { chunks.add(irregularity: "more rows are stored than the picture has") }
      if row.isEmpty, try stream.finish() { chunks.add(irregularity: "bytes follow the compressed pixels") }
    } catch {
      throw PNGProblem(error.description)
    }
  }

  /// Pixels of a row, the channels of each together, to their places in the planes.
  private static func scatter(
    _ colours: [UInt8], _ channels: Int, into pixels: inout [UInt8], first: Int, step: Int, area: Int
  ) {
    let source = colours.span
    var target = pixels.mutableSpan
    for channel in 0..<channels {
      var place = channel * area + first
      for index in stride(from: channel, to: source.count, by: channels) {
        target[place] = source[index]
        place += step
      }
    }
  }

  /// Section 9: each byte was stored as its difference to a prediction from a (left), b (above) and c (above left),
  /// which are 0 outside the pass.
  private static func unfilter(_ bytes: inout [UInt8], _ above: [UInt8], distance: Int) throws(PNGProblem) {
    let filter = bytes[0]
    guard filter <= 4 else { throw PNGProblem("a row has the filter \(filter); there are 0 to 4") }
    let above = above.span
    var row = bytes.mutableSpan
    switch filter {
    case 1: for i in 1 + distance..<max(1 + distance, row.count) { row[i] = row[i] &+ row[i - distance] }
    case 2: for i in 1..<row.count { row[i] = row[i] &+ above[i] }
    case 3:
      for i in 1..<row.count {
        let left = i > distance ? Int(row[i - distance]) : 0
        row[i] = row[i] &+ UInt8(truncatingIfNeeded: (left + Int(above[i])) / 2)
      }
    case 4:
      for i in 1..<row.count {
        let (left, aboveLeft) = i > distance ? (Int(row[i - distance]), Int(above[i - distance])) : (0, 0)
        row[i] = row[i] &+ UInt8(truncatingIfNeeded: paeth(left, Int(above[i]), aboveLeft))
      }
    default: break
    }
  }

  /// Whichever of the three is nearest to a + b − c; of equals the first.
  private static func paeth(_ left: Int, _ above: Int, _ aboveLeft: Int) -> Int {
    let estimate = left + above - aboveLeft
    let (toLeft, toAbove, toAboveLeft) = (abs(estimate - left), abs(estimate - above), abs(estimate - aboveLeft))
    return toLeft <= toAbove && toLeft <= toAboveLeft ? left : toAbove <= toAboveLeft ? above : aboveLeft
  }
}
