import Testing

@testable import Images

@Suite("Affine maps with the nearest pixel")
struct NearestAffineTests {
  /// A picture whose channels are alike.
  private func grey(_ height: Int, _ plane: [UInt8]) -> ColourImage {
    ColourImage(height: height, width: plane.count / height, pixels: plane + plane + plane)
  }

  @Test func workedExampleTranslations() {
    let picture = grey(2, [1, 2, 3, 4, 5, 6])
    #expect(picture.translated(x: 1, y: 0) == grey(2, [2, 3, 0, 5, 6, 0]))
    #expect(picture.translated(x: -1, y: 0) == grey(2, [0, 1, 2, 0, 4, 5]))
    #expect(picture.translated(x: 0, y: 1) == grey(2, [4, 5, 6, 0, 0, 0]))
    #expect(picture.translated(x: 0.4, y: -0.4) == picture)
  }

  // Column x of row y looks at ⌊(x + ½) + ½ (y + ½)⌋ = ⌊x + ¾ + y/2⌋: the first row stays, the next two move by one.
  @Test func workedExampleShear() {
    #expect(grey(3, [1, 2, 3, 4, 5, 6, 7, 8, 9]).shearedHorizontally(by: 0.5) == grey(3, [1, 2, 3, 5, 6, 0, 8, 9, 0]))
    #expect(grey(3, [1, 2, 3, 4, 5, 6, 7, 8, 9]).shearedVertically(by: 0.5) == grey(3, [1, 5, 6, 4, 8, 9, 7, 0, 0]))
  }

  @Test func invariantRotationKeepsTheCentreAndLosesCorners() {
    let picture = noise(1, height: 15, width: 15, seed: 4)
    for degrees in [-45.0, -12, 7, 45] {
      let turned = picture.rotated(degrees: degrees)
      #expect(turned.pixels[7 * 15 + 7] == picture.pixels[7 * 15 + 7])
      #expect(turned.pixels[0] == 0 || abs(degrees) < 10)
    }
    #expect(picture.rotated(degrees: 0) == picture)
  }

  @Test(arguments: RandAugmentFile.operations(.rotate, .shearX, .shearY, .translateX, .translateY))
  func goldenAgainstPillow(operation: RandAugmentFile.Operation) {
    #expect(RandAugmentFile.digest(of: operation) == operation.digest)
  }

  @Test func stopsOnAnglesOutOfRange() async {
    await #expect(processExitsWith: .failure) {
      _ = ColourImage(height: 1, width: 1, pixels: [1, 2, 3]).rotated(degrees: 46)
    }
  }
}
