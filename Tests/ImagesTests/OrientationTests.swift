import Testing

@testable import Images

@Suite("Orientation")
struct OrientationTests {
  /// EXIF data of one directory with one number.
  static func exif(_ value: UInt8, tag: [UInt8] = [1, 0x12], isLittle: Bool, type: UInt8 = 3) -> [UInt8] {
    func number(_ bytes: [UInt8]) -> [UInt8] { isLittle ? bytes.reversed() : bytes }
    let padded = type == 3 ? number([0, value]) + [0, 0] : number([0, 0, 0, value])
    let entry = number(tag) + number([0, type]) + number([0, 0, 0, 1]) + padded
    return (isLittle ? [0x49, 0x49] : [0x4D, 0x4D]) + number([0, 42]) + number([0, 0, 0, 8]) + number([0, 1]) + entry
      + [0, 0, 0, 0]
  }

  // The letters of abc/def as they must lie so that the picture is upright after each turn.
  private static let lying: [(orientation: UInt8, height: UInt8, width: UInt8, pixels: String)] = [
    (1, 2, 3, "abcdef"), (2, 2, 3, "cbafed"), (3, 2, 3, "fedcba"), (4, 2, 3, "defabc"), (5, 3, 2, "adbecf"),
    (6, 3, 2, "cfbead"), (7, 3, 2, "fcebda"), (8, 3, 2, "daebfc"),
  ]

  @Test(arguments: [true, false]) func workedExamples(isLittle: Bool) throws {
    for (orientation, height, width, pixels) in Self.lying {
      let letters = Array(pixels.utf8)
      let rows = stride(from: 0, to: 6, by: Int(width)).flatMap { [0] + letters[$0..<$0 + Int(width)] }
      for type: UInt8 in [3, 4] {
        let exif = Self.exif(orientation, isLittle: isLittle, type: type)
        for chunks in [
          [("eXIf", exif), PNGFixtures.rows(rows)], [PNGFixtures.rows(rows), ("eXIf", exif)],
          [("eXIf", Array("Exif\0\0".utf8) + exif), PNGFixtures.rows(rows)],
        ] {
          let file = PNGFixtures.file([PNGFixtures.header(width, height)] + chunks + [PNGFixtures.end])
          let picture = try Picture.decode(file, path: "x")
          #expect(picture.size == ImageSize(height: 2, width: 3) && picture.irregularities == [])
          #expect(String(decoding: picture.pixels, as: UTF8.self) == "abcdef", "orientation \(orientation)")
        }
      }
    }
  }

  @Test func workedExampleOfColours() {
    let picture = Picture(channels: 3, size: ImageSize(height: 1, width: 2), pixels: [1, 2, 3, 4, 5, 6])
    let turned = picture.turned(from: .needsRightTurn)
    #expect(turned.size == ImageSize(height: 2, width: 1) && turned.pixels == [1, 2, 3, 4, 5, 6])
    #expect(picture.turned(from: .upsideDown).pixels == [2, 1, 4, 3, 6, 5])
  }

  @Test func invariantMalformedDataAreToldAndPassedOver() throws {
    let good = Self.exif(6, isLittle: true)
    #expect(Orientation(exif: Self.exif(6, tag: [1, 0], isLittle: false)) == .upright)
    var cases = (0..<22).map { Array(good[..<$0]) }
    cases += [Self.exif(0, isLittle: true), Self.exif(9, isLittle: false), Self.exif(6, isLittle: true, type: 2)]
    cases += [[0x49, 0x49, 42, 0, 255, 255, 255, 255], Array("XX".utf8) + good.dropFirst(2)]
    for exif in cases {
      #expect(Orientation(exif: exif) == nil, "\(exif)")
      let file = PNGFixtures.file([
        PNGFixtures.header(2, 1), ("eXIf", exif), PNGFixtures.rows([0, 7, 8]), PNGFixtures.end,
      ])
      let picture = try Picture.decode(file, path: "x")
      #expect(picture.pixels == [7, 8] && picture.irregularities.count == 1)
    }
  }
}
