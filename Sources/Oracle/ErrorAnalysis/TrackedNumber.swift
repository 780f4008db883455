// A number that carries the errors of all roundings on its way, to first order.
//
// Operation k makes up to n roundings of at most u c_k each, n the terms of the longest sum. What reaches the number of them is
// added up as TrackedErrors.swift says: the error is at most n u worst. Independent roundings exceed λ √n u σ with a
// probability of 2 exp(−λ² / 2) at most, by Hoeffding; λ is 8 as in MonteCarloScale.swift, and as long as n is at most 64 even
// n roundings of one sign stay inside, for 8 √n ≥ n. The bound is the smaller of both: the first where few roundings meet, the
// second where many do, or where one error reaches a result by several ways and cancels there, as that of a row's
// log-sum-exp does.
//
// Beside them go the errors that arise where the factors of a matrix product are rounded hard before it: by v |a| each, with
// one sign wherever the same number is a factor. They are counted in units of v.
// Tests    OracleTests/TrackedNumberTests.swift
import Kernels
import Networks

/// A value with the first-order errors of its roundings, in units of roundings.
struct TrackedNumber {
  /// The number.
  let value: Double
  /// The errors of every operation's rounding.
  let roundings: TrackedErrors
  /// The errors of rounded factors of matrix products.
  let factors: TrackedErrors
  /// Names the computation: equal computations err equally, different ones independently.
  let key: UInt64

  /// A result whose own rounding is `rounding`, and the errors that it has inherited.
  init(value: Double, roundings: TrackedErrors, factors: TrackedErrors, rounding: Double, key: UInt64) {
    self.value = value
    self.key = Self.mixed(key)
    self.factors = factors
    var all = roundings
    all.add(rounding, signs: self.key)
    self.roundings = all
  }

  /// A result of nothing but one rounding.
  private init(value: Double, rounding: Double, key: UInt64) {
    self.init(value: value, roundings: .none, factors: .none, rounding: rounding, key: key)
  }

  /// A number that every precision holds; `place` tells inputs of one value apart.
  init(exact value: Double, index: Int = 0) {
    let key = Self.mixed(value.bitPattern &+ UInt64(truncatingIfNeeded: index) &* 0x9E37_79B9_7F4A_7C15)
    self.init(value: value, rounding: 0, key: key)
  }

  /// A constant such as 0.1, which Float rounds.
  init(rounded value: Double) { self.init(value: value, rounding: abs(value), key: value.bitPattern) }

  /// A result of nothing but one rounding.
  init(value: Double, rounding: Double) {
    self.init(value: value, rounding: rounding, key: value.bitPattern &+ 1)
  }

  /// What the error is measured against, and how often: where no sum has more than n terms, min(n worst, √n λ σ) as ⌈√n⌉
  /// times a scale; of the rounded factors min(worst, λ σ), once.
  static func scale(of numbers: [TrackedNumber], shape: [Int], longestSum n: Int) -> RoundingScale {
    let terms = Int(Double(max(1, n)).squareRoot().rounded(.up))
    let values = numbers.map { min(Double(n) / Double(terms) * $0.roundings.worst, $0.roundings.likely) }
    let factors = numbers.map { min($0.factors.worst, $0.factors.likely) }
    return RoundingScale(
      values: Tensor(shape: shape, values: values), terms: terms, factors: Tensor(shape: shape, values: factors))
  }

  /// SplitMix64's finaliser.
  static func mixed(_ key: UInt64) -> UInt64 {
    var z = key &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// The key of an operation on two numbers, in this order.
  static func key(_ operation: UInt64, _ x: TrackedNumber, _ y: TrackedNumber) -> UInt64 {
    key(operation, x.key, y.key)
  }

  /// The same of the numbers' own keys.
  static func key(_ operation: UInt64, _ x: UInt64, _ y: UInt64) -> UInt64 { mixed(x &* 3 &+ operation) &+ y &* 5 }
}
