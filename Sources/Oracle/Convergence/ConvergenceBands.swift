// Stored runs of one recipe, the bands that they make, and what other runs must have in common with them to be compared.
//
// Tests    OracleTests/ConvergenceBandsTests.swift    Fixture  Fixtures/convergence/digits.json
import Files
import Foundation
import Kernels

/// The numbers of n runs of one recipe that differ in their seeds alone.
package struct ConvergenceBands: Sendable, Equatable {
  /// What the recipe is called.
  package var recipe: String
  /// The numbers' places, in order.
  package var points: [CurvePoint]
  /// n × points.
  package var runs: [[Double]]
  /// What every run's schedule is.
  package var schedule: [CurvePoint: Double]

  /// The bands that are committed with this package.
  package static var ownPath: String { PackageFixtures.path("convergence/digits.json") }

  /// Stores runs; they must have the same epochs, terms and schedule, and no two may be the same run.
  package init(recipe: String, _ runs: [RunCurves]) throws(OracleError) {
    guard runs.count >= ConvergenceTest.smallestCount, let first = runs.first else {
      throw OracleError(
        "bands need at least \(ConvergenceTest.smallestCount) runs, not \(runs.count): beside fewer no single run can be "
          + "told apart at \(Int(100 * ConvergenceTest.level)) %; train more seeds")
    }
    self.recipe = recipe
    points = first.terms.keys.sorted()
    schedule = first.schedule
    guard !schedule.isEmpty else {
      throw OracleError("\(first.path) lacks the column \"learningRate\", which says what recipe the run is of")
    }
    self.runs = []
    for run in runs {
      let faults = try faults(of: run)
      if let fault = faults.first { throw OracleError("\(run.path) differs from \(first.path): \(fault)") }
      self.runs.append(points.map { Self.rounded(run.terms[$0] ?? 0) })
    }
    try checkDistinct(runs)
  }

  /// Seven digits: more than any run shares with another, in half the bytes.
  static func rounded(_ value: Double) -> Double {
    Double(String(format: "%.7g", locale: Locale(identifier: "en_US_POSIX"), value)) ?? value
  }

  /// Bands that were stored.
  init(recipe: String, points: [CurvePoint], runs: [[Double]], schedule: [CurvePoint: Double]) {
    (self.recipe, self.points, self.runs, self.schedule) = (recipe, points, runs, schedule)
  }

  /// Throws if two of the runs, or one of them and a stored one, are the same.
  package func checkDistinct(_ others: [RunCurves]) throws(OracleError) {
    let numbers = others.map { run in points.map { Self.rounded(run.terms[$0] ?? 0) } }
    for (i, run) in others.enumerated() {
      if let twin = (0..<i).first(where: { numbers[$0] == numbers[i] }) {
        throw OracleError("\(others[twin].path) and \(run.path) are the same run; give runs of different seeds")
      }
    }
  }

  /// The stored run that a run is; nil if it is none.
  package func index(of run: RunCurves) -> Int? {
    let numbers = points.map { Self.rounded(run.terms[$0] ?? 0) }
    return runs.firstIndex(of: numbers)
  }

  /// What keeps a run from having these curves, though it is of this recipe: a sentence for each; none if all is well.
  ///
  /// - Throws: A sentence if the run is not of this recipe, or its file lacks a column.
  func faults(of run: RunCurves) throws(OracleError) -> [String] {
    let (own, theirs) = (places, run.places)
    if own != theirs {
      let missing = own.subtracting(theirs).min()
      let other = missing ?? theirs.subtracting(own).min()
      throw OracleError(
        "\(run.path) has \(theirs.count) epochs and recipe \(recipe) \(own.count): "
          + (other.map { "\($0.part), epoch \($0.epoch) is \(missing == nil ? "not in the recipe" : "missing")" } ?? "")
          + "; train to the end with that recipe, or give its own bands with --bands")
    }
    let columns = Set((run.terms.keys.map(\.term)) + run.schedule.keys.map(\.term))
    let needed = Set(points.map(\.term) + schedule.keys.map(\.term))
    if let column = needed.subtracting(columns).min() {
      throw OracleError(
        "\(run.path) lacks the column \"\(column)\"; needed are \(needed.sorted().joined(separator: ", "))")
    }
    return scheduleFaults(of: run) + absences(of: run)
  }

  /// Where a schedule is another one; Float's roundings are none.
  private func scheduleFaults(of run: RunCurves) -> [String] {
    let wrong = Set(schedule.keys).union(run.schedule.keys).filter { point in
      guard let own = schedule[point], let theirs = run.schedule[point] else { return true }
      return abs(own - theirs) > 1e-6 * max(abs(own), abs(theirs))
    }
    return Dictionary(grouping: wrong, by: \.term).sorted { $0.key < $1.key }.compactMap { term, points in
      guard let first = points.min() else { return nil }
      func text(_ value: Double?) -> String { value.map { "\(Float($0))" } ?? "none" }
      return
        "\(term) of \(first.part), epoch \(first.epoch) is \(text(run.schedule[first])), and the recipe's is "
        + "\(text(schedule[first]))" + (points.count > 1 ? "; it differs in \(points.count - 1) more" : "")
    }
  }

  /// Where a term has no number and should have one, or has one and should not.
  private func absences(of run: RunCurves) -> [String] {
    let (known, own) = (Set(points.map(\.term)), Set(points))
    let wrong = own.symmetricDifference(run.terms.keys.filter { known.contains($0.term) })
    return Dictionary(grouping: wrong, by: \.term).sorted { $0.key < $1.key }.compactMap { term, points in
      guard let first = points.min() else { return nil }
      return "\(term) of \(first.part), epoch \(first.epoch) is \(own.contains(first) ? "missing" : "there")"
        + (own.contains(first) ? "" : ", and the stored runs have none")
        + (points.count > 1 ? "; so are \(points.count - 1) more" : "")
    }
  }

  private var places: Set<CurvePoint> {
    Set(schedule.keys.map { CurvePoint(stage: $0.stage, round: $0.round, epoch: $0.epoch, term: "") })
  }

  /// The first and the last place of every curve, in order.
  package var ends: [CurvePoint] {
    let curves = Dictionary(grouping: points) { CurvePoint(stage: $0.stage, round: $0.round, epoch: 0, term: $0.term) }
    return curves.values.flatMap { Set([$0.first, $0.last].compactMap(\.self)) }.sorted()
  }

  /// The numbers of one place, in ascending order.
  package func values(at point: CurvePoint) -> [Double] {
    guard let index = points.firstIndex(of: point) else { return [] }
    return runs.map { $0[index] }.sorted()
  }
}
