// The unification entropy loss: an image should have few, sure neighbours among the others.
//
// Paper    Han et al., "Mitigating Embedding and Class Assignment Mismatch" (ECCV 2020), L_UE of stage 1, from their
//          Super-AND (2020).
//     p̃_aj = exp(z_aj) / Σ_{l≠i} exp(z_al) for j ≠ i,   H_a = −Σ_{j≠i} p̃_aj log p̃_aj
// Tests    Losses/UnificationEntropyTests.swift
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
public struct UnificationEntropy<Scalar: RealScalar>: Sendable {
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

    let meanLogits = dotProductsOfRows(distribution.others.values, logits.values, columns: columns)
    var loss: Scalar = 0
    var gradient = distribution.others.values
    for a in 0..<logits.rows {
      let row = row(logSumExpOfOthers: distribution.logSumExpOfOthers[a], meanLogit: meanLogits[a], scale: scale)
      loss += row.loss
      for j in a * columns..<(a + 1) * columns {
        gradient[j] = row.gradient.value(probability: gradient[j], logit: logits.values[j])
      }
    }
    return Evaluation(loss: scale * loss, logitsGradient: Tensor(shape: logits.shape, values: gradient))
  }

  /// One row's part of the loss.
  struct Row {
    /// H_a.
    let loss: Scalar
    /// The gradient of p̃_aj and z_aj.
    let gradient: EntropyGradient<Scalar>
  }

  /// H_a and its gradient, times `scale`, given L'_a and Σ_j p̃_aj z_aj.
  func row(logSumExpOfOthers: Scalar, meanLogit: Scalar, scale: Scalar) -> Row {
    // H_a = L'_a − Σ_j p̃_aj z_aj.  With a constant own logit c: L = log(exp L' + exp c), the others share s = exp(L' − L),
    // and H_a = L − s Σ_j p̃_aj z_aj − (1 − s) c.
    let logSumExp = ownLogit.map { logAddExp(logSumExpOfOthers, $0) } ?? logSumExpOfOthers
    let share = Scalar.exp(logSumExpOfOthers - logSumExp)
    let own = ownLogit.map { Scalar.exp($0 - logSumExp) * $0 } ?? 0
    let entropy = logSumExp - share * meanLogit - own
    // ∂H_a/∂z_aj = −p_aj (log p_aj + H_a) = −s p̃_aj (z_aj − (L − H_a)) for j ≠ i, and 0 for j = i.
    return Row(loss: entropy, gradient: EntropyGradient(factor: -scale * share, offset: logSumExp - entropy))
  }
}
