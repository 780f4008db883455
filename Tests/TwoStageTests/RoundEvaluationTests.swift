import Evaluation
import Images
import Kernels
import Networks
import Testing
import TwoStage

@Suite("Round evaluation")
struct RoundEvaluationTests {
  /// Images whose rows of the bank are their own embeddings.
  private func stage(_ images: ImageSet, _ standardisation: Standardisation) throws -> StageOne<Float> {
    var configuration = Configuration.tiny
    configuration.stageOne.bankMomentum = 0
    var stage = StageOne<Float>(configuration, imageCount: images.count)
    stage.bank.update(
      images: Array(0..<images.count),
      embeddings: stage.encoder.embed(images, standardisedBy: standardisation))
    return stage
  }

  // 24 images of 3 classes: 2/5 of 8 are 3 neighbours. With such a bank it is the classifier of the embeddings themselves.
  @Test func invariantItIsTheClassifierOfTheBank() throws {
    let (toy, standardisation) = (ImageSet.toy, Standardisation(mean: [0.3], standardDeviation: [0.2]))
    let stage = try stage(toy, standardisation)
    let labels = try #require(toy.labels)
    let classifier = WeightedNearestNeighbours(
      features: stage.encoder.embed(toy, standardisedBy: standardisation), labels: labels, neighbourCount: 3)
    let alone = try #require(RoundEvaluation(training: toy, test: nil, standardisation: standardisation))
    #expect(alone.accuracy(of: stage) == classifier.leaveOneOutAccuracy())
    // Labels that have nothing to do with the pictures are right more often if a picture's own row votes.
    let random = ImageSet(
      name: "random", channels: 1, height: 4, width: 4, pixels: toy.pixels, labels: (0..<24).map { $0 / 2 % 3 })
    let blind = try #require(RoundEvaluation(training: random, test: nil, standardisation: standardisation))
    let seeing = try #require(RoundEvaluation(training: random, test: random, standardisation: standardisation))
    #expect(blind.accuracy(of: stage) < seeing.accuracy(of: stage))
    // Test images that are the training images find themselves; half of them with wrong labels do not.
    let same = try #require(RoundEvaluation(training: toy, test: toy, standardisation: standardisation))
    #expect(same.accuracy(of: stage) == classifier.accuracy(of: stage.bank.rows, labels: labels))
    let wrong = ImageSet(
      name: "wrong", channels: 1, height: 4, width: 4, pixels: toy.pixels, labels: labels.map { ($0 + 1) % 3 })
    let other = try #require(RoundEvaluation(training: toy, test: wrong, standardisation: standardisation))
    #expect(other.accuracy(of: stage) + same.accuracy(of: stage) <= 1)
  }

  // The same images, of which one class has left: with other numbers for the same names the others are still found.
  @Test func workedExampleOfTestImagesThatLackAClass() throws {
    let (toy, standardisation) = (ImageSet.toy, Standardisation(mean: [0.3], standardDeviation: [0.2]))
    func named(_ classes: [Int], _ names: [String]) throws -> ImageSet {
      let labels = try #require(toy.labels)
      let kept = labels.indices.filter { classes.contains(labels[$0]) }
      return ImageSet(
        name: "named", channels: 1, height: 4, width: 4, pixels: kept.flatMap { toy.pixels[$0 * 16..<$0 * 16 + 16] },
        labels: try kept.map { try #require(classes.firstIndex(of: labels[$0])) }, classNames: names)
    }
    let (training, test) = (try named([0, 1, 2], ["cat", "dog", "horse"]), try named([0, 2], ["cat", "horse"]))
    let stage = try stage(training, standardisation)
    let judge = try #require(RoundEvaluation(training: training, test: test, standardisation: standardisation))
    let numbered = ImageSet(
      name: "numbered", channels: 1, height: 4, width: 4, pixels: test.pixels,
      labels: test.labels.map { $0.map { 2 * $0 } }, classCount: 3)
    let right = try #require(RoundEvaluation(training: toy, test: numbered, standardisation: standardisation))
    #expect(judge.accuracy(of: stage) == right.accuracy(of: stage) && judge.accuracy(of: stage) > 0.5)
  }

  @Test func invariantWithoutLabelsThereIsNone() {
    let toy = ImageSet.toy
    let bare = ImageSet(name: "bare", channels: 1, height: 4, width: 4, pixels: toy.pixels)
    #expect(RoundEvaluation(training: bare, test: nil, standardisation: toy.standardisation) == nil)
    #expect(RoundEvaluation(training: toy, test: bare, standardisation: toy.standardisation) == nil)
  }

  @Test(arguments: [(50_000, 10, 200), (50_000, 100, 200), (1797, 10, 71), (24, 3, 3), (3, 3, 1), (10, 0, 4)])
  func workedExampleOfHowManyVote(images: Int, classes: Int, expected: Int) {
    #expect(WeightedNearestNeighbours<Float>.neighbourCount(images: images, classes: classes) == expected)
  }
}
