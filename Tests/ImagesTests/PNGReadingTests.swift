import Files
import Kernels
import Testing

@testable import Images

@Suite("PNG files, reading")
struct PNGReadingTests {
  @Test(
    arguments: FormatsFile.pictures {
      !$0.contains("P2") && !$0.contains("P3") && !$0.contains("P5") && !$0.contains("P6")
    })
  func goldenEveryKind(picture: FormatsFile.PictureCase) throws {
    let found = try Picture.decode(picture.bytes, path: "x")
    #expect(found.channels == picture.channels)
    #expect(found.size == ImageSize(height: picture.height, width: picture.width))
    #expect(SHA256.hexDigest(of: found.pixels) == picture.digest)
  }

  @Test func goldenTheCasesAreThere() {
    let names = FormatsFile.read?.pictures.map(\.name) ?? []
    for (kind, depths) in [(0, [1, 2, 4, 8, 16]), (2, [8, 16]), (3, [1, 2, 4, 8]), (4, [8, 16]), (6, [8, 16])] {
      for depth in depths {
        #expect(
          names.contains("type \(kind), \(depth) bits") && names.contains("type \(kind), \(depth) bits, interlaced"))
      }
    }
  }

  @Test(arguments: [(1, 7, 5), (3, 9, 4), (1, 1, 1)])
  func invariantWhatIsWrittenIsRead(channels: Int, height: Int, width: Int) throws {
    let set = randomImages(channels: channels, height: height, width: width, count: 2)
    let planes = Array(set.pixels.prefix(set.valuesPerImage))
    let (area, count) = (height * width, height * width * channels)
    let together = (0..<count).map { planes[$0 % channels * area + $0 / channels] }
    let file = PNG.encode(together, width: width, height: height, channels: channels)
    #expect(try Picture.decode(file, path: "x").pixels == planes)
  }

  /// A PNG file of given chunks.
  private func file(_ chunks: [(String, [UInt8])]) -> [UInt8] {
    func number(_ value: UInt32) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }
    var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    for (name, data) in chunks {
      let named: [UInt8] = Array(name.utf8) + data
      file += number(UInt32(data.count))
      file += named
      file += number(CRC32.checksum(of: named))
    }
    return file
  }

  private func header(_ width: UInt8, _ height: UInt8, depth: UInt8 = 8, kind: UInt8 = 0, interlaced: UInt8 = 0)
    -> (String, [UInt8])
  { ("IHDR", [0, 0, 0, width, 0, 0, 0, height, depth, kind, 0, 0, interlaced]) }

  private func rows(_ bytes: [UInt8]) -> (String, [UInt8]) {
    let sum = Adler32.checksum(of: bytes)
    return (
      "IDAT", [0x78, 0x01] + Deflate.compress(bytes) + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: sum >> $0) }
    )
  }

  @Test func goldenSentences() {
    let (good, end) = (rows([0, 7, 8]), ("IEND", [UInt8]()))
    #expect(pictureProblem(file([header(2, 1), good, end])) == nil)
    #expect(pictureProblem(file([header(2, 1), ("teXt", [1]), good, ("abCd", []), end]) + [1, 2]) == nil)
    let palette: (String, [UInt8]) = ("PLTE", [1, 2, 3, 4, 5, 6])
    let cases: [(chunks: [(String, [UInt8])], problem: String)] = [
      ([("IHDR", [0, 0, 0, 1])], "the header has 4 bytes instead of 13"),
      ([header(0, 3)], "the header announces 3 x 0 pixels, a picture without any"),
      (
        [("IHDR", [0x7F, 0, 0, 0, 0, 0, 0, 1, 8, 0, 0, 0, 0])],
        "the header announces 1 x 2130706432 pixels; at most 16384 x 16384 and 67108864 in all are read"
      ),
      ([header(2, 1, kind: 5)], "the colour type is 5; there are 0, 2, 3, 4 and 6"),
      ([header(2, 1, depth: 4, kind: 2)], "samples of 4 bits were announced; colour type 2 has [8, 16]"),
      ([header(2, 1, interlaced: 2)], "compression 0, filter 0 or interlacing 2 is unknown"),
      ([good, end], "the header is not the first chunk"),
      ([header(2, 1), header(2, 1)], "the chunk IHDR stands twice or in a wrong place"),
      ([header(2, 1), good, ("tEXt", []), good, end], "the chunk IDAT stands twice or in a wrong place"),
      ([header(2, 1), ("ABCD", []), good, end], "the chunk ABCD is unknown"),
      ([header(2, 1), end], "there are no pixels"),
      ([header(2, 1), rows([0, 7]), end], "the rows have 2 bytes instead of 3"),
      (
        [header(2, 1), rows([0, 7, 8, 9]), end], "the data decompress to more than 3 bytes, the most that is accepted"
      ),
      ([header(2, 1), rows([5, 7, 8]), end], "a row has the filter 5; there are 0 to 4"),
      ([header(2, 1, kind: 3), good, end], "the palette has 0 colours for pixels of 8 bits"),
      (
        [header(2, 1, kind: 3), ("PLTE", [1, 2]), good, end],
        "the palette has 2 bytes, not 3 for each of 1 to 256 colours"
      ),
      ([header(2, 1, kind: 3), palette, good, end], "a pixel has colour 7 of a palette of 2"),
      (
        [header(2, 1, kind: 3), palette, ("tRNS", [1, 2, 3]), good, end],
        "3 opacities are given for a palette of 2 colours"
      ),
      ([header(2, 1), ("tRNS", [1]), good, end], "the transparent colour has 1 bytes, not 2"),
      (
        [header(1, 1, kind: 4), ("tRNS", [1, 2]), good, end],
        "pixels with opacities cannot have a transparent colour too"
      ),
    ]
    for (chunks, problem) in cases {
      #expect(pictureProblem(file(chunks)) == "the PNG file is damaged: \(problem)")
    }
    let whole = file([header(2, 1), good, end])
    #expect(
      pictureProblem(Array(whole.dropLast(3)))
        == "the PNG file is damaged: the file is truncated: the chunk at byte \(whole.count - 12) does not end in its "
        + "\(whole.count - 3) bytes")
    var flipped = whole
    flipped[20] ^= 4
    #expect(
      pictureProblem(flipped) == "the PNG file is damaged: the chunk at byte 8 is damaged: its CRC-32 is wrong")
  }
}
