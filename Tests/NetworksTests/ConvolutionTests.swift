import Kernels
import Networks
import TestSupport
import Testing

@Suite("Convolution layer")
struct ConvolutionTests {
  private func layer(bias: Bool, stride: Int = 1, kernel: Int = 3, padding: Int = 1) -> Convolution<Double> {
    var initialisation = Initialisation(seed: 4)
    return Convolution(
      inputChannels: 3, outputChannels: 2, kernel: kernel, stride: stride, padding: padding, bias: bias,
      initialisation: &initialisation)
  }

  /// A 1 × 1 kernel with weights 2 and −1 and bias 0.5 on the pixels (1, 2) and (3, 5): 2·1 − 3 + 0.5, 2·2 − 5 + 0.5.
  @Test func workedExampleWithBias() {
    var initialisation = Initialisation(seed: 1)
    var layer = Convolution<Double>(
      inputChannels: 2, outputChannels: 1, kernel: 1, padding: 0, bias: true, initialisation: &initialisation)
    layer.weight.value.values = [2, -1]
    layer.bias?.value.values = [0.5]
    let (output, cache) = layer.forward(Tensor(shape: [1, 2, 1, 2], values: [1, 2, 3, 5]))
    #expect(output == Tensor(shape: [1, 1, 1, 2], values: [-0.5, -0.5]))
    // With output gradients 1 and 10: ∂x = (2, 20), (−1, −10); ∂w = 1 + 20, 3 + 50; ∂b = 11.
    let gradient = layer.backward(Tensor(shape: [1, 1, 1, 2], values: [1, 10]), cache: cache)
    #expect(gradient.values == [2, 20, -1, -10])
    #expect(layer.weight.gradient.values == [21, 53])
    #expect(layer.bias?.gradient.values == [11])
  }

  @Test(arguments: [true, false], [1, 2]) func gradientsOfInputAndParameters(bias: Bool, stride: Int) {
    for (kernel, padding) in [(3, 1), (1, 0)] {
      expectGradients(
        of: layer(bias: bias, stride: stride, kernel: kernel, padding: padding), at: .random([2, 3, 7, 4], seed: 2),
        forward: { $0.forward($1) }, backward: { $0.backward($1, cache: $2) })
    }
  }

  @Test func stopsOnWrongChannels() async {
    await #expect(processExitsWith: .failure) {
      var initialisation = Initialisation(seed: 4)
      var layer = Convolution<Float>(inputChannels: 3, outputChannels: 2, initialisation: &initialisation)
      _ = layer.forward(Tensor(shape: [1, 2, 4, 4]))
    }
  }
}
