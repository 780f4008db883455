// The total loss of stage 2, from a batch's embeddings to their gradient.
//
// Paper    Han et al., ECCV 2020, stage 2:  L = L_assign + λ L_cp
// Tests    StageTwoLossTests.swift
// Fixture  the terms' own
import Kernels
import Networks

/// The mean over the heads of minus their mutual information, plus λ times the batch loss of the embeddings.
public struct StageTwoLoss<Scalar: RealScalar>: Sendable {
  /// L_assign, one head's.
  public let assignment: MutualInformationLoss<Scalar>
  /// L_cp.
  public let consistency: BatchLoss<Scalar>
  /// λ ≥ 0; 1 in the paper; at 0 L_cp is not computed.
  public let consistencyWeight: Scalar

  /// A loss; without arguments it is the released program's.
  public init(
    assignment: MutualInformationLoss<Scalar> = .init(), consistency: BatchLoss<Scalar> = .init(),
    consistencyWeight: Scalar = 1
  ) {
    require(
      consistencyWeight >= 0 && consistencyWeight.isFinite, "the weight λ must not be negative: \(consistencyWeight)")
    self.assignment = assignment
    self.consistency = consistency
    self.consistencyWeight = consistencyWeight
  }

  /// Every term and the gradient of the embeddings.
  public struct Evaluation: Sendable {
    /// L_assign + λ L_cp.
    public var total: Scalar
    /// L_assign, the mean of `heads`.
    public var assignment: Scalar
    /// L_cp; nil if λ is 0.
    public var consistency: Scalar?
    /// Each head's loss.
    public var heads: [Scalar]
    /// Each head's mutual information, whatever the weight of the marginal entropies.
    public var mutualInformation: [Scalar]
    /// ∂total/∂V: 2B × features.
    public var embeddingsGradient: Tensor<Scalar>
  }

  /// The loss of embeddings V, 2B × features, unit rows, the first views above the second.
  ///
  /// It runs the heads forward and backward: gradients of trainable heads are added into their parameters.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func evaluate(
    embeddings: Tensor<Scalar>, accumulatingInto heads: inout ClusterHeads<Scalar>
  ) -> Evaluation {
    require(
      embeddings.rows % 2 == 0 && embeddings.rows > 0,
      "stage 2 needs two views of every image, not \(embeddings.rows) rows")
    let batch = embeddings.rows / 2
    let (probabilities, cache) = heads.forward(embeddings)
    let terms = assignment.evaluate(
      heads: probabilities.map { ($0.rows(0..<batch), $0.rows(batch..<2 * batch)) })
    // L_assign = (1/H) Σ_h L_h
    let share = 1 / Scalar(heads.headCount)
    let gradients = terms.map { term in
      Tensor(
        shape: [2 * batch, heads.classCount],
        values: (term.firstGradient.values + term.secondGradient.values).map { share * $0 })
    }
    var gradient = heads.backward(gradients, cache: cache)
    let assignmentLoss = share * terms.reduce(0) { $0 + $1.loss }

    let pairs = consistencyWeight > 0 ? consistency.evaluate(embeddings) : nil
    if let pairs {
      for i in gradient.values.indices { gradient.values[i] += consistencyWeight * pairs.rowsGradient.values[i] }
    }
    return Evaluation(
      total: assignmentLoss + (pairs.map { consistencyWeight * $0.loss } ?? 0), assignment: assignmentLoss,
      consistency: pairs?.loss, heads: terms.map(\.loss), mutualInformation: terms.map(\.mutualInformation),
      embeddingsGradient: gradient)
  }
}
