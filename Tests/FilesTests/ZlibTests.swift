import Testing

@testable import Files

@Suite("zlib streams")
struct ZlibTests {
  private func stream(_ contents: [UInt8], header: [UInt8] = [0x78, 0x9C]) -> [UInt8] {
    let sum = Adler32.checksum(of: contents)
    return header + Deflate.compress(contents) + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: sum >> $0) }
  }

  @Test func workedExample() throws {
    #expect(try Zlib.decompress(stream([1, 2, 3]), limit: 3) == [1, 2, 3])
    #expect(try Zlib.decompress(stream([]), limit: 0) == [])
  }

  // The stream's own end counts, whatever follows.
  @Test func workedExampleOfAStreamAmongOtherBytes() throws {
    let stream = stream([1, 2, 3])
    let bytes = [9, 9] + stream + [24, 24]
    #expect(try Zlib.decompress(bytes, in: 2..<2 + stream.count, limit: 3) == [1, 2, 3])
    #expect(throws: ZlibError.truncated) { try Zlib.decompress(bytes, in: 2..<1 + stream.count, limit: 3) }
  }

  @Test func goldenErrors() {
    var damaged = stream([1, 2, 3])
    damaged[damaged.count - 1] ^= 1
    for (bytes, error) in [
      (stream([1, 2, 3]), ZlibError.data(.outputAbove(limit: 2))), (damaged, .checksum), ([0x78, 0x9C], .truncated),
      (Array(stream([1, 2, 3]).dropLast()), .truncated), (stream([], header: [0x78, 0x9D]), .header(0x78, 0x9D)),
      (stream([], header: [0x79, 0x9B]), .header(0x79, 0x9B)), (stream([], header: [0x78, 0xBB]), .dictionary),
    ] {
      #expect(throws: error) { try Zlib.decompress(bytes, limit: [.checksum, .truncated].contains(error) ? 3 : 2) }
    }
  }
}
