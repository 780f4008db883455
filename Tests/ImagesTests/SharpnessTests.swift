import Testing

@testable import Images

@Suite("Sharpness")
struct SharpnessTests {
  // The centre of a picture of zeros with one 130 in the middle: 5 · 130 / 13 = 50; its neighbours on the edge stay.
  @Test func workedExampleSmoothing() {
    var plane = [UInt8](repeating: 0, count: 25)
    plane[12] = 130
    let smoothed = ColourImage(height: 5, width: 5, pixels: plane + plane + plane).smoothed()
    var expected = [UInt8](repeating: 0, count: 25)
    for y in 1...3 { for x in 1...3 { expected[5 * y + x] = 10 } }
    expected[12] = 50
    #expect(smoothed.pixels == expected + expected + expected)
  }

  @Test func invariantAFactorOfOneChangesNothing() {
    let picture = noise(3, height: 9, width: 7, seed: 5)
    #expect(picture.sharpnessAdjusted(by: 1) == picture)
    #expect(picture.sharpnessAdjusted(by: 0) == picture.smoothed())
  }

  @Test(arguments: RandAugmentFile.operations(.sharpness, .brightness, .color, .contrast))
  func goldenAgainstPillow(operation: RandAugmentFile.Operation) {
    #expect(RandAugmentFile.digest(of: operation) == operation.digest)
  }
}
