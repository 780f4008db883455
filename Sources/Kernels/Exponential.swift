// The exponential function from additions, multiplications and bit operations alone, so that its bits depend on no
// library, no vector width and no fused multiply-add.
//
//     x = n ln 2 + r,  |r| <= ln 2 / 2,      exp x = 2ⁿ (1 + r + r² q(r))
//
// r = a − b with a = x − n·ln2High exact and b = n·ln2Low; 1 + a is kept as a sum of two numbers, so that only the last
// addition rounds. The coefficients of q are minimax over |r| <= ln 2 / 2, from the Remez exchange in 60 digits.
// Tests    KernelsTests/ExponentialTests.swift

extension Float {
  /// eˣ within 0.70 units in the last place (0.78 where the result is subnormal), over all 2³² inputs; never decreasing.
  ///
  /// NaN gives NaN, −∞ gives 0, +∞ and all above 88.72284 give +∞; below −103.97208 the result is 0, and results
  /// under 2⁻¹²⁶ are subnormal numbers, not flushed to zero.
  @inline(__always)
  public static func exp(_ x: Float) -> Float {
    // Comparisons in this form let NaN through.
    let notTooSmall: Float = -150 > x ? -150 : x
    let clamped: Float = 150 < notTooSmall ? 150 : notTooSmall
    // Adding 1.5·2²³ + 254 rounds to an integer: the low bits of the sum are n + 254.
    let shifted = clamped * 0x1.715476p0 + 12_583_166
    let n = shifted - 12_583_166
    let a = clamped - n * 0x1.62e4p-1
    let b = n * 0x1.7f7d1cp-20
    let r = a - b
    var q: Float = r * 0x1.6a243ap-10 + 0x1.1239e4p-7
    q = q * r + 0x1.5558f2p-5
    q = q * r + 0x1.555492p-3
    q = q * r + 0x1.fffffcp-2
    let one = 1 + a
    let remainder = ((1 - one) + a) - b
    let mantissa = one + (remainder + r * r * q)
    // 2ⁿ as two factors, 2^⌊n/2⌋ and the rest: one factor alone would not reach the subnormal numbers.
    let half = (shifted.bitPattern << 22) & 0x7F80_0000
    let rest = (shifted.bitPattern << 23) &- half
    return mantissa * Float(bitPattern: half) * Float(bitPattern: rest)
  }
}

extension Double {
  /// eˣ within 0.66 units in the last place (0.75 where the result is subnormal), against 50 digits at 105,000 points.
  ///
  /// NaN gives NaN, −∞ gives 0, +∞ and all above 709.782712893384 give +∞; below −745.1332191019412 the result is 0,
  /// and results under 2⁻¹⁰²² are subnormal numbers, not flushed to zero.
  @inline(__always)
  public static func exp(_ x: Double) -> Double {
    let notTooSmall: Double = -750 > x ? -750 : x
    let clamped: Double = 715 < notTooSmall ? 715 : notTooSmall
    // Adding 1.5·2⁵² + 2046 rounds to an integer: the low bits of the sum are n + 2046.
    let shifted = clamped * 0x1.71547652b82fep0 + 6_755_399_441_057_790
    let n = shifted - 6_755_399_441_057_790
    let a = clamped - n * 0x1.62e42feep-1
    let b = n * 0x1.a39ef35793c76p-33
    let r = a - b
    var q = r * 0x1.1e3d1ef7b7d4ap-29 + 0x1.af6be8722afb2p-26
    q = q * r + 0x1.27e5b4502b29ep-22
    q = q * r + 0x1.71ddf02075bcdp-19
    q = q * r + 0x1.a01a01368a6cdp-16
    q = q * r + 0x1.a01a01b37e5ecp-13
    q = q * r + 0x1.6c16c16c3049ep-10
    q = q * r + 0x1.111111110ec5dp-7
    q = q * r + 0x1.5555555555503p-5
    q = q * r + 0x1.555555555555bp-3
    q = q * r + 0.5
    let one = 1 + a
    let remainder = ((1 - one) + a) - b
    let mantissa = one + (remainder + r * r * q)
    let half = (shifted.bitPattern << 51) & 0x7FF0_0000_0000_0000
    let rest = (shifted.bitPattern << 52) &- half
    return mantissa * Double(bitPattern: half) * Double(bitPattern: rest)
  }
}

/// values[i] = exp(values[i] − shift) for i < count.
///
/// The loops are concrete and stand in this file because a debug build inlines nothing else; having no branch, they
/// become vector instructions.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func expInPlace<Scalar: RealScalar>(_ values: UnsafeMutablePointer<Scalar>, minus shift: Scalar, count: Int) {
  let raw = UnsafeMutableRawPointer(values)
  if Scalar.self == Float.self {
    unsafe exponentiateFloats(raw.assumingMemoryBound(to: Float.self), minus: Float(shift), count: count)
  } else {
    unsafe exponentiateDoubles(raw.assumingMemoryBound(to: Double.self), minus: Double(shift), count: count)
  }
}

private func exponentiateFloats(_ values: UnsafeMutablePointer<Float>, minus shift: Float, count: Int) {
  for i in 0..<count { unsafe values[i] = Float.exp(values[i] - shift) }
}

private func exponentiateDoubles(_ values: UnsafeMutablePointer<Double>, minus shift: Double, count: Int) {
  for i in 0..<count { unsafe values[i] = Double.exp(values[i] - shift) }
}
