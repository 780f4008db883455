// Checks a hand-written gradient against central differences along a random direction.
//
// For f: x ↦ loss and a claimed gradient g:  (f(x + h d) − f(x − h d)) / 2h = ⟨g, d⟩ + O(h²).  With d random, one number
// stands for every component of g. In Double with h = 1e-5 the truncation is about h² f‴ ≈ 1e-10 and the rounding about
// eps |f| / h ≈ 2e-11: a relative distance above 1e-7 is a wrong derivative, not noise.
// Tests    NetworksTests/DirectionalDifferenceTests.swift
import Kernels
import Networks

/// The two sides of a gradient check.
package struct DirectionalDifference: Sendable, CustomStringConvertible {
  /// ⟨gradient, direction⟩.
  package let claimed: Double
  /// The central difference along the direction.
  package let measured: Double

  /// Measures along a random normal direction drawn from `seed`.
  ///
  /// - Parameters:
  ///   - point: Where the gradient was taken.
  ///   - gradient: The claimed gradient there, shaped like the point.
  ///   - seed: Of the direction.
  ///   - step: h, in units of the direction, whose entries are standard normal.
  ///   - loss: The function whose gradient it is; ⟨random cotangent, output⟩ for a layer.
  package init(
    at point: Tensor<Double>, gradient: Tensor<Double>, seed: UInt32 = 1, step: Double = 1e-5,
    loss: (Tensor<Double>) -> Double
  ) {
    require(point.shape == gradient.shape, "a gradient of shape \(gradient.shape) for a point of shape \(point.shape)")
    var stream = RandomStream(seed: seed, purpose: .test, image: 0x6469_7266)
    let direction = point.values.map { _ in stream.normal() }
    var (forth, back) = (point, point)
    for i in direction.indices {
      forth.values[i] += step * direction[i]
      back.values[i] -= step * direction[i]
    }
    measured = (loss(forth) - loss(back)) / (2 * step)
    claimed = zip(gradient.values, direction).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// |claimed − measured| over the larger of both, or over 1e-3 where both are smaller than that.
  package var relativeDistance: Double {
    abs(claimed - measured) / max(abs(claimed), abs(measured), 1e-3)
  }

  /// Both numbers, for a failing test.
  package var description: String { "claimed \(claimed), measured \(measured), relative distance \(relativeDistance)" }
}

extension Tensor {
  /// Standard normal entries drawn from `seed`: inputs and cotangents of tests.
  package static func random(_ shape: [Int], seed: UInt32) -> Tensor {
    var stream = RandomStream(seed: seed, purpose: .test)
    return Tensor(shape: shape, values: (0..<shape.reduce(1, *)).map { _ in Scalar(stream.normal()) })
  }

  /// ⟨self, other⟩, summed in order in Double.
  package func inner(_ other: Tensor) -> Double {
    require(shape == other.shape, "an inner product of shapes \(shape) and \(other.shape)")
    return zip(values, other.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }
}
