// Every term of both losses, the learning rate and the entropy's weight over the epochs, with the rounds marked.
// Tests    tsucTests/Report/ReportTests.swift
import TwoStage

/// The charts of training.
struct LossSection {
  private let contents: ReportContents
  private var history: History { contents.history }

  init(_ contents: ReportContents) { self.contents = contents }

  var html: String {
    let charts = [
      chart("Stage 1, terms of the loss", stage: 1) { $0 == "total" || $0.hasPrefix("L_") },
      chart("Stage 2, terms of the loss", stage: 2) { $0 == "total" || $0.hasPrefix("L_") },
      chart("Stage 2, loss of each head", stage: 2) { $0.hasPrefix("head ") },
      chart("Stage 2, mutual information of each head", stage: 2) { $0.hasPrefix("information ") },
      rates("Learning rate", "learningRate"),
      chart("Stage 1, weight w of the entropy", stage: 1) { $0 == "entropyWeight" },
    ]
    if charts.allSatisfy(\.isEmpty) { return "" }
    return element("h2", [:], "Losses and rates")
      + element(
        "p", [:], "Means over the steps of each epoch. Broken vertical lines mark where a round of stage 1 begins.")
      + element("div", ["class": "charts"], charts.joined())
  }

  private func chart(_ title: String, stage: Int, _ belongs: (String) -> Bool) -> String {
    let names = history.names.filter(belongs)
    let series = names.enumerated().map { number, name in
      LineChart.Series(
        Self.shown(name),
        history.series(name, stage: stage).map { (Double($0.epoch), $0.value) }, colour: number,
        style: name == "total" || name.split(separator: " ").last == strongHead ? "strong" : "")
    }
    return LineChart(title: title, axis: "epoch", series: series, marks: stage == 1 ? rounds : []).figure
  }

  /// The head whose lines are thick; nil where all heads count.
  private var strongHead: Substring? {
    contents.metrics.finalAnswer == .consensus ? nil : "\(contents.metrics.chosenHead)"
  }

  /// What a line is called.
  private static func shown(_ name: String) -> String {
    if name == "entropyWeight" { return "w" }
    return name.hasPrefix("information ") ? "head " + name.dropFirst("information ".count) : name
  }

  /// A value of both stages over all epochs of the run.
  private func rates(_ title: String, _ name: String) -> String {
    let count = history.epochs.count { $0.stage == 1 }
    let series = [1, 2].map { stage in
      LineChart.Series(
        "stage \(stage)",
        history.series(name, stage: stage).map { (Double($0.epoch + (stage == 2 ? count : 0)), $0.value) },
        colour: stage - 1)
    }
    return LineChart(
      title: title, axis: "epoch", series: series, marks: rounds + [(Double(count), "stage 2")]
    ).figure
  }

  /// The epochs of stage 1 where a round begins.
  private var rounds: [(x: Double, name: String)] {
    let epochs = history.epochs.filter { $0.stage == 1 }
    let firsts = epochs.indices.filter { $0 == 0 || epochs[$0].round != epochs[$0 - 1].round }
    return firsts.map { (Double($0), "round \(epochs[$0].round)") }
  }
}
