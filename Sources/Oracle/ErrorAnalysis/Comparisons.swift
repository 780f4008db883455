// How near numbers that programs round come to what they are compared with: each other, a probability, a half or a whole number.
//
// An exact tie falls by a rule, in every program alike: it is no near one, and it hides none.
// Tests    OracleTests/ComparisonsTests.swift
import Networks

/// The smallest of some margins; exact ties, 0, count where there is nothing else, and without any there is no limit.
func smallestMargin(_ margins: [Double]) -> Double {
  margins.filter { $0 > 0 }.min() ?? (margins.isEmpty ? .infinity : 0)
}

/// The comparisons of one prompt with numbers that programs round on their way, by kind.
struct Comparisons {
  private var met: [String: [(distance: Double, scale: Double)]] = [:]

  /// A comparison: how far apart the two are, and what a rounding unit u moves them by, over u.
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
  var margins: [String: Double] { met.mapValues { smallestMargin($0.map(\.distance)) } }

  /// The roundings of each kind, as ``OracleOperation/marginRoundings(_:)`` tells them of the smallest distance: that one lies within
  /// them exactly if any distance lies within its own.
  var roundings: [String: Double] {
    met.compactMapValues { all in
      guard let nearest = all.map(\.distance).filter({ $0 > 0 }).min() else { return nil }
      return all.filter { $0.distance > 0 }.map { $0.scale * (nearest / $0.distance) }.max()
    }
  }
}

/// The smallest gap between neighbours among the `first` of sorted numbers and the one after them.
///
/// Equal numbers have none, unless there are no others. Where `isExact` says that it is by rounding alone that two of them, given by
/// their places, are equal, they are as near as numbers can be.
func smallestGap(_ sorted: [Double], first: Int, isExact: (Int, Int) -> Bool = { _, _ in true }) -> Double {
  smallestMargin(
    (0..<max(0, min(first, sorted.count - 1))).map { i in
      let gap = abs(sorted[i + 1] - sorted[i])
      return gap == 0 && !isExact(i, i + 1) ? .leastNonzeroMagnitude : gap
    })
}

/// The smallest gap among the `count` largest products of a query with some rows and the next.
///
/// Products are equal in every program if the rows are, or if neither is a sum of more than one number.
func neighbourGap(
  _ query: ArraySlice<Double>, _ products: [(row: Int, product: Double)], of rows: Tensor<Double>, count: Int
) -> Double {
  let sorted = products.sorted { $0.product > $1.product }
  func isOneTerm(_ row: ArraySlice<Double>) -> Bool { zip(query, row).count { $0 * $1 != 0 } <= 1 }
  return smallestGap(sorted.map(\.product), first: count) { i, j in
    let (a, b) = (rows.row(sorted[i].row), rows.row(sorted[j].row))
    return a == b || isOneTerm(a) && isOneTerm(b)
  }
}
