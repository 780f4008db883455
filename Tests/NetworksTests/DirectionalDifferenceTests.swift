import Kernels
import Networks
import TestSupport
import Testing

@Suite("Directional difference")
struct DirectionalDifferenceTests {
  private let point = Tensor<Double>.random([3, 4], seed: 11)
  private func loss(_ x: Tensor<Double>) -> Double { x.values.reduce(0) { $0 + $1 * $1 * $1 } }
  private var gradient: Tensor<Double> { Tensor(shape: point.shape, values: point.values.map { 3 * $0 * $0 }) }

  // For f(x) = ⟨c, x⟩ the difference is ⟨c, d⟩ whatever the step: both sides agree to rounding.
  @Test func workedExampleLinear() {
    let cotangent = Tensor<Double>.random([3, 4], seed: 12)
    let check = DirectionalDifference(at: point, gradient: cotangent) { $0.inner(cotangent) }
    #expect(check.relativeDistance < 1e-9)
    #expect(abs(check.claimed) > 1e-3)
  }

  @Test(arguments: [1, 2, 3] as [UInt32]) func gradientsCubic(seed: UInt32) {
    let check = DirectionalDifference(at: point, gradient: gradient, seed: seed, loss: loss)
    #expect(check.relativeDistance < 1e-7, "\(check)")
  }

  // The check must see a wrong sign, a lost factor and one wrong entry.
  @Test func invariantSeesMistakes() {
    let wrong = [
      gradient.values.map { -$0 }, gradient.values.map { $0 * 2 / 3 },
      gradient.values.enumerated().map { $0 == 5 ? $1 + 0.01 : $1 },
    ]
    for values in wrong {
      let check = DirectionalDifference(at: point, gradient: Tensor(shape: point.shape, values: values), loss: loss)
      #expect(check.relativeDistance > 1e-5, "\(check)")
    }
  }

  // Where both sides vanish, the distance is absolute, over 1e-3.
  @Test func invariantZeroGradient() {
    let zero = Tensor<Double>(shape: point.shape)
    #expect(DirectionalDifference(at: point, gradient: zero) { _ in 4.25 }.relativeDistance == 0)
  }

  @Test func invariantRandomTensors() {
    #expect(Tensor<Float>.random([50], seed: 1) == Tensor<Double>.random([50], seed: 1).converted())
    #expect(Tensor<Double>.random([50], seed: 1) != Tensor<Double>.random([50], seed: 2))
    #expect(Tensor<Float>(rows: [[1, 2], [3, 4]]).inner(Tensor(rows: [[5, 6], [7, 8]])) == 70)
  }

  @Test func stopsOnShapes() async {
    await #expect(processExitsWith: .failure) {
      _ = Tensor<Float>(shape: [2]).inner(Tensor<Float>(shape: [1, 2]))
    }
    await #expect(processExitsWith: .failure) {
      _ = DirectionalDifference(at: Tensor(shape: [2]), gradient: Tensor(shape: [3])) { _ in 0 }
    }
  }
}
