// The trajectories whose rounding is measured: the corpus's of 100 steps, and two longer ones whose rectifiers change their minds.
//
// The corpus's trajectories are steady: batch norms hold every rectifier on one side, so that no rounding ever decides anything.
// The free ones are ordinary small networks under the learning rate of the single steps.
// Tests    OracleTests/TrajectoryEnvelopeTests.swift
import Kernels
import Networks

/// A trajectory by name.
public struct Trajectory: Sendable {
  /// The name, in lower case with hyphens.
  public let name: String
  /// The prompt of all steps.
  public let prompt: Prompt
  /// The number of steps.
  public let steps: Int

  /// The names of all of them.
  public static let names = ["stage-one-steady", "stage-two-steady", "stage-one-free", "stage-two-free"]

  /// The trajectory of a name; throws if there is none.
  public static func named(_ name: String) throws(OracleError) -> Trajectory {
    switch name {
    case "stage-one-free": return free(stage: 1, name)
    case "stage-two-free": return free(stage: 2, name)
    case "stage-one-steady", "stage-two-steady":
      let slug = name.prefix("stage-one".count) + "-trajectory-100"
      if let recipe = try StepCases.trajectories().first(where: { $0.slug == slug }) {
        return Trajectory(name: name, prompt: recipe.prompt, steps: 100)
      }
      fallthrough
    default: throw OracleError("there is no trajectory \"\(name)\"; there are \(names.joined(separator: ", "))")
    }
  }

  private static func free(stage: Int, _ name: String) -> Trajectory {
    let step = StepCases.Step(
      slug: "free", summary: "", encoder: .small(channels: 2, streams: [.plain]), catches: [])
    let (drawing, steps) = (NetworkDrawing(seed: 7100 + UInt32(stage)), 300)
    let views = GeneratedTensor(shape: [steps, 6, 2, 4, 5], seed: drawing.seed, image: 0, scale: 1)
    return Trajectory(name: name, prompt: StepCases.prompt(stage, step, drawing, steps: views), steps: steps)
  }

  /// The losses of all steps in Double, every rounding replaced by one of a size and of random sign if a disturbance is given.
  func losses(_ prompt: Prompt, _ disturbance: Disturbance? = nil) throws(OracleError) -> [Double] {
    guard let operation = try Operations.named(prompt.operation) as? any RecordedOperation else { return [] }
    var recorder = Recorder<Double>(disturbance: disturbance)
    try operation.record(prompt, in: &recorder)
    return recorder.values["losses"]?.values ?? []
  }
}
