// The anchor neighbourhood loss: a view is recognised as its own image or one of that image's neighbours.
//
// Paper    Huang et al., "Unsupervised Deep Learning by Neighbourhood Discovery" (AND), ICML 2019; L_AND of stage 1 in
//          Han et al., ECCV 2020. Without neighbours it is the instance loss of Wu et al. (NPID), CVPR 2018.
//     l_a = −log Σ_{j∈S_a} p_aj,   p_a = softmax(z_a),   S_a = {i} ∪ N(i) for an anchor i, else {i}
// Definition  referenceInstanceNeighbourhoodLoss in ReferenceLosses.swift
// Tests    Losses/InstanceNeighbourhoodLossTests.swift
// Fixture  Fixtures/method/method-golden.json, A_stage1
import Kernels
import Networks

/// The mean negative log-probability that a row belongs to its own image's neighbourhood (L_AND).
///
///     L = (1/R) Σ_a −log q_a,   q_a = Σ_{j∈S_a} p_aj
///
/// | Paper | Here             | Shape                                  |
/// | ----- | ---------------- | -------------------------------------- |
/// | z     | `logits`         | rows × images; both views of each image |
/// | i     | `images`         | rows                                   |
/// | N(i)  | `neighbourhoods` | lists of images; constants             |
///
/// Where this differs from the paper: the paper sums over images; this is the mean over view rows, as in the released
/// program (``Reduction/sum`` is the paper's). S is a set: a neighbour listed twice counts once.
public struct InstanceNeighbourhoodLoss<Scalar: RealScalar>: Sendable {
  /// How rows are reduced; the default is the released program's mean.
  public let reduction: Reduction

  /// A loss; without arguments it is the released program's.
  public init(reduction: Reduction = .mean) { self.reduction = reduction }

  /// The loss and its gradient.
  public struct Evaluation: Sendable {
    /// L_AND ≥ 0.
    public var loss: Scalar
    /// ∂L/∂z: rows × images; every row sums to zero.
    public var logitsGradient: Tensor<Scalar>
  }

  /// The loss at logits z, rows × images, where row a is a view of image number `images[a]`.
  public func evaluate(logits: Tensor<Scalar>, images: [Int], neighbourhoods: Neighbourhoods) -> Evaluation {
    evaluate(BankDistribution(logits: logits, images: images), neighbourhoods: neighbourhoods)
  }

  /// The loss from a distribution that other losses share.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func evaluate(_ distribution: BankDistribution<Scalar>, neighbourhoods: Neighbourhoods) -> Evaluation {
    let logits = distribution.logits
    let columns = logits.shape[1]
    require(
      neighbourhoods.imageCount == columns,
      "neighbourhoods of \(neighbourhoods.imageCount) images do not fit logits of \(columns) images")
    let scale: Scalar = reduction.scale(rows: logits.rows)

    var losses: [Scalar] = []
    var gradient = distribution.probabilities.values
    for (a, others) in distribution.others.enumerated() {
      let range = a * columns..<(a + 1) * columns
      let row = row(
        logits.values.span.extracting(range), others: others, members: neighbourhoods.members(of: others.own),
        scale: scale)
      losses.append(row.loss)
      for j in range { gradient[j] *= row.factor }
      for (j, value) in row.insideGradient { gradient[range.lowerBound + j] = value }
    }
    return Evaluation(loss: scale * sum(losses), logitsGradient: Tensor(shape: logits.shape, values: gradient))
  }

  /// One row's part of the loss.
  struct Row {
    /// l_a.
    let loss: Scalar
    /// What the gradient outside S is this times p̃_aj.
    let factor: Scalar
    /// The gradient at the columns inside S.
    let insideGradient: [(column: Int, value: Scalar)]
  }

  /// l_a, and its gradient times `scale`, for the row of logits z_a.
  ///
  /// `others` is p̃_a; `members` is S_a, the own image first.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func row(_ logits: Span<Scalar>, others: SoftmaxOfOthers<Scalar>, members: [Int], scale: Scalar) -> Row {
    // Only differences of logits are formed, in Double: a rounding of a logit's own size would come back in the loss.
    // ∂l_a/∂z_aj = p_aj outside S, and p_aj = (1 − p_ai) p̃_aj.  With M = max(m, z_ai) and T = Σ_j exp(z_aj − M):
    let own = Double(logits[others.own])
    let largest = others.total == 0 ? own : max(own, Double(others.shift))
    let sumOfOthers = others.total == 0 ? 0 : others.total * Double.exp(Double(others.shift) - largest)
    let total = sumOfOthers + Double.exp(own - largest)
    let shareOfOthers = sumOfOthers / total

    // Inside S:  p_aj − p_aj / q_a = −(p_aj / q_a)(1 − q_a),  p_aj / q_a = exp z_aj / Σ_{l∈S} exp z_al.
    // 1 − q_a = (1 − p_ai)(1 − Σ_{j∈N(i)} p̃_aj) is formed from the others, so that it survives q_a → 1; and where the
    // neighbours have most of them, from those that are no neighbours.
    let inside = members.map { Double(logits[$0]) }
    let largestInside = inside.reduce(-Double.infinity, max)
    let exponentials = inside.map { Double.exp($0 - largestInside) }
    let totalInside = exponentials.reduce(0, +)
    let neighbours = inside.dropFirst().reduce(0) { $0 + Double.exp($1 - Double(others.shift)) / others.total }
    let outsideNeighbourhood =
      neighbours <= 0.5 ? 1 - neighbours : probabilityOutside(others.probabilities(of: logits), members)
    let outside = shareOfOthers * outsideNeighbourhood
    // −log q_a = (M − max_{j∈S} z_aj) + log T − log Σ_{j∈S} exp(z_aj − max).
    let loss = outside <= 0.5 ? -logOneMinus(outside) : (largest - largestInside) + Double.log(total / totalInside)
    return Row(
      loss: Scalar(loss), factor: scale * Scalar(shareOfOthers),
      insideGradient: zip(members, exponentials).map { ($0, -scale * Scalar($1 / totalInside * outside)) })
  }

  /// Σ p̃ over the images that are no members.
  private func probabilityOutside(_ others: [Scalar], _ members: [Int]) -> Double {
    var outsideNeighbourhood = others
    for j in members { outsideNeighbourhood[j] = 0 }
    return outsideNeighbourhood.reduce(0) { $0 + Double($1) }
  }
}
