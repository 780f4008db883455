// The rounding errors of the batch loss and of the relation loss, from rows to their gradient.
//
// All in logarithms, so that no probability near 0 or 1 loses its digits. With the row's similarities s, its positive p, its
// negatives n of weight ω, and R_n the log-sum-exp of everything in Z but n:
//     l = log(1 + e^{others − s_p}) + ω Σ_n log(1 + e^{s_n − R_n}),   Q_b = e^{s_b − log Z},   O_n = e^{s_n − R_n}
//     ∂l/∂s_p = −(1 − Q_p) − ω Q_p A      ∂l/∂s_n = ω Q_n (δ + 1) − ω (ω − 1) Q_n O_n − ω² Q_n (A − O_n)      A = Σ_n O_n
// Tests    OracleTests/TrackedNumberTests.swift, OracleTests/LossCasesTests.swift
import Kernels
import Networks
import TwoStage

/// The parts that the rows play in one row's loss.
private struct TrackedRow {
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

  func evaluate(_ s: [TrackedNumber]) -> (loss: TrackedNumber, gradient: [TrackedNumber]) {
    var gradient = s.map { _ in TrackedNumber(exact: 0) }
    guard let logZ = logSum(s) else { return (TrackedNumber(exact: 0), gradient) }
    var losses: [TrackedNumber] = []
    let logOdds = negatives.map { n in logSum(s, without: n).map { s[n] - $0 } }
    for case let odds? in logOdds { losses.append(weight * TrackedNumber.softplus(odds)) }
    /// Q_b Σ O over the negatives but one.
    func probabilityTimesOdds(_ b: Int, except n: Int? = nil) -> TrackedNumber {
      let probability = s[b] - logZ
      return TrackedNumber.sum(
        zip(negatives, logOdds).compactMap { k, odds in k == n ? nil : odds.map { TrackedNumber.exp(probability + $0) }
        })
    }
    let probability = negatives.map { TrackedNumber.exp(s[$0] - logZ) }
    for (index, n) in negatives.enumerated() {
      var terms = [positive == nil ? probability[index] : probability[index].scaledExactly(by: 2)]
      if weight.value > 1, let odds = logOdds[index] {
        terms.append(-((weight - TrackedNumber(exact: 1)) * TrackedNumber.exp(s[n] - logZ + odds)))
      }
      terms.append(-(weight * probabilityTimesOdds(n, except: n)))
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

extension BatchLoss<Double> {
  /// The loss of products r_a·r_b with its errors, and the factors of r_b in the gradient of r_a.
  func tracked(cosines: TrackedMatrix) -> TrackedLoss {
    let (count, half) = (cosines.rows, cosines.rows / 2)
    let similarities = cosines.map { $0 / TrackedNumber(rounded: temperature) }
    let rows = Parallel.map(count) { a in trackedRow(a, of: count).evaluate(similarities.row(a)) }
    let factor = reduction.trackedFactor(rows: denominator == .released ? count : half)
    var found = TrackedLoss(rows: rows, columns: count, factor: factor)
    found.gradient = found.gradient.map { $0 / TrackedNumber(rounded: temperature) }
    if !stopsGradient { found.gradient = found.gradient + found.gradient.transposed }
    return found
  }

  /// The loss of rows with its errors.
  func tracked(_ rows: TrackedMatrix) -> TrackedLoss {
    let found = tracked(cosines: rows.multiplied(byTransposed: rows))
    return TrackedLoss(loss: found.loss, gradient: found.gradient.multiplied(by: rows))
  }

  private func trackedRow(_ a: Int, of count: Int) -> TrackedRow {
    let (partner, weight) = ((a + count / 2) % count, TrackedNumber(rounded: negativeWeight))
    let originals = 0..<count / 2
    switch denominator {
    case .released:
      let negatives = (0..<count).filter { $0 != a && $0 != partner }
      return TrackedRow(positive: partner, negatives: negatives, denominatorOnly: [], weight: weight)
    case .paper where a < count / 2:
      return TrackedRow(positive: nil, negatives: originals.filter { $0 != a }, denominatorOnly: [a], weight: weight)
    case .paper:
      return TrackedRow(
        positive: partner, negatives: [], denominatorOnly: originals.filter { $0 != partner }, weight: weight)
    }
  }
}

extension RelationLoss<Double> {
  /// The loss of embeddings and a bank with its errors, in the Gram form.
  ///
  /// The Gram form forms Σ |v||M|ᵀ|M||v| where the direct form adds |z||z|, which is smaller: its errors bound both.
  func tracked(embeddings: TrackedMatrix, bank: TrackedMatrix) -> TrackedLoss {
    let gram = bank.transposed.multiplied(by: bank)
    var (pulled, scaled) = (embeddings.multiplied(by: gram), embeddings)
    let (rows, columns) = (embeddings.rows, embeddings.columns)
    let inverses = (0..<rows).map { a -> TrackedNumber in
      let square = TrackedNumber.dot(pulled.row(a), embeddings.row(a))
      return square.value > 1e-24 ? TrackedNumber(exact: 1) / square.squareRoot : TrackedNumber(exact: 0)
    }
    for i in scaled.values.indices {
      pulled.values[i] = pulled.values[i] * inverses[i / columns]
      scaled.values[i] = scaled.values[i] * inverses[i / columns]
    }
    let cosines = pulled.multiplied(byTransposed: scaled)
    let found = batchLoss.tracked(cosines: cosines)
    var gradient = found.gradient.multiplied(by: pulled)
    for a in 0..<rows {
      let along = TrackedNumber.dot(found.gradient.row(a), cosines.row(a))
      for i in a * columns..<(a + 1) * columns {
        gradient.values[i] = inverses[a] * (gradient.values[i] - along * pulled.values[i])
      }
    }
    return TrackedLoss(loss: found.loss, gradient: gradient)
  }
}
