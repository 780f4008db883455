import Files
import Kernels
import Networks
import TestSupport
import Testing
import TwoStage

@Suite("Joint training")
struct JointTrainingTests {
  private static func configuration() -> Configuration {
    var configuration = Configuration.tiny
    configuration.isJoint = true
    configuration.stageOne.optimiser.momentum = 0
    configuration.stageOne.optimiser.nesterov = false
    configuration.stageOne.optimiser.weightDecay = 0
    configuration.stageOne.augmentationLoss.stopsGradient = false
    configuration.stageOne.augmentationLoss.temperature = 0.5
    configuration.stageOne.bankTemperature = 0.5
    configuration.stageTwo.consistencyLoss = configuration.stageOne.augmentationLoss
    configuration.stageTwo.headTemperature = 0.5
    return configuration
  }

  // As in stage 1's tests: a rate of 1 without momentum and decay moves the parameters by minus the gradient of the sum.
  @Test func gradientsThroughTheWholeStep() {
    let configuration = Self.configuration()
    var before = StageOne<Double>(configuration, imageCount: 12)
    before.begin(round: 1)
    let heads = StageTwo<Double>(configuration, encoder: before.encoder)
    let views = Tensor<Double>.random([8, 1, 4, 4], seed: 1)
    func step(_ stage: inout StageOne<Double>) -> Double {
      var stageTwo = heads
      let found = stage.step(
        views: views, images: [3, 0, 11, 7], learningRate: 1, entropyWeight: 0.4, jointlyWith: &stageTwo)
      return found.stageOne.total + found.stageTwo.total
    }
    var after = before
    _ = step(&after)
    let start = parameters(of: before.encoder)
    let gradient = zip(start, parameters(of: after.encoder)).map { $0 - $1 }
    let check = DirectionalDifference(
      at: Tensor(shape: [start.count], values: start), gradient: Tensor(shape: [start.count], values: gradient),
      step: 1e-6
    ) { point in
      var moved = before
      setParameters(of: &moved.encoder, to: point.values)
      return step(&moved)
    }
    #expect(check.relativeDistance < 1e-6, "\(check)")
  }

  @Test func workedExampleOfAJointRun() throws {
    var trainer = try Trainer<Float>(Self.configuration(), images: .toy)
    var reports: [EpochReport] = []
    try trainer.run(afterEpoch: { report, _ in reports.append(report) })
    #expect(reports.map(\.position.stage) == [1, 1, 1, 1])
    #expect(reports.map(\.anchorCount) == [0, 0, 6, 6])
    let best = try #require(trainer.best)
    let losses = reports.compactMap { $0.mean("L_two") }
    #expect(losses.count == 4 && best.loss == losses.min() && losses[best.epoch] == best.loss)
    #expect(best.headLosses == (0..<2).map { reports[best.epoch].mean("head \($0)") })
    for report in reports {
      func mean(_ name: String) -> Double { report.mean(name) ?? 0 }
      // Float sums of a few terms of size 10, averaged over three steps.
      let stageOne = mean("L_and") + mean("L_aug") + (report.entropyWeight ?? 0) * mean("L_ue")
      #expect(abs(mean("total") - stageOne - mean("L_two")) < 1e-4)
      #expect(abs(mean("L_two") - mean("L_assign") - mean("L_cp")) < 1e-5)
    }
    let last = try #require(trainer.stageTwo)
    #expect(parameters(of: last.encoder) == parameters(of: trainer.stageOne.encoder))
    #expect(trainer.position == nil)
  }

  // Through the file of a state, at the beginning, inside an epoch, between two, and at the end.
  @Test(arguments: [0, 2, 7, 12]) func invariantAStoredRunGoesOn(steps: Int) throws {
    var configuration = Configuration.tiny
    configuration.isJoint = true
    configuration.stageTwo.headsAreTrainable = true
    var trainer = try Trainer<Float>(configuration, images: .toy)
    for _ in 0..<steps { _ = try trainer.runStep() }
    var file = SafetensorsFile()
    trainer.store(in: &file)
    var other = try Trainer<Float>(configuration, images: .toy, from: file)
    #expect(other.position == trainer.position && other.best?.epoch == trainer.best?.epoch)
    try trainer.run()
    try other.run()
    #expect(parameters(of: other.stageOne.encoder) == parameters(of: trainer.stageOne.encoder))
    #expect(other.stageTwo?.heads.weights.map(\.value) == trainer.stageTwo?.heads.weights.map(\.value))
    #expect(other.best?.loss == trainer.best?.loss && other.best?.headLosses == trainer.best?.headLosses)
  }

  @Test func invariantGoingOnFromAnyEpochIsTheSameRun() throws {
    var straight = try Trainer<Float>(Self.configuration(), images: .toy)
    var copies: [Trainer<Float>] = []
    try straight.run(afterEpoch: { copies.append($1) })
    var copy = copies[1]
    try copy.run()
    #expect(parameters(of: copy.stageOne.encoder) == parameters(of: straight.stageOne.encoder))
    #expect(copy.best?.loss == straight.best?.loss)
  }
}
