import Files
import TestSupport
import Testing

@testable import Oracle

@Suite("The verdict on runs")
struct ConvergenceReportTests {
  private static let bands = Result { try ConvergenceBands.synthetic() }

  private func report(_ runs: [SyntheticRun]) throws -> ConvergenceReport {
    try ConvergenceReport(
      runs.enumerated().map { try RunCurves($1, path: "new \($0)") }, beside: Self.bands.get())
  }

  private static let fresh = (100..<103).map { SyntheticRun(seed: $0) }

  @Test func workedExampleOfRunsInside() throws {
    let report = try report(Self.fresh)
    #expect(report.passed && report.departures.isEmpty && report.pointCount == 29 && report.test.pValue > 0.05)
    let text = report.description
    #expect(text.hasPrefix("3 runs beside 20 stored runs of recipe small, 29 numbers each; p = 0."), "\(text)")
    #expect(text.contains("\nINSIDE: the largest |t| is "))
    #expect(try JSON(bytes: report.encoded[...]).members(of: "it")["passed"] == .bool(true))
  }

  /// One curve pushed in some rows, and the one line that is said of it.
  @Test(arguments: [
    (0.5, "L_and", 3...5, "L_and of stage 1, round 1 lies above the band throughout: "),
    (-0.5, "L_and", 1...2, "L_and of stage 1, round 0 lies below the band from epoch 1 on: "),
    (0.5, "L_assign", 7...7, "L_assign of stage 2 lies above the band in epoch 1: "),
    (0.5, "total", 6...8, "total of stage 2 lies above the band in 3 of the 3 epochs from 0 to 2: "),
    (-0.5, "L_ue", 5...5, "L_ue of stage 1, round 1 lies below the band in its one epoch: "),
    (0.5, "consistency", 3...5, "consistency of stage 1, round 1 lies above the band in its one epoch: "),
    (0.5, "information 1", 9...9, "information of stage 2 lies above the band in epoch 3: "),
  ])
  func departuresAreTold(amount: Double, column: String, places: ClosedRange<Int>, line: String) throws {
    // Of the mean of two heads a half is seen.
    let push = column == "information 1" ? 2 * amount : amount
    let report = try report(Self.fresh.map { $0.adding(push, to: column, in: places) })
    try #require(report.departures.count == 1 && !report.passed, "\(report)")
    let way = report.departures[0]
    #expect(way.description.hasPrefix(line), "\(way)")
    #expect(way.description.hasSuffix("; 3 of 3 runs beyond every stored run"), "\(way)")
    #expect(way.isAbove == (amount > 0) && (way.statistic > 0) == way.isAbove)
    // The epoch of the numbers is told where there are several.
    #expect(way.description.contains(" in epoch \(way.worst), the band ") == (way.epochs.count > 1), "\(way)")
    #expect(way.isAbove ? way.mean > way.band.upperBound : way.mean < way.band.lowerBound)
    #expect(abs(way.statistic) > report.test.critical)
    #expect(report.description.contains("  \(way)\nOUTSIDE: \(way.epochs.count) of 29 numbers\n"))
    let json = try JSON(bytes: report.encoded[...]).members(of: "it")
    let first = try #require(json["departures"]?.elements(of: "it").first).members(of: "it")
    #expect(first["term"] == .string(way.curve.term) && first["epochs"] == .array(way.epochs.map { .integer($0) }))
  }

  // The band is where the mean of so many runs has |t| up to the critical one.
  @Test func invariantTheBandEndsAtTheCriticalStatistic() throws {
    let report = try report(Self.fresh.map { $0.adding(0.5, to: "L_and", in: 3...3) })
    let way = try #require(report.departures.first)
    let middle = (way.band.lowerBound + way.band.upperBound) / 2
    let half = way.band.upperBound - middle
    #expect(abs((way.mean - middle) / half - way.statistic / report.test.critical) < 1e-9)
  }

  @Test func workedExampleOfOneRunAmongOthers() throws {
    let report = try report([Self.fresh[0].adding(5, to: "L_and", in: 4...4), Self.fresh[1], Self.fresh[2]])
    let way = try #require(report.departures.first)
    #expect(way.runsBeyond < 3 && way.description.contains(" of 3 runs beyond every stored run"))
    let alone = try self.report([Self.fresh[0].adding(5, to: "L_and", in: 4...4)])
    #expect(alone.departures.first?.description.hasSuffix("1 of 1 run beyond every stored run") == true)
    #expect(alone.description.hasPrefix("1 run beside 20 stored runs") && alone.test.pValue == 1 / 21.0)
  }

  @Test func departuresAreInOrderOfTime() throws {
    let report = try report(Self.fresh.map { $0.adding(-1, to: "total", in: 7...7).adding(1, to: "total", in: 2...8) })
    #expect(report.departures.map(\.curve.part) == ["stage 1, round 0", "stage 1, round 1", "stage 2"])
    #expect(report.departures.map(\.curve.epoch) == [2, 0, 0] && report.departures[2].epochs == [0, 2])
    #expect(report.departures[2].description.contains("in 2 of the 3 epochs from 0 to 2"))
  }

  @Test func faultsAreOutsideWithoutChance() throws {
    var runs = Self.fresh
    for i in runs.indices { runs[i].rows[4]["L_ue"] = "5" }
    runs[1].rows[2]["L_ue"] = nil
    let report = try report(runs)
    #expect(!report.passed && report.departures.isEmpty && report.pointCount == 28)
    #expect(
      report.faults == [
        "L_ue of stage 1, round 1, epoch 1 is there, and the stored runs have none",
        "L_ue of stage 1, round 0, epoch 2 is missing; so are 1 more",
      ])
    #expect(report.description.hasSuffix("OUTSIDE: 0 of 28 numbers, and 2 of the recipe's own\n"))
  }

  @Test func runsThatSayNothingAreRefused() throws {
    expectError("new 1 is the stored run 7 itself", "train with another seed") {
      try report([Self.fresh[0], SyntheticRun(seed: 7)])
    }
    expectError("new 0 and new 1 are the same run") { try report([Self.fresh[0], Self.fresh[0]]) }
  }
}
