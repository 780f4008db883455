// The fastest that a core can chain multiply-adds: what every contraction is measured against.
// Tests    KernelsTests/PeakRateTests.swift

/// Chains of multiply-adds that no memory takes part in; each thread runs its own.
public enum PeakRate {
  /// Vectors of chains that one step continues: enough to hide the latency of a multiply-add, few enough for the registers.
  static let vectors = 12

  /// Floating-point operations of ``run(_:steps:)`` on all threads.
  public static func operations<Scalar: RealScalar>(_: Scalar.Type, steps: Int) -> Double {
    2 * Double(steps * vectors * Scalar.Vector.scalarCount * Parallel.threadCount)
  }

  /// Continues all chains by `steps` links on every thread and returns their sum, so that none can be left out.
  ///
  /// Each chain is x ← x · (1 − 2⁻¹⁰) + 2⁻¹⁰, which stays at 1.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func run<Scalar: RealScalar>(_: Scalar.Type, steps: Int) -> Scalar {
    var sums = [Scalar](repeating: 0, count: Parallel.threadCount)
    Parallel.forEachBlock(of: &sums, blockSize: 1) { _, sum in sum[0] = chains(steps, as: Scalar.Vector.self) }
    return sums.reduce(0, +)
  }
}

@inline(__always)
private func chains<Vector: SIMD>(_ steps: Int, as _: Vector.Type) -> Vector.Scalar where Vector.Scalar: RealScalar {
  var lower = InlineArray<6, Vector>(repeating: Vector(repeating: 1))
  var upper = lower
  let small = Vector.Scalar(sign: .plus, exponent: -10, significand: 1)
  let (factor, term) = (Vector(repeating: 1 - small), Vector(repeating: small))
  for _ in 0..<steps {
    for i in 0..<6 {
      #if FUSED || arch(arm64)
        lower[i] = term.addingProduct(lower[i], factor)
        upper[i] = term.addingProduct(upper[i], factor)
      #else
        lower[i] = term + lower[i] * factor
        upper[i] = term + upper[i] * factor
      #endif
    }
  }
  for i in 0..<6 { lower[0] += lower[i] + upper[i] }
  return (0..<Vector.scalarCount).reduce(0) { $0 + lower[0][$1] }
}
