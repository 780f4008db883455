// Batch normalisation, forward and backward, and its running statistics over several batches.
// Tests    OracleTests/LayerOperationsTests.swift
import Files
import Kernels
import Networks

/// Batch normalisation of one batch, with ReLU on request.
///
/// Outputs: y, x.gradient, weight.gradient, bias.gradient, runningMean.new, runningVariance.new (in evaluation the old
/// ones).
struct BatchNormOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "batch-norm"
  let area = "op"
  let parameters: [ParameterDeclaration] = [.mode, .normEpsilon, .normMomentum, .withReLU]
  let inputs = [InputDeclaration.maps] + InputDeclaration.norm + [.cotangent("batch × channels × height × width")]
  let formula = """
    y = γ x̂ + β (then ReLU),  x̂ = (x − m) / sqrt(v + ε);  training: m, v the batch's, v = Σ (x − m)² / n,  \
    ∂x = γ / sqrt(v + ε) (g − Σ g / n − x̂ Σ g x̂ / n),  running ← (1 − momentum) running + momentum (m, v n / (n − 1));  \
    evaluation: m, v the running ones, ∂x = γ / sqrt(v + ε) g
    """

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let reader = NetworkPrompt(prompt: prompt)
    let (x, mode) = (try reader.maps("x", as: Scalar.self), try reader.mode())
    var layer: BatchNorm<Scalar> = try reader.batchNorm(batch: x.shape, modes: [mode])
    let cotangent: Tensor<Scalar> = try reader.tensor("y.cotangent", x.shape)
    let (y, cache) = layer.forward(x, mode: mode, withReLU: try prompt.bool(.withReLU))
    let xGradient = layer.backward(cotangent, cache: cache)
    return [
      "y": .real(y), "x.gradient": .real(xGradient), "weight.gradient": .real(layer.weight.gradient),
      "bias.gradient": .real(layer.bias.gradient), "runningMean.new": .real(layer.runningMean),
      "runningVariance.new": .real(layer.runningVariance),
    ]
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] { try scales(prompt, for: nil) }

  /// With the second-order terms of a profile's roundings.
  func scales(
    _ prompt: Prompt, for profile: Profile, margins: [String: Double]
  ) throws(OracleError) -> [String: RoundingScale] { try scales(prompt, for: profile) }

  private func scales(_ prompt: Prompt, for profile: Profile?) throws(OracleError) -> [String: RoundingScale] {
    let reader = NetworkPrompt(prompt: prompt)
    let (x, mode) = (try reader.maps("x", as: Double.self), try reader.mode())
    let layer: BatchNorm<Double> = try reader.batchNorm(batch: x.shape, modes: [mode])
    let errors = BatchNormErrors(
      x, layer, mode: mode, withReLU: try prompt.bool(.withReLU), profile: profile)
    var scales = errors.gradients(of: try reader.tensor("y.cotangent", x.shape))
    scales["y"] = errors.output
    scales.merge(errors.runningStatistics) { $1 }
    return scales
  }

  /// The ReLU comes after the statistics.
  ///
  /// Not y: below the kink it is 0 and has no bound.
  func outputs(settledDespite margin: String) -> Set<String> { ["runningMean.new", "runningVariance.new"] }

  /// "relu" with a ReLU after the normalisation: the smallest |y| before the ReLU over their root mean square.
  func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    guard try prompt.bool(.withReLU) else { return [:] }
    var plain = prompt
    plain.parameters["rectified"] = .bool(false)
    guard case .real(let y)? = try answer(plain, as: Double.self)["y"] else { return [:] }
    return kinkMargin(y.values)
  }

  /// The largest error of y before the ReLU over their root mean square.
  func marginRoundings(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    guard try prompt.bool(.withReLU) else { return [:] }
    var plain = prompt
    plain.parameters["rectified"] = .bool(false)
    guard case .real(let y)? = try answer(plain, as: Double.self)["y"], let scale = try scales(plain)["y"] else {
      return [:]
    }
    let square = y.values.reduce(0) { $0 + $1 * $1 } / Double(y.count)
    return square > 0 ? ["relu": Double(scale.terms) * scale.values.values.reduce(0, max) / square.squareRoot()] : [:]
  }
}

/// Several batches in turn: what is learnt, what is applied, what is left alone.
///
/// Outputs: y (shaped like x), runningMeans and runningVariances (steps × channels) after each step.
struct BatchNormSequenceOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "batch-norm-sequence"
  let area = "op"
  private static let modes = ParameterDeclaration.words(
    "modes", ["training", "evaluation"], count: 1...1000, "the mode of each step")
  let parameters: [ParameterDeclaration] = [Self.modes, .normEpsilon, .normMomentum]
  let inputs =
    [InputDeclaration.real("x", "steps × batch × channels × height × width", "one batch for each step")]
    + InputDeclaration.norm
  let formula = "batch norm of each batch in its mode, with the running statistics that the step before left"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    var (layer, steps): (BatchNorm<Scalar>, [(batch: Tensor<Scalar>, mode: Mode)]) = try steps(prompt)
    var (y, means, variances): ([Scalar], [Scalar], [Scalar]) = ([], [], [])
    for step in steps {
      y += layer.forward(step.batch, mode: step.mode).output.values
      means += layer.runningMean.values
      variances += layer.runningVariance.values
    }
    let shape = [steps.count, layer.weight.value.count]
    return [
      "y": .real(Tensor(shape: [steps.count] + steps[0].batch.shape, values: y)),
      "runningMeans": .real(Tensor(shape: shape, values: means)),
      "runningVariances": .real(Tensor(shape: shape, values: variances)),
    ]
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] { try scales(prompt, for: nil) }

  /// With the second-order terms of a profile's roundings.
  func scales(
    _ prompt: Prompt, for profile: Profile, margins: [String: Double]
  ) throws(OracleError) -> [String: RoundingScale] { try scales(prompt, for: profile) }

  /// The errors of the running statistics go on from step to step, and into the outputs of evaluation.
  private func scales(_ prompt: Prompt, for profile: Profile?) throws(OracleError) -> [String: RoundingScale] {
    var (layer, steps): (BatchNorm<Double>, [(batch: Tensor<Double>, mode: Mode)]) = try steps(prompt)
    var (y, means, variances): ([Double], [Double], [Double]) = ([], [], [])
    var (meanErrors, varianceErrors) = (
      layer.bias.value.values.map { _ in 0.0 }, layer.bias.value.values.map { _ in 0.0 }
    )
    for step in steps {
      let errors = BatchNormErrors(
        step.batch, layer, mode: step.mode, withReLU: false, runningErrors: (meanErrors, varianceErrors),
        profile: profile)
      y += errors.output.values.values
      meanErrors = errors.runningMean
      varianceErrors = errors.runningVariance
      means += meanErrors
      variances += varianceErrors
      _ = layer.forward(step.batch, mode: step.mode)
    }
    let (shape, batch) = ([steps.count, layer.weight.value.count], steps[0].batch.shape)
    let terms = SharedTerms(batch[0] * batch[2] * batch[3]).terms
    return [
      "y": RoundingScale(values: Tensor(shape: [steps.count] + batch, values: y), terms: terms),
      "runningMeans": RoundingScale(values: Tensor(shape: shape, values: means), terms: terms),
      "runningVariances": RoundingScale(values: Tensor(shape: shape, values: variances), terms: terms),
    ]
  }

  private func steps<Scalar: RealScalar>(
    _ prompt: Prompt
  ) throws(OracleError) -> (BatchNorm<Scalar>, [(batch: Tensor<Scalar>, mode: Mode)]) {
    let reader = NetworkPrompt(prompt: prompt)
    let x: Tensor<Scalar> = try prompt.tensor("x")
    guard x.shape.count == 5, x.count > 0 else {
      throw reader.fault(
        "\"x\" must be steps × batch × channels × height × width, none of them 0, not (\(x.shape.inWords))")
    }
    let modes = try prompt.array(Self.modes).map { $0 == .string("training") ? Mode.training : .evaluation }
    guard modes.count == x.shape[0] else {
      throw reader.fault("\"modes\" must be \(x.shape[0]) words, one for each step of \"x\", not \(modes.count)")
    }
    let batch = Array(x.shape.dropFirst())
    let layer: BatchNorm<Scalar> = try reader.batchNorm(batch: batch, modes: modes)
    return (layer, modes.indices.map { (Tensor(shape: batch, values: Array(x.row($0))), modes[$0]) })
  }
}

extension NetworkPrompt {
  /// The batch norm of the inputs {weight, bias, runningMean, runningVariance} and {epsilon, momentum}, fit for batches
  /// of a shape in every one of the modes.
  fileprivate func batchNorm<Scalar: RealScalar>(
    batch: [Int], modes: [Mode]
  ) throws(OracleError) -> BatchNorm<Scalar> {
    let (channels, values) = (batch[1], batch[0] * batch[2] * batch[3])
    guard values >= 2 || modes.allSatisfy({ $0 == .evaluation }) else {
      throw fault(
        "batch normalisation in the mode training learns from at least 2 values per channel, and (\(batch.inWords)) has \(values)"
      )
    }
    var initialisation = Initialisation(seed: 0)
    var layer = BatchNorm<Scalar>(
      channels: channels,
      epsilon: try prompt.number(.normEpsilon), momentum: try prompt.number(.normMomentum),
      initialisation: &initialisation)
    layer.weight = Parameter(try tensor("weight", [channels]))
    layer.bias = Parameter(try tensor("bias", [channels]))
    layer.runningMean = try tensor("runningMean", [channels])
    layer.runningVariance = try tensor("runningVariance", [channels])
    try requireNotNegative(layer.runningVariance, "runningVariance")
    return layer
  }
}

extension ParameterDeclaration {
  static let normEpsilon = number("epsilon", .within(1e-30...1e6), default: 1e-5, "added to the variance")
  fileprivate static let normMomentum = number(
    "momentum", .within(0...1), default: 0.1, "the weight of the batch in the running statistics")
  fileprivate static let withReLU = bool("rectified", default: false, "whether ReLU follows")
}

extension InputDeclaration {
  fileprivate static let norm = [
    real("weight", "channels", "γ"), real("bias", "channels", "β"),
    real("runningMean", "channels", "before the batch"),
    real("runningVariance", "channels", "before the batch, none negative"),
  ]
}
