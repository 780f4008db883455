// The first steps of a real run as prompts, so that another program can take the same path.
//
// Weights, bank and heads are those that the trainer draws, batches and views those that it would see, byte for byte. Parts:
//
//     stage-one           from random weights; every image an instance, w = 0:             L_AND + L_AUG
//     stage-one-anchors   after some training; anchors found in the bank, the first w > 0: L_AND + w L_UE + L_AUG
//     stage-two           the encoder of that training, a fresh optimiser:                 L_assign + λ L_cp
//
// Each part of S steps is asked three times:
//
//     trajectory/PART           all steps, each program going on from its own state
//     trajectory/PART-after-T   step T + 1 alone, 0 < T < S, from the state in which the Double run was (teacher forcing)
//     loss/PART-after-T         every term of step T + 1, 0 ≤ T < S, and its gradient, of the embeddings of the Double run
//
// The steps alone are what Float can be held to however long the path is: of many, its first rounding that decides a ReLU
// makes another path. Tests    OracleTests/TrainingPathTests.swift
import Files
import Images
import Kernels
import Networks
import TwoStage

/// The beginning of a run, of which every step is asked.
package struct TrainingPath: Sendable {
  /// The three parts, each a trajectory.
  package let parts: [Trajectory]

  /// Draws and trains what the parts begin with.
  ///
  /// - Parameters:
  ///   - configuration: All constants; the losses must be the two-stage method's.
  ///   - images: What would be trained on.
  ///   - steps: S, from 1 to the steps of an epoch.
  ///   - warmUp: How many steps of the run, in Float, the second and third part come after.
  /// - Throws: A sentence, if the run is not one that the corpus's operations can ask for, or its training fails.
  package init(_ configuration: Configuration, images: ImageSet, steps: Int, warmUp: Int) throws(OracleError) {
    try configuration.checkPath(images: images.count, steps: steps)
    var trainer: Trainer<Float>
    do throws(ConfigurationError) {
      trainer = try Trainer(configuration, images: images)
    } catch {
      throw OracleError(error.description)
    }
    let later = try configuration.pathAfterWarmUp
    let first = TrainingPosition(stage: 1, round: 0, epoch: 0)
    var parts = [Trajectory(name: "stage-one", prompt: trainer.stageOnePrompt(first, steps), steps: steps)]
    do throws(TrainingError) {
      for _ in 0..<warmUp { _ = try trainer.runStep() }
    } catch {
      throw OracleError("the training that the path begins with: \(error)")
    }
    trainer.stageOne.begin(round: later.round)
    parts.append(Trajectory(name: "stage-one-anchors", prompt: trainer.stageOnePrompt(later, steps), steps: steps))
    parts.append(Trajectory(name: "stage-two", prompt: trainer.stageTwoPrompt(steps), steps: steps))
    self.parts = parts
  }

  /// All prompts, as cases of the areas "trajectory" and "loss".
  package func prompts() throws(OracleError) -> [CasePrompt] {
    var prompts: [CasePrompt] = []
    for part in parts {
      prompts.append(
        CasePrompt(
          area: "trajectory", slug: part.name, summary: "the first \(part.steps) steps on real images",
          catches: ["a mistake that many steps show"], prompt: part.prompt))
      for (step, state) in try part.states().enumerated() {
        let after = "\(part.name)-after-\(step)"
        if step > 0 {
          prompts.append(
            CasePrompt(
              area: "trajectory", slug: after, summary: "step \(step + 1) alone, from the state of the Double run",
              catches: ["a mistake that shows late"], prompt: try part.singlePrompt(state, step: step)))
        }
        prompts.append(
          CasePrompt(
            area: "loss", slug: after, summary: "the terms of step \(step + 1)",
            catches: ["a term that is wrong"], prompt: try part.lossPrompt(state, step: step)))
      }
    }
    return prompts
  }
}

extension Trajectory {
  /// Step `step` + 1 as a trajectory of its own.
  fileprivate func singlePrompt(_ state: TrajectoryState, step: Int) throws(OracleError) -> Prompt {
    var single = try forced(state, step: step)
    single.operation = prompt.operation
    single.parameters["steps"] = .integer(1)
    for name in ["views", "images"] { single.inputs[name] = single.inputs[name]?.asOneRow }
    return single
  }

  /// The losses of step `step` + 1 of its embeddings.
  fileprivate func lossPrompt(_ state: TrajectoryState, step: Int) throws(OracleError) -> Prompt {
    let forced = try forced(state, step: step)
    let (inputs, parameters) =
      prompt.operation == "stage-one-trajectory"
      ? (["bank", "images", "neighbours"], PathConstants.stageOneLoss)
      : (["heads"], PathConstants.stageTwoLoss)
    var loss = Prompt(
      operation: prompt.operation.replacing("trajectory", with: "loss"),
      parameters: forced.parameters.filter { parameters.contains($0.key) },
      inputs: forced.inputs.filter { inputs.contains($0.key) })
    loss.inputs["embeddings"] = state.embeddings
    return loss
  }
}

extension TensorValue {
  /// The same values with an outermost axis of one.
  fileprivate var asOneRow: TensorValue {
    switch self {
    case .real(let tensor): .real(Tensor<Double>(shape: [1] + tensor.shape, values: tensor.values))
    case .integers(let integers, let shape): .integers(integers, shape: [1] + shape)
    case .bytes(let bytes, let shape): .bytes(bytes, shape: [1] + shape)
    }
  }
}
