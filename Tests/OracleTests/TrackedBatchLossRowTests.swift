import Kernels
import Networks
import Testing

@testable import Oracle

/// One row's batch loss by both ways: its sums of all but one formed term by term, and all at once.
@Suite("Tracked rows of the batch loss")
struct TrackedBatchLossRowTests {
  typealias Row = (loss: TrackedNumber, gradient: [TrackedNumber])

  /// Similarities of a query with n rows, on their way from products as those of a batch are; with other `signs`,
  /// other lanes.
  private static func similarities(_ n: Int, spread: Double, signs: Int = 0) -> [TrackedNumber] {
    var stream = RandomStream(seed: UInt32(spread * 10), purpose: .test)
    func row(_ index: Int) -> [TrackedNumber] {
      (0..<4).map { TrackedNumber(exact: Double(Float(stream.normal())), index: 4 * index + $0 + signs) }
    }
    let (query, temperature) = (row(n), TrackedNumber(rounded: 1 / spread))
    return (0..<n).map { TrackedNumber.dot(query, row($0), rounding: .ofMatrices) / temperature }
  }

  /// A row of n rows as the released program has it, or an original's of the paper's.
  private static func row(_ n: Int, weight: Double, isPaper: Bool) -> TrackedBatchLossRow {
    TrackedBatchLossRow(
      positive: isPaper ? nil : n / 2, negatives: (1..<n).filter { isPaper || $0 != n / 2 },
      denominatorOnly: isPaper ? [0] : [], weight: TrackedNumber(rounded: weight))
  }

  private static func scales(_ row: Row, longestSum n: Int) -> [Double] {
    TrackedNumber.scale(of: [row.loss] + row.gradient, shape: [1 + row.gradient.count], longestSum: n).values.values
  }

  /// The root mean square of the logarithms of quotients.
  private static func distance(_ a: [Double], _ b: [Double]) -> Double {
    let logarithms = zip(a, b).filter { $0 > 0 && $1 > 0 }.map { Double.log($0 / $1) }
    return (logarithms.reduce(0) { $0 + $1 * $1 } / Double(logarithms.count)).squareRoot()
  }

  // Values and worst cases agree to rounding. Standard deviations are those of 64 random signs: both ways differ by
  // no more than one way does from itself with other signs, 9 % for each of the two. A row's elements share errors,
  // and with them the luck of the draw.
  @Test(arguments: [8, 24, 64], [(1.0, false), (2, false), (1, true)])
  func invariantBothWaysAgree(n: Int, kind: (weight: Double, isPaper: Bool)) {
    let row = Self.row(n, weight: kind.weight, isPaper: kind.isPaper)
    var (found, expected, again): ([Double], [Double], [Double]) = ([], [], [])
    for spread in [0.1, 3, 100] {
      let s = Self.similarities(n, spread: spread)
      let (atOnce, one) = (row.evaluate(s, termByTermUpTo: 1), row.evaluate(s, termByTermUpTo: n))
      for (found, right) in zip([atOnce.loss] + atOnce.gradient, [one.loss] + one.gradient) {
        #expect(abs(found.value - right.value) <= 1e-13 * right.roundings.worst)
        // Where powers leave Float's range, what they may lose there is counted for all terms if for any.
        let lost = Double(n) * TrackedNumber.smallest
        #expect(found.roundings.worst >= right.roundings.worst * (1 - 1e-12))
        #expect(found.roundings.worst <= right.roundings.worst * (1 + 1e-12) + lost)
        #expect(abs(found.factors.worst - right.factors.worst) <= 1e-12 * right.factors.worst + 1e-300)
      }
      let other = row.evaluate(Self.similarities(n, spread: spread, signs: 1 << 20), termByTermUpTo: n)
      found += Self.scales(atOnce, longestSum: n)
      expected += Self.scales(one, longestSum: n)
      again += Self.scales(other, longestSum: n)
    }
    let ratios = zip(found, expected).map { $1 > 0 ? $0 / $1 : 1 }
    let mean = ratios.reduce(0, +) / Double(ratios.count)
    #expect(abs(mean - 1) < 0.1, "\(mean)")
    #expect(ratios.allSatisfy { 0.7 < $0 && $0 < 1.5 }, "\(ratios.min() ?? 0) to \(ratios.max() ?? 0)")
    let (ways, signs) = (Self.distance(found, expected), Self.distance(again, expected))
    #expect(ways <= 1.5 * signs && signs < 0.15, "\(ways) of the ways, \(signs) of the signs")
  }

  // Rows that are all alike, one that dwarfs the others, and two that are equally far ahead: no sum of others vanishes.
  @Test(arguments: [[0.0, 0, 0, 0, 0], [0, 900, 1, 2, 3], [0, 900, 900, 2, 3], [0, 1, 2, 900, 3]])
  func workedExampleOfLargeDifferences(values: [Double]) {
    let s = values.enumerated().map { TrackedNumber(value: $1, rounding: 1e-3 * Double($0)) }
    let row = TrackedBatchLossRow(
      positive: 3, negatives: [1, 2, 4], denominatorOnly: [], weight: TrackedNumber(rounded: 1))
    let (atOnce, one) = (row.evaluate(s, termByTermUpTo: 1), row.evaluate(s))
    for (found, right) in zip([atOnce.loss] + atOnce.gradient, [one.loss] + one.gradient) {
      #expect(found.value.isFinite && abs(found.value - right.value) <= 1e-13 * right.roundings.worst)
      #expect(found.roundings.worst >= right.roundings.worst * (1 - 1e-12))
      #expect(found.roundings.worst <= right.roundings.worst * (1 + 1e-12) + 5 * TrackedNumber.smallest)
    }
  }
}

/// Batches of more rows than any case of the corpus has.
@Suite("Bounds of long batches")
struct LongBatchTests {
  // 68 rows, of which 66 are negatives: this package's Float answer stays inside, and one part in ten thousand is
  // outside.
  @Test func invariantFloatStaysInside() throws {
    var stream = RandomStream(seed: 21, purpose: .test)
    let rows = (0..<68).map { _ in (0..<3).map { _ in Double(Float(stream.normal() / 2)) } }
    let prompt = Prompt(operation: "batch-loss", inputs: ["rows": .rows(rows)])
    let single = try PackageBackend(Float.self).answer(prompt)
    #expect(try reportOnAnswers(to: prompt, .float32) { $0 = single }.verdict == .ok)
    for name in ["loss", "rows.gradient"] {
      let report = try reportOnAnswers(to: prompt, .float32) { $0[name] = $0[name]?.changed { $0 * 1.0001 } }
      #expect(report.verdict == .fail, "\(name)")
    }
  }
}
