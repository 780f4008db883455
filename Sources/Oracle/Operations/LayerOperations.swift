// The layers without parameters: ReLU, global average pool, rows of unit length; forward and backward.
// Tests    OracleTests/LayerOperationsTests.swift
import Files
import Kernels
import Networks

/// The operations of the area "op".
let layerOperations: [any OracleOperation] = [
  MatrixProductOperation(), LinearOperation(), ConvolutionOperation(), SobelOperation(), BatchNormOperation(),
  BatchNormSequenceOperation(), ReLUOperation(), GlobalAveragePoolOperation(), L2NormalisationOperation(),
  RowOperation(.softmax), RowOperation(.logSoftmax), RowOperation(.logSumExp), RowOperation(.entropy),
]

/// The ReLU, alone or after the sum of a residual block.
///
/// Outputs: y, x.gradient and, with a residual, residual.gradient, which holds the same numbers.
struct ReLUOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "relu"
  let area = "op"
  let parameters: [ParameterDeclaration] = []
  let inputs: [InputDeclaration] = [
    .real("x", "any shape", "numbers"),
    .real("residual", "any shape that x has", absent: "nothing is added", "added to x first"),
    .cotangent("any shape that x has"),
  ]
  let formula = "y = max(0, x (+ residual)),  ∂x = g where y > 0, else 0 (0 at 0)"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let (x, residual, cotangent): (Tensor<Scalar>, Tensor<Scalar>?, Tensor<Scalar>) = try inputs(prompt)
    let layer = ReLU<Scalar>()
    let (y, cache) = if let residual { layer.forward(x, plus: residual) } else { layer.forward(x) }
    let gradient = TensorValue.real(layer.backward(cotangent, cache: cache))
    var answer: [String: TensorValue] = ["y": .real(y), "x.gradient": gradient]
    if residual != nil { answer["residual.gradient"] = gradient }
    return answer
  }

  /// Selections are exact; the sum before one rounds once.
  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    var scales: [String: RoundingScale] = [:]
    for (name, value) in try answer(prompt, as: Double.self) {
      guard case .real(let tensor) = value else { continue }
      scales[name] = RoundingScale(values: tensor.magnitudes, terms: 1)
    }
    return scales
  }

  /// "relu": the smallest |x + residual| over their root mean square.
  ///
  /// Exact zeros are not counted: they are zero in every precision, and their gradient is defined.
  func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    let (x, residual, _): (Tensor<Double>, Tensor<Double>?, Tensor<Double>) = try inputs(prompt)
    let zeros = Tensor<Double>(shape: x.shape)
    let sums = zip(x.values, (residual ?? zeros).values).map { $0 + $1 }.filter { $0 != 0 }
    return kinkMargin(sums)
  }

  private func inputs<Scalar: RealScalar>(
    _ prompt: Prompt
  ) throws(OracleError) -> (x: Tensor<Scalar>, residual: Tensor<Scalar>?, cotangent: Tensor<Scalar>) {
    let reader = NetworkPrompt(prompt: prompt)
    let x: Tensor<Scalar> = try prompt.tensor("x")
    guard x.count > 0 else { throw reader.fault("\"x\" must hold numbers, and has the shape (\(x.shape.inWords))") }
    return (
      x, prompt.inputs["residual"] == nil ? nil : try reader.tensor("residual", x.shape),
      try reader.tensor("y.cotangent", x.shape)
    )
  }
}

/// How the error of a composition is told as `terms` · u · scale, where it holds a sum of n terms.
///
/// The sum errs by n, every other operation by 1. With terms = ⌈√n⌉ an operation weighs 1 in the scale and the sum n /
/// terms: the scale stays above what rounded inputs do, and the bound at most √n above what the operations do.
struct SharedTerms {
  /// The factor in front of the scale.
  let terms: Int
  /// w, what the sum weighs in the scale.
  let weight: Double

  /// - Parameter count: n, at least 1.
  init(_ count: Int) {
    terms = Int(Double(count).squareRoot().rounded(.up))
    weight = Double(count) / Double(terms)
  }
}

/// The margin "relu": the smallest magnitude over the root mean square.
func kinkMargin(_ values: [Double]) -> [String: Double] {
  let square = values.reduce(0) { $0 + $1 * $1 } / Double(max(1, values.count))
  guard square > 0, let smallest = values.map(abs).min() else { return [:] }
  return ["relu": smallest / square.squareRoot()]
}

/// The mean over the pixels of each channel.
///
/// Outputs: y, x.gradient.
struct GlobalAveragePoolOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "global-average-pool"
  let area = "op"
  let parameters: [ParameterDeclaration] = []
  let inputs: [InputDeclaration] = [.maps, .cotangent("batch × channels")]
  let formula = "y[n,c] = Σ_hw x[n,c,h,w] / (H W),  ∂x[n,c,h,w] = g[n,c] / (H W)"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let reader = NetworkPrompt(prompt: prompt)
    let x: Tensor<Scalar> = try reader.maps("x")
    let cotangent: Tensor<Scalar> = try reader.tensor("y.cotangent", Array(x.shape.prefix(2)))
    let (y, cache) = GlobalAveragePool<Scalar>().forward(x)
    return ["y": .real(y), "x.gradient": .real(GlobalAveragePool().backward(cotangent, cache: cache))]
  }

  /// pixels − 1 sums and one division, or one product with a rounded 1 / pixels.
  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let x: Tensor<Double> = try NetworkPrompt(prompt: prompt).maps("x")
    return try contractionScales(prompt, terms: ["y": x.shape[2] * x.shape[3] + 1, "x.gradient": 2])
  }
}

/// Rows scaled to unit length.
///
/// Outputs: y, x.gradient.
struct L2NormalisationOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "l2-normalisation"
  let area = "op"
  static let epsilon = ParameterDeclaration.number(
    "epsilon", .positive(to: 1e6), default: 1e-12, "the smallest divisor")
  let parameters = [Self.epsilon]
  let inputs: [InputDeclaration] = [.matrix, .cotangent("rows × columns")]
  let formula = """
    y = x / max(‖x‖, ε) by rows,  ∂x = (g − y ⟨y, g⟩) / ‖x‖ where ‖x‖ > ε, g / ε where 0 < ‖x‖ ≤ ε, 0 where x = 0
    """

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let (x, cotangent, epsilon): (Tensor<Scalar>, Tensor<Scalar>, Scalar) = try inputs(prompt)
    let layer = L2Normalisation(epsilon: epsilon)
    let (y, cache) = layer.forward(x)
    return ["y": .real(y), "x.gradient": .real(layer.backward(cotangent, cache: cache))]
  }

  /// In units u · `terms`, w the weight of a sum of the row: ‖x‖ errs relatively by w / 2 + 1 (the sum's half, and the
  /// root), y by w / 2 + 3 (a reciprocal and a product), ⟨y, g⟩ by 3 w / 2 + 3 of Σ |y| |g|, y ⟨y, g⟩ by 2 w + 7 of |y|
  /// Σ |y| |g|; the difference and the quotient add w / 2 + 4 to both parts.
  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let (x, cotangent, epsilon): (Tensor<Double>, Tensor<Double>, Double) = try inputs(prompt)
    let (y, columns) = (L2Normalisation(epsilon: epsilon).forward(x).output, x.columns)
    let norms = L2Normalisation.norms(of: x)
    let along = dotProductsOfRows(cotangent.magnitudes.values, y.magnitudes.values, columns: columns)
    let (w, terms) = (SharedTerms(columns).weight, SharedTerms(columns).terms)
    let gradient = x.values.indices.map { (i: Int) -> Double in
      let (norm, g) = (norms[i / columns], abs(cotangent.values[i]))
      if norm <= epsilon { return norm > 0 ? 3 * g / epsilon : 0 }
      let part: Double = (2.5 * w + 11) * abs(y.values[i]) * along[i / columns]
      return ((w / 2 + 4) * g + part) / norm
    }
    return [
      "y": RoundingScale(values: Tensor(shape: x.shape, values: y.values.map { (w / 2 + 3) * abs($0) }), terms: terms),
      "x.gradient": RoundingScale(values: Tensor(shape: x.shape, values: gradient), terms: terms),
    ]
  }

  /// x/ε is x/‖x‖ where they meet.
  func outputs(settledDespite margin: String) -> Set<String> { ["y"] }

  /// "epsilon": how far the nearest norm is from the smallest divisor, relative to the larger of both; zero rows do not
  /// count.
  func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    let (x, _, epsilon): (Tensor<Double>, Tensor<Double>, Double) = try inputs(prompt)
    let norms = L2Normalisation.norms(of: x).filter { $0 > 0 }
    guard let margin = norms.map({ abs($0 - epsilon) / max($0, epsilon) }).min() else { return [:] }
    // A norm that comes out as ε may be next to it in another's arithmetic.
    return ["epsilon": max(margin, .leastNonzeroMagnitude)]
  }

  /// A norm's.
  func marginRoundings(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    ["epsilon": Double(prompt.shape(of: "x").last ?? 1) / 2 + 2]
  }

  private func inputs<Scalar: RealScalar>(
    _ prompt: Prompt
  ) throws(OracleError) -> (x: Tensor<Scalar>, cotangent: Tensor<Scalar>, epsilon: Scalar) {
    let reader = NetworkPrompt(prompt: prompt)
    let x: Tensor<Scalar> = try reader.filledMatrix("x")
    let epsilon = try prompt.number(Self.epsilon, as: Scalar.self)
    return (x, try reader.tensor("y.cotangent", x.shape), epsilon)
  }
}
