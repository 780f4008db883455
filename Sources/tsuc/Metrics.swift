// metrics.json: everything that a run found and everything that determines it.
// Tests    tsucTests/HistoryTests.swift
import Foundation
import Images
import Kernels
import TwoStage

/// The contents of metrics.json. Shares are 0 to 1; what needs labels is absent without them.
struct Metrics: Codable, Equatable {
  /// Three scores of one clustering.
  struct Scores: Codable, Equatable {
    let accuracy: Double
    let nmi: Double
    let ari: Double

    init(_ scores: ClusteringScores) {
      accuracy = scores.accuracy
      nmi = scores.normalisedMutualInformation
      ari = scores.adjustedRandIndex
    }
  }

  /// The images of the run.
  struct DataSet: Codable, Equatable {
    let name: String
    let count: Int
    let channels: Int
    let height: Int
    let width: Int
    let checksum: String

    init(_ images: ImageSet) {
      (name, count, checksum) = (images.name, images.count, images.checksum)
      (channels, height, width) = (images.channels, images.height, images.width)
    }
  }

  /// Weighted nearest neighbours, leaving one out.
  struct Neighbours: Codable, Equatable {
    let stageOneAccuracy: Double?
    let stageTwoAccuracy: Double?
    let count: Int
    let temperature: Double
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
  let chosenHead: Int
  let heads: [Scores]?
  let meanAccuracyOfHeads: Double?
  let kMeansOnPixels: Scores?
  let kMeansOnStageOne: Scores?
  let nearestNeighbours: Neighbours?
  let clusters: Int
  let clusterSizes: [Int]
  let seconds: Seconds
  let seed: UInt32
  let data: DataSet
  let threads: Int
  let fusedArithmetic: Bool
  let version: String
  let configuration: JSONValue

  /// Gathers the results of a run.
  init(
    _ evaluation: RunEvaluation, images: ImageSet, configuration: JSONValue, seed: UInt32, seconds: Seconds
  ) {
    accuracy = evaluation.chosen?.accuracy
    nmi = evaluation.chosen?.normalisedMutualInformation
    ari = evaluation.chosen?.adjustedRandIndex
    chosenHead = evaluation.chosenHead
    heads = evaluation.heads?.map(Scores.init)
    meanAccuracyOfHeads = evaluation.meanAccuracyOfHeads
    kMeansOnPixels = evaluation.pixelKMeans.map(Scores.init)
    kMeansOnStageOne = evaluation.stageOneKMeans.map(Scores.init)
    nearestNeighbours = evaluation.stageTwoNeighbours.map {
      Neighbours(
        stageOneAccuracy: evaluation.stageOneNeighbours, stageTwoAccuracy: $0, count: RunEvaluation.neighbourCount,
        temperature: RunEvaluation.neighbourTemperature)
    }
    clusters = evaluation.clusterCount
    clusterSizes = (0..<evaluation.clusterCount).map { evaluation.images(in: $0).count }
    self.seconds = seconds
    self.seed = seed
    data = DataSet(images)
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
}
