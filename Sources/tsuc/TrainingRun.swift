// One training from its first line of progress to its last file. What is learnt is TwoStage's; this only watches.
// Tests    tsucTests/TrainingProcessTests.swift
import Files
import Commands
import Images
import Kernels
import Networks
import TwoStage

/// What training has left so far, with the times of both stages.
struct Trained {
  var trainer: Trainer<Float>
  var reports: [EpochReport] = []
  var seconds = Metrics.Seconds(stageOne: 0, stageTwo: 0, evaluation: 0, total: 0)

  /// The epochs so far.
  var history: History { History(epochs: reports.map(EpochRecord.init)) }
  /// The images that all steps so far have seen.
  var imageCount: Int {
    let stages = (trainer.configuration.stageOne, trainer.configuration.stageTwo)
    let batch = trainer.position?.stage == 1 ? stages.0.batchSize : stages.1.batchSize
    return reports.reduce(0) { $0 + $1.images } + (trainer.epoch?.step ?? 0) * batch
  }
}

/// A run that is about to begin or to go on.
struct TrainingRun {
  let beginning: Trained
  /// Where the images are from.
  let data: DataChoice
  /// Other images that it is judged on as well; nil for none.
  let test: TestSet?
  let initialEncoder: InitialEncoder?
  let isResumed: Bool
  let folder: RunFolder
  let keeper: StateKeeper
  let console: Console
  private var configuration: Configuration { beginning.trainer.configuration }
  private var images: ImageSet { beginning.trainer.images }

  /// Trains, judges, writes every file and prints the table.
  ///
  /// - Returns: What was found of the training images.
  @discardableResult func perform() throws -> RunEvaluation {
    if !Arithmetic.isFused { console.complain("tsuc: \(Version.arithmetic)") }
    console.complain(
      "tsuc: \(images.count) images of \(images.name), \(images.channels) x \(images.height) x \(images.width), "
        + "seed \(configuration.seed), \(Parallel.threadCount) threads, into \(folder.path)")
    do {
      let evaluation = try write(try train())
      keeper.folder.finish()
      return evaluation
    } catch {
      if StateFolder.states(of: folder.path).isEmpty { keeper.folder.remove() }
      folder.removeIfEmpty()
      throw error
    }
  }

  private func train() throws -> Trained {
    var (trained, keeper) = (beginning, keeper)
    if !isResumed { try keeper.begin(steps: trained.trainer.stepsMade) { try state(trained) } }
    let judge = RoundEvaluation(
      training: images, test: test?.images, standardisation: trained.trainer.standardisation)
    if judge == nil { console.complain("tsuc: there are no labels, so no accuracy will be told") }
    let signals = StopSignals()
    let recording = HeadRecording(images: images, epochs: configuration.stageTwo.epochs)
    let total = configuration.imagesOfRun(count: images.count)
    var done = trained.imageCount
    let progress = ProgressLine(on: console, done: done)
    var last = progress.seconds
    defer {
      progress.close()
      signals.close()
    }
    do {
      while let (step, epoch) = try trained.trainer.runStep() {
        done += step.images
        progress.update(
          "\(step.position)", done: done, total: total, losses: step.terms.shown, completed: epoch != nil)
        let stage = step.position.stage == 1 ? \Metrics.Seconds.stageOne : \.stageTwo
        trained.seconds[keyPath: stage] += progress.seconds - last
        last = progress.seconds
        if var epoch {
          if let judge, configuration.endsRound(epoch.position) {
            let accuracy = judge.accuracy(of: trained.trainer.stageOne)
            (epoch.neighbourAccuracy, epoch.neighbourPart) = (accuracy, TestSet.part(test))
            progress.say(epoch.roundText(accuracy))
            trained.seconds.evaluation += progress.seconds - last
            last = progress.seconds
          }
          recording.note(on: &epoch, trained.trainer)
          trained.reports.append(epoch)
        }
        // Before the state that is past it, so that no resumed run lacks it.
        if epoch?.position.stage == 1 && trained.trainer.position?.stage == 2 {
          try folder.write(checkpoint(trained.trainer.stageOne.encoder).encoded(), to: RunFolder.stageOneName)
        }
        let stop = signals.received
        if stop != nil { progress.close() }
        try keeper.keep(
          steps: trained.trainer.stepsMade, epochHasEnded: epoch != nil,
          runHasEnded: trained.trainer.position == nil, signal: stop, run: folder.path
        ) { try state(trained) }
      }
    } catch let error as TrainingError {
      // The epochs before were good: what they learnt is kept.
      if let best = trained.trainer.best {
        try folder.write(checkpoint(best, answer(best)).encoded(), to: RunFolder.checkpointName)
      }
      if !trained.reports.isEmpty { try folder.write(trained.history.csv, to: RunFolder.historyName) }
      throw error
    }
    return trained
  }

  private func state(_ trained: Trained) throws -> [UInt8] {
    try TrainingState.encoded(
      trained.trainer, description: try checkpoint(trained.trainer.stageOne.encoder).description, test: test?.record,
      reports: trained.reports, seconds: trained.seconds)
  }

  private func write(_ trained: Trained) throws -> RunEvaluation {
    guard let best = trained.trainer.best else {
      throw RunError("no epoch of stage 2 had a finite loss, so there is nothing to judge; try a lower learning rate")
    }
    do {
      return try write(trained, best)
    } catch let error as RunError {
      throw RunError(
        "\(error.description); once it can be written, \"tsuc train --resume \(FilePath.shellWord(folder.path))\" "
          + "finishes the run")
    }
  }

  private func write(_ trained: Trained, _ best: Trainer<Float>.Best) throws -> RunEvaluation {
    let started = ContinuousClock.now
    let answer = answer(best)
    try folder.write(checkpoint(best, answer).encoded(), to: RunFolder.checkpointName)
    try folder.write(trained.history.csv, to: RunFolder.historyName)
    let evaluation = RunEvaluation(
      of: images, standardisation: trained.trainer.standardisation, stageOne: trained.trainer.stageOneEncoder,
      stageTwo: best.encoder, heads: best.heads, answer: answer, seed: configuration.seed)
    let tested = test.map { test in
      RunEvaluation(
        of: test.images, standardisation: trained.trainer.standardisation, stageOne: trained.trainer.stageOneEncoder,
        stageTwo: best.encoder, heads: best.heads, answer: answer, seed: configuration.seed, part: "test",
        among: images)
    }
    var seconds = trained.seconds
    seconds.evaluation += (ContinuousClock.now - started) / .seconds(1)
    seconds.total = seconds.stageOne + seconds.stageTwo + seconds.evaluation
    let metrics = Metrics(
      evaluation, images: images, configuration: try JSON(of: configuration), seed: configuration.seed,
      seconds: seconds, test: tested.flatMap { tested in test.map { (tested, $0.images) } },
      rounds: trained.reports, initialEncoder: initialEncoder)
    try folder.write(evaluation.predictionsCSV(names: images.imageNames), to: RunFolder.predictionsName)
    try folder.write(
      NeighbourFile.csv(trained.trainer.stageOne.neighbourhoods, names: images.imageNames), to: NeighbourFile.name)
    let contents = ReportContents(
      metrics: metrics, history: trained.history, images: images, evaluation: evaluation, encoder: best.encoder,
      standardisation: trained.trainer.standardisation, neighbourhoods: trained.trainer.stageOne.neighbourhoods)
    try ClusterPictures(contents: contents).write(to: folder)
    try folder.write(Report(contents: contents).html, to: RunFolder.reportName)
    // Last: a folder with metrics.json is complete.
    try folder.write(metrics.json(), to: RunFolder.metricsName)
    try console.write(evaluation.resultText)
    if let tested { try console.write("\n" + tested.resultText) }
    try console.write(
      "trained and scored in \(duration(seconds.total)); report: \(folder.file(RunFolder.reportName))\n")
    return evaluation
  }

  private func checkpoint(_ encoder: ImageEncoder<Float>) throws -> Checkpoint {
    Checkpoint(
      description: .init(
        encoder: configuration.encoder, channels: images.channels, height: images.height, width: images.width,
        standardisation: configuration.standardisation(for: images), dataName: images.name, dataLabels: data.labels,
        dataCount: images.count, dataSplit: data.split, dataLabelling: data.labelling, dataSize: data.size,
        dataChecksum: images.checksum, dataClasses: images.classNames, seed: configuration.seed, chosenHead: 0,
        headTemperature: Float(configuration.stageTwo.headTemperature), headAxis: configuration.stageTwo.headAxis,
        initialEncoder: initialEncoder, dataSkipsDamaged: data.skipsDamaged,
        dataAskedCount: data.count ?? 0),
      encoder: encoder, heads: nil, configuration: try JSON(of: configuration))
  }

  private func checkpoint(_ best: Trainer<Float>.Best, _ answer: HeadAnswer) throws -> Checkpoint {
    var checkpoint = try checkpoint(best.encoder)
    checkpoint.heads = best.heads
    checkpoint.description.chosenHead = answer.head
    checkpoint.description.answer = answer
    return checkpoint
  }

  private func answer(_ best: Trainer<Float>.Best) -> HeadAnswer {
    best.answer(
      configuration.stageTwo.finalAnswer, on: images, standardisedBy: configuration.standardisation(for: images))
  }
}

extension [LossTerm] {
  /// What fits on a line of progress: the total and the terms that make it.
  fileprivate var shown: [(name: String, value: Double)] {
    filter { $0.name == "total" || $0.name.hasPrefix("L_") }.map { ($0.name, $0.value) }
  }
}

extension EpochReport {
  /// What is told after a round.
  fileprivate func roundText(_ accuracy: Double) -> String {
    let anchors = consistency.map { ", anchors' neighbours of the same class \(percent($0)) %" } ?? ""
    return
      "tsuc: after round \(position.round): nearest neighbours \(percent(accuracy)) % of the \(neighbourPart ?? "") images"
      + anchors
  }
}

extension EpochRecord {
  /// An epoch that training reports.
  init(_ report: EpochReport) {
    var values: [(name: String, value: Double)] = [("learningRate", report.learningRate)]
    if let weight = report.entropyWeight { values.append(("entropyWeight", weight)) }
    if let anchors = report.anchorCount { values.append(("anchors", Double(anchors))) }
    if let consistency = report.consistency { values.append(("consistency", consistency)) }
    if let accuracy = report.neighbourAccuracy { values.append(("nearestNeighbours", accuracy)) }
    values += report.terms.map { ($0.name, $0.value) }
    for (prefix, accuracies) in [
      (HeadRecording.prefix, report.headAccuracies), (HeadRecording.manyToOnePrefix, report.headManyToOneAccuracies),
    ] {
      values += (accuracies ?? []).enumerated().map { ("\(prefix)\($0.offset)", $0.element) }
    }
    self.init(
      stage: report.position.stage, round: report.position.round, epoch: report.position.epoch, values: values)
  }
}
