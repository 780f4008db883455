import Foundation
import Kernels
import Testing

@testable import Images

@Suite("Augmentation")
struct AugmentationTests {
  static let presets: [(name: String, augmentation: Augmentation)] = [
    ("digits", .digits), ("digitsStrong", .digitsStrong), ("fashion", .fashion), ("identity", .identity),
  ]

  private func draws(_ augmentation: Augmentation, count: Int = 4000, height: Int = 28, width: Int = 28)
    -> [ViewParameters]
  {
    (0..<count).map {
      augmentation.parameters(seed: 3, epoch: $0 % 7, image: $0, view: $0 % 2, height: height, width: width)
    }
  }

  @Test func workedExampleIdentityIsTheEvaluationBatch() {
    let set = randomImages()
    let batch: [Double] = Augmentation.identity.batch(of: set, images: [4, 0], seed: 1, epoch: 2, view: 0)
    let plain: [Double] = set.evaluationBatch([4, 0])
    #expect(batch.count == plain.count)
    // The augmented pixel is a Float (half a unit: 3e-8 of 1), over a standard deviation of 0.29.
    for (a, b) in zip(batch, plain) { #expect(abs(a - b) < 2e-7) }
    let single: [Float] = Augmentation.identity.batch(of: set, images: [4, 0], seed: 1, epoch: 2, view: 0)
    #expect(single == set.evaluationBatch([4, 0]))
  }

  // (pixel − mean) / standard deviation of what `view` returns, in the order of `images`, whatever the order and the threads.
  @Test(arguments: [0, 1, 2]) func invariantAViewDependsOnItsKeyAlone(preset: Int) {
    let set = randomImages(channels: 2, height: 9, width: 7)
    let augmentation = Self.presets[preset].augmentation
    let order = [7, 2, 9, 0, 2]
    let threads = Parallel.threadCount
    defer { Parallel.threadCount = threads }
    for count in [1, 3] {
      Parallel.threadCount = count
      let batch: [Float] = augmentation.batch(of: set, images: order, seed: 5, epoch: 3, view: 1)
      #expect(batch.count == order.count * 126)
      for (index, image) in order.enumerated() {
        let alone = augmentation.view(of: set, image: image, seed: 5, epoch: 3, view: 1)
          .enumerated().map { index, pixel in
            let (mean, standardDeviation) = set.standardisation.numbers(ofChannel: index / 63)
            return (pixel - Float(mean)) / Float(standardDeviation)
          }
        #expect(Array(batch[index * 126..<(index + 1) * 126]) == alone)
      }
    }
  }

  @Test func invariantEveryPartOfTheKeyCounts() {
    let set = randomImages()
    func view(_ seed: UInt32, _ epoch: Int, _ image: Int, _ view: Int) -> ViewParameters {
      Augmentation.digits.parameters(seed: seed, epoch: epoch, image: image, view: view, height: 8, width: 8)
    }
    let first = view(1, 2, 3, 0)
    #expect(first == view(1, 2, 3, 0))
    for other in [view(2, 2, 3, 0), view(1, 3, 3, 0), view(1, 2, 4, 0), view(1, 2, 3, 1)] { #expect(first != other) }
    #expect(
      Augmentation.digits.view(of: set, image: 3, seed: 1, epoch: 2, view: 0)
        != Augmentation.digits.view(of: set, image: 3, seed: 1, epoch: 2, view: 1))
  }

  // Without one feature, everything else that is drawn stays as it was.
  @Test func invariantSwitchingAFeatureLeavesTheOthers() {
    let full = draws(.fashion, count: 200)
    var without = Augmentation.fashion
    without.rotationDegrees = 0
    without.crop = nil
    without.eraseProbability = 0
    without.flipProbability = 0
    for (a, b) in zip(full, draws(without, count: 200)) {
      var expected = a
      expected.rotationDegrees = 0
      expected.crop = nil
      expected.erased = nil
      expected.isFlipped = false
      #expect(expected == b)
    }
  }

  // A uniform variable on (l, u) has mean (l + u)/2 and standard deviation (u − l)/√12. With 4000 draws the mean is off by
  // (u − l)/√12/63, so six standard deviations are (u − l)/36; draws come within (u − l)/200 of both ends.
  @Test(arguments: [0, 1, 2]) func invariantRangesAndMeans(preset: Int) {
    let augmentation = Self.presets[preset].augmentation
    let drawn = draws(augmentation)
    func check(_ name: String, _ lower: Double, _ upper: Double, _ value: (ViewParameters) -> Double) {
      let values = drawn.map(value)
      let (least, most) = (values.min() ?? .nan, values.max() ?? .nan)
      let slack = 1e-12
      #expect(least >= lower - slack && most <= upper + slack, "\(name): \(least) to \(most)")
      #expect(least <= lower + (upper - lower) / 200 && most >= upper - (upper - lower) / 200, "\(name)")
      let mean = values.reduce(0, +) / Double(values.count)
      #expect(abs(mean - (lower + upper) / 2) <= (upper - lower) / 36 + slack, "\(name): mean \(mean)")
    }
    check("rotation", -augmentation.rotationDegrees, augmentation.rotationDegrees) { $0.rotationDegrees }
    check("shear", -augmentation.shear, augmentation.shear) { $0.shear }
    check("zoom", log(augmentation.zoom.lowerBound), log(augmentation.zoom.upperBound)) { log($0.zoom) }
    check("stretch", -log(augmentation.aspect) / 2, log(augmentation.aspect) / 2) { log($0.stretch) }
    check("shift x", -augmentation.shiftPixels, augmentation.shiftPixels) { $0.shiftX }
    check("shift y", -augmentation.shiftPixels, augmentation.shiftPixels) { $0.shiftY }
    check("contrast", augmentation.contrast.lowerBound, augmentation.contrast.upperBound) { $0.contrast }
    check("brightness", -augmentation.brightness, augmentation.brightness) { $0.brightness }
  }

  // Binomial with 4000 draws: six standard deviations are 6 √(p(1 − p)/4000) ≤ 0.048.
  @Test(arguments: [0, 1, 2]) func invariantProbabilitiesAndBoxes(preset: Int) {
    let augmentation = Self.presets[preset].augmentation
    let drawn = draws(augmentation)
    func part(_ condition: (ViewParameters) -> Bool) -> Double { Double(drawn.count(where: condition)) / 4000 }
    #expect(abs(part(\.isFlipped) - augmentation.flipProbability) < 0.048)
    #expect(abs(part { $0.erased != nil } - augmentation.eraseProbability) < 0.048)
    let boxes = drawn.compactMap(\.erased)
    for sides in [boxes.map(\.width), boxes.map(\.height)] {
      // Every side occurs about equally often: within half of its share (the least share is 1200/8 ± 11).
      for side in augmentation.eraseSides {
        let share = Double(sides.count { $0 == side }) * Double(augmentation.eraseSides.count) / Double(boxes.count)
        #expect(abs(share - 1) < 0.5, "side \(side): \(share)")
      }
    }
    #expect(boxes.allSatisfy { $0.left >= 0 && $0.top >= 0 && $0.left + $0.width <= 28 && $0.top + $0.height <= 28 })
    #expect(boxes.contains { $0.left == 0 } && boxes.contains { $0.left + $0.width == 28 })
  }

  // Rounding a side to whole pixels changes an area of 392 or more by less than 30 and a ratio by less than 6 %.
  @Test func invariantCropBoxes() {
    let boxes = draws(.fashion).compactMap(\.crop)
    #expect(boxes.count == 4000)
    let areas = boxes.map { Double($0.width * $0.height) / 784 }
    let ratios = boxes.map { Double($0.width) / Double($0.height) }
    #expect(boxes.allSatisfy { $0.left >= 0 && $0.top >= 0 && $0.left + $0.width <= 28 && $0.top + $0.height <= 28 })
    #expect((areas.min() ?? 0) > 0.46 && (areas.min() ?? 1) < 0.52)
    #expect((areas.max() ?? 0) > 0.97)
    #expect((ratios.min() ?? 0) > 0.7 && (ratios.max() ?? 9) < 1.42)
    // Log-uniform between reciprocal ends: wide and tall boxes are equally likely.
    #expect(abs(ratios.reduce(0) { $0 + log($1) } / 4000) < 0.02)
    #expect(boxes.contains { $0.left > 0 && $0.left + $0.width == 28 } && boxes.contains { $0.left == 0 })
  }

  // Half of 20 × 20 pixels at ratio 2: width √(200 · 2) = 20, height √(200 / 2) = 10; only the height leaves room.
  @Test func workedExampleCropOfOneSize() {
    var augmentation = Augmentation.identity
    augmentation.crop = .init(area: 0.5...0.5, ratio: 2...2)
    let boxes = draws(augmentation, count: 500, height: 20, width: 20).compactMap(\.crop)
    #expect(boxes.count == 500)
    #expect(boxes.allSatisfy { $0.left == 0 && $0.width == 20 && $0.height == 10 })
    #expect(Set(boxes.map(\.top)) == Set(0...10))
  }

  // No box of ratio 3/4 to 4/3 and the full area fits 4 × 40 pixels: the central one of ratio 4/3, 5 × 4, is taken.
  @Test func workedExampleCropThatNeverFits() {
    var augmentation = Augmentation.identity
    augmentation.crop = .init(area: 1...1)
    let wide = draws(augmentation, count: 50, height: 4, width: 40)
    #expect(wide.allSatisfy { $0.crop == .init(left: 17, top: 0, width: 5, height: 4) })
    let tall = draws(augmentation, count: 50, height: 40, width: 4)
    #expect(tall.allSatisfy { $0.crop == .init(left: 0, top: 17, width: 4, height: 5) })
  }

  @Test func goldenPresetsAndTheirJSON() throws {
    for (name, augmentation) in Self.presets {
      #expect(augmentation.problem == nil, "\(name)")
      let data = try JSONEncoder().encode(augmentation)
      #expect(try JSONDecoder().decode(Augmentation.self, from: data) == augmentation, "\(name)")
    }
  }

  @Test func goldenProblems() {
    func problem(_ change: (inout Augmentation) -> Void) -> String? {
      var augmentation = Augmentation.fashion
      change(&augmentation)
      return augmentation.problem
    }
    #expect(problem { $0.rotationDegrees = -1 } == "rotationDegrees must be in 0.0...180.0, not -1.0")
    #expect(problem { $0.shear = .nan } == "shear must be in 0.0...1.0, not inf")
    #expect(problem { $0.zoom = 0...1 } == "zoom must be in 0.1...10.0, not 0.0")
    #expect(problem { $0.crop = .init(area: 0.5...1.5) } == "crop.area must be in 0.01...1.0, not 1.5")
    #expect(problem { $0.flipProbability = 1.1 } == "flipProbability must be in 0.0...1.0, not 1.1")
    #expect(problem { $0.eraseSides = 0...3 } == "eraseSides must be in 1.0...256.0, not 0.0")
  }

  @Test func stopsOnRangesThatAreNotAllowed() async {
    await #expect(processExitsWith: .failure) {
      var augmentation = Augmentation.digits
      augmentation.aspect = 0.5
      _ = augmentation.parameters(seed: 1, epoch: 0, image: 0, view: 0, height: 8, width: 8)
    }
  }
}
