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
    try checkHeader(bytes, at: range)
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

  /// The first `count` bytes of the stream that begins at the start of a range, or as many as can be decompressed.
  package static func prefix(
    of bytes: [UInt8], in range: Range<Int>, count: Int
  ) throws(ZlibError) -> [UInt8] {
    try checkHeader(bytes, at: range)
    return Inflate.prefix(of: bytes, from: range.lowerBound + 2, count: count)
  }

  fileprivate static func checkHeader(_ bytes: [UInt8], at range: Range<Int>) throws(ZlibError) {
    guard range.count >= 6 else { throw .truncated }
    try checkHeader(bytes[range.lowerBound], bytes[range.lowerBound + 1])
  }

  /// Method 8, a window of at most 32 KiB, and both bytes as a number a multiple of 31.
  fileprivate static func checkHeader(_ first: UInt8, _ second: UInt8) throws(ZlibError) {
    guard first & 15 == 8, first >> 4 <= 7, (Int(first) << 8 | Int(second)) % 31 == 0 else {
      throw .header(first, second)
    }
    guard second & 32 == 0 else { throw .dictionary }
  }
}

/// A zlib stream that is read little by little, so that not all that it holds is in memory.
package struct ZlibReader {
  private var inflate: Inflate
  private var checksum = Adler32()

  /// The stream in some parts of `bytes`, each going on where the one before ends.
  package init(_ bytes: [UInt8], parts: [Range<Int>]) throws(ZlibError) {
    var reader = BitReader(bytes: bytes, parts: parts)
    do {
      let (first, second) = (try reader.bits(8), try reader.bits(8))
      try Zlib.checkHeader(UInt8(truncatingIfNeeded: first), UInt8(truncatingIfNeeded: second))
    } catch let error as ZlibError {
      throw error
    } catch {
      throw .truncated
    }
    inflate = Inflate(reader: reader, limit: .max)
  }

  /// Puts the next `count` bytes, or fewer at the end, in place of what `bytes` held.
  package mutating func read(_ count: Int, into bytes: inout [UInt8]) throws(ZlibError) {
    do {
      try inflate.read(count, into: &bytes)
    } catch {
      throw .data(error)
    }
    checksum.update(bytes)
  }

  /// Compares the checksum, after all was read; whether bytes follow it.
  package func finish() throws(ZlibError) -> Bool {
    var reader = inflate.reader
    _ = reader.alignToByte()
    var named: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = try? reader.bits(8) else { throw .truncated }
      named = named << 8 | UInt32(byte)
    }
    guard named == checksum.value else { throw .checksum }
    return !reader.isAtEnd()
  }
}
