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
//     tf32        float32 + 2 v + v², v = 2⁻¹¹     before a product both factors are rounded to 11 bits, so |a||b| counts
//     bfloat16    float32 + 2 v + v², v = 2⁻⁸      (1 + v)² − 1 times, however many products are summed: c bounds Σ |a||b|
//
// Operations without a matrix product or a convolution have no such factors: tf32 and bfloat16 hold them to float32.
//
// To that come the rounding of the answer to the type that it is stored in, of the value's own size, and, absolutely, one
// smallest normal number per term: processors may flush what is smaller to zero.
// Tests    OracleTests/ProfileTests.swift
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

  /// The types in which real answers may be stored.
  public var realTypes: [String] {
    switch self {
    case .float64: ["F64"]
    case .float32, .tf32: ["F64", "F32"]
    case .bfloat16: ["F64", "F32", "BF16", "F16"]
    }
  }

  /// What a scale of some terms is multiplied with, in an operation with or without products of matrices.
  public func factor(terms: Int, multipliesMatrices: Bool = true) -> Double {
    let double = Self.accumulated(terms, 0x1p-53)
    let single = Self.accumulated(terms, 0x1p-24) + double
    func product(_ format: ReducedPrecision) -> Double {
      guard multipliesMatrices else { return 0 }
      return 2 * format.unit + format.unit * format.unit
    }
    return switch self {
    case .float64: 4 * double
    case .float32: single
    case .tf32: single + product(.tensorFloat)
    case .bfloat16: single + product(.brain)
    }
  }

  /// The largest |answer − stored| that is right, where the answer was stored as `type`.
  public func bound(
    stored: Double, scale: Double, terms: Int, type: String, multipliesMatrices: Bool = true
  ) -> Double {
    let smallest: Double = self == .float64 ? .leastNormalMagnitude : ReducedPrecision.single.smallestNormal
    return factor(terms: terms, multipliesMatrices: multipliesMatrices) * scale + Self.storageError(stored, type)
      + Double(terms) * smallest
  }

  /// g(n, u).
  private static func accumulated(_ terms: Int, _ unit: Double) -> Double {
    let first = Double(terms) * unit
    return first / (1 - first)
  }

  /// Half the spacing of a type's numbers near a value.
  private static func storageError(_ value: Double, _ type: String) -> Double {
    let formats: [String: ReducedPrecision] = ["F32": .single, "F16": .half, "BF16": .brain]
    guard let format = formats[type] else { return 0 }
    return max(abs(value), format.smallestNormal) * format.unit
  }
}
