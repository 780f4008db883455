import Kernels
import Testing

@testable import TwoStage

@Suite("Reductions and logarithms of the losses")
struct ReductionTests {
  @Test func workedExampleOfScales() {
    #expect(Reduction.mean.scale(rows: 4) == Float(0.25))
    #expect(Reduction.sum.scale(rows: 4) == Float(1))
    #expect(Reduction.mean.scale(rows: 0) == Float(1))
  }

  // log(1 − x) = −x − x²/2 − x³/3 …; log(1 − 1/2) = −log 2.
  @Test(arguments: [1e-30, 1e-8, 1e-3, 0.5]) func workedExampleOfLogOneMinus(x: Double) {
    let series = x == 0.5 ? -0.6931471805599453 : -x - x * x / 2 - x * x * x / 3 - x * x * x * x / 4
    // Eight Float roundings; the series itself is exact to 2e-13 at 1e-3.
    #expect(abs(Double(logOneMinus(Float(x))) / series - 1) < 8 * 0x1p-24)
    #expect(abs(logOneMinus(x) / series - 1) < 1e-12)
  }

  @Test func workedExampleOfLogAddExp() {
    #expect(logAddExp(-.infinity, -Double.infinity) == -.infinity)
    #expect(logAddExp(3, -Double.infinity) == 3)
    #expect(abs(logAddExp(1000, 1000) - (1000 + 0.6931471805599453)) < 1e-12)
    #expect(logAddExp(Float(0), -30) > 0)  // log(1 + e^−30) = 9.4e-14 is not lost beside 1
  }
}
