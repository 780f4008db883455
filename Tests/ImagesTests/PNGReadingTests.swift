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

  // 255 · 32896 · 33024 / 65535² = 64.501; of the bytes 128 and 129 it would be 64.
  @Test(arguments: [UInt8(4), 6]) func workedExampleOfOpacitiesOfSixteenBits(kind: UInt8) throws {
    let samples = (kind == 4 ? [0x8080] : [0x8080, 0, 0xFFFF]) + [0x8100]
    let row = PNGFixtures.rows([0] + samples.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] })
    let file = PNGFixtures.file([PNGFixtures.header(1, 1, depth: 16, kind: kind), row, PNGFixtures.end])
    #expect(try Picture.decode(file, path: "x").pixels == (kind == 4 ? [65] : [65, 0, 128]))
  }

  @Test func goldenSentences() {
    let (good, end) = (PNGFixtures.rows([0, 7, 8]), ("IEND", [UInt8]()))
    #expect(pictureProblem(PNGFixtures.file([PNGFixtures.header(2, 1), good, end])) == nil)
    #expect(
      pictureProblem(PNGFixtures.file([PNGFixtures.header(2, 1), ("teXt", [1]), good, ("abCd", []), end])) == nil)
    let palette: (String, [UInt8]) = ("PLTE", [1, 2, 3, 4, 5, 6])
    let cases: [(chunks: [(String, [UInt8])], problem: String)] = [
      ([("IHDR", [0, 0, 0, 1])], "the header has 4 bytes instead of 13"),
      ([PNGFixtures.header(0, 3)], "the header announces 3 x 0 pixels, a picture without any"),
      (
        [("IHDR", [0x7F, 0, 0, 0, 0, 0, 0, 1, 8, 0, 0, 0, 0])],
        "the header announces 1 x 2130706432 pixels; at most 16384 x 16384 and 67108864 in all are read"
      ),
      ([PNGFixtures.header(2, 1, kind: 5)], "the colour type is 5; there are 0, 2, 3, 4 and 6"),
      ([PNGFixtures.header(2, 1, depth: 4, kind: 2)], "samples of 4 bits were announced; colour type 2 has [8, 16]"),
      ([PNGFixtures.header(2, 1, interlaced: 2)], "compression 0, filter 0 or interlacing 2 is unknown"),
      ([good, end], "the header is not the first chunk"),
      ([PNGFixtures.header(2, 1), PNGFixtures.header(2, 1)], "the chunk IHDR stands twice or in a wrong place"),
      (
        [PNGFixtures.header(1, 1, kind: 3), palette, palette, PNGFixtures.rows([0, 0]), end],
        "the chunk PLTE stands twice or in a wrong place"
      ),
      (
        [PNGFixtures.header(1, 1, kind: 3), PNGFixtures.rows([0, 0]), palette, end],
        "the chunk PLTE stands twice or in a wrong place"
      ),
      ([PNGFixtures.header(2, 1), ("ABCD", []), good, end], "the chunk ABCD is unknown"),
      ([PNGFixtures.header(2, 1), end], "there are no pixels"),
      ([PNGFixtures.header(2, 1), PNGFixtures.rows([0, 7]), end], "the rows have 2 bytes instead of 3"),
      (
        [PNGFixtures.header(100, 100), PNGFixtures.rows([0]), end],
        "9 compressed bytes cannot hold the 10100 bytes of the rows"
      ),
      ([PNGFixtures.header(2, 1), PNGFixtures.rows([5, 7, 8]), end], "a row has the filter 5; there are 0 to 4"),
      ([PNGFixtures.header(2, 1, kind: 3), good, end], "the palette has 0 colours for pixels of 8 bits"),
      (
        [PNGFixtures.header(2, 1, kind: 3), ("PLTE", [1, 2]), good, end],
        "the palette has 2 bytes, not 3 for each of 1 to 256 colours"
      ),
      ([PNGFixtures.header(2, 1), ("tRNS", [1]), good, end], "the transparent colour has 1 bytes, not 2"),
    ]
    for (chunks, problem) in cases {
      #expect(pictureProblem(PNGFixtures.file(chunks)) == "the PNG file is damaged: \(problem)")
    }
    let whole = PNGFixtures.file([PNGFixtures.header(2, 1), good, end])
    #expect(
      pictureProblem(Array(whole.dropLast(15)))
        == "the PNG file is damaged: the file is truncated: the chunk at byte 33 does not end in its "
        + "\(whole.count - 15) bytes")
    for (place, start) in [(20, 8), (whole.count - 18, 33)] {
      var flipped = whole
      flipped[place] ^= 4
      #expect(
        pictureProblem(flipped)
          == "the PNG file is damaged: the chunk at byte \(start) is damaged: its CRC-32 is wrong")
    }
    var wrong = PNGFixtures.rows([0, 7, 8])
    wrong.1[wrong.1.count - 1] ^= 1
    #expect(pictureProblem(PNGFixtures.file([PNGFixtures.header(2, 1), wrong, end]))?.contains("the Adler-32") == true)
  }
}
