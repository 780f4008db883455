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
// First order needs ReLUs that stay on their side of the kink. In the corpus all do. Where one stands as near as a
// profile's roundings reach, ε is that profile's own u instead: then the perturbed runs decide kinks as legal programs do, and σ
// counts what that does. Hoeffding's bound holds no longer, as one ReLU may move all that follows together, and seldom. So
// Q = 64 further runs calibrate λ for each tensor. With X_r the largest |deviation| / (u σ) among the tensor's elements in run r,
//
//     λ = max(8, 2 max_r X_r)         and by exchangeability      P(max |error| / (u σ) > max_r X_r) ≤ 1 / (Q + 1)
//
// since the largest of Q + 1 alike draws is as likely to be any of them, however they are distributed: the bound is that of the
// whole tensor at once. The 2 is room for programs whose roundings are not independent, as λ = 8 has it where no kink is near:
// there the largest of many X is about 4 and nothing changes. A calibration may cost four times the scales themselves and only ever
// widens them, so it is left until an answer does not fit, and ends as soon as it does. For Double ε is 256 u: still so small
// that no kink is near, and large enough to stand above the Double in which all this is computed.
//
// As many runs again perturb the factors of matrix products and convolutions instead, each by ε of itself: what a profile that
// rounds factors hard may be off by, λ σ in units of that rounding.
// Tests    OracleTests/StepTracerTests.swift, OracleTests/TracedCasesTests.swift
import Kernels
import Networks

/// Scales by random perturbations.
enum MonteCarloScale {
  /// R.
  static let runs = 64
  /// The runs that calibrate, Q of them: none that a scale is made of.
  static let calibrationRuns = 1001...1064
  /// From this share of its layer's root mean square on, no rounding brings a ReLU's input to its kink.
  static let farKink = 1e-3

  /// The scales of the recorded tensors of a trace that are kept.
  ///
  /// - Parameters:
  ///   - runs: R, of roundings and once more of factors.
  ///   - size: ε of roundings; that of factors is always small, since distributions must stay distributions.
  ///   - factors: Whether factors are perturbed too.
  ///   - arithmetic: What the imitated program declares.
  ///   - keeps: Whether a tensor's scale is wanted.
  ///   - trace: The operation, which records its tensors; run R or 2 R times and once undisturbed.
  /// - Returns: λ σ of every kept tensor, by name.
  /// - Throws: What the trace throws.
  static func scales(
    runs: Int = runs, size: Double = Perturbation.size, factors: Bool = true,
    arithmetic: DeclaredArithmetic = DeclaredArithmetic(), keeping keeps: (String) -> Bool,
    _ trace: (inout Tracer<Double>) throws(OracleError) -> Void
  ) throws(OracleError) -> [String: RoundingScale] {
    var tracer = Tracer<Double>()
    try trace(&tracer)
    let reference = tracer.values.filter { keeps($0.key) }
    tracer = Tracer()
    let rounded = try deviations(from: reference, runs: runs, of: .results, by: size, arithmetic, trace)
    let multiplied =
      factors
      ? try deviations(from: reference, runs: runs, of: .factors, by: Perturbation.size, arithmetic, trace) : nil
    return reference.reduce(into: [:]) { scales, entry in
      func tensor(_ values: [String: [Double]]) -> Tensor<Double> {
        Tensor(shape: entry.value.shape, values: values[entry.key] ?? [])
      }
      scales[entry.key] = RoundingScale(values: tensor(rounded), terms: 1, factors: multiplied.map(tensor))
    }
  }

  /// λ σ of every tensor, σ the root mean square of its deviations over ε.
  private static func deviations(
    from reference: [String: Tensor<Double>], runs: Int, of perturbed: Perturbed, by size: Double,
    _ arithmetic: DeclaredArithmetic, _ trace: (inout Tracer<Double>) throws(OracleError) -> Void
  ) throws(OracleError) -> [String: [Double]] {
    var squares = reference.mapValues { [Double](repeating: 0, count: $0.count) }
    for run in 1...runs {
      var tracer = Tracer<Double>(
        perturbation: Perturbation(run: run, size: size), of: perturbed, arithmetic: arithmetic)
      try trace(&tracer)
      for (name, undisturbed) in reference {
        guard let value = tracer.values[name], undisturbed.shape == value.shape else { continue }
        addSquares(of: value.values, undisturbed.values, into: &squares[name, default: []])
      }
    }
    let factor = RoundingScale.confidence / size / Double(runs).squareRoot()
    return squares.mapValues { $0.map { factor * $0.squareRoot() } }
  }

  /// Scales near a kink with every tensor's own λ; those that no earlier run moved say nothing and stay.
  ///
  /// - Parameters:
  ///   - scales: Those that were found with 8 for λ and the same size of roundings.
  ///   - size: ε.
  ///   - arithmetic: What the imitated program declares.
  ///   - isEnough: Whether the scales of the runs so far will do: more runs only widen them.
  ///   - trace: The operation; run Q times at most and once undisturbed.
  /// - Returns: The scales, none smaller than before.
  /// - Throws: What the trace throws.
  static func calibrated(
    _ scales: [String: RoundingScale], size: Double, arithmetic: DeclaredArithmetic = DeclaredArithmetic(),
    until isEnough: ([String: RoundingScale]) -> Bool = { _ in false },
    _ trace: (inout Tracer<Double>) throws(OracleError) -> Void
  ) throws(OracleError) -> [String: RoundingScale] {
    var tracer = Tracer<Double>()
    try trace(&tracer)
    let reference = tracer.values.filter { scales[$0.key] != nil }
    var (largest, calibrated) = ([String: Double](), scales)
    for run in calibrationRuns {
      if isEnough(calibrated) { break }
      tracer = Tracer(
        perturbation: Perturbation(run: run, size: size), of: .results, arithmetic: arithmetic)
      try trace(&tracer)
      for (name, scale) in scales {
        guard let value = tracer.values[name], let undisturbed = reference[name], value.shape == undisturbed.shape
        else { continue }
        let ratio = largestRatio(value.values, undisturbed.values, scale.values.values) / size
        guard ratio > largest[name] ?? 0 else { continue }
        largest[name] = ratio
        // The ratio is X / 8, as a scale is 8 σ.
        let widening = max(1, 2 * ratio)
        calibrated[name]?.values.values = scale.values.values.map { widening * $0 }
      }
    }
    return calibrated
  }

  private static func largestRatio(_ values: [Double], _ others: [Double], _ scale: [Double]) -> Double {
    scale.indices.reduce(0) { scale[$1] > 0 ? max($0, abs(values[$1] - others[$1]) / scale[$1]) : $0 }
  }

  private static func addSquares(of values: [Double], _ others: [Double], into squares: inout [Double]) {
    for i in squares.indices { squares[i] += (values[i] - others[i]) * (values[i] - others[i]) }
  }
}
