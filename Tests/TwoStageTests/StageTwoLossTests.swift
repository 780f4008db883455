import Kernels
import Networks
import TestSupport
import Testing
import TwoStage

@Suite("Stage 2's loss")
struct StageTwoLossTests {
  // The parts, one at a time: the mean over heads, and λ times the batch loss.
  @Test(arguments: [0, 0.2, 1]) func invariantTotalsAddUp(weight: Double) {
    var heads = ClusterHeads<Double>(features: 6, classes: 3, heads: 4, seed: 1)
    let views = unit(.random([10, 6], seed: 2))
    let evaluation = StageTwoLoss<Double>(consistencyWeight: weight).evaluate(
      embeddings: views, accumulatingInto: &heads)
    #expect(evaluation.heads.count == 4 && evaluation.mutualInformation.count == 4)
    let outputs = heads.forward(views).probabilities
    for (head, output) in outputs.enumerated() {
      let term = MutualInformationLoss<Double>().evaluate(first: output.rows(0..<5), second: output.rows(5..<10))
      #expect(evaluation.heads[head] == term.loss)
    }
    expectClose(evaluation.assignment, evaluation.heads.reduce(0, +) / 4, tolerance: 1e-15)
    if weight == 0 {
      #expect(evaluation.consistency == nil && evaluation.total == evaluation.assignment)
    } else {
      let batch = BatchLoss<Double>().evaluate(views).loss
      #expect(evaluation.consistency == batch)
      expectClose(evaluation.total, evaluation.assignment + weight * batch, tolerance: 1e-15)
    }
  }

  @Test(arguments: [0, 0.2, 1]) func gradientsOfEmbeddingsAndWeights(weight: Double) {
    let weights = [Tensor<Double>.random([6, 3], seed: 1), .random([6, 3], seed: 2)]
    let views = unit(.random([10, 6], seed: 3))
    let loss = StageTwoLoss<Double>(
      assignment: MutualInformationLoss(marginalEntropyWeight: 2),
      consistency: BatchLoss(temperature: 0.5, stopsGradient: false), consistencyWeight: weight)
    func evaluate(
      _ views: Tensor<Double>, _ weights: [Tensor<Double>]
    ) -> (StageTwoLoss<Double>.Evaluation, ClusterHeads<Double>) {
      var heads = ClusterHeads(weights: weights, temperature: 0.5, isTrainable: true)
      return (loss.evaluate(embeddings: views, accumulatingInto: &heads), heads)
    }
    let (evaluation, heads) = evaluate(views, weights)
    let ofViews = DirectionalDifference(at: views, gradient: evaluation.embeddingsGradient) {
      evaluate($0, weights).0.total
    }
    #expect(ofViews.relativeDistance < 1e-7, "\(ofViews)")
    let ofWeights = DirectionalDifference(at: weights[0], gradient: heads.weights[0].gradient) {
      evaluate(views, [$0, weights[1]]).0.total
    }
    #expect(ofWeights.relativeDistance < 1e-7, "\(ofWeights)")
  }

  @Test func stopsOnMistakes() async {
    await #expect(processExitsWith: .failure) { _ = StageTwoLoss<Float>(consistencyWeight: -1) }
    await #expect(processExitsWith: .failure) {
      var heads = ClusterHeads<Float>(features: 2, classes: 2, seed: 1)
      _ = StageTwoLoss<Float>().evaluate(embeddings: Tensor(shape: [3, 2]), accumulatingInto: &heads)
    }
  }
}
