// The judgement of a finished run: the cluster of every image, and what labels, where there are any, say about it.
//
// Paper    Han et al., ECCV 2020, section 4: accuracy on the training images; beside it the two baselines, k-means on the
//          pixels and on the embeddings of stage 1. Of test images the heads are judged, with the neighbours of test
//          images among training images. Which head or vote of heads counts: FinalAnswer.swift.
// Tests    RunEvaluationTests.swift
import Evaluation
import Images
import Kernels
import Networks

/// The agreement of a clustering with the classes.
public struct ClusteringScores: Codable, Sendable, Equatable {
  /// Hungarian accuracy, 0 to 1.
  public let accuracy: Double
  /// Normalised mutual information with the arithmetic mean, 0 to 1.
  public let normalisedMutualInformation: Double
  /// Adjusted Rand index, at most 1.
  public let adjustedRandIndex: Double
  /// The accuracy with each cluster matched to its most frequent class; only where there are more clusters than classes, of
  /// which the one-to-one accuracy leaves some without a class.
  public let manyToOneAccuracy: Double?

  /// Compares the cluster of each image with its class; `classes` may exceed what occurs.
  public init(predictions: [Int], labels: [Int], clusters: Int, classes: Int) {
    let table = ContingencyTable(predictions: predictions, targets: labels, clusters: clusters, classes: classes)
    accuracy = table.accuracy
    normalisedMutualInformation = table.normalisedMutualInformation
    adjustedRandIndex = table.adjustedRandIndex
    manyToOneAccuracy = clusters > classes ? table.manyToOneAccuracy : nil
  }
}

/// What a run made of a set of images.
public struct RunEvaluation: Sendable {
  /// Which images these are: "training", "test", or another part of a data set.
  public let part: String
  /// The number of clusters K.
  public let clusterCount: Int
  /// What counts: a head or a vote of all, never chosen by a score.
  public let answer: HeadAnswer
  /// The cluster of each image by each head; heads × images.
  public let clusters: [[Int]]
  /// The cluster of each image by the answer.
  public let assignments: [Int]
  /// The answer's probability of each image's cluster, 1/K to 1.
  public let confidences: [Float]
  /// The number of classes; nil without labels, like all that follows.
  public let classCount: Int?
  /// The scores of the answer.
  public let chosen: ClusteringScores?
  /// The scores of each head.
  public let heads: [ClusteringScores]?
  /// k-means on the pixels.
  public let pixelKMeans: ClusteringScores?
  /// k-means on the embeddings of stage 1; also nil without an encoder of stage 1.
  public let stageOneKMeans: ClusteringScores?
  /// How many neighbours vote.
  public let neighbourCount: Int?
  /// The accuracy of weighted nearest neighbours on the embeddings of stage 1: of each image among all others, or of test
  /// images among the training images.
  public let stageOneNeighbours: Double?
  /// The same on the embeddings of stage 2.
  public let stageTwoNeighbours: Double?
  /// Where scores say less than they seem to, and why: sentences without a full stop; none without labels.
  public let remarks: [String]

  /// σ of the votes.
  public static let neighbourTemperature = 0.1

  /// Judges the encoders of both stages on images.
  ///
  /// - Parameters:
  ///   - images: The images that are judged.
  ///   - standardisation: That of the training images.
  ///   - stageOne: The encoder at the end of stage 1, for the baselines.
  ///   - stageTwo: The encoder of the epoch of lowest loss.
  ///   - classHeads: The heads of that epoch.
  ///   - answer: How their classes become the cluster of an image.
  ///   - seed: Chooses the starts of k-means.
  ///   - part: Which images these are.
  ///   - training: The training images where `images` are test images: the neighbours of test images are sought there,
  ///     and k-means is left out. Classes of both are the same where their names are.
  ///   - scoring: Whether labels are used; false leaves only the clusters and takes no time for baselines.
  public init(
    of images: ImageSet, standardisation: Standardisation, stageOne: ImageEncoder<Float>?,
    stageTwo: ImageEncoder<Float>,
    heads classHeads: ClusterHeads<Float>, answer: HeadAnswer, seed: UInt32, part: String = "training",
    among training: ImageSet? = nil, scoring: Bool = true
  ) {
    let images = training?.namesOfClasses.map(images.numberingClasses) ?? images
    let embeddings = stageTwo.embed(images, standardisedBy: standardisation)
    let probabilities = classHeads.forward(embeddings).probabilities
    let (clusterCount, count) = (classHeads.classCount, images.count)
    let clusters = (0..<classHeads.headCount).map { classHeads.classes(of: embeddings, head: $0) }
    (self.clusterCount, self.answer, self.clusters) = (clusterCount, answer, clusters)
    self.part = part
    let assignments: [Int]
    (assignments, confidences) = answer.assignments(clusters: clusters, probabilities: probabilities)
    self.assignments = assignments
    guard scoring, let labels = images.labels, let classCount = images.classCount else {
      (self.classCount, neighbourCount) = (nil, nil)
      (chosen, heads, pixelKMeans, stageOneKMeans, stageOneNeighbours, stageTwoNeighbours) = (
        nil, nil, nil, nil, nil, nil
      )
      remarks = []
      return
    }
    let (base, baseLabels) = (training ?? images, training.map { $0.labels ?? [] } ?? labels)
    // A single image has no other to be its neighbour.
    let hasNeighbours = !baseLabels.isEmpty && (training != nil || count > 1)
    let neighbourCount = WeightedNearestNeighbours<Float>.neighbourCount(images: base.count, classes: classCount)
    self.classCount = classCount
    self.neighbourCount = hasNeighbours ? neighbourCount : nil
    remarks =
      ScoreRemarks(
        images: images, clusters: assignments, clusterCount: clusterCount, hasNeighbours: hasNeighbours
      ).sentences
    func scores(_ predictions: [Int]) -> ClusteringScores {
      ClusteringScores(predictions: predictions, labels: labels, clusters: clusterCount, classes: classCount)
    }
    func kMeans(_ points: Tensor<Float>) -> ClusteringScores? {
      guard training == nil, points.rows >= clusterCount else { return nil }
      return scores(KMeans(clusterCount: clusterCount, seed: seed).cluster(points).assignments)
    }
    func neighbours(_ encoder: ImageEncoder<Float>, _ embeddings: Tensor<Float>) -> Double? {
      guard hasNeighbours else { return nil }
      let features = training.map { encoder.embed($0, standardisedBy: standardisation) } ?? embeddings
      let classifier = WeightedNearestNeighbours(
        features: features, labels: baseLabels, classCount: max(classCount, base.classCount ?? 0),
        neighbourCount: neighbourCount, temperature: Self.neighbourTemperature)
      return training == nil
        ? classifier.leaveOneOutAccuracy() : classifier.accuracy(of: embeddings, labels: labels)
    }
    (chosen, heads) = (scores(assignments), clusters.map(scores))
    let scale = Float(images.maximumValue)
    pixelKMeans =
      training != nil
      ? nil
      : kMeans(Tensor(shape: [count, images.pixels.count / count], values: images.pixels.map { Float($0) / scale }))
    let stageOneEmbeddings = stageOne?.embed(images, standardisedBy: standardisation)
    stageOneKMeans = stageOneEmbeddings.flatMap(kMeans)
    stageOneNeighbours = stageOne.flatMap { encoder in stageOneEmbeddings.flatMap { neighbours(encoder, $0) } }
    stageTwoNeighbours = neighbours(stageTwo, embeddings)
  }

  /// The mean of the heads' accuracies.
  public var meanAccuracyOfHeads: Double? {
    heads.map { $0.reduce(0) { $0 + $1.accuracy } / Double($0.count) }
  }

  /// The images of a cluster of the answer, most confident first, equally confident ones by index.
  public func images(in cluster: Int) -> [Int] {
    assignments.indices.filter { assignments[$0] == cluster }
      .sorted { (-confidences[$0], $0) < (-confidences[$1], $1) }
  }
}
