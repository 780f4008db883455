import Files
import Kernels
import Testing

@testable import Images

@Suite("Turning the hues of pictures")
struct HueTablesTests {
  private func pixel(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> ColourImage {
    ColourImage(height: 1, width: 1, pixels: [first, second, third])
  }

  // 0.5 · 255 = 127.5 is cut to 127, −127.5 to −127: from red (0) to 127 and, past 256, to 129.
  @Test func workedExampleShift() {
    #expect(pixel(255, 0, 0).hueAdjusted(by: 0.5) == pixel(127, 255, 255).fromHueSaturationValue())
    #expect(pixel(255, 0, 0).hueAdjusted(by: -0.5) == pixel(129, 255, 255).fromHueSaturationValue())
  }

  // The tables know every colour by the formula; the digests below compare all of them with Pillow.
  @Test func invariantTablesFollowTheFormula() {
    let image = noise(7, height: 60, width: 70, seed: 6)
    var (points, back) = (image, image)
    for i in 0..<image.area {
      let planes = [i, image.area + i, 2 * image.area + i]
      let (a, b, c) = (Int32(image.pixels[planes[0]]), Int32(image.pixels[planes[1]]), Int32(image.pixels[planes[2]]))
      let point = HueSaturationValue(red: a, green: b, blue: c)
      let colour = HueSaturationValue(hue: a, saturation: b, value: c).colour
      for (plane, part) in [point.hue, point.saturation, point.value].enumerated() {
        points.pixels[planes[plane]] = UInt8(part)
        back.pixels[planes[plane]] = colour[plane]
      }
    }
    #expect(image.hueSaturationValue() == points)
    #expect(image.fromHueSaturationValue() == back)
  }

  /// Every pair of bytes: the first by row, the second by column.
  private static let otherPlanes: [UInt8] =
    (0..<65_536).map { UInt8($0 >> 8) } + (0..<65_536).map { UInt8($0 & 255) }

  /// The digests of all conversions, 16 first bytes at a time: the second byte by row, the third by column.
  private func digests(_ convert: @Sendable (ColourImage) -> ColourImage) -> [String] {
    (0..<16).map { block in
      SHA256.hexDigest(
        of: (16 * block..<16 * block + 16).flatMap { (first: Int) -> [UInt8] in
          let planes = [UInt8](repeating: UInt8(first), count: 65_536) + Self.otherPlanes
          return convert(ColourImage(height: 256, width: 256, pixels: planes)).pixels
        })
    }
  }

  @Test func goldenEveryColourToHSV() throws {
    #expect(digests { $0.hueSaturationValue() } == (try #require(ColourFile.read).toHSV))
  }

  @Test func goldenEveryHSVToColour() throws {
    #expect(digests { $0.fromHueSaturationValue() } == (try #require(ColourFile.read).fromHSV))
  }

  @Test func goldenEveryColourThereAndBack() throws {
    let expected = try #require(ColourFile.read).roundTrip
    #expect(digests { $0.hueSaturationValue().fromHueSaturationValue() } == expected)
    #expect(digests { $0.hueAdjusted(by: 0.0039) } == expected)
  }

  @Test(arguments: ColourFile.examples("hue")) func goldenAgainstPillow(example: ColourFile.Example) throws {
    let shift = try #require(example.parameters["factor"])
    #expect(example.image.hueAdjusted(by: shift).pixels == bytes(example.result))
  }

  @Test func goldenExamplesAreThere() { #expect(ColourFile.examples("hue").count == 18) }

  @Test func stopsOnShiftsOutOfRange() async {
    await #expect(processExitsWith: .failure) {
      _ = ColourImage(height: 1, width: 1, pixels: [1, 2, 3]).hueAdjusted(by: 0.51)
    }
  }
}
