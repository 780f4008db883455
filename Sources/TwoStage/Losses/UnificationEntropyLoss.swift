// The unification entropy loss: an image should have few, sure neighbours among the others.
//
// Paper    Han et al., "Mitigating Embedding and Class Assignment Mismatch" (ECCV 2020), L_UE of stage 1, from their
//          Super-AND (2020).
//     p̃_aj = exp(z_aj) / Σ_{l≠i} exp(z_al) for j ≠ i,   H_a = −Σ_{j≠i} p̃_aj log p̃_aj
// Definition  referenceUnificationEntropyLoss in ReferenceLosses.swift
// Tests    Losses/UnificationEntropyLossTests.swift
// Fixture  Fixtures/method/method-golden.json, A_stage1
import Kernels
import Networks

/// The mean entropy of each row's distribution over the *other* images of the memory bank (L_UE).
///
///     L = (1/R) Σ_a H_a,   0 ≤ H_a ≤ log(N − 1)
///
/// | Paper | Here     | Shape         |
/// | ----- | -------- | ------------- |
/// | z     | `logits` | rows × images |
/// | i     | `images` | rows          |
///
/// Where this differs from the paper: the mean over view rows instead of the sum over images, as in the released program.
/// Where this differs from the released program: that one overwrites the own logit with −10 and keeps it in the softmax;
/// here the own image is left out (`ownLogit: -10` gives the other; −10 is the logit of cosine −1 at τ = 0.1 only).
public struct UnificationEntropyLoss<Scalar: RealScalar>: Sendable {
  /// The constant that stands for the own image's logit; nil leaves the own image out (the default, the paper's formula).
  public let ownLogit: Scalar?
  /// How rows are reduced; the default is the released program's mean.
  public let reduction: Reduction

  /// A loss; without arguments it is the paper's formula with the released program's mean.
  public init(ownLogit: Scalar? = nil, reduction: Reduction = .mean) {
    require(ownLogit?.isFinite ?? true, "the own image's logit must be finite, not \(ownLogit ?? 0)")
    self.ownLogit = ownLogit
    self.reduction = reduction
  }

  /// The loss and its gradient.
  public struct Evaluation: Sendable {
    /// L_UE; 0 where a bank has fewer than three images.
    public var loss: Scalar
    /// ∂L/∂z: rows × images; every row sums to zero and is exactly zero in the own column.
    public var logitsGradient: Tensor<Scalar>
  }

  /// The loss at logits z, rows × images, where row a is a view of image number `images[a]`.
  public func evaluate(logits: Tensor<Scalar>, images: [Int]) -> Evaluation {
    evaluate(BankDistribution(logits: logits, images: images))
  }

  /// The loss from a distribution that other losses share.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func evaluate(_ distribution: BankDistribution<Scalar>) -> Evaluation {
    let logits = distribution.logits
    let columns = logits.shape[1]
    guard columns > 1, logits.rows > 0 else { return Evaluation(loss: 0, logitsGradient: Tensor(shape: logits.shape)) }
    let scale: Scalar = reduction.scale(rows: logits.rows)

    var losses: [Scalar] = []
    var gradient = distribution.probabilities.values
    for (a, others) in distribution.others.enumerated() {
      let row = row(others, scale: scale)
      losses.append(row.loss)
      for j in a * columns..<(a + 1) * columns {
        gradient[j] = row.gradient.value(probability: gradient[j], shiftedLogit: logits.values[j] - others.shift)
      }
    }
    return Evaluation(loss: scale * sum(losses), logitsGradient: Tensor(shape: logits.shape, values: gradient))
  }

  /// One row's part of the loss.
  struct Row {
    /// H_a.
    let loss: Scalar
    /// The gradient of p̃_aj and d_j.
    let gradient: EntropyGradient<Scalar>
  }

  /// H_a and its gradient, times `scale`; `others` is p̃_a.
  func row(_ others: SoftmaxOfOthers<Scalar>, scale: Scalar) -> Row {
    // With d_j = z_aj − t for the largest other logit t, T = Σ_{l≠i} exp d_l and d̄ = Σ_{l≠i} p̃_al d_l:
    //     log p̃_aj = d_j − log T     H_a = log T − d̄     ∂H_a/∂z_aj = −p̃_aj (log p̃_aj + H_a) = −p̃_aj (d_j − d̄)
    guard let ownLogit else {
      return Row(
        loss: Scalar(others.entropy),
        gradient: EntropyGradient(factor: -scale, offset: Scalar(others.shiftedMean)))
    }
    // A constant own logit z₀ joins as one more entry: t' = max(t, z₀), T' = T exp(t − t') + exp(z₀ − t'), and relative to t'
    //     d̄' = (T exp(t − t') (d̄ + t − t') + exp(z₀ − t') (z₀ − t')) / T'     H_a = log T' − d̄'
    //     ∂H_a/∂z_aj = −α p̃_aj (d_j + t − t' − d̄'),   α = T exp(t − t') / T', the share of the others
    let (t, z0) = (Double(others.shift), Double(ownLogit))
    let largest = max(t, z0)
    let (sumOfOthers, own) = (others.total * Double.exp(t - largest), Double.exp(z0 - largest))
    let total = sumOfOthers + own
    let mean = (sumOfOthers * (others.shiftedMean + (t - largest)) + own * (z0 - largest)) / total
    return Row(
      loss: Scalar(Double.log(total) - mean),
      gradient: EntropyGradient(
        factor: -scale * Scalar(sumOfOthers / total), offset: Scalar(mean - (t - largest))))
  }
}
