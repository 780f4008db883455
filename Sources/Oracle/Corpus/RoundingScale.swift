// What the rounding errors of an output are measured against.
// Tests    OracleTests/CorpusTests.swift, OracleTests/RangeTests.swift
import Kernels
import Networks

/// What rounding errors in one output are measured against.
///
/// An implementation that rounds to unit u, sums in any order and fuses or not stays within `terms` · u · `values` of the
/// true value, element by element, to first order in u.
public struct RoundingScale: Sendable, Equatable {
  /// How many standard deviations of a result a bound allows where random signs are added up: a right answer lies outside with a
  /// probability of at most 2 exp(−8² / 2) = 2.5e-14 (Hoeffding).
  static let confidence = 8.0

  /// One number per element of the output: Σ |a||b| for a contraction, accumulated magnitudes for a composition.
  public var values: Tensor<Double>
  /// The terms of the longest sum on the way, at least 1.
  public var terms: Int
  /// How far every element moves, in units of v, where each factor of a matrix product is first rounded by v of itself at most;
  /// nil where that is no more than 2 `values`, as of a single product.
  public var factors: Tensor<Double>?

  /// A scale; a sum of magnitudes that leaves Double's range counts as the largest number, beyond which no right answer lies.
  public init(values: Tensor<Double>, terms: Int, factors: Tensor<Double>? = nil) {
    func limited(_ tensor: Tensor<Double>) -> Tensor<Double> {
      if !tensor.values.contains(.infinity) { return tensor }
      return Tensor(shape: tensor.shape, values: tensor.values.map { min($0, .greatestFiniteMagnitude) })
    }
    self.values = limited(values)
    self.terms = terms
    self.factors = factors.map(limited)
  }

  /// Whether it has a shape, and no number is negative or infinite.
  func isFinite(of shape: [Int]) -> Bool {
    [values, factors].allSatisfy { tensor in
      tensor.map { $0.shape == shape && $0.values.allSatisfy { $0 >= 0 && $0.isFinite } } ?? true
    }
  }
}
