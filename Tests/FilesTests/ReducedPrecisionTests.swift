import Files
import TestSupport
import Testing

@Suite("Reduced precision")
struct ReducedPrecisionTests {
  // binary16: 1 is 3C00, −2 is C000, 65504 the largest, 2⁻²⁴ the smallest; 1 + 2⁻¹¹ lies half-way and goes to the even 1.
  @Test func workedExampleHalf() {
    let cases: [(Double, UInt32)] = [
      (1, 0x3C00), (-2, 0xC000), (65504, 0x7BFF), (65519, 0x7BFF), (65520, 0x7C00), (0x1p-24, 1), (0x1p-25, 0),
      (0x1.8p-25, 1), (0x1p-14, 0x0400), (0x1.ff8p-15, 0x03FF), (1 + 0x1p-11, 0x3C00), (1 + 0x3p-11, 0x3C02), (0, 0),
      (-0.0, 0x8000), (.infinity, 0x7C00), (-1e300, 0xFC00),
    ]
    for (value, bits) in cases { #expect(ReducedPrecision.half.bits(of: value) == bits, "\(value)") }
    #expect(ReducedPrecision.half.value(of: 0x7E00).isNaN)
    #expect(ReducedPrecision.half.value(of: ReducedPrecision.half.bits(of: .nan)).isNaN)
  }

  @Test(arguments: [ReducedPrecision.half, .bfloat16]) func invariantAllBitsComeBack(format: ReducedPrecision) {
    for bits in UInt32(0)...0xFFFF {
      let value = format.value(of: bits)
      if !value.isNaN { #expect(format.bits(of: value) == bits) }
    }
  }

  // The standard library's own rounding to Float is the witness; the numbers reach into overflow and below the smallest.
  @Test func invariantSingleIsFloat() {
    var generator = SplitMix(state: 7)
    for _ in 0..<200_000 {
      let value = Double(bitPattern: generator.next())
      if value.isNaN { continue }
      #expect(ReducedPrecision.single.bits(of: value) == Float(value).bitPattern)
      let near = Double(Float(bitPattern: UInt32(truncatingIfNeeded: generator.next())))
      if near.isNaN { continue }
      #expect(ReducedPrecision.single.bits(of: near * (1 + 0x1p-24)) == Float(near * (1 + 0x1p-24)).bitPattern)
    }
  }

  // bfloat16 is the upper half of a Float; what a cut leaves decides the rounding.
  @Test func invariantErrorsStayBelowTheUnit() {
    var generator = SplitMix(state: 8)
    for format in [ReducedPrecision.half, .bfloat16, .tf32] {
      var largest = 0.0
      for _ in 0..<20_000 {
        let value = 1 + Double(generator.next() >> 11) * 0x1p-53
        largest = max(largest, abs(format.rounded(value) - value) / value)
      }
      #expect(largest <= format.unit && largest > 0.9 * format.unit, "\(format)")
    }
  }
}
