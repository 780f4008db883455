// The chunks of a PNG file: what a picture is made of, checked; the rest skipped.
//
// Standard  PNG (ISO/IEC 15948), sections 5 (structure), 11.2 (IHDR, PLTE, IDAT, IEND), 11.3.2 (tRNS)
// Tests     ImagesTests/PNGReadingTests.swift    Fixture  Fixtures/images/formats/png.json
import Files

/// The header of a PNG file.
struct PNGHeader {
  /// The colour types, by their number: grey, RGB, palette, grey with alpha, RGB with alpha.
  enum Colour: UInt8 {
    case grey = 0
    case red = 2
    case palette = 3
    case greyAlpha = 4
    case redAlpha = 6
  }

  let width: Int
  let height: Int
  /// Bits of a sample: 1, 2, 4, 8 or 16.
  let depth: Int
  let colour: Colour
  let isInterlaced: Bool

  /// Samples of a pixel.
  var samples: Int {
    switch colour {
    case .grey, .palette: 1
    case .greyAlpha: 2
    case .red: 3
    case .redAlpha: 4
    }
  }

  /// Bytes of a row of `width` pixels, without its filter's number.
  func rowBytes(_ width: Int) -> Int { (width * samples * depth + 7) / 8 }

  /// The passes as first column and row, steps in x and y: one for a picture that is not interlaced, else Adam7's seven.
  var passes: [(x: Int, y: Int, dx: Int, dy: Int)] {
    isInterlaced
      ? [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
      : [(0, 0, 1, 1)]
  }

  /// The sizes of the passes that have pixels.
  var passSizes: [(x: Int, y: Int, dx: Int, dy: Int, width: Int, height: Int)] {
    passes.compactMap { pass in
      let columns = (width - pass.x + pass.dx - 1) / pass.dx
      let rows = (height - pass.y + pass.dy - 1) / pass.dy
      return columns > 0 && rows > 0 ? (pass.x, pass.y, pass.dx, pass.dy, columns, rows) : nil
    }
  }

  /// How many bytes the compressed rows of all passes hold.
  var dataSize: Int { passSizes.reduce(0) { $0 + $1.height * (1 + rowBytes($1.width)) } }

  /// The header in the 13 bytes of IHDR.
  init(_ data: ArraySlice<UInt8>) throws(PNGProblem) {
    let bytes = Array(data)
    guard bytes.count == 13 else { throw PNGProblem("the header has \(bytes.count) bytes instead of 13") }
    width = bytes[0..<4].reduce(0) { $0 << 8 | Int($1) }
    height = bytes[4..<8].reduce(0) { $0 << 8 | Int($1) }
    if let problem = Picture.problem(height: height, width: width) { throw PNGProblem(problem) }
    depth = Int(bytes[8])
    guard let colour = Colour(rawValue: bytes[9]) else {
      throw PNGProblem("the colour type is \(bytes[9]); there are 0, 2, 3, 4 and 6")
    }
    self.colour = colour
    let depths =
      switch colour {
      case .grey: [1, 2, 4, 8, 16]
      case .palette: [1, 2, 4, 8]
      case .red, .greyAlpha, .redAlpha: [8, 16]
      }
    guard depths.contains(depth) else {
      throw PNGProblem("samples of \(depth) bits were announced; colour type \(bytes[9]) has \(depths)")
    }
    guard bytes[10] == 0, bytes[11] == 0, bytes[12] <= 1 else {
      throw PNGProblem("compression \(bytes[10]), filter \(bytes[11]) or interlacing \(bytes[12]) is unknown")
    }
    isInterlaced = bytes[12] == 1
  }
}

/// What is wrong with a PNG file.
struct PNGProblem: Error {
  let sentence: String
  init(_ sentence: String) { self.sentence = sentence }
}

/// What the chunks of a PNG file hold.
struct PNGChunks {
  let header: PNGHeader
  /// Red, green and blue of each colour of the palette.
  private(set) var palette: [UInt8] = []
  /// The contents of tRNS: the opacity of colours of the palette, or the samples of the transparent colour.
  private(set) var transparency: [UInt8]?
  /// All of IDAT: one zlib stream.
  private(set) var data: [UInt8] = []

  /// Walks through a file that begins with PNG's signature.
  init(_ bytes: [UInt8]) throws(PNGProblem) {
    func number(_ offset: Int) -> Int { bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
    var (offset, header, hasEnded, dataIsOver) = (8, PNGHeader?.none, false, false)
    while !hasEnded {
      guard offset + 12 <= bytes.count, number(offset) <= bytes.count - offset - 12 else {
        throw PNGProblem("the file is truncated: the chunk at byte \(offset) does not end in its \(bytes.count) bytes")
      }
      let data = bytes[offset + 8..<offset + 8 + number(offset)]
      let name = String(decoding: bytes[offset + 4..<offset + 8], as: UTF8.self)
      guard number(data.endIndex) == Int(CRC32.checksum(of: bytes[offset + 4..<data.endIndex])) else {
        throw PNGProblem("the chunk at byte \(offset) is damaged: its CRC-32 is wrong")
      }
      offset = data.endIndex + 4
      guard name == "IHDR" || header != nil else { throw PNGProblem("the header is not the first chunk") }
      dataIsOver = dataIsOver || (name != "IDAT" && !self.data.isEmpty)
      switch name {
      case "IHDR" where header == nil: header = try PNGHeader(data)
      case "PLTE" where palette.isEmpty && self.data.isEmpty:
        palette = Array(data)
        guard !palette.isEmpty, palette.count % 3 == 0, palette.count <= 768 else {
          throw PNGProblem("the palette has \(palette.count) bytes, not 3 for each of 1 to 256 colours")
        }
      case "tRNS" where transparency == nil && self.data.isEmpty: transparency = Array(data)
      case "IDAT" where !dataIsOver: self.data += data
      case "IEND": hasEnded = true
      case "IHDR", "PLTE", "tRNS", "IDAT": throw PNGProblem("the chunk \(name) stands twice or in a wrong place")
      default:
        // Bit 5 of a name's first letter: whether a picture can be shown without the chunk.
        guard bytes[data.startIndex - 4] & 32 != 0 else { throw PNGProblem("the chunk \(name) is unknown") }
      }
    }
    guard let header else { throw PNGProblem("there is no header") }
    self.header = header
    try checkColours()
  }

  private func checkColours() throws(PNGProblem) {
    let colours = palette.count / 3
    switch header.colour {
    case .palette:
      guard (1...1 << header.depth).contains(colours) else {
        throw PNGProblem("the palette has \(colours) colours for pixels of \(header.depth) bits")
      }
      guard (transparency?.count ?? 0) <= colours else {
        throw PNGProblem("\(transparency?.count ?? 0) opacities are given for a palette of \(colours) colours")
      }
    case .grey, .red:
      guard transparency == nil || transparency?.count == 2 * header.samples else {
        throw PNGProblem("the transparent colour has \(transparency?.count ?? 0) bytes, not \(2 * header.samples)")
      }
    case .greyAlpha, .redAlpha:
      guard transparency == nil else { throw PNGProblem("pixels with opacities cannot have a transparent colour too") }
    }
    guard !data.isEmpty else { throw PNGProblem("there are no pixels") }
  }
}
