// The instance batch loss: among the views of a batch, the other view of the same image is the one to pick.
//
// Paper    Han et al., ECCV 2020: L_AUG of stage 1 (on relation vectors, RelationLoss.swift) and L_cp of stage 2
//          (Eq. 10-11); from Ye et al., "Unsupervised Embedding Learning via Invariant and Spreading Instance Feature"
//          (ISIF), CVPR 2019.
//     Q_ab = exp(s_ab) / Z_a,   s_ab = r_a·r_b / τ_b,   l_a = −log Q_a,π(a) − ω Σ_{b∉{a,π(a)}} log(1 − Q_ab)
// Definition  referenceBatchLoss, referencePaperBatchLoss in ReferenceLosses.swift
// Tests    Losses/BatchLossTests.swift
// Fixture  Fixtures/method/method-golden.json, B_cp; Fixtures/method/losses.json
import Kernels
import Networks

/// Which rows compete in the denominator of a ``BatchLoss``.
public enum BatchLossDenominator: String, Codable, Sendable, CaseIterable {
  /// All 2B rows but the query itself; every row is a query. The default.
  case released
  /// Eq. 10-11: the B originals, the query included. Augmented rows are queries for their original, originals are
  /// queries against the other originals. Needs a `negativeWeight` of 1; the mean is over the B images.
  case paper
}

/// The mean loss of picking each row's partner, and no other row, among the rows of a batch.
///
/// Rows 0..<B are first views, rows B..<2B second views in the same order; π(a) = (a + B) mod 2B.
///
///     Z_a = exp(s_a,π(a)) + ω Σ_{b∉{a,π(a)}} exp(s_ab)
///     L   = (1/2B) Σ_a l_a ≥ 0
///
/// | Paper | Here             | Shape or range                            |
/// | ----- | ---------------- | ----------------------------------------- |
/// | r     | `rows`           | 2B × features, unit rows                  |
/// | τ_b   | `temperature`    | > 0; 0.1 in both stages                   |
/// | ω     | `negativeWeight` | ≥ 1 (below, 1 − Q can be negative); 1     |
///
/// Where this differs from the paper: Eq. 10-11 take the originals as keys and keep a query's similarity with itself in
/// the denominator; the released program, and the default here, takes all rows but the query (``Denominator``). The paper
/// sums; this is the mean over rows. The paper is silent on gradients; as in the released program the second factor of
/// every product is a constant, so that a row learns from its own line of the loss only (`stopsGradient: false`: all).
/// Where this differs from the released program: it subtracts the partner's term from a sum over all rows, which is not a
/// number once Q rounds to 1; here every logarithm and quotient keeps its digits (BatchLossRow.swift).
public struct BatchLoss<Scalar: RealScalar>: Sendable {
  /// Which rows compete, in the denominator of a probability.
  public typealias Denominator = BatchLossDenominator

  /// τ_b > 0; 0.1 in both stages.
  public let temperature: Scalar
  /// ω ≥ 1, the weight of the negative terms; 1.
  public let negativeWeight: Scalar
  /// Whether the second factor of every inner product is a constant; true as in the released program.
  public let stopsGradient: Bool
  /// Which rows compete; the released program's by default.
  public let denominator: Denominator
  /// How rows are reduced; the released program's mean by default.
  public let reduction: Reduction

  /// A loss; without arguments it is the released program's.
  public init(
    temperature: Scalar = 0.1, negativeWeight: Scalar = 1, stopsGradient: Bool = true,
    denominator: Denominator = .released, reduction: Reduction = .mean
  ) {
    require(temperature > 0 && temperature.isFinite, "the temperature must be positive, not \(temperature)")
    require(
      negativeWeight >= 1 && negativeWeight.isFinite,
      "the weight of negatives must be at least 1, not \(negativeWeight)")
    require(
      denominator == .released || negativeWeight == 1,
      "the paper's denominator has no weight of negatives: it must be 1, not \(negativeWeight)")
    self.temperature = temperature
    self.negativeWeight = negativeWeight
    self.stopsGradient = stopsGradient
    self.denominator = denominator
    self.reduction = reduction
  }

  /// The loss and its gradient.
  public struct Evaluation: Sendable {
    /// L ≥ 0.
    public var loss: Scalar
    /// ∂L/∂r: 2B × features, without regard to the rows being of unit length.
    public var rowsGradient: Tensor<Scalar>
  }

  /// The loss of unit rows r, the first views above the second views.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func evaluate(_ rows: Tensor<Scalar>) -> Evaluation {
    require(rows.shape.count == 2, "the batch loss needs rows × features, not \(rows.shape)")
    let (loss, pairs) = evaluate(cosines: rows.multiplied(by: rows, otherTransposed: true))
    // s_ab = r_a · r_b / τ_b:  ∂L/∂r_a = Σ_b ∂L/∂(r_a·r_b) r_b, and with the full gradient also Σ_b ∂L/∂(r_b·r_a) r_b.
    return Evaluation(loss: loss, rowsGradient: pairs.multiplied(by: rows))
  }

  /// The loss from the products r_a·r_b, and for every ordered pair the factor of r_b in the gradient of r_a.
  ///
  /// - Parameter cosines: 2B × 2B.
  /// - Returns: The loss; and 2B × 2B the g_ab with ∂L/∂r_a = Σ_b g_ab r_b: ∂L/∂cosine_ab if the second factor is a
  ///   constant, else the sum of ∂L/∂cosine_ab and ∂L/∂cosine_ba.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func evaluate(cosines: Tensor<Scalar>) -> (loss: Scalar, pairGradient: Tensor<Scalar>) {
    let count = cosines.rows
    require(cosines.shape == [count, count], "the batch loss needs one product a pair of rows, not \(cosines.shape)")
    require(count % 2 == 0, "the batch loss needs two views of every image, not an odd number of rows: \(count)")
    let scale: Scalar = reduction.scale(rows: denominator == .released ? count : count / 2)
    let rows = Parallel.map(count, inParallel: cosines.count >= Parallel.leastTerms) { a in
      let similarities = cosines.values[a * count..<(a + 1) * count].map { $0 / temperature }
      return row(a, of: count).evaluate(
        similarities, negativeWeight: negativeWeight, gradientScale: scale / temperature)
    }
    var loss: Scalar = 0
    var gradient: [Scalar] = []
    gradient.reserveCapacity(count * count)
    for row in rows {
      loss += row.loss
      gradient += row.gradient
    }
    // So far the keys are constants (detached). Without the stop-gradient, add what r_a contributes as a key of other rows.
    if !stopsGradient {
      let oneSided = gradient
      for a in 0..<count {
        for b in 0..<count { gradient[a * count + b] += oneSided[b * count + a] }
      }
    }
    return (scale * loss, Tensor(shape: cosines.shape, values: gradient))
  }

  /// Which part every other row plays in the loss of row a.
  private func row(_ a: Int, of count: Int) -> BatchLossRow {
    let partner = (a + count / 2) % count
    switch denominator {
    case .released:
      return BatchLossRow(
        positive: partner, negatives: (0..<count).filter { $0 != a && $0 != partner }, denominatorOnly: [])
    case .paper where a < count / 2:
      return BatchLossRow(positive: nil, negatives: (0..<count / 2).filter { $0 != a }, denominatorOnly: [a])
    case .paper:
      return BatchLossRow(positive: partner, negatives: [], denominatorOnly: (0..<count / 2).filter { $0 != partner })
    }
  }
}
