// Both stages from beginning to end, epoch by epoch.
//
//     stage 1   for each round: find the neighbourhoods; for each epoch: rate and w by the epoch in the round; steps
//     stage 2   for each epoch: rate by the epoch; steps; keep the encoder and heads of the lowest mean total loss
//     result    that epoch's encoder, and the head whose loss was lowest in it; no label takes part
// Every random number is keyed by the seed and the epoch, so training goes on from any epoch's end as if never stopped.
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
  /// What the images are standardised by.
  public let standardisation: Standardisation
  /// Stage 1's state; at its last epoch once stage 2 has begun.
  public var stageOne: StageOne<Scalar>
  /// Stage 2's state; nil during stage 1.
  public var stageTwo: StageTwo<Scalar>?
  /// The epoch to come; nil at the end.
  public var position: TrainingPosition?
  /// What stage 2 has found; nil before the end of its first epoch.
  public var best: Best?

  /// A run at its beginning.
  public init(_ configuration: Configuration, images: ImageSet) throws(ConfigurationError) {
    try configuration.validate(count: images.count, channels: images.channels)
    self.configuration = configuration
    self.images = images
    standardisation = configuration.standardisation(for: images)
    stageOne = StageOne(configuration, imageCount: images.count)
    position = TrainingPosition(stage: 1, round: 0, epoch: 0)
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

  /// Trains one epoch; nil if there is none left.
  public mutating func runEpoch(afterStep: (StepReport) -> Void = { _ in }) throws(TrainingError) -> EpochReport? {
    guard let position else { return nil }
    if position.stage == 1 { return try runEpochOfStageOne(position, afterStep) }
    return try runEpochOfStageTwo(position, afterStep)
  }

  private mutating func runEpochOfStageOne(
    _ position: TrainingPosition, _ afterStep: (StepReport) -> Void
  ) throws(TrainingError) -> EpochReport {
    let stage = configuration.stageOne
    let (round, epoch, epochs) = (position.round, position.epoch, stage.epochsPerRound)
    let rate = stage.learningRateSchedule.rate(epoch: epoch, of: epochs, base: stage.learningRate)
    let weight = stage.entropyWeightSchedule.weight(
      round: round, epoch: epoch, of: epochs, step: stage.entropyWeightStep)
    if epoch == 0 { stageOne.begin(round: round) }
    var progress = EpochProgress(position, shuffled(size: stage.batchSize))
    while let batch = progress.next() {
      let views = views(of: batch, stage.views, clean: stage.firstViewIsClean)
      let evaluation = stageOne.step(views: views, images: batch, learningRate: rate, entropyWeight: weight)
      afterStep(try progress.add(evaluation.terms))
    }
    let last = epoch + 1 == epochs
    self.position =
      if !last {
        TrainingPosition(stage: 1, round: round, epoch: epoch + 1)
      } else if round + 1 < stage.rounds {
        TrainingPosition(stage: 1, round: round + 1, epoch: 0)
      } else {
        TrainingPosition(stage: 2, round: 0, epoch: 0)
      }
    return progress.report(
      rate, entropyWeight: weight, anchorCount: stageOne.neighbourhoods.anchors.count,
      consistency: images.labels.flatMap { stageOne.neighbourhoods.consistency(labels: $0) })
  }

  private mutating func runEpochOfStageTwo(
    _ position: TrainingPosition, _ afterStep: (StepReport) -> Void
  ) throws(TrainingError) -> EpochReport {
    let stage = configuration.stageTwo
    let rate = stage.learningRateSchedule.rate(epoch: position.epoch, of: stage.epochs, base: stage.learningRate)
    var state = stageTwo ?? StageTwo(configuration, encoder: stageOne.encoder)
    stageTwo = nil
    defer { stageTwo = state }
    var progress = EpochProgress(position, shuffled(size: stage.batchSize))
    while let batch = progress.next() {
      let views = views(of: batch, stage.views, clean: stage.firstViewIsClean)
      afterStep(try progress.add(state.step(views: views, learningRate: rate).terms))
    }
    let next = position.epoch + 1
    self.position = next < stage.epochs ? TrainingPosition(stage: 2, round: 0, epoch: next) : nil
    let report = progress.report(rate)
    if let loss = report.mean("total"), loss < best?.loss ?? .infinity {
      best = Best(
        epoch: position.epoch, loss: loss, encoder: state.encoder, heads: state.heads,
        headLosses: (0..<stage.headCount).compactMap { report.mean("head \($0)") })
    }
    return report
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
  private func views(of batch: [Int], _ views: RandomViews, clean: Bool) -> Tensor<Scalar> {
    func values(_ view: Int) -> [Scalar] {
      view == 0 && clean
        ? images.evaluationBatch(batch, standardisedBy: standardisation)
        : views.batch(
          of: images, images: batch, seed: configuration.seed, epoch: epochOfRun, view: view,
          standardisedBy: standardisation)
    }
    return Tensor(
      shape: [2 * batch.count, images.channels, images.height, images.width], values: values(0) + values(1))
  }
}

/// The batches of an epoch and the sums of its terms.
private struct EpochProgress {
  let position: TrainingPosition
  let batches: [[Int]]
  var step = 0
  var sums: [LossTerm] = []

  init(_ position: TrainingPosition, _ batches: [[Int]]) {
    self.position = position
    self.batches = batches
  }

  /// The batch of the step to come.
  func next() -> [Int]? { step < batches.count ? batches[step] : nil }

  /// Counts a step; throws if a term is not finite.
  mutating func add(_ terms: [LossTerm]) throws(TrainingError) -> StepReport {
    guard terms.allSatisfy({ $0.value.isFinite }) else {
      throw TrainingError(position: position, step: step, terms: terms)
    }
    sums =
      sums.isEmpty ? terms : zip(sums, terms).map { LossTerm(name: $0.name, value: $0.value + $1.value) }
    defer { step += 1 }
    return StepReport(
      position: position, step: step, stepsInEpoch: batches.count, images: batches[step].count, terms: terms)
  }

  func report(
    _ learningRate: Double, entropyWeight: Double? = nil, anchorCount: Int? = nil, consistency: Double? = nil
  ) -> EpochReport {
    EpochReport(
      position: position, learningRate: learningRate, entropyWeight: entropyWeight, anchorCount: anchorCount,
      consistency: consistency, steps: step, images: batches.reduce(0) { $0 + $1.count },
      terms: sums.map { LossTerm(name: $0.name, value: $0.value / Double(step)) })
  }
}
