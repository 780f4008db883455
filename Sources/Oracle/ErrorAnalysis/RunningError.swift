// Numbers that carry the error of the roundings behind them.
// Tests    OracleTests/RunningErrorTests.swift
import Kernels

/// A value with the scale of its error: after x ± y the scales add to |z|, after x y they are weighted by the other factor.
struct RunningError {
  let value: Double
  let scale: Double

  init(value: Double, scale: Double) { (self.value, self.scale) = (value, scale) }
  /// A number that every precision holds.
  init(exact value: Double) { self.init(value: value, scale: 0) }
  /// A constant such as 0.9, which Float rounds.
  init(rounded value: Double) { self.init(value: value, scale: abs(value)) }

  static func + (x: Self, y: Self) -> Self {
    Self(value: x.value + y.value, scale: x.scale + y.scale + abs(x.value + y.value))
  }

  static func * (x: Self, y: Self) -> Self {
    let product = x.value * y.value
    return Self(value: product, scale: abs(x.value) * y.scale + abs(y.value) * x.scale + abs(product))
  }

  static prefix func - (x: Self) -> Self { Self(value: -x.value, scale: x.scale) }

  /// least + (largest − least) u, u a random word.
  static func uniform(_ least: Self, _ largest: Self, _ u: Double) -> Self {
    least + (largest + -least) * Self(exact: u)
  }

  /// A quotient; the divisor is far from 0.
  static func / (x: Self, y: Self) -> Self {
    let quotient = x.value / y.value
    return Self(value: quotient, scale: (x.scale + abs(quotient) * y.scale) / abs(y.value) + abs(quotient))
  }

  /// ln x of a constant that rounds; the function itself by a unit in the last place, which is two roundings.
  static func logarithm(of x: Double) -> Self { Self(value: Double.log(x), scale: 1 + 2 * abs(Double.log(x))) }

  /// e to this, likewise.
  var exponential: Self {
    let value = Double.exp(value)
    return Self(value: value, scale: value * (scale + 2))
  }

  /// The root of a positive number.
  var squareRoot: Self {
    let root = value.squareRoot()
    return Self(value: root, scale: scale / (2 * root) + root)
  }
}
