import Foundation
import Kernels
import Testing

@Suite("Exponential")
struct ExponentialTests {
  // Correctly rounded from 60 digits (mpmath): e¹ = 2.718281828459045 2…, and so on. Ours may be one unit off, because
  // it is faithful and not always correctly rounded.
  @Test(
    arguments: [
      (1.0, 0x4005_BF0A_8B14_5769), (-1.0, 0x3FD7_8B56_362C_EF38), (0.5, 0x3FFA_6129_8E1E_069C),
      (10.0, 0x40D5_829D_CF95_0560), (-10.0, 0x3F07_CD79_B564_7C9B), (100.25, 0x48F8_C39B_9134_BAC4),
      (-700.5, 0x00C4_FF47_5C68_CA02), (709.782712893384, 0x7FEF_FFFF_FFFF_FF2A), (-745.1332191019411, 0x1),
      (1e-10, 0x3FF0_0000_0006_DF38), (0.34657359027997264, 0x3FF6_A09E_667F_3BCC),
      (-0.34657359027997264, 0x3FE6_A09E_667F_3BCD),
    ] as [(Double, UInt64)])
  func workedExampleDouble(x: Double, bits: UInt64) {
    let distance = Int64(bitPattern: Double.exp(x).bitPattern) - Int64(bitPattern: bits)
    #expect(abs(distance) <= 1, "exp(\(x)) is \(distance) units from the true value")
  }

  @Test func workedExampleLimits() {
    #expect(Float.exp(0) == 1 && Double.exp(0) == 1 && Float.exp(-0.0) == 1 && Double.exp(-0.0) == 1)
    #expect(Float.exp(.nan).isNaN && Double.exp(.nan).isNaN)
    #expect(Float.exp(.infinity) == .infinity && Double.exp(.infinity) == .infinity)
    #expect(Float.exp(-.infinity) == 0 && Double.exp(-.infinity) == 0)
    // ln of the largest number: 88.722839… and 709.782712893384 (below), 88.72284 and 709.7827128933841 (above).
    #expect(Float.exp(88.72283).isFinite && Float.exp(88.7229) == .infinity && Float.exp(1e38) == .infinity)
    #expect(Double.exp(709.782712893384).isFinite && Double.exp(709.7827128933841) == .infinity)
    // Half of the least positive number is e^−103.97208 and e^−745.13321910194.
    #expect(Float.exp(-103.97) == .leastNonzeroMagnitude && Float.exp(-103.98) == 0)
    #expect(Double.exp(-745.1332191019411) == .leastNonzeroMagnitude && Double.exp(-745.1332191019413) == 0)
    #expect(Float.exp(-1e38) == 0 && Double.exp(-1e308) == 0)
  }

  // A faithful result is one of the two neighbours of the true value; 0.70 and 0.78 are the worst over all 2³² inputs.
  @Test func invariantFloatWithinOneUnit() {
    var worst = 0.0
    for bits in stride(from: UInt32(0), to: 0x42B1_7218, by: 1009) {
      for x in [Float(bitPattern: bits), -Float(bitPattern: bits)] {
        let truth = Foundation.exp(Double(x))
        let unit = Double(Float(truth).ulp)
        worst = max(worst, abs(Double(Float.exp(x)) - truth) / unit)
      }
    }
    #expect(worst < 0.8)
    #expect(worst > 0.5)
  }

  @Test func invariantNeverDecreases() {
    for start in [Float(88.7), 0.25, 1e-6, 0.34658, -0.34657, -87.3, -103.9] {
      var x = start
      for _ in 0..<50_000 {
        if Float.exp(x.nextDown) > Float.exp(x) {
          Issue.record("exp decreases at \(x)")
          return
        }
        x = x.nextDown
      }
    }
  }

  // exp(−x) exp(x) = 1 within two faithful roundings and one of the product.
  @Test func invariantInverse() {
    for i in 0..<1000 {
      let x = Double(i) * 0.7
      #expect(abs(Double.exp(x) * Double.exp(-x) - 1) <= 3 * Double.ulpOfOne)
    }
  }

  // The array form is the scalar form, bit for bit, at every length and alignment.
  @Test func invariantArrayEqualsScalar() {
    for count in [0, 1, 7, 15, 16, 17, 63, 64, 65, 1000] {
      let values = (0..<count).map { Double($0) * 1.57 - 800 }
      var doubles = values
      expInPlace(&doubles)
      #expect(doubles.map(\.bitPattern) == values.map { Double.exp($0).bitPattern })
      let narrow = values.map { Float($0 * 0.13) }
      var floats = narrow
      expInPlace(&floats)
      #expect(floats.map(\.bitPattern) == narrow.map { Float.exp($0).bitPattern })
    }
  }
}
