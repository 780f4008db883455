// How far an answer may be from the stored value: the factors with which the scales of the corpus are multiplied.
//
// By the meaning of a scale c with n terms, a program that rounds to unit u stays within g(n, u) c of the true value,
//
//     g(n, u) = n u / (1 − n u)                    n relative errors of at most u multiply to at most this (Higham, γ_n)
//
// and the stored value itself, computed in Double, within g(n, 2⁻⁵³) c. Hence, for |answer − stored|,
//
//     float64     4 g(n, 2⁻⁵³)                     two Double programs, each of whose exp, log and sqrt may come from a library
//                                                  that promises one unit in the last place, which is 2 u, not u
//     float32     g(n, 2⁻²⁴) + g(n, 2⁻⁵³)          one Float program against a value that is almost exact
//     tf32        float32, and (v + v²/2) f, v = 2⁻¹¹    before a product both factors are rounded to 11 bits
//     bfloat16    float32, and (v + v²/2) f, v = 2⁻⁸     f says how far that moves the value, in units of v
//     float16     as tf32; numbers from 2⁻¹⁴ to 65,504: smaller factors must be scaled by a power of two, as by loss scaling
//
// A scale without an f of its own belongs to values that are single products: f is 2 c there, as |a||b| moves by
// (1 + v)² − 1 times itself, however many products are summed.
// Operations without a matrix product or a convolution have no such factors: tf32 and bfloat16 hold them to float32.
//
// To that come the rounding of the answer to the type that it is stored in, of the value's own size, and, absolutely, one
// smallest normal number per term: processors may flush what is smaller to zero.
// Tests    OracleTests/ProfileTests.swift
import Files
import Kernels
import Networks

/// The arithmetic that an answer is held to.
public enum Profile: String, CaseIterable, Sendable {
  /// Double throughout.
  case float64
  /// Float throughout; sums in any order, multiplications and additions fused or not.
  case float32
  /// Float, but the factors of matrix products and convolutions have 11 significant bits.
  case tf32
  /// Float, but the factors of matrix products and convolutions have 8 significant bits.
  case bfloat16
  /// Float, but the factors of matrix products and convolutions are numbers of float16, with 11 significant bits.
  case float16

  /// The types in which real answers may be stored.
  public var realTypes: [String] {
    switch self {
    case .float64: ["F64"]
    case .float32, .tf32: ["F64", "F32"]
    case .bfloat16: ["F64", "F32", "BF16", "F16"]
    case .float16: ["F64", "F32", "F16"]
    }
  }

  /// What a scale of some terms is multiplied with, roundings of factors aside.
  public func factor(terms: Int) -> Double {
    let double = Self.accumulated(terms, 0x1p-53)
    return self == .float64 ? 4 * double : Self.accumulated(terms, 0x1p-24) + double
  }

  /// Double's roundings are imitated by so many times larger ones, which stand above its own.
  static let magnification = 256.0

  /// The size of the roundings that imitate a program of this arithmetic.
  var perturbation: Double { self == .float64 ? 0x1p-53 * Self.magnification : 0x1p-24 }

  /// The format of the factors of products, where a profile rounds them.
  var factorFormat: ReducedPrecision? {
    switch self {
    case .float64, .float32: nil
    case .tf32: .tf32
    case .bfloat16: .bfloat16
    case .float16: .half
    }
  }

  /// v + v²/2: what the scale of rounded factors is multiplied with; 0 where a profile rounds none.
  public var factorRounding: Double {
    let v = factorFormat?.unit ?? 0
    return v + v * v / 2
  }

  /// What rounding changes at most in one product or sum, as a share of its terms.
  public func rounding(multipliesMatrices: Bool) -> Double {
    (self == .float64 ? 0x1p-53 : 0x1p-24) + (multipliesMatrices ? 2 * factorRounding : 0)
  }

  /// The margin below which rounded factors may legally decide a kink or tie otherwise; 0 where none are rounded.
  ///
  /// A tie of products moves by 2 v on either side. Behind batch norms more comes together: with PyTorch's operations on rounded
  /// factors the inputs of ReLUs in the corpus' small networks moved by up to 11 v of their layer's root mean square.
  ///
  /// - Parameter kind: "relu" for the input of a ReLU, anything else for a comparison.
  /// - Returns: 0; or 12.8 v of a ReLU, 4 v of a comparison, as a share of what the margin is measured against.
  public func decidingMargin(_ kind: String) -> Double {
    let v = factorFormat?.unit ?? 0
    return (kind == "relu" ? 12.8 : 4) * v
  }

  /// The margin below which the profile's own unit may legally decide a comparison otherwise: that many roundings of Float or Double.
  func decidingMargin(roundings: Double) -> Double { roundings * (self == .float64 ? 0x1p-53 : 0x1p-24) }

  /// The largest |answer − stored| that is right, where the answer was stored as `type`.
  ///
  /// - Parameters:
  ///   - stored: The right value.
  ///   - scale: c.
  ///   - terms: n.
  ///   - factors: f; nil for 2 c.
  ///   - type: What the answer was stored as, such as "F32".
  ///   - multipliesMatrices: Whether the operation has products of matrices at all.
  /// - Returns: The bound, in the unit of the value; more than 0, as flushing to zero is legal.
  public func bound(
    stored: Double, scale: Double, terms: Int, factors: Double? = nil, type: String, multipliesMatrices: Bool = true
  ) -> Double {
    let smallest: Double = self == .float64 ? .leastNormalMagnitude : ReducedPrecision.single.smallestNormal
    let hard = multipliesMatrices && factorRounding > 0 ? factorRounding * (factors ?? 2 * scale) : 0
    return factor(terms: terms) * scale + hard + Self.storageError(stored, type) + Double(terms) * smallest
  }

  /// Whether rounding a sum of so many terms leaves any digit: n u of an eighth says too little, and of 1 nothing.
  func canBound(terms: Int) -> Bool { Double(terms) * (self == .float64 ? 0x1p-53 : 0x1p-24) <= 0.125 }

  /// g(n, u).
  private static func accumulated(_ terms: Int, _ unit: Double) -> Double {
    let first = Double(terms) * unit
    return first / (1 - first)
  }

  /// Half the spacing of a type's numbers near a value.
  private static func storageError(_ value: Double, _ type: String) -> Double {
    // Asked for every element that is judged, so no dictionary.
    let format: ReducedPrecision
    switch type {
    case "F32": format = .single
    case "F16": format = .half
    case "BF16": format = .bfloat16
    default: return 0
    }
    return max(abs(value), format.smallestNormal) * format.unit
  }
}
