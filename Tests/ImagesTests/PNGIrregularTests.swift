import Files
import TestSupport
import Testing

@testable import Images

/// PNG files chunk by chunk.
enum PNGFixtures {
  /// A PNG file of given chunks.
  static func file(_ chunks: [(String, [UInt8])]) -> [UInt8] {
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

  static func header(_ width: UInt8, _ height: UInt8, depth: UInt8 = 8, kind: UInt8 = 0, interlaced: UInt8 = 0)
    -> (String, [UInt8])
  { ("IHDR", [0, 0, 0, width, 0, 0, 0, height, depth, kind, 0, 0, interlaced]) }

  static func rows(_ bytes: [UInt8]) -> (String, [UInt8]) {
    let sum = Adler32.checksum(of: bytes)
    return (
      "IDAT", [0x78, 0x01] + Deflate.compress(bytes) + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: sum >> $0) }
    )
  }

  static let end = ("IEND", [UInt8]())
}

@Suite("PNG files with irregularities that touch no pixel")
struct PNGIrregularTests {
  typealias Chunk = (name: String, data: [UInt8])

  private func read(_ chunks: [Chunk]) throws -> Picture {
    try Picture.decode(PNGFixtures.file(chunks.map { ($0.name, $0.data) }), path: "x")
  }

  private let header = PNGFixtures.header(2, 1)
  private let rows = PNGFixtures.rows([0, 7, 8])
  private let palette: Chunk = ("PLTE", [1, 2, 3, 4, 5, 6])

  @Test func workedExamplesOfChunks() throws {
    let paletted = PNGFixtures.header(2, 1, kind: 3)
    let indices = PNGFixtures.rows([0, 1, 0])
    let end = PNGFixtures.end
    let (grey, colours): ([UInt8], [UInt8]) = ([7, 8], [4, 1, 5, 2, 6, 3])
    let text: Chunk = ("tEXt", [1])
    let half = rows.1.count / 2
    let (first, second): (Chunk, Chunk) = (("IDAT", Array(rows.1[..<half])), ("IDAT", Array(rows.1[half...])))
    let cases: [(chunks: [Chunk], pixels: [UInt8], words: String?)] = [
      ([header, rows, end], grey, nil), ([header, text, first, second, text, end], grey, nil),
      ([header, rows], grey, "IEND is missing"), ([text, header, rows, end], grey, "tEXt stands before the header"),
      ([header, first, text, second, end], grey, "between those of the pixels"),
      ([header, rows, rows, end], grey, "bytes follow the compressed pixels"),
      ([header, PNGFixtures.rows([0, 7, 8, 9]), end], grey, "more rows"),
      ([header, ("PLTE", [1]), rows, end], grey, nil), ([paletted, palette, indices, end], colours, nil),
      (
        [paletted, palette, ("tRNS", [255, 255, 0]), indices, end], colours, "3 opacities are given for a palette of 2"
      ),
      ([paletted, ("tRNS", [255]), palette, indices, end], colours, "tRNS stands before the palette"),
      ([paletted, palette, indices, ("tRNS", [0]), end], colours, "tRNS that stands twice or behind the pixels"),
      ([paletted, palette, PNGFixtures.rows([0, 7, 0]), end], [0, 1, 0, 2, 0, 3], "outside of the palette"),
      (
        [
          PNGFixtures.header(2, 1, depth: 1, kind: 3), ("PLTE", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
          PNGFixtures.rows([0, 0x80]), end,
        ], colours, "the palette has 3 colours, and pixels of 1 bits only 2"
      ),
      ([header, ("tRNS", [0, 1, 2]), rows, end], grey, "the transparent colour has 3 bytes, not 2"),
      (
        [PNGFixtures.header(1, 1, kind: 4), ("tRNS", [0, 7]), PNGFixtures.rows([0, 7, 255]), end], [7],
        "although every pixel has an opacity"
      ),
    ]
    for (chunks, pixels, words) in cases {
      let picture = try read(chunks)
      #expect(picture.pixels == pixels, "\(words ?? "nothing")")
      if let words {
        #expect(picture.irregularities.count == 1 && picture.irregularities[0].contains(words), "\(words)")
      } else {
        #expect(picture.irregularities == [])
      }
    }
  }

  @Test func workedExampleOfWhatIsCutOffOrDamagedBehindThePixels() throws {
    let file = PNGFixtures.file([header, ("tIME", [1, 2, 3]), rows, ("tEXt", [5, 6]), PNGFixtures.end])
    let whole = try Picture.decode(file, path: "x")
    #expect(whole.irregularities == [])
    // Cut anywhere behind the pixels, or with any bit of the other chunks wrong, it is the same picture with a remark.
    let pixelsEnd = file.count - 12 - 14
    for length in pixelsEnd..<file.count {
      let cut = try Picture.decode(Array(file[..<length]), path: "x")
      #expect(cut.pixels == whole.pixels && cut.irregularities.count == 1)
    }
    #expect(throws: ImageSetError.self) { try Picture.decode(Array(file[..<(pixelsEnd - 1)]), path: "x") }
    for place in [33 + 8, 33 + 11, 33 + 14, file.count - 1, pixelsEnd + 9] {
      var damaged = file
      damaged[place] ^= 4
      let picture = try Picture.decode(damaged, path: "x")
      #expect(picture.pixels == whole.pixels && picture.irregularities.count == 1, "\(place)")
      #expect(picture.irregularities[0].contains("CRC-32"))
    }
    // The one chunk besides that would move pixels: what is not done is told. Tag 0x0112, a short, 3: upside down.
    let upsideDown: [UInt8] =
      [0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 3, 0, 0, 0, 0, 0, 0]
    var turned = PNGFixtures.file([
      PNGFixtures.header(2, 1), ("eXIf", upsideDown), PNGFixtures.rows([0, 5, 6]), PNGFixtures.end,
    ])
    #expect(try Picture.decode(turned, path: "x").pixels == [6, 5])
    turned[33 + 8 + 25] ^= 1
    let asStored = try Picture.decode(turned, path: "x")
    #expect(asStored.pixels == [5, 6])
    #expect(asStored.irregularities == ["the CRC-32 of the chunk eXIf is wrong, so the picture stays as it is stored"])
    #expect(
      try Picture.decode(file + [1, 2], path: "x").irregularities == [
        "2 bytes follow the end of the picture and were passed over"
      ])
  }

  // Section 11.3.2.1: of a sample of the transparent colour only as many low bits count as the samples have.
  @Test func workedExampleOfTransparentSamplesWithHighBits() throws {
    let ones = try read([
      PNGFixtures.header(2, 1, depth: 1), ("tRNS", [0, 0xFF]), PNGFixtures.rows([0, 0b1000_0000]), PNGFixtures.end,
    ])
    #expect(ones.pixels == [0, 0])
    let bytes = try read([header, ("tRNS", [1, 7]), rows, PNGFixtures.end])
    #expect(bytes.pixels == [0, 8] && bytes.irregularities.count == 1)
    let colours = try read([
      PNGFixtures.header(1, 1, kind: 2), ("tRNS", [9, 1, 9, 2, 9, 3]), PNGFixtures.rows([0, 1, 2, 3]), PNGFixtures.end,
    ])
    #expect(colours.pixels == [0, 0, 0])
    let wide = try read([
      PNGFixtures.header(1, 1, depth: 16), ("tRNS", [1, 7]), PNGFixtures.rows([0, 0, 7]), PNGFixtures.end,
    ])
    #expect(wide.pixels == [0] && wide.irregularities == [])
    let equal = try read([
      PNGFixtures.header(1, 1, depth: 16), ("tRNS", [200, 7]), PNGFixtures.rows([0, 200, 7]), PNGFixtures.end,
    ])
    #expect(equal.pixels == [0])
  }

  @Test func workedExampleOfAFolder() throws {
    try withTemporaryFolder { folder in
      for name in ["a", "b", "c"] {
        try write(
          PNGFixtures.file([header, rows] + (name == "a" ? [PNGFixtures.end] : [])), to: "\(folder)/\(name).png")
      }
      let set = try ImageSet.load(folder)
      #expect(set.pixels == [7, 8, 7, 8, 7, 8])
      #expect(
        set.remarks == [
          "\(folder): 2 files are irregular and were read nevertheless, the first is b.png: the chunk IEND is missing or cut "
            + "off at the end of the file"
        ])
    }
  }

  // The size is looked for in the header, wherever it stands; what a terminal would obey is not shown to it.
  @Test func workedExampleOfAChunkBeforeTheHeader() throws {
    try withTemporaryFolder { folder in
      let chunks: [Chunk] = [
        ("tEXt", Array("a\0b".utf8)), PNGFixtures.header(1, 1), PNGFixtures.rows([0, 7]), PNGFixtures.end,
      ]
      try write(PNGFixtures.file(chunks), to: "\(folder)/x.png")
      #expect(try ImageSet.load(folder).pixels == [7])
      let hostile: [Chunk] = [
        PNGFixtures.header(1, 1), ("\u{1B}[2J", []), PNGFixtures.rows([0, 7]), PNGFixtures.end,
      ]
      try write(PNGFixtures.file(hostile), to: "\(folder)/x.png")
      let said = try loadingProblem(folder) ?? ImageSet.load(folder).remarks.joined()
      #expect(said.contains("\\x1b[2J") && !said.contains("\u{1B}"))
    }
  }
}
