// From the classes of several heads to the cluster of an image, without labels.
//
//     lowestLoss    the head whose loss was lowest in the epoch of the lowest total (paper)
//     consensus     the vote of all heads, matched with that of the lowest loss, of weights w_h = exp((min L − L_h) / σ)
//
// σ is `lossScale`, 0.02 nat: heads of almost the lowest loss count almost as much, and one of a clearly higher loss next to
// nothing. Heads that share a mistake outvote a better one if all count the same; the loss tells them apart.
// What is learnt on the training images, a head or maps and weights, is a function: new images do not change it.
// Paper    Han et al., ECCV 2020, section 4, for the first. Vote: Evaluation/AlignedVote.swift.
// Measured Fixtures/measurements/accuracy.md
// Tests    FinalAnswerTests.swift
import Evaluation
import Kernels
import Networks

/// How the heads' classes become the cluster of an image.
public enum FinalAnswer: String, Codable, Sendable, CaseIterable {
  /// The class of the head of the lowest training loss (paper; the default).
  case lowestLoss
  /// A vote of the heads, the lower their loss the more.
  case consensus
}

extension KeyedDecodingContainer {
  /// Runs from before there was a choice had the paper's; the compiler's own `init(from:)` calls this.
  func decode(_ type: FinalAnswer.Type, forKey key: Key) throws -> FinalAnswer {
    try decodeIfPresent(type, forKey: key) ?? .lowestLoss
  }
}

/// A final answer that has been learnt: the cluster of any image from its probabilities by each head.
public struct HeadAnswer: Codable, Sendable, Equatable {
  /// The head of the lowest loss; of a vote its clusters keep their numbers.
  public let head: Int
  /// The vote of `consensus`; nil for a single head.
  public let vote: AlignedVote?

  /// σ, in nats.
  public static let lossScale = 0.02

  /// The answer of one head.
  public init(head: Int) { (self.head, vote) = (head, nil) }

  /// The rule that it was learnt by.
  public var rule: FinalAnswer { vote == nil ? .lowestLoss : .consensus }

  /// Learns the answer of a rule.
  ///
  /// - Parameters:
  ///   - rule: The rule.
  ///   - clusters: The class of each training image by each head; heads × images.
  ///   - classCount: K.
  ///   - losses: The loss of each head.
  public init(_ rule: FinalAnswer, clusters: [[Int]], classCount: Int, losses: [Double]) {
    require(
      !losses.isEmpty && clusters.count == losses.count, "\(clusters.count) heads do not fit \(losses.count) losses")
    let lowest = losses.indices.reduce(0) { losses[$1] < losses[$0] ? $1 : $0 }
    head = lowest
    switch rule {
    case .lowestLoss: vote = nil
    case .consensus:
      let weights = losses.map { Double.exp((losses[lowest] - $0) / Self.lossScale) }
      vote = AlignedVote(aligning: clusters, clusterCount: classCount, weights: weights, to: lowest)
    }
  }

  /// Why this, read from a file, is no answer of `headCount` heads of K classes; nil if it is.
  public func problem(headCount: Int, classCount: Int) -> String? {
    if !(0..<headCount).contains(head) { return "it chooses head \(head) of \(headCount)" }
    guard let vote else { return nil }
    if vote.maps.count != headCount { return "it holds votes of \(vote.maps.count) heads, not of \(headCount)" }
    return vote.problem(clusterCount: classCount)
  }

  /// The cluster of each image and its probability.
  ///
  /// - Parameters:
  ///   - clusters: The class of each image by each head; heads × images.
  ///   - probabilities: Each head's probabilities, images × classes.
  /// - Returns: The lower cluster first among equally probable ones.
  public func assignments<Scalar: RealScalar>(
    clusters: [[Int]], probabilities: [Tensor<Scalar>]
  ) -> (clusters: [Int], confidences: [Scalar]) {
    // A head's own classes come from its logits: different ones may have equal probabilities.
    let rows = vote?.probabilities(probabilities) ?? probabilities[head]
    let count = rows.shape[1]
    let chosen =
      vote == nil
      ? clusters[head]
      : (0..<rows.rows).map { i in
        (0..<count).reduce(0) { rows.values[i * count + $1] > rows.values[i * count + $0] ? $1 : $0 }
      }
    return (chosen, chosen.enumerated().map { rows.values[$0 * count + $1] })
  }
}
