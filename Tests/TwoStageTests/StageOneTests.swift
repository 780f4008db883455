import Images
import Kernels
import Networks
import TestSupport
import Testing
import TwoStage

@Suite("Stage 1")
struct StageOneTests {
  // The whole chain: pixels, encoder, logits, three losses. SGD without momentum and decay and a rate of 1 moves the
  // parameters by minus the gradient, so the step itself is what is checked.
  @Test(arguments: AugmentationLossSpace.allCases) func gradientsThroughTheWholeStep(space: AugmentationLossSpace) {
    var configuration = Configuration.tiny
    configuration.stageOne.optimiser.momentum = 0
    configuration.stageOne.optimiser.nesterov = false
    configuration.stageOne.optimiser.weightDecay = 0
    configuration.stageOne.augmentationSpace = space
    configuration.stageOne.augmentationLoss.stopsGradient = false
    configuration.stageOne.augmentationLoss.temperature = 0.5
    configuration.stageOne.bankTemperature = 0.5
    var before = StageOne<Double>(configuration, imageCount: 12)
    before.begin(round: 1)
    let views = Tensor<Double>.random([8, 1, 4, 4], seed: 1)
    var after = before
    _ = after.step(views: views, images: [3, 0, 11, 7], learningRate: 1, entropyWeight: 0.4)
    let start = parameters(of: before.encoder)
    let gradient = zip(start, parameters(of: after.encoder)).map { $0 - $1 }
    // A step of 1e-6 keeps within the same linear pieces of the ReLUs; rounding is then 10 eps / 1e-6 ≈ 2e-9.
    let check = DirectionalDifference(
      at: Tensor(shape: [start.count], values: start), gradient: Tensor(shape: [start.count], values: gradient),
      step: 1e-6
    ) { point in
      var moved = before
      setParameters(of: &moved.encoder, to: point.values)
      return moved.step(views: views, images: [3, 0, 11, 7], learningRate: 1, entropyWeight: 0.4).total
    }
    #expect(check.relativeDistance < 1e-6, "\(check)")
  }

  // After a step: the batch's rows of the bank have taken the second views' embeddings of the encoder before the step,
  // all others are untouched, and gradients are used up.
  @Test func invariantTheBankRemembersTheEncoderBeforeTheStep() {
    var stage = StageOne<Double>(.tiny, imageCount: 12)
    let views = Tensor<Double>.random([8, 1, 4, 4], seed: 2)
    var encoder = stage.encoder
    var expected = stage.bank
    expected.update(images: [3, 0, 11, 7], embeddings: encoder.forward(views).embeddings)
    _ = stage.step(views: views, images: [3, 0, 11, 7], learningRate: 0.1, entropyWeight: 0)
    #expect(stage.bank == expected)
    #expect(gradients(of: stage.encoder).allSatisfy { $0 == 0 })
    #expect(parameters(of: stage.encoder) != parameters(of: encoder))
  }

  @Test func invariantEveryConstantArrives() {
    var configuration = Configuration.tiny
    configuration.stageOne.ownImage = .minusTen
    configuration.stageOne.augmentationLoss.negativeWeight = 2
    configuration.stageOne.augmentationLoss.temperature = 0.3
    configuration.stageOne.bankMomentum = 0.25
    configuration.stageOne.bankTemperature = 0.2
    configuration.stageOne.bankViewPolicy = .mean
    configuration.stageOne.reduction = .sum
    configuration.stageOne.anchorRate = 0.5
    configuration.stageOne.optimiser.weightDecay = 1
    let stage = StageOne<Double>(configuration, imageCount: 12)
    #expect(stage.loss.entropy.ownLogit == -10 && stage.loss.entropy.reduction == .sum)
    #expect(stage.loss.neighbourhood.reduction == .sum)
    #expect(stage.loss.augmentation.negativeWeight == 2 && stage.loss.augmentation.temperature == 0.3)
    #expect(stage.bank.momentum == 0.25 && stage.bank.temperature == 0.2 && stage.bank.viewPolicy == .mean)
    #expect(stage.discovery == NeighbourhoodDiscovery(rate: 0.5, neighbourCount: 2))
    #expect(stage.optimiser.weightDecay == 1)
  }
}
