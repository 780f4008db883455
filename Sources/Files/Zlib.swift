// A zlib stream: two bytes of header, a DEFLATE stream, the Adler-32 of what it holds. PNG and MAT files use it.
//
// Standard  RFC 1950
// Tests     FilesTests/ZlibTests.swift

/// What is wrong with a zlib stream.
package enum ZlibError: Error, Equatable, CustomStringConvertible {
  case truncated
  case header(UInt8, UInt8)
  case dictionary
  case data(InflateError)
  case checksum

  package var description: String {
    switch self {
    case .truncated: "the zlib stream ends too early"
    case .header(let first, let second): "a zlib stream cannot begin with the bytes \(first) and \(second)"
    case .dictionary: "the zlib stream needs a preset dictionary, which no file format here has"
    case .data(let error): error.description
    case .checksum: "the Adler-32 of the decompressed data is not the one that the zlib stream names"
    }
  }
}

/// The zlib format.
package enum Zlib {
  /// What the stream that fills `bytes`, or a range of them, holds; more than `limit` bytes are an error.
  package static func decompress(
    _ bytes: [UInt8], in range: Range<Int>? = nil, limit: Int
  ) throws(ZlibError) -> [UInt8] {
    let range = range ?? bytes.indices
    guard range.count >= 6 else { throw .truncated }
    let (first, second) = (bytes[range.lowerBound], bytes[range.lowerBound + 1])
    // Method 8, a window of at most 32 KiB, and both bytes as a number a multiple of 31.
    guard first & 15 == 8, first >> 4 <= 7, (Int(first) << 8 | Int(second)) % 31 == 0 else {
      throw .header(first, second)
    }
    guard second & 32 == 0 else { throw .dictionary }
    let contents: (output: [UInt8], end: Int)
    do {
      contents = try Inflate.decompress(bytes, from: range.lowerBound + 2, limit: limit)
    } catch {
      throw .data(error)
    }
    guard contents.end + 4 <= range.upperBound else { throw .truncated }
    let named = bytes[contents.end..<contents.end + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    guard named == Adler32.checksum(of: contents.output) else { throw .checksum }
    return contents.output
  }
}
