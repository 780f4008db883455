// Both stages at once: the paper's ablation that shows what the two stages are for.
//
// Paper    Han et al., ECCV 2020, table 3, "joint". One step, with V the embeddings of 2B views:
//     L = L_AND + w L_UE + L_AUG + L_assign + λ L_cp,   E ← SGD(∂L/∂E),   M ← momentum of V
// The paper tells neither epochs nor rates of this run. Here they are those of stage 1, whose neighbourhoods need rounds;
// the epoch that counts is that of the lowest mean of stage 2's part, since w makes sums over all terms incomparable.
// Tests    JointTrainingTests.swift
import Kernels
import Networks

extension StageOne {
  /// One step of this stage's encoder on the losses of both stages; of stage 2 only trainable heads change.
  ///
  /// - Parameters:
  ///   - views: 2B × channels × height × width, the first views above the second views.
  ///   - images: The B images of the batch.
  ///   - learningRate: Of the encoder, and of heads that are trained.
  ///   - entropyWeight: w.
  ///   - stageTwo: Whose loss and heads take part; its own encoder does not.
  /// - Returns: Every term of both losses before the step.
  public mutating func step(
    views: Tensor<Scalar>, images: [Int], learningRate: Double, entropyWeight: Double,
    jointlyWith stageTwo: inout StageTwo<Scalar>
  ) -> (stageOne: StageOneLoss<Scalar>.Evaluation, stageTwo: StageTwoLoss<Scalar>.Evaluation) {
    let (embeddings, cache) = encoder.forward(views)
    let first = loss.evaluate(
      embeddings: embeddings, images: images, bank: bank, neighbourhoods: neighbourhoods,
      entropyWeight: Scalar(entropyWeight))
    let second = stageTwo.loss.evaluate(embeddings: embeddings, accumulatingInto: &stageTwo.heads)
    var gradient = first.embeddingsGradient
    add(second.embeddingsGradient.values, into: &gradient.values)
    encoder.accumulateGradients(gradient, cache: cache)
    bank.update(images: images, embeddings: embeddings)
    optimiser.stepAndZeroGradients(&encoder, learningRate: learningRate)
    stageTwo.headOptimiser.stepAndZeroGradients(&stageTwo.heads, learningRate: learningRate)
    return (first, second)
  }
}

/// The terms of a joint step by name: the sum of all, stage 1's, stage 2's sum as "L_two", and its terms.
func jointTerms<Scalar: RealScalar>(
  _ first: StageOneLoss<Scalar>.Evaluation, _ second: StageTwoLoss<Scalar>.Evaluation
) -> [LossTerm] {
  [
    LossTerm(name: "total", value: Double(first.total + second.total)),
    LossTerm(name: "L_two", value: Double(second.total)),
  ] + first.terms.dropFirst() + second.terms.dropFirst()
}
