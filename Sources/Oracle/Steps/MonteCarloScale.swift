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
// Tests    OracleTests/StepRecorderTests.swift, OracleTests/RecordedCasesTests.swift
import Kernels
import Networks

/// Scales by random disturbances.
enum MonteCarloScale {
  /// R.
  static let runs = 64
  /// λ.
  static let confidence = 8.0

  /// The scale of every recorded tensor of a walk.
  static func scales(
    runs: Int = runs, _ walk: (inout Recorder<Double>) throws(OracleError) -> Void
  ) throws(OracleError) -> [String: RoundingScale] {
    var reference = Recorder<Double>()
    try walk(&reference)
    var squares = reference.values.mapValues { [Double](repeating: 0, count: $0.count) }
    for run in 1...runs {
      var disturbed = Recorder<Double>(disturbance: Disturbance(run: run))
      try walk(&disturbed)
      for (name, value) in disturbed.values {
        guard let undisturbed = reference.values[name], undisturbed.shape == value.shape else { continue }
        addSquares(of: value.values, undisturbed.values, into: &squares[name, default: []])
      }
    }
    let factor = confidence / Disturbance.size / Double(runs).squareRoot()
    return squares.reduce(into: [:]) { scales, entry in
      let shape = reference.values[entry.key]?.shape ?? []
      scales[entry.key] = RoundingScale(
        values: Tensor(shape: shape, values: entry.value.map { factor * $0.squareRoot() }),
        terms: 1)
    }
  }

  private static func addSquares(of values: [Double], _ others: [Double], into squares: inout [Double]) {
    for i in squares.indices { squares[i] += (values[i] - others[i]) * (values[i] - others[i]) }
  }
}
