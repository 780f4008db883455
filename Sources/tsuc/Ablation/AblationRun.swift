// All variants on all seeds. Variants whose stage 1 is the same share it: it is trained once and goes on as each of them.
// Tests    tsucTests/AblationTests.swift
import Commands
import Evaluation
import Foundation
import Images
import Kernels
import Networks
import TwoStage

/// The runs of one seed.
struct AblationRun {
  let images: ImageSet
  let labels: [Int]
  /// The preset with the command line's changes, and with the seed.
  let configuration: Configuration
  /// Called with every result as soon as it is there.
  let report: (AblationResult) throws -> Void
  /// Stage 1 as it ended, by its constants.
  private var trained: [String: (stage: StageOne<Float>, seconds: Double)] = [:]
  private var scored: Set<String> = []

  init(
    images: ImageSet, labels: [Int], configuration: Configuration, report: @escaping (AblationResult) throws -> Void
  ) {
    (self.images, self.labels, self.configuration, self.report) = (images, labels, configuration, report)
  }

  /// Trains and judges one variant; of the first with a stage 1 of the paper's, its clusterings as well.
  mutating func perform(_ variant: AblationVariant) throws {
    let started = ContinuousClock.now
    let changed = variant.change(configuration)
    var trainer = try Trainer<Float>(changed, images: images)
    var shared = 0.0
    if trainer.position?.stage == 1 && !changed.isJoint {
      let key = try Self.key(changed)
      if let known = trained[key] {
        trainer.stageOne = known.stage
        trainer.position = TrainingPosition(stage: 2, round: 0, epoch: 0)
        shared = known.seconds
      } else {
        while trainer.position?.stage == 1 { _ = try trainer.runEpoch() }
        trained[key] = (trainer.stageOne, (ContinuousClock.now - started) / .seconds(1))
      }
      if changed.stageOne == configuration.stageOne { try scoreStageOne(trainer, key) }
    }
    let before = ContinuousClock.now
    while try trainer.runEpoch() != nil {}
    let ownSeconds = (ContinuousClock.now - before) / .seconds(1)
    let key = try Self.key(changed)
    let stageOneSeconds = shared > 0 ? shared : trained[key]?.seconds ?? 0
    guard let best = trainer.best else {
      throw RunError(
        "the variant \(variant.name) had no epoch of stage 2 with a finite loss; try a lower learning rate")
    }
    let embeddings = best.encoder.embed(images, standardisedBy: trainer.standardisation)
    let clusters = (0..<best.heads.headCount).map { best.heads.classes(of: embeddings, head: $0) }
    let answer = HeadAnswer(
      changed.stageTwo.finalAnswer, clusters: clusters, classCount: best.heads.classCount, losses: best.headLosses)
    let assignments = answer.assignments(
      clusters: clusters, probabilities: best.heads.forward(embeddings).probabilities
    ).clusters
    try report(
      AblationResult(
        variant.name, seed: changed.seed, scores(assignments, changed.stageTwo.classCount),
        seconds: stageOneSeconds + ownSeconds))
  }

  /// k-means and Ward's clustering of stage 1's embeddings.
  private mutating func scoreStageOne(_ trainer: Trainer<Float>, _ key: String) throws {
    guard scored.insert(key).inserted else { return }
    let embeddings = trainer.stageOne.encoder.embed(images, standardisedBy: trainer.standardisation)
    let (classes, seed) = (configuration.stageTwo.classCount, configuration.seed)
    let seconds = trained[key]?.seconds ?? 0
    let means = KMeans(clusterCount: classes, seed: seed).cluster(embeddings).assignments
    try report(AblationResult("stage-1-k-means", seed: seed, scores(means, classes), seconds: seconds))
    let tree = WardClustering(clusterCount: classes).cluster(embeddings)
    try report(AblationResult("stage-1-ward", seed: seed, scores(tree, classes), seconds: seconds))
  }

  private func scores(_ clusters: [Int], _ count: Int) -> ClusteringScores {
    ClusteringScores(
      predictions: clusters, labels: labels, clusters: count, classes: images.classCount ?? count)
  }

  /// What stage 1 depends on.
  private static func key(_ configuration: Configuration) throws -> String {
    var rest = configuration
    rest.stageTwo = StageTwoConfiguration(views: .grey(.identity))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(rest), as: UTF8.self)
  }
}

/// The table of all results.
struct AblationTable {
  let results: [AblationResult]

  /// Lines that are no variants of their own.
  private static let clusterings = [
    ("stage-1-k-means", "stage 1 + k-means"), ("stage-1-ward", "stage 1 + hierarchical (Ward)"),
  ]

  /// A line for each variant that has results: mean ± standard deviation of the seeds, the worst, and the mean time.
  var table: TextTable {
    let names = Self.clusterings + AblationVariant.all.map { ($0.name, $0.summary) }
    let isOverClustered = results.contains { $0.manyToOneAccuracy != nil }
    let rows = names.compactMap { name, summary -> [String]? in
      let own = results.filter { $0.variant == name }
      guard !own.isEmpty else { return nil }
      let accuracies = own.map(\.accuracy)
      return [
        summary, "\(own.count)", Self.meanAndDeviation(accuracies), percent(accuracies.min()),
        Self.meanAndDeviation(own.map(\.normalisedMutualInformation)),
        Self.meanAndDeviation(own.map(\.adjustedRandIndex)),
      ] + (isOverClustered ? [Self.meanAndDeviation(own.compactMap(\.manyToOneAccuracy))] : [])
        + [decimals(own.reduce(0) { $0 + $1.seconds } / Double(own.count), 0)]
    }
    let columns = ["%", "seeds", "ACC", "worst", "NMI", "ARI"] + (isOverClustered ? ["many to one"] : [])
    return TextTable(header: columns + ["s"], rows: rows)
  }

  /// "95.27 ± 1.20": the mean and the sample's standard deviation, which one value has none of.
  static func meanAndDeviation(_ shares: [Double]) -> String {
    if shares.isEmpty { return percent(nil) }
    let mean = shares.reduce(0, +) / Double(shares.count)
    guard shares.count > 1 else { return percent(mean) }
    let square = shares.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(shares.count - 1)
    return "\(percent(mean)) ± \(percent(square.squareRoot()))"
  }
}
