// The answer first: how many images are in the right cluster, beside the baselines; or, without labels, what was done and
// that nothing can be said about accuracy.
// Tests    tsucTests/Report/ReportTests.swift
import Commands
import Evaluation
import TwoStage

/// The head of the page.
struct AnswerSection {
  private let contents: ReportContents
  private var metrics: Metrics { contents.metrics }

  init(_ contents: ReportContents) { self.contents = contents }

  /// The answer in one line.
  var title: String {
    // Of a path the last part: the whole of it stands among the facts below.
    let what = "\(grouped(metrics.data.count)) images of \(metrics.data.name.split(separator: "/").last ?? "/")"
    guard let accuracy = metrics.accuracy else { return "\(what) in \(metrics.clusters) clusters" }
    return "\(percent(accuracy)) % of \(what) are in the right of \(metrics.clusters) clusters"
  }

  var html: String {
    let heading = element("p", ["class": "kicker"], "tsuc · sorted without labels") + element("h1", [:], escaped(title))
    return heading + (metrics.accuracy == nil ? withoutLabels : scores) + Self.notes(metrics.remarks) + onTestImages
      + Self.notes(metrics.test?.remarks) + facts
  }

  /// Where scores say less than they seem to.
  private static func notes(_ remarks: [String]?) -> String {
    (remarks ?? []).map { element("p", ["class": "note"], escaped("Note: \($0).")) }.joined()
  }

  private var isOverClustered: Bool { metrics.manyToOneAccuracy != nil }

  private var scores: String {
    let tiles = [("accuracy", metrics.accuracy), ("nmi", metrics.nmi), ("ari", metrics.ari)].map { key, value in
      element(
        "div", [:],
        Self.data(key, value) + element("span", [:], ["accuracy": "ACC", "nmi": "NMI", "ari": "ARI"][key] ?? key))
    }
    let explanation =
      "\(metrics.answerText) counts. Clusters are matched one to one with classes on these same images; labels are used "
      + "for nothing else. All scores in per cent."
    return element(
      "div", ["class": "answer"],
      element("div", [:], element("div", ["class": "tiles"], tiles.joined()) + bars + element("p", [:], explanation))
        + table)
  }

  private var withoutLabels: String {
    let sizes = metrics.clusterSizes.enumerated().map { "\($0.offset): \(grouped($0.element))" }.joined(separator: ", ")
    return element(
      "p", ["class": "lead"],
      "Both stages were trained, and for the cluster of an image one thing counts: "
        + "\(metrics.answerText.prefix(1).lowercased() + metrics.answerText.dropFirst()). "
        + element(
          "strong", [:], "There is no accuracy: without labels nobody can say which images are in the right cluster.")
    ) + element("p", [:], "Images in each cluster – \(sizes).")
  }

  /// What is told of images that training did not see.
  private var onTestImages: String {
    guard let test = metrics.test else { return "" }
    let manyToOne = test.manyToOneAccuracy.map { [("manyToOneAccuracy", "many to one", Optional($0))] } ?? []
    let scores = ([("accuracy", "ACC", test.accuracy), ("nmi", "NMI", test.nmi), ("ari", "ARI", test.ari)] + manyToOne)
      .map { "\($0.1) \(Self.data("test." + $0.0, $0.2))" }
    let neighbours = Self.data("test.nearestNeighbours.stageTwoAccuracy", test.nearestNeighbours?.stageTwoAccuracy)
    return element(
      "p", [:],
      "On \(grouped(test.data.count)) test images of \(escaped(test.data.name)), which training did not see, clusters matched "
        + "with classes on these: \(scores.joined(separator: ", ")); nearest neighbours among the training images "
        + "\(neighbours).")
  }

  /// A score in per cent that carries its exact value and its name in metrics.json.
  static func data(_ key: String, _ value: Double?) -> String {
    guard let value else { return "–" }
    return element("data", ["data-key": key, "value": "\(value)"], percent(value))
  }

  /// The baselines and the result as bars.
  private var bars: String {
    let rows = [
      ("k-means on pixels", metrics.kMeansOnPixels?.accuracy),
      ("stage 1 + k-means", metrics.kMeansOnStageOne?.accuracy),
      ("both stages", metrics.accuracy),
    ].compactMap { name, value in value.map { (name, $0) } }
    let content = rows.enumerated().map { number, row in
      let (top, width) = (Double(number) * 26, 240 * max(0, row.1))
      let style = row.0 == "both stages" ? "bar strong" : "bar"
      return element("text", ["class": "name end", "x": "126", "y": coordinate(top + 16)], row.0)
        + element(
          "rect", ["class": style, "x": "134", "y": coordinate(top + 3), "width": coordinate(width), "height": "18"])
        + element("text", ["class": "name", "x": coordinate(140 + width), "y": coordinate(top + 16)], percent(row.1))
    }
    return element(
      "svg",
      [
        "viewBox": "0 0 440 \(26 * rows.count)", "class": "chart bars", "role": "img",
        "aria-label": "accuracy of the methods",
      ],
      content.joined())
  }

  private var table: String {
    var rows = [
      ("k-means on pixels", "kMeansOnPixels.", metrics.kMeansOnPixels),
      ("stage 1 + k-means", "kMeansOnStageOne.", metrics.kMeansOnStageOne),
    ]
    let isConsensus = metrics.finalAnswer == .consensus
    for (number, scores) in (metrics.heads ?? []).enumerated() {
      let name = "both stages, head \(number)" + (number == metrics.chosenHead ? " (lowest loss)" : "")
      rows.append((name, "heads.\(number).", scores))
    }
    let body = rows.map { name, key, scores in
      let manyToOne = isOverClustered ? [("manyToOneAccuracy", scores?.manyToOneAccuracy)] : []
      return row(
        name,
        ([("accuracy", scores?.accuracy), ("nmi", scores?.nmi), ("ari", scores?.ari)] + manyToOne).map {
          Self.data(key + $0.0, $0.1)
        }, isChosen: !isConsensus && key == "heads.\(metrics.chosenHead).")
    }
    let rest = isOverClustered ? ["", "", ""] : ["", ""]
    let consensus =
      isConsensus
      ? row(
        "both stages, consensus of the heads",
        ([("accuracy", metrics.accuracy), ("nmi", metrics.nmi), ("ari", metrics.ari)]
          + (isOverClustered ? [("manyToOneAccuracy", metrics.manyToOneAccuracy)] : [])).map { Self.data($0.0, $0.1) },
        isChosen: true) : ""
    let neighbours = metrics.nearestNeighbours
    let others = [
      row("mean of the heads", [Self.data("meanAccuracyOfHeads", metrics.meanAccuracyOfHeads)] + rest),
      row(
        "nearest neighbours, stage 1 (labels used)",
        [Self.data("nearestNeighbours.stageOneAccuracy", neighbours?.stageOneAccuracy)] + rest),
      row(
        "nearest neighbours, stage 2 (labels used)",
        [Self.data("nearestNeighbours.stageTwoAccuracy", neighbours?.stageTwoAccuracy)] + rest),
    ]
    let columns = ["%", "ACC", "NMI", "ARI"] + (isOverClustered ? ["many to one"] : [])
    let header = element("tr", [:], columns.map { element("th", [:], $0) }.joined())
    return element("table", ["class": "scores"], header + body.joined() + consensus + others.joined())
  }

  private func row(_ name: String, _ cells: [String], isChosen: Bool = false) -> String {
    element(
      "tr", isChosen ? ["class": "chosen"] : [:],
      element("td", [:], escaped(name)) + cells.map { element("td", [:], $0) }.joined())
  }

  /// What the run was.
  private var facts: String {
    let (data, seconds) = (metrics.data, metrics.seconds)
    let rows = [
      ("data", "\(data.name): \(grouped(data.count)) images of \(data.channels) × \(data.height) × \(data.width)"),
      (
        "time",
        "\(duration(seconds.total)): stage 1 \(duration(seconds.stageOne)), stage 2 \(duration(seconds.stageTwo)), "
          + "evaluation \(duration(seconds.evaluation)); \(metrics.threads) thread\(metrics.threads == 1 ? "" : "s")"
      ),
      ("seed", "\(metrics.seed)"),
      ("program", "tsuc \(metrics.version), \(metrics.fusedArithmetic ? "fused" : "portable") arithmetic"),
      ("SHA-256 of the pixels", data.checksum),
    ]
    return element(
      "dl", ["class": "facts"],
      rows.map { element("dt", [:], $0.0) + element("dd", [:], escaped($0.1)) }.joined())
  }
}
