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

  // y is the same for s x with s² ε, and the gradient of x is s times that of s x: an input whose squares leave the range has the bits
  // of one that does not, channel by channel, with planes of many pixels and of few.
  @Test(arguments: [(5, 5), (2, 2)]) func invariantOfHugeInputs(side: (Int, Int)) {
    func check<Scalar: RealScalar>(_: Scalar.Type, exponent: Scalar.Exponent) {
      let shape = [3, 2, side.0, side.1]
      let (area, small) = (side.0 * side.1, Tensor<Scalar>.random(shape, seed: 5))
      let factor = Scalar(sign: .plus, exponent: exponent, significand: 1)
      var huge = small
      for i in huge.values.indices where i / area % 2 == 0 { huge.values[i] *= factor }
      let cotangent = Tensor<Scalar>.random(shape, seed: 6)
      func results(_ x: Tensor<Scalar>, epsilon: Scalar) -> (y: Tensor<Scalar>, x: Tensor<Scalar>, weight: [Scalar]) {
        var initialisation = Initialisation(seed: 0)
        var layer = BatchNorm<Scalar>(channels: 2, epsilon: epsilon, momentum: 0, initialisation: &initialisation)
        let (y, cache) = layer.forward(x, mode: .training)
        let gradient = layer.backward(cotangent, cache: cache)
        #expect(layer.runningMean.values == [0, 0] && layer.runningVariance.values == [1, 1])
        return (y, gradient, layer.weight.gradient.values)
      }
      let tiny = Scalar.leastNormalMagnitude
      let (found, expected) = (results(huge, epsilon: tiny), results(small, epsilon: tiny))
      #expect(found.y == expected.y && found.weight == expected.weight)
      for i in found.x.values.indices {
        #expect(found.x.values[i] == (i / area % 2 == 0 ? expected.x.values[i] / factor : expected.x.values[i]))
      }
    }
    check(Double.self, exponent: 600)
    check(Float.self, exponent: 70)
  }

  @Test(arguments: [Mode.training, .evaluation], [(4, 5, 3), (3, 1, 2), (2, 9, 7)])
  func gradientsOfInputAndParameters(mode: Mode, size: (batch: Int, height: Int, width: Int)) {
    let input = Tensor<Double>.random([size.batch, 3, size.height, size.width], seed: 6)
    expectGradients(
      of: layer(channels: 3), at: input, forward: { $0.forward($1, mode: mode) },
      backward: { $0.backward($1, cache: $2) })
    expectGradients(
      of: layer(channels: 3), at: input, step: 1e-6, tolerance: 1e-6,
      forward: { $0.forward($1, mode: mode, withReLU: true) }, backward: { $0.backward($1, cache: $2) })
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
