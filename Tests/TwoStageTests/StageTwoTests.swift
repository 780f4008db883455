import Images
import Kernels
import Networks
import TestSupport
import Testing
import TwoStage

@Suite("Stage 2")
struct StageTwoTests {
  // Pixels, encoder, heads, mutual information and batch loss, through the step itself as in stage 1's test.
  @Test(arguments: [false, true]) func gradientsThroughTheWholeStep(trainable: Bool) {
    var configuration = Configuration.tiny
    configuration.stageTwo.optimiser.momentum = 0
    configuration.stageTwo.optimiser.nesterov = false
    configuration.stageTwo.optimiser.weightDecay = 0
    configuration.stageTwo.headsAreTrainable = trainable
    configuration.stageTwo.consistencyLoss.stopsGradient = false
    configuration.stageTwo.consistencyLoss.temperature = 0.5
    configuration.stageTwo.marginalEntropyWeight = 2
    let before = StageTwo<Double>(configuration, encoder: ImageEncoder(.tiny, seed: 3))
    let views = Tensor<Double>.random([8, 1, 4, 4], seed: 1)
    var after = before
    _ = after.step(views: views, learningRate: 1)
    let start = parameters(of: before.encoder) + parameters(of: before.heads)
    let moved = parameters(of: after.encoder) + parameters(of: after.heads)
    let check = DirectionalDifference(
      at: Tensor(shape: [start.count], values: start),
      gradient: Tensor(shape: [start.count], values: zip(start, moved).map { $0 - $1 }), step: 1e-6
    ) { point in
      var stage = before
      let count = parameters(of: before.encoder).count
      setParameters(of: &stage.encoder, to: Array(point.values[..<count]))
      setParameters(of: &stage.heads, to: Array(point.values[count...]))
      return stage.step(views: views, learningRate: 1).total
    }
    #expect(check.relativeDistance < 1e-6, "\(check)")
  }

  @Test(arguments: [false, true]) func invariantHeadsMoveOnlyIfTrainable(trainable: Bool) {
    var configuration = Configuration.tiny
    configuration.stageTwo.headsAreTrainable = trainable
    var stage = StageTwo<Float>(configuration, encoder: ImageEncoder(.tiny, seed: 3))
    let (encoder, heads) = (stage.encoder, stage.heads.weights)
    for seed in 1...3 { _ = stage.step(views: .random([8, 1, 4, 4], seed: UInt32(seed)), learningRate: 0.1) }
    #expect((stage.heads.weights == heads) == !trainable)
    #expect(parameters(of: stage.encoder) != parameters(of: encoder))
  }

  @Test func invariantEveryConstantArrives() {
    var configuration = Configuration.tiny
    configuration.stageTwo.headTemperature = 0.3
    configuration.stageTwo.headAxis = .features
    configuration.stageTwo.marginalEntropyWeight = 3
    configuration.stageTwo.symmetrised = false
    configuration.stageTwo.consistencyWeight = 0.2
    configuration.stageTwo.consistencyLoss.denominator = .paper
    let stage = StageTwo<Double>(configuration, encoder: ImageEncoder(.tiny, seed: 3))
    #expect(stage.heads.temperature == 0.3 && stage.heads.axis == .features && stage.heads.headCount == 2)
    #expect(stage.loss.assignment.marginalEntropyWeight == 3 && !stage.loss.assignment.symmetrised)
    #expect(stage.loss.consistencyWeight == 0.2 && stage.loss.consistency.denominator == .paper)
  }
}
