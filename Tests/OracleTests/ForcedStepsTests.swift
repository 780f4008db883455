import Kernels
import Networks
import Testing

@testable import Oracle

@Suite("Single steps from the states of a trajectory")
struct ForcedStepsTests {
  @Test(arguments: ["stage-one-steady", "stage-two-steady"]) func invariantStepsContinueTheTrajectory(
    name: String
  ) throws {
    let trajectory = try Trajectory.named(name)
    let losses = try trajectory.losses(trajectory.prompt)
    let casePrompts = try trajectory.forcedSteps()
    #expect(casePrompts.map(\.slug) == ["\(name)-after-20", "\(name)-after-50", "\(name)-after-99"])
    for (casePrompt, step) in zip(casePrompts, [20, 50, 99]) {
      // The state was rounded to Float, the loss of the next step moves by as much and no more.
      guard case .real(let total)? = try casePrompt.answer(as: Double.self)["total"] else {
        Issue.record("no total")
        continue
      }
      let apart = abs(total.values[0] - losses[step])
      #expect(apart > 0 && apart < 1e-5, "\(casePrompt.slug): \(total.values[0]) and \(losses[step])")
      for case .real(let tensor) in casePrompt.prompt.inputs.values {
        #expect(tensor.values.allSatisfy { Double(Float($0)) == $0 })
      }
    }
    let last = try #require(casePrompts.last)
    let (ratio, output) = worstRatio(
      try last.answer(as: Float.self), try last.answer(as: Double.self), try last.scales())
    #expect(ratio <= 1, "\(output) is \(ratio) bounds away")
  }

  // Velocities of a state are those of its own step: without them, the step's update is another.
  @Test func invariantStatesHoldVelocitiesAndBanks() throws {
    let trajectory = try Trajectory.named("stage-one-steady")
    let casePrompt = try #require(try trajectory.forcedSteps().first)
    for (name, value) in trajectory.prompt.inputs {
      let isConstant = ["neighbours"].contains(name)
      #expect((casePrompt.prompt.inputs[name] == value) == isConstant, "\(name)")
    }
  }
}
