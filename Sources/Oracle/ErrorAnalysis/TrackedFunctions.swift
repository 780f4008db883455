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

  /// A function of two numbers of the given slopes.
  private static func applied(
    _ value: Double, _ x: Self, slope: Double, _ y: Self, slope other: Double, rounding: Double, _ operation: UInt64
  ) -> Self {
    var (roundings, factors) = (x.roundings.scaled(by: slope), x.factors.scaled(by: slope))
    roundings.add(y.roundings, times: other)
    factors.add(y.factors, times: other)
    return Self(value: value, roundings: roundings, factors: factors, rounding: rounding, key: key(operation, x, y))
  }

  /// A function of one number of the given slope.
  private func applied(_ value: Double, slope: Double, rounding: Double, _ operation: UInt64) -> Self {
    Self(
      value: value, roundings: roundings.scaled(by: slope), factors: factors.scaled(by: slope), rounding: rounding,
      key: Self.key(operation, self, self))
  }

  static func + (x: Self, y: Self) -> Self {
    let value = x.value + y.value
    return applied(value, x, slope: 1, y, slope: 1, rounding: abs(value), 1)
  }

  static func - (x: Self, y: Self) -> Self { x + -y }

  static prefix func - (x: Self) -> Self { x.scaledExactly(by: -1) }

  static func * (x: Self, y: Self) -> Self {
    let value = x.value * y.value
    return applied(value, x, slope: y.value, y, slope: x.value, rounding: abs(value) + flushed(value), 2)
  }

  static func / (x: Self, y: Self) -> Self {
    let value = x.value / y.value
    var (roundings, factors) = (x.roundings, x.factors)
    roundings.add(y.roundings, times: -value)
    factors.add(y.factors, times: -value)
    return Self(
      value: value, roundings: roundings.divided(by: y.value), factors: factors.divided(by: y.value),
      rounding: abs(value) + flushed(value), key: key(3, x, y))
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
    var (value, size, key) = (0.0, 0.0, UInt64(9))
    var (roundings, factors) = (TrackedErrors.none, TrackedErrors.none)
    // By place: a kilobyte that is named is a kilobyte copied.
    for i in terms.indices {
      value += terms[i].value
      size += abs(terms[i].value)
      roundings.add(terms[i].roundings, times: 1)
      factors.add(terms[i].factors, times: 1)
      key = mixed(key) &+ terms[i].key
    }
    return Self(
      value: value, roundings: roundings, factors: factors, rounding: terms.count > 1 ? size : 0, key: key)
  }

  /// The number as 16 bits hold it: an error of v of its size, counted like those of factors.
  var stored: Self {
    var factors = factors
    factors.add(abs(value), signs: Self.mixed(key &+ 17))
    return Self(value: value, roundings: roundings, factors: factors, rounding: 0, key: key)
  }

  /// A sum of products in any order, fused or not.
  ///
  /// An element of a matrix product has other roundings than ``ProductRounding/none``.
  static func dot(_ x: [Self], _ y: [Self], rounding hard: ProductRounding = .none) -> Self {
    var (value, rounding, key) = (0.0, 0.0, UInt64(10))
    var (roundings, factors) = (TrackedErrors.none, TrackedErrors.none)
    for i in 0..<min(x.count, y.count) {
      let (first, second) = (x[i].value, y[i].value)
      let product = first * second
      value += product
      rounding += abs(product) + flushed(product)
      roundings.worst += abs(second) * x[i].roundings.worst + abs(first) * y[i].roundings.worst
      factors.worst += abs(second) * x[i].factors.worst + abs(first) * y[i].factors.worst
      // Most factors are inputs, which have no errors.
      if x[i].roundings.worst != 0 { roundings.deviation.add(x[i].roundings.deviation, times: second) }
      if y[i].roundings.worst != 0 { roundings.deviation.add(y[i].roundings.deviation, times: first) }
      if x[i].factors.worst != 0 { factors.deviation.add(x[i].factors.deviation, times: second) }
      if y[i].factors.worst != 0 { factors.deviation.add(y[i].factors.deviation, times: first) }
      if hard.factors {
        // a (1 ± v) b: one sign wherever a is a factor.
        factors.add(abs(product), signs: mixed(x[i].key &+ 11), negated: product < 0)
        factors.add(abs(product), signs: mixed(y[i].key &+ 11), negated: product < 0)
      }
      key = mixed(key) &+ Self.key(2, x[i].key, y[i].key)
    }
    if hard.result { factors.add(abs(value), signs: mixed(key &+ 13)) }
    return Self(value: value, roundings: roundings, factors: factors, rounding: rounding, key: key)
  }

  /// log Σ weight exp(x); at least one part must exist.
  static func logSumExp(_ parts: [(x: Self, weight: Self)]) -> Self {
    let shift = TrackedNumber(exact: parts.reduce(-Double.infinity) { max($0, $1.x.value) })
    return shift + log(sum(parts.map { $0.weight * exp($0.x - shift) }))
  }

  /// log Σ exp(x).
  static func logSumExp(_ parts: [Self]) -> Self { logSumExp(parts.map { ($0, TrackedNumber(exact: 1)) }) }
}
