// Stage 1: unsupervised embeddings, by telling images apart and drawing neighbours and views together.
//
// Paper    Han et al., ECCV 2020, stage 1 (Super-AND). One step, with V the embeddings of 2B views:
//     V = E(x¹ above x²),   L = L_AND + w L_UE + L_AUG,   E ← SGD(∂L/∂E),   M ← momentum of V
// Tests    StageOneTests.swift
import Kernels
import Networks

/// What stage 1 changes as it trains, with its step.
public struct StageOne<Scalar: RealScalar>: Sendable {
  /// E.
  public var encoder: ImageEncoder<Scalar>
  /// M.
  public var bank: MemoryBank<Scalar>
  /// The neighbourhoods of the current round.
  public var neighbourhoods: Neighbourhoods
  /// The optimiser of E; it keeps its velocities from round to round.
  public var optimiser: SGD<Scalar>
  /// L.
  public let loss: StageOneLoss<Scalar>
  /// How a round's neighbourhoods are found.
  public let discovery: NeighbourhoodDiscovery

  /// The beginning of stage 1: a random encoder, a random bank, no neighbours.
  public init(_ configuration: Configuration, imageCount: Int) {
    let stage = configuration.stageOne
    encoder = ImageEncoder(configuration.encoder, seed: configuration.seed)
    bank = MemoryBank(
      images: imageCount, features: configuration.encoder.embeddingSize, seed: configuration.seed,
      normalised: stage.bankStartsNormalised, temperature: Scalar(stage.bankTemperature),
      momentum: Scalar(stage.bankMomentum), viewPolicy: stage.bankViewPolicy)
    neighbourhoods = .instances(imageCount: imageCount)
    optimiser = SGD(stage.optimiser)
    loss = StageOneLoss(
      neighbourhood: InstanceNeighbourhoodLoss(reduction: stage.reduction),
      entropy: UnificationEntropyLoss(ownLogit: stage.ownImage == .minusTen ? -10 : nil, reduction: stage.reduction),
      augmentation: BatchLoss(stage.augmentationLoss), augmentationSpace: stage.augmentationSpace,
      neighbourhoodWeight: Scalar(stage.neighbourhoodWeight), augmentationWeight: Scalar(stage.augmentationWeight))
    discovery = NeighbourhoodDiscovery(rate: stage.anchorRate, neighbourCount: stage.neighbourCount)
  }

  /// Finds the neighbourhoods of `round`, from 0, in the bank.
  public mutating func begin(round: Int) {
    neighbourhoods = discovery.discover(in: bank, round: round)
  }

  /// One step on a batch.
  ///
  /// - Parameters:
  ///   - views: 2B × channels × height × width, the first views above the second views; without L_AUG B views will do.
  ///   - images: The B images of the batch.
  ///   - learningRate: The rate of this epoch.
  ///   - entropyWeight: w.
  /// - Returns: Every term of the loss before the step.
  public mutating func step(
    views: Tensor<Scalar>, images: [Int], learningRate: Double, entropyWeight: Double
  ) -> StageOneLoss<Scalar>.Evaluation {
    let (embeddings, cache) = encoder.forward(views)
    let evaluation = loss.evaluate(
      embeddings: embeddings, images: images, bank: bank, neighbourhoods: neighbourhoods,
      entropyWeight: Scalar(entropyWeight))
    encoder.accumulateGradients(evaluation.embeddingsGradient, cache: cache)
    bank.update(images: images, embeddings: embeddings)
    optimiser.stepAndZeroGradients(&encoder, learningRate: learningRate)
    return evaluation
  }
}

extension SGD {
  /// The optimiser of a configuration, before its first step.
  init(_ configuration: OptimiserConfiguration) {
    self.init(
      momentum: Scalar(configuration.momentum), nesterov: configuration.nesterov,
      weightDecay: Scalar(configuration.weightDecay))
  }
}

extension BatchLoss {
  /// The batch loss of a configuration.
  init(_ configuration: BatchLossConfiguration) {
    self.init(
      temperature: Scalar(configuration.temperature), negativeWeight: Scalar(configuration.negativeWeight),
      stopsGradient: configuration.stopsGradient, denominator: configuration.denominator,
      reduction: configuration.reduction)
  }
}
