import TestSupport
import Testing

@testable import Oracle

@Suite("The test of runs")
struct ConvergenceTestTests {
  /// Runs of numbers that depend on each other: sums of uniform ones.
  private func runs(_ count: Int, numbers: Int = 6, seed: UInt64) -> [[Double]] {
    var generator = SplitMix(state: seed)
    return (0..<count).map { _ in
      var sum = 0.0
      return (0..<numbers).map { _ in
        sum += Double.random(in: -1...1, using: &generator)
        return sum
      }
    }
  }

  // By hand, one run of 8 beside 0, 2 and 4: mean 2, s = 2, t = 6 / (2 √(4/3)). Of the stored ones 0 beside 2 and 4 has
  // t = −3 / (√2 √1.5), 2 has 0, and 4 has 3 / (√2 √1.5).
  @Test func workedExampleOfOneRun() {
    let test = ConvergenceTest([[8]], beside: [[0], [2], [4]])
    #expect(abs(test.statistics[0] - 3 * 0.75.squareRoot()) < 1e-12)
    #expect(test.choiceCount == 3 && test.pValue == 0.25 && test.critical == .infinity && test.passed)
    // t = 1.5 / (2 √(4/3)) is below two of three.
    let nearer = ConvergenceTest([[3.5]], beside: [[0], [2], [4]])
    #expect(abs(nearer.statistics[0] - 0.75 * 0.75.squareRoot()) < 1e-12 && nearer.pValue == 0.75)
  }

  // Of twenty stored runs 0, 1, …, 19 the last is the farthest from the others, as far as the first: mean 9, s² = 30 or so.
  @Test func workedExampleOfTheCriticalStatistic() {
    let others = (0..<20).map { [Double($0)] }
    let squares = (0..<19).reduce(0.0) { $0 + (Double($1) - 9) * (Double($1) - 9) }
    let critical = 10 / ((squares / 18) * (1 + 1 / 19.0)).squareRoot()
    for (value, passes) in [(19.5, true), (22.5, false), (-3.5, false)] {
      let test = ConvergenceTest([[value]], beside: others)
      #expect(abs(test.critical - critical) < 1e-12 && test.passed == passes, "\(value): \(test)")
      #expect(test.pValue == (passes ? 3 : 1) / 21.0)
    }
  }

  // 15 stored runs at 0 and 1, two of 4 and 6: mean 5 beside 7/15, t = (5 − 7/15) / (s √(1/2 + 1/15)).
  @Test func workedExampleOfTwoRuns() {
    let others = (0..<15).map { [Double($0 % 2)] }
    let variance = 7 * 8 / 15.0 / 14
    let test = ConvergenceTest([[4], [6]], beside: others)
    #expect(abs(test.statistics[0] - (5 - 7 / 15.0) / (variance * (1 / 2.0 + 1 / 15.0)).squareRoot()) < 1e-11)
    #expect(test.choiceCount == 105 && test.pValue == 1 / 106.0 && !test.passed)
  }

  @Test func invariantEveryChoiceOnceOrAsManyAsAreLookedAt() {
    let pool = runs(45, numbers: 2, seed: 4)
    for (count, choices) in [(1, 20), (2, 190), (3, 1140), (4, 2000), (5, 2000), (25, 2000)] {
      let test = ConvergenceTest(Array(pool.prefix(count)), beside: Array(pool[25...]))
      #expect(test.choiceCount == choices, "\(count)")
    }
    #expect(ConvergenceTest.smallestCount == 20)
  }

  // The critical T of two runs is reached by 9 of the 190 pairs of stored runs, as they stand beside the other 18.
  @Test func invariantTheCriticalStatisticIsThatOfTheStoredRuns() {
    let pool = runs(20, seed: 3)
    let critical = ConvergenceTest(Array(runs(2, seed: 9)), beside: pool).critical
    var beyond = 0
    for i in 0..<20 {
      for j in 0..<i {
        let others = (0..<20).filter { ![i, j].contains($0) }.map { pool[$0] }
        let statistics = ConvergenceTest([pool[i], pool[j]], beside: others).statistics
        if statistics.contains(where: { abs($0) >= critical * (1 - 1e-12) }) { beyond += 1 }
      }
    }
    #expect(beyond == 9)
  }

  // Runs of the same distribution are out about as often as α; 80 tests of three runs, each beside twenty of its own.
  @Test func invariantRunsOfOneDistributionAreSeldomOut() {
    let out = (0..<80).count { trial in
      let pool = runs(23, seed: UInt64(100 + trial))
      return !ConvergenceTest(Array(pool.prefix(3)), beside: Array(pool[3...])).passed
    }
    // Of 80 tests at 5 %, 12 or more are out with a probability of 4e-4.
    #expect(out < 12, "\(out)")
  }

  // One run that is far off is not hidden by the others, nor by itself.
  @Test func invariantOneRunOfThreeIsSeen() {
    let pool = runs(23, seed: 6)
    let spoilt = [pool[0].map { $0 + 40 }, pool[1], pool[2]]
    let test = ConvergenceTest(spoilt, beside: Array(pool[3...]))
    #expect(!test.passed && test.pValue == 1 / 1141.0)
  }

  @Test func invariantOneNumberThatIsOutIsNamedAlone() {
    let pool = runs(23, seed: 5)
    for sign in [1.0, -1] {
      let moved = pool.prefix(3).map { run in run.indices.map { run[$0] + ($0 == 4 ? sign * 30 : 0) } }
      let test = ConvergenceTest(moved, beside: Array(pool.dropFirst(3)))
      #expect(!test.passed && test.pValue == 1 / 1141.0)
      #expect(test.statistics.map { $0 * sign > test.critical } == (0..<6).map { $0 == 4 })
    }
  }

  @Test func invariantNumbersWithoutSpread() {
    let others = (0..<20).map { [0.1, Double($0)] }
    let test = ConvergenceTest([[0.1, 9.5]], beside: others)
    #expect(test.statistics == [0, 0] && test.passed)
    let above = ConvergenceTest([[0.100001, 9.5]], beside: others)
    #expect(above.statistics == [.infinity, 0] && !above.passed)
    #expect(ConvergenceTest([[0, 9.5]], beside: others).statistics == [-.infinity, 0])
  }
}
