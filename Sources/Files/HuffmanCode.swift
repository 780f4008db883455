// What a DEFLATE decoder reads with: single bits, and the symbols of a canonical Huffman code.
//
// Standard  RFC 1951, sections 3.1.1 (packing of bits) and 3.2.2 (canonical codes).
// Tests     FilesTests/InflateTests.swift

/// A canonical Huffman code as one table, indexed by as many coming bits as its longest code has.
struct HuffmanCode {
  /// 16 · symbol + length for every pattern of bits; 0 where the pattern begins with no code.
  let table: [UInt16]
  /// The length of the longest code, 0 to 15.
  let longest: Int

  /// The code with the given length for each symbol (0: unused).
  ///
  /// A code must use up its patterns exactly, with the one exception that DEFLATE makes: one code or none, of one bit.
  init(lengths: ArraySlice<UInt8>) throws(InflateError) {
    guard lengths.allSatisfy({ $0 <= 15 }) else { throw .badCodeLengths }
    let longest = Int(lengths.max() ?? 0)
    let patterns = lengths.reduce(0) { $0 + ($1 == 0 ? 0 : 1 << (longest - Int($1))) }
    guard patterns == 1 << longest || longest == 0 || (longest == 1 && patterns == 1) else { throw .badCodeLengths }
    self.init(knownLengths: Array(lengths))
  }

  /// The code for lengths that are known to be right.
  init(knownLengths lengths: [UInt8]) {
    longest = Int(lengths.max() ?? 0)
    var table = [UInt16](repeating: 0, count: 1 << longest)
    // Codes of one length are consecutive in the order of symbols, and a longer code is larger than all shorter ones.
    var code = 0
    for length in stride(from: 1, through: longest, by: 1) {
      for symbol in lengths.indices where lengths[symbol] == length {
        // The first bit read is the code's highest: reverse it, and fill every pattern that begins with it.
        let reversed = (0..<length).reduce(0) { $0 << 1 | (code >> $1) & 1 }
        for pattern in stride(from: reversed, to: table.count, by: 1 << length) {
          table[pattern] = UInt16(symbol << 4 | length)
        }
        code += 1
      }
      code <<= 1
    }
    self.table = table
  }
}

/// Reads bits from the lowest bit of each byte on.
struct BitReader {
  private let bytes: [UInt8]
  private var position: Int
  /// Where the current part ends, and the parts behind it, the last one first.
  private var end: Int
  private var parts: [Range<Int>]
  private var buffer: UInt64 = 0
  private var available = 0

  /// A reader at the first bit of `bytes[position]`.
  init(bytes: [UInt8], position: Int) { self.init(bytes: bytes, parts: [position..<max(position, bytes.count)]) }

  /// A reader of some parts of `bytes` as if each followed the one before.
  init(bytes: [UInt8], parts: [Range<Int>]) {
    self.bytes = bytes
    self.parts = parts.reversed()
    let first = self.parts.popLast() ?? 0..<0
    (position, end) = (first.lowerBound, first.upperBound)
  }

  private mutating func fill() {
    while available <= 56 {
      while position >= end {
        guard let next = parts.popLast() else { return }
        (position, end) = (next.lowerBound, next.upperBound)
      }
      buffer |= UInt64(bytes[position]) << UInt64(available)
      position += 1
      available += 8
    }
  }

  private mutating func drop(_ count: Int) throws(InflateError) {
    guard count <= available else { throw .truncated }
    buffer >>= UInt64(count)
    available -= count
  }

  /// The next `count` bits as a number, 0 to 16 of them.
  mutating func bits(_ count: Int) throws(InflateError) -> Int {
    if available < count { fill() }
    let value = Int(truncatingIfNeeded: buffer & ((1 << UInt64(count)) - 1))
    try drop(count)
    return value
  }

  /// The next symbol of a code.
  ///
  /// Bits that are missing at the end read as zeros, and only using one of them is an error.
  mutating func symbol(_ code: HuffmanCode) throws(InflateError) -> Int {
    if available < code.longest { fill() }
    let entry = code.table[Int(truncatingIfNeeded: buffer & ((1 << UInt64(code.longest)) - 1))]
    guard entry != 0 else { throw available < code.longest ? .truncated : .undefinedCode }
    try drop(Int(entry & 15))
    return Int(entry >> 4)
  }

  /// Skips the rest of a begun byte; returns the place of the next whole byte, if all is one part.
  mutating func alignToByte() -> Int {
    buffer >>= UInt64(available % 8)
    available -= available % 8
    return position - available / 8
  }

  /// Whether no bit is left.
  mutating func isAtEnd() -> Bool {
    if available == 0 { fill() }
    return available == 0
  }
}
