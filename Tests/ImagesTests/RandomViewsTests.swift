import Foundation
import Kernels
import Testing

@testable import Images

@Suite("Random views")
struct RandomViewsTests {
  private let set = randomImages(channels: 3, height: 8, width: 6)

  // A batch is, image by image, the view's bytes over 255, minus the mean, over the deviation; for any order and threads.
  @Test func invariantAColourBatchIsItsViewsStandardised() {
    let views = ColourAugmentation()
    let threads = Parallel.threadCount
    defer { Parallel.threadCount = threads }
    for count in [1, 3] {
      Parallel.threadCount = count
      let batch: [Float] = RandomViews.colour(views)
        .batch(of: set, images: [7, 2, 9, 2], seed: 5, epoch: 3, view: 1, standardisedBy: .cifar10)
      #expect(batch.count == 4 * 144)
      for (place, image) in [7, 2, 9, 2].enumerated() {
        let picture = ColourImage(height: 8, width: 6, pixels: Array(set.pixels[image * 144..<(image + 1) * 144]))
        let alone: [Float] = views.parameters(seed: 5, epoch: 3, image: image, view: 1, height: 8, width: 6)
          .view(of: picture, height: 8, width: 6)
          .normalised(mean: Standardisation.cifar10.mean, deviation: Standardisation.cifar10.standardDeviation)
        #expect(Array(batch[place * 144..<(place + 1) * 144]) == alone)
      }
    }
  }

  @Test func invariantViewsThatChangeNothingAreTheEvaluationBatch() {
    var still = ColourAugmentation()
    (still.crop, still.jitterProbability) = (nil, 0)
    (still.greyscaleProbability, still.flipProbability) = (0, 0)
    let batch: [Double] = RandomViews.colour(still).batch(of: set, images: [3, 1], seed: 1, epoch: 0, view: 0)
    #expect(batch == set.evaluationBatch([3, 1]))
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
    for views in [RandomViews.colour(ColourAugmentation()), .grey(.fashion)] {
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
  }

  @Test func invariantUnflippedViewsDifferByTheMirrorAlone() {
    var expected = ColourAugmentation()
    expected.flipProbability = 0
    #expect(RandomViews.colour(ColourAugmentation()).unflipped == .colour(expected))
    var clothes = Augmentation.fashion
    clothes.flipProbability = 0
    #expect(RandomViews.grey(.fashion).unflipped == .grey(clothes))
    #expect(RandomViews.Kind.allCases.map { $0.plain.kind } == RandomViews.Kind.allCases)
  }
}
