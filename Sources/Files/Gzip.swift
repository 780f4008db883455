// Opens gzip files, in which the MNIST-like data sets are handed round.
//
// Standard  RFC 1952: a header with optional fields, a DEFLATE stream, CRC-32 and length; members may follow one another.
// Tests     FilesTests/GzipTests.swift

/// What is wrong with a gzip file.
package enum GzipError: Error, Equatable, CustomStringConvertible {
  case notGzip(offset: Int)
  case truncated
  case unknownMethod(UInt8)
  case reservedFlags(UInt8)
  case headerChecksum
  case data(InflateError)
  case checksum
  case length

  package var description: String {
    switch self {
    case .notGzip(let offset): "a gzip member with the bytes 1f 8b was expected at byte \(offset)"
    case .truncated: "the gzip file ends too early"
    case .unknownMethod(let method): "the gzip compression method is \(method), only 8 (deflate) exists"
    case .reservedFlags(let flags): "the gzip header has reserved flags set (\(flags))"
    case .headerChecksum: "the checksum of the gzip header is wrong"
    case .data(let error): error.description
    case .checksum: "the CRC-32 of the decompressed data is not the one that the gzip file names"
    case .length: "the length of the decompressed data is not the one that the gzip file names"
    }
  }
}

/// The gzip format.
package enum Gzip {
  /// Whether `bytes` begin like a gzip file.
  package static func isGzip(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

  /// What a gzip file holds, and what follows it.
  package struct Contents {
    /// The contents of all members, one after the other.
    package var output: [UInt8] = []
    /// How many bytes follow the last member: zeros that fill up a block of a tape, or others; `gzip -d` passes over both.
    package var surplus = 0
  }

  /// The contents of a gzip file, all members one after the other.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - limit: More decompressed bytes than this are an error; 1 GiB unless told.
  /// - Returns: The decompressed bytes, whose checksum and length are right.
  /// - Throws: ``GzipError`` if the file is damaged or of another kind, or holds more than the limit.
  package static func decompress(_ bytes: [UInt8], limit: Int = 1 << 30) throws(GzipError) -> [UInt8] {
    try contents(bytes, limit: limit).output
  }

  /// The contents of a gzip file and the number of bytes that follow its last member, which are no member themselves.
  package static func contents(_ bytes: [UInt8], limit: Int = 1 << 30) throws(GzipError) -> Contents {
    var contents = Contents()
    var position = 0
    repeat {
      let start = try endOfHeader(bytes, from: position)
      // The last four bytes tell the length of a file of one member. DEFLATE shrinks to no less than one part in 1032.
      let told = bytes.count >= start + 8 ? number(bytes, bytes.count - 4, 4) : 0
      let member: (output: [UInt8], end: Int)
      do {
        member = try Inflate.decompress(
          bytes, from: start, limit: limit - contents.output.count, expected: min(told, 1032 * bytes.count))
      } catch {
        throw .data(error)
      }
      guard member.end + 8 <= bytes.count else { throw .truncated }
      guard number(bytes, member.end, 4) == Int(CRC32.checksum(of: member.output)) else { throw .checksum }
      guard number(bytes, member.end + 4, 4) == member.output.count & 0xFFFF_FFFF else { throw .length }
      if contents.output.isEmpty { contents.output = member.output } else { contents.output += member.output }
      position = member.end + 8
    } while bytes[position...].starts(with: [0x1F, 0x8B])
    // A member whose first or second byte is damaged is no surplus, but lost content.
    let isNearlyOne = position + 18 <= bytes.count && bytes[position + 2] == 8
    guard !isNearlyOne || (bytes[position] != 0x1F && bytes[position + 1] != 0x8B) else {
      throw .notGzip(offset: position)
    }
    contents.surplus = bytes.count - position
    return contents
  }

  /// The first `count` bytes of what the first member holds, or as many as can be decompressed.
  package static func prefix(of bytes: [UInt8], count: Int) throws(GzipError) -> [UInt8] {
    Inflate.prefix(of: bytes, from: try endOfHeader(bytes, from: 0), count: count)
  }

  /// The `count` bytes at `place`, which must exist, as a number, lowest byte first.
  private static func number(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> Int {
    (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
  }

  /// Section 2.3: the place of the first byte after the header that begins at `start`.
  private static func endOfHeader(_ bytes: [UInt8], from start: Int) throws(GzipError) -> Int {
    guard bytes[start...].starts(with: [0x1F, 0x8B]) else { throw .notGzip(offset: start) }
    guard start + 10 <= bytes.count else { throw .truncated }
    guard bytes[start + 2] == 8 else { throw .unknownMethod(bytes[start + 2]) }
    let flags = bytes[start + 3]
    guard flags & 0xE0 == 0 else { throw .reservedFlags(flags) }
    var position = start + 10
    if flags & 4 != 0 {
      // Extra field: its length, then as many bytes.
      guard position + 2 <= bytes.count else { throw .truncated }
      position += 2 + number(bytes, position, 2)
      guard position <= bytes.count else { throw .truncated }
    }
    for flag: UInt8 in [8, 16] where flags & flag != 0 {
      // The name, the comment: each ends with a zero byte.
      guard let end = bytes[position...].firstIndex(of: 0) else { throw .truncated }
      position = end + 1
    }
    if flags & 2 != 0 {
      // The low half of the header's own CRC-32.
      guard position + 2 <= bytes.count else { throw .truncated }
      let expected = Int(CRC32.checksum(of: bytes[start..<position]) & 0xFFFF)
      guard number(bytes, position, 2) == expected else { throw .headerChecksum }
      position += 2
    }
    return position
  }
}
