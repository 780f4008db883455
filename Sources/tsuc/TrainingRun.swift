// One training from its first line of progress to its last file. What is learnt is TwoStage's; this only watches.
// Tests    tsucTests/TrainingProcessTests.swift
import Images
import Kernels
import Networks
import TwoStage

/// A run that is about to begin.
struct TrainingRun {
  let configuration: Configuration
  let images: ImageSet
  let labelsPath: String?
  let folder: RunFolder
  let console: Console

  /// Trains, judges, writes every file and prints the table.
  func perform() throws {
    if !Arithmetic.isFused { console.complain("tsuc: \(Version.arithmetic)") }
    console.complain(
      "tsuc: \(images.count) images of \(images.name), \(images.channels) x \(images.height) x \(images.width), "
        + "seed \(configuration.seed), \(Parallel.threadCount) threads, into \(folder.path)")
    do {
      let trained = try train()
      try write(trained)
    } catch {
      folder.removeIfEmpty()
      throw error
    }
  }

  /// What training left, with the times of both stages.
  private struct Trained {
    var trainer: Trainer<Float>
    var history = History()
    var seconds = Metrics.Seconds(stageOne: 0, stageTwo: 0, evaluation: 0, total: 0)
  }

  private func train() throws -> Trained {
    var trained = Trained(trainer: try Trainer<Float>(configuration, images: images))
    let progress = Progress(on: console)
    let recording = HeadRecording(images: images, epochs: configuration.stageTwo.epochs)
    let total = configuration.imagesOfRun(count: images.count)
    var (done, last) = (0, progress.seconds)
    defer { progress.close() }
    do {
      while let report = try trained.trainer.runEpoch(afterStep: { step in
        done += step.images
        progress.update(
          "\(step.position)", done: done, total: total, losses: step.terms.shown,
          completed: step.step + 1 == step.stepsInEpoch)
      }) {
        trained.history.epochs.append(EpochRecord(report, recording.values(after: report, trained.trainer)))
        if report.position.stage == 1 {
          trained.seconds.stageOne += progress.seconds - last
        } else {
          trained.seconds.stageTwo += progress.seconds - last
        }
        last = progress.seconds
        if report.position.stage == 1 && trained.trainer.position?.stage == 2 {
          try folder.write(checkpoint(trained.trainer.stageOne.encoder).encoded(), to: RunFolder.stageOneName)
        }
      }
    } catch let error as TrainingError {
      // The epochs before were good: what they learnt is kept.
      if let best = trained.trainer.best { try folder.write(checkpoint(best).encoded(), to: RunFolder.checkpointName) }
      if !trained.history.epochs.isEmpty { try folder.write(trained.history.csv, to: RunFolder.historyName) }
      throw error
    }
    return trained
  }

  private func write(_ trained: Trained) throws {
    guard let best = trained.trainer.best else {
      throw RunError("no epoch of stage 2 had a finite loss, so there is nothing to judge; try a lower learning rate")
    }
    try folder.write(checkpoint(best).encoded(), to: RunFolder.checkpointName)
    try folder.write(trained.history.csv, to: RunFolder.historyName)
    let started = ContinuousClock.now
    let evaluation = RunEvaluation(
      of: images, standardisation: Standardisation(of: images), stageOne: trained.trainer.stageOne.encoder,
      stageTwo: best.encoder, heads: best.heads, chosenHead: best.head, seed: configuration.seed)
    var seconds = trained.seconds
    seconds.evaluation = (ContinuousClock.now - started) / .seconds(1)
    seconds.total = seconds.stageOne + seconds.stageTwo + seconds.evaluation
    let metrics = Metrics(
      evaluation, images: images, configuration: try JSONValue(of: configuration), seed: configuration.seed,
      seconds: seconds)
    try folder.write(evaluation.predictionsCSV, to: "predictions.csv")
    try folder.write(NeighbourFile.csv(trained.trainer.stageOne.neighbourhoods), to: NeighbourFile.name)
    let contents = ReportContents(
      metrics: metrics, history: trained.history, images: images, evaluation: evaluation, encoder: best.encoder,
      standardisation: Standardisation(of: images), neighbourhoods: trained.trainer.stageOne.neighbourhoods)
    try ClusterPictures(contents: contents).write(to: folder)
    try folder.write(Report(contents: contents).html, to: RunFolder.reportName)
    // Last: a folder with metrics.json is complete.
    try folder.write(metrics.json(), to: RunFolder.metricsName)
    try console.write(evaluation.resultText)
    try console.write("\(duration(seconds.total)); report: \(folder.file(RunFolder.reportName))\n")
  }

  private func checkpoint(_ encoder: ImageEncoder<Float>) throws -> Checkpoint {
    Checkpoint(
      description: .init(
        encoder: configuration.encoder, channels: images.channels, height: images.height, width: images.width,
        standardisation: Standardisation(of: images), dataName: images.name, dataLabels: labelsPath,
        dataCount: images.count, dataChecksum: images.checksum, seed: configuration.seed, chosenHead: 0,
        headTemperature: Float(configuration.stageTwo.headTemperature), headAxis: configuration.stageTwo.headAxis),
      encoder: encoder, heads: nil, configuration: try JSONValue(of: configuration))
  }

  private func checkpoint(_ best: Trainer<Float>.Best) throws -> Checkpoint {
    var checkpoint = try checkpoint(best.encoder)
    checkpoint.heads = best.heads
    checkpoint.description.chosenHead = best.head
    return checkpoint
  }
}

extension Configuration {
  /// How many images all steps of a run see; the remainder that fills no batch is left out of each epoch.
  fileprivate func imagesOfRun(count: Int) -> Int {
    func perEpoch(_ batch: Int) -> Double { Double(count / batch * batch) }
    let total =
      Double(stageOne.rounds) * Double(stageOne.epochsPerRound) * perEpoch(stageOne.batchSize)
      + Double(stageTwo.epochs) * perEpoch(stageTwo.batchSize)
    return total < 1e18 ? Int(total) : Int.max
  }
}

extension [LossTerm] {
  /// What fits on a line of progress: the total and the terms that make it.
  fileprivate var shown: [(name: String, value: Double)] {
    filter { $0.name == "total" || $0.name.hasPrefix("L_") }.map { ($0.name, $0.value) }
  }
}

extension EpochRecord {
  /// An epoch that training reports, and what else was noted after it.
  init(_ report: EpochReport, _ notes: [(name: String, value: Double)] = []) {
    var values: [(name: String, value: Double)] = [("learningRate", report.learningRate)]
    if let weight = report.entropyWeight { values.append(("entropyWeight", weight)) }
    if let anchors = report.anchorCount { values.append(("anchors", Double(anchors))) }
    if let consistency = report.consistency { values.append(("consistency", consistency)) }
    values += report.terms.map { ($0.name, $0.value) } + notes
    self.init(
      stage: report.position.stage, round: report.position.round, epoch: report.position.epoch, values: values)
  }
}
