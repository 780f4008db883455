// The accuracy of every head while stage 2 trains, on a fixed part of the images. Labels watch; they choose nothing.
// Tests    tsucTests/Report/ReportTests.swift
import Evaluation
import Images
import TwoStage

/// One line for each head.
struct HeadSection {
  private let contents: ReportContents

  init(_ contents: ReportContents) { self.contents = contents }

  var html: String {
    let (history, metrics) = (contents.history, contents.metrics)
    func chart(_ title: String, _ prefix: String, baseline: Double?) -> String {
      let names = history.names.filter { $0.hasPrefix(prefix) }
      if names.isEmpty { return "" }
      var series = names.enumerated().map { number, name in
        let head = name.dropFirst(prefix.count)
        return LineChart.Series(
          "head \(head)", history.series(name, stage: 2).map { (Double($0.epoch), 100 * $0.value) }, colour: number,
          style: metrics.finalAnswer != .consensus && head == "\(metrics.chosenHead)" ? "strong" : "")
      }
      if let baseline {
        let end = series.flatMap(\.points).map(\.x).max() ?? 1
        series.append(
          LineChart.Series("k-means", [(0, 100 * baseline), (end, 100 * baseline)], colour: 9, style: "dashed"))
      }
      return LineChart(title: title, axis: "epoch", series: series).figure
    }
    let accuracies = chart("Accuracy, %", HeadRecording.prefix, baseline: metrics.kMeansOnPixels?.accuracy)
    guard contents.labels != nil, !accuracies.isEmpty else { return "" }
    let manyToOne = chart(
      "Many to one, %", HeadRecording.manyToOnePrefix, baseline: metrics.kMeansOnPixels?.manyToOneAccuracy)
    return element("h2", [:], "Heads over stage 2")
      + element(
        "p", [:],
        "Accuracy in per cent on \(grouped(min(HeadRecording.largestCount, contents.images.count))) evenly spaced images. "
          + (metrics.finalAnswer == .consensus
            ? "" : "Head \(metrics.chosenHead), which counts, is drawn thick; no accuracy took part in that choice. ")
          + "The broken line is k-means on the pixels."
          + (manyToOne.isEmpty
            ? "" : " There are more clusters than classes: \"many to one\" gives each cluster its most frequent class.")
      )
      + element("div", ["class": "charts"], accuracies + manyToOne)
  }
}

/// What the training run notes for this chart: every head's accuracy after some epochs of stage 2.
struct HeadRecording {
  /// What the columns of history.csv begin with; the head's number follows.
  static let prefix = "accuracy of head "
  /// The same of the accuracy of many clusters to one class.
  static let manyToOnePrefix = "many-to-one accuracy of head "
  /// At most so many images are looked at.
  static let largestCount = 1000
  /// About so many epochs are noted, evenly spaced; always the last one.
  static let epochCount = 30

  let images: ImageSet
  /// The epochs of stage 2.
  let epochs: Int

  /// Every head's scores after an epoch; nil in stage 1, between the chosen epochs, and without labels.
  func scores(after report: EpochReport, _ trainer: Trainer<Float>) -> [ClusteringScores]? {
    let (every, next) = (max(1, epochs / Self.epochCount), report.position.epoch + 1)
    guard let labels = images.labels, let classes = images.classCount, let stage = trainer.stageTwo,
      report.position.stage == 2, next % every == 0 || next == epochs
    else { return nil }
    let indices = images.spread(Self.largestCount)
    let embeddings = stage.encoder.embed(images.subset(indices), standardisedBy: trainer.standardisation)
    let targets = indices.map { labels[$0] }
    return (0..<stage.heads.headCount).map { head in
      ClusteringScores(
        predictions: stage.heads.classes(of: embeddings, head: head), labels: targets,
        clusters: stage.heads.classCount, classes: classes)
    }
  }

  /// Notes these scores on the report of the epoch.
  func note(on report: inout EpochReport, _ trainer: Trainer<Float>) {
    let scores = scores(after: report, trainer)
    report.headAccuracies = scores?.map(\.accuracy)
    let manyToOne = scores?.compactMap(\.manyToOneAccuracy) ?? []
    report.headManyToOneAccuracies = manyToOne.isEmpty ? nil : manyToOne
  }
}
