import Testing

@testable import Images

@Suite("Images in another size or with other channels")
struct ImageSetConversionTests {
  private let grey = ImageSet(
    name: "g", channels: 1, height: 1, width: 2, pixels: [1, 2, 3, 4], maximumValue: 9, labels: [1, 0],
    split: .test, classNames: ["a", "b", "c"], imageNames: ["x", "y"], remarks: ["r"])

  private func keepsTheRest(_ set: ImageSet) -> Bool {
    set.name == "g" && set.maximumValue == 9 && set.labels == [1, 0] && set.split == .test && set.classCount == 3
      && set.classNames == ["a", "b", "c"] && set.imageNames == ["x", "y"] && set.remarks == ["r"]
  }

  @Test func greyInColour() {
    let colour = grey.inColour
    #expect(colour.channels == 3 && colour.size == grey.size && keepsTheRest(colour))
    #expect(colour.pixels == [1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4])
    #expect(colour.inColour.pixels == colour.pixels)
  }

  @Test func anotherSize() throws {
    let large = grey.fitted(to: ImageSize(height: 2, width: 4))
    #expect(large.size == ImageSize(height: 2, width: 4) && large.channels == 1 && keepsTheRest(large))
    #expect(large.fitted(to: large.size).pixels == large.pixels && large.pixels.count == 16)
    // As the readers do it.
    let digits = try ImageSet.load("digits", count: 3)
    let size = ImageSize(height: 5, width: 6)
    #expect(digits.fitted(to: size).pixels == (try ImageSet.load("digits", count: 3, size: size)).pixels)
  }
}
