import Foundation
import Kernels
import Testing

@testable import Images

@Suite("Random views")
struct RandomViewsTests {
  private let set = randomImages(channels: 3, height: 8, width: 6)

  // A batch is, image by image, the view's bytes over 255, minus the mean, over the standard deviation; for any order and threads.
  @Test func invariantAColourBatchIsItsViewsStandardised() {
    let views = ColourAugmentation()
    let threads = Parallel.threadCount
    defer { Parallel.threadCount = threads }
    for count in [1, 3] {
      Parallel.threadCount = count
      let batch: [Float] = RandomViews.colour(views)
        .batch(of: set, images: [7, 2, 9, 2], seed: 5, epoch: 3, view: 1, standardisedBy: .cifar10)
      #expect(batch.count == 4 * 144)
      for (index, image) in [7, 2, 9, 2].enumerated() {
        let picture = ColourImage(height: 8, width: 6, pixels: Array(set.pixels[image * 144..<(image + 1) * 144]))
        let alone: [Float] = views.parameters(seed: 5, epoch: 3, image: image, view: 1, height: 8, width: 6)
          .view(of: picture, height: 8, width: 6)
          .normalised(mean: Standardisation.cifar10.mean, standardDeviation: Standardisation.cifar10.standardDeviation)
        #expect(Array(batch[index * 144..<(index + 1) * 144]) == alone)
      }
    }
  }

  // As above, and where the cutout is, the mean. A grey image is a picture of three equal planes; a sixteenth is 16 bytes
  // (255 / 16 = 15.94), so white stays white.
  @Test(arguments: [1, 3])
  func invariantABatchOfRandAugmentIsItsViewsStandardised(channels: Int) {
    let pixels = (0..<10 * channels * 48).map { UInt8($0 * 7 % 17) }
    let set = ImageSet(name: "few", channels: channels, height: 8, width: 6, pixels: pixels, maximumValue: 16)
    var views = RandAugmentation(.scan)
    views.cutoutSide = 4
    let standardisation = Standardisation(mean: [0.25], standardDeviation: [0.5])
    let threads = Parallel.threadCount
    defer { Parallel.threadCount = threads }
    for count in [1, 3] {
      Parallel.threadCount = count
      let batch: [Double] = RandomViews.randAugment(views)
        .batch(of: set, images: [7, 2, 9, 2], seed: 5, epoch: 3, view: 1, standardisedBy: standardisation)
      #expect(batch.count == 4 * channels * 48)
      for (index, image) in [7, 2, 9, 2].enumerated() {
        let own = pixels[image * channels * 48..<(image + 1) * channels * 48]
          .map { UInt8((Double($0) * 255 / 16).rounded()) }
        let planes = channels == 3 ? own : own + own + own
        let view = views.parameters(seed: 5, epoch: 3, image: image, view: 1, height: 8, width: 6)
        var expected = view.view(of: ColourImage(height: 8, width: 6, pixels: planes)).pixels
          .map { (Double($0) / 255 - 0.25) / 0.5 }
        view.cutout?.forEachPixel(width: 6) { for plane in 0..<3 { expected[plane * 48 + $0] = 0 } }
        #expect(Array(batch[index * channels * 48..<(index + 1) * channels * 48]) == Array(expected[..<own.count]))
      }
    }
  }

  @Test func invariantViewsThatChangeNothingAreTheEvaluationBatch() {
    var still = ColourAugmentation()
    (still.crop, still.jitterProbability) = (nil, 0)
    (still.greyscaleProbability, still.flipProbability) = (0, 0)
    let batch: [Double] = RandomViews.colour(still).batch(of: set, images: [3, 1], seed: 1, epoch: 0, view: 0)
    #expect(batch == set.evaluationBatch([3, 1]))
    var strong = RandAugmentation(.ruc)
    (strong.crop, strong.probability, strong.flipProbability, strong.cutoutSide) = (nil, 0, 0, 0)
    let unchanged: [Float] = RandomViews.randAugment(strong)
      .batch(of: set, images: [3, 1], seed: 1, epoch: 0, view: 0, standardisedBy: .cifar10)
    #expect(unchanged == set.evaluationBatch([3, 1], standardisedBy: .cifar10))
    let grey: [Float] = RandomViews.grey(.identity)
      .batch(of: set, images: [3, 1], seed: 1, epoch: 0, view: 0, standardisedBy: .cifar100)
    #expect(grey == set.evaluationBatch([3, 1], standardisedBy: .cifar100))
  }

  @Test func workedExampleOfJSON() throws {
    func json(_ views: RandomViews) throws -> String {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      return String(decoding: try encoder.encode(views), as: UTF8.self)
    }
    let kinds = [RandomViews.colour(ColourAugmentation()), .grey(.fashion), .randAugment(RandAugmentation(.scan))]
    for views in kinds {
      let text = try json(views)
      #expect(text.contains(#""kind":"\#(views.kind.rawValue)""#) && text.contains(#""flipProbability":0.5"#))
      #expect(try JSONDecoder().decode(RandomViews.self, from: Data(text.utf8)) == views)
    }
    // As versions without colour views wrote it.
    let old = try JSONEncoder().encode(Augmentation.digits)
    #expect(try JSONDecoder().decode(RandomViews.self, from: old) == .grey(.digits))
  }

  @Test func workedExampleOfProblems() {
    var wrong = ColourAugmentation()
    wrong.hue = 0...0.7
    #expect(RandomViews.colour(wrong).problem(channels: 3)?.hasPrefix("hue must be in") == true)
    #expect(
      RandomViews.colour(ColourAugmentation()).problem(channels: 1)
        == "kind colour needs images of 3 channels, not 1; the kind for those is grey")
    #expect(RandomViews.colour(ColourAugmentation()).problem(channels: 3) == nil)
    #expect(RandomViews.grey(.digits).problem(channels: 3) == nil)
    let strong = RandomViews.randAugment(RandAugmentation(.ruc))
    #expect(strong.problem(channels: 1) == nil && strong.problem(channels: 3, size: ImageSize("17")) == nil)
    #expect(strong.problem(channels: 3, size: ImageSize("8"))?.hasPrefix("cutoutSide must be below 8, ") == true)
    #expect(
      strong.problem(channels: 2)
        == "kind randAugment needs images of 1 or 3 channels, not 2; the kind for those is grey")
  }

  @Test func invariantUnflippedViewsDifferByTheMirrorAlone() {
    var expected = ColourAugmentation()
    expected.flipProbability = 0
    #expect(RandomViews.colour(ColourAugmentation()).unflipped == .colour(expected))
    var clothes = Augmentation.fashion
    clothes.flipProbability = 0
    #expect(RandomViews.grey(.fashion).unflipped == .grey(clothes))
    var strong = RandAugmentation(.scan)
    strong.flipProbability = 0
    #expect(RandomViews.randAugment(RandAugmentation(.scan)).unflipped == .randAugment(strong))
    #expect(RandomViews.Kind.allCases.map { $0.plain.kind } == RandomViews.Kind.allCases)
  }
}
