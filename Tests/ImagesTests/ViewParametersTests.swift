import Testing

@testable import Images

struct WarpFile: Decodable {
  struct Case: Decodable, CustomStringConvertible, Sendable {
    let name: String
    let channels: Int
    let height: Int
    let width: Int
    let parameters: ViewParameters
    let matrix: [Double]
    let pixels: [Float]
    let view: [Double]
    var description: String { name }
  }
  let cases: [Case]
  static let all: [Case] = (try? fixture("augmentation.json", as: WarpFile.self))?.cases ?? []
}

@Suite("One view of an image")
struct ViewParametersTests {
  private let square: [Float] = [1, 2, 3, 4, 5, 6, 7, 8, 9].map { $0 / 16 }

  private func view(_ parameters: ViewParameters) -> [Float] {
    parameters.view(of: square, channels: 1, height: 3, width: 3).map { $0 * 16 }
  }

  // Sampling one pixel further right moves the content left; half a pixel averages two neighbours.
  @Test func workedExampleShift() {
    #expect(view(ViewParameters(shiftX: 1)) == [2, 3, 0, 5, 6, 0, 8, 9, 0])
    #expect(view(ViewParameters(shiftY: 0.5)) == [2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 3.5, 4, 4.5])
  }

  // At 90° the place (x, y) samples (−y, x): the top left corner (−1, −1) shows what stood at (1, −1), the top right.
  @Test func workedExampleQuarterTurnAndFlip() {
    #expect(view(ViewParameters(rotationDegrees: 90)) == [3, 6, 9, 2, 5, 8, 1, 4, 7])
    #expect(view(ViewParameters(isFlipped: true)) == [3, 2, 1, 6, 5, 4, 9, 8, 7])
  }

  // The middle pixel as the crop: every place samples within it, at −1/3, 0, 1/3 of a pixel from its centre.
  // Left of the centre: 5 − 1/3; above: 5 − 3/3. The picture is linear, so bilinear sampling is exact.
  @Test func workedExampleCrop() {
    let found = view(ViewParameters(crop: .init(left: 1, top: 1, width: 1, height: 1)))
    let third = Float(1) / 3
    let expected: [Float] = [4 - third, 4, 4 + third, 5 - third, 5, 5 + third, 6 - third, 6, 6 + third]
    #expect(found.count == 9)
    for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-5) }
  }

  // Twice as large: the corner of the view lies half a pixel from the image's middle, in both directions.
  @Test func workedExampleZoom() {
    #expect(view(ViewParameters(zoom: 2)) == [3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7])
  }

  // Contrast first: 1/16 · 0.5 is below the threshold of 0.05 and stays, 2/16 · 0.5 is above it and gains.
  @Test func workedExamplePhotometryAndErasing() {
    #expect(
      view(ViewParameters(contrast: 0.5, brightness: 0.25, erased: .init(left: 1, top: 1, width: 2, height: 1)))
        == [0.5, 5, 5.5, 6, 0, 0, 7.5, 8, 8.5])
  }

  @Test func invariantIdentityKeepsEveryBit() {
    for (height, width) in [(8, 8), (28, 28), (49, 7), (1, 1), (3, 64)] {
      let set = randomImages(channels: 2, height: height, width: width, count: 2)
      let image = set.image(1)
      #expect(ViewParameters().view(of: image, channels: 2, height: height, width: width) == image)
    }
  }

  @Test func invariantEveryChannelMovesAlike() {
    let set = randomImages(height: 6, width: 5)
    let parameters = ViewParameters(rotationDegrees: 30, shear: 0.2, zoom: 1.1, stretch: 1.1, shiftX: 0.3)
    let (first, second) = (set.image(0), set.image(1))
    #expect(
      parameters.view(of: first + second, channels: 2, height: 6, width: 5)
        == parameters.view(of: first, channels: 1, height: 6, width: 5)
        + parameters.view(of: second, channels: 1, height: 6, width: 5))
  }

  @Test func goldenCasesAreThere() { #expect(WarpFile.all.count == 13) }

  // Against PyTorch in Float64. Ours samples in Double and blends in Float, four roundings of values up to 1.4: 5e-7.
  @Test(arguments: WarpFile.all) func goldenAgainstGridSample(example: WarpFile.Case) {
    let matrix = example.parameters.matrix(height: example.height, width: example.width)
    #expect(matrix.count == 6 && example.matrix.count == 6)
    for (a, b) in zip(matrix, example.matrix) { #expect(abs(a - b) < 1e-14) }
    let found = example.parameters.view(
      of: example.pixels, channels: example.channels, height: example.height, width: example.width)
    #expect(found.count == example.view.count)
    for (a, b) in zip(found, example.view) { #expect(abs(Double(a) - b) < 5e-7) }
  }
}
