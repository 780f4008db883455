import Kernels
import Networks
import TestSupport
import Testing

@Suite("Batch norm")
struct BatchNormTests {
  private func layer(channels: Int) -> BatchNorm<Double> {
    var initialisation = Initialisation(seed: 1)
    var layer = BatchNorm<Double>(channels: channels, initialisation: &initialisation)
    layer.weight.value = .random([channels], seed: 31)
    layer.bias.value = .random([channels], seed: 32)
    layer.runningMean = .random([channels], seed: 33)
    layer.runningVariance.values = (0..<channels).map { 0.5 + Double($0) }
    return layer
  }

  /// Values 1, 3, 5, 7: mean 4, squares 9 + 1 + 1 + 9, so biased variance 5 and unbiased 20/3.
  ///
  /// With eps 0 and gamma 1: (x − 4)/√5. Running mean 0.9·0 + 0.1·4, running variance 0.9·1 + 0.1·20/3.
  @Test func workedExampleStatistics() {
    var initialisation = Initialisation(seed: 1)
    var layer = BatchNorm<Double>(channels: 1, epsilon: 0, initialisation: &initialisation)
    let (output, _) = layer.forward(Tensor(shape: [2, 1, 1, 2], values: [1, 3, 5, 7]), mode: .training)
    for (actual, expected) in zip(output.values, [-3, -1, 1, 3] as [Double]) {
      #expect(abs(actual - expected / 5.0.squareRoot()) < 1e-15)
    }
    #expect(abs(layer.runningMean.values[0] - 0.4) < 1e-15)
    #expect(abs(layer.runningVariance.values[0] - (0.9 + 2.0 / 3)) < 1e-15)
    // Evaluation uses the running values and leaves them alone.
    let before = (layer.runningMean, layer.runningVariance)
    let (evaluated, _) = layer.forward(Tensor(shape: [1, 1, 1, 1], values: [1.4]), mode: .evaluation)
    #expect(abs(evaluated.values[0] - 1 / (0.9 + 2.0 / 3).squareRoot()) < 1e-15)
    #expect(layer.runningMean == before.0 && layer.runningVariance == before.1)
  }

  /// With batch statistics the output has mean beta and the input's gradient sums to zero in every channel.
  @Test func invariantChannelSums() {
    var layer = layer(channels: 3)
    let input = Tensor<Double>.random([4, 3, 5, 3], seed: 2)
    let (output, cache) = layer.forward(input, mode: .training)
    let gradient = layer.backward(.random([4, 3, 5, 3], seed: 3), cache: cache)
    let moments = channelMoments(output.values, shape: ChannelShape(batch: 4, channels: 3, pixels: 15))
    let means = channelMoments(gradient.values, shape: ChannelShape(batch: 4, channels: 3, pixels: 15)).mean
    for c in 0..<3 {
      #expect(abs(moments.mean[c] - layer.bias.value.values[c]) < 1e-14)
      #expect(abs(means[c]) < 1e-14)
    }
  }

  @Test(arguments: [Mode.training, .evaluation], [(4, 5, 3), (3, 1, 2), (2, 9, 7)])
  func gradientsOfInputAndParameters(mode: Mode, size: (batch: Int, height: Int, width: Int)) {
    let input = Tensor<Double>.random([size.batch, 3, size.height, size.width], seed: 6)
    expectGradients(
      of: layer(channels: 3), at: input, forward: { $0.forward($1, mode: mode) },
      backward: { $0.backward($1, cache: $2) })
    expectGradients(
      of: layer(channels: 3), at: input, step: 1e-6, tolerance: 1e-6,
      forward: { $0.forward($1, mode: mode, rectified: true) }, backward: { $0.backward($1, cache: $2) })
  }

  private struct Stored: Decodable {
    struct Step: Decodable {
      let mode: String
      let input, cotangent, output, inputGradient: StoredTensor
      let gradients, after: [String: StoredTensor]
    }
    let initial: [String: StoredTensor]
    let steps: [Step]
  }

  @Test func goldenTwoTrainingStepsAndEvaluation() throws {
    let stored = try storedValues("batch-norm", as: Stored.self)
    var layer = layer(channels: 3)
    layer.load(stored.initial)
    #expect(stored.steps.count == 3)
    for step in stored.steps {
      layer.zeroGradients()
      let (output, cache) = layer.forward(step.input.tensor, mode: step.mode == "training" ? .training : .evaluation)
      let gradient = layer.backward(step.cotangent.tensor, cache: cache)
      expectClose(output, step.output, "output, \(step.mode)")
      expectClose(gradient, step.inputGradient, "input's gradient, \(step.mode)")
      layer.expectStored(gradients: step.gradients, after: step.after)
    }
  }

  @Test func stopsOnOneValuePerChannel() async {
    await #expect(processExitsWith: .failure) {
      var initialisation = Initialisation(seed: 1)
      var layer = BatchNorm<Float>(channels: 3, initialisation: &initialisation)
      _ = layer.forward(Tensor(shape: [1, 3, 1, 1]), mode: .training)
    }
  }
}
