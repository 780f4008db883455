// The weighted nearest-neighbour classifier that judges embeddings by known labels.
//
// Paper    Wu, Xiong, Yu, Lin, "Unsupervised feature learning via non-parametric instance discrimination" (NPID),
//          CVPR 2018, section 3.4; used for stage 1 by Han et al., ECCV 2020.
// A query q takes its k most similar training rows f_j (ties to the lower index) and scores class c by
//     score_c = Σ over those j with label c of exp((q·f_j − max) / σ)
// where max, the largest similarity of the row, keeps a small σ from overflowing and changes no ratio of scores.
// Tests    EvaluationTests/WeightedNearestNeighboursTests.swift
import Kernels
import Networks

/// A classifier that votes among the most similar training rows.
public struct WeightedNearestNeighbours<Scalar: RealScalar>: Sendable {
  /// The training rows, images × features; unit rows make the similarity a cosine.
  public let features: Tensor<Scalar>
  /// The class of each training row.
  public let labels: [Int]
  /// The number of classes.
  public let classCount: Int
  /// k, at most the number of training rows; 200 by default (NPID).
  public let neighbourCount: Int
  /// σ; 0.1 by default, fixed in the released programs.
  public let temperature: Double

  /// How many neighbours vote where `count` images make `classes` classes: 200 (NPID), but at most two fifths of a class's
  /// images, which is what 200 are of CIFAR-100's.
  public static func neighbourCount(images count: Int, classes: Int) -> Int {
    max(1, min(200, 2 * count / (5 * max(1, classes))))
  }

  private static var queriesPerChunk: Int { 256 }

  /// Keeps the training rows; stops if the labels do not fit.
  ///
  /// - Parameters:
  ///   - features: rows × features, unit rows.
  ///   - labels: The class of each row, from 0.
  ///   - classCount: More than the largest label; by default one more.
  ///   - neighbourCount: k ≥ 1; more than there are rows means all rows.
  ///   - temperature: σ > 0.
  public init(
    features: Tensor<Scalar>, labels: [Int], classCount: Int? = nil, neighbourCount: Int = 200,
    temperature: Double = 0.1
  ) {
    let classCount = classCount ?? (labels.max() ?? 0) + 1
    require(
      features.rows == labels.count && features.rows > 0,
      "nearest neighbours of \(features.rows) rows with \(labels.count) labels")
    require(
      labels.allSatisfy { (0..<classCount).contains($0) }, "a label is out of the range of \(classCount) classes")
    require(
      neighbourCount > 0 && temperature > 0,
      "nearest neighbours need a positive count and temperature, not \(neighbourCount) and \(temperature)")
    self.features = features
    self.labels = labels
    self.classCount = classCount
    self.neighbourCount = min(neighbourCount, features.rows)
    self.temperature = temperature
  }

  /// The score of each class for each query, queries × classes; ties between classes go to the lower one.
  public func scores(_ queries: Tensor<Scalar>) -> Tensor<Double> { scores(queries, leavingOut: false) }

  /// The class of each query.
  public func predict(_ queries: Tensor<Scalar>) -> [Int] { classes(of: scores(queries)) }

  /// The class of each training row, found from all the others.
  public func predictLeavingOneOut() -> [Int] { classes(of: scores(features, leavingOut: true)) }

  /// The share of other embeddings of the training images, one for each row, whose class is found from all other rows.
  public func leaveOneOutAccuracy(of queries: Tensor<Scalar>) -> Double {
    require(queries.rows == features.rows, "\(queries.rows) queries, one for each of \(features.rows) training rows")
    return accuracy(classes(of: scores(queries, leavingOut: true)), labels)
  }

  /// The share of queries of given labels whose class is found.
  public func accuracy(of queries: Tensor<Scalar>, labels: [Int]) -> Double {
    require(queries.rows == labels.count, "\(queries.rows) queries with \(labels.count) labels")
    return accuracy(predict(queries), labels)
  }

  private func accuracy(_ predictions: [Int], _ labels: [Int]) -> Double {
    Double(zip(predictions, labels).count { $0 == $1 }) / Double(max(1, labels.count))
  }

  /// The share of training rows whose own class is found from all the others, 0 to 1.
  public func leaveOneOutAccuracy() -> Double {
    accuracy(predictLeavingOneOut(), labels)
  }

  /// The training rows that vote on each query with their similarities, the most similar first.
  package func voters(_ queries: Tensor<Scalar>, leavingOut: Bool) -> [[(row: Int, similarity: Scalar)]] {
    let similarities = queries.multiplied(by: features, otherTransposed: true)
    return (0..<queries.rows).map { a in
      mostSimilar(
        in: similarities.values, row: a, columns: features.rows, count: neighbourCount, except: leavingOut ? a : nil
      ).map { ($0, similarities.values[a * features.rows + $0]) }
    }
  }

  /// The class of the largest score of each row; the lower one among equals.
  package func classes(of scores: Tensor<Double>) -> [Int] {
    (0..<scores.rows).map { row in
      let first = row * classCount
      return (1..<max(1, classCount)).reduce(0) { best, c in
        scores.values[first + c] > scores.values[first + best] ? c : best
      }
    }
  }

  /// The score of each class for each query; with `leavingOut` query i takes no part in its own vote as training row i.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func scores(_ queries: Tensor<Scalar>, leavingOut: Bool) -> Tensor<Double> {
    require(
      queries.columns == features.columns,
      "queries of \(queries.columns) features against training rows of \(features.columns)")
    let (images, classCount, neighbourCount) = (features.rows, classCount, neighbourCount)
    let (labels, temperature) = (labels, temperature)
    var scores = Tensor<Double>(shape: [queries.rows, classCount])
    for start in stride(from: 0, to: queries.rows, by: Self.queriesPerChunk) {
      let range = start..<min(queries.rows, start + Self.queriesPerChunk)
      let similarities = queries.rows(range).multiplied(by: features, otherTransposed: true).values
      var chunk = [Double](repeating: 0, count: range.count * classCount)
      Parallel.forEachBlock(of: &chunk, blockSize: classCount) { row, classScores in
        let nearest = mostSimilar(
          in: similarities, row: row, columns: images, count: neighbourCount, except: leavingOut ? start + row : nil)
        guard let first = nearest.first else { return }
        let largest = Double(similarities[row * images + first])
        for j in nearest {
          let weight = Double.exp((Double(similarities[row * images + j]) - largest) / temperature)
          classScores[labels[j]] += weight
        }
      }
      scores.values.replaceSubrange(range.lowerBound * classCount..<range.upperBound * classCount, with: chunk)
    }
    return scores
  }
}

/// The columns of the `count` largest entries of a row, largest first, equal ones by index; `except` is passed over.
@inline(__always)
private func mostSimilar<Scalar: RealScalar>(
  in similarities: [Scalar], row: Int, columns: Int, count: Int, except: Int?
) -> [Int] {
  var kept: [(similarity: Scalar, index: Int)] = []
  kept.reserveCapacity(count + 1)
  for j in 0..<columns where j != except {
    let similarity = similarities[row * columns + j]
    if kept.count == count && !(similarity > kept[count - 1].similarity) { continue }
    var position = kept.count
    while position > 0 && similarity > kept[position - 1].similarity { position -= 1 }
    kept.insert((similarity, j), at: position)
    if kept.count > count { kept.removeLast() }
  }
  return kept.map(\.index)
}
