// One row of the batch loss, evaluated so that no probability near 0 or 1 loses its digits.
//
// With s the row's similarities, p its positive, n its negatives (weight ω) and o the rows in the denominator alone:
//     Z = e^{s_p} + ω Σ_n e^{s_n} + Σ_o e^{s_o},   Q_b = e^{s_b} / Z,   l = −log Q_p − ω Σ_n log(1 − Q_n)
// Derivative, with the odds O_n = Q_n / (1 − Q_n), A = Σ_n O_n, w = ω for negatives and 1 otherwise, and δ = 1 if there
// is a positive, else 0:      ∂(−log Q_p)/∂s_b = w_b Q_b − [b = p]          ∂Q_n/∂s_b = Q_n ([b = n] − w_b Q_b)
//     ∂l/∂s_p = −(1 − Q_p) − ω Q_p A
//     ∂l/∂s_n = δ ω Q_n + ω O_n − ω² Q_n A = ω Q_n (δ + 1 − (ω − 1) O_n − ω (A − O_n)),  as O_n (1 − Q_n) = Q_n
//     ∂l/∂s_o = δ Q_o − ω Q_o A
// At most one negative, the dominant g, has Q_g > 1/2; then 1 − Q_g and O_g come from the rest of Z, R = Z − e^{s_g}:
//     log(1 − Q_g) = log R − log Z,   Q_b O_g = Q_g e^{s_b} / R
// so that A is a plain sum of small odds and nothing overflows. For all others log(1 − Q) is logOneMinus.
// Tests  Losses/BatchLossTests.swift
import Kernels

/// The parts that the rows of a batch play in one row's loss; rows not named play none.
struct BatchLossRow {
  /// The row to pick, if any.
  let positive: Int?
  /// The rows not to pick.
  let negatives: [Int]
  /// Rows that only enlarge the denominator.
  let denominatorOnly: [Int]

  /// The row's loss l and `gradientScale` · ∂l/∂s_b, from the similarities s_b to every row b of the batch.
  ///
  /// The gradient is zero where b plays no part.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func evaluate<Scalar: RealScalar>(
    _ similarities: [Scalar], negativeWeight ω: Scalar, gradientScale: Scalar
  ) -> (loss: Scalar, gradient: [Scalar]) {
    var gradient = [Scalar](repeating: 0, count: similarities.count)
    let weighted = negatives.map { similarities[$0] }
    let unweighted = (denominatorOnly + (positive.map { [$0] } ?? [])).map { similarities[$0] }
    guard !weighted.isEmpty || !unweighted.isEmpty else { return (0, gradient) }
    let (logZ, probabilities) = probabilitiesOfSum(weighted, weight: ω, unweighted)

    var loss: Scalar = 0
    var smallOdds: Scalar = 0
    var dominant: Int?
    var logRests = probabilities.map { 1 - $0 }
    logInPlace(&logRests)
    for (n, probability) in probabilities.enumerated() {
      if probability > 0.5 {
        dominant = n
      } else {
        smallOdds += probability / (1 - probability)
        // log(1 − probability) as logOneMinus does it, from the logarithms of the whole row.
        loss -= ω * (1 - probability == 1 ? -probability : logRests[n] * (probability / (1 - (1 - probability))))
      }
    }
    var logRest = Scalar.infinity
    var dominantProbability: Scalar = 0
    if let dominant {
      var rest = weighted
      let own = rest.remove(at: dominant)
      logRest = weightedLogSumExp(rest, weight: ω, unweighted)
      if ω > 1 { logRest = logAddExp(logRest, Scalar.log(ω - 1) + own) }
      dominantProbability = probabilities[dominant]
      loss += ω * (logZ - logRest)
    }
    /// Q_b A for a b that is no negative, or Q_b (A − O_b) after subtracting Q_b O_b.
    func probabilityTimesOdds(_ s: Scalar, _ probability: Scalar) -> Scalar {
      probability * smallOdds + (dominant == nil ? 0 : dominantProbability * Scalar.exp(s - logRest))
    }

    for (n, b) in negatives.enumerated() {
      let probability = probabilities[n]
      let odds = n == dominant ? (ω > 1 ? Scalar.exp(weighted[n] - logRest) : 0) : probability / (1 - probability)
      let others =
        n == dominant ? probability * smallOdds : probabilityTimesOdds(weighted[n], probability) - probability * odds
      let one: Scalar = positive == nil ? 1 : 2
      gradient[b] = gradientScale * ω * (probability * (one - (ω - 1) * odds) - ω * others)
    }
    var denominatorProbability: Scalar = 0
    for b in denominatorOnly {
      let probability = Scalar.exp(similarities[b] - logZ)
      denominatorProbability += probability
      gradient[b] =
        gradientScale * ((positive == nil ? 0 : probability) - ω * probabilityTimesOdds(similarities[b], probability))
    }
    if let positive {
      let s = similarities[positive]
      let missed = probabilities.reduce(denominatorProbability) { $0 + ω * $1 }
      loss += missed <= 0.5 ? -logOneMinus(missed) : logZ - s
      gradient[positive] = -gradientScale * (missed + ω * probabilityTimesOdds(s, Scalar.exp(s - logZ)))
    }
    return (loss, gradient)
  }
}

/// log(weight Σ e^{weighted} + Σ e^{unweighted}), relative to the largest exponent; at least one must exist.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func weightedLogSumExp<Scalar: RealScalar>(_ weighted: [Scalar], weight: Scalar, _ unweighted: [Scalar])
  -> Scalar
{
  let largest = unweighted.reduce(weighted.reduce(-Scalar.infinity, max), max)
  var weightedSum: Scalar = 0
  var unweightedSum: Scalar = 0
  for s in weighted { weightedSum += Scalar.exp(s - largest) }
  for s in unweighted { unweightedSum += Scalar.exp(s - largest) }
  return largest + Scalar.log(weight * weightedSum + unweightedSum)
}

/// log Z of weight Σ e^{weighted} + Σ e^{unweighted}, and e^{weighted} / Z.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func probabilitiesOfSum<Scalar: RealScalar>(
  _ weighted: [Scalar], weight: Scalar, _ unweighted: [Scalar]
) -> (logZ: Scalar, probabilities: [Scalar]) {
  let largest = unweighted.reduce(weighted.reduce(-Scalar.infinity, max), max)
  var weightedParts = weighted.map { $0 - largest }
  var unweightedParts = unweighted.map { $0 - largest }
  expInPlace(&weightedParts)
  expInPlace(&unweightedParts)
  let z = weight * weightedParts.reduce(0, +) + unweightedParts.reduce(0, +)
  return (largest + Scalar.log(z), weightedParts.map { $0 / z })
}
