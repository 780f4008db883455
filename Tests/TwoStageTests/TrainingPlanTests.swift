import Testing
import TwoStage

@Suite("Training plan")
struct TrainingPlanTests {
  private func positions(_ configuration: Configuration) -> [String] {
    var (positions, next): ([TrainingPosition], TrainingPosition?) = ([], configuration.firstPosition)
    while let position = next {
      positions.append(position)
      next = configuration.position(after: position)
    }
    #expect(positions.map(configuration.epochNumber) == Array(0..<positions.count))
    return positions.map(\.description)
  }

  @Test func workedExampleOfOrders() {
    var configuration = Configuration.tiny
    let one = (0..<2).flatMap { round in (0..<2).map { "stage 1, round \(round), epoch \($0)" } }
    let two = (0..<3).map { "stage 2, epoch \($0)" }
    #expect(positions(configuration) == one + two)
    #expect(configuration.epochs == (4, 3))
    configuration.isJoint = true
    #expect(positions(configuration) == one)
    #expect(configuration.epochs == (4, 0))
    configuration.isJoint = false
    configuration.stageOne.rounds = 0
    #expect(positions(configuration) == two)
    #expect(configuration.epochs == (0, 3))
    #expect(configuration.endsRound(TrainingPosition(stage: 1, round: 0, epoch: 1)))
    #expect(!configuration.endsRound(TrainingPosition(stage: 1, round: 0, epoch: 0)))
    #expect(!configuration.endsRound(TrainingPosition(stage: 2, round: 0, epoch: 1)))
  }

  // 26 images in batches of 8: three batches, and two images that fill none; of 25 the last is alone.
  @Test func workedExampleOfRemainders() {
    var configuration = Configuration.tiny
    let whole = [0..<8, 8..<16, 16..<24]
    #expect(configuration.steps(ofStage: 1, count: 26) == whole)
    configuration.stageOne.dropsRemainder = false
    #expect(configuration.steps(ofStage: 1, count: 26) == whole + [24..<26])
    #expect(configuration.steps(ofStage: 1, count: 25) == whole)
    #expect(configuration.steps(ofStage: 1, count: 24) == whole)
    #expect(configuration.steps(ofStage: 2, count: 26) == whole)
    // 4 epochs of 26 and 3 of 24.
    #expect(configuration.imagesOfRun(count: 26) == 176)
    configuration.stageOne.epochsPerRound = Int.max / 2
    #expect(configuration.imagesOfRun(count: 26) == Int.max)
  }
}
