// The losses as one first writes them down: probabilities, their logarithms, and derivatives without a thought for digits. Where no
// probability is near 0 or 1 they are legal implementations.
// Tests    OracleTests/TextbookLossesTests.swift
import Files
import Kernels
import Networks
import TwoStage

/// A loss and one gradient.
typealias Textbook<Scalar: RealScalar> = (loss: Scalar, gradient: Tensor<Scalar>)

/// The batch loss of unit rows with every row but the query in the denominator.
struct TextbookBatchLoss {
  var temperature: Double
  var weight = 1.0
  var stopsGradient = true

  func evaluate<Scalar: RealScalar>(_ rows: Tensor<Scalar>) -> Textbook<Scalar> {
    let (count, tau, m) = (rows.rows, Scalar(temperature), Scalar(weight))
    let products = rows.multiplied(by: rows, otherTransposed: true)
    var (loss, pairs) = (Scalar(0), Tensor<Scalar>(shape: [count, count]))
    for a in 0..<count {
      let partner = (a + count / 2) % count
      let negatives = (0..<count).filter { $0 != a && $0 != partner }
      let s = products.row(a).map { $0 / tau }
      let largest = s.indices.reduce(-Scalar.infinity) { $1 == a ? $0 : max($0, s[$1]) }
      let weights = s.indices.map { b -> Scalar in b == a ? 0 : b == partner ? 1 : m }
      let powers = s.map { Scalar.exp($0 - largest) }
      let z = zip(weights, powers).reduce(0) { $0 + $1.0 * $1.1 }
      let q = powers.map { $0 / z }
      loss -= Scalar.log(q[partner]) + m * negatives.reduce(0) { $0 + Scalar.log(1 - q[$1]) }
      // ∂l/∂s_b = w_b Q_b (1 − A) − [b = p] + m [b ∈ n] Q_b / (1 − Q_b)
      let odds = m * negatives.reduce(0) { $0 + q[$1] / (1 - q[$1]) }
      for b in s.indices {
        pairs.values[a * count + b] = weights[b] * q[b] * (1 - odds) - (b == partner ? 1 : 0)
        if negatives.contains(b) { pairs.values[a * count + b] += m * q[b] / (1 - q[b]) }
      }
    }
    let factor = 1 / (Scalar(count) * tau)
    var gradient = pairs.multiplied(by: rows)
    if !stopsGradient {
      let other = pairs.multiplied(by: rows, transposed: true)
      for i in gradient.values.indices { gradient.values[i] += other.values[i] }
    }
    for i in gradient.values.indices { gradient.values[i] *= factor }
    return (loss / Scalar(count), gradient)
  }
}

/// The two losses against the bank.
struct TextbookBankLoss {
  enum Mistake {
    case ownLeftOut, logarithmsSummed, entropyMissing, ownKept
  }

  var mistake: Mistake?

  /// −log Σ p over the neighbourhood, and p − [j ∈ S] p / q.
  func neighbourhood<Scalar: RealScalar>(
    _ logits: Tensor<Scalar>, images: [Int], members: (Int) -> [Int]
  ) -> Textbook<Scalar> {
    let (rows, columns) = (logits.rows, logits.columns)
    let p = softmaxOfRows(logits.values, columns: columns)
    var (loss, gradient) = (Scalar(0), Tensor(shape: logits.shape, values: p))
    for (a, image) in images.enumerated() {
      var set = members(image)
      if mistake == .ownLeftOut, set.count > 1 { set.removeFirst() }
      let inside = set.reduce(0) { $0 + p[a * columns + $1] }
      if mistake == .logarithmsSummed {
        loss -= set.reduce(0) { $0 + Scalar.log(p[a * columns + $1]) } / Scalar(set.count)
      } else {
        loss -= Scalar.log(inside)
      }
      for j in set {
        gradient.values[a * columns + j] -=
          mistake == .logarithmsSummed ? 1 / Scalar(set.count) : p[a * columns + j] / inside
      }
    }
    for i in gradient.values.indices { gradient.values[i] /= Scalar(rows) }
    return (loss / Scalar(rows), gradient)
  }

  /// −Σ p log p of the others, and what automatic differentiation makes of it.
  func entropy<Scalar: RealScalar>(_ logits: Tensor<Scalar>, images: [Int]) -> Textbook<Scalar> {
    let (rows, columns) = (logits.rows, logits.columns)
    var (loss, gradient) = (Scalar(0), Tensor<Scalar>(shape: logits.shape))
    for (a, image) in images.enumerated() {
      let others = (0..<columns).filter { $0 != image || mistake == .ownKept }
      let p = softmaxOfRows(others.map { logits.values[a * columns + $0] }, columns: others.count)
      let slopes = p.map { -(1 + Scalar.log($0)) }
      loss -= p.reduce(0) { $0 + $1 * Scalar.log($1) }
      let mean = mistake == .entropyMissing ? 0 : zip(p, slopes).reduce(0) { $0 + $1.0 * $1.1 }
      for (index, j) in others.enumerated() {
        gradient.values[a * columns + j] = p[index] * (slopes[index] - mean) / Scalar(rows)
      }
    }
    return (loss / Scalar(rows), gradient)
  }
}

/// The assignment loss from the entropies of the joint and of its marginals.
func textbookInformation<Scalar: RealScalar>(
  _ first: Tensor<Scalar>, _ second: Tensor<Scalar>, weight: Double, symmetrised: Bool
) -> [String: TensorValue] {
  let (classes, beta) = (first.columns, Scalar(weight))
  func symmetric(_ matrix: Tensor<Scalar>) -> Tensor<Scalar> {
    guard symmetrised else { return matrix }
    var result = matrix
    for i in matrix.values.indices {
      result.values[i] = (matrix.values[i] + matrix.values[i % classes * classes + i / classes]) / 2
    }
    return result
  }
  var joint = symmetric(first.multiplied(by: second, transposed: true))
  let total = joint.values.reversed().reduce(0, +)
  joint.values = joint.values.map { $0 / total }
  let rows = (0..<classes).map { joint.row($0).reduce(0, +) }
  let columns = (0..<classes).map { c in (0..<classes).reduce(0) { $0 + joint.values[$1 * classes + c] } }
  func entropy(_ p: [Scalar]) -> Scalar { -p.reduce(0) { $0 + $1 * Scalar.log($1) } }
  let marginal = entropy(rows) + entropy(columns)
  // Constants drop out of ∂L/∂P, as P sums to 1.
  var slopes = joint
  for i in joint.values.indices {
    slopes.values[i] =
      beta * Scalar.log(rows[i / classes]) + beta * Scalar.log(columns[i % classes]) - Scalar.log(joint.values[i])
  }
  let mean = zip(slopes.values, joint.values).reduce(0) { $0 + $1.0 * $1.1 }
  slopes.values = slopes.values.map { ($0 - mean) / total }
  let pulled = symmetric(slopes)
  return [
    "loss": .number(entropy(joint.values) - beta * marginal),
    "information": .number(marginal - entropy(joint.values)), "joint": .real(joint),
    "first.gradient": .real(second.multiplied(by: pulled, otherTransposed: true)),
    "second.gradient": .real(first.multiplied(by: pulled)),
  ]
}
