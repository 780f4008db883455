// Matrix products and the fully connected layer, forward and backward.
// Tests    OracleTests/LayerOperationsTests.swift, OracleTests/LegalRoundingTests.swift
import Files
import Kernels
import Networks

/// A product of two matrices, either of them transposed on request, added to a third one on request.
///
/// Outputs: y, a.gradient, b.gradient; the gradient of c is the cotangent itself.
struct MatrixProductOperation: OracleOperation {
  let name = "matrix-product"
  let area = "op"
  static let transposeA = ParameterDeclaration.bool(
    "transposeA", default: false, "whether a is stored transposed")
  static let transposeB = ParameterDeclaration.bool(
    "transposeB", default: false, "whether b is stored transposed")
  static let accumulate = ParameterDeclaration.bool("accumulate", default: false, "whether c is added")
  let parameters = [Self.transposeA, Self.transposeB, Self.accumulate]
  let inputs: [InputDeclaration] = [
    .real("a", "rows × depth", "depth × rows where it is stored transposed"),
    .real("b", "depth × columns", "columns × depth where it is stored transposed"),
    .real("c", "rows × columns", absent: "only where accumulate is false", "what the product is added to"),
    .cotangent("rows × columns"),
  ]
  let formula = "y = op(a) op(b) (+ c),  ∂op(a) = g op(b)ᵀ,  ∂op(b) = op(a)ᵀ g"

  /// The prompt's tensors, found to fit each other.
  private struct Factors<Scalar: RealScalar> {
    var (a, b, cotangent): (Tensor<Scalar>, Tensor<Scalar>, Tensor<Scalar>)
    var (transposeA, transposeB): (Bool, Bool)
    /// c, or zeros.
    var start: Tensor<Scalar>
    var accumulate: Bool
    var depth: Int { transposeA ? a.shape[0] : a.shape[1] }
  }

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let f: Factors<Scalar> = try factors(prompt)
    var y = f.start
    multiplyMatrices(
      f.a.values, f.b.values, into: &y.values, rows: y.shape[0], columns: y.shape[1], depth: f.depth,
      transposeA: f.transposeA, transposeB: f.transposeB, accumulate: f.accumulate)
    // For a stored as its transpose: ∂a = (g op(b)ᵀ)ᵀ = op(b) gᵀ; for b: ∂b = (op(a)ᵀ g)ᵀ = gᵀ op(a).
    let aGradient =
      f.transposeA
      ? f.b.multiplied(by: f.cotangent, transposed: f.transposeB, otherTransposed: true)
      : f.cotangent.multiplied(by: f.b, otherTransposed: !f.transposeB)
    let bGradient =
      f.transposeB
      ? f.cotangent.multiplied(by: f.a, transposed: true, otherTransposed: f.transposeA)
      : f.a.multiplied(by: f.cotangent, transposed: !f.transposeA)
    return ["y": .real(y), "a.gradient": .real(aGradient), "b.gradient": .real(bGradient)]
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let f: Factors<Double> = try factors(prompt)
    return try contractionScales(
      prompt,
      terms: [
        "y": f.depth + (f.accumulate ? 1 : 0), "a.gradient": f.cotangent.shape[1], "b.gradient": f.cotangent.shape[0],
      ])
  }

  private func factors<Scalar: RealScalar>(_ prompt: Prompt) throws(OracleError) -> Factors<Scalar> {
    let reader = NetworkPrompt(prompt: prompt)
    let (a, b): (Tensor<Scalar>, Tensor<Scalar>) = (try reader.filledMatrix("a"), try reader.filledMatrix("b"))
    let (transposeA, transposeB) = (
      try prompt.bool(Self.transposeA), try prompt.bool(Self.transposeB)
    )
    let (rows, depth) = transposeA ? (a.shape[1], a.shape[0]) : (a.shape[0], a.shape[1])
    let (otherDepth, columns) = transposeB ? (b.shape[1], b.shape[0]) : (b.shape[0], b.shape[1])
    guard depth == otherDepth else {
      throw reader.fault("the inner lengths of \"a\" and \"b\" must agree, and are \(depth) and \(otherDepth)")
    }
    let accumulate = try prompt.bool(Self.accumulate)
    guard accumulate || prompt.inputs["c"] == nil else {
      throw reader.fault("the input \"c\" is added only where \"accumulate\" is true, which it is not")
    }
    return Factors(
      a: a, b: b, cotangent: try reader.tensor("y.cotangent", [rows, columns]), transposeA: transposeA,
      transposeB: transposeB,
      start: accumulate ? try reader.tensor("c", [rows, columns]) : Tensor(shape: [rows, columns]),
      accumulate: accumulate)
  }
}

/// The fully connected layer.
///
/// Outputs: y, x.gradient, weight.gradient, bias.gradient.
struct LinearOperation: OracleOperation {
  let name = "linear"
  let area = "op"
  let parameters: [ParameterDeclaration] = []
  let inputs: [InputDeclaration] = [
    .real("x", "rows × inputs", "rows of numbers"), .real("weight", "outputs × inputs", "one row for each output"),
    .real("bias", "outputs", "added to every row"), .cotangent("rows × outputs"),
  ]
  let formula = "y = x Wᵀ + b,  ∂x = g W,  ∂W = gᵀ x,  ∂b = Σ_rows g"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let reader = NetworkPrompt(prompt: prompt)
    let (x, weight): (Tensor<Scalar>, Tensor<Scalar>) = (
      try reader.filledMatrix("x"), try reader.filledMatrix("weight")
    )
    guard x.shape[1] == weight.shape[1] else {
      throw reader.fault(
        "\"x\" and \"weight\" must have equally many columns, not \(x.shape[1]) and \(weight.shape[1])")
    }
    var initialisation = Initialisation(seed: 0)
    var layer = Linear<Scalar>(inputs: 1, outputs: 1, initialisation: &initialisation)
    layer.weight = Parameter(weight)
    layer.bias = Parameter(try reader.tensor("bias", [weight.shape[0]]))
    let cotangent: Tensor<Scalar> = try reader.tensor("y.cotangent", [x.shape[0], weight.shape[0]])
    let (y, cache) = layer.forward(x)
    let xGradient = layer.backward(cotangent, cache: cache)
    return [
      "y": .real(y), "x.gradient": .real(xGradient), "weight.gradient": .real(layer.weight.gradient),
      "bias.gradient": .real(layer.bias.gradient),
    ]
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let reader = NetworkPrompt(prompt: prompt)
    let x: Tensor<Double> = try reader.filledMatrix("x")
    let weight: Tensor<Double> = try reader.filledMatrix("weight")
    return try contractionScales(
      prompt,
      terms: [
        "y": x.shape[1] + 1, "x.gradient": weight.shape[0], "weight.gradient": x.shape[0], "bias.gradient": x.shape[0],
      ])
  }
}

extension OracleOperation {
  /// The scales of an operation all of whose outputs are sums of products of inputs: Σ |a| |b|, which is its answer to
  /// the magnitudes of the inputs.
  ///
  /// `terms` gives n of each output. A sum of n products rounds n products and n − 1 sums, or n fused ones; each term
  /// passes through at most n of these, so in any order |error| ≤ n u Σ |a| |b| to first order.
  func contractionScales(
    _ prompt: Prompt, terms: [String: Int]
  ) throws(OracleError) -> [String: RoundingScale] {
    var magnitudes = prompt
    magnitudes.inputs = prompt.inputs.mapValues { value in
      if case .real(let tensor) = value { .real(tensor.magnitudes) } else { value }
    }
    var scales: [String: RoundingScale] = [:]
    for (name, value) in try answer(magnitudes, as: Double.self) {
      guard case .real(let sums) = value else { continue }
      scales[name] = RoundingScale(values: sums, terms: max(1, terms[name] ?? 1))
    }
    return scales
  }
}

extension NetworkPrompt {
  /// Rows of numbers: two axes, neither of them empty.
  func filledMatrix<Scalar: RealScalar>(
    _ name: String, as _: Scalar.Type = Scalar.self
  ) throws(OracleError) -> Tensor<Scalar> {
    let tensor: Tensor<Scalar> = try prompt.tensor(name)
    guard tensor.shape.count == 2, tensor.count > 0 else {
      throw fault("\"\(name)\" must be rows × columns, neither of them 0, not \(tensor.shape)")
    }
    return tensor
  }
}
