// The softmax family over the rows of a matrix, forward and backward.
// Tests    OracleTests/LayerOperationsTests.swift
import Files
import Kernels
import Networks

/// Softmax, its logarithm, log-sum-exp or the entropy of every row.
///
/// Outputs: y (shaped like the cotangent), x.gradient.
struct RowOperation: OracleOperation {
  let multipliesMatrices = false
  /// What becomes of a row.
  enum Kind: String, Sendable {
    case softmax = "softmax-of-rows"
    case logSoftmax = "log-softmax-of-rows"
    case logSumExp = "log-sum-exp-of-rows"
    case entropy = "entropy-of-rows"
  }
  let kind: Kind
  let area = "op"
  let parameters: [ParameterDeclaration] = []
  var name: String { kind.rawValue }

  var inputs: [InputDeclaration] {
    let absent = InputDeclaration.integers(
      "absent", "rows × columns", absent: "every entry counts", "0, or 1 where an entry counts as −∞; never a whole row"
    )
    return [.matrix, .cotangent(reduces ? "rows" : "rows × columns")]
      + (kind == .softmax || kind == .logSumExp ? [absent] : [])
  }

  init(_ kind: Kind) { self.kind = kind }

  var formula: String {
    switch kind {
    case .softmax: "y_j = exp(x_j) / Σ_k exp(x_k),  ∂x_j = y_j (g_j − Σ_k g_k y_k)"
    case .logSoftmax: "y_j = x_j − log Σ_k exp(x_k),  ∂x_j = g_j − softmax(x)_j Σ_k g_k"
    case .logSumExp: "y = log Σ_k exp(x_k),  ∂x_j = g softmax(x)_j"
    case .entropy: "y = −Σ_j p_j log p_j,  p = softmax(x),  ∂x_j = −g p_j (log p_j + y)"
    }
  }

  /// Whether the output has one number per row.
  private var reduces: Bool { kind == .logSumExp || kind == .entropy }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let (x, g): (Tensor<Scalar>, Tensor<Scalar>) = try inputs(prompt)
    let columns = x.columns
    let p = softmaxOfRows(x.values, columns: columns)
    let (y, gradient): ([Scalar], [Scalar])
    switch kind {
    case .softmax:
      y = p
      let means = dotProductsOfRows(g.values, p, columns: columns)
      gradient = p.indices.map { p[$0] * (g.values[$0] - means[$0 / columns]) }
    case .logSoftmax:
      y = logSoftmaxOfRows(x.values, columns: columns)
      let totals = dotProductsOfRows(g.values, p.map { _ in 1 }, columns: columns)
      gradient = p.indices.map { g.values[$0] - p[$0] * totals[$0 / columns] }
    case .logSumExp:
      y = logSumExpOfRows(x.values, columns: columns)
      gradient = p.indices.map { g.values[$0 / columns] * p[$0] }
    case .entropy:
      y = entropiesOfRows(x.values, columns: columns)
      // log p_j + y = d_j − Σ_k p_k d_k with d_j = x_j − max x.
      let largest = (0..<x.rows).map { x.row($0).reduce(-Scalar.infinity, max) }
      let shifted = p.indices.map { x.values[$0] - largest[$0 / columns] }
      let means = dotProductsOfRows(p, shifted, columns: columns)
      gradient = p.indices.map { -(g.values[$0 / columns] * p[$0] * (shifted[$0] - means[$0 / columns])) }
    }
    return [
      "y": .real(Tensor(shape: g.shape, values: y)), "x.gradient": .real(Tensor(shape: x.shape, values: gradient)),
    ]
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let (x, g): (Tensor<Double>, Tensor<Double>) = try inputs(prompt)
    let columns = x.columns
    var (y, gradient): ([Double], [Double]) = ([], [])
    for a in 0..<x.rows {
      let row = SoftmaxErrors(Array(x.row(a)), subtractsLogSum: kind != .entropy)
      let cotangent = reduces ? [g.values[a]] : Array(g.row(a))
      switch kind {
      case .softmax: y += row.softmax
      case .logSoftmax: y += row.logSoftmax
      case .logSumExp: y.append(row.logSumExp)
      case .entropy: y.append(row.entropy)
      }
      gradient += gradientScale(row, cotangent)
    }
    let terms = SharedTerms(columns).terms
    return [
      "y": RoundingScale(values: Tensor(shape: g.shape, values: y), terms: terms),
      "x.gradient": RoundingScale(values: Tensor(shape: x.shape, values: gradient), terms: terms),
    ]
  }

  /// The scale of one row's gradient: the errors of its factors and one for each operation, in either grouping.
  private func gradientScale(_ row: SoftmaxErrors, _ g: [Double]) -> [Double] {
    let (p, error) = (row.p, row.softmax)
    switch kind {
    case .softmax:
      let mean = p.indices.reduce(0) { $0 + g[$1] * p[$1] }
      let meanError = p.indices.reduce(0) { $0 + abs(g[$1]) * (error[$1] + row.weight * p[$1]) }
      return p.indices.map { (j: Int) -> Double in
        let sizes: Double = meanError + 2 * (abs(g[j]) + abs(mean))
        return error[j] * abs(g[j] - mean) + p[j] * sizes
      }
    case .logSoftmax:
      let (total, size) = (g.reduce(0, +), g.reduce(0) { $0 + abs($1) })
      return p.indices.map { (j: Int) -> Double in
        let sums: Double = row.weight * size + 2 * abs(total)
        return abs(g[j]) + error[j] * abs(total) + p[j] * sums
      }
    case .logSumExp: return p.indices.map { abs(g[0]) * (error[$0] + p[$0]) }
    case .entropy:
      return p.indices.map { (j: Int) -> Double in
        let sum: Double = row.logarithms[j] + row.h
        let sizes: Double = row.logSoftmax[j] + row.entropy + 3 * (abs(row.logarithms[j]) + abs(row.h))
        return abs(g[0]) * (error[j] * abs(sum) + p[j] * sizes)
      }
    }
  }

  /// x with −∞ where an entry is absent, and the cotangent.
  private func inputs<Scalar: RealScalar>(
    _ prompt: Prompt
  ) throws(OracleError) -> (x: Tensor<Scalar>, cotangent: Tensor<Scalar>) {
    let reader = NetworkPrompt(prompt: prompt)
    var x: Tensor<Scalar> = try reader.filledMatrix("x")
    try reader.requireFinite(x, "x")
    if prompt.inputs["absent"] != nil {
      guard kind == .softmax || kind == .logSumExp else {
        throw reader.fault("\"absent\" entries have no finite answer here, only in softmax and log-sum-exp")
      }
      let absent = try prompt.integers("absent")
      guard prompt.inputs["absent"]?.shape == x.shape else {
        throw reader.fault(
          "\"absent\" must have the shape of \"x\", (\(x.shape.inWords)), not (\(prompt.shape(of: "absent").inWords))")
      }
      try reader.requireIndices(absent, "absent", below: 2)
      for i in absent.indices where absent[i] == 1 { x.values[i] = -.infinity }
    }
    for a in 0..<x.rows where !x.row(a).contains(where: \.isFinite) {
      throw reader.fault("every entry of row \(a) is \"absent\", and one must be there")
    }
    return (x, try reader.tensor("y.cotangent", reduces ? [x.rows] : x.shape))
  }
}

/// One row's softmax and the scales of its family's rounding errors, in units u · `terms`; w is the weight of a sum of
/// the row.
///
/// With ℓ the log-sum-exp: the exponent x_j − m errs by at most |x_j − ℓ| or, where an implementation may subtract a
/// rounded ℓ, by |x_j − ℓ| + |ℓ|; an exponential within 2 units in the last place adds 4, a quotient 1: a_j = |x_j − ℓ|
/// + |ℓ| + 5. Then Σ errs relatively by s = w + Σ_k p_k a_k, p_j by p_j (a_j + s), and log Σ by s + 4 |ℓ − m|.
///
/// An entropy must subtract the maximum itself: in Σ p x the error |ℓ| of every p would count |x| times, and so hide
/// the entropy of logits of hundreds.
struct SoftmaxErrors {
  /// Below this, times a unit, lies what Float cannot hold in full: results may be flushed to zero there.
  static let underflow = 0x1p-100
  /// What a size counts at most, so that no sum of a row's sizes leaves Double's range and no product with p = 0 is NaN.
  private static let largest = Double.greatestFiniteMagnitude / 4
  /// w.
  let weight: Double
  /// The softmax, its logarithm and the entropy.
  let (p, logarithms, h): ([Double], [Double], Double)
  /// The scales of the four operations' outputs.
  let (softmax, logSoftmax, logSumExp, entropy): ([Double], [Double], Double, Double)

  init(_ row: [Double], subtractsLogSum: Bool) {
    let p = softmaxOfRows(row, columns: row.count)
    let logSum = logSumExpOfRows(row, columns: row.count)[0]
    let largest = row.max() ?? 0
    // An absent entry, −∞, has p = 0 exactly and takes no part.
    let present = row.map { $0.isFinite ? $0 : logSum }
    let shift = subtractsLogSum ? abs(logSum) : 0
    let a = present.map { min(abs($0 - logSum) + shift + 5, Self.largest) }
    let w = SharedTerms(row.count).weight
    let sum = zip(p, a).reduce(w) { $0 + $1.0 * $1.1 }
    let total = sum + abs(logSum) + 4 * abs(logSum - largest)
    let softmax = row.indices.map { row[$0].isFinite ? p[$0] * (a[$0] + sum) + Self.underflow : 0 }
    let logarithms = present.map { max($0 - logSum, -Self.largest) }
    let logSoftmax = logarithms.map { total + abs($0) }
    let h = -zip(p, logarithms).reduce(0) { $0 + $1.0 * $1.1 }
    // Either ℓ − Σ p x or −Σ p log p.
    let products = row.indices.reduce(0.0) { (sum: Double, j: Int) -> Double in
      let factors: Double = min(abs(present[j]), Self.largest) + abs(logarithms[j])
      return sum + factors * (softmax[j] + w * p[j]) + (p[j] == 0 ? 0 : p[j] * logSoftmax[j])
    }
    (weight, self.p, self.logarithms, self.h) = (w, p, logarithms, h)
    (self.softmax, self.logSoftmax, logSumExp) = (softmax, logSoftmax, total)
    entropy = total + products + abs(h)
  }
}
