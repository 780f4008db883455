// Errors on their way through a computation, to first order, added up in two ways.
//
//     worst       Σ_k |J_k| e_k by intervals: |J| is a sum over all ways from error k to the number, so that none cancel
//     deviation   in each of 64 lanes Σ_k ± J_k e_k with random signs: the root mean square is σ = sqrt(Σ_k (J_k e_k)²)
//
// Tests    OracleTests/TrackedNumberTests.swift
import Kernels

/// The errors of a number of which derivatives are known.
struct TrackedErrors {
  /// The sum of all errors, none of which cancels.
  var worst: Double
  /// The sum of all errors with the signs of each lane.
  var deviation: SignLanes

  /// What an exact number has.
  static let none = TrackedErrors(worst: 0, deviation: SignLanes())

  /// λ σ.
  var likely: Double { RoundingScale.confidence * deviation.meanSquare.squareRoot() }

  /// One more error of the given size, with the signs of a key, or with the opposite ones.
  mutating func add(_ size: Double, signs key: UInt64, negated: Bool = false) {
    guard size != 0 else { return }
    worst += size
    deviation.add(negated ? -size : size, signs: key)
  }

  /// Many more errors that are independent of each other: their sum, and the root of the sum of their squares.
  mutating func add(worst: Double, deviation size: Double, signs key: UInt64) {
    self.worst += worst
    deviation.add(size, signs: key)
  }

  /// Adds the errors of a number times the derivative by it.
  mutating func add(_ other: TrackedErrors, times slope: Double) {
    guard other.worst != 0 else { return }
    worst += abs(slope) * other.worst
    deviation.add(other.deviation, times: slope)
  }

  /// The errors of a number over another that is exact.
  func divided(by divisor: Double) -> TrackedErrors {
    TrackedErrors(worst: worst / abs(divisor), deviation: deviation.divided(by: divisor))
  }

  /// The errors of a number times the derivative by it.
  func scaled(by slope: Double) -> TrackedErrors {
    var scaled = Self.none
    scaled.add(self, times: slope)
    return scaled
  }
}
