import Foundation
import Images
import Kernels
import Networks
import Testing
import TwoStage

@testable import tsuc

/// An untrained run on a few digits.
struct UntrainedRun {
  let images: ImageSet
  let encoder: ImageEncoder<Float>
  let heads: ClusterHeads<Float>
  let evaluation: RunEvaluation

  init(labels: Bool = true) throws {
    let digits = try ImageSet.load("digits", count: 40)
    images = ImageSet(
      name: "<few>", channels: 1, height: 8, width: 8, pixels: digits.pixels, maximumValue: 16,
      labels: labels ? digits.labels : nil)
    encoder = ImageEncoder(.compact, seed: 1)
    heads = ClusterHeads(features: 64, classes: 10, heads: 2, seed: 4)
    evaluation = RunEvaluation(
      of: images, standardisation: Standardisation(of: images), stageOne: encoder, stageTwo: encoder, heads: heads,
      chosenHead: 1, seed: 0)
  }

  var metrics: Metrics {
    Metrics(
      evaluation, images: images, configuration: .object(["stageOne": .object(["epochs": .integer(3)])]), seed: 9,
      seconds: .init(stageOne: 1, stageTwo: 2, evaluation: 3, total: 6))
  }

  static let history = History(epochs: [
    EpochRecord(stage: 1, round: 0, epoch: 0, values: [("learningRate", 0.5), ("L_and", 2)]),
    EpochRecord(stage: 1, round: 1, epoch: 0, values: [("learningRate", 0.25), ("L_and", 1), ("L_ue", .nan)]),
    EpochRecord(stage: 2, round: 0, epoch: 0, values: [("total", -1)]),
  ])
}

@Suite("History, metrics, table and report")
struct ReportTests {
  @Test func workedExampleOfAHistory() {
    let history = UntrainedRun.history
    #expect(history.names == ["learningRate", "L_and", "L_ue", "total"])
    #expect(
      history.csv
        == "stage,round,epoch,learningRate,L_and,L_ue,total\n1,0,0,0.5,2.0,,\n1,1,0,0.25,1.0,nan,\n2,0,0,,,,-1.0\n")
    #expect(history.series("L_and", stage: 1).map(\.epoch) == [0, 1])
    #expect(history.series("L_and", stage: 1).map(\.value) == [2, 1])
    #expect(history.series("L_ue", stage: 1).isEmpty)
    #expect(History().csv == "stage,round,epoch\n")
  }

  @Test func workedExampleOfEscapes() {
    #expect(escaped("<a href=\"x\">&'") == "&lt;a href=&quot;x&quot;&gt;&amp;&#39;")
  }

  @Test func invariantMetricsHoldTheScoresAndCanBeReadBack() throws {
    let run = try UntrainedRun()
    let json = try run.metrics.json()
    #expect(try JSONDecoder().decode(Metrics.self, from: Data(json.utf8)) == run.metrics)
    let object = try #require(JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    for key in ["accuracy", "nmi", "ari", "meanAccuracyOfHeads"] { #expect(object[key] is Double, "\(key)") }
    #expect((object["heads"] as? [Any])?.count == 2)
    #expect((object["data"] as? [String: Any])?["checksum"] as? String == run.images.checksum)
    #expect(((object["configuration"] as? [String: Any])?["stageOne"] as? [String: Any])?["epochs"] as? Int == 3)
    #expect(run.metrics.accuracy == run.evaluation.heads?[1].accuracy)
    #expect(run.metrics.clusterSizes.reduce(0, +) == 40)
  }

  @Test func invariantMetricsWithoutLabelsHaveNoScores() throws {
    let metrics = try UntrainedRun(labels: false).metrics
    #expect(metrics.accuracy == nil && metrics.heads == nil && metrics.nearestNeighbours == nil)
    let json = try metrics.json()
    #expect(!json.contains("\"accuracy\""))
    #expect(try JSONDecoder().decode(Metrics.self, from: Data(json.utf8)) == metrics)
  }

  @Test func invariantTheTableShowsEveryScore() throws {
    let run = try UntrainedRun()
    let text = run.evaluation.resultText
    for scores in (run.evaluation.heads ?? [])
      + [run.evaluation.pixelKMeans, run.evaluation.stageOneKMeans].compactMap(\.self)
    {
      #expect(text.contains(percent(scores.accuracy)))
      #expect(text.contains(percent(scores.adjustedRandIndex)))
    }
    #expect(text.contains("stage 2, head 1 (lowest loss)"))
    #expect(text.contains("head 0"))
    #expect(try UntrainedRun(labels: false).evaluation.resultText.contains("accuracy cannot be reported"))
  }

  @Test func invariantPredictionsHaveOneRowForEachImage() throws {
    let lines = try UntrainedRun().evaluation.predictionsCSV.split(separator: "\n")
    #expect(lines.count == 41)
    #expect(lines[0] == "image,cluster,confidence")
    for (number, line) in lines.dropFirst().enumerated() {
      let cells = line.split(separator: ",")
      #expect(cells.count == 3)
      #expect(Int(cells[0]) == number)
      #expect((0..<10).contains(Int(cells[1]) ?? -1))
      #expect((0.0...1).contains(Double(cells[2]) ?? -1))
    }
  }

  @Test(arguments: [true, false]) func invariantTheReportIsWholeAndEscaped(labels: Bool) throws {
    let run = try UntrainedRun(labels: labels)
    let report = Report(
      metrics: run.metrics, table: run.evaluation.resultTable, history: UntrainedRun.history,
      sheets: [(3, 17, "clusters/cluster-3.png")])
    let html = report.html
    #expect(html.hasPrefix("<!doctype html>"))
    #expect(html.contains("&lt;few&gt;") && !html.contains("<few>"))
    #expect(html.contains("<img src=\"clusters/cluster-3.png\""))
    #expect(html.contains("<polyline"))
    #expect(html.contains("stage-one.epochs"))
    #expect(!html.contains("<script"))
    #expect(html.contains("accuracy cannot be reported") == !labels)
    // A parser for XML finds any tag that is left open; the page has none that HTML leaves open but these.
    let body = html.drop { $0 != "\n" }.replacingOccurrences(of: "<meta [^>]*>", with: "", options: .regularExpression)
      .replacingOccurrences(of: "<img ([^>]*)>", with: "<img $1/>", options: .regularExpression)
    #expect(openTags(in: body) == [])
  }

  @Test func workedExampleOfTestImages() throws {
    let run = try UntrainedRun()
    let digits = try ImageSet.load("digits", count: 70)
    let test = ImageSet(
      name: "<other>", channels: 1, height: 8, width: 8, pixels: Array(digits.pixels.suffix(30 * 64)),
      maximumValue: 16, labels: digits.labels.map { Array($0.suffix(30)) })
    let tested = RunEvaluation(
      of: test, standardisation: Standardisation(of: run.images), stageOne: run.encoder, stageTwo: run.encoder,
      heads: run.heads, chosenHead: 1, seed: 0, part: "test", among: run.images)
    let json =
      #"{"position": {"stage": 1, "round": 2, "epoch": 5}, "learningRate": 1, "consistency": 0.5, "#
      + #""neighbourAccuracy": 0.75, "steps": 1, "images": 1, "terms": []}"#
    let report = try JSONDecoder().decode(EpochReport.self, from: Data(json.utf8))
    let metrics = Metrics(
      run.evaluation, images: run.images, configuration: .object([:]), seed: 0,
      seconds: .init(stageOne: 1, stageTwo: 2, evaluation: 3, total: 6), test: (tested, test), rounds: [report])
    #expect(metrics.data.part == "training" && metrics.test?.data.part == "test" && metrics.test?.data.count == 30)
    #expect(metrics.test?.accuracy == tested.chosen?.accuracy && metrics.test?.heads?.count == 2)
    #expect(metrics.test?.nearestNeighbours?.stageTwoAccuracy == tested.stageTwoNeighbours)
    #expect(metrics.rounds?.map(\.nearestNeighbours) == [0.75] && metrics.rounds?.map(\.round) == [2])
    #expect(try JSONDecoder().decode(Metrics.self, from: Data(metrics.json().utf8)) == metrics)
    #expect(tested.resultText.hasPrefix("% of the test images") && !tested.resultText.contains("k-means"))
    #expect(run.evaluation.resultText.hasPrefix("% of the training images"))
    let page = Report(
      metrics: metrics, table: run.evaluation.resultTable, testTable: tested.resultTable,
      history: UntrainedRun.history, sheets: [])
    #expect(page.html.contains("% of 30 test images of &lt;other&gt;, which training did not see"))
    #expect(page.html.contains("<th>% of the test images</th>"))
  }

  @Test func invariantCurvesNeverStopTheProgram() {
    #expect(LossCurves(title: "", series: []).svg == "")
    #expect(LossCurves(title: "", series: [("a", [])]).svg == "")
    #expect(LossCurves(title: "<", series: [("a", [(0, 1)])]).svg.contains("&lt;"))
    #expect(!LossCurves(title: "", series: [("a", [(0, 1), (1, 1)])]).svg.contains("nan"))
  }

  /// The tags that are opened and not closed in order.
  private func openTags(in text: String) -> [String] {
    var open: [String] = []
    for piece in text.split(separator: "<").dropFirst() {
      let tag = piece.prefix { $0 != ">" }
      let name = String(tag.prefix { $0 != " " && $0 != "/" })
      if tag.hasPrefix("/") {
        let closed = String(tag.dropFirst())
        if open.popLast() != closed { return ["/\(closed)"] }
      } else if !tag.hasSuffix("/") {
        open.append(name)
      }
    }
    return open
  }
}
