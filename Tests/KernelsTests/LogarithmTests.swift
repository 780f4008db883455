import Foundation
import Kernels
import Testing

@Suite("Logarithm")
struct LogarithmTests {
  // Correctly rounded from 60 digits (mpmath); ours may be one unit off.
  @Test(
    arguments: [
      (2.0, 0x3FE6_2E42_FEFA_39EF), (0.5, 0xBFE6_2E42_FEFA_39EF), (10.0, 0x4002_6BB1_BBB5_5516),
      (1.4142135623730951, 0x3FD6_2E42_FEFA_39F0), (0.7071067811865476, 0xBFD6_2E42_FEFA_39EE),
      (0.9999999999999999, 0xBCA0_0000_0000_0000), (1.0000000000000002, 0x3CAF_FFFF_FFFF_FFFF),
      (1e300, 0x4085_9634_47F8_7FB5), (0x1p-1074, 0xC087_4385_446D_71C3),
      (2.2250738585072014e-308, 0xC086_232B_DD7A_BCD2), (3.0, 0x3FF1_93EA_7AAD_030B),
    ] as [(Double, UInt64)])
  func workedExampleDouble(x: Double, bits: UInt64) {
    let distance = Int64(bitPattern: Double.log(x).bitPattern) &- Int64(bitPattern: bits)
    #expect((-1...1).contains(distance), "log(\(x)) is \(distance) units from the true value")
  }

  @Test func workedExampleLimits() {
    #expect(Float.log(1).bitPattern == 0 && Double.log(1).bitPattern == 0)
    #expect(Float.log(0) == -.infinity && Double.log(0) == -.infinity)
    #expect(Float.log(-0.0) == -.infinity && Double.log(-0.0) == -.infinity)
    #expect(Float.log(.infinity) == .infinity && Double.log(.infinity) == .infinity)
    #expect(Float.log(.nan).isNaN && Double.log(.nan).isNaN)
    #expect(Float.log(-1).isNaN && Double.log(-1).isNaN)
    #expect(Float.log(-.leastNonzeroMagnitude).isNaN && Double.log(-.infinity).isNaN)
    // −149 ln 2 = −103.27893, ln of the least positive Float.
    #expect(abs(Float.log(.leastNonzeroMagnitude) + 103.27893) < 1e-5)
  }

  // A faithful result is one of the two neighbours of the true value; 0.66 is the worst over all 2³² inputs.
  @Test func invariantFloatWithinOneUnit() {
    var worst = 0.0
    for bits in stride(from: UInt32(1), to: 0x7F80_0000, by: 1009) {
      let x = Float(bitPattern: bits)
      let truth = Foundation.log(Double(x))
      worst = max(worst, abs(Double(Float.log(x)) - truth) / Double(Float(truth).ulp))
    }
    #expect(worst < 0.7)
    #expect(worst > 0.5)
  }

  @Test func invariantNeverDecreases() {
    for start in [Float(1), 1.41421, 2, 0x1p-133, 0.70711] {
      var x = start
      for _ in 0..<50_000 {
        if Float.log(x.nextDown) > Float.log(x) {
          Issue.record("log decreases at \(x)")
          return
        }
        x = x.nextDown
      }
    }
  }

  // log(exp x) = x within one unit of the logarithm and the exponential's relative error of one unit of 1.
  @Test func invariantInverse() {
    for i in -700..<700 where i != 0 {
      let x = Double(i) + 0.3
      #expect(abs(Double.log(Double.exp(x)) - x) <= x.ulp + Double.ulpOfOne)
    }
  }

  // The array form is the scalar form, bit for bit, at every length and alignment; NaN and infinities included.
  @Test func invariantArrayEqualsScalar() {
    for count in [0, 1, 7, 15, 16, 17, 63, 64, 65, 1000] {
      let values: [Double] = (0..<count).map { (i: Int) -> Double in i % 17 == 3 ? 0 : Double(i * i) * 0.37 }
      var doubles = values
      logInPlace(&doubles)
      #expect(doubles.map(\.bitPattern) == values.map { Double.log($0).bitPattern })
      let narrow = values.map { Float($0) }
      var floats = narrow
      logInPlace(&floats)
      #expect(floats.map(\.bitPattern) == narrow.map { Float.log($0).bitPattern })
    }
  }
}
