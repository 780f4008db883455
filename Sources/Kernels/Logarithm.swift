// The natural logarithm from additions, multiplications, one division and bit operations alone, so that its bits
// depend on no library, no vector width and no fused multiply-add.
//
//     x = 2ᵏ (1 + f),  √½ <= 1 + f < √2,     s = f / (2 + f)
//     log x = k ln 2 + f − f²/2 + s (f²/2 + R),   R = s² l(s²) = (log((1 + s)/(1 − s)) − 2s) / s
//
// f = head + tail with head² exact; k·ln2High + f − head²/2 is kept as a sum of two numbers, so that only the last
// addition rounds. The coefficients of l are minimax over s² <= 0.0295, from the Remez exchange in 60 digits.
// Tests    KernelsTests/LogarithmTests.swift

extension Float {
  /// ln x within 0.66 units in the last place, over all 2³² inputs; never decreasing.
  ///
  /// ±0 gives −∞, negative numbers and NaN give NaN, +∞ gives +∞; subnormal numbers are exact inputs like any other.
  @inline(__always)
  public static func log(_ x: Float) -> Float {
    let isSubnormal = x < 0x1p-126
    let scaled = isSubnormal ? x * 0x1p25 : x
    // Adding 1 − √½ in the bits moves the border between two exponents from 1 to √½.
    let bits = scaled.bitPattern &+ 0x004A_FB0D
    let f = Float(bitPattern: (bits & 0x007F_FFFF) &+ 0x3F35_04F3) - 1
    // The exponent as the low bits of 2²³ + exponent: a conversion by bits and one subtraction.
    let k = Float(bitPattern: (bits >> 23) | 0x4B00_0000) - (isSubnormal ? 8_388_760 : 8_388_735)
    let s = f / (2 + f)
    let z = s * s
    var l: Float = z * 0x1.31e34ap-2 + 0x1.995eb6p-2
    l = l * z + 0x1.55557ap-1
    let halfSquare = 0.5 * f * f
    let head = (f + 0x1.8p11) - 0x1.8p11
    let halfHeadSquare = 0.5 * head * head
    let halfTail = 0.5 * (f - head) * (f + head)
    let a = k * 0x1.62e4p-1
    let first = a + f
    let second = first - halfHeadSquare
    let lost = ((a - first) + f) + ((first - second) - halfHeadSquare)
    let small = s * (halfSquare + z * l) + (k * 0x1.7f7d1cp-20 - halfTail)
    let finite = second + (lost + small)
    return x > 0 ? (x < .infinity ? finite : x) : (x == 0 ? -.infinity : .nan)
  }
}

extension Double {
  /// ln x within 0.63 units in the last place, against 50 digits at 110,000 points.
  ///
  /// ±0 gives −∞, negative numbers and NaN give NaN, +∞ gives +∞; subnormal numbers are exact inputs like any other.
  @inline(__always)
  public static func log(_ x: Double) -> Double {
    let isSubnormal = x < 0x1p-1022
    let scaled = isSubnormal ? x * 0x1p54 : x
    let bits = scaled.bitPattern &+ 0x0009_5F61_9980_C433
    let f = Double(bitPattern: (bits & 0x000F_FFFF_FFFF_FFFF) &+ 0x3FE6_A09E_667F_3BCD) - 1
    // The exponent as the low bits of 2⁵² + exponent.
    let k =
      Double(bitPattern: (bits >> 52) | 0x4330_0000_0000_0000)
      - (isSubnormal ? 4_503_599_627_371_573 : 4_503_599_627_371_519)
    let s = f / (2 + f)
    let z = s * s
    var l = z * 0x1.0f09073b82991p-3 + 0x1.0f67d86a9b60fp-3
    l = l * z + 0x1.3b201d2f8a755p-3
    l = l * z + 0x1.745ce1f9561f5p-3
    l = l * z + 0x1.c71c724ab2808p-3
    l = l * z + 0x1.249249243a37cp-2
    l = l * z + 0x1.9999999999d05p-2
    l = l * z + 0x1.5555555555555p-1
    let halfSquare = 0.5 * f * f
    let head = (f + 0x1.8p25) - 0x1.8p25
    let halfHeadSquare = 0.5 * head * head
    let halfTail = 0.5 * (f - head) * (f + head)
    let a = k * 0x1.62e42feep-1
    let first = a + f
    let second = first - halfHeadSquare
    let lost = ((a - first) + f) + ((first - second) - halfHeadSquare)
    let small = s * (halfSquare + z * l) + (k * 0x1.a39ef35793c76p-33 - halfTail)
    let finite = second + (lost + small)
    return x > 0 ? (x < .infinity ? finite : x) : (x == 0 ? -.infinity : .nan)
  }
}

/// values[i] = log(values[i]) for i < count.
///
/// The loops are concrete and stand in this file because a debug build inlines nothing else; having no branch, they
/// become vector instructions.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func logInPlace<Scalar: RealScalar>(_ values: UnsafeMutablePointer<Scalar>, count: Int) {
  let raw = UnsafeMutableRawPointer(values)
  if Scalar.self == Float.self {
    unsafe takeLogarithmsOfFloats(raw.assumingMemoryBound(to: Float.self), count: count)
  } else {
    unsafe takeLogarithmsOfDoubles(raw.assumingMemoryBound(to: Double.self), count: count)
  }
}

private func takeLogarithmsOfFloats(_ values: UnsafeMutablePointer<Float>, count: Int) {
  for i in 0..<count { unsafe values[i] = Float.log(values[i]) }
}

private func takeLogarithmsOfDoubles(_ values: UnsafeMutablePointer<Double>, count: Int) {
  for i in 0..<count { unsafe values[i] = Double.log(values[i]) }
}
