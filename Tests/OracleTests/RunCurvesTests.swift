import Foundation
import TestSupport
import Testing
import TwoStage

@testable import Oracle

@Suite("Runs as curves")
struct RunCurvesTests {
  private func curves(_ csv: String) throws -> RunCurves {
    do throws(HistoryError) {
      return try RunCurves(History(csv: csv, path: "h"), path: "h")
    } catch {
      throw OracleError(error.description)
    }
  }

  private func point(_ stage: Int, _ round: Int, _ epoch: Int, _ term: String) -> CurvePoint {
    CurvePoint(stage: stage, round: round, epoch: epoch, term: term)
  }

  @Test func workedExampleOfHeadsConsistencyAndSchedule() throws {
    let run = try curves(
      """
      stage,round,epoch,learningRate,anchors,consistency,L_and,information 0,information 1,head 0
      1,1,0,0.5,7,0.75,2,,,
      1,1,1,0.25,7,0.75,1,,,
      2,0,0,0.125,,,,3,5,9

      """)
    #expect(
      run.terms == [
        point(1, 1, 0, "consistency"): 0.75, point(1, 1, 0, "L_and"): 2, point(1, 1, 1, "L_and"): 1,
        point(2, 0, 0, "information"): 4,
      ])
    #expect(run.schedule.count == 5 && run.schedule[point(1, 1, 1, "anchors")] == 7)
    #expect(run.places == [point(1, 1, 0, ""), point(1, 1, 1, ""), point(2, 0, 0, "")])
    #expect(point(1, 4, 9, "z") < point(2, 0, 0, "a") && point(1, 0, 1, "a") < point(1, 0, 1, "b"))
    #expect(point(1, 2, 3, "").part == "stage 1, round 2" && point(2, 0, 3, "").part == "stage 2")
  }

  @Test func workedExampleOfAFileAndAFolder() throws {
    try withTemporaryFolder { folder in
      try SyntheticRun(seed: 1).csv().write(toFile: "\(folder)/history.csv", atomically: true, encoding: .utf8)
      let run = try RunCurves(reading: folder)
      #expect(try RunCurves(reading: "\(folder)/history.csv") == run && run.path == "\(folder)/history.csv")
      expectError("\(folder)/none does not exist") { try RunCurves(reading: "\(folder)/none") }
    }
  }

  @Test func mistakesAreTold() {
    expectError("h must begin with the columns stage,round,epoch, not with \"\"") { try curves("") }
    expectError("h holds no epoch") { try curves("stage,round,epoch,total\n") }
    expectError("h has stage 2, epoch 0 twice") { try curves("stage,round,epoch,total\n2,0,0,1\n2,0,0,1\n") }
    for number in ["nan", "-nan", "inf", "-inf"] {
      expectError("h: total of stage 1, round 3, epoch 1 is ") {
        try curves("stage,round,epoch,total\n1,3,1,\(number)\n")
      }
    }
    expectError("h, line 2") { try curves("stage,round,epoch,total\n1,0,0,x\n") }
  }
}
