// Arithmetic on tracked numbers: what each operation inherits, and what it rounds.
//
//     x + y    ẋ + ẏ,   |x + y|                  x y     y ẋ + x ẏ,   |x y|
//     x / y    (ẋ − (x/y) ẏ) / y,   |x/y|         √x      ẋ / 2√x,   √x
//     exp x    eˣ ẋ,   2 eˣ                      log x   ẋ / x,   2 |log x|
//
// An exponential and a logarithm err by one unit in the last place, which is up to two units of rounding.
// Tests    OracleTests/TrackedNumberTests.swift
import Kernels
import Networks

extension TrackedNumber {
  /// What Float may lose below its smallest normal number, 2⁻¹²⁶, which many processors flush to zero: in units of 2⁻²⁴.
  static let smallest = 0x1p-102

  private static func flushed(_ value: Double) -> Double { value != 0 && abs(value) < 0x1p-100 ? smallest : 0 }

  /// A function of one number of the given slope.
  private func applied(_ value: Double, slope: Double, rounding: Double, _ operation: UInt64) -> Self {
    Self(
      value: value, inherited: abs(slope) * worst, deviation: deviation * slope, rounding: rounding,
      key: Self.key(operation, self, self))
  }

  static func + (x: Self, y: Self) -> Self {
    let value = x.value + y.value
    return Self(
      value: value, inherited: x.worst + y.worst, deviation: x.deviation + y.deviation, rounding: abs(value),
      key: key(1, x, y))
  }

  static func - (x: Self, y: Self) -> Self { x + -y }

  static prefix func - (x: Self) -> Self { x.scaledExactly(by: -1) }

  static func * (x: Self, y: Self) -> Self {
    let value = x.value * y.value
    return Self(
      value: value, inherited: abs(y.value) * x.worst + abs(x.value) * y.worst,
      deviation: x.deviation * y.value + y.deviation * x.value, rounding: abs(value) + flushed(value),
      key: key(2, x, y))
  }

  static func / (x: Self, y: Self) -> Self {
    let (value, size) = (x.value / y.value, abs(y.value))
    return Self(
      value: value, inherited: (x.worst + abs(value) * y.worst) / size,
      deviation: (x.deviation - y.deviation * value) / y.value, rounding: abs(value) + flushed(value),
      key: key(3, x, y))
  }

  /// The product with a power of two or with −1, which rounds nothing.
  func scaledExactly(by factor: Double) -> Self { applied(factor * value, slope: factor, rounding: 0, 4) }

  static func exp(_ x: Self) -> Self {
    let power = Double.exp(x.value)
    return x.applied(power, slope: power, rounding: 2 * power + (power < 0x1p-100 ? smallest : 0), 5)
  }

  static func log(_ x: Self) -> Self {
    let logarithm = Double.log(x.value)
    return x.applied(logarithm, slope: 1 / x.value, rounding: 2 * abs(logarithm), 6)
  }

  /// log(1 + eˣ), as accurate as x where it is small.
  static func softplus(_ x: Self) -> Self {
    let small = Double.exp(-abs(x.value))
    let sum = 1 + small
    let value = max(0, x.value) + (sum == 1 ? small : Double.log(sum) * (small / (sum - 1)))
    let slope = x.value > 0 ? 1 / sum : small / sum
    return x.applied(value, slope: slope, rounding: 4 * value + (value < 0x1p-100 ? smallest : 0), 7)
  }

  /// √x; exactly 0 at 0.
  var squareRoot: Self {
    let root = value.squareRoot()
    return applied(root, slope: root > 0 ? 1 / (2 * root) : 0, rounding: root, 8)
  }

  /// A sum in any order, of whose roundings the caller counts as many as there are terms.
  static func sum(_ terms: [Self]) -> Self {
    var (value, size, inherited, deviation, key) = (0.0, 0.0, 0.0, Lanes.zero, UInt64(9))
    for term in terms {
      value += term.value
      size += abs(term.value)
      inherited += term.worst
      deviation += term.deviation
      key = mixed(key) &+ term.key
    }
    return Self(
      value: value, inherited: inherited, deviation: deviation, rounding: terms.count > 1 ? size : 0, key: key)
  }

  /// A sum of products in any order, fused or not.
  static func dot(_ x: [Self], _ y: [Self]) -> Self {
    var (value, rounding, inherited, deviation, key) = (0.0, 0.0, 0.0, Lanes.zero, UInt64(10))
    for (a, b) in zip(x, y) {
      let product = a.value * b.value
      value += product
      rounding += abs(product) + flushed(product)
      inherited += abs(a.value) * b.worst + abs(b.value) * a.worst
      // Most factors are inputs, which have no errors.
      if a.worst != 0 { deviation += a.deviation * b.value }
      if b.worst != 0 { deviation += b.deviation * a.value }
      key = mixed(key) &+ Self.key(2, a, b)
    }
    return Self(value: value, inherited: inherited, deviation: deviation, rounding: rounding, key: key)
  }

  /// log Σ weight exp(x); at least one part must exist.
  static func logSumExp(_ parts: [(x: Self, weight: Self)]) -> Self {
    let shift = TrackedNumber(exact: parts.reduce(-Double.infinity) { max($0, $1.x.value) })
    return shift + log(sum(parts.map { $0.weight * exp($0.x - shift) }))
  }

  /// log Σ exp(x).
  static func logSumExp(_ parts: [Self]) -> Self { logSumExp(parts.map { ($0, TrackedNumber(exact: 1)) }) }
}
