// One row of the batch loss, evaluated so that no probability near 0 or 1 loses its digits.
//
// With s the row's similarities, p its positive, n its negatives (weight m) and o silent rows (in Z only):
//     Z = e^{s_p} + m Σ_n e^{s_n} + Σ_o e^{s_o},   Q_b = e^{s_b} / Z,   l = −log Q_p − m Σ_n log(1 − Q_n)
// Derivative, with the odds O_n = Q_n / (1 − Q_n), A = Σ_n O_n, w = m for negatives and 1 otherwise, and δ = 1 if there
// is a positive, else 0:      ∂(−log Q_p)/∂s_b = w_b Q_b − [b = p]          ∂Q_n/∂s_b = Q_n ([b = n] − w_b Q_b)
//     ∂l/∂s_p = −(1 − Q_p) − m Q_p A
//     ∂l/∂s_n = δ m Q_n + m O_n − m² Q_n A = m Q_n (δ + 1 − (m − 1) O_n − m (A − O_n)),  as O_n (1 − Q_n) = Q_n
//     ∂l/∂s_o = δ Q_o − m Q_o A
// At most one negative, the giant g, has Q_g > 1/2; then 1 − Q_g and O_g come from the rest of Z, R = Z − e^{s_g}:
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
  let silent: [Int]

  /// The row's loss l and `gradientScale` · ∂l/∂s_b, from the similarities s_b to every row b of the batch.
  ///
  /// The gradient is zero where b plays no part.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func evaluate<Scalar: RealScalar>(
    _ similarities: [Scalar], negativeWeight m: Scalar, gradientScale: Scalar
  ) -> (loss: Scalar, gradient: [Scalar]) {
    var gradient = [Scalar](repeating: 0, count: similarities.count)
    let heavy = negatives.map { similarities[$0] }
    let light = (silent + (positive.map { [$0] } ?? [])).map { similarities[$0] }
    guard !heavy.isEmpty || !light.isEmpty else { return (0, gradient) }
    let (logZ, shares) = sharesOfSum(heavy, weight: m, light)

    var loss: Scalar = 0
    var smallOdds: Scalar = 0
    var giant: Int?
    var logRests = shares.map { 1 - $0 }
    takeLogarithms(&logRests)
    for (n, share) in shares.enumerated() {
      if share > 0.5 {
        giant = n
      } else {
        smallOdds += share / (1 - share)
        // log(1 − share) as logOneMinus does it, from the logarithms of the whole row.
        loss -= m * (1 - share == 1 ? -share : logRests[n] * (share / (1 - (1 - share))))
      }
    }
    var logRest = Scalar.infinity
    var giantShare: Scalar = 0
    if let giant {
      var rest = heavy
      let own = rest.remove(at: giant)
      logRest = weightedLogSumExp(rest, weight: m, light)
      if m > 1 { logRest = logAddExp(logRest, Scalar.log(m - 1) + own) }
      giantShare = shares[giant]
      loss += m * (logZ - logRest)
    }
    /// Q_b A for a b that is no negative, or Q_b (A − O_b) after subtracting Q_b O_b.
    func shareTimesOdds(_ s: Scalar, _ share: Scalar) -> Scalar {
      share * smallOdds + (giant == nil ? 0 : giantShare * Scalar.exp(s - logRest))
    }

    for (n, b) in negatives.enumerated() {
      let share = shares[n]
      let odds = n == giant ? (m > 1 ? Scalar.exp(heavy[n] - logRest) : 0) : share / (1 - share)
      let others = n == giant ? share * smallOdds : shareTimesOdds(heavy[n], share) - share * odds
      let one: Scalar = positive == nil ? 1 : 2
      gradient[b] = gradientScale * m * (share * (one - (m - 1) * odds) - m * others)
    }
    var silentShare: Scalar = 0
    for b in silent {
      let share = Scalar.exp(similarities[b] - logZ)
      silentShare += share
      gradient[b] =
        gradientScale * ((positive == nil ? 0 : share) - m * shareTimesOdds(similarities[b], share))
    }
    if let positive {
      let s = similarities[positive]
      let missed = shares.reduce(silentShare) { $0 + m * $1 }
      loss += missed <= 0.5 ? -logOneMinus(missed) : logZ - s
      gradient[positive] = -gradientScale * (missed + m * shareTimesOdds(s, Scalar.exp(s - logZ)))
    }
    return (loss, gradient)
  }
}

/// log(weight Σ e^{heavy} + Σ e^{light}), relative to the largest exponent; at least one must exist.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func weightedLogSumExp<Scalar: RealScalar>(_ heavy: [Scalar], weight: Scalar, _ light: [Scalar]) -> Scalar {
  let largest = light.reduce(heavy.reduce(-Scalar.infinity, max), max)
  var heavySum: Scalar = 0
  var lightSum: Scalar = 0
  for s in heavy { heavySum += Scalar.exp(s - largest) }
  for s in light { lightSum += Scalar.exp(s - largest) }
  return largest + Scalar.log(weight * heavySum + lightSum)
}

/// log Z of weight Σ e^{heavy} + Σ e^{light}, and e^{heavy} / Z.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func sharesOfSum<Scalar: RealScalar>(
  _ heavy: [Scalar], weight: Scalar, _ light: [Scalar]
) -> (logZ: Scalar, shares: [Scalar]) {
  let largest = light.reduce(heavy.reduce(-Scalar.infinity, max), max)
  var heavyParts = heavy.map { $0 - largest }
  var lightParts = light.map { $0 - largest }
  exponentiate(&heavyParts)
  exponentiate(&lightParts)
  let z = weight * heavyParts.reduce(0, +) + lightParts.reduce(0, +)
  return (largest + Scalar.log(z), heavyParts.map { $0 / z })
}
