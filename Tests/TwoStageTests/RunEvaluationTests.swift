import Evaluation
import Images
import Kernels
import Networks
import Testing
import TwoStage

@Suite("Run evaluation")
struct RunEvaluationTests {
  private static let standardisation = Standardisation(mean: [0.3], standardDeviation: [0.35])

  private func evaluation(count: Int = 90, labels: Bool = true, stageOne: Bool = true) throws -> (
    RunEvaluation, ImageSet
  ) {
    let digits = try ImageSet.load("digits", count: count)
    let images = ImageSet(
      name: "some", channels: 1, height: 8, width: 8, pixels: digits.pixels, maximumValue: 16,
      labels: labels ? digits.labels : nil)
    let encoder = ImageEncoder<Float>(.compact, seed: 1)
    let evaluation = RunEvaluation(
      of: images, standardisation: Self.standardisation, stageOne: stageOne ? encoder : nil,
      stageTwo: ImageEncoder(.compact, seed: 2), heads: ClusterHeads(features: 64, classes: 10, heads: 3, seed: 4),
      answer: HeadAnswer(head: 1), seed: 0)
    return (evaluation, images)
  }

  @Test func invariantScoresAgreeWithTheClusters() throws {
    let (evaluation, images) = try evaluation()
    let labels = try #require(images.labels)
    #expect(evaluation.clusters.count == 3)
    #expect(evaluation.clusters.allSatisfy { $0.count == 90 })
    #expect(evaluation.heads?.count == 3)
    for (clusters, scores) in zip(evaluation.clusters, evaluation.heads ?? []) {
      let table = ContingencyTable(predictions: clusters, targets: labels, clusters: 10, classes: 10)
      #expect(scores.accuracy == table.accuracy)
      #expect(scores.normalisedMutualInformation == table.normalisedMutualInformation)
      #expect(scores.adjustedRandIndex == table.adjustedRandIndex)
    }
    #expect(evaluation.chosen == evaluation.heads?[1])
    #expect(evaluation.confidences.count == 90)
    // A cluster is its row's most probable class: at least 1/K, but for one rounding.
    #expect(evaluation.confidences.allSatisfy { $0 >= 0.0999 && $0 <= 1.0001 })
    // Even embeddings of a random network tell digits apart better than chance.
    #expect((evaluation.stageOneNeighbours ?? 0) > 0.5)
    #expect((evaluation.stageTwoNeighbours ?? 0) > 0.5)
    #expect((evaluation.pixelKMeans?.accuracy ?? 0) > 0.5)
    #expect((evaluation.stageOneKMeans?.accuracy ?? 0) > 0.3)
  }

  @Test func invariantEachImageIsInOneClusterSurestFirst() throws {
    let (evaluation, _) = try evaluation()
    let members = (0..<10).map { evaluation.images(in: $0) }
    #expect(members.joined().sorted() == Array(0..<90))
    for images in members {
      #expect(zip(images, images.dropFirst()).allSatisfy { evaluation.confidences[$0] >= evaluation.confidences[$1] })
    }
  }

  @Test func invariantWithoutLabelsThereAreClustersAndNoScores() throws {
    let (with, _) = try evaluation()
    let (without, _) = try evaluation(labels: false)
    #expect(without.clusters == with.clusters)
    #expect(without.confidences == with.confidences)
    #expect(without.heads == nil && without.pixelKMeans == nil && without.stageOneKMeans == nil)
    #expect(without.stageOneNeighbours == nil && without.stageTwoNeighbours == nil && without.classCount == nil)
    #expect(without.meanAccuracyOfHeads == nil)
  }

  // Test images are other images with the same heads: their clusters do not depend on the training images, the neighbours
  // are sought among those, and there is no k-means.
  @Test func invariantTestImagesAreJudgedAmongTrainingImages() throws {
    let (_, training) = try evaluation()
    let digits = try ImageSet.load("digits", count: 120)
    let test = ImageSet(
      name: "rest", channels: 1, height: 8, width: 8, pixels: Array(digits.pixels.suffix(30 * 64)), maximumValue: 16,
      labels: digits.labels.map { Array($0.suffix(30)) })
    func judged(among training: ImageSet?) -> RunEvaluation {
      RunEvaluation(
        of: test, standardisation: Self.standardisation, stageOne: nil, stageTwo: ImageEncoder(.compact, seed: 2),
        heads: ClusterHeads(features: 64, classes: 10, heads: 3, seed: 4), answer: HeadAnswer(head: 1), seed: 0,
        part: "test",
        among: training)
    }
    let (found, alone) = (judged(among: training), judged(among: nil))
    #expect(found.part == "test" && found.clusters == alone.clusters && found.heads == alone.heads)
    #expect(found.pixelKMeans == nil && found.stageOneNeighbours == nil && alone.pixelKMeans != nil)
    let encoder = ImageEncoder<Float>(.compact, seed: 2)
    // 2/5 of 9 images a class.
    let classifier = WeightedNearestNeighbours(
      features: encoder.embed(training, standardisedBy: Self.standardisation), labels: try #require(training.labels),
      neighbourCount: 3)
    #expect(found.neighbourCount == 3)
    #expect(
      found.stageTwoNeighbours
        == classifier.accuracy(
          of: encoder.embed(test, standardisedBy: Self.standardisation), labels: try #require(test.labels)))
  }

  // Three classes of constant pictures; the test images lack the second, and their third is the second there.
  @Test func workedExampleOfTestImagesThatLackAClass() throws {
    func set(_ classes: [Int], _ names: [String]) throws -> ImageSet {
      let pixels = classes.flatMap { [UInt8](repeating: UInt8(3 + 5 * $0), count: 64) }
      return ImageSet(
        name: "s", channels: 1, height: 8, width: 8, pixels: pixels, maximumValue: 16,
        labels: try classes.map { try #require(names.firstIndex(of: ["cat", "dog", "horse"][$0])) }, classNames: names)
    }
    let training = try set([0, 1, 2, 0, 1, 2, 0, 1, 2], ["cat", "dog", "horse"])
    let test = try set([0, 2, 2, 0], ["cat", "horse"])
    let found = RunEvaluation(
      of: test, standardisation: Self.standardisation, stageOne: nil, stageTwo: ImageEncoder(.compact, seed: 2),
      heads: ClusterHeads(features: 64, classes: 3, heads: 1, seed: 4), answer: HeadAnswer(head: 0), seed: 0,
      part: "test",
      among: training)
    #expect(found.stageTwoNeighbours == 1 && found.classCount == 3)
    #expect(found.remarks.first == "class dog has no images, so only 2 of 3 classes are judged")
    #expect(found.chosen?.manyToOneAccuracy == nil)
  }

  @Test func workedExampleOfASingleImage() throws {
    let (evaluation, _) = try evaluation(count: 1)
    #expect(evaluation.clusters.map(\.count) == [1, 1, 1] && evaluation.pixelKMeans == nil)
    #expect(evaluation.neighbourCount == nil && evaluation.stageTwoNeighbours == nil)
    #expect(evaluation.remarks.last == "a single image has no neighbours, so none are judged")
  }

  // Ten clusters of three digits.
  @Test func workedExampleOfMoreClustersThanClasses() throws {
    let digits = try ImageSet.load("digits", count: 90)
    let images = ImageSet(
      name: "some", channels: 1, height: 8, width: 8, pixels: digits.pixels, maximumValue: 16,
      labels: digits.labels.map { $0.map { $0 % 3 } })
    let found = RunEvaluation(
      of: images, standardisation: Self.standardisation, stageOne: nil, stageTwo: ImageEncoder(.compact, seed: 2),
      heads: ClusterHeads(features: 64, classes: 10, heads: 2, seed: 4), answer: HeadAnswer(head: 1), seed: 0)
    let table = ContingencyTable(
      predictions: found.clusters[1], targets: try #require(images.labels), clusters: 10, classes: 3)
    #expect(found.chosen?.manyToOneAccuracy == table.manyToOneAccuracy)
    #expect(found.remarks.first?.hasPrefix("10 clusters are matched one to one with 3 classes") == true)
  }

  @Test func invariantFewerImagesThanClusters() throws {
    let (evaluation, _) = try evaluation(count: 4)
    #expect(evaluation.pixelKMeans == nil)
    #expect(evaluation.heads?.count == 3)
  }
}
