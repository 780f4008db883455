// Numbers that carry the error of the roundings behind them, and how near such numbers come to what they are compared with.
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

/// The comparisons of one prompt with numbers that programs round on their way, by kind.
struct Comparisons {
  private var met: [String: [(distance: Double, scale: Double)]] = [:]

  /// A comparison: how far apart the two are, and what a rounding unit u moves them by, over u.
  ///
  /// What is equal is left out: equal numbers round equally.
  mutating func add(_ name: String, _ distance: Double, scale: Double) {
    met[name, default: []].append((distance, scale))
  }

  mutating func add(_ others: Self) { met.merge(others.met) { $0 + $1 } }

  /// A number in [0, 1) that is compared with a probability; one of 0 or 1 decides nothing.
  ///
  /// Words over 2²⁴ are exact in Float.
  mutating func add(_ u: Double, probability: Double) {
    guard 0 < probability && probability < 1 else { return }
    add("probability", abs(u - probability), scale: probability)
  }

  /// A number that is cut to a whole one.
  mutating func add(whole number: RunningError) {
    add("place", abs(number.value - number.value.rounded()), scale: number.scale)
  }

  /// u times a whole number, cut to a whole one.
  mutating func add(_ u: Double, below bound: Int) {
    if bound > 1 { add(whole: RunningError(exact: u) * RunningError(exact: Double(bound))) }
  }

  /// The smallest distance of each kind.
  var margins: [String: Double] { met.compactMapValues { $0.map(\.distance).min() } }

  /// The roundings of each kind, as ``OracleOperation/marginRoundings(_:)`` tells them of the smallest distance: that one lies within
  /// them exactly if any distance lies within its own.
  var roundings: [String: Double] {
    met.compactMapValues { all in
      guard let nearest = all.map(\.distance).filter({ $0 > 0 }).min() else { return nil }
      return all.filter { $0.distance > 0 }.map { $0.scale * (nearest / $0.distance) }.max()
    }
  }
}
