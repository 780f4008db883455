import Files
import Foundation
import TestSupport
import Testing

@testable import Images

@Suite("PNG files")
struct PNGTests {
  /// The chunks of a PNG file by name, with signature, lengths and checksums checked.
  static func chunks(_ file: [UInt8]) throws -> [(name: String, data: [UInt8])] {
    #expect(Array(file.prefix(8)) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    func number(_ index: Int) -> Int { (0..<4).reduce(0) { $0 << 8 | Int(file[index + $1]) } }
    var chunks: [(name: String, data: [UInt8])] = []
    var index = 8
    while index < file.count {
      let length = number(index)
      let named = Array(file[index + 4..<index + 8 + length])
      #expect(number(index + 8 + length) == Int(CRC32.checksum(of: named)))
      chunks.append((String(decoding: named.prefix(4), as: UTF8.self), Array(named.dropFirst(4))))
      index += 12 + length
    }
    return chunks
  }

  /// The pixels of a file that this package wrote: every row behind the filter 1.
  static func pixels(_ file: [UInt8], rowBytes: Int, channels: Int) throws -> [UInt8] {
    let data = try chunks(file)[1].data
    let rows = try Inflate.decompress(data, from: 2, limit: 10_000_000).output
    #expect(
      Array(data.suffix(4)) == [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: Adler32.checksum(of: rows) >> $0) })
    var pixels: [UInt8] = []
    for row in 0..<rows.count / (rowBytes + 1) {
      #expect(rows[row * (rowBytes + 1)] == 1)
      for x in 0..<rowBytes {
        let left = x < channels ? 0 : pixels[pixels.count - channels]
        pixels.append(rows[row * (rowBytes + 1) + 1 + x] &+ left)
      }
    }
    return pixels
  }

  // The header chunk: width 2, height 1, 8 bits, colour type 2 (RGB) or 0 (grey), three zeros. Check value of zlib's two
  // bytes: 0x7801 is a multiple of 31.
  @Test func workedExampleChunks() throws {
    let chunks = try Self.chunks(PNG.encode([1, 2, 3, 4, 5, 6], width: 2, height: 1, channels: 3))
    #expect(chunks.map(\.name) == ["IHDR", "IDAT", "IEND"])
    #expect(chunks[0].data == [0, 0, 0, 2, 0, 0, 0, 1, 8, 2, 0, 0, 0])
    #expect((Int(chunks[1].data[0]) << 8 | Int(chunks[1].data[1])) % 31 == 0)
    #expect(try Self.chunks(PNG.encode([1, 2], width: 2, height: 1))[0].data[9] == 0)
  }

  @Test(arguments: [(1, 28, 28), (3, 13, 40), (1, 1, 1), (3, 300, 200)])
  func invariantRoundTrip(channels: Int, width: Int, height: Int) throws {
    let set = randomImages(channels: channels, height: height, width: width, count: 2)
    let pixels = Array(set.pixels.prefix(set.valuesPerImage))
    let file = PNG.encode(pixels, width: width, height: height, channels: channels)
    #expect(try Self.pixels(file, rowBytes: width * channels, channels: channels) == pixels)
  }

  // 'a' and 258 more of it: 10010001 for the byte; 11000101 (285) and 00000 for the longest repeat at distance 1; 0000000
  // for the end. Behind the three bits 110 of the block's header they fill bytes from their lowest bit.
  @Test func workedExampleLongestRepeat() {
    #expect(Deflate.compress(Array(repeating: 97, count: 259)) == [0b0100_1011, 0b0001_1100, 0b0000_0101, 0])
  }

  @Test func invariantFlatPicturesAreSmall() {
    #expect(PNG.encode(Array(repeating: 200, count: 250_000), width: 500, height: 500).count < 5000)
  }

  @Test func goldenWritingWhereNoFolderIs() throws {
    #expect(throws: ImageSetError.self) { try PNG.write([0], width: 1, height: 1, to: "/nowhere/at-all/x.png") }
    try withTemporaryFolder { folder in
      try PNG.write([9], width: 1, height: 1, to: "\(folder)/x.png")
      #expect(try IDX.contents(of: "\(folder)/x.png") == PNG.encode([9], width: 1, height: 1))
    }
  }

  @Test func stopsOnAWrongNumberOfPixels() async {
    await #expect(processExitsWith: .failure) { _ = PNG.encode([1, 2, 3], width: 2, height: 2) }
    await #expect(processExitsWith: .failure) { _ = PNG.encode([1, 2], width: 1, height: 1, channels: 2) }
  }
}
