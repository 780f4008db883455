// Σ_k e^{x + y_k} over all y, or over all but one, for many x: n² terms, none of which is formed.
//
// With M the largest y, w_k = e^{y_k − M}, d_k = M − y_k and g = |x + M|, term k is v_k = e^{x + M} w_k. A program
// that forms it by itself, as e to the power of a sum, hands on v_k (ẋ + ẏ_k) and rounds twice: by v_k |x + y_k| ≤
// v_k (g + d_k) in the sum, by 2 v_k in the exponential. Over all k, with S = Σ w_k:
//
//     inherited   e^{x+M} (S ẋ + Σ w_k ẏ_k)
//     worst       e^{x+M} (g S + Σ w_k d_k + 2 S)
//     variance    e^{2(x+M)} (g² Σ w_k² + 2 g Σ w_k² d_k + Σ w_k² d_k² + 4 Σ w_k²)
//
// No term of the last two is negative, so none cancels; g + d_k is |x + y_k| itself wherever x + M ≤ 0. The roundings
// of the terms are independent of each other and of all else, and reach whatever follows by one way, the sum. So one
// random sign on the root of their sum of squares has the variance of a sign for each, and Hoeffding's inequality,
// which asks for no more than the sum of squares, bounds both alike. The sum of all k rounds by S e^{x+M} besides, as
// often as it has terms.
// Tests    OracleTests/TrackedSumsOfPowersTests.swift
import Kernels

/// Sums of e to the power of x + y over many y.
struct SumsOfPowers {
  private let all: RelativePowers
  /// Where the largest y is, and the sums without it: relative to it the others might vanish.
  private let largest: Int
  private let withoutLargest: RelativePowers

  /// Sums over `exponents`, of which there are at least two.
  init(_ exponents: [TrackedNumber]) {
    require(exponents.count > 1, "sums of others need two numbers")
    let largest = exponents.indices.max { exponents[$0].value < exponents[$1].value } ?? 0
    var others = exponents
    others.remove(at: largest)
    self.largest = largest
    all = RelativePowers(exponents, withoutEach: true)
    withoutLargest = RelativePowers(others, withoutEach: false)
  }

  /// Σ_k e^{x + y_k} over all k, or over all but `place`.
  func times(_ x: TrackedNumber, except place: Int? = nil) -> TrackedNumber {
    place == largest ? withoutLargest.times(x, except: nil) : all.times(x, except: place)
  }
}

/// The powers w of numbers relative to the largest of them, and their sums.
private struct RelativePowers {
  /// Σ w with the errors Σ w ẏ and the sum's own, and (Σ w d, Σ w², Σ w² d, Σ w² d²).
  typealias Sums = (powers: TrackedNumber, moments: SIMD4<Double>)
  private let whole: Sums
  private let others: [Sums]
  private let count: Int
  private let largest: Double
  private let smallest: Double

  init(_ y: [TrackedNumber], withoutEach: Bool) {
    let largest = y.reduce(-Double.infinity) { max($0, $1.value) }
    let powers = y.map { y in
      let w = Double.exp(y.value - largest)
      return TrackedNumber(
        value: w, roundings: y.roundings.scaled(by: w), factors: y.factors.scaled(by: w), rounding: 0,
        key: TrackedNumber.key(13, y, y))
    }
    let moments = zip(y, powers).map { y, power in
      let (w, d) = (power.value, largest - y.value)
      return w == 0 ? SIMD4<Double>.zero : SIMD4(w * d, w * w, w * w * d, w * w * d * d)
    }
    whole = (TrackedNumber.sum(powers), moments.reduce(.zero, +))
    others = withoutEach ? Self.others(powers, moments) : []
    (self.largest, count) = (largest, y.count)
    smallest = powers.reduce(1) { min($0, $1.value) }
  }

  private static func others(_ powers: [TrackedNumber], _ moments: [SIMD4<Double>]) -> [Sums] {
    var (before, after) = (SIMD4<Double>.zero, moments)
    var rest = SIMD4<Double>.zero
    for i in moments.indices.reversed() {
      after[i] = rest
      rest += moments[i]
    }
    return TrackedNumber.sumsOfOthers(powers, count: powers.count).enumerated().map { i, sum in
      defer { before += moments[i] }
      return (sum, before + after[i])
    }
  }

  func times(_ x: TrackedNumber, except place: Int?) -> TrackedNumber {
    let (powers, moments) = place.map { others[$0] } ?? whole
    let terms = Double(place == nil ? count : count - 1)
    let (scale, g) = (Double.exp(x.value + largest), abs(x.value + largest))
    let value = scale * powers.value
    var (roundings, factors) = (powers.roundings.scaled(by: scale), powers.factors.scaled(by: scale))
    roundings.add(x.roundings, times: value)
    factors.add(x.factors, times: value)
    // What terms below the smallest normal number may lose there, counted for all of them if for any.
    let lost = scale * smallest < 0x1p-100 ? TrackedNumber.smallest : 0
    let sizes = scale * (g * powers.value + moments[0] + 2 * powers.value)
    // Not g² alone: it may be infinite where the scale is 0.
    let (first, second) = (scale * g, scale * scale)
    let ownSquares = (first * first + 4 * second) * moments[1] + 2 * first * scale * moments[2] + second * moments[3]
    let squares = ownSquares + terms * lost * lost
    let key = TrackedNumber.key(14, x, powers)
    roundings.add(
      worst: sizes + terms * lost, deviation: squares.squareRoot(), signs: TrackedNumber.mixed(key))
    return TrackedNumber(value: value, roundings: roundings, factors: factors, rounding: 0, key: key)
  }
}
