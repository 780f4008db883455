// The convolution's three fast kernels return the bits of seven nested loops, for every kernel, stride and padding.
import Kernels
import Testing

@Suite("Convolution", .serialized)
struct ConvolutionTests {
  /// Odd and even sizes, H != W, kernels with and without reach, strides with a remainder, small and strip-long planes.
  static let shapes: [ConvolutionShape] = {
    var shapes: [ConvolutionShape] = []
    for (kernelHeight, kernelWidth) in [(1, 1), (2, 2), (3, 3), (3, 2), (5, 3)] {
      for stride in [1, 2, 3] {
        for padding in [0, 1, 2, 4] {
          for (height, width) in [(5, 7), (8, 8), (2, 2), (4, 4), (9, 33), (1, 1)]
          where height + 2 * padding >= kernelHeight && width + 2 * padding >= kernelWidth {
            let number = shapes.count
            shapes.append(
              ConvolutionShape(
                batch: [1, 3, 5, 9][number % 4], inputChannels: [1, 2, 3, 7][number / 3 % 4],
                outputChannels: [1, 5, 8, 17, 33][number / 2 % 5], height: height, width: width,
                kernelHeight: kernelHeight, kernelWidth: kernelWidth, stride: stride, padding: padding))
          }
        }
      }
    }
    return shapes
  }()

  @Test func workedExampleOfOneChannel() {
    // x = [1 2; 3 4], w = [10 1], padding 0:  y[i, 0] = 10 x[i, 0] + x[i, 1] = 12 and 34.
    let shape = ConvolutionShape(
      batch: 1, inputChannels: 1, outputChannels: 1, height: 2, width: 2, kernelHeight: 1, kernelWidth: 2)
    #expect(convolve([1, 2, 3, 4] as [Float], weight: [10, 1], shape: shape) == [12, 34])
    // ∂y = [5; 7]:  ∂x = [50 5; 70 7],  ∂w = [5·1 + 7·3  5·2 + 7·4] = [26 38].
    #expect(
      convolutionInputGradient(outputGradient: [5, 7] as [Float], weight: [10, 1], shape: shape) == [50, 5, 70, 7])
    #expect(
      convolutionWeightGradient(outputGradient: [5, 7] as [Float], input: [1, 2, 3, 4], shape: shape) == [26, 38])
  }

  @Test func workedExampleOfStrideAndPadding() {
    // x = [1 2 3], w = [1 10 100], stride 2, padding 1:  y = [0 + 10·1 + 100·2, 2 + 10·3 + 0] = [210, 32].
    let shape = ConvolutionShape(
      batch: 1, inputChannels: 1, outputChannels: 1, height: 1, width: 3, kernelHeight: 3, kernelWidth: 3, stride: 2,
      padding: 1)
    let weight: [Double] = [0, 0, 0, 1, 10, 100, 0, 0, 0]
    #expect(convolve([1, 2, 3], weight: weight, shape: shape) == [210, 32])
    // ∂y = [1, 1]:  x0 meets w1 of y0; x1 meets w2 of y0 and w0 of y1; x2 meets w1 of y1.
    #expect(convolutionInputGradient(outputGradient: [1, 1], weight: weight, shape: shape) == [10, 101, 10])
  }

  @Test func invariantBitsOfTheNaiveTwins() {
    #expect(Self.shapes.count > 300)
    for shape in Self.shapes {
      expectTwins(Float.self, shape)
      expectTwins(Double.self, shape)
    }
  }

  @Test func invariantBitsInTheShapesOfTraining() {
    for (batch, input, output, size, stride) in [(19, 16, 16, 8, 1), (33, 16, 32, 8, 2), (70, 64, 64, 2, 1)] {
      let shape = ConvolutionShape(
        batch: batch, inputChannels: input, outputChannels: output, height: size, width: size, kernelHeight: 3,
        kernelWidth: 3, stride: stride, padding: 1)
      expectTwins(Float.self, shape)
    }
    // Each way of laying out the lanes: images of small planes (also with lanes left over and odd planes), pixels read in
    // place (whole tiles of 16 and 24 channels; chains of two stretches; rows of two taps, in gradients of stride 2),
    // pixels gathered (a short last panel), patches (3 channels).
    for (batch, input, output, size, stride) in [
      (32, 20, 12, 4, 1), (61, 9, 17, 5, 2), (64, 8, 8, 7, 1), (2, 16, 16, 32, 1),
      (3, 24, 40, 16, 2), (2, 10, 13, 32, 1), (16, 3, 16, 32, 1), (3, 3, 24, 33, 2), (1, 96, 24, 16, 1),
      (1, 24, 96, 16, 1), (2, 24, 24, 32, 2),
    ] {
      let shape = ConvolutionShape(
        batch: batch, inputChannels: input, outputChannels: output, height: size, width: size, kernelHeight: 3,
        kernelWidth: 3, stride: stride, padding: 1)
      expectTwins(Float.self, shape)
      expectTwins(Double.self, shape)
    }
    // Pixels of a shortcut's gradient that lie side by side and end inside a vector: nothing behind them may be read, which
    // only the address sanitizer tells.
    for channels in [16, 24] {
      let shortcut = ConvolutionShape(
        batch: 1, inputChannels: channels, outputChannels: channels, height: 10, width: 14, kernelHeight: 1,
        kernelWidth: 1, stride: 2)
      expectTwins(Float.self, shortcut)
      expectTwins(Double.self, shortcut)
    }
    // More images than one group of the weight gradient holds: the chain goes on from group to group.
    let large = ConvolutionShape(
      batch: 5, inputChannels: 6, outputChannels: 4, height: 150, width: 150, kernelHeight: 2, kernelWidth: 2,
      stride: 2)
    expectTwins(Float.self, large)
  }

  // Kernels skip what multiplies padding; where a factor is not finite, x · 0 is not 0, and they must not.
  @Test func edgeFactorsThatAreNotFinite() {
    let shape = ConvolutionShape(
      batch: 64, inputChannels: 9, outputChannels: 8, height: 3, width: 4, kernelHeight: 3, kernelWidth: 3, padding: 1)
    var stream = RandomStream(seed: 5, purpose: .test)
    let input: [Float] = stream.scalars(shape.inputCount)
    var weight: [Float] = stream.scalars(shape.weightCount)
    var cotangent: [Float] = stream.scalars(shape.outputCount)
    (weight[5], cotangent[7]) = (.infinity, .nan)
    func bits(_ values: [Float]) -> [UInt32] { values.map { $0.isNaN ? Float.nan.bitPattern : $0.bitPattern } }
    let output = referenceConvolve(input, weight: weight, shape: shape)
    #expect(output.contains { $0.isNaN })
    #expect(bits(convolve(input, weight: weight, shape: shape)) == bits(output))
    #expect(
      bits(convolutionInputGradient(outputGradient: cotangent, weight: weight, shape: shape))
        == bits(referenceConvolutionInputGradient(outputGradient: cotangent, weight: weight, shape: shape)))
    #expect(
      bits(convolutionWeightGradient(outputGradient: cotangent, input: input, shape: shape))
        == bits(referenceConvolutionWeightGradient(outputGradient: cotangent, input: input, shape: shape)))
  }

  /// <∂y, x * w> is linear in x and in w, so both gradients must give it back: Σ ∂x x = Σ ∂w w = Σ ∂y y.
  @Test(arguments: [ConvolutionTests.shapes[7], ConvolutionTests.shapes[100], ConvolutionTests.shapes[200]])
  func gradientsAreAdjoint(shape: ConvolutionShape) {
    var stream = RandomStream(seed: 3, purpose: .test)
    let input: [Double] = stream.scalars(shape.inputCount)
    let weight: [Double] = stream.scalars(shape.weightCount)
    let cotangent: [Double] = stream.scalars(shape.outputCount)
    func inner(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    let value = inner(cotangent, convolve(input, weight: weight, shape: shape))
    let fromInput = inner(
      input, convolutionInputGradient(outputGradient: cotangent, weight: weight, shape: shape))
    let fromWeight = inner(weight, convolutionWeightGradient(outputGradient: cotangent, input: input, shape: shape))
    // A few thousand terms of size one, each rounded at 1e-16: 1e-12 is ten times what can add up.
    #expect(abs(fromInput - value) < 1e-12 * Double(shape.outputCount))
    #expect(abs(fromWeight - value) < 1e-12 * Double(shape.outputCount))
  }

  @Test func stopsAtAWrongSize() async {
    await #expect(processExitsWith: .failure) {
      let shape = ConvolutionShape(
        batch: 1, inputChannels: 1, outputChannels: 1, height: 2, width: 2, kernelHeight: 1, kernelWidth: 2)
      _ = convolve([1, 2, 3] as [Float], weight: [10, 1], shape: shape)
    }
    await #expect(processExitsWith: .failure) {
      _ = ConvolutionShape(
        batch: 1, inputChannels: 1, outputChannels: 1, height: 2, width: 2, kernelHeight: 5, kernelWidth: 1, padding: 1)
    }
  }

  private func expectTwins<Scalar: RealScalar>(_: Scalar.Type, _ shape: ConvolutionShape) {
    var stream = RandomStream(seed: UInt32(shape.outputCount), purpose: .test)
    let input: [Scalar] = stream.scalars(shape.inputCount)
    let weight: [Scalar] = stream.scalars(shape.weightCount)
    let cotangent: [Scalar] = stream.scalars(shape.outputCount)
    let output = referenceConvolve(input, weight: weight, shape: shape)
    let inputGradient = referenceConvolutionInputGradient(outputGradient: cotangent, weight: weight, shape: shape)
    let weightGradient = referenceConvolutionWeightGradient(outputGradient: cotangent, input: input, shape: shape)
    for threads in [1, 2, 3, 7] {
      withThreads(threads) {
        #expect(
          convolve(input, weight: weight, shape: shape) == output, "forward, \(Scalar.self), \(shape), \(threads)")
        #expect(
          convolutionInputGradient(outputGradient: cotangent, weight: weight, shape: shape) == inputGradient,
          "input gradient, \(Scalar.self), \(shape), \(threads)")
        #expect(
          convolutionWeightGradient(outputGradient: cotangent, input: input, shape: shape) == weightGradient,
          "weight gradient, \(Scalar.self), \(shape), \(threads)")
      }
    }
  }
}
