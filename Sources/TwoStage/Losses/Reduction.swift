// What the losses share: how rows become one number, and two logarithms that keep their digits.
//
//     log(1 − x) for small x: with u = 1 − x rounded, log(u) · x / (1 − u); the rounding of u cancels (Kahan)
//     log(eᵃ + eᵇ) = max + log(1 + e^−|a − b|)
// Tests  Losses/ReductionTests.swift
import Kernels

/// How the losses of the rows become one number.
public enum Reduction: String, Codable, Sendable, CaseIterable {
  /// The mean over rows: the released program, and the only scale on which λ = 1 and w(t) are meant. The default.
  case mean
  /// The sum over rows: the formulas as the paper prints them.
  case sum

  /// What each row's loss is multiplied by.
  public func scale<Scalar: RealScalar>(rows: Int) -> Scalar { self == .mean && rows > 0 ? 1 / Scalar(rows) : 1 }
}

/// log(1 − x) for x in [0, 1), to full relative precision however small x is.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func logOneMinus<Scalar: RealScalar>(_ x: Scalar) -> Scalar {
  let rest = 1 - x
  return rest == 1 ? -x : Scalar.log(rest) * (x / (1 - rest))
}

/// log(eᵃ + eᵇ); minus infinity stands for an empty sum.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func logAddExp<Scalar: RealScalar>(_ a: Scalar, _ b: Scalar) -> Scalar {
  let (smaller, larger) = (min(a, b), max(a, b))
  return smaller == -.infinity ? larger : larger - logOneMinusOfNegative(Scalar.exp(smaller - larger))
}

/// −log(1 + x) for x in [0, 1].
private func logOneMinusOfNegative<Scalar: RealScalar>(_ x: Scalar) -> Scalar {
  let sum = 1 + x
  return sum == 1 ? -x : -Scalar.log(sum) * (x / (sum - 1))
}
