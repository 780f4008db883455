// metrics.json: everything that a run found and everything that determines it.
// Tests    tsucTests/HistoryTests.swift
import Files
import Commands
import Evaluation
import Foundation
import Images
import Kernels
import TwoStage

/// The contents of metrics.json.
///
/// Shares are 0 to 1; what needs labels is absent without them.
struct Metrics: Codable, Equatable {
  /// Three scores of one clustering.
  struct Scores: Codable, Equatable {
    let accuracy: Double
    let nmi: Double
    let ari: Double
    /// Each cluster to its most frequent class; only where there are more clusters than classes.
    let manyToOneAccuracy: Double?

    init(_ scores: ClusteringScores) {
      accuracy = scores.accuracy
      nmi = scores.normalisedMutualInformation
      ari = scores.adjustedRandIndex
      manyToOneAccuracy = scores.manyToOneAccuracy
    }
  }

  /// The images of the run.
  struct DataSet: Codable, Equatable {
    let name: String
    /// The part of the data set, if it has parts.
    let split: String?
    let count: Int
    let channels: Int
    let height: Int
    let width: Int
    let checksum: String
    /// What the classes are called, in the order of their numbers.
    let classes: [String]?
    /// What the scores beside it are of: "training" or "test" images.
    let part: String

    init(_ images: ImageSet, part: String) {
      self.part = part
      (name, count, checksum) = (images.name, images.count, images.checksum)
      split = images.split?.rawValue
      classes = images.classCount.map { images.classNames ?? ClassNames.names(of: images.name, count: $0) }
      (channels, height, width) = (images.channels, images.height, images.width)
    }
  }

  /// What the run makes of images that it was not trained on.
  struct Test: Codable, Equatable {
    let data: DataSet
    let accuracy: Double?
    let nmi: Double?
    let ari: Double?
    let heads: [Scores]?
    let meanAccuracyOfHeads: Double?
    let nearestNeighbours: Neighbours?
    let manyToOneAccuracy: Double?
    /// Where scores say less than they seem to, and why.
    let remarks: [String]?

    init(_ evaluation: RunEvaluation, images: ImageSet) {
      data = DataSet(images, part: evaluation.part)
      accuracy = evaluation.chosen?.accuracy
      nmi = evaluation.chosen?.normalisedMutualInformation
      ari = evaluation.chosen?.adjustedRandIndex
      heads = evaluation.heads?.map(Scores.init)
      meanAccuracyOfHeads = evaluation.meanAccuracyOfHeads
      nearestNeighbours = Neighbours(evaluation)
      manyToOneAccuracy = evaluation.chosen?.manyToOneAccuracy
      remarks = evaluation.remarks.isEmpty ? nil : evaluation.remarks
    }
  }

  /// What labels say after a round of stage 1.
  struct Round: Codable, Equatable {
    let round: Int
    /// Weighted nearest neighbours in the memory bank: of test images if there are any, else of the training images.
    let nearestNeighbours: Double?
    /// "test" or "training"; nil in rounds of a run that did not note it.
    let judgedOn: String?
    /// The share of the anchors' neighbours that are of their class.
    let consistency: Double?
    let anchors: Int?
  }

  /// Weighted nearest neighbours: each training image among all others, test images among the training images.
  struct Neighbours: Codable, Equatable {
    let stageOneAccuracy: Double?
    let stageTwoAccuracy: Double?
    let count: Int
    let temperature: Double

    init?(_ evaluation: RunEvaluation) {
      guard let accuracy = evaluation.stageTwoNeighbours, let count = evaluation.neighbourCount else { return nil }
      (stageOneAccuracy, stageTwoAccuracy) = (evaluation.stageOneNeighbours, accuracy)
      (self.count, temperature) = (count, RunEvaluation.neighbourTemperature)
    }
  }

  /// Wall-clock seconds of each part.
  struct Seconds: Codable, Equatable {
    var stageOne: Double
    var stageTwo: Double
    var evaluation: Double
    var total: Double
  }

  let accuracy: Double?
  let nmi: Double?
  let ari: Double?
  /// The head that answers, or whose clusters keep their numbers in a consensus.
  let chosenHead: Int
  /// How the heads' classes became clusters; nil in files from before there was a choice: by the lowest loss.
  let finalAnswer: FinalAnswer?
  let heads: [Scores]?
  let meanAccuracyOfHeads: Double?
  let kMeansOnPixels: Scores?
  let kMeansOnStageOne: Scores?
  let nearestNeighbours: Neighbours?
  /// That of the chosen head; only where there are more clusters than classes.
  let manyToOneAccuracy: Double?
  /// Where scores say less than they seem to, and why.
  let remarks: [String]?
  let rounds: [Round]?
  let test: Test?
  let clusters: Int
  let clusterSizes: [Int]
  let seconds: Seconds
  let seed: UInt32
  let data: DataSet
  /// The file that the encoder began with, if it was not drawn at random.
  let initialEncoder: InitialEncoder?
  let threads: Int
  let fusedArithmetic: Bool
  let version: String
  let configuration: JSON

  /// Gathers the results of a run.
  init(
    _ evaluation: RunEvaluation, images: ImageSet, configuration: JSON, seed: UInt32, seconds: Seconds,
    test: (evaluation: RunEvaluation, images: ImageSet)? = nil, rounds reports: [EpochReport] = [],
    initialEncoder: InitialEncoder? = nil
  ) {
    accuracy = evaluation.chosen?.accuracy
    nmi = evaluation.chosen?.normalisedMutualInformation
    ari = evaluation.chosen?.adjustedRandIndex
    chosenHead = evaluation.answer.head
    finalAnswer = evaluation.answer.rule
    heads = evaluation.heads?.map(Scores.init)
    meanAccuracyOfHeads = evaluation.meanAccuracyOfHeads
    kMeansOnPixels = evaluation.pixelKMeans.map(Scores.init)
    kMeansOnStageOne = evaluation.stageOneKMeans.map(Scores.init)
    nearestNeighbours = Neighbours(evaluation)
    manyToOneAccuracy = evaluation.chosen?.manyToOneAccuracy
    remarks = evaluation.remarks.isEmpty ? nil : evaluation.remarks
    let judged = reports.filter { $0.neighbourAccuracy != nil }
    rounds =
      judged.isEmpty
      ? nil
      : judged.map {
        Round(
          round: $0.position.round, nearestNeighbours: $0.neighbourAccuracy, judgedOn: $0.neighbourPart,
          consistency: $0.consistency, anchors: $0.anchorCount)
      }
    // The classes of test images as they are scored: numbered as those of the training.
    self.test = test.map { test in
      Test(test.evaluation, images: images.namesOfClasses.map(test.images.numberingClasses) ?? test.images)
    }
    clusters = evaluation.clusterCount
    clusterSizes = (0..<evaluation.clusterCount).map { evaluation.images(in: $0).count }
    self.seconds = seconds
    self.seed = seed
    data = DataSet(images, part: evaluation.part)
    self.initialEncoder = initialEncoder
    threads = Parallel.threadCount
    fusedArithmetic = Arithmetic.isFused
    version = Version.number
    self.configuration = configuration
  }

  /// The text of the file, keys in alphabetical order.
  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
  }

  /// What counts, as the beginning of a sentence.
  var answerText: String {
    switch finalAnswer ?? .lowestLoss {
    case .lowestLoss: "The head of the lowest training loss, number \(chosenHead),"
    case .consensus: "A vote of the heads, in which those of lower training loss weigh more,"
    }
  }
}
