// What a run would be given, written down as the prompt of a trajectory.
// Tests    OracleTests/TrainingPathTests.swift
import Files
import Images
import Kernels
import Networks
import TwoStage

/// The names of the constants that a loss alone is asked with.
enum PathConstants {
  private static let batchLoss: Set = ["temperature", "negativeWeight", "stopsGradient", "denominator", "reduction"]
  /// Of stage 1.
  static let stageOneLoss: Set = batchLoss.union(["entropyWeight", "bankTemperature", "ownLogit", "augmentationSpace"])
  /// Of stage 2.
  static let stageTwoLoss: Set = batchLoss.union([
    "headTemperature", "axis", "marginalEntropyWeight", "symmetrised", "consistencyWeight",
  ])
}

extension Trainer {
  /// Stage 1 as it stands, on the first batches of an epoch.
  func stageOnePrompt(_ position: TrainingPosition, _ steps: Int) -> Prompt {
    let stage = configuration.stageOne
    var prompt = prompt(
      "stage-one-trajectory", stageOne.encoder, stageOne.optimiser, stage.optimiser, stage.augmentationLoss, position,
      steps)
    prompt.parameters.merge([
      "entropyWeight": .number(configuration.entropyWeight(at: position)),
      "bankTemperature": .number(stage.bankTemperature), "bankMomentum": .number(stage.bankMomentum),
      "viewPolicy": .string(stage.bankViewPolicy.rawValue),
      "augmentationSpace": .string(stage.augmentationSpace.rawValue),
    ]) { $1 }
    if stage.ownImage == .minusTen { prompt.parameters["ownLogit"] = .integer(-10) }
    let images = batches(at: position).prefix(steps).joined()
    prompt.inputs["images"] = .integers(Array(images), shape: [steps, stage.batchSize])
    prompt.inputs["bank"] = .real(stageOne.bank.rows)
    let found = stageOne.neighbourhoods
    if !found.anchors.isEmpty {
      var rows = [[Int]](repeating: Array(repeating: -1, count: stage.neighbourCount), count: found.imageCount)
      for (anchor, neighbours) in zip(found.anchors, found.neighbours) { rows[anchor] = neighbours }
      prompt.inputs["neighbours"] = .integers(rows.flatMap { $0 }, shape: [found.imageCount, stage.neighbourCount])
    }
    return prompt
  }

  /// Stage 2 from stage 1's encoder as it stands, on the first batches of its first epoch.
  func stageTwoPrompt(_ steps: Int) -> Prompt {
    let stage = configuration.stageTwo
    let state = StageTwo(configuration, encoder: stageOne.encoder)
    var prompt = prompt(
      "stage-two-trajectory", state.encoder, state.optimiser, stage.optimiser, stage.consistencyLoss,
      TrainingPosition(stage: 2, round: 0, epoch: 0), steps)
    prompt.parameters.merge([
      "headTemperature": .number(stage.headTemperature),
      "axis": .string(stage.headAxis == .classes ? "class" : "feature"),
      "marginalEntropyWeight": .number(stage.marginalEntropyWeight), "symmetrised": .bool(stage.symmetrised),
      "consistencyWeight": .number(stage.consistencyWeight),
    ]) { $1 }
    let weights = state.heads.weights.map(\.value)
    prompt.inputs["heads"] = .real(
      Tensor(shape: [weights.count] + weights[0].shape, values: weights.flatMap(\.values)))
    return prompt
  }

  /// The part that both stages share: the encoder, its optimiser, the batch loss and the views.
  private func prompt(
    _ operation: String, _ encoder: ImageEncoder<Scalar>, _ optimiser: SGD<Scalar>,
    _ descent: OptimiserConfiguration, _ loss: BatchLossConfiguration, _ position: TrainingPosition, _ steps: Int
  ) -> Prompt {
    var (encoder, inputs) = (encoder, [String: TensorValue]())
    encoder.forEachParameter { name, parameter in
      inputs[name] = .real(parameter.value)
      inputs[name + ".velocity"] = optimiser.velocities[name].map { .real($0) }
    }
    encoder.forEachBuffer { name, buffer in inputs[name] = .real(buffer) }
    let batches = batches(at: position).prefix(steps).map { views(of: $0, at: position) }
    inputs["views"] = .real(Tensor(shape: [steps] + batches[0].shape, values: batches.flatMap(\.values)))
    var parameters: [String: JSON] = [
      "steps": .integer(steps), "learningRate": .number(configuration.learningRate(at: position)),
      "momentum": .number(descent.momentum), "nesterov": .bool(descent.nesterov),
      "weightDecay": .number(descent.weightDecay), "temperature": .number(loss.temperature),
      "negativeWeight": .number(loss.negativeWeight), "stopsGradient": .bool(loss.stopsGradient),
      "denominator": .string(loss.denominator.rawValue), "reduction": .string(loss.reduction.rawValue),
    ]
    parameters.merge(encoder.configuration.parameters) { $1 }
    return Prompt(operation: operation, parameters: parameters, inputs: inputs)
  }
}

extension EncoderConfiguration {
  /// The sizes as parameters of a prompt.
  fileprivate var parameters: [String: JSON] {
    [
      "streams": .array(streams.map { .string($0.rawValue) }), "widths": .array(widths.map { .integer($0) }),
      "blocks": .array(blocks.map { .integer($0) }), "strides": .array(strides.map { .integer($0) }),
      "stemStride": .integer(stemStride), "embeddingSize": .integer(embeddingSize),
    ]
  }
}

extension Configuration {
  /// Throws unless the operations of the corpus can ask for the steps of such a run.
  func checkPath(images: Int, steps: Int) throws(OracleError) {
    guard steps >= 1 else { throw OracleError("a path needs at least 1 step, not \(steps)") }
    let isAsked =
      stageOne.rounds >= 2 && stageOne.viewCount == 2 && stageOne.neighbourhoodWeight == 1
      && stageOne.augmentationWeight == 1 && stageOne.augmentationLoss.reduction == stageOne.reduction
      && stageTwo.headAxis != .none && !stageTwo.headsAreTrainable && !isJoint
    guard isAsked else {
      throw OracleError(
        "a path needs two stages: at least 2 rounds of stage 1 with two views and weights of 1, then normalised and "
          + "frozen heads")
    }
    for (name, size) in [("stage 1", stageOne.batchSize), ("stage 2", stageTwo.batchSize)] {
      guard size < 1 || steps <= images / size else {
        throw OracleError(
          "\(steps) steps of \(size) images in \(name) need \(steps * size) images, and there are \(images)")
      }
    }
  }

  /// The first epoch of the middle round in which all three losses of stage 1 act.
  var pathAfterWarmUp: TrainingPosition {
    get throws(OracleError) {
      let positions = (0..<stageOne.epochsPerRound).map {
        TrainingPosition(stage: 1, round: stageOne.rounds / 2, epoch: $0)
      }
      guard let first = positions.first(where: { entropyWeight(at: $0) > 0 }) else {
        throw OracleError("the weight of the unification entropy never rises in \(stageOne.epochsPerRound) epochs")
      }
      return first
    }
  }
}
