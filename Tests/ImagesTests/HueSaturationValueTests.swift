import Kernels
import Testing

@testable import Images

@Suite("Hue, saturation and value")
struct HueSaturationValueTests {
  private func pixel(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> ColourImage {
    ColourImage(height: 1, width: 1, pixels: [first, second, third])
  }

  // Red 0, yellow 255/6 = 42.5, green 85, blue 170, magenta 212.5; black and grey have no hue and no saturation.
  @Test func workedExamplePureColours() {
    #expect(pixel(255, 0, 0).hueSaturationValue().pixels == [0, 255, 255])
    #expect(pixel(255, 255, 0).hueSaturationValue().pixels == [42, 255, 255])
    #expect(pixel(0, 9, 0).hueSaturationValue().pixels == [85, 255, 9])
    #expect(pixel(0, 0, 80).hueSaturationValue().pixels == [170, 255, 80])
    #expect(pixel(80, 0, 80).hueSaturationValue().pixels == [212, 255, 80])
    #expect(pixel(0, 0, 0).hueSaturationValue().pixels == [0, 0, 0])
    #expect(pixel(7, 7, 7).hueSaturationValue().pixels == [0, 0, 7])
  }

  // Hue 43: 6 · 43/255 = 1.0118, sector 1, f = 0.0118; S = 102/255 = 0.4: p = 100 · 0.6 = 60, q = 100 (1 − 0.4 · 0.0118) = 99.53.
  @Test func workedExampleBack() {
    #expect(pixel(43, 102, 100).fromHueSaturationValue().pixels == [100, 100, 60])
    #expect(pixel(255, 102, 100).fromHueSaturationValue() == pixel(0, 102, 100).fromHueSaturationValue())
    #expect(pixel(255, 0, 100).fromHueSaturationValue().pixels == [100, 100, 100])
  }

  // 0.5 · 255 = 127.5 is cut to 127, −127.5 to −127: from red (0) to 127 and, past 256, to 129.
  @Test func workedExampleShift() {
    #expect(pixel(255, 0, 0).hueAdjusted(by: 0.5) == pixel(127, 255, 255).fromHueSaturationValue())
    #expect(pixel(255, 0, 0).hueAdjusted(by: -0.5) == pixel(129, 255, 255).fromHueSaturationValue())
  }

  /// The digests of all conversions, 16 first bytes at a time: the second byte by row, the third by column.
  private func digests(_ convert: @Sendable (ColourImage) -> ColourImage) -> [String] {
    (0..<16).map { block in
      SHA256.hexDigest(
        of: (16 * block..<16 * block + 16).flatMap { first in
          let (places, count) = (0..<65_536, 65_536)
          let planes =
            [UInt8](repeating: UInt8(first), count: count) + places.map { UInt8($0 >> 8) }
            + places.map { UInt8($0 & 255) }
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
