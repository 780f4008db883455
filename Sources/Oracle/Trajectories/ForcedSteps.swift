// Single steps from the states of a trajectory: beyond its horizon no bound of a whole trajectory holds, but that of one step does.
//
// The state after t steps of the Double run is rounded to Float and becomes the prompt of step t + 1 (teacher forcing). Where a
// ReLU stands too near its kink, the next step is taken.
// Tests    OracleTests/ForcedStepsTests.swift
import Files
import Kernels
import Networks

/// What a trajectory holds before one of its steps, rounded to Float.
struct TrajectoryState: Sendable {
  /// The tensors that a step changes; none before the first step, for which the prompt's are.
  var tensors: [String: TensorValue] = [:]
  /// The embeddings of the step.
  var embeddings: TensorValue?
}

extension Trajectory {
  /// After how many steps single ones begin.
  static let forcedFrom = [20, 50, 99, 200, 250]

  /// The single steps as cases of the area "step"; "ID-after-T".
  package func forcedSteps() throws(OracleError) -> [CasePrompt] {
    let states = try states()
    var prompts: [CasePrompt] = []
    for first in Self.forcedFrom where first < steps {
      for (step, state) in states.enumerated().dropFirst(first) {
        let prompt = try forced(state, step: step)
        let margin = try Operations.named(prompt.operation).margins(prompt)["relu"] ?? .infinity
        guard margin >= MonteCarloScale.farKink else { continue }
        prompts.append(
          CasePrompt(
            area: "step", slug: "\(name)-after-\(step)", summary: "one step from the state after \(step)",
            catches: ["a mistake that shows late"], prompt: prompt))
        break
      }
    }
    return prompts
  }

  /// The states of the Double run before each step.
  func states() throws(OracleError) -> [TrajectoryState] {
    try prompt.operation == "stage-one-trajectory" ? states(StageOneTrajectory.self) : states(StageTwoTrajectory.self)
  }

  private func states<Stage: SteppedStage>(_: Stage.Type) throws(OracleError) -> [TrajectoryState] {
    var (tracer, states) = (Tracer<Double>(), [TrajectoryState()])
    let views: Tensor<Double> = try prompt.tensor("views")
    try Stage.run(NetworkPrompt(prompt: prompt), views: views, in: &tracer) { step, tracer, encoder in
      states[step - 1].embeddings = tracer.values["embeddings"].map { .rounded($0) }
      guard step < steps else { return }
      var (encoder, state) = (encoder, TrajectoryState())
      encoder.forEachParameter { name, parameter in
        state.tensors[name] = .rounded(parameter.value)
        state.tensors[name + ".velocity"] = tracer.values[name + ".velocity.new"].map { .rounded($0) }
      }
      encoder.forEachBuffer { name, buffer in state.tensors[name] = .rounded(buffer) }
      if let bank = tracer.values["bank.new"] { state.tensors["bank"] = .rounded(bank) }
      states.append(state)
    }
    return states
  }

  /// The prompt of step `step` + 1.
  func forced(_ state: TrajectoryState, step: Int) throws(OracleError) -> Prompt {
    var single = prompt
    single.operation = prompt.operation.replacing("trajectory", with: "step")
    single.parameters["steps"] = nil
    single.inputs.merge(state.tensors) { $1 }
    let views: Tensor<Double> = try prompt.tensor("views")
    single.inputs["views"] = .real(
      Tensor<Double>(shape: Array(views.shape.dropFirst()), values: Array(views.row(step))))
    if prompt.inputs["images"] != nil {
      let images = try prompt.integers("images")
      let batch = images.count / steps
      single.inputs["images"] = .listOf(Array(images[step * batch..<(step + 1) * batch]))
    }
    return single
  }
}

extension TensorValue {
  /// Numbers as a Float program would be given them.
  fileprivate static func rounded(_ tensor: Tensor<Double>) -> TensorValue {
    .real(Tensor<Float>(shape: tensor.shape, values: tensor.values.map { Float($0) }))
  }
}
