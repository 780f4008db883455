// The rounding errors of one row of the batch loss.
//
// All in logarithms, so that no probability near 0 or 1 loses its digits. With the row's similarities s, its positive
// p, its negatives n of weight ω, and R_n the log-sum-exp of everything in Z but n:
//     l = log(1 + e^{others − s_p}) + ω Σ_n log(1 + e^{s_n − R_n}),   Q_b = e^{s_b − log Z},   O_n = e^{s_n − R_n}
//     ∂l/∂s_p = −(1 − Q_p) − ω Q_p A      ∂l/∂s_n = ω Q_n (δ + 1) − ω (ω − 1) Q_n O_n − ω² Q_n (A − O_n)
//     A = Σ_n O_n
//
// Every R_n and every Q_b (A − O_b) is a sum of all but one. Up to `mostTermByTerm` negatives each is formed term by
// term, n² terms a row; of more negatives all are formed at once, 3 n terms a row (TrackedSumsOfOthers.swift,
// TrackedSumsOfPowers.swift). R_n then carries the same errors, but for the signs that its own rounding has in the
// lanes; Q_b (A − O_b) carries the same inherited errors, and the roundings of its terms with one sign for all. So
// both ways have the same worst case and the same expectation of σ². They are not the same bits: of 4,860 scales of
// batch losses in the corpus 3,462 would change, to 0.78 to 1.37 of themselves.
// Tests    OracleTests/TrackedBatchLossRowTests.swift, OracleTests/TrackedNumberTests.swift
import Kernels

/// The parts that the rows play in one row's loss.
struct TrackedBatchLossRow {
  /// More negatives than any case of the corpus has: what is stored there was added up term by term.
  static let mostTermByTerm = 32

  let positive: Int?
  let negatives: [Int]
  let denominatorOnly: [Int]
  let weight: TrackedNumber

  /// log of the weighed sum of e^s over everything that plays a part; negative `n` left out once.
  private func logSum(_ s: [TrackedNumber], without n: Int? = nil, positive withPositive: Bool = true) -> TrackedNumber?
  {
    var parts: [(x: TrackedNumber, weight: TrackedNumber)] = []
    for b in negatives where b != n { parts.append((s[b], weight)) }
    // Of a negative of weight ω that leaves Z once, ω − 1 stays.
    if let n, weight.value > 1 { parts.append((s[n], weight - TrackedNumber(exact: 1))) }
    for b in denominatorOnly { parts.append((s[b], TrackedNumber(exact: 1))) }
    if let positive, withPositive { parts.append((s[positive], TrackedNumber(exact: 1))) }
    return parts.isEmpty ? nil : TrackedNumber.logSumExp(parts)
  }

  /// s_n − R_n of every negative; nil where there is nothing else.
  private func logOddsTermByTerm(_ s: [TrackedNumber]) -> [TrackedNumber?] {
    negatives.map { n in logSum(s, without: n).map { s[n] - $0 } }
  }

  /// The same of at least two negatives, all sums at once.
  ///
  /// They are relative to the largest part, which may dwarf the others: without it, they are formed relative to the
  /// next one.
  private func logOddsAtOnce(_ s: [TrackedNumber]) -> [TrackedNumber?] {
    let one = TrackedNumber(exact: 1)
    let single = denominatorOnly + (positive.map { [$0] } ?? [])
    let sizes = (negatives + single).map { s[$0].value }
    let largest = sizes.max() ?? 0
    let isAlone = sizes.count { $0 == largest } == 1
    let shift = TrackedNumber(exact: largest)
    func power(_ b: Int, times weight: TrackedNumber) -> TrackedNumber { weight * TrackedNumber.exp(s[b] - shift) }
    let terms = negatives.map { power($0, times: weight) } + single.map { power($0, times: one) }
    let stays = weight.value > 1 ? negatives.map { power($0, times: weight - one) } : []
    let sums = TrackedNumber.sumsOfOthers(terms, count: negatives.count, stays: stays)
    return negatives.enumerated().map { i, n in
      if isAlone && stays.isEmpty && s[n].value == largest { return logSum(s, without: n).map { s[n] - $0 } }
      return s[n] - (shift + TrackedNumber.log(sums[i]))
    }
  }

  /// The row's loss and its derivative by every similarity; sums of all but one are formed term by term up to `most`
  /// negatives.
  func evaluate(
    _ s: [TrackedNumber], termByTermUpTo most: Int = mostTermByTerm
  ) -> (loss: TrackedNumber, gradient: [TrackedNumber]) {
    var gradient = s.map { _ in TrackedNumber(exact: 0) }
    guard let logZ = logSum(s) else { return (TrackedNumber(exact: 0), gradient) }
    var losses: [TrackedNumber] = []
    let isLong = negatives.count > max(1, most)
    let logOdds = isLong ? logOddsAtOnce(s) : logOddsTermByTerm(s)
    for case let odds? in logOdds { losses.append(weight * TrackedNumber.softplus(odds)) }
    let powers = isLong ? SumsOfPowers(logOdds.compactMap { $0 }) : nil
    /// Q_b Σ O over the negatives but the one at `index`.
    func probabilityTimesOdds(_ b: Int, except index: Int? = nil) -> TrackedNumber {
      let probability = s[b] - logZ
      if let powers { return powers.times(probability, except: index) }
      return TrackedNumber.sum(
        logOdds.enumerated().compactMap { k, odds in
          k == index ? nil : odds.map { TrackedNumber.exp(probability + $0) }
        })
    }
    let probability = negatives.map { TrackedNumber.exp(s[$0] - logZ) }
    for (index, n) in negatives.enumerated() {
      var terms = [positive == nil ? probability[index] : probability[index].scaledExactly(by: 2)]
      if weight.value > 1, let odds = logOdds[index] {
        terms.append(-((weight - TrackedNumber(exact: 1)) * TrackedNumber.exp(s[n] - logZ + odds)))
      }
      terms.append(-(weight * probabilityTimesOdds(n, except: index)))
      gradient[n] = weight * TrackedNumber.sum(terms)
    }
    for b in denominatorOnly {
      let pull = -(weight * probabilityTimesOdds(b))
      gradient[b] = positive == nil ? pull : TrackedNumber.exp(s[b] - logZ) + pull
    }
    if let positive, let others = logSum(s, positive: false) {
      losses.append(TrackedNumber.softplus(others - s[positive]))
      gradient[positive] = -(TrackedNumber.exp(others - logZ) + weight * probabilityTimesOdds(positive))
    }
    return (TrackedNumber.sum(losses), gradient)
  }
}
