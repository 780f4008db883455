// The optimiser and the schedules: what changes from step to step and from epoch to epoch.
// Tests    OracleTests/ShallowCasesTests.swift
import Files
import Kernels
import Networks
import TwoStage

/// The operations of the areas "optimiser" and "schedule".
let optimiserOperations: [any OracleOperation] = [
  SGDOperation(), LearningRateOperation(), EntropyWeightOperation(), AnchorCountOperation(),
  RunScheduleOperation(),
]

/// Steps of stochastic gradient descent on one tensor.
///
/// Outputs: parameters and velocities after every step.
struct SGDOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "sgd"
  let area = "optimiser"
  static let rates = ParameterDeclaration.numbers(
    "rates", .weights, count: 1...100_000, "the learning rate of every step")
  let parameters = [Self.rates] + ParameterDeclaration.optimiser
  let inputs: [InputDeclaration] = [
    .real("parameter", "any shape", "w before the first step"),
    .real("velocity", "any shape that parameter has", absent: "before the first step", "v"),
    .real("gradients", "any shape of steps × parameter's shape", "the gradient of every step"),
  ]
  let formula = "g ← gradient + decay w,  v ← momentum v + g,  w ← w − rate (nesterov ? g + momentum v : v)"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let (start, gradients, rates) = try inputs(prompt, as: Scalar.self)
    var module = OneTensor(parameter: Parameter(start))
    var optimiser: SGD<Scalar> = try NetworkPrompt(prompt: prompt).optimiserConstants()
    if prompt.inputs["velocity"] != nil {
      optimiser.velocities["w"] = try NetworkPrompt(prompt: prompt).tensor("velocity", start.shape)
    }
    var (parameters, velocities): ([Scalar], [Scalar]) = ([], [])
    for (step, rate) in rates.enumerated() {
      module.parameter.gradient.values = Array(gradients.row(step))
      optimiser.stepAndZeroGradients(&module, learningRate: rate)
      parameters += module.parameter.value.values
      velocities += optimiser.velocities["w"]?.values ?? []
    }
    return [
      "parameters": .real(Tensor(shape: gradients.shape, values: parameters)),
      "velocities": .real(Tensor(shape: gradients.shape, values: velocities)),
    ]
  }

  /// The running error of each element's own chain of steps; constants count as rounded.
  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let (start, gradients, rates) = try inputs(prompt, as: Double.self)
    let optimiser: SGD<Double> = try NetworkPrompt(prompt: prompt).optimiserConstants()
    var velocity = start.values.map { _ in RunningError(exact: 0) }
    if prompt.inputs["velocity"] != nil {
      velocity = try prompt.tensor("velocity", as: Double.self).values.map { RunningError(exact: $0) }
    }
    var weights = start.values.map { RunningError(exact: $0) }
    let (momentum, decay) = (RunningError(rounded: optimiser.momentum), RunningError(rounded: optimiser.weightDecay))
    var (parameters, velocities): ([Double], [Double]) = ([], [])
    for (step, rate) in rates.enumerated() {
      let gradient = Array(gradients.row(step))
      for i in weights.indices {
        let decayed = RunningError(exact: gradient[i]) + decay * weights[i]
        velocity[i] = decayed + momentum * velocity[i]
        let direction = optimiser.nesterov ? decayed + momentum * velocity[i] : velocity[i]
        weights[i] = weights[i] + RunningError(rounded: -rate) * direction
      }
      parameters += weights.map(\.scale)
      velocities += velocity.map(\.scale)
    }
    return [
      "parameters": RoundingScale(values: Tensor(shape: gradients.shape, values: parameters), terms: 2),
      "velocities": RoundingScale(values: Tensor(shape: gradients.shape, values: velocities), terms: 2),
    ]
  }

  private func inputs<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> (start: Tensor<Scalar>, gradients: Tensor<Scalar>, rates: [Double]) {
    let start: Tensor<Scalar> = try prompt.tensor("parameter")
    let rates = try prompt.numbers(Self.rates)
    guard start.count > 0 else { throw prompt.fault("\"parameter\" must hold numbers, not (\(start.shape.inWords))") }
    let gradients: Tensor<Scalar> = try prompt.tensor("gradients")
    guard gradients.shape == [rates.count] + start.shape else {
      throw prompt.fault(
        "\"gradients\" must be one for each of the \(rates.count) \"rates\", (\(([rates.count] + start.shape).inWords)) as "
          + "\"parameter\" is (\(start.shape.inWords)), not (\(gradients.shape.inWords))")
    }
    return (start, gradients, rates)
  }
}

/// A module of one parameter.
private struct OneTensor<Scalar: RealScalar>: Module {
  var parameter: Parameter<Scalar>

  mutating func forEachParameter(
    prefix: String, _ body: (String, inout Parameter<Scalar>) throws -> Void
  ) rethrows { try body(prefix + "w", &parameter) }
}
