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
    let norms = Self.norms(of: rows)
    var output = rows
    for a in norms.indices {
      let divisor = max(norms[a], epsilon)
      for j in a * columns..<(a + 1) * columns { output.values[j] /= divisor }
    }
    return (output, Cache(output: output, norms: norms))
  }

  /// ‖u‖ of every row.
  ///
  /// Where Σ u² leaves the type's range the norm need not: with s a power of two that brings the largest |u| to [1, 2), ‖u‖ = ‖s u‖ / s,
  /// and the scaling rounds nothing but numbers too small to count.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func norms(of rows: Tensor<Scalar>) -> [Scalar] {
    // Above this no square that matters has lost digits below the smallest normal number.
    let smallest = Scalar.leastNormalMagnitude / (Scalar.ulpOfOne * Scalar.ulpOfOne)
    var norms = dotProductsOfRows(rows.values, rows.values, columns: rows.columns)
    for a in norms.indices {
      if norms[a] >= smallest && norms[a].isFinite {
        norms[a].formSquareRoot()
        continue
      }
      let row = rows.row(a)
      let largest = row.reduce(0) { max($0, abs($1)) }
      guard largest > 0 && largest.isFinite else {
        norms[a] = norms[a].isNaN ? .nan : largest
        continue
      }
      let exponent = largest.exponent
      let scaled = row.map { Scalar(sign: .plus, exponent: -exponent, significand: $0) }
      norms[a] = Scalar(sign: .plus, exponent: exponent, significand: dotProduct(scaled, scaled).squareRoot())
    }
    return norms
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
