// The checksums of gzip, PNG and zlib: CRC-32 and Adler-32.
//
// Standards  CRC-32: RFC 1952, section 8 (the polynomial x³² + x²⁶ + … + 1, bits reversed: 0xEDB88320);
//            Adler-32: RFC 1950, section 8.2.
// Tests      FilesTests/CRC32Tests.swift

/// The cyclic redundancy check of gzip and PNG.
package enum CRC32 {
  /// The remainder of each byte: eight steps of polynomial division.
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { remainder, _ in
      remainder & 1 == 1 ? (remainder >> 1) ^ 0xEDB8_8320 : remainder >> 1
    }
  }

  /// The check value of `bytes`.
  package static func checksum(of bytes: [UInt8]) -> UInt32 { checksum(of: bytes[...]) }

  /// The check value of some of an array's bytes.
  package static func checksum(of bytes: ArraySlice<UInt8>) -> UInt32 {
    let (bytes, table) = (bytes.span, table.span)
    var remainder = UInt32.max
    for index in bytes.indices {
      remainder = table[Int((remainder ^ UInt32(bytes[index])) & 255)] ^ (remainder >> 8)
    }
    return ~remainder
  }
}

/// The check value of a zlib stream: two sums modulo 65521.
package struct Adler32 {
  private var low: UInt32 = 1
  private var high: UInt32 = 0

  /// The sums of no bytes.
  package init() {}

  /// The check value of the bytes so far.
  package var value: UInt32 { high << 16 | low }

  /// Takes more bytes.
  package mutating func update(_ bytes: [UInt8]) {
    let bytes = bytes.span
    // 5552 bytes are the most whose sums surely fit 32 bits before a remainder is taken.
    for start in stride(from: 0, to: bytes.count, by: 5552) {
      for index in start..<min(start + 5552, bytes.count) {
        low &+= UInt32(bytes[index])
        high &+= low
      }
      (low, high) = (low % 65521, high % 65521)
    }
  }

  /// The check value of `bytes`.
  package static func checksum(of bytes: [UInt8]) -> UInt32 {
    var sums = Adler32()
    sums.update(bytes)
    return sums.value
  }
}
