// Many steps of each stage, of which only the losses and a few probes are kept.
//
// A mistake that one step hides (a velocity not kept, a bank not written, statistics not moved) shows within a few steps.
// Tests    OracleTests/StepTracerTests.swift, OracleTests/TracedCasesTests.swift
import Files
import Kernels
import Networks
import TwoStage

/// The operations of the area "trajectory".
let trajectoryOperations: [any OracleOperation] = [
  TrajectoryOperation<StageOneTrajectory>(), TrajectoryOperation<StageTwoTrajectory>(),
]

/// A stage that can be stepped.
protocol SteppedStage: Sendable {
  static var name: String { get }
  static var formula: String { get }
  static var parameters: [ParameterDeclaration] { get }
  static var inputs: [InputDeclaration] { get }
  /// Runs every step, calling `after` with the number of the step just done and the encoder.
  static func run<Scalar: RealScalar>(
    _ reader: NetworkPrompt, views: Tensor<Scalar>, in tracer: inout Tracer<Scalar>,
    after: (Int, inout Tracer<Scalar>, ImageEncoder<Scalar>) -> Void
  ) throws(OracleError)
}

/// Steps of a stage: the inputs of one step, but with views S × 2B × C × H × W and, in stage 1, images S × B.
///
/// Outputs: losses (S), the total before each step; norms (checkpoints × parameters), the Euclidean norm of every parameter in
/// the encoder's order after steps 1, 10 and 100, its squares added up pairwise or in blocks, in double precision whatever the
/// network computes in (one after the other, two million of them err by hundreds of roundings, more than a step does); embeddings
/// of the last step; in stage 1 also bank.new.
struct TrajectoryOperation<Stage: SteppedStage>: TracedOperation {
  var name: String { Stage.name }
  let area = "trajectory"
  var formula: String { Stage.formula }
  let parameters = [.steps] + Stage.parameters
  let inputs = Stage.inputs

  func record<Scalar: RealScalar>(_ prompt: Prompt, in tracer: inout Tracer<Scalar>) throws(OracleError) {
    let reader = NetworkPrompt(prompt: prompt)
    let steps = try prompt.integer(.steps)
    let views: Tensor<Scalar> = try prompt.tensor("views")
    guard views.shape.count == 5, views.shape[0] == steps,
      views.shape.allSatisfy({ $0 > 0 })
    else {
      throw reader.fault(
        "\"views\" must be \(steps) steps × views × channels × height × width, not (\(views.shape.inWords))")
    }
    var (losses, norms): ([Scalar], [Scalar]) = ([], [])
    try Stage.run(reader, views: views, in: &tracer) { step, tracer, encoder in
      losses.append(tracer.values["total"]?.values[0] ?? .nan)
      guard [1, 10, 100].contains(step) else { return }
      var encoder = encoder
      encoder.forEachParameter { _, parameter in
        norms.append(dotProduct(parameter.value.values, parameter.value.values).squareRoot())
      }
    }
    let checkpoints = [1, 10, 100].count { $0 <= steps }
    _ = tracer.record(
      "losses", Tensor(shape: [steps], values: losses), from: ["views"], by: "steps", errors: [])
    _ = tracer.record(
      "norms", Tensor(shape: [checkpoints, norms.count / checkpoints], values: norms), from: ["views"], by: "steps",
      errors: [.each(norms)])
  }

  func isOutput(_ name: String, of prompt: Prompt) -> Bool {
    ["losses", "norms", "embeddings", "bank.new"].contains(name)
  }

  func graph(_ prompt: Prompt) throws(OracleError) -> [GraphNode] { [] }

  /// A quarter: the standard error of σ is 18 %, which λ = 8 has room for.
  func perturbedRuns(_ prompt: Prompt) -> Int { MonteCarloScale.runs / 4 }
}

/// Stage 1, step after step.
enum StageOneTrajectory: SteppedStage {
  static let name = "stage-one-trajectory"
  static let formula = "stage-one-step, S times, each from the state that the one before left"
  static let parameters = ParameterDeclaration.stageOneStep
  static let inputs =
    [InputDeclaration.manyViews, .integers("images", "S × B", "the images of every step")]
    + InputDeclaration.stageOneState

  static func run<Scalar: RealScalar>(
    _ reader: NetworkPrompt, views: Tensor<Scalar>, in tracer: inout Tracer<Scalar>,
    after: (Int, inout Tracer<Scalar>, ImageEncoder<Scalar>) -> Void
  ) throws(OracleError) {
    let shape = Array(views.shape.dropFirst())
    var state = try StageOneState<Scalar>(reader, views: shape)
    let batch = shape[0] / 2
    let images = try reader.batch(
      try reader.prompt.integers("images"), count: batch * views.rows, below: state.bank.rows.rows)
    for step in 0..<views.rows {
      state.step(
        views: Tensor(shape: shape, values: Array(views.row(step))),
        images: Array(images[step * batch..<(step + 1) * batch]), in: &tracer)
      after(step + 1, &tracer, state.shared.encoder)
    }
  }
}

/// Stage 2, step after step.
enum StageTwoTrajectory: SteppedStage {
  static let name = "stage-two-trajectory"
  static let formula = "stage-two-step, S times, each from the state that the one before left"
  static let parameters = ParameterDeclaration.stageTwoStep
  static let inputs = [InputDeclaration.manyViews] + InputDeclaration.stageTwoState

  static func run<Scalar: RealScalar>(
    _ reader: NetworkPrompt, views: Tensor<Scalar>, in tracer: inout Tracer<Scalar>,
    after: (Int, inout Tracer<Scalar>, ImageEncoder<Scalar>) -> Void
  ) throws(OracleError) {
    let shape = Array(views.shape.dropFirst())
    var state = try StageTwoState<Scalar>(reader, views: shape)
    for step in 0..<views.rows {
      state.step(views: Tensor(shape: shape, values: Array(views.row(step))), in: &tracer)
      after(step + 1, &tracer, state.shared.encoder)
    }
  }
}

extension ParameterDeclaration {
  fileprivate static let steps = integer("steps", 1...1000, "S, how many")
}

extension InputDeclaration {
  fileprivate static let manyViews = real(
    "views", "S × 2B × channels × height × width", "of every step the first views above the second ones")
}
