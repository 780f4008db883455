import Kernels
import Networks
import Testing

@testable import Oracle

@Suite("Errors that are carried along")
struct RunningErrorTests {
  // √(x y) and √(x / y) of numbers drawn as exp U(ln a, ln b), in Float and in Double.
  @Test func floatStaysWithinTheScale() {
    var stream = RandomStream(seed: 3, purpose: .test)
    var largest = 0.0
    for _ in 0..<2000 {
      let (a, b, u) = (stream.uniform(0.1, 4), stream.uniform(4, 9), stream.uniform())
      func value<Scalar: RealScalar>(_: Scalar.Type) -> [Double] {
        let (low, high) = (Scalar.log(Scalar(a)), Scalar.log(Scalar(b)))
        let x = Scalar.exp(low + (high - low) * Scalar(u))
        return [x, (x * Scalar(b)).squareRoot(), (Scalar(b) / x).squareRoot()].map { Double($0) }
      }
      let x = RunningError.uniform(.logarithm(of: a), .logarithm(of: b), u).exponential
      let y = RunningError(rounded: b)
      let right = [x, (x * y).squareRoot, (y / x).squareRoot]
      for (carried, (float, double)) in zip(right, zip(value(Float.self), value(Double.self))) {
        #expect(abs(carried.value - double) <= 1e-13 * double)
        largest = max(largest, abs(float - double) / (carried.scale * 0x1p-24))
      }
    }
    // Not too wide either: a scale of ten times the largest error would hide what it should show.
    #expect(largest <= 1 && largest >= 0.2, "\(largest)")
  }
}
