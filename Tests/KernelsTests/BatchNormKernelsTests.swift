import Kernels
import Testing

/// Sizes on both sides of every edge of the kernels: 16 lanes, quads of a rest, channels that share a block.
private let shapes: [(Int, Int, Int)] = [
  (2, 1, 1), (3, 2, 1), (5, 17, 2), (2, 3, 3), (7, 66, 4), (2, 5, 5), (3, 4, 6), (2, 3, 7), (3, 20, 9), (2, 2, 11),
  (2, 3, 12), (2, 3, 13), (2, 7, 15), (3, 5, 16), (2, 5, 17), (2, 2, 31), (2, 3, 33), (2, 3, 63), (3, 4, 64),
  (2, 3, 65), (2, 2, 1024), (1, 2, 1031),
]

@Suite("Batch-norm kernels", .serialized)
struct BatchNormKernelsTests {
  /// One channel of two images of two pixels, 1, 3 and 5, 7.
  ///
  /// Mean 4; squares 9 + 1 + 1 + 9 = 20; variance 5.
  /// With inverse deviation 1/2, weight 3 and bias 1: y = 1.5 (x − 4) + 1 = −3.5, −0.5, 2.5, 5.5.
  @Test func workedExampleMomentsAndNormalisation() {
    let shape = ChannelShape(batch: 2, channels: 1, pixels: 2)
    let moments = channelMoments([1, 3, 5, 7] as [Double], shape: shape)
    #expect(moments.mean == [4])
    #expect(moments.variance == [5])
    for (withReLU, expected) in [(false, [-3.5, -0.5, 2.5, 5.5]), (true, [0, 0, 2.5, 5.5])] {
      let normalisation = ChannelNormalisation<Double>(
        mean: [4], inverseDeviation: [0.5], weight: [3], bias: [1], withReLU: withReLU)
      #expect(batchNormalise([1, 3, 5, 7], by: normalisation, shape: shape) == expected)
    }
  }

  @Test(arguments: shapes) func invariantSameBitsAsNaiveTwinFloat(batch: Int, channels: Int, pixels: Int) {
    compare(Float.self, ChannelShape(batch: batch, channels: channels, pixels: pixels))
  }

  @Test(arguments: shapes) func invariantSameBitsAsNaiveTwinDouble(batch: Int, channels: Int, pixels: Int) {
    compare(Double.self, ChannelShape(batch: batch, channels: channels, pixels: pixels))
  }

  private func compare<Scalar: RealScalar>(_ type: Scalar.Type, _ shape: ChannelShape) {
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    let random = { (seed: UInt32, count: Int) -> [Scalar] in normalNumbers(count, seed: seed) }
    let (input, gradient) = (random(1, shape.count), random(2, shape.count))
    let moments = referenceChannelMoments(input, shape: shape)
    for withReLU in [false, true] {
      let normalisation = ChannelNormalisation(
        mean: random(3, shape.channels), inverseDeviation: random(4, shape.channels).map { abs($0) },
        weight: random(5, shape.channels), bias: random(6, shape.channels), withReLU: withReLU)
      let output = referenceBatchNormalise(input, by: normalisation, shape: shape)
      for batchStatistics in [true, false] {
        let naive = referenceBatchNormaliseGradients(
          outputGradient: gradient, input: input, by: normalisation, shape: shape, batchStatistics: batchStatistics)
        for threads in [1, 2, 3, 7] {
          Parallel.threadCount = threads
          let fast = batchNormaliseGradients(
            outputGradient: gradient, input: input, by: normalisation, shape: shape, batchStatistics: batchStatistics)
          #expect(fast == naive, "gradients of \(shape), \(threads) threads")
          #expect(batchNormalise(input, by: normalisation, shape: shape) == output, "\(shape), \(threads) threads")
          #expect(channelMoments(input, shape: shape) == moments, "moments of \(shape), \(threads) threads")
        }
      }
    }
  }

  /// A channel whose mean is a thousand deviations keeps its variance: the one-pass formula would lose 6 of 7 digits.
  @Test func invariantVarianceUnderShift() {
    let shape = ChannelShape(batch: 8, channels: 1, pixels: 256)
    let values = (normalNumbers(shape.count, seed: 9) as [Float]).map { $0 + 1000 }
    let exact = referenceChannelMoments(values.map(Double.init), shape: shape).variance[0]
    // Values near 1000 have an ulp of 6e-5; the rounded mean adds at most its square, 1e-9.
    #expect(abs(Double(channelMoments(values, shape: shape).variance[0]) - exact) < 1e-6)
  }

  @Test func stopsOnWrongSizes() async {
    await #expect(processExitsWith: .failure) {
      _ = channelMoments([1, 2, 3] as [Float], shape: ChannelShape(batch: 2, channels: 1, pixels: 2))
    }
    await #expect(processExitsWith: .failure) { _ = ChannelShape(batch: 0, channels: 1, pixels: 1) }
  }
}

private func normalNumbers<Scalar: RealScalar>(_ count: Int, seed: UInt32) -> [Scalar] {
  var stream = RandomStream(seed: seed, purpose: .test)
  return (0..<count).map { _ in Scalar(stream.normal()) }
}
