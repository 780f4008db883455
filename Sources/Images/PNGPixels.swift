// What the bytes of a PNG picture's row mean: samples of 1 to 16 bits, indices of a palette, opacities.
//
// Standard  PNG (ISO/IEC 15948), sections 7 (bits of a sample), 13 (what a decoder does)
// Tests     ImagesTests/PNGReadingTests.swift    Fixture  Fixtures/images/formats/png.json

/// Turns the samples of a row into grey or RGB bytes, each rounded once: samples of 16 bits keep them until they have been
/// laid over black.
struct PNGPixels {
  let channels: Int
  /// Whether a pixel had a colour that the palette lacks.
  private(set) var hasIndexOutside = false

  private let header: PNGHeader
  /// The samples of the colour that is transparent; nil if there is none.
  private let transparent: [Int]?
  /// Red, green and blue of every index that pixels can have, over black; black where the palette has ended.
  private let colours: [UInt8]
  private let colourCount: Int
  private var samples: [Int] = []

  init(_ chunks: PNGChunks) {
    header = chunks.header
    channels = header.colour == .grey || header.colour == .greyAlpha ? 1 : 3
    guard header.colour == .palette else {
      (colours, colourCount) = ([], 0)
      let (depth, count) = (header.depth, 2 * header.samples)
      transparent =
        header.samples > channels
        ? nil
        : chunks.transparency.map { bytes in
          stride(from: 0, to: count, by: 2).map { (Int(bytes[$0]) << 8 | Int(bytes[$0 + 1])) & ((1 << depth) - 1) }
        }
      return
    }
    let (palette, opacities) = (chunks.palette, chunks.transparency ?? [])
    transparent = nil
    colourCount = palette.count / 3
    colours = (0..<3 << header.depth).map { place in
      place >= palette.count
        ? 0
        : Picture.overBlack(
          Int(palette[place]), opacity: place / 3 < opacities.count ? Int(opacities[place / 3]) : 255, outOf: 255)
    }
  }

  /// Puts the pixels of an unfiltered row, which stand behind the filter's number, in place of what `result` held; the
  /// channels of a pixel together.
  mutating func convert(_ row: [UInt8], count: Int, into result: inout [UInt8]) {
    result.removeAll(keepingCapacity: true)
    if header.depth == 8 && header.samples == channels && transparent == nil && header.colour != .palette {
      result += row[1...]
      return
    }
    readSamples(row, count: count * header.samples)
    if header.colour == .palette { return look(into: &result) }
    let largest = (1 << header.depth) - 1
    let hasAlpha = header.samples > channels
    for first in stride(from: 0, to: samples.count, by: header.samples) {
      var isTransparent = transparent != nil
      if let transparent {
        for channel in 0..<channels where samples[first + channel] != transparent[channel] { isTransparent = false }
      }
      let opacity = hasAlpha ? samples[first + channels] : isTransparent ? 0 : largest
      for channel in 0..<channels {
        result.append(Picture.overBlack(samples[first + channel], opacity: opacity, outOf: largest))
      }
    }
  }

  /// Samples of 16 bits have their higher byte first; of fewer than 8 bits the first one stands in the highest bits.
  private mutating func readSamples(_ row: [UInt8], count: Int) {
    samples.removeAll(keepingCapacity: true)
    let (depth, bytes) = (header.depth, row.span)
    switch depth {
    case 8: for sample in 0..<count { samples.append(Int(bytes[1 + sample])) }
    case 16:
      for sample in 0..<count { samples.append(Int(bytes[1 + 2 * sample]) << 8 | Int(bytes[2 + 2 * sample])) }
    default:
      for sample in 0..<count {
        let bit = sample * depth
        samples.append(Int(bytes[1 + bit / 8]) >> (8 - depth - bit % 8) & ((1 << depth) - 1))
      }
    }
  }

  /// The colours of indices; section 13.1 has those outside of the palette black.
  private mutating func look(into result: inout [UInt8]) {
    for index in samples {
      if index >= colourCount { hasIndexOutside = true }
      for channel in 0..<3 { result.append(colours[3 * index + channel]) }
    }
  }
}
