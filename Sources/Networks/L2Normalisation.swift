// Rows scaled to unit length (method: the embedding's last step).
//
//     v = u / max(‖u‖, eps)                       eps = 1e-12
//     ∂u = (g − v ⟨v, g⟩) / ‖u‖                   the part of g across v: length cannot change
//
// Where this differs: the authors' program has no eps, so that a zero row becomes NaN. Here a zero row stays zero and
// its gradient is zero.
// Tests    NetworksTests/L2NormalisationTests.swift
import Kernels

/// Divides each row by its Euclidean norm.
public struct L2Normalisation<Scalar: RealScalar>: Sendable {
  /// The smallest divisor: 1e-12.
  public let epsilon: Scalar

  /// What the backward pass needs.
  public struct Cache: Sendable {
    /// rows × columns, the unit rows.
    let output: Tensor<Scalar>
    /// The norm of each input row.
    let norms: [Scalar]
  }

  /// A normalisation; it has no parameters.
  public init(epsilon: Scalar = 1e-12) { self.epsilon = epsilon }

  /// Unit rows, shaped like the input.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func forward(_ rows: Tensor<Scalar>) -> (output: Tensor<Scalar>, cache: Cache) {
    require(rows.shape.count == 2, "rows must form a matrix, not \(rows.shape)")
    let columns = rows.columns
    let norms = dotProductsOfRows(rows.values, rows.values, columns: columns).map { $0.squareRoot() }
    var output = rows
    for a in norms.indices {
      let divisor = max(norms[a], epsilon)
      for j in a * columns..<(a + 1) * columns { output.values[j] /= divisor }
    }
    return (output, Cache(output: output, norms: norms))
  }

  /// The gradient of the input rows; zero for a zero row.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func backward(_ outputGradient: Tensor<Scalar>, cache: Cache) -> Tensor<Scalar> {
    require(
      outputGradient.shape == cache.output.shape,
      "a gradient of shape \(outputGradient.shape) for rows of shape \(cache.output.shape)")
    let columns = outputGradient.columns
    let along = dotProductsOfRows(outputGradient.values, cache.output.values, columns: columns)
    var gradient = outputGradient
    for a in along.indices {
      let norm = cache.norms[a]
      for j in a * columns..<(a + 1) * columns {
        gradient.values[j] =
          if norm > epsilon {
            (gradient.values[j] - cache.output.values[j] * along[a]) / norm
          } else {
            // The divisor is the constant eps; a zero row, which has no direction to move in, stays where it is.
            norm > 0 ? gradient.values[j] / epsilon : 0
          }
      }
    }
    return gradient
  }
}
