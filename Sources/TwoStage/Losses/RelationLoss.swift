// The augmentation loss of stage 1: two views of an image should relate alike to all images of the memory bank.
//
// Paper    Han et al., ECCV 2020, L_AUG of stage 1, as their Super-AND program computes it: the batch loss of the unit
//          vectors of relations r_a = z_a / |z_a| with z_a = M v_a, one number for each image of the bank.
//     r_a·r_b = v_aᵀ G v_b / (n_a n_b),   G = Mᵀ M,   n_a = |M v_a| = √(v_aᵀ G v_a)
// In this Gram form no vector is as long as the bank. The bank's temperature cancels.
// Definition  referenceRelationLoss in ReferenceLosses.swift
// Tests    Losses/RelationLossTests.swift
// Fixture  Fixtures/method/method-golden.json, A_stage1; Fixtures/method/losses.json
import Kernels
import Networks

/// The batch loss of relation vectors (L_AUG).
///
/// | Paper | Here         | Shape               |
/// | ----- | ------------ | ------------------- |
/// | v     | `embeddings` | 2B × features       |
/// | M     | `bank`       | images × features; a constant |
/// | G     | `gram`       | features × features |
///
/// Where this differs from the paper: the paper speaks of the embedding space; the released program uses relations.
/// For the former apply ``BatchLoss`` to the embeddings. A view without any relation (|M v| < 1e-12) has r = 0.
public struct RelationLoss<Scalar: RealScalar>: Sendable {
  /// The loss of the relation vectors, with its temperature and its choices.
  public let batchLoss: BatchLoss<Scalar>

  /// A loss; without arguments it is the released program's.
  public init(batchLoss: BatchLoss<Scalar> = BatchLoss()) { self.batchLoss = batchLoss }

  /// The loss and its gradient.
  public struct Evaluation: Sendable {
    /// L_AUG ≥ 0.
    public var loss: Scalar
    /// ∂L/∂v: 2B × features.
    public var embeddingsGradient: Tensor<Scalar>
  }

  /// The loss of embeddings v, 2B × features, the first views above the second views, given G = Mᵀ M, features × features.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func evaluate(embeddings: Tensor<Scalar>, gram: Tensor<Scalar>) -> Evaluation {
    let features = embeddings.columns
    require(
      embeddings.shape.count == 2 && gram.shape == [features, features],
      "embeddings of shape \(embeddings.shape) need a Gram matrix of their features, not one of shape \(gram.shape)")
    // u_a = G v_a / n_a = Mᵀ r_a, and the unit vector's embedding v̂_a = v_a / n_a:  r_a·r_b = u_a · v̂_b.
    var pulled = embeddings.multiplied(by: gram)
    let squares = dotProductsOfRows(pulled.values, embeddings.values, columns: features)
    let inverses = squares.map { $0 > 1e-24 ? 1 / $0.squareRoot() : 0 }
    var scaled = embeddings
    scaleRows(&pulled, by: inverses)
    scaleRows(&scaled, by: inverses)
    let cosines = pulled.multiplied(by: scaled, otherTransposed: true)
    let (loss, pairs) = batchLoss.evaluate(cosines: cosines)

    // With ∂L/∂r_a = Σ_b g_ab r_b, the pull-back of r = z / |z| and z = M v:
    //   ∂L/∂v_a = (1/n_a) Mᵀ (Σ_b g_ab r_b − r_a Σ_b g_ab r_a·r_b) = (1/n_a) (Σ_b g_ab u_b − c_a u_a),  c_a = Σ_b g_ab r_a·r_b
    let along = dotProductsOfRows(pairs.values, cosines.values, columns: pairs.shape[1])
    var gradient = pairs.multiplied(by: pulled)
    for a in 0..<gradient.rows {
      for d in a * features..<(a + 1) * features {
        gradient.values[d] = inverses[a] * (gradient.values[d] - along[a] * pulled.values[d])
      }
    }
    return Evaluation(loss: loss, embeddingsGradient: gradient)
  }
}

/// Multiplies row a by factor a.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func scaleRows<Scalar: RealScalar>(_ tensor: inout Tensor<Scalar>, by factors: [Scalar]) {
  let columns = tensor.columns
  for a in 0..<tensor.rows {
    for i in a * columns..<(a + 1) * columns { tensor.values[i] *= factors[a] }
  }
}
