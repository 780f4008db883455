// The chunks of a PNG file: what a picture is made of, checked; the rest passed over.
//
// What decides the pixels must be right, or the reading ends. What is irregular elsewhere is told and changes nothing: the
// rules are those of the standard's section 13 ("Decoders") and of libpng.
//
// Standard  PNG (ISO/IEC 15948), sections 5 (structure), 11.2 (PLTE, IDAT, IEND), 11.3 (tRNS, eXIf)
// Tests     ImagesTests/PNGReadingTests.swift, ImagesTests/PNGIrregularTests.swift
// Fixture   Fixtures/images/formats/png.json
import Files

/// What the chunks of a PNG file hold.
struct PNGChunks {
  let header: PNGHeader
  /// Red, green and blue of each colour of the palette; empty where pixels are no indices.
  private(set) var palette: [UInt8] = []
  /// The contents of tRNS: the opacity of colours of the palette, or the samples of the transparent colour.
  private(set) var transparency: [UInt8]?
  /// The places of all IDAT chunks' contents: one zlib stream.
  private(set) var data: [Range<Int>] = []
  /// How the picture is to be turned, which eXIf tells.
  private(set) var orientation = Orientation.upright
  /// What is irregular without a bearing on the pixels.
  private(set) var irregularities: [String] = []

  /// Walks through a file that begins with PNG's signature.
  init(_ bytes: [UInt8]) throws(PNGProblem) {
    var (chunks, header, hasEnded, others) = (PNGChunkReader(bytes), PNGHeader?.none, false, Irregularities())
    var (palette, transparency, exif) = ([UInt8]?.none, [UInt8]?.none, [UInt8]?.none)
    while !hasEnded {
      guard let chunk = try chunks.next(pixelsAreThere: !data.isEmpty) else {
        others.add("the chunk IEND is missing or cut off at the end of the file")
        break
      }
      guard let colour = header?.colour else {
        if chunk.name == "IHDR" {
          try chunk.requireChecksum()
          header = try PNGHeader(bytes[chunk.data])
        } else if chunk.isCritical {
          throw PNGProblem("the header is not the first chunk")
        } else {
          others.add("the chunk \(chunk.name) stands before the header")
        }
        continue
      }
      switch chunk.name {
      case "IHDR": throw PNGProblem("the chunk IHDR stands twice or in a wrong place")
      case "IDAT":
        try chunk.requireChecksum()
        if let last = data.last, last.upperBound + 12 != chunk.data.lowerBound {
          others.add("other chunks stand between those of the pixels")
        }
        data.append(chunk.data)
      case "PLTE" where colour == .palette:
        guard palette == nil && data.isEmpty else {
          throw PNGProblem("the chunk PLTE stands twice or in a wrong place")
        }
        try chunk.requireChecksum()
        palette = Array(bytes[chunk.data])
      case "PLTE":
        // Elsewhere a palette is only advice for screens of few colours.
        if !chunk.isWhole { others.add("the CRC-32 of the chunk PLTE is wrong") }
      case "tRNS" where colour == .greyAlpha || colour == .redAlpha:
        others.add("there is a transparent colour although every pixel has an opacity")
      case "tRNS" where transparency == nil && data.isEmpty:
        try chunk.requireChecksum()
        if colour == .palette && palette == nil { others.add("the chunk tRNS stands before the palette") }
        transparency = Array(bytes[chunk.data])
      case "tRNS": others.add("a chunk tRNS that stands twice or behind the pixels was passed over")
      case "eXIf" where exif == nil:
        if chunk.isWhole {
          exif = Array(bytes[chunk.data])
        } else {
          others.add("the CRC-32 of the chunk eXIf is wrong, so the picture stays as it is stored")
        }
      case "IEND":
        hasEnded = true
        if !chunk.isWhole { others.add("the CRC-32 of the chunk IEND is wrong") }
      default:
        guard !chunk.isCritical else { throw PNGProblem("the chunk \(chunk.name) is unknown") }
        if !chunk.isWhole { others.add("the CRC-32 of the chunk \(chunk.name) is wrong") }
      }
    }
    if hasEnded && chunks.offset < bytes.count {
      others.add(surplusText(bytes.count - chunks.offset, "the end of the picture"))
    }
    guard let header else { throw PNGProblem("there is no header") }
    self.header = header
    irregularities = others.sentences
    try takeColours(palette: palette ?? [], transparency: transparency)
    guard !data.isEmpty else { throw PNGProblem("there are no pixels") }
    if let exif { takeOrientation(exif) }
  }

  /// Adds what turned out while the pixels were read.
  mutating func add(irregularity: String) { irregularities.append(irregularity) }

  private mutating func takeOrientation(_ exif: [UInt8]) {
    if let found = Orientation(exif: exif) {
      orientation = found
    } else {
      add(irregularity: "the EXIF data (eXIf) are malformed and were passed over")
    }
  }

  private mutating func takeColours(palette: [UInt8], transparency: [UInt8]?) throws(PNGProblem) {
    (self.palette, self.transparency) = (palette, transparency)
    switch header.colour {
    case .palette:
      guard palette.count % 3 == 0 else {
        throw PNGProblem("the palette has \(palette.count) bytes, not 3 for each of 1 to 256 colours")
      }
      guard !palette.isEmpty else { throw PNGProblem("the palette has 0 colours for pixels of \(header.depth) bits") }
      let (colours, most) = (palette.count / 3, 1 << header.depth)
      if colours > most {
        self.palette = Array(palette[..<(3 * most)])
        add(irregularity: "the palette has \(colours) colours, and pixels of \(header.depth) bits only \(most)")
      }
      if let count = transparency?.count, count > colours {
        self.transparency = transparency.map { Array($0[..<colours]) }
        add(irregularity: "\(count) opacities are given for a palette of \(colours) colours")
      }
    case .grey, .red:
      guard let transparency else { return }
      let expected = 2 * header.samples
      guard transparency.count >= expected else {
        throw PNGProblem("the transparent colour has \(transparency.count) bytes, not \(expected)")
      }
      if transparency.count > expected {
        add(irregularity: "the transparent colour has \(transparency.count) bytes, not \(expected)")
      }
      // Section 11.3.2.1: of samples of fewer than 16 bits only the lowest bits count.
      let samples = stride(from: 0, to: expected, by: 2).map { Int(transparency[$0]) << 8 | Int(transparency[$0 + 1]) }
      if samples.contains(where: { $0 >> header.depth != 0 }) {
        add(irregularity: "the transparent colour has more bits than the samples, \(header.depth)")
      }
    case .greyAlpha, .redAlpha: break
    }
  }
}

/// Irregularities in the order in which they were met, each once.
private struct Irregularities {
  private(set) var sentences: [String] = []
  /// A file of very many irregular chunks costs no more memory than this.
  private static let most = 8

  mutating func add(_ sentence: String) {
    if sentences.count < Self.most && !sentences.contains(sentence) { sentences.append(sentence) }
  }
}
