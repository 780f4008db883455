// Sums of all terms but one, for every one of them in turn: 3 n additions instead of n².
//
//     S_i = Σ_{k<i} x_k + Σ_{k>i} x_k     both parts added up once, one from either end
//
// Nothing is subtracted. Where x_i is far larger than all others their sum keeps its digits, and the errors that it
// carries are theirs alone.
// Tests    OracleTests/TrackedSumsOfOthersTests.swift
import Kernels

/// What terms bring into a sum, without the roundings of the sum itself.
private struct PartialSum {
  var value = 0.0
  /// Σ |x|.
  var size = 0.0
  var roundings = TrackedErrors.none
  var factors = TrackedErrors.none

  mutating func add(_ term: TrackedNumber) {
    value += term.value
    size += abs(term.value)
    roundings.add(term.roundings, times: 1)
    factors.add(term.factors, times: 1)
  }

  mutating func add(_ other: PartialSum) {
    value += other.value
    size += other.size
    roundings.add(other.roundings, times: 1)
    factors.add(other.factors, times: 1)
  }
}

extension TrackedNumber {
  /// For each of the first `count` terms the sum of all others, in any order; `stays[i]`, if there are any, takes
  /// term i's place.
  ///
  /// Each is a sum as ``sum(_:)`` has it, with a rounding of its own of the size of its terms.
  static func sumsOfOthers(_ terms: [Self], count: Int, stays: [Self] = []) -> [Self] {
    require(count <= terms.count && (stays.isEmpty || stays.count >= count), "as many terms as sums of others")
    guard count > 0 else { return [] }
    var after = [PartialSum](repeating: PartialSum(), count: count)
    var rest = PartialSum()
    for i in terms.indices.reversed() {
      if i < count { after[i] = rest }
      rest.add(terms[i])
    }
    let whole = terms.reduce(UInt64(12)) { mixed($0) &+ $1.key }
    var before = PartialSum()
    return (0..<count).map { i in
      var sum = before
      sum.add(after[i])
      if !stays.isEmpty { sum.add(stays[i]) }
      before.add(terms[i])
      let others = terms.count - (stays.isEmpty ? 1 : 0)
      return TrackedNumber(
        value: sum.value, roundings: sum.roundings, factors: sum.factors, rounding: others > 1 ? sum.size : 0,
        key: mixed(whole) &+ terms[i].key &* 5)
    }
  }
}
