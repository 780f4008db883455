import Testing

@testable import Images

@Suite("Brightness, contrast and saturation")
struct ColourBlendsTests {
  private let image = ColourImage(height: 1, width: 2, pixels: [200, 10, 100, 20, 50, 33])

  // 200 · 1.5 is cut to 255, 33 · 1.5 = 49.5 loses its fraction.
  @Test func workedExampleBrightness() {
    #expect(image.brightnessAdjusted(by: 1.5).pixels == [255, 15, 150, 30, 75, 49])
    #expect(image.brightnessAdjusted(by: 0).pixels == [0, 0, 0, 0, 0, 0])
  }

  // Luminances 124.2 and 18.49 round to 124 and 18: mean (124 + 18)/2 = 71.
  // 71 + 1.5 · (200 − 71) = 264.5 → 255, 71 + 1.5 · (10 − 71) = −20.5 → 0, 71 + 1.5 · 29 = 114.5 → 114,
  // 71 − 1.5 · 51 = −5.5 → 0, 71 − 1.5 · 21 = 39.5 → 39, 71 − 1.5 · 38 = 14.
  @Test func workedExampleContrast() {
    #expect(image.luminance() == [124, 18])
    #expect(image.meanLuminance == 71)
    #expect(image.contrastAdjusted(by: 1.5).pixels == [255, 0, 114, 0, 39, 14])
    #expect(image.contrastAdjusted(by: 0).pixels == [71, 71, 71, 71, 71, 71])
  }

  // A mean of 1/2 rounds up: luminances 0 and 1.
  @Test func workedExampleMeanOfAHalf() {
    #expect(ColourImage(height: 1, width: 2, pixels: [0, 1, 0, 1, 0, 1]).meanLuminance == 1)
  }

  // 124 + 0.5 · (200 − 124) = 162, 124 + 0.5 · (100 − 124) = 112, 124 − 37 = 87; 18 − 4 = 14, 18 + 1 = 19, 18 + 7.5 = 25.
  @Test func workedExampleSaturation() {
    #expect(image.saturationAdjusted(by: 0.5).pixels == [162, 14, 112, 19, 87, 25])
    #expect(image.saturationAdjusted(by: 0) == image.greyscale())
  }

  @Test func invariantFactorOneIsThePicture() {
    let image = noise(1, height: 9, width: 7, seed: 5)
    for changed in [
      image.brightnessAdjusted(by: 1), image.contrastAdjusted(by: 1), image.saturationAdjusted(by: 1),
    ] {
      #expect(changed == image)
    }
  }

  @Test(arguments: ColourFile.examples("brightness", "contrast", "saturation"))
  func goldenAgainstPillow(example: ColourFile.Example) throws {
    let factor = try #require(example.parameters["factor"])
    let found =
      switch example.operation {
      case "brightness": example.image.brightnessAdjusted(by: factor)
      case "contrast": example.image.contrastAdjusted(by: factor)
      default: example.image.saturationAdjusted(by: factor)
      }
    #expect(found.pixels == bytes(example.result))
  }

  @Test func goldenExamplesAreThere() {
    #expect(ColourFile.examples("brightness", "contrast", "saturation").count == 48)
  }

  @Test func stopsOnFactorsOutOfRange() async {
    await #expect(processExitsWith: .failure) {
      _ = ColourImage(height: 1, width: 1, pixels: [1, 2, 3]).brightnessAdjusted(by: -0.1)
    }
    await #expect(processExitsWith: .failure) {
      _ = ColourImage(height: 1, width: 1, pixels: [1, 2, 3]).saturationAdjusted(by: .nan)
    }
    await #expect(processExitsWith: .failure) {
      _ = ColourImage(height: 1, width: 1, pixels: [1, 2, 3]).contrastAdjusted(by: 1e300)
    }
  }
}
