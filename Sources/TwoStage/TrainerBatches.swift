// What a step of an epoch is given: the images of its batch, their random views, the rate and the weight w.
//
// All of it follows from the configuration and the epoch, so it can be had for any epoch without training up to it.
// Tests    TrainerBatchesTests.swift
import Images
import Kernels
import Networks

extension Configuration {
  /// The learning rate of all steps of an epoch.
  public func learningRate(at position: TrainingPosition) -> Double {
    position.stage == 1
      ? stageOne.learningRateSchedule.rate(
        epoch: position.epoch, of: stageOne.epochsPerRound, base: stageOne.learningRate)
      : stageTwo.learningRateSchedule.rate(epoch: position.epoch, of: stageTwo.epochs, base: stageTwo.learningRate)
  }

  /// w of all steps of an epoch; 0 in stage 2, which has no L_UE.
  public func entropyWeight(at position: TrainingPosition) -> Double {
    guard position.stage == 1 else { return 0 }
    return stageOne.entropyWeightSchedule.weight(
      round: position.round, epoch: position.epoch, of: stageOne.epochsPerRound, step: stageOne.entropyWeightStep)
  }
}

extension Trainer {
  /// The images in the random order of an epoch, step by step.
  public func batches(at position: TrainingPosition) -> [[Int]] {
    var stream = RandomStream(
      seed: configuration.seed, purpose: .shuffle, epoch: configuration.epochNumber(of: position))
    let order = stream.permutation(of: images.count)
    return configuration.steps(ofStage: position.stage, count: images.count).map { Array(order[$0]) }
  }

  /// The views of a batch in an epoch, standardised: one of every image above another of each (in stage 1 with one view of
  /// an image, no others), times channels × height × width.
  public func views(of batch: [Int], at position: TrainingPosition) -> Tensor<Scalar> {
    let (one, two) = (configuration.stageOne, configuration.stageTwo)
    let isStageOne = position.stage == 1
    let (views, clean) = isStageOne ? (one.views, one.firstViewIsClean) : (two.views, two.firstViewIsClean)
    let count = isStageOne ? one.viewCount : 2
    let epoch = configuration.epochNumber(of: position)
    var values: [Scalar] = []
    values.reserveCapacity(count * batch.count * images.channels * images.height * images.width)
    for view in 0..<count {
      values +=
        view == 0 && clean
        ? images.evaluationBatch(batch, standardisedBy: standardisation)
        : views.batch(
          of: images, images: batch, seed: configuration.seed, epoch: epoch, view: view,
          standardisedBy: standardisation)
    }
    return Tensor(shape: [count * batch.count, images.channels, images.height, images.width], values: values)
  }
}
