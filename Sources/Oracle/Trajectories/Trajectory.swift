// The trajectories whose rounding is measured: two of the corpus, and two longer ones in which ReLUs switch.
//
// In the corpus's trajectories batch norm keeps the input of every ReLU on one side of zero, so that no rounding ever decides
// anything. The free ones are ordinary small networks trained with the learning rate of the single steps.
// Tests    OracleTests/TrajectoryEnvelopeTests.swift
import Kernels
import Networks

/// A trajectory by name.
package struct Trajectory: Sendable {
  /// The name, in lower case with hyphens.
  package let name: String
  /// The prompt of all steps.
  package let prompt: Prompt
  /// The number of steps.
  package let steps: Int

  /// The names of all of them.
  package static let names = ["stage-one-steady", "stage-two-steady", "stage-one-free", "stage-two-free"]

  /// The trajectory of a name; throws if there is none.
  package static func named(_ name: String) throws(OracleError) -> Trajectory {
    switch name {
    case "stage-one-free", "stage-two-free":
      let folder = try PromptFolder(reading: PackageFixtures.path("trajectories"))
      return Trajectory(name: name, prompt: try folder.prompt("trajectory/\(name)").prompt, steps: 300)
    case "stage-one-steady", "stage-two-steady":
      let id = "trajectory/" + name.replacing("steady", with: "trajectory-100")
      return Trajectory(name: name, prompt: try Corpus().prompt(id).prompt, steps: 100)
    default: throw OracleError("there is no trajectory \"\(name)\"; there are \(names.joined(separator: ", "))")
    }
  }

  /// The losses of all steps in Double, every rounding replaced by one of a size and of random sign if a perturbation is given.
  func losses(_ prompt: Prompt, _ perturbation: Perturbation? = nil) throws(OracleError) -> [Double] {
    guard let operation = try Operations.named(prompt.operation) as? any TracedOperation else { return [] }
    var tracer = Tracer<Double>(perturbation: perturbation)
    try operation.record(prompt, in: &tracer)
    return tracer.values["losses"]?.values ?? []
  }
}
