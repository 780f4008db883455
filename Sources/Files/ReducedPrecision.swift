// Binary floating-point formats narrower than Float, in whole-number and Double arithmetic, so that every processor agrees.
// Tests    FilesTests/ReducedPrecisionTests.swift

/// A binary format of IEEE 754's kind: a sign, an exponent, a fraction; subnormal numbers, infinities, no number.
public struct ReducedPrecision: Sendable, Equatable {
  /// The bits of the exponent, at most 8.
  public let exponentBits: Int
  /// The bits of the fraction, at most 23.
  public let fractionBits: Int

  /// IEEE's binary16, the type F16.
  public static let half = ReducedPrecision(exponentBits: 5, fractionBits: 10)
  /// bfloat16, the type BF16: the upper half of a Float.
  public static let bfloat16 = ReducedPrecision(exponentBits: 8, fractionBits: 7)
  /// What matrix units round Float inputs to: the fraction of binary16, the exponent of Float.
  public static let tf32 = ReducedPrecision(exponentBits: 8, fractionBits: 10)
  /// Float itself.
  public static let single = ReducedPrecision(exponentBits: 8, fractionBits: 23)

  /// The unit roundoff: the largest relative error of rounding a number between the smallest normal and the largest.
  public var unit: Double { Double(sign: .plus, exponent: -fractionBits - 1, significand: 1) }
  /// The smallest normal number.
  public var smallestNormal: Double { Double(sign: .plus, exponent: 1 - bias, significand: 1) }

  private var bias: Int { 1 << (exponentBits - 1) - 1 }
  private var largestExponent: UInt32 { 1 << UInt32(exponentBits) - 1 }

  /// The bits of the nearest number, ties to even; beyond the largest number an infinity.
  public func bits(of value: Double) -> UInt32 {
    let sign: UInt32 = value.sign == .minus ? 1 << UInt32(exponentBits + fractionBits) : 0
    let infinity = largestExponent << UInt32(fractionBits)
    if value.isNaN { return sign | infinity | 1 << UInt32(fractionBits - 1) }
    if value.isInfinite { return sign | infinity }
    if value == 0 { return sign }
    // Whole multiples of the spacing at this exponent: a fraction that rounds up to the next power carries by itself.
    let exponent = max(Int(value.exponent), 1 - bias)
    if exponent > bias { return sign | infinity }
    let spacing = Double(sign: .plus, exponent: exponent - fractionBits, significand: 1)
    let multiple = UInt32((abs(value) / spacing).rounded(.toNearestOrEven))
    return sign | (UInt32(exponent + bias - 1) << UInt32(fractionBits) + multiple)
  }

  /// The number of some bits.
  public func value(of bits: UInt32) -> Double {
    let fraction = Double(bits & (1 << UInt32(fractionBits) - 1))
    let exponent = bits >> UInt32(fractionBits) & largestExponent
    let sign: Double = bits >> UInt32(exponentBits + fractionBits) & 1 == 1 ? -1 : 1
    if exponent == largestExponent { return fraction == 0 ? sign * .infinity : .nan }
    let spacing = Double(sign: .plus, exponent: max(Int(exponent), 1) - bias - fractionBits, significand: 1)
    let hidden = exponent == 0 ? 0 : Double(1 << fractionBits)
    return sign * (hidden + fraction) * spacing
  }

  /// The nearest number of the format.
  public func rounded(_ value: Double) -> Double { self.value(of: bits(of: value)) }
}
