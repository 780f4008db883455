import Kernels
import Testing

@Suite("Global average pooling kernels", .serialized)
struct PoolingTests {
  @Test func workedExample() {
    #expect(planeMeans([1, 2, 6, -4, 0, 1] as [Float], pixels: 3) == [3, -1])
    #expect(planeMeansGradient(outputGradient: [3, -1.5] as [Float], pixels: 3) == [1, 1, 1, -0.5, -0.5, -0.5])
  }

  @Test(arguments: [(1, 1), (3, 4), (4097, 2), (129, 64), (130, 63), (3, 9001)])
  func invariantSameBitsAsNaiveTwin(planes: Int, pixels: Int) {
    compare(Float.self, planes, pixels)
    compare(Double.self, planes, pixels)
  }

  private func compare<Scalar: RealScalar>(_ type: Scalar.Type, _ planes: Int, _ pixels: Int) {
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    let input: [Scalar] = normalNumbers(planes * pixels, seed: 1)
    for threads in [1, 2, 3, 7] {
      Parallel.threadCount = threads
      let means = planeMeans(input, pixels: pixels)
      #expect(means == referencePlaneMeans(input, pixels: pixels))
      #expect(
        planeMeansGradient(outputGradient: means, pixels: pixels)
          == referencePlaneMeansGradient(outputGradient: means, pixels: pixels))
    }
  }
}

private func normalNumbers<Scalar: RealScalar>(_ count: Int, seed: UInt32) -> [Scalar] {
  var stream = RandomStream(seed: seed, purpose: .test)
  return (0..<count).map { _ in Scalar(stream.normal()) }
}
