import Testing

@testable import Images

@Suite("Operations on histograms and bytes")
struct ToneOperationsTests {
  /// A picture of one row, the same in each channel.
  private func row(_ bytes: [UInt8]) -> ColourImage {
    ColourImage(height: 1, width: bytes.count, pixels: bytes + bytes + bytes)
  }

  // Low 10, high 61: scale 255/51 = 5, offset −50. 10 → 0, 20 → 50, 61 → 255.
  @Test func workedExampleAutoContrast() {
    #expect(Array(row([10, 20, 61]).autoContrasted().pixels[..<3]) == [0, 50, 255])
    #expect(row([9, 9]).autoContrasted() == row([9, 9]))
  }

  // 511 pixels, of which 1 has the brightest value: q = ⌊510/255⌋ = 2. Value 0 → ⌊1/2⌋ = 0, value 1 → ⌊(1 + 400)/2⌋ = 200,
  // value 7 → ⌊(1 + 510)/2⌋ = 255.
  @Test func workedExampleEqualize() {
    let bytes = [UInt8](repeating: 0, count: 400) + [UInt8](repeating: 1, count: 110) + [7]
    let result = row(bytes).equalized().pixels
    #expect([result[0], result[400], result[510]] == [0, 200, 255])
    #expect(row([3, 200]).equalized() == row([3, 200]))
  }

  @Test func workedExampleBits() {
    #expect(Array(row([255, 100, 7]).posterized(bits: 3).pixels[..<3]) == [224, 96, 0])
    #expect(Array(row([255, 100, 7]).solarized(threshold: 100).pixels[..<3]) == [0, 155, 7])
  }

  @Test(arguments: RandAugmentFile.operations(.autoContrast, .equalize, .posterize, .solarize))
  func goldenAgainstPillow(operation: RandAugmentFile.Operation) {
    #expect(RandAugmentFile.digest(of: operation) == operation.digest)
  }

  @Test func stopsOnNoBits() async {
    await #expect(processExitsWith: .failure) {
      _ = ColourImage(height: 1, width: 1, pixels: [1, 2, 3]).posterized(bits: 0)
    }
  }
}
