// A training between two steps as the tensors of a safetensors file, and back with the same bits.
//
//     encoder.conv1.weight, …            E as it stands, with its running statistics, under PyTorch's names
//     velocity.encoder.…                 the optimiser's velocity of each parameter, once a step has been made
//     heads.0.weight, …                  stage 2's heads, and velocity.heads.… if they are trained
//     memory_bank                        M: images × features
//     anchors, neighbours                the neighbourhoods of the round: A, and A × k
//     epoch.sums                         the sums of the terms over the steps of the epoch under way
//     stage_one.encoder.…                the encoder at the end of stage 1, once stage 2 has begun
//     best.encoder.…, best.heads.…       the lowest-loss epoch, with its total and each head's mean in best.losses
//
// Metadata: "position" (TrainerProgress.swift) and "random numbers", which says what their keys and counters are made of:
// with the seed and the epoch no other state of a generator exists. Stage 1's velocity is not kept once stage 2 has begun.
// Tests    TrainerStateTests.swift
import Files
import Images
import Kernels
import Networks

/// Why a file is not the state of a training, in one sentence.
public struct TrainerStateError: Error, Equatable, Sendable, CustomStringConvertible {
  /// One sentence.
  public let description: String
}

extension Trainer {
  /// How random numbers are drawn; a state of another scheme cannot be gone on with.
  public static var randomNumbers: String {
    "Philox4x32-10, key (seed, purpose), counter (draw / 4, view, image, epoch of the run)"
  }

  /// The steps made so far, which is what PyTorch's batch norms have counted.
  public var stepsMade: Int {
    steps(before: position ?? TrainingPosition(stage: 2, round: 0, epoch: configuration.epochs.stageTwo))
      + (epoch?.step ?? 0)
  }

  /// Adds the whole state.
  public func store(in file: inout SafetensorsFile) {
    // In joint training stage 2 has heads alone.
    let laterStage = configuration.isJoint ? nil : stageTwo
    let encoder = laterStage?.encoder ?? stageOne.encoder
    file.append(encoder, prefix: "encoder.", batchesTracked: stepsMade)
    Self.append((laterStage?.optimiser ?? stageOne.optimiser).velocities, of: encoder, prefix: "encoder.", to: &file)
    if let stageTwo {
      Self.append(stageTwo.heads, prefix: "", to: &file)
      Self.append(stageTwo.headOptimiser.velocities, of: stageTwo.heads, prefix: "", to: &file)
    }
    if laterStage != nil {
      let end = steps(before: TrainingPosition(stage: 2, round: 0, epoch: 0))
      file.append(stageOne.encoder, prefix: "stage_one.encoder.", batchesTracked: end)
    }
    file.append(stageOne.bank.rows, named: "memory_bank")
    let (anchors, neighbours) = (stageOne.neighbourhoods.anchors, stageOne.neighbourhoods.neighbours)
    file.append(integers: anchors, shape: [anchors.count], named: "anchors")
    file.append(
      integers: neighbours.flatMap { $0 }, shape: [anchors.count, configuration.stageOne.neighbourCount],
      named: "neighbours")
    if let best {
      let steps =
        configuration.isJoint
        ? (best.epoch + 1) * stepsPerEpoch(stage: 1)
        : steps(before: TrainingPosition(stage: 2, round: 0, epoch: best.epoch + 1))
      file.append(best.encoder, prefix: "best.encoder.", batchesTracked: steps)
      Self.append(best.heads, prefix: "best.", to: &file)
      file.append(
        Tensor<Double>(shape: [1 + best.headLosses.count], values: [best.loss] + best.headLosses), named: "best.losses")
    }
    let sums = epoch?.sums ?? []
    if !sums.isEmpty {
      file.append(Tensor<Double>(shape: [sums.count], values: sums.map(\.value)), named: "epoch.sums")
    }
    let progress = TrainerProgress(
      position: position, step: epoch?.step ?? 0, terms: sums.map(\.name), bestEpoch: best?.epoch)
    file.metadata["position"] = progress.text(configuration)
    file.metadata["random numbers"] = Self.randomNumbers
  }

  /// A run that goes on from a stored state as if it had never stopped.
  ///
  /// - Parameters:
  ///   - configuration: That of the run.
  ///   - images: Those of the run; the caller compares their checksum.
  ///   - file: The state.
  /// - Throws: A sentence if the state is none of such a run.
  public init(_ configuration: Configuration, images: ImageSet, from file: SafetensorsFile) throws {
    try self.init(configuration, images: images)
    guard file.metadata["random numbers"] == Self.randomNumbers else {
      throw TrainerStateError(
        description:
          "the random numbers of the state are drawn by \(file.metadata["random numbers"] ?? "no known rule"), "
          + "and this program's by \(Self.randomNumbers)")
    }
    let progress = try TrainerProgress(file.metadata["position"] ?? "", configuration)
    position = progress.position
    if let position, progress.step > 0 {
      let sums = try file.tensor(named: "epoch.sums", shape: [progress.terms.count], as: Double.self).values
      epoch = EpochProgress(
        position, step: progress.step, sums: zip(progress.terms, sums).map { LossTerm(name: $0, value: $1) })
    }
    guard progress.step < stepsPerEpoch(stage: position?.stage ?? 2) else {
      throw TrainerStateError(description: "step \(progress.step) is none of an epoch of \(images.count) images")
    }
    try restoreStages(from: file, inStageTwo: progress.stageTwoHasBegun && !configuration.isJoint)
    if let epoch = progress.bestEpoch { best = try restoredBest(from: file, epoch: epoch) }
  }

  private mutating func restoreStages(from file: SafetensorsFile, inStageTwo: Bool) throws {
    try file.fill(&stageOne.encoder, prefix: inStageTwo ? "stage_one.encoder." : "encoder.")
    if inStageTwo {
      var stage = StageTwo(configuration, encoder: stageOne.encoder)
      try file.fill(&stage.encoder, prefix: "encoder.")
      stage.heads = try restoredHeads(from: file, prefix: "")
      stage.optimiser.velocities = try Self.velocities(of: stage.encoder, prefix: "encoder.", from: file)
      stage.headOptimiser.velocities = try Self.velocities(of: stage.heads, prefix: "", from: file)
      stageTwo = stage
    } else if stepsMade > 0 {
      stageOne.optimiser.velocities = try Self.velocities(of: stageOne.encoder, prefix: "encoder.", from: file)
    }
    if configuration.isJoint, var stage = stageTwo {
      stage.encoder = stageOne.encoder
      stage.heads = try restoredHeads(from: file, prefix: "")
      if stepsMade > 0 {
        stage.headOptimiser.velocities = try Self.velocities(of: stage.heads, prefix: "", from: file)
      }
      stageTwo = stage
    }
    let bank = stageOne.bank
    stageOne.bank = MemoryBank(
      rows: try file.tensor(named: "memory_bank", shape: bank.rows.shape), temperature: bank.temperature,
      momentum: bank.momentum, viewPolicy: bank.viewPolicy)
    stageOne.neighbourhoods = try restoredNeighbourhoods(from: file)
  }

  private func restoredNeighbourhoods(from file: SafetensorsFile) throws -> Neighbourhoods {
    let anchors = try file.integers(named: "anchors")
    let neighbours = try file.integers(named: "neighbours")
    let (count, range) = (configuration.stageOne.neighbourCount, 0..<images.count)
    guard anchors.shape.count == 1, neighbours.shape == [anchors.values.count, count],
      Set(anchors.values).count == anchors.values.count,
      (anchors.values + neighbours.values).allSatisfy(range.contains)
    else {
      throw TrainerStateError(
        description: "anchors of shape \(anchors.shape) with neighbours of shape \(neighbours.shape) are none of "
          + "\(images.count) images with \(count) neighbours each")
    }
    return Neighbourhoods(
      imageCount: images.count, anchors: anchors.values,
      neighbours: anchors.values.indices.map { Array(neighbours.values[$0 * count..<($0 + 1) * count]) })
  }

  private func restoredHeads(from file: SafetensorsFile, prefix: String) throws -> ClusterHeads<Scalar> {
    let stage = configuration.stageTwo
    let weights = try (0..<stage.headCount).map { head in
      try file.tensor(
        named: "\(prefix)heads.\(head).weight", shape: [configuration.encoder.embeddingSize, stage.classCount],
        as: Scalar.self)
    }
    return ClusterHeads(
      weights: weights, temperature: Scalar(stage.headTemperature), axis: stage.headAxis,
      isTrainable: stage.headsAreTrainable)
  }

  private func restoredBest(from file: SafetensorsFile, epoch: Int) throws -> Best {
    var encoder = stageOne.encoder
    try file.fill(&encoder, prefix: "best.encoder.")
    let losses = try file.tensor(
      named: "best.losses", shape: [1 + configuration.stageTwo.headCount], as: Double.self)
    return Best(
      epoch: epoch, loss: losses.values[0], encoder: encoder, heads: try restoredHeads(from: file, prefix: "best."),
      headLosses: Array(losses.values.dropFirst()))
  }

  /// The steps of the run before the first of an epoch.
  private func steps(before position: TrainingPosition) -> Int {
    let stage = configuration.stageOne
    if position.stage == 1 {
      return (position.round * stage.epochsPerRound + position.epoch) * stepsPerEpoch(stage: 1)
    }
    return stage.rounds * stage.epochsPerRound * stepsPerEpoch(stage: 1) + position.epoch * stepsPerEpoch(stage: 2)
  }

  private func stepsPerEpoch(stage: Int) -> Int {
    configuration.steps(ofStage: stage, count: images.count).count
  }

  /// The heads' weights, whether they are trained or not.
  private static func append(_ heads: ClusterHeads<Scalar>, prefix: String, to file: inout SafetensorsFile) {
    for (head, weight) in heads.weights.enumerated() {
      file.append(weight.value, named: "\(prefix)heads.\(head).weight")
    }
  }

  private static func append<M: Module>(
    _ velocities: [String: Tensor<Scalar>], of module: M, prefix: String, to file: inout SafetensorsFile
  ) where M.Scalar == Scalar {
    var (copy, extended) = (module, file)
    copy.forEachParameter(prefix: "") { name, _ in
      if let velocity = velocities[name] { extended.append(velocity, named: "velocity.\(prefix)\(name)") }
    }
    file = extended
  }

  private static func velocities<M: Module>(
    of module: M, prefix: String, from file: SafetensorsFile
  ) throws -> [String: Tensor<Scalar>] where M.Scalar == Scalar {
    var copy = module
    var velocities: [String: Tensor<Scalar>] = [:]
    try copy.forEachParameter(prefix: "") { name, parameter in
      velocities[name] = try file.tensor(named: "velocity.\(prefix)\(name)", shape: parameter.value.shape)
    }
    return velocities
  }
}
