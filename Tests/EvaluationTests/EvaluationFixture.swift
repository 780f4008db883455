// The witness values of the evaluation, made by Fixtures/witness/evaluation.py with SciPy and scikit-learn.
import Evaluation
import Foundation
import Networks
import TestSupport
import Testing

struct EvaluationFixture: Decodable {
  struct Scores: Decodable {
    let clusters: Int
    let classes: Int
    let predictions: [Int]
    let targets: [Int]
    let matched: Int
    let nmi: Double
    let ari: Double
  }
  struct Assignment: Decodable {
    let counts: [[Int]]
    let matched: Int
  }
  struct Blobs: Decodable {
    let clusters: Int
    let features: Int
    let points: [Double]
    let inertia: Double
    let assignments: [Int]
  }
  struct Digits: Decodable {
    let clusters: Int
    let inertias: [Double]
  }
  let scores: [Scores]
  let assignments: [Assignment]
  let kmeans: [Blobs]
  let digits: Digits

  static func load() throws -> EvaluationFixture {
    try PackageFiles.fixture("evaluation/evaluation.json")
  }

  /// A file under Fixtures.
  static func url(_ path: String) -> URL { PackageFiles.root.appendingPathComponent("Fixtures/\(path)") }

  /// The pixels of an IDX image file over `maximum`, with the labels beside it.
  static func images(_ name: String, maximum: Float) throws -> (pixels: Tensor<Float>, labels: [Int]) {
    let bytes = [UInt8](try Data(contentsOf: url("data/\(name)-images-idx3-ubyte")))
    let labels = [UInt8](try Data(contentsOf: url("data/\(name)-labels-idx1-ubyte"))).dropFirst(8).map { Int($0) }
    let count = bytes[4..<8].reduce(0) { $0 << 8 + Int($1) }
    let pixels = bytes.dropFirst(16).map { Float($0) / maximum }
    return (Tensor(shape: [count, pixels.count / count], values: pixels), labels)
  }
}

/// The parts of the method's golden values that the evaluation uses.
struct EvaluationGolden: Decodable {
  struct Neighbours: Decodable {
    let labels: [Int]
    let count: Int
    let sigma: Double
    let scores: [[Double]]
    let predictions: [Int]
    enum CodingKeys: String, CodingKey {
      case labels, sigma, scores
      case count = "K"
      case predictions = "pred"
    }
  }
  struct Hungarian: Decodable {
    let predictions: [Int]
    let targets: [Int]
    let counts: [[Int]]
    let mapping: [Int]
    let accuracy: Double
    let normalisedMutualInformation: Double
    let adjustedRandIndex: Double
    enum CodingKeys: String, CodingKey {
      case counts
      case predictions = "pred"
      case targets = "target"
      case mapping = "map"
      case accuracy = "acc"
      case normalisedMutualInformation = "nmi_arithmetic"
      case adjustedRandIndex = "ari"
    }
  }
  struct Stage: Decodable {
    let memory: [[Double]]
    let views: [[Double]]
    enum CodingKeys: String, CodingKey {
      case memory = "M"
      case views = "V"
    }
  }
  let neighbours: Neighbours
  let hungarian: Hungarian
  let stage: Stage
  enum CodingKeys: String, CodingKey {
    case neighbours = "E_knn"
    case hungarian = "F_hungarian"
    case stage = "A_stage1"
  }

  static func load() throws -> EvaluationGolden {
    let data = try Data(contentsOf: EvaluationFixture.url("method/method-golden.json"))
    return try JSONDecoder().decode(EvaluationGolden.self, from: data)
  }
}
