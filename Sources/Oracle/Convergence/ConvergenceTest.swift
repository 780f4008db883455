// Do m runs come from the distribution that n stored runs come from? Many numbers at once, calibrated on the stored runs.
//
// Training is chaotic, so two correct programs have no run in common, but their runs have one distribution. Of every number x
// (a term in an epoch), with the means over the m runs and over the n stored ones, and s the stored ones' standard deviation,
//
//     t = (mean of m − mean of n) / (s √(1/m + 1/n)),    T = max |t| over all numbers
//
// The numbers depend on each other in ways that nobody knows, so no table says how large T may be. The stored runs do: any m of
// them are set beside the n − m others. T of a correct program's runs should be no larger than the largest α of these. The
// comparison with n − m runs spreads a little more than that with n, which errs on the side of the program. Numbers with |t|
// above the critical T are out (max-t procedure: Westfall and Young, "Resampling-Based Multiple Testing", 1993).
// The runs that are judged take no part in the calibration: one that is far off cannot hide itself.
// Tests    OracleTests/ConvergenceTestTests.swift
import Kernels

/// The test of m runs beside n others.
package struct ConvergenceTest: Sendable, Equatable {
  /// α: how often, at most, m of the stored runs would be called different.
  package static let level = 0.05
  /// If there are more choices of m stored runs than this, so many are drawn at random.
  static let choices = 2000

  /// t of every number; infinite where all others agree and these do not.
  package let statistics: [Double]
  /// A number with |t| above this is out.
  package let critical: Double
  /// The share of choices whose T is not below that of the runs; the runs count as one more choice.
  package let pValue: Double
  /// How many choices were looked at.
  package let choiceCount: Int

  /// The number of stored runs without which no single run could be out: α n ≥ 1.
  package static var smallestCount: Int { Int((1 / level).rounded(.up)) }

  /// Tests `runs` beside `others`; every run has the same numbers in the same order.
  init(_ runs: [[Double]], beside others: [[Double]]) {
    require(!runs.isEmpty && others.count > 2, "\(runs.count) runs beside \(others.count) cannot be tested")
    statistics = Pool(runs + others).statistics(of: Array(runs.indices))
    let stored = Pool(others)
    // Of more runs than half of the stored ones T spreads less than of the half.
    let choices = Self.choices(of: min(runs.count, others.count / 2), among: others.count)
    let maxima = choices.map { Self.largest(stored.statistics(of: $0)) }.sorted(by: >)
    let largest = Self.largest(statistics)
    choiceCount = choices.count
    let rank = Int(Self.level * Double(choiceCount))
    critical = rank > 0 ? maxima[rank - 1] : .infinity
    pValue = Double(1 + maxima.count { $0 >= largest }) / Double(choiceCount + 1)
  }

  /// Whether every number is inside.
  package var passed: Bool { statistics.allSatisfy { abs($0) <= critical } }

  private static func largest(_ statistics: [Double]) -> Double { statistics.reduce(0) { max($0, abs($1)) } }

  /// All choices of `size` among 0..<`count`, or as many as are looked at.
  private static func choices(of size: Int, among count: Int) -> [[Int]] {
    var number = 1
    for k in 1...size where number <= choices { number = number * (count - size + k) / k }
    if number > choices {
      var stream = RandomStream(seed: 0, purpose: .test)
      return (0..<choices).map { _ in Array(stream.permutation(of: count).prefix(size)) }
    }
    var (choice, all) = (Array(0..<size), [Array(0..<size)])
    // The next one in alphabetical order: the last place that can grow does, and those after it follow it closely.
    while let place = (0..<size).last(where: { choice[$0] < count - size + $0 }) {
      let first = choice[place] + 1
      for p in place..<size { choice[p] = first + p - place }
      all.append(choice)
    }
    return all
  }

  /// Runs of which some are set beside the others again and again.
  private struct Pool {
    let rows: [[Double]]
    let sums: [Double]
    let squares: [Double]
    var count: Int { rows.count }

    init(_ runs: [[Double]]) {
      let numbers = runs[0].indices
      // Centred, so that sums of squares keep their digits.
      let means = numbers.map { j in runs.reduce(0) { $0 + $1[j] } / Double(runs.count) }
      let rows = runs.map { run in numbers.map { run[$0] - means[$0] } }
      self.rows = rows
      sums = numbers.map { j in rows.reduce(0) { $0 + $1[j] } }
      squares = numbers.map { j in rows.reduce(0) { $0 + $1[j] * $1[j] } }
    }

    func statistics(of choice: [Int]) -> [Double] {
      let (m, n) = (Double(choice.count), Double(count - choice.count))
      let scale = (1 / m + 1 / n).squareRoot()
      return sums.indices.map { j in
        var (sum, square) = (0.0, 0.0)
        for i in choice {
          sum += rows[i][j]
          square += rows[i][j] * rows[i][j]
        }
        let mean = (sums[j] - sum) / n
        let difference = sum / m - mean
        let variance = (squares[j] - square - n * mean * mean) / (n - 1)
        // Below the roundings of these sums there is no spread.
        guard variance > 1e-12 * squares[j] / (m + n) else {
          return difference * difference <= 1e-12 * squares[j] ? 0 : difference > 0 ? .infinity : -.infinity
        }
        return difference / (variance.squareRoot() * scale)
      }
    }
  }
}
