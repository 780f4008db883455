// In which order a configuration's epochs come, and which images their steps see.
//
//     two stages        stage 1, round 0, epoch 0 … stage 1, last round, last epoch, stage 2, epoch 0 …
//     without stage 1   stage 2, epoch 0 …
//     joint             stage 1, round 0, epoch 0 … stage 1, last round, last epoch, each with both stages' losses
// Tests    TrainingPlanTests.swift

extension Configuration {
  /// The epoch that training begins with.
  public var firstPosition: TrainingPosition {
    TrainingPosition(stage: stageOne.rounds > 0 ? 1 : 2, round: 0, epoch: 0)
  }

  /// The epoch after another; nil at the end.
  public func position(after position: TrainingPosition) -> TrainingPosition? {
    let next = position.epoch + 1
    if position.stage == 2 { return next < stageTwo.epochs ? TrainingPosition(stage: 2, round: 0, epoch: next) : nil }
    if next < stageOne.epochsPerRound { return TrainingPosition(stage: 1, round: position.round, epoch: next) }
    if position.round + 1 < stageOne.rounds { return TrainingPosition(stage: 1, round: position.round + 1, epoch: 0) }
    return isJoint ? nil : TrainingPosition(stage: 2, round: 0, epoch: 0)
  }

  /// Whether an epoch is the last of a round of stage 1.
  public func endsRound(_ position: TrainingPosition) -> Bool {
    position.stage == 1 && position.epoch + 1 == stageOne.epochsPerRound
  }

  /// The number of an epoch over the whole run: the key of its order and its views.
  public func epochNumber(of position: TrainingPosition) -> Int {
    position.stage == 1
      ? position.round * stageOne.epochsPerRound + position.epoch
      : stageOne.rounds * stageOne.epochsPerRound + position.epoch
  }

  /// The ranges of an epoch's order of images that are the steps of a stage, 1 or 2.
  ///
  /// A remainder that fills no batch is left out unless stage 1 keeps it; one image alone always is, since batch
  /// normalisation needs two.
  public func steps(ofStage stage: Int, count: Int) -> [Range<Int>] {
    let size = stage == 1 ? stageOne.batchSize : stageTwo.batchSize
    var steps = (0..<count / size).map { $0 * size..<($0 + 1) * size }
    if stage == 1 && !stageOne.dropsRemainder && count % size > 1 { steps.append(count / size * size..<count) }
    return steps
  }

  /// How many epochs of each stage there are.
  public var epochs: (stageOne: Int, stageTwo: Int) {
    (stageOne.rounds * stageOne.epochsPerRound, isJoint ? 0 : stageTwo.epochs)
  }

  /// How many images all steps of a run on `count` images see.
  public func imagesOfRun(count: Int) -> Int {
    func perEpoch(_ stage: Int) -> Int { steps(ofStage: stage, count: count).last?.upperBound ?? 0 }
    let epochs = epochs
    let (one, two) = (
      epochs.stageOne.multipliedReportingOverflow(by: perEpoch(1)),
      epochs.stageTwo.multipliedReportingOverflow(by: perEpoch(2))
    )
    let sum = one.partialValue.addingReportingOverflow(two.partialValue)
    return one.overflow || two.overflow || sum.overflow ? Int.max : sum.partialValue
  }
}
