// Both stages from beginning to end, epoch by epoch.
//
//     stage 1   for each round: find the neighbourhoods; for each epoch: rate and w by the epoch in the round; steps
//     stage 2   for each epoch: rate by the epoch; steps; keep the encoder and heads of the lowest mean total loss
//     result    that epoch's encoder, and the head whose loss was lowest in it; no label takes part
// Every random number is keyed by the seed and the epoch, so training goes on from any step's end as if never stopped.
// Tests    TrainerTests.swift
import Images
import Kernels
import Networks

/// A run: what it has learnt so far, and how it goes on.
public struct Trainer<Scalar: RealScalar>: Sendable {
  /// The lowest-loss epoch of stage 2 so far.
  public struct Best: Sendable {
    /// Its number.
    public var epoch: Int
    /// Its mean total loss.
    public var loss: Double
    /// The encoder at its end.
    public var encoder: ImageEncoder<Scalar>
    /// The heads at its end.
    public var heads: ClusterHeads<Scalar>
    /// Each head's mean loss in it.
    public var headLosses: [Double]

    /// Gathers the parts.
    public init(
      epoch: Int, loss: Double, encoder: ImageEncoder<Scalar>, heads: ClusterHeads<Scalar>, headLosses: [Double]
    ) {
      (self.epoch, self.loss, self.encoder, self.heads, self.headLosses) = (epoch, loss, encoder, heads, headLosses)
    }

    /// The head of the lowest loss; the first among equals.
    public var head: Int { headLosses.indices.reduce(0) { headLosses[$1] < headLosses[$0] ? $1 : $0 } }
  }

  /// The constants.
  public let configuration: Configuration
  /// The images.
  public let images: ImageSet
  /// Stage 1's state; at its last epoch once stage 2 has begun.
  public var stageOne: StageOne<Scalar>
  /// Stage 2's state; nil during stage 1.
  public var stageTwo: StageTwo<Scalar>?
  /// The epoch under way, or to come; nil at the end.
  public var position: TrainingPosition?
  /// How far the epoch under way is; nil between epochs.
  public var epoch: EpochProgress?
  /// What stage 2 has found; nil before the end of its first epoch.
  public var best: Best?

  /// A run at its beginning.
  public init(_ configuration: Configuration, images: ImageSet) throws(ConfigurationError) {
    try configuration.validate(count: images.count, channels: images.channels)
    self.configuration = configuration
    self.images = images
    stageOne = StageOne(configuration, imageCount: images.count)
    position = TrainingPosition(stage: configuration.stageOne.rounds > 0 ? 1 : 2, round: 0, epoch: 0)
  }

  /// Trains to the end.
  ///
  /// - Parameters:
  ///   - afterStep: Called after every step.
  ///   - afterEpoch: Called after every epoch, with the run as it then stands.
  public mutating func run(
    afterStep: (StepReport) -> Void = { _ in }, afterEpoch: (EpochReport, Trainer) throws -> Void = { _, _ in }
  ) throws {
    while let report = try runEpoch(afterStep: afterStep) { try afterEpoch(report, self) }
  }

  /// Trains the rest of the epoch, or a whole one; nil if there is none left.
  public mutating func runEpoch(afterStep: (StepReport) -> Void = { _ in }) throws(TrainingError) -> EpochReport? {
    while let (step, epoch) = try runStep() {
      afterStep(step)
      if let epoch { return epoch }
    }
    return nil
  }

  /// Trains one step; nil if there is none left. The second part is the epoch's report if the step was its last.
  ///
  /// Between any two steps the run is a value like any other: a copy goes on as the original would.
  public mutating func runStep() throws(TrainingError) -> (step: StepReport, epoch: EpochReport?)? {
    guard let position else { return nil }
    let isStageOne = position.stage == 1
    var progress = epoch ?? EpochProgress(position)
    if progress.batches.isEmpty {
      progress.batches = shuffled(
        size: isStageOne ? configuration.stageOne.batchSize : configuration.stageTwo.batchSize)
    }
    let batch = progress.batches[progress.step]
    let terms = isStageOne ? stepOfStageOne(position, progress, batch) : stepOfStageTwo(position, batch)
    let report = try progress.add(terms)
    epoch = progress
    if progress.step < progress.batches.count { return (report, nil) }
    epoch = nil
    return (report, isStageOne ? endOfStageOne(position, progress) : endOfStageTwo(position, progress))
  }

  private mutating func stepOfStageOne(
    _ position: TrainingPosition, _ progress: EpochProgress, _ batch: [Int]
  ) -> [LossTerm] {
    let stage = configuration.stageOne
    if position.epoch == 0 && progress.step == 0 { stageOne.begin(round: position.round) }
    let views = views(of: batch, stage.views, clean: stage.firstViewIsClean)
    let (rate, weight) = ratesOfStageOne(position)
    return stageOne.step(views: views, images: batch, learningRate: rate, entropyWeight: weight).terms
  }

  private mutating func endOfStageOne(_ position: TrainingPosition, _ progress: EpochProgress) -> EpochReport {
    let stage = configuration.stageOne
    let (round, epoch) = (position.round, position.epoch)
    self.position =
      if epoch + 1 < stage.epochsPerRound {
        TrainingPosition(stage: 1, round: round, epoch: epoch + 1)
      } else if round + 1 < stage.rounds {
        TrainingPosition(stage: 1, round: round + 1, epoch: 0)
      } else {
        TrainingPosition(stage: 2, round: 0, epoch: 0)
      }
    let (rate, weight) = ratesOfStageOne(position)
    return progress.report(
      rate, entropyWeight: weight, anchorCount: stageOne.neighbourhoods.anchors.count,
      consistency: images.labels.flatMap { stageOne.neighbourhoods.consistency(labels: $0) })
  }

  private func ratesOfStageOne(_ position: TrainingPosition) -> (rate: Double, entropyWeight: Double) {
    let stage = configuration.stageOne
    let (epoch, epochs) = (position.epoch, stage.epochsPerRound)
    return (
      stage.learningRateSchedule.rate(epoch: epoch, of: epochs, base: stage.learningRate),
      stage.entropyWeightSchedule.weight(
        round: position.round, epoch: epoch, of: epochs, step: stage.entropyWeightStep)
    )
  }

  private mutating func stepOfStageTwo(_ position: TrainingPosition, _ batch: [Int]) -> [LossTerm] {
    let stage = configuration.stageTwo
    let views = views(of: batch, stage.views, clean: stage.firstViewIsClean)
    var state = stageTwo ?? StageTwo(configuration, encoder: stageOne.encoder)
    // Taken out meanwhile: what has one owner is changed in place.
    stageTwo = nil
    defer { stageTwo = state }
    return state.step(views: views, learningRate: rateOfStageTwo(position)).terms
  }

  private mutating func endOfStageTwo(_ position: TrainingPosition, _ progress: EpochProgress) -> EpochReport {
    let next = position.epoch + 1
    self.position = next < configuration.stageTwo.epochs ? TrainingPosition(stage: 2, round: 0, epoch: next) : nil
    let report = progress.report(rateOfStageTwo(position))
    if let loss = report.mean("total"), loss < best?.loss ?? .infinity, let state = stageTwo {
      best = Best(
        epoch: position.epoch, loss: loss, encoder: state.encoder, heads: state.heads,
        headLosses: (0..<configuration.stageTwo.headCount).compactMap { report.mean("head \($0)") })
    }
    return report
  }

  private func rateOfStageTwo(_ position: TrainingPosition) -> Double {
    let stage = configuration.stageTwo
    return stage.learningRateSchedule.rate(epoch: position.epoch, of: stage.epochs, base: stage.learningRate)
  }

  /// The number of the epoch to come over the whole run: the key of its order and its views.
  private var epochOfRun: Int {
    guard let position else { return 0 }
    let stage = configuration.stageOne
    return position.stage == 1
      ? position.round * stage.epochsPerRound + position.epoch : stage.rounds * stage.epochsPerRound + position.epoch
  }

  /// The images in random order, in whole batches; a remainder is left out.
  private func shuffled(size: Int) -> [[Int]] {
    var stream = RandomStream(seed: configuration.seed, purpose: .shuffle, epoch: epochOfRun)
    let order = stream.permutation(of: images.count)
    return (0..<images.count / size).map { Array(order[$0 * size..<($0 + 1) * size]) }
  }

  /// 2B × channels × height × width: one view of each image, then another of each.
  private func views(of batch: [Int], _ views: Augmentation, clean: Bool) -> Tensor<Scalar> {
    func values(_ view: Int) -> [Scalar] {
      view == 0 && clean
        ? images.evaluationBatch(batch)
        : views.batch(of: images, images: batch, seed: configuration.seed, epoch: epochOfRun, view: view)
    }
    return Tensor(
      shape: [2 * batch.count, images.channels, images.height, images.width], values: values(0) + values(1))
  }
}
