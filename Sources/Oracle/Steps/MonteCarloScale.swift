// The scale of a deep composition's rounding errors, found by disturbing it.
//
// Primitive operation k adds up terms_k numbers; each of its roundings errs by at most u c_k, element by element, of independent
// sign. With J_k the derivative of an output with respect to k's result, the output errs to first order by Σ_k J_k Σ roundings.
// Propagating the worst case, Σ |J_k| terms_k c_k, allows errors that no implementation makes. Instead the computation is run R times
// in Double with every recorded t_k replaced by t_k + ε √terms_k c_k s, s = ±1 at random; the root mean square of an output's
// deviation, over ε, is
//
//     σ = sqrt(Σ_k terms_k (J_k c_k)²)         and by Hoeffding     P(|error| > λ u σ) ≤ 2 exp(−λ² / 2)
//
// The scale is λ σ with λ = 8, where the right side is 2.5e-14. With R = 64 runs the standard error of σ is 9 %.
//
// First order needs rectifiers that stay on their side of the kink. In the corpus all do. Where one stands as near as a
// profile's roundings reach, ε is that profile's own u instead: then the disturbed runs decide kinks as legal programs do, σ
// counts what that does, and λ σ u is 8 times the root mean square of what it led to. By Chebyshev at most one right
// answer in 64 would lie outside, however it is distributed; Hoeffding's bound holds no longer. For Double
// ε is 256 u: still so small that no kink is near, and large enough to stand above the Double in which all this is computed.
//
// As many runs again disturb the factors of matrix products and convolutions instead, each by ε of itself: what a profile that
// rounds factors hard may be off by, λ σ in units of that rounding.
// Tests    OracleTests/StepRecorderTests.swift, OracleTests/RecordedCasesTests.swift
import Kernels
import Networks

/// Scales by random disturbances.
enum MonteCarloScale {
  /// R.
  static let runs = 64
  /// λ.
  static let confidence = 8.0

  /// The scales of the recorded tensors of a walk that are kept.
  ///
  /// - Parameters:
  ///   - runs: R, of roundings and once more of factors.
  ///   - size: ε of roundings; that of factors is always small, since distributions must stay distributions.
  ///   - factors: Whether factors are disturbed too.
  ///   - keeps: Whether a tensor's scale is wanted.
  ///   - walk: The operation, which records its tensors; run R or 2 R times and once undisturbed.
  /// - Returns: λ σ of every kept tensor, by name.
  /// - Throws: What the walk throws.
  static func scales(
    runs: Int = runs, size: Double = Disturbance.size, factors: Bool = true, keeping keeps: (String) -> Bool,
    _ walk: (inout Recorder<Double>) throws(OracleError) -> Void
  ) throws(OracleError) -> [String: RoundingScale] {
    var recorder = Recorder<Double>()
    try walk(&recorder)
    let reference = recorder.values.filter { keeps($0.key) }
    recorder = Recorder()
    let rounded = try deviations(from: reference, runs: runs, of: .results, by: size, walk)
    let multiplied =
      factors ? try deviations(from: reference, runs: runs, of: .factors, by: Disturbance.size, walk) : nil
    return reference.reduce(into: [:]) { scales, entry in
      func tensor(_ values: [String: [Double]]) -> Tensor<Double> {
        Tensor(shape: entry.value.shape, values: values[entry.key] ?? [])
      }
      scales[entry.key] = RoundingScale(values: tensor(rounded), terms: 1, factors: multiplied.map(tensor))
    }
  }

  /// λ σ of every tensor, σ the root mean square of its deviations over ε.
  private static func deviations(
    from reference: [String: Tensor<Double>], runs: Int, of disturbed: Disturbed, by size: Double,
    _ walk: (inout Recorder<Double>) throws(OracleError) -> Void
  ) throws(OracleError) -> [String: [Double]] {
    var squares = reference.mapValues { [Double](repeating: 0, count: $0.count) }
    for run in 1...runs {
      var recorder = Recorder<Double>(disturbance: Disturbance(run: run, size: size), of: disturbed)
      try walk(&recorder)
      for (name, undisturbed) in reference {
        guard let value = recorder.values[name], undisturbed.shape == value.shape else { continue }
        addSquares(of: value.values, undisturbed.values, into: &squares[name, default: []])
      }
    }
    let factor = confidence / size / Double(runs).squareRoot()
    return squares.mapValues { $0.map { factor * $0.squareRoot() } }
  }

  private static func addSquares(of values: [Double], _ others: [Double], into squares: inout [Double]) {
    for i in squares.indices { squares[i] += (values[i] - others[i]) * (values[i] - others[i]) }
  }
}
