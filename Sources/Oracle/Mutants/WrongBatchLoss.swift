// The batch loss with a mistake in its sums, in forms that keep their digits: a mutant is compared with answers where Q is near 0 or 1 too.
//
//     Z_a = Σ_b w_b e_b,   l_a = −log(e_p / Z_a) − m Σ_n log(1 − e_n / Z_a),   e_b = exp(s_ab)
//     ∂l_a/∂s_b = w_b e_b / Z_a (1 − m Σ_n o_n) − [b = p] + m [b ∈ n] o_b,     o_n = e_n / (Z_a − e_n)
//
// No difference of nearly equal numbers is left: Z_a − e_b is a sum over the others, and where a term cancels 1 − w_b e_b / Z_a stands.
// Tests    OracleTests/WrongBatchLossTests.swift
import Kernels
import Networks

/// The batch loss of products of rows, as somebody computes it who makes a mistake.
struct WrongBatchLoss {
  enum Mistake: CaseIterable {
    case selfKept, partnerNegative, firstViewsOnly, neighboursPaired, weightOnlyInLoss, weightOnPartner,
      gradientOfWeightOne
  }

  let temperature: Double
  let weight: Double
  let stopsGradient: Bool
  let takesMean: Bool
  /// Nil for the loss without a mistake.
  let mistake: Mistake?

  /// The loss and its gradient with respect to the rows.
  func evaluate(_ rows: Tensor<Double>) -> (loss: Double, gradient: Tensor<Double>) {
    let found = evaluate(products: rows.multiplied(by: rows, otherTransposed: true))
    return (found.loss, found.pairs.multiplied(by: rows))
  }

  /// The loss and the matrix by which rows are multiplied for their gradient: ∂L/∂(r_a·r_b), with its transpose added where keys are no
  /// constants.
  func evaluate(products: Tensor<Double>) -> (loss: Double, pairs: Tensor<Double>) {
    let count = products.rows
    var (loss, pairs) = (0.0, Tensor<Double>(shape: products.shape))
    for a in 0..<(mistake == .firstViewsOnly ? count / 2 : count) {
      let (own, slopes) = row(a, products.row(a).map { $0 / temperature })
      loss += own
      for b in 0..<count { pairs.values[a * count + b] = slopes[b] }
    }
    let scale = takesMean ? 1 / Double(count) : 1
    let direct = pairs
    for a in 0..<count {
      for b in 0..<count {
        let other = stopsGradient ? 0 : direct.values[b * count + a]
        pairs.values[a * count + b] = (direct.values[a * count + b] + other) * scale / temperature
      }
    }
    return (loss * scale, pairs)
  }

  /// One row's loss and its derivatives with respect to s.
  private func row(_ a: Int, _ s: [Double]) -> (loss: Double, slopes: [Double]) {
    let count = s.count
    let partner = mistake == .neighboursPaired ? a ^ 1 : (a + count / 2) % count
    func isNegative(_ b: Int) -> Bool { b != a && (b != partner || mistake == .partnerNegative) }
    let weights = s.indices.map { b -> Double in
      if b == a { return mistake == .selfKept ? 1 : 0 }
      if b == partner { return mistake == .weightOnPartner ? weight : 1 }
      return mistake == .weightOnlyInLoss ? 1 : weight
    }
    let largest = s.indices.reduce(-Double.infinity) { weights[$1] == 0 ? $0 : max($0, s[$1]) }
    let e = s.indices.map { $0 == a && mistake != .selfKept ? 0 : Double.exp(s[$0] - largest) }
    let terms = zip(weights, e).map { $0 * $1 }
    let z = terms.reduce(0, +)
    let others = Self.sumsOfOthers(terms)
    // Z − e_b, of which a negative's share is 1 − Q.
    let rest = s.indices.map { others[$0] + (weights[$0] - 1) * e[$0] }
    let odds = s.indices.map { isNegative($0) ? e[$0] / rest[$0] : 0 }
    let otherOdds = Self.sumsOfOthers(odds)
    var loss = Double.log(z) - (s[partner] - largest)
    for b in s.indices where isNegative(b) {
      loss -= weight * (e[b] < z / 2 ? Self.logOnePlus(-e[b] / z) : Double.log(rest[b] / z))
    }
    let slope = mistake == .gradientOfWeightOne ? 1 : weight
    let slopes = s.indices.map { b -> Double in
      let part = mistake == .gradientOfWeightOne && weights[b] != 0 ? 1 : weights[b]
      let (share, kept) = (part * e[b] / z, (others[b] + (weights[b] - part) * e[b]) / z)
      let pulled = share * slope * otherOdds[b]
      // The query itself is neither partner nor negative, whatever is in its sum.
      if b == a { return share - pulled }
      if b == partner {
        return mistake == .partnerNegative ? slope * odds[b] * kept - kept - pulled : -kept - pulled
      }
      return share - pulled + slope * odds[b] * kept
    }
    return (loss, slopes)
  }

  /// For every term the sum of all but it, from those before and those behind.
  private static func sumsOfOthers(_ terms: [Double]) -> [Double] {
    var (sums, before, behind) = ([Double](repeating: 0, count: terms.count), 0.0, 0.0)
    for i in terms.indices {
      sums[i] = before
      before += terms[i]
    }
    for i in terms.indices.reversed() {
      sums[i] += behind
      behind += terms[i]
    }
    return sums
  }

  /// log(1 + x) with all digits for small x: log(u) x / (u − 1) with u = 1 + x, whose rounding cancels.
  private static func logOnePlus(_ x: Double) -> Double {
    let u = 1 + x
    return u == 1 ? x : Double.log(u) * (x / (u - 1))
  }
}
