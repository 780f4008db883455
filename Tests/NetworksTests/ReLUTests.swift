import Kernels
import Networks
import TestSupport
import Testing

@Suite("ReLU")
struct ReLUTests {
  @Test func workedExample() {
    let (output, cache) = ReLU<Double>().forward(Tensor(rows: [[-1, 0, 2]]))
    #expect(output == Tensor(rows: [[0, 0, 2]]))
    #expect(ReLU<Double>().backward(Tensor(rows: [[5, 6, 7]]), cache: cache) == Tensor(rows: [[0, 0, 7]]))
    let (sum, sumCache) = ReLU<Double>().forward(Tensor(rows: [[-1, 1, 2]]), plus: Tensor(rows: [[2, -3, 1]]))
    #expect(sum == Tensor(rows: [[1, 0, 3]]))
    #expect(ReLU<Double>().backward(Tensor(rows: [[5, 6, 7]]), cache: sumCache) == Tensor(rows: [[5, 0, 7]]))
  }

  /// Inputs at least 0.01 away from the kink at zero, a thousand steps.
  @Test func gradientsOfInput() {
    var input = Tensor<Double>.random([3, 2, 5, 4], seed: 1)
    for i in input.values.indices where abs(input.values[i]) < 0.01 { input.values[i] += 0.5 }
    let cotangent = Tensor<Double>.random(input.shape, seed: 2)
    let gradient = ReLU<Double>().backward(cotangent, cache: ReLU<Double>().forward(input).cache)
    let check = DirectionalDifference(at: input, gradient: gradient) {
      ReLU<Double>().forward($0).output.inner(cotangent)
    }
    #expect(check.relativeDistance < 1e-7, "\(check)")
  }
}
