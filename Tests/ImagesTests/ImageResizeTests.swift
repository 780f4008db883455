import Kernels
import Testing

@testable import Images

@Suite("Crop and resize in 8-bit fixed point")
struct ImageResizeTests {
  private func row(_ values: [UInt8], to width: Int) -> [UInt8] {
    let image = ColourImage(height: 1, width: values.count, pixels: values + values + values)
    let box = ViewParameters.Box(left: 0, top: 0, width: values.count, height: 1)
    let pixels = image.resized(box, height: 1, width: width).pixels
    let first = Array(pixels[0..<width])
    #expect(pixels == first + first + first)
    return first
  }

  // Twice as long: centres at 1/4, 3/4, 5/4, 7/4 of a pixel; beyond the middle of the last pixel it is repeated.
  // 3/4 · 0 + 1/4 · 100 = 25.
  @Test func workedExampleTwiceAsLong() { #expect(row([0, 100], to: 4) == [0, 25, 75, 100]) }

  // Half as long: the triangle of half-width 2 around x = 1 weighs pixels 0, 1, 2 by 3/4, 3/4, 1/4 (−1 does not exist), over
  // 7/4: 0 · 3/7 + 70 · 3/7 + 140 · 1/7 = 50. Around x = 3: pixels 1, 2, 3 by 1/4, 3/4, 3/4 of 210: (70 + 420 + 630)/7 = 160.
  @Test func workedExampleHalfAsLongIsAntialiased() { #expect(row([0, 70, 140, 210], to: 2) == [50, 160]) }

  @Test func workedExampleCropKeepsItsBytes() {
    let image = noise(0, height: 4, width: 5, seed: 2)
    let crop = image.resized(ViewParameters.Box(left: 1, top: 2, width: 3, height: 2), height: 2, width: 3)
    var expected: [UInt8] = []
    for plane in 0..<3 {
      for row in 2..<4 {
        let first = (plane * 4 + row) * 5 + 1
        expected += image.pixels[first..<first + 3]
      }
    }
    #expect(crop.pixels == expected)
  }

  @Test func invariantWeightsAddToOne() {
    for (length, newLength) in [(1, 1), (1, 9), (9, 1), (32, 31), (31, 32), (7, 100), (100, 7), (1000, 3)] {
      let weights = ResizeWeights(from: length, to: newLength)
      #expect(weights.starts.count == newLength && weights.weights.count == newLength * weights.taps)
      for output in 0..<newLength {
        #expect((0...length - weights.taps).contains(weights.starts[output]))
        let own = weights.weights[output * weights.taps..<(output + 1) * weights.taps]
        let sum = own.reduce(0) { $0 + Int($1) }
        // Each weight is off by half a unit at most.
        #expect(abs(sum - 4_194_304) <= (weights.taps + 1) / 2)
      }
    }
  }

  @Test(arguments: ColourFile.examples("crop")) func goldenAgainstPillow(example: ColourFile.Example) {
    let found = example.image.resized(
      example.box, height: example.integer("newHeight"), width: example.integer("newWidth"),
      passes: example.integer("rowsFirst") == 1 ? .rowsFirst : .automatic)
    #expect(found.pixels == bytes(example.result))
  }

  @Test func goldenExamplesAreThere() { #expect(ColourFile.examples("crop").count == 14) }

  // 6 rows lost against 2 · 3 columns: not more. One row more, and the order changes; never where no row is lost.
  @Test func workedExampleWhichAxisComesFirst() {
    func starts(_ width: Int, _ height: Int, _ newWidth: Int, _ newHeight: Int) -> Bool {
      let box = ViewParameters.Box(left: 0, top: 0, width: width, height: height)
      #expect(!ColourImage.PassOrder.rowsFirst.startsWithColumns(box, height: newHeight, width: newWidth))
      return ColourImage.PassOrder.automatic.startsWithColumns(box, height: newHeight, width: newWidth)
    }
    #expect(!starts(10, 20, 7, 14))
    #expect(starts(10, 20, 7, 13))
    #expect(starts(10, 20, 30, 19))
    #expect(!starts(10, 20, 30, 20) && !starts(10, 20, 30, 40))
  }

  @Test func invariantAnyWrongBoxHasAProblem() {
    let image = noise(0, height: 6, width: 9, seed: 3)
    var stream = RandomStream(seed: 4, purpose: .test)
    let extremes = [Int.min, -1, 0, 1, 5, 6, 9, 10, 20_000, Int.max]
    var wrong = 0
    for _ in 0..<20_000 {
      let n = (0..<6).map { _ in extremes[stream.integer(below: extremes.count)] }
      let box = ViewParameters.Box(left: n[0], top: n[1], width: n[2], height: n[3])
      guard image.problem(of: box, height: n[4], width: n[5]) == nil else {
        wrong += 1
        continue
      }
      #expect(n[0] >= 0 && n[1] >= 0 && n[0] + n[2] <= 9 && n[1] + n[3] <= 6)
      #expect(image.resized(box, height: n[4], width: n[5]).pixels.count == 3 * n[4] * n[5])
    }
    #expect(wrong > 19_000 && wrong < 20_000)
  }

  @Test func stopsOnABoxOutside() async {
    await #expect(processExitsWith: .failure) {
      let image = ColourImage(height: 1, width: 2, pixels: [1, 2, 3, 4, 5, 6])
      _ = image.resized(ViewParameters.Box(left: 1, top: 0, width: 2, height: 1), height: 1, width: 1)
    }
  }
}
