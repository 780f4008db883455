// A number that carries the errors of all roundings on its way, to first order, in two ways.
//
// Operation k makes up to n roundings of at most u c_k each, n the terms of the longest sum; J_k is the derivative of the
// number by k's result.
//     worst       Σ_k |J_k| c_k by intervals: |J| is a sum over all ways from k to the number, so that errors never cancel
//     deviation   in each of 64 lanes Σ_k ± J_k c_k with random signs: the root mean square is σ = sqrt(Σ_k (J_k c_k)²)
// The error is at most n u worst. Independent roundings exceed λ √n u σ with a probability of 2 exp(−λ² / 2) at most, by
// Hoeffding; λ is 8 as in MonteCarloScale.swift, and as long as n is at most 64 even n roundings of one sign stay inside,
// for 8 √n ≥ n. The bound is the smaller of both: the first where few roundings meet, the second where many do, or where
// one error reaches a result by several ways and cancels there, as that of a row's log-sum-exp does.
// Tests    OracleTests/TrackedNumberTests.swift
import Kernels
import Networks

/// A value with the first-order errors of its roundings, in units of roundings.
struct TrackedNumber {
  /// A deviation for each of 64 choices of signs.
  typealias Lanes = SIMD64<Double>

  /// The number.
  let value: Double
  /// The sum of all errors, none of which cancels.
  let worst: Double
  /// The sum of all errors with the signs of each lane.
  let deviation: Lanes
  /// Names the computation: equal computations err equally, different ones independently.
  let key: UInt64

  /// A result whose own rounding is `rounding`, and the errors that it has inherited.
  init(value: Double, inherited: Double, deviation: Lanes, rounding: Double, key: UInt64) {
    let key = Self.mixed(key)
    self.value = value
    worst = inherited + rounding
    self.deviation = rounding == 0 ? deviation : deviation + Self.signs(key) * rounding
    self.key = key
  }

  /// A number that every precision holds; `place` tells inputs of one value apart.
  init(exact value: Double, place: Int = 0) {
    let key = Self.mixed(value.bitPattern &+ UInt64(truncatingIfNeeded: place) &* 0x9E37_79B9_7F4A_7C15)
    self.init(value: value, inherited: 0, deviation: .zero, rounding: 0, key: key)
  }

  /// A constant such as 0.1, which Float rounds.
  init(rounded value: Double) {
    self.init(value: value, inherited: 0, deviation: .zero, rounding: abs(value), key: value.bitPattern)
  }

  /// A result of nothing but one rounding.
  init(value: Double, rounding: Double) {
    self.init(value: value, inherited: 0, deviation: .zero, rounding: rounding, key: value.bitPattern &+ 1)
  }

  /// λ σ.
  private var likely: Double { MonteCarloScale.confidence * ((deviation * deviation).sum() / 64).squareRoot() }

  /// What the error is measured against, and how often: where no sum has more than n terms, min(n worst, √n λ σ) as ⌈√n⌉
  /// times a scale.
  static func scale(of numbers: [TrackedNumber], shape: [Int], longestSum n: Int) -> RoundingScale {
    let terms = Int(Double(max(1, n)).squareRoot().rounded(.up))
    let values = numbers.map { min(Double(n) / Double(terms) * $0.worst, $0.likely) }
    return RoundingScale(values: Tensor(shape: shape, values: values), terms: terms)
  }

  /// 64 signs from the bits of a key.
  private static func signs(_ key: UInt64) -> Lanes {
    var signs = Lanes.zero
    for lane in 0..<64 { signs[lane] = key >> UInt64(lane) & 1 == 0 ? 1 : -1 }
    return signs
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
    mixed(x.key &* 3 &+ operation) &+ y.key &* 5
  }
}
