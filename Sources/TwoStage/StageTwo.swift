// Stage 2: classes, by asking fixed heads on the embedding for balanced and equal answers to two views of an image.
//
// Paper    Han et al., ECCV 2020, stage 2. One step, with V the embeddings of 2B views:
//     V = E(x¹ above x²),   L = (1/H) Σ_h L_assign(head h of V) + λ L_cp(V),   E ← SGD(∂L/∂E)
// Tests    StageTwoTests.swift
import Kernels
import Networks

/// What stage 2 changes as it trains, with its step.
public struct StageTwo<Scalar: RealScalar>: Sendable {
  /// E, from stage 1.
  public var encoder: ImageEncoder<Scalar>
  /// The heads; fixed unless they are trainable.
  public var heads: ClusterHeads<Scalar>
  /// The optimiser of E, fresh at the beginning of the stage.
  public var optimiser: SGD<Scalar>
  /// The optimiser of trainable heads.
  public var headOptimiser: SGD<Scalar>
  /// L.
  public let loss: StageTwoLoss<Scalar>

  /// The beginning of stage 2: stage 1's encoder, random heads.
  public init(_ configuration: Configuration, encoder: ImageEncoder<Scalar>) {
    let stage = configuration.stageTwo
    self.encoder = encoder
    heads = ClusterHeads(
      features: configuration.encoder.embeddingSize, classes: stage.classCount, heads: stage.headCount,
      seed: configuration.seed, temperature: Scalar(stage.headTemperature), axis: stage.headAxis,
      isTrainable: stage.headsAreTrainable)
    optimiser = SGD(stage.optimiser)
    headOptimiser = SGD(stage.optimiser)
    loss = StageTwoLoss(
      assignment: MutualInformationLoss(
        marginalEntropyWeight: Scalar(stage.marginalEntropyWeight), symmetrised: stage.symmetrised),
      consistency: BatchLoss(stage.consistencyLoss), consistencyWeight: Scalar(stage.consistencyWeight))
  }

  /// One step on a batch.
  ///
  /// - Parameters:
  ///   - views: 2B × channels × height × width, the first views above the second views.
  ///   - learningRate: The rate of this epoch.
  /// - Returns: Every term of the loss before the step.
  public mutating func step(views: Tensor<Scalar>, learningRate: Double) -> StageTwoLoss<Scalar>.Evaluation {
    let (embeddings, cache) = encoder.forward(views)
    let evaluation = loss.evaluate(embeddings: embeddings, accumulatingInto: &heads)
    encoder.accumulateGradients(evaluation.embeddingsGradient, cache: cache)
    optimiser.stepAndZeroGradients(&encoder, learningRate: learningRate)
    headOptimiser.stepAndZeroGradients(&heads, learningRate: learningRate)
    return evaluation
  }
}
