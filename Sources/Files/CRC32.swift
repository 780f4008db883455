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
package enum Adler32 {
  /// The check value of `bytes`.
  package static func checksum(of bytes: [UInt8]) -> UInt32 {
    var (low, high) = (UInt32(1), UInt32(0))
    for byte in bytes {
      low = (low + UInt32(byte)) % 65521
      high = (high + low) % 65521
    }
    return high << 16 | low
  }
}
