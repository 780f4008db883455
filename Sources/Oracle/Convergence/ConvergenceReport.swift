// Where runs of another program leave the bands of stored runs, in words.
//
// Tests    OracleTests/ConvergenceReportTests.swift
import Files
import Foundation

/// The verdict on runs of one program.
package struct ConvergenceReport: Sendable, Equatable {
  /// A curve's way out of its band on one side.
  package struct Departure: Sendable, Equatable {
    /// Term and part; its epoch is the first one outside.
    package var curve: CurvePoint
    /// Whether the runs' mean lies above.
    package var isAbove: Bool
    /// The epochs outside on this side.
    package var epochs: [Int]
    /// The epochs of the whole curve.
    package var allEpochs: [Int]
    /// The epoch of the largest |t|.
    package var worst: Int
    /// t in it.
    package var statistic: Double
    /// The runs' mean in it.
    package var mean: Double
    /// The band in it: where the mean of so many runs may lie.
    package var band: ClosedRange<Double>
    /// How many of the runs lie beyond every stored run in it, on this side.
    package var runsBeyond: Int
    /// How many runs there are.
    package var runCount: Int
  }

  /// What the recipe is called.
  package let recipe: String
  /// How many runs were judged, and beside how many.
  package let runCount, storedCount: Int
  /// How many numbers were compared.
  package let pointCount: Int
  /// The test of all numbers that the runs have.
  package let test: ConvergenceTest
  /// What differs without any chance: schedules, terms that are not computed when they should be.
  package let faults: [String]
  /// Every way out, in order of time.
  package let departures: [Departure]

  /// Judges runs; throws if one is not of the recipe, not finite, stored itself, or given twice.
  package init(_ runs: [RunCurves], beside bands: ConvergenceBands) throws(OracleError) {
    var faults: [String] = []
    for run in runs {
      for fault in try bands.faults(of: run) where !faults.contains(fault) { faults.append(fault) }
      if let index = bands.index(of: run) {
        throw OracleError(
          "\(run.path) is the stored run \(index) itself, so it says nothing about a program; train with another seed")
      }
    }
    try bands.checkDistinct(runs)
    let kept = bands.points.indices.filter { j in runs.allSatisfy { $0.terms[bands.points[j]] != nil } }
    let points = kept.map { bands.points[$0] }
    let values = runs.map { run in points.map { run.terms[$0] ?? 0 } }
    let stored = bands.runs.map { run in kept.map { run[$0] } }
    let test = ConvergenceTest(values, beside: stored)
    (recipe, runCount, storedCount, pointCount) = (bands.recipe, runs.count, bands.runs.count, points.count)
    (self.test, self.faults) = (test, faults)
    let curves = Dictionary(grouping: points.indices) { j in
      CurvePoint(stage: points[j].stage, round: points[j].round, epoch: 0, term: points[j].term)
    }
    departures = curves.values.flatMap { indices in
      [true, false].compactMap { Self.departure(above: $0, indices, points, test, values, stored) }
    }.sorted { ($0.curve, $0.isAbove ? 0 : 1) < ($1.curve, $1.isAbove ? 0 : 1) }
  }

  private static func departure(
    above: Bool, _ indices: [Int], _ points: [CurvePoint], _ test: ConvergenceTest, _ runs: [[Double]],
    _ stored: [[Double]]
  ) -> Departure? {
    let outside = indices.filter { above ? test.statistics[$0] > test.critical : test.statistics[$0] < -test.critical }
    guard let first = outside.first,
      let worst = outside.max(by: { abs(test.statistics[$0]) < abs(test.statistics[$1]) })
    else { return nil }
    let (own, others) = (runs.map { $0[worst] }, stored.map { $0[worst] })
    let (m, n) = (Double(own.count), Double(others.count))
    let mean = others.reduce(0, +) / n
    let variance = others.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)
    let half = test.critical * (variance * (1 / m + 1 / n)).squareRoot()
    let edge = (above ? others.max() : others.min()) ?? mean
    return Departure(
      curve: points[first], isAbove: above, epochs: outside.map { points[$0].epoch },
      allEpochs: indices.map { points[$0].epoch }, worst: points[worst].epoch, statistic: test.statistics[worst],
      mean: own.reduce(0, +) / m, band: mean - half...mean + half,
      runsBeyond: own.count { above ? $0 > edge : $0 < edge },
      runCount: own.count)
  }

  /// Whether nothing is out.
  package var passed: Bool { faults.isEmpty && departures.isEmpty }
}

extension ConvergenceReport: CustomStringConvertible {
  /// A line for each fault and each way out, the earliest first, then the verdict.
  package var description: String {
    let lines = (faults + departures.map(\.description)).map { "  \($0)\n" }
    let outside = departures.reduce(0) { $0 + $1.epochs.count }
    let compared =
      "\(runCount) \(runCount == 1 ? "run" : "runs") beside \(storedCount) stored runs of recipe \(recipe), \(pointCount) numbers "
      + "each; p = \(String(format: "%.4f", test.pValue))\n"
    guard !passed else {
      let largest = test.statistics.reduce(0) { max($0, abs($1)) }
      return compared
        + "INSIDE: the largest |t| is \(Self.digits(largest)), and above \(Self.digits(test.critical)) is outside\n"
    }
    return compared + lines.joined() + "OUTSIDE: \(outside) of \(pointCount) numbers"
      + (faults.isEmpty ? "" : ", and \(faults.count) of the recipe's own") + "\n"
  }

  fileprivate static func digits(_ value: Double) -> String { String(format: "%.4g", value) }
}

extension ConvergenceReport.Departure: CustomStringConvertible {
  /// "L_ue of stage 1, round 2 lies above the band from epoch 3 on: 4.91 in epoch 5, the band 4.62 to 4.8; …".
  package var description: String {
    let digits = ConvergenceReport.digits
    return "\(curve.term) of \(curve.part) lies \(isAbove ? "above" : "below") the band \(when): "
      + "\(digits(mean))\(epochs.count == 1 ? "" : " in epoch \(worst)"), the band \(digits(band.lowerBound)) to \(digits(band.upperBound)); "
      + "\(runsBeyond) of \(runCount) \(runCount == 1 ? "run" : "runs") beyond every stored run"
  }

  /// In which epochs.
  private var when: String {
    guard let first = epochs.first, let last = epochs.last else { return "" }
    if allEpochs.count == 1 { return "in its one epoch" }
    if epochs == allEpochs { return "throughout" }
    if epochs == allEpochs.suffix(epochs.count) && epochs.count > 1 { return "from epoch \(first) on" }
    if epochs.count == 1 { return "in epoch \(first)" }
    return
      "in \(epochs.count) of the \(allEpochs.count { (first...last).contains($0) }) epochs from \(first) to \(last)"
  }
}

extension ConvergenceReport {
  /// The report as JSON, for programs that read it; numbers that are infinite are null.
  package var encoded: [UInt8] {
    let ways = departures.map { way -> JSON in
      .object([
        "stage": .integer(way.curve.stage), "round": .integer(way.curve.round), "term": .string(way.curve.term),
        "above": .bool(way.isAbove), "epochs": .array(way.epochs.map { .integer($0) }), "worst": .integer(way.worst),
        "statistic": .number(way.statistic), "mean": .number(way.mean),
        "band": .array([.number(way.band.lowerBound), .number(way.band.upperBound)]),
        "runsBeyond": .integer(way.runsBeyond),
      ])
    }
    return Array(
      JSON.object([
        "recipe": .string(recipe), "passed": .bool(passed), "runs": .integer(runCount), "stored": .integer(storedCount),
        "numbers": .integer(pointCount), "pValue": .number(test.pValue), "choices": .integer(test.choiceCount),
        "critical": .number(test.critical), "faults": .array(faults.map { .string($0) }), "departures": .array(ways),
      ]).pretty.utf8)
  }
}
