// Compresses bytes to a DEFLATE stream: one block with the fixed Huffman code, and repeats found through a hash table.
//
// Standard  RFC 1951, sections 3.2.5 (lengths and distances) and 3.2.6 (the fixed code). Good for flat pictures; not a
//           rival of zlib, which chooses a code of its own for each block.
// Tests     ImagesTests/PNGTests.swift, FilesTests/InflateTests.swift

/// Writes one DEFLATE stream.
package struct Deflate {
  private var output: [UInt8] = []
  private var buffer: UInt64 = 0
  private var pending = 0

  /// The compressed stream of `bytes`.
  package static func compress(_ bytes: [UInt8]) -> [UInt8] {
    var encoder = Deflate()
    // Last block (1), fixed code (01).
    encoder.write(0b011, bits: 3)
    var latest = [Int](repeating: -1, count: 1 << 15)
    var position = 0
    while position < bytes.count {
      var length = 0
      var distance = 0
      if position + 3 <= bytes.count {
        let slot = hash(bytes, position)
        let candidate = latest[slot]
        latest[slot] = position
        if candidate >= 0 && position - candidate <= 32768 {
          distance = position - candidate
          let longest = min(258, bytes.count - position)
          while length < longest && bytes[candidate + length] == bytes[position + length] { length += 1 }
        }
      }
      if length >= 3 {
        encoder.writeRepeat(length: length, distance: distance)
        position += length
      } else {
        encoder.writeLiteral(Int(bytes[position]))
        position += 1
      }
    }
    encoder.writeLiteral(256)
    encoder.write(0, bits: (8 - encoder.pending % 8) % 8)
    return encoder.output
  }

  private static func hash(_ bytes: [UInt8], _ position: Int) -> Int {
    let three = UInt32(bytes[position]) << 16 | UInt32(bytes[position + 1]) << 8 | UInt32(bytes[position + 2])
    return Int((three &* 0x9E37_79B1) >> 17)
  }

  /// Appends the lowest `bits` bits of `value`, lowest first.
  private mutating func write(_ value: Int, bits: Int) {
    buffer |= UInt64(value) << UInt64(pending)
    pending += bits
    while pending >= 8 {
      output.append(UInt8(truncatingIfNeeded: buffer))
      buffer >>= 8
      pending -= 8
    }
  }

  /// Appends a Huffman code, which goes highest bit first.
  private mutating func writeCode(_ code: Int, bits: Int) {
    write((0..<bits).reduce(0) { $0 << 1 | (code >> $1) & 1 }, bits: bits)
  }

  /// A byte, the end (256) or the symbol of a length, in the fixed code.
  private mutating func writeLiteral(_ symbol: Int) {
    switch symbol {
    case ..<144: writeCode(0b0011_0000 + symbol, bits: 8)
    case ..<256: writeCode(0b1_1001_0000 + symbol - 144, bits: 9)
    case ..<280: writeCode(symbol - 256, bits: 7)
    default: writeCode(0b1100_0000 + symbol - 280, bits: 8)
    }
  }

  /// "Copy `length` bytes from `distance` back": from 11 (lengths) or 5 (distances) on, four or two symbols share each
  /// number of extra bits.
  private mutating func writeRepeat(length: Int, distance: Int) {
    if length == 258 {
      writeLiteral(285)
    } else {
      let excess = length - 3
      let extra = excess < 8 ? 0 : (Int.bitWidth - excess.leadingZeroBitCount) - 3
      writeLiteral(257 + 4 * extra + (excess >> extra))
      write(excess & ((1 << extra) - 1), bits: extra)
    }
    let excess = distance - 1
    let extra = excess < 4 ? 0 : (Int.bitWidth - excess.leadingZeroBitCount) - 2
    writeCode(2 * extra + (excess >> extra), bits: 5)
    write(excess & ((1 << extra) - 1), bits: extra)
  }
}
