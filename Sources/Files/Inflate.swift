// Decompresses a DEFLATE stream: stored, fixed and dynamic blocks.
//
// Standard  RFC 1951. Bits are read from the lowest bit of each byte on; Huffman codes start at their highest bit.
// Every malformed stream is an error: no input makes this code stop the program, and the output has a limit. A stream can
// be read whole or little by little; then only the last 32 KiB, which later bytes may repeat, are kept of what was read.
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
  /// What comes next: a block's header, the rest of a stored block, a symbol of a compressed block, or nothing.
  private enum State {
    case header
    case stored(Int)
    case symbols(literals: HuffmanCode, distances: HuffmanCode)
    case end
  }

  private(set) var reader: BitReader
  /// What was decompressed, without the bytes that were read and that no distance can reach any more.
  private var output: [UInt8] = []
  /// The place in `output` of the first byte that was not read.
  private var firstUnread = 0
  private var forgotten = 0
  private let limit: Int
  private var state = State.header
  private var isLast = false

  /// No distance is longer.
  private static let window = 1 << 15

  /// A decoder of the stream that begins with the first bit of `reader`; more than `limit` bytes are an error.
  init(reader: BitReader, limit: Int) {
    self.reader = reader
    self.limit = limit
  }

  /// The decompressed bytes of the stream that begins at `start`, and the place of the first byte after it.
  ///
  /// - Parameters:
  ///   - bytes: What holds the stream.
  ///   - start: The place of its first byte.
  ///   - limit: More decompressed bytes are an error.
  ///   - expected: How many there may be, if that is known: room for them is made at once.
  /// - Returns: The bytes and the place.
  /// - Throws: ``InflateError`` if the stream is malformed, cut off or too long.
  package static func decompress(
    _ bytes: [UInt8], from start: Int = 0, limit: Int, expected: Int = 0
  ) throws(InflateError) -> (output: [UInt8], end: Int) {
    var decoder = Inflate(reader: BitReader(bytes: bytes, position: start), limit: limit)
    decoder.output.reserveCapacity(min(expected, limit))
    try decoder.advance(until: .max)
    return (decoder.output, decoder.reader.alignToByte())
  }

  /// The first `count` bytes of the stream that begins at `start`, or as many as can be decompressed.
  package static func prefix(of bytes: [UInt8], from start: Int = 0, count: Int) -> [UInt8] {
    var decoder = Inflate(reader: BitReader(bytes: bytes, position: start), limit: .max)
    try? decoder.advance(until: count)
    return Array(decoder.output.prefix(count))
  }

  /// Puts the next `count` bytes, or fewer at the end of the stream, in place of what `bytes` held.
  mutating func read(_ count: Int, into bytes: inout [UInt8]) throws(InflateError) {
    if firstUnread > 4 * Self.window {
      let unreachable = firstUnread - Self.window
      output.removeFirst(unreachable)
      (firstUnread, forgotten) = (Self.window, forgotten + unreachable)
    }
    try advance(until: firstUnread + count)
    let end = min(firstUnread + count, output.count)
    bytes.replaceSubrange(bytes.indices, with: output[firstUnread..<end])
    firstUnread = end
  }

  /// Decompresses until `output` has so many bytes or more, or the stream ends.
  private mutating func advance(until count: Int) throws(InflateError) {
    let limit = limit == .max ? limit : limit - forgotten
    while output.count < count {
      switch state {
      case .end: return
      case .header where isLast: state = .end
      case .header: try readHeader()
      case .stored(let rest):
        let length = min(rest, count - output.count)
        guard output.count + length <= limit else { throw .outputAbove(limit: self.limit) }
        for _ in 0..<length { output.append(UInt8(truncatingIfNeeded: try reader.bits(8))) }
        state = length < rest ? .stored(rest - length) : .header
      case .symbols(let literals, let distances):
        if try decodeBlock(literals: literals, distances: distances, until: count, limit: limit) { state = .header }
      }
    }
  }

  private mutating func readHeader() throws(InflateError) {
    isLast = try reader.bits(1) == 1
    switch try reader.bits(2) {
    case 0:
      _ = reader.alignToByte()
      let length = try reader.bits(16)
      guard try reader.bits(16) == length ^ 0xFFFF else { throw .storedLengthMismatch }
      state = .stored(length)
    case 1: state = .symbols(literals: Self.fixedLiterals, distances: Self.fixedDistances)
    case 2:
      let (literals, distances) = try readCodes()
      state = .symbols(literals: literals, distances: distances)
    default: throw .reservedBlockType
    }
  }

  private static let fixedLiterals = HuffmanCode(
    knownLengths: (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 })
  private static let fixedDistances = HuffmanCode(knownLengths: Array(repeating: 5, count: 32))

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

  /// Decompresses until `output` has so many bytes or more; whether the block has ended.
  private mutating func decodeBlock(
    literals: HuffmanCode, distances: HuffmanCode, until count: Int, limit: Int
  ) throws(InflateError) -> Bool {
    while output.count < count {
      let symbol = try reader.symbol(literals)
      if symbol < 256 {
        guard output.count < limit else { throw .outputAbove(limit: self.limit) }
        output.append(UInt8(truncatingIfNeeded: symbol))
        continue
      }
      if symbol == 256 { return true }
      guard symbol <= 285 else { throw .undefinedCode }
      let extraLengthBits = symbol < 265 || symbol == 285 ? 0 : (symbol - 261) / 4
      let length = Self.lengthBases[symbol - 257] + (try reader.bits(extraLengthBits))
      let distanceSymbol = try reader.symbol(distances)
      guard distanceSymbol < 30 else { throw .undefinedCode }
      let extraBits = max(0, distanceSymbol / 2 - 1)
      let base = distanceSymbol < 4 ? distanceSymbol + 1 : ((2 + distanceSymbol % 2) << extraBits) + 1
      let distance = base + (try reader.bits(extraBits))
      guard distance <= output.count else { throw .distanceTooFar }
      guard output.count + length <= limit else { throw .outputAbove(limit: self.limit) }
      let source = output.count - distance
      for offset in 0..<length { output.append(output[source + offset]) }
    }
    return false
  }
}
