import Kernels
import Testing

@Suite("Element-by-element kernels", .serialized)
struct ElementwiseTests {
  /// g = 2 + 0.5·4 = 4; velocity = 0.5·6 + 4 = 7; Nesterov 4 + 0.5·7 = 7.5; value 4 − 0.25·7.5 = 2.125, else 4 − 1.75.
  @Test func workedExampleDescend() {
    for (nesterov, expected) in [(true, 2.125), (false, 2.25)] {
      var (value, gradient, velocity): ([Double], [Double], [Double]) = ([4], [2], [6])
      sgdUpdate(
        &value, gradient: &gradient, velocity: &velocity, learningRate: 0.25, momentum: 0.5, nesterov: nesterov,
        weightDecay: 0.5)
      #expect(value == [expected])
      #expect(velocity == [7])
      #expect(gradient == [0])
    }
  }

  @Test func workedExampleRectifiers() {
    #expect(relu([-1, 0, 2] as [Float]) == [0, 0, 2])
    #expect(reluOfSum([-1, 1, 2] as [Float], [0.5, -1, 1]) == [0, 0, 3])
    #expect(reluGradient(outputGradient: [5, 6, 7] as [Float], output: [0, 0, 3]) == [0, 0, 7])
    #expect(relu([Float.nan])[0].isNaN)
  }

  @Test(arguments: [1, 7, 8, 9, 16_383, 16_384, 16_385, 50_001]) func invariantSameBitsAsNaiveTwin(count: Int) {
    compare(Float.self, count)
    compare(Double.self, count)
  }

  private func compare<Scalar: RealScalar>(_ type: Scalar.Type, _ count: Int) {
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    let a = (normalNumbers(count, seed: 1) as [Scalar])
    let b = (normalNumbers(count, seed: 2) as [Scalar])
    let c = (normalNumbers(count, seed: 3) as [Scalar])
    for threads in [1, 2, 3, 7] {
      Parallel.threadCount = threads
      #expect(relu(a) == referenceReLU(a))
      #expect(reluOfSum(a, b) == referenceReLUOfSum(a, b))
      #expect(reluGradient(outputGradient: a, output: b) == referenceReLUGradient(outputGradient: a, output: b))
      var (fastSum, naiveSum) = (a, a)
      add(b, scaledBy: 0.3, into: &fastSum)
      referenceAdd(b, scaledBy: 0.3, into: &naiveSum)
      #expect(fastSum == naiveSum)
      var (fast, naive) = ((a, b, c), (a, b, c))
      for nesterov in [true, false] {
        sgdUpdate(
          &fast.0, gradient: &fast.1, velocity: &fast.2, learningRate: 0.03, momentum: 0.9, nesterov: nesterov,
          weightDecay: 5e-4)
        referenceSGDUpdate(
          &naive.0, gradient: &naive.1, velocity: &naive.2, learningRate: 0.03, momentum: 0.9, nesterov: nesterov,
          weightDecay: 5e-4)
        #expect(fast == naive)
        (fast.1, naive.1) = (b, b)
      }
    }
  }

  @Test func stopsOnUnequalCounts() async {
    await #expect(processExitsWith: .failure) { _ = reluOfSum([1, 2] as [Float], [1]) }
  }
}

private func normalNumbers<Scalar: RealScalar>(_ count: Int, seed: UInt32) -> [Scalar] {
  var stream = RandomStream(seed: seed, purpose: .test)
  return (0..<count).map { _ in Scalar(stream.normal()) }
}
