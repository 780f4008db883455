// Decompresses a DEFLATE stream: stored, fixed and dynamic blocks.
//
// Standard  RFC 1951. Bits are read from the lowest bit of each byte on; Huffman codes start at their highest bit.
// Every malformed stream is an error: no input makes this code stop the program, and the output has a limit.
// Tests     FilesTests/InflateTests.swift

/// What is wrong with a DEFLATE stream.
package enum InflateError: Error, Equatable, CustomStringConvertible {
  case truncated
  case reservedBlockType
  case storedLengthMismatch
  case badCodeLengths
  case undefinedCode
  case distanceTooFar
  case outputAbove(limit: Int)

  package var description: String {
    switch self {
    case .truncated: "the compressed data end too early"
    case .reservedBlockType: "the compressed data hold a block of the reserved type 3"
    case .storedLengthMismatch: "the length of a stored block differs from its complement"
    case .badCodeLengths: "the code lengths of a compressed block make no Huffman code"
    case .undefinedCode: "the compressed data use a code that stands for nothing"
    case .distanceTooFar: "the compressed data refer to bytes before their beginning"
    case .outputAbove(let limit): "the data decompress to more than \(limit) bytes, the most that is accepted"
    }
  }
}

/// A decoder at some place of a DEFLATE stream.
package struct Inflate {
  private var reader: BitReader
  private var output: [UInt8] = []
  private let limit: Int

  /// The decompressed bytes of the stream that begins at `start`, and the place of the first byte after it.
  package static func decompress(
    _ bytes: [UInt8], from start: Int = 0, limit: Int
  ) throws(InflateError) -> (output: [UInt8], end: Int) {
    var decoder = Inflate(reader: BitReader(bytes: bytes, position: start), limit: limit)
    var isLast = false
    while !isLast {
      isLast = try decoder.reader.bits(1) == 1
      switch try decoder.reader.bits(2) {
      case 0: try decoder.copyStoredBlock()
      case 1: try decoder.decodeBlock(literals: fixedLiterals, distances: fixedDistances)
      case 2:
        let (literals, distances) = try decoder.readCodes()
        try decoder.decodeBlock(literals: literals, distances: distances)
      default: throw .reservedBlockType
      }
    }
    return (decoder.output, decoder.reader.alignToByte())
  }

  private static let fixedLiterals = HuffmanCode(
    knownLengths: (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 })
  private static let fixedDistances = HuffmanCode(knownLengths: Array(repeating: 5, count: 32))

  private mutating func copyStoredBlock() throws(InflateError) {
    _ = reader.alignToByte()
    let length = try reader.bits(16)
    guard try reader.bits(16) == length ^ 0xFFFF else { throw .storedLengthMismatch }
    guard output.count + length <= limit else { throw .outputAbove(limit: limit) }
    for _ in 0..<length { output.append(UInt8(truncatingIfNeeded: try reader.bits(8))) }
  }

  /// Section 3.2.7: the lengths of the two codes are themselves Huffman coded, with runs.
  private mutating func readCodes() throws(InflateError) -> (literals: HuffmanCode, distances: HuffmanCode) {
    let literalCount = try reader.bits(5) + 257
    let distanceCount = try reader.bits(5) + 1
    guard literalCount <= 286 && distanceCount <= 30 else { throw .badCodeLengths }
    var metaLengths = [UInt8](repeating: 0, count: 19)
    let metaCount = try reader.bits(4) + 4
    for index in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15].prefix(metaCount) {
      metaLengths[index] = UInt8(try reader.bits(3))
    }
    let meta = try HuffmanCode(lengths: metaLengths[...])
    var lengths: [UInt8] = []
    while lengths.count < literalCount + distanceCount {
      let symbol = try reader.symbol(meta)
      switch symbol {
      case 16:
        guard let last = lengths.last else { throw .badCodeLengths }
        lengths += Array(repeating: last, count: try reader.bits(2) + 3)
      case 17: lengths += Array(repeating: 0, count: try reader.bits(3) + 3)
      case 18: lengths += Array(repeating: 0, count: try reader.bits(7) + 11)
      default: lengths.append(UInt8(symbol))
      }
    }
    // A run may cross from the literals to the distances, but not beyond them; without an end code nothing would end.
    guard lengths.count == literalCount + distanceCount && lengths[256] != 0 else { throw .badCodeLengths }
    return (try HuffmanCode(lengths: lengths[..<literalCount]), try HuffmanCode(lengths: lengths[literalCount...]))
  }

  /// Lengths and distances, section 3.2.5: a base for each symbol and a number of extra bits to add.
  private static let lengthBases = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
  ]

  private mutating func decodeBlock(literals: HuffmanCode, distances: HuffmanCode) throws(InflateError) {
    while true {
      let symbol = try reader.symbol(literals)
      if symbol < 256 {
        guard output.count < limit else { throw .outputAbove(limit: limit) }
        output.append(UInt8(truncatingIfNeeded: symbol))
        continue
      }
      if symbol == 256 { return }
      guard symbol <= 285 else { throw .undefinedCode }
      let extraLengthBits = symbol < 265 || symbol == 285 ? 0 : (symbol - 261) / 4
      let length = Self.lengthBases[symbol - 257] + (try reader.bits(extraLengthBits))
      let distanceSymbol = try reader.symbol(distances)
      guard distanceSymbol < 30 else { throw .undefinedCode }
      let extraBits = max(0, distanceSymbol / 2 - 1)
      let base = distanceSymbol < 4 ? distanceSymbol + 1 : ((2 + distanceSymbol % 2) << extraBits) + 1
      let distance = base + (try reader.bits(extraBits))
      guard distance <= output.count else { throw .distanceTooFar }
      guard output.count + length <= limit else { throw .outputAbove(limit: limit) }
      let source = output.count - distance
      for offset in 0..<length { output.append(output[source + offset]) }
    }
  }
}
