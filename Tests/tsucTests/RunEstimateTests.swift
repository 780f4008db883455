import Commands
import Images
import Networks
import Testing
import TwoStage

@testable import tsuc

@Suite("Estimate of a run")
struct RunEstimateTests {
  @Test func workedExampleOfTheLine() {
    // 3 + 2 x, and through one point 4 a unit; a line never falls.
    #expect(RunEstimate.line(through: [(2, 7), (4, 11)], at: 10) == 23)
    #expect(RunEstimate.line(through: [(2, 8)], at: 10) == 40)
    #expect(RunEstimate.line(through: [(2, 8), (4, 6)], at: 10) == 6)
    #expect(RunEstimate.line(through: [], at: 10) == 0)
  }

  @Test(arguments: [(2, [2]), (3, [2, 3]), (10, [5, 10]), (16, [8, 16]), (128, [8, 32])])
  func workedExampleOfBatches(size: Int, expected: [Int]) {
    #expect(RunEstimate.batches(of: size) == expected)
  }

  // The total is the arithmetic that it is said to be.
  @Test(arguments: Method.allCases) func invariantTheTotalIsThatOfItsParts(method: Method) throws {
    let images = try ImageSet.load("digits", count: 60)
    var configuration = Configuration.digits
    configuration.stageOne.batchSize = 20
    configuration.stageTwo.batchSize = 20
    configuration.encoder.widths = [4, 4, 4]
    configuration = method.applied(to: configuration)
    let estimate = try RunEstimate(configuration, images: images)
    let epochs = configuration.epochs
    #expect((estimate.stepOfStageOne != nil) == (epochs.stageOne > 0))
    #expect((estimate.stepOfStageTwo != nil) == (epochs.stageTwo > 0))
    #expect((estimate.stepOfStageOne ?? 1) > 0 && (estimate.stepOfStageTwo ?? 1) > 0)
    #expect(estimate.batches == [8, 20])
    let searches = Double(max(0, configuration.stageOne.rounds - 1)) * estimate.discovery
    #expect((estimate.discovery > 0) == (configuration.stageOne.rounds > 1))
    let sum =
      Double(3 * epochs.stageOne) * (estimate.stepOfStageOne ?? 0)
      + Double(3 * epochs.stageTwo) * (estimate.stepOfStageTwo ?? 0) + searches
    #expect(abs(estimate.total - sum) <= 1e-12 * sum)
  }
}
