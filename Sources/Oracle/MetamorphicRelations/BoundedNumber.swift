// Numbers that are known up to an error, so that what follows from a backend's answers is known up to one, too.
//
//     a + b errs by at most ē_a + ē_b,   a b by |a| ē_b + |b| ē_a + ē_a ē_b,   and each result by 2⁻⁵³ of itself for Double
// Tests    OracleTests/BoundedNumberTests.swift
import Kernels

/// A value and the most that it may be away from the true one.
struct BoundedNumber: Sendable, Equatable {
  /// The value.
  var value: Double
  /// At least |value − true value|.
  var error: Double

  /// A number with an error.
  init(_ value: Double, error: Double = 0) { (self.value, self.error) = (value, error) }

  static func + (a: Self, b: Self) -> Self { rounded(a.value + b.value, a.error + b.error) }

  static func - (a: Self, b: Self) -> Self { rounded(a.value - b.value, a.error + b.error) }

  static func * (a: Self, b: Self) -> Self {
    rounded(a.value * b.value, abs(a.value) * b.error + abs(b.value) * a.error + a.error * b.error)
  }

  /// A product with a number that is exact.
  static func * (factor: Double, b: Self) -> Self { rounded(factor * b.value, abs(factor) * b.error) }

  /// Σ a.
  static func sum(_ numbers: some Sequence<Self>) -> Self { numbers.reduce(Self(0), +) }

  /// Σ c a with exact c.
  static func sum(_ factors: [Double], times numbers: [Self]) -> Self {
    require(factors.count == numbers.count, "\(factors.count) factors for \(numbers.count) numbers")
    return factors.indices.reduce(Self(0)) { (sum: Self, i: Int) -> Self in sum + factors[i] * numbers[i] }
  }

  private static func rounded(_ value: Double, _ error: Double) -> Self {
    Self(value, error: error + 0x1p-53 * abs(value))
  }
}
