import Testing

@testable import Images

@Suite("8-bit RGB pictures")
struct ColourImageTests {
  private let image = ColourImage(height: 1, width: 2, pixels: [255, 1, 0, 2, 0, 3])

  // 19595 · 255 + 32768 = 5,029,493 = 76.7 · 65,536; 19595 + 2 · 38470 + 3 · 7471 + 32768 = 151,716 = 2.3 · 65,536.
  @Test func workedExampleLuminance() {
    #expect(image.luminance() == [76, 2])
    #expect(image.greyscale().pixels == [76, 2, 76, 2, 76, 2])
  }

  @Test func workedExampleFlip() { #expect(image.flipped().pixels == [1, 255, 2, 0, 3, 0]) }

  @Test func workedExampleNormalisation() {
    let found: [Double] = image.normalised(mean: [0.5, 0.25, 0], standardDeviation: [0.5, 0.25, 2])
    #expect(found.count == 6)
    let expected: [Double] = [1, 2 / 255.0 - 1, -1, 8 / 255.0 - 1, 0, 3 / 510.0]
    for (a, b) in zip(found, expected) {
      // Four roundings of numbers up to 1.
      #expect(abs(a - b) < 1e-15)
    }
  }

  @Test func invariantFlippingTwiceIsNothing() {
    let image = noise(3, height: 5, width: 8, seed: 1)
    #expect(image.flipped() != image)
    #expect(image.flipped().flipped() == image)
  }

  @Test(arguments: ColourFile.examples("greyscale", "flip")) func goldenAgainstPillow(example: ColourFile.Example) {
    let found = example.operation == "flip" ? example.image.flipped() : example.image.greyscale()
    #expect(found.pixels == bytes(example.result))
  }

  @Test func goldenExamplesAreThere() { #expect(ColourFile.examples("greyscale", "flip").count == 3) }

  @Test func stopsOnWrongSizes() async {
    await #expect(processExitsWith: .failure) { _ = ColourImage(height: 2, width: 2, pixels: [1, 2, 3]) }
    await #expect(processExitsWith: .failure) { _ = ColourImage(height: 0, width: 2, pixels: []) }
    await #expect(processExitsWith: .failure) {
      let image = ColourImage(height: 1, width: 1, pixels: [1, 2, 3])
      let _: [Float] = image.normalised(mean: [0], standardDeviation: [1])
    }
  }
}
