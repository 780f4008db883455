// Reads PNG pictures of every colour type and depth, interlaced or not, into 8 bits, grey or RGB.
//
// Standard  PNG (ISO/IEC 15948), sections 7 (bits of a sample), 8 (Adam7), 9 (filters)
// Palettes count as colour. What an opacity or a transparent colour means: Picture.swift.
// Tests     ImagesTests/PNGReadingTests.swift    Fixture  Fixtures/images/formats/png.json
import Files

extension PNG {
  /// Whether `bytes` begin as PNG.
  static func isPNG(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) }

  /// The picture in a file's bytes, which begin as PNG.
  static func decode(_ bytes: [UInt8], path: String) throws(ImageSetError) -> Picture {
    do {
      var rows = try PNGRows(PNGChunks(bytes))
      return try rows.picture()
    } catch {
      throw ImageSetError(path: path, problem: "the PNG file is damaged: \(error.sentence)")
    }
  }
}

/// The rows of a PNG file, decompressed but filtered.
private struct PNGRows {
  let chunks: PNGChunks
  var bytes: [UInt8]

  init(_ chunks: PNGChunks) throws(PNGProblem) {
    self.chunks = chunks
    do {
      bytes = try Zlib.decompress(chunks.data, limit: chunks.header.dataSize)
    } catch {
      throw PNGProblem(error.description)
    }
    guard bytes.count == chunks.header.dataSize else {
      throw PNGProblem("the rows have \(bytes.count) bytes instead of \(chunks.header.dataSize)")
    }
  }

  /// The picture: pass by pass, row by row.
  mutating func picture() throws(PNGProblem) -> Picture {
    let header = chunks.header
    let converter = PNGPixels(chunks)
    let area = header.height * header.width
    var pixels = [UInt8](repeating: 0, count: converter.channels * area)
    var position = 0
    for pass in header.passSizes {
      let length = header.rowBytes(pass.width)
      for row in 0..<pass.height {
        try unfilter(row: position, length: length, isFirst: row == 0)
        let colours = try converter.row(bytes[position + 1..<position + 1 + length], count: pass.width)
        let first = (pass.y + row * pass.dy) * header.width + pass.x
        for column in 0..<pass.width {
          for channel in 0..<converter.channels {
            pixels[channel * area + first + column * pass.dx] = colours[column * converter.channels + channel]
          }
        }
        position += 1 + length
      }
    }
    return Picture(
      channels: converter.channels, size: ImageSize(height: header.height, width: header.width), pixels: pixels)
  }

  /// Section 9: each byte was stored as its difference to a prediction from a (left), b (above) and c (above left),
  /// which are 0 outside the pass.
  private mutating func unfilter(row: Int, length: Int, isFirst: Bool) throws(PNGProblem) {
    let filter = bytes[row]
    guard filter <= 4 else { throw PNGProblem("a row has the filter \(filter); there are 0 to 4") }
    guard filter > 0 else { return }
    let pixel = max(1, chunks.header.samples * chunks.header.depth / 8)
    for i in row + 1...row + length {
      let hasLeft = i > row + pixel
      let left = hasLeft ? Int(bytes[i - pixel]) : 0
      let above = isFirst ? 0 : Int(bytes[i - length - 1])
      let aboveLeft = isFirst || !hasLeft ? 0 : Int(bytes[i - length - 1 - pixel])
      let prediction =
        switch filter {
        case 1: left
        case 2: above
        case 3: (left + above) / 2
        default: Self.paeth(left, above, aboveLeft)
        }
      bytes[i] = bytes[i] &+ UInt8(prediction)
    }
  }

  /// Whichever of the three is nearest to a + b − c; of equals the first.
  private static func paeth(_ left: Int, _ above: Int, _ aboveLeft: Int) -> Int {
    let estimate = left + above - aboveLeft
    let (toLeft, toAbove, toAboveLeft) = (abs(estimate - left), abs(estimate - above), abs(estimate - aboveLeft))
    return toLeft <= toAbove && toLeft <= toAboveLeft ? left : toAbove <= toAboveLeft ? above : aboveLeft
  }
}

/// Turns the samples of a row into grey or RGB bytes.
private struct PNGPixels {
  let chunks: PNGChunks
  let channels: Int
  /// The samples of the colour that is transparent; nil if there is none.
  private let transparent: [Int]?

  init(_ chunks: PNGChunks) {
    self.chunks = chunks
    let colour = chunks.header.colour
    channels = colour == .grey || colour == .greyAlpha ? 1 : 3
    transparent =
      colour == .palette
      ? nil
      : chunks.transparency.map { bytes in
        stride(from: 0, to: bytes.count, by: 2).map { Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]) }
      }
  }

  /// The pixels of an unfiltered row, the channels of each together.
  func row(_ bytes: ArraySlice<UInt8>, count: Int) throws(PNGProblem) -> [UInt8] {
    let header = chunks.header
    let samples = samples(bytes, count: count * header.samples)
    if header.colour == .palette { return try colours(samples) }
    let largest = (1 << header.depth) - 1
    var result: [UInt8] = []
    result.reserveCapacity(count * channels)
    let hasAlpha = header.samples > channels
    for first in stride(from: 0, to: samples.count, by: header.samples) {
      let colour = samples[first..<first + channels]
      let isTransparent = transparent.map { colour.elementsEqual($0) } ?? false
      let opacity = hasAlpha ? Picture.byte(samples[first + channels], outOf: largest) : isTransparent ? 0 : 255
      for sample in colour { result.append(Picture.overBlack(Picture.byte(sample, outOf: largest), opacity: opacity)) }
    }
    return result
  }

  /// Samples of 16 bits have their higher byte first; of fewer than 8 bits the first one stands in the highest bits.
  private func samples(_ bytes: ArraySlice<UInt8>, count: Int) -> [Int] {
    let (depth, start) = (chunks.header.depth, bytes.startIndex)
    if depth == 8 { return bytes.map(Int.init) }
    if depth == 16 { return (0..<count).map { Int(bytes[start + 2 * $0]) << 8 | Int(bytes[start + 2 * $0 + 1]) } }
    return (0..<count).map { sample in
      let bit = sample * depth
      return Int(bytes[start + bit / 8]) >> (8 - depth - bit % 8) & ((1 << depth) - 1)
    }
  }

  private func colours(_ indices: [Int]) throws(PNGProblem) -> [UInt8] {
    var result: [UInt8] = []
    let (palette, opacities) = (chunks.palette, chunks.transparency ?? [])
    for index in indices {
      guard index < palette.count / 3 else {
        throw PNGProblem("a pixel has colour \(index) of a palette of \(palette.count / 3)")
      }
      for channel in 0..<3 {
        result.append(
          Picture.overBlack(palette[3 * index + channel], opacity: index < opacities.count ? opacities[index] : 255))
      }
    }
    return result
  }
}
