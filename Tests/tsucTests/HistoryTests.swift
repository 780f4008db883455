import Files
import Commands
import Evaluation
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

  init(labels: Bool = true, rule: FinalAnswer = .lowestLoss) throws {
    let digits = try ImageSet.load("digits", count: 40)
    images = ImageSet(
      name: "<few>", channels: 1, height: 8, width: 8, pixels: digits.pixels, maximumValue: 16,
      labels: labels ? digits.labels : nil)
    encoder = ImageEncoder(.compact, seed: 1)
    heads = ClusterHeads(features: 64, classes: 10, heads: 2, seed: 4)
    let best = Trainer<Float>.Best(epoch: 0, loss: 0, encoder: encoder, heads: heads, headLosses: [-1, -1.01])
    let standardisation = Standardisation(of: images)
    evaluation = RunEvaluation(
      of: images, standardisation: standardisation, stageOne: encoder, stageTwo: encoder, heads: heads,
      answer: best.answer(rule, on: images, standardisedBy: standardisation), seed: 0)
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

@Suite("History, metrics and table")
struct HistoryTests {
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

  @Test func invariantAHistoryIsReadBack() throws {
    let history = UntrainedRun.history
    let read = try History(csv: history.csv, path: "h")
    // The NaN of L_ue is not equal to itself.
    #expect(read.csv == history.csv && read.names == history.names && read.epochs.count == 3)
    #expect(read.epochs[0] == history.epochs[0] && read.epochs[2] == history.epochs[2])
    // Line breaks as Python's csv module writes them.
    #expect(try History(csv: history.csv.replacing("\n", with: "\r\n"), path: "h").csv == history.csv)
    for (text, part) in [
      ("a,b\n", "must begin with"), ("", "must begin with"), ("stage,round,epoch,x\n1,0,0\n", "h, line 2"),
      ("stage,round,epoch,x\n1,0,0,y\n", "h, line 2"), ("stage,round,epoch\n1,0.5,0\n", "h, line 2"),
    ] {
      let error = #expect(throws: HistoryError.self) { _ = try History(csv: text, path: "h") }
      #expect(error?.description.contains(part) == true, "\(text)")
    }
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

  // Ten clusters of three classes, the middle of which has no images: table, metrics and page say what that means.
  @Test func workedExampleOfScoresThatNeedAWord() throws {
    let run = try UntrainedRun()
    let images = ImageSet(
      name: "few", channels: 1, height: 8, width: 8, pixels: run.images.pixels, maximumValue: 16,
      labels: run.images.labels.map { $0.map { $0 % 2 * 2 } }, classNames: ["cat", "<dog>", "horse"])
    let evaluation = RunEvaluation(
      of: images, standardisation: Standardisation(of: images), stageOne: run.encoder, stageTwo: run.encoder,
      heads: run.heads, answer: HeadAnswer(head: 1), seed: 0)
    let manyToOne = try #require(evaluation.chosen?.manyToOneAccuracy)
    let metrics = Metrics(
      evaluation, images: images, configuration: .object([:]), seed: 0,
      seconds: .init(stageOne: 1, stageTwo: 2, evaluation: 3, total: 6), test: (evaluation, images))
    #expect(metrics.manyToOneAccuracy == manyToOne && metrics.heads?[1].manyToOneAccuracy == manyToOne)
    #expect(metrics.test?.manyToOneAccuracy == manyToOne && metrics.test?.remarks == metrics.remarks)
    #expect(metrics.data.classes == ["cat", "<dog>", "horse"])
    #expect(metrics.remarks?.contains("class <dog> has no images, so only 2 of 3 classes are judged") == true)
    let other = ImageSet(
      name: "few", channels: 1, height: 8, width: 8, pixels: run.images.pixels, maximumValue: 16,
      labels: run.images.labels.map { $0.map { $0 % 2 } }, classNames: ["cat", "horse"])
    let named = Metrics(
      evaluation, images: images, configuration: .object([:]), seed: 0,
      seconds: .init(stageOne: 1, stageTwo: 2, evaluation: 3, total: 6), test: (evaluation, other))
    #expect(named.test?.data.classes == ["cat", "<dog>", "horse"])
    let lines = evaluation.resultText.split(separator: "\n")
    #expect(lines[0].hasSuffix("many to one") && lines[4].hasSuffix(percent(manyToOne)))
    #expect(lines.last?.hasPrefix("Note: ") == true && lines.count { $0.hasPrefix("Note: ") } == metrics.remarks?.count)
    let page = Report(
      contents: ReportContents(
        metrics: metrics, history: UntrainedRun.history, images: images, evaluation: evaluation, encoder: run.encoder,
        standardisation: Standardisation(of: images), neighbourhoods: nil)
    ).html
    #expect(page.contains("Note: class &lt;dog&gt; has no images, so only 2 of 3 classes are judged."))
    for key in ["heads.1", "kMeansOnPixels", "test"] {
      #expect(page.contains("data-key=\"\(key).manyToOneAccuracy\""), "\(key)")
    }
    #expect(page.contains("<th>many to one</th>"))
    #expect(!run.evaluation.resultText.contains("many to one"))
  }

  // Files of runs that knew nothing of this.
  @Test func workedExampleOfOlderMetrics() throws {
    let json = try UntrainedRun().metrics.json()
    var object = try #require(JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    var data = try #require(object["data"] as? [String: Any])
    #expect(data.removeValue(forKey: "classes") as? [String] == (0..<10).map(String.init))
    object["data"] = data
    let older = try JSONDecoder().decode(Metrics.self, from: JSONSerialization.data(withJSONObject: object))
    let accuracy = try UntrainedRun().metrics.accuracy
    #expect(older.data.classes == nil && older.accuracy == accuracy)
  }

  @Test func invariantAConsensusIsToldBesideAllHeads() throws {
    let run = try UntrainedRun(rule: .consensus)
    let (text, metrics) = (run.evaluation.resultText, run.metrics)
    for line in ["stage 2, consensus of 2 heads", "  head 0", "  head 1"] { #expect(text.contains(line), "\(line)") }
    #expect(!text.contains("lowest loss"))
    #expect(metrics.finalAnswer == .consensus && metrics.accuracy == run.evaluation.chosen?.accuracy)
    #expect(metrics.answerText.hasPrefix("A vote of the heads"))
    // Cluster and confidence of an image are the vote's.
    let embeddings = run.encoder.embed(run.images, standardisedBy: Standardisation(of: run.images))
    let vote = try #require(run.evaluation.answer.vote).probabilities(run.heads.forward(embeddings).probabilities)
    for image in 0..<40 {
      let row = Array(vote.row(image))
      #expect(run.evaluation.confidences[image] == row.max())
      #expect(row[run.evaluation.assignments[image]] == row.max())
    }
    #expect(run.evaluation.predictionsCSV(names: nil).split(separator: "\n").count == 41)
    let page = Report(
      contents: ReportContents(
        metrics: metrics, history: UntrainedRun.history, images: run.images, evaluation: run.evaluation,
        encoder: run.encoder, standardisation: Standardisation(of: run.images), neighbourhoods: nil)
    ).html
    #expect(page.contains("A vote of the heads") && page.contains("both stages, consensus of the heads"))
  }

  // metrics.json of a run from before there was a choice.
  @Test func invariantMetricsWithoutAFinalAnswerAreOfTheLowestLoss() throws {
    let json = try UntrainedRun().metrics.json().replacing("  \"finalAnswer\" : \"lowestLoss\",\n", with: "")
    #expect(!json.contains("finalAnswer"))
    let metrics = try JSONDecoder().decode(Metrics.self, from: Data(json.utf8))
    #expect(metrics.finalAnswer == nil && metrics.answerText == "The head of the lowest training loss, number 1,")
  }

  @Test func invariantPredictionsHaveOneRowForEachImage() throws {
    let lines = try UntrainedRun().evaluation.predictionsCSV(names: nil).split(separator: "\n")
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

  @Test func workedExampleOfTestImages() throws {
    let run = try UntrainedRun()
    let digits = try ImageSet.load("digits", count: 70)
    let test = ImageSet(
      name: "<other>", channels: 1, height: 8, width: 8, pixels: Array(digits.pixels.suffix(30 * 64)),
      maximumValue: 16, labels: digits.labels.map { Array($0.suffix(30)) })
    let tested = RunEvaluation(
      of: test, standardisation: Standardisation(of: run.images), stageOne: run.encoder, stageTwo: run.encoder,
      heads: run.heads, answer: HeadAnswer(head: 1), seed: 0, part: "test", among: run.images)
    let json =
      #"{"position": {"stage": 1, "round": 2, "epoch": 5}, "learningRate": 1, "consistency": 0.5, "#
      + #""neighbourAccuracy": 0.75, "neighbourPart": "test", "steps": 1, "images": 1, "terms": []}"#
    let report = try JSONDecoder().decode(EpochReport.self, from: Data(json.utf8))
    let metrics = Metrics(
      run.evaluation, images: run.images, configuration: .object([:]), seed: 0,
      seconds: .init(stageOne: 1, stageTwo: 2, evaluation: 3, total: 6), test: (tested, test), rounds: [report])
    #expect(metrics.data.part == "training" && metrics.test?.data.part == "test" && metrics.test?.data.count == 30)
    #expect(metrics.test?.accuracy == tested.chosen?.accuracy && metrics.test?.heads?.count == 2)
    #expect(metrics.test?.nearestNeighbours?.stageTwoAccuracy == tested.stageTwoNeighbours)
    #expect(metrics.rounds?.map(\.nearestNeighbours) == [0.75] && metrics.rounds?.map(\.round) == [2])
    #expect(metrics.rounds?.map(\.judgedOn) == ["test"])
    #expect(try JSONDecoder().decode(Metrics.self, from: Data(metrics.json().utf8)) == metrics)
    #expect(tested.resultText.hasPrefix("% of the test images") && !tested.resultText.contains("k-means"))
    #expect(run.evaluation.resultText.hasPrefix("% of the training images"))
    let page = Report(
      contents: ReportContents(
        metrics: metrics, history: UntrainedRun.history, images: run.images, evaluation: run.evaluation,
        encoder: run.encoder, standardisation: Standardisation(of: run.images), neighbourhoods: nil))
    #expect(page.html.contains("On 30 test images of &lt;other&gt;, which training did not see"))
  }
}
