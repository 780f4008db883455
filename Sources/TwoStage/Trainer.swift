// Both stages from beginning to end, epoch by epoch.
//
//     stage 1   for each round: find the neighbourhoods; for each epoch: rate and w by the epoch in the round; steps
//     stage 2   for each epoch: rate by the epoch; steps; keep the encoder and heads of the lowest mean total loss
//     joint     stage 1's epochs with both losses; keep those of the lowest mean of stage 2's (JointTraining.swift)
//     result    that epoch's encoder, and the head whose loss was lowest in it, or all (FinalAnswer.swift); no label takes part
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

    /// The answer of a rule, learnt on the training images.
    public func answer(_ rule: FinalAnswer, on images: ImageSet, standardisedBy: Standardisation) -> HeadAnswer {
      // The loss is known without the images.
      if rule == .lowestLoss { return HeadAnswer(head: head) }
      let embeddings = encoder.embed(images, standardisedBy: standardisedBy)
      let clusters = (0..<heads.headCount).map { heads.classes(of: embeddings, head: $0) }
      return HeadAnswer(rule, clusters: clusters, classCount: heads.classCount, losses: headLosses)
    }
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
  /// The epoch under way, or to come; nil at the end.
  public var position: TrainingPosition?
  /// How far the epoch under way is; nil between epochs.
  public var epoch: EpochProgress?
  /// What stage 2 has found; nil before the end of its first epoch.
  public var best: Best?

  /// A run at its beginning; throws if a constant is out of its range or does not fit the images.
  public init(_ configuration: Configuration, images: ImageSet) throws(ConfigurationError) {
    try configuration.validate(count: images.count, channels: images.channels, size: images.size)
    self.configuration = configuration
    self.images = images
    standardisation = configuration.standardisation(for: images)
    stageOne = StageOne(configuration, imageCount: images.count)
    position = configuration.firstPosition
    if configuration.isJoint { stageTwo = StageTwo(configuration, encoder: stageOne.encoder) }
  }

  /// The encoder that stage 1 has left; nil in a run that has no stage 1 of its own.
  public var stageOneEncoder: ImageEncoder<Scalar>? {
    configuration.stageOne.rounds > 0 && !configuration.isJoint ? stageOne.encoder : nil
  }

  /// Trains to the end.
  ///
  /// - Parameters:
  ///   - afterStep: Called after every step.
  ///   - afterEpoch: Called after every epoch, with the run as it then stands.
  /// - Throws: ``TrainingError`` if a loss is no longer finite, and whatever `afterEpoch` throws.
  public mutating func run(
    afterStep: (StepReport) -> Void = { _ in }, afterEpoch: (EpochReport, Trainer) throws -> Void = { _, _ in }
  ) throws {
    while let report = try runEpoch(afterStep: afterStep) { try afterEpoch(report, self) }
  }

  /// Trains the rest of the epoch, or a whole one; nil if there is none left.
  ///
  /// A loss that is not finite is an error, which names the place and every term.
  public mutating func runEpoch(afterStep: (StepReport) -> Void = { _ in }) throws(TrainingError) -> EpochReport? {
    while let (step, epoch) = try runStep() {
      afterStep(step)
      if let epoch { return epoch }
    }
    return nil
  }

  /// Trains one step; nil if there is none left.
  ///
  /// The second part is the epoch's report if the step was its last. A loss that is not finite is an error.
  ///
  /// Between any two steps the run is a value like any other: a copy goes on as the original would.
  public mutating func runStep() throws(TrainingError) -> (step: StepReport, epoch: EpochReport?)? {
    guard let position else { return nil }
    let isStageOne = position.stage == 1
    var progress = epoch ?? EpochProgress(position)
    if progress.batches.isEmpty {
      progress.batches = batches(at: position)
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
    if position.epoch == 0 && progress.step == 0 { stageOne.begin(round: position.round) }
    let views = views(of: batch, at: position)
    let (rate, weight) = (configuration.learningRate(at: position), configuration.entropyWeight(at: position))
    if configuration.isJoint, var state = stageTwo {
      // Taken out meanwhile: what has one owner is changed in place.
      stageTwo = nil
      defer { stageTwo = state }
      let found = stageOne.step(
        views: views, images: batch, learningRate: rate, entropyWeight: weight, jointlyWith: &state)
      return jointTerms(found.stageOne, found.stageTwo)
    }
    return stageOne.step(views: views, images: batch, learningRate: rate, entropyWeight: weight).terms
  }

  private mutating func endOfStageOne(_ position: TrainingPosition, _ progress: EpochProgress) -> EpochReport {
    self.position = configuration.position(after: position)
    let report = progress.report(
      configuration.learningRate(at: position), entropyWeight: configuration.entropyWeight(at: position),
      anchorCount: stageOne.neighbourhoods.anchors.count,
      consistency: images.labels.flatMap { stageOne.neighbourhoods.consistency(labels: $0) })
    if configuration.isJoint {
      stageTwo?.encoder = stageOne.encoder
      keepIfBest(report, loss: report.mean("L_two"))
    }
    return report
  }

  private mutating func stepOfStageTwo(_ position: TrainingPosition, _ batch: [Int]) -> [LossTerm] {
    let views = views(of: batch, at: position)
    var state = stageTwo ?? StageTwo(configuration, encoder: stageOne.encoder)
    // Taken out meanwhile: what has one owner is changed in place.
    stageTwo = nil
    defer { stageTwo = state }
    return state.step(views: views, learningRate: configuration.learningRate(at: position)).terms
  }

  private mutating func endOfStageTwo(_ position: TrainingPosition, _ progress: EpochProgress) -> EpochReport {
    self.position = configuration.position(after: position)
    let report = progress.report(configuration.learningRate(at: position))
    keepIfBest(report, loss: report.mean("total"))
    return report
  }

  /// Remembers the encoder and heads of an epoch that has just ended if its loss is the lowest so far.
  private mutating func keepIfBest(_ report: EpochReport, loss: Double?) {
    guard let loss, loss < best?.loss ?? .infinity, let state = stageTwo else { return }
    let (position, stage) = (report.position, configuration.stageTwo)
    best = Best(
      epoch: position.stage == 1 ? configuration.epochNumber(of: position) : position.epoch, loss: loss,
      encoder: state.encoder, heads: state.heads,
      headLosses: (0..<stage.headCount).compactMap { report.mean("head \($0)") })
  }
}
