import Kernels
import Networks
import TestSupport
import Testing

@Suite("Global average pooling")
struct GlobalAveragePoolTests {
  @Test func workedExample() {
    let pool = GlobalAveragePool<Double>()
    let (output, cache) = pool.forward(Tensor(shape: [1, 2, 1, 3], values: [1, 2, 6, -4, 0, 1]))
    #expect(output == Tensor(rows: [[3, -1]]))
    #expect(pool.backward(Tensor(rows: [[3, 6]]), cache: cache).values == [1, 1, 1, 2, 2, 2])
  }

  @Test func gradientsOfInput() {
    let pool = GlobalAveragePool<Double>()
    let input = Tensor<Double>.random([3, 2, 5, 4], seed: 1)
    let cotangent = Tensor<Double>.random([3, 2], seed: 2)
    let gradient = pool.backward(cotangent, cache: pool.forward(input).cache)
    let check = DirectionalDifference(at: input, gradient: gradient) { pool.forward($0).output.inner(cotangent) }
    #expect(check.relativeDistance < 1e-7, "\(check)")
  }
}
