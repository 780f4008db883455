// Chunk after chunk of a PNG file: length, name, data, CRC-32.
//
// Standard  PNG (ISO/IEC 15948), section 5.3
// Tests     ImagesTests/PNGReadingTests.swift, ImagesTests/PNGIrregularTests.swift
import Files

/// One chunk.
struct PNGChunk {
  let name: String
  /// The place of its data in the file.
  let data: Range<Int>
  /// Whether its CRC-32 is right.
  let isWhole: Bool
  /// Whether the picture cannot be shown without it: bit 5 of the name's first letter.
  let isCritical: Bool

  /// The place of its length, where it begins.
  var start: Int { data.lowerBound - 8 }

  /// Stops at a wrong checksum.
  func requireChecksum() throws(PNGProblem) {
    guard isWhole else { throw PNGProblem("the chunk at byte \(start) is damaged: its CRC-32 is wrong") }
  }
}

/// A place in a PNG file, between chunks.
struct PNGChunkReader {
  private let bytes: [UInt8]
  /// Where the next chunk begins.
  private(set) var offset = 8

  /// The place behind the signature.
  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// A chunk's name for messages; what a terminal would obey or not show is written in digits.
  private static func text(_ name: ArraySlice<UInt8>) -> String {
    name.map { (0x20...0x7E).contains($0) ? String(UnicodeScalar($0)) : "\\x" + IDX.hex([$0]) }.joined()
  }

  /// The next chunk.
  ///
  /// - Parameter pixelsAreThere: Whether pixels have been met: behind these the file may end without a word.
  /// - Returns: The chunk; nil where a file ends that may end.
  /// - Throws: A sentence where the file ends before the pixels, or in them.
  mutating func next(pixelsAreThere: Bool) throws(PNGProblem) -> PNGChunk? {
    func number(_ offset: Int) -> Int { bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
    guard offset + 12 <= bytes.count, number(offset) <= bytes.count - offset - 12 else {
      let isOfPixels = offset + 8 <= bytes.count && Array(bytes[offset + 4..<offset + 8]) == Array("IDAT".utf8)
      if pixelsAreThere && !isOfPixels { return nil }
      throw PNGProblem("the file is truncated: the chunk at byte \(offset) does not end in its \(bytes.count) bytes")
    }
    let data = offset + 8..<offset + 8 + number(offset)
    let name = bytes[offset + 4..<offset + 8]
    let checksum = CRC32.checksum(of: bytes[offset + 4..<data.upperBound])
    defer { offset = data.upperBound + 4 }
    return PNGChunk(
      name: Self.text(name), data: data, isWhole: number(data.upperBound) == Int(checksum),
      isCritical: bytes[offset + 4] & 32 == 0)
  }
}
