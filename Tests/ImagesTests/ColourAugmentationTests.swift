import Foundation
import Kernels
import Testing

@testable import Images

@Suite("Augmentation of colour pictures")
struct ColourAugmentationTests {
  private func draws(_ augmentation: ColourAugmentation, count: Int = 4000, height: Int = 32, width: Int = 32)
    -> [ColourViewParameters]
  {
    (0..<count).map {
      augmentation.parameters(seed: 3, epoch: $0 % 7, image: $0, view: $0 % 2, height: height, width: width)
    }
  }

  // The 32 words of stream (3, augmentation, 5, 11, 1), read here by hand where the table says they stand.
  @Test func workedExampleEveryWordHasItsPlace() throws {
    var stream = RandomStream(seed: 3, purpose: .augmentation, epoch: 5, image: 11, view: 1)
    let u = (0..<32).map { _ in stream.uniform() }
    let found = ColourAugmentation().parameters(seed: 3, epoch: 5, image: 11, view: 1, height: 32, width: 32)
    let jitter = try #require(found.jitter)
    #expect(jitter.brightness == 0.6 + (1.4 - 0.6) * u[26])
    #expect(jitter.contrast == 0.6 + (1.4 - 0.6) * u[27])
    #expect(jitter.saturation == 0.6 + (1.4 - 0.6) * u[28])
    #expect(jitter.hue == -0.4 + 0.8 * u[29])
    #expect(found.isGrey == (u[30] < 0.2) && found.isFlipped == (u[31] < 0.5))
    var order = [0, 1, 2, 3]
    order.swapAt(3, Int(4 * u[23]))
    order.swapAt(2, Int(3 * u[24]))
    order.swapAt(1, Int(2 * u[25]))
    #expect(jitter.order.map(\.rawValue) == order)
    #expect(found.box.left == Int(u[20] * Double(32 - found.box.width + 1)))
    #expect(found.box.top == Int(u[21] * Double(32 - found.box.height + 1)))
  }

  // What is drawn for one feature does not depend on the others.
  @Test func invariantSwitchingAFeatureLeavesTheOthers() {
    var without = ColourAugmentation()
    without.crop = nil
    without.jitterProbability = 0
    without.greyscaleProbability = 0
    for (full, other) in zip(draws(ColourAugmentation(), count: 200), draws(without, count: 200)) {
      let whole = ViewParameters.Box(left: 0, top: 0, width: 32, height: 32)
      #expect(other == ColourViewParameters(box: whole, isFlipped: full.isFlipped))
    }
  }

  // 3200 of 4000 draws have an order: each of 24 comes 133 ± 11.3 times (five standard deviations: 57); probabilities ± 0.04.
  @Test func invariantFrequencies() {
    var augmentation = ColourAugmentation()
    augmentation.jitterProbability = 0.8
    let all = draws(augmentation)
    let orders = Dictionary(grouping: all.compactMap(\.jitter), by: \.order)
    #expect(orders.count == 24)
    #expect(orders.values.allSatisfy { abs($0.count - 133) < 57 })
    func frequency(_ holds: (ColourViewParameters) -> Bool) -> Double { Double(all.count(where: holds)) / 4000 }
    #expect(abs(frequency { $0.jitter != nil } - 0.8) < 0.04)
    #expect(abs(frequency(\.isGrey) - 0.2) < 0.04)
    #expect(abs(frequency(\.isFlipped) - 0.5) < 0.04)
    #expect(Set(all.map { [$0.box.left, $0.box.top, $0.box.width, $0.box.height] }).count > 1000)
  }

  // No box of ratio 3/4 to 4/3 and the full area fits 4 × 40 pixels: the central one of ratio 4/3, 5 × 4, is taken.
  @Test func workedExampleCropThatNeverFits() {
    var augmentation = ColourAugmentation()
    augmentation.crop = .init(area: 1...1)
    let wide = draws(augmentation, count: 20, height: 4, width: 40)
    #expect(wide.allSatisfy { $0.box == .init(left: 17, top: 0, width: 5, height: 4) })
  }

  @Test func goldenProblemsAndJSON() throws {
    func problem(_ change: (inout ColourAugmentation) -> Void) -> String? {
      var augmentation = ColourAugmentation()
      change(&augmentation)
      return augmentation.problem
    }
    #expect(problem { _ in } == nil)
    #expect(problem { $0.crop = .init(area: 0...1) } == "crop.area must be in 0.01...1.0, not 0.0")
    #expect(problem { $0.brightness = -1...1 } == "brightness must be in 0.0...1000.0, not -1.0")
    #expect(problem { $0.hue = -0.4...0.6 } == "hue must be in -0.5...0.5, not 0.6")
    #expect(problem { $0.flipProbability = .nan } == "flipProbability must be in 0.0...1.0, not inf")
    let data = try JSONEncoder().encode(ColourAugmentation())
    #expect(try JSONDecoder().decode(ColourAugmentation.self, from: data) == ColourAugmentation())
  }

  @Test func goldenRunsAreThere() {
    #expect(ColourFile.runs("drawn").map(\.digests.count) == [3, 1, 3, 1, 1])
    #expect(ColourFile.runs("cifar10").map(\.digests.count) == [64, 16])
  }

  // The parameters are drawn, and the pixels computed, by other programs: one wrong byte of 500 views changes a digest.
  @Test(arguments: ColourFile.runs("drawn")) func goldenDigestsOfDrawnPictures(run: ColourFile.Run) {
    let pictures = (0..<run.images).map { image in
      image % 2 == 0
        ? noise(image, height: run.height, width: run.width, seed: 78)
        : ramps(image, height: run.height, width: run.width, seed: 78)
    }
    #expect(run.found { pictures[$0] } == run.digests)
  }

  @Test(
    .enabled(if: realPictures != nil, "the file of real pictures is not beside the package"),
    arguments: ColourFile.runs("cifar10"))
  func goldenDigestsOfRealPictures(run: ColourFile.Run) throws {
    let records = try #require(realPictures)
    let pictures = (0..<run.images).map { image in
      ColourImage(height: 32, width: 32, pixels: Array(records[3073 * image + 1..<3073 * (image + 1)]))
    }
    #expect(run.found { pictures[$0] } == run.digests)
  }

  @Test func stopsOnWrongJitter() async {
    await #expect(processExitsWith: .failure) {
      let jitter = ColourViewParameters.Jitter(order: [.hue, .hue, .contrast, .brightness])
      _ = jitter.applied(to: ColourImage(height: 1, width: 1, pixels: [1, 2, 3]))
    }
    await #expect(processExitsWith: .failure) {
      var augmentation = ColourAugmentation()
      augmentation.hue = -0.6...0
      _ = augmentation.parameters(seed: 1, epoch: 0, image: 0, view: 0, height: 8, width: 8)
    }
  }
}
