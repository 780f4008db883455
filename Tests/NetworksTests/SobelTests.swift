import Kernels
import Networks
import TestSupport
import Testing

@Suite("Sobel filter")
struct SobelTests {
  /// Three equal channels are their own grey.
  ///
  /// On the ramp x[i, j] = j the inner pixels have Gx = (1 + 2 + 1)(−1 − 1) = −8 by
  /// hand: Σ row weights · ((j − 1) − (j + 1)) = 4 · (−2), and Gy = 0; on x[i, j] = i they have Gx = 0 and Gy = −8.
  @Test func workedExampleRamps() {
    for (ramp, expected) in [({ $1 }, (-8.0, 0.0)), ({ i, _ in i }, (0.0, -8.0))]
      as [((Int, Int) -> Int, (Double, Double))]
    {
      let plane = (0..<5).flatMap { i in (0..<4).map { j in Double(ramp(i, j)) } }
      let output = Sobel<Double>(channels: 3).forward(
        Tensor(shape: [1, 3, 5, 4], values: plane + plane + plane)
      ).output
      #expect(output.shape == [1, 2, 5, 4])
      for i in 1..<4 {
        for j in 1..<3 {
          // Grey is a chain of three products with 1/3, hence not exact.
          #expect(abs(output.values[i * 4 + j] - expected.0) < 1e-14)
          #expect(abs(output.values[20 + i * 4 + j] - expected.1) < 1e-14)
        }
      }
    }
    #expect(Sobel<Double>(channels: 3).fixedWeightCount == 24)
  }

  @Test(arguments: [1, 2, 3, 4]) func gradientsOfImages(channels: Int) {
    let input = Tensor<Double>.random([2, channels, 6, 5], seed: 1)
    let cotangent = Tensor<Double>.random([2, 2, 6, 5], seed: 2)
    let filter = Sobel<Double>(channels: channels)
    let gradient = filter.backward(cotangent, cache: filter.forward(input).cache)
    let check = DirectionalDifference(at: input, gradient: gradient) { filter.forward($0).output.inner(cotangent) }
    #expect(check.relativeDistance < 1e-7, "\(check)")
  }

  // Grey is a sum of thirds before the edges, or each tap is a third of one: 27 products and sums of at most 8 in all.
  @Test(arguments: [1, 2, 3]) func invariantBothStepsAreOneConvolution(channels: Int) {
    let (filter, images) = (Sobel<Double>(channels: channels), Tensor<Double>.random([2, channels, 5, 4], seed: 3))
    let shape = ConvolutionShape(
      batch: 2, inputChannels: channels, outputChannels: 2, height: 5, width: 4, kernelHeight: 3, kernelWidth: 3,
      padding: 1)
    let output = filter.forward(images).output
    #expect(filter.weight.shape == [2, channels, 3, 3])
    let largest = images.values.reduce(0) { max($0, abs($1)) }
    for (one, two) in zip(convolve(images.values, weight: filter.weight.values, shape: shape), output.values) {
      #expect(abs(one - two) <= 32 * 0x1p-53 * 8 * largest)
    }
  }
}
