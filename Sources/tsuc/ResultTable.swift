// The closing table of a run: the baselines first, then what two stages made of the images.
// Tests    tsucTests/HistoryTests.swift
import Commands
import Evaluation
import TwoStage

extension RunEvaluation {
  /// The scores as lines of cells: method, ACC, NMI and ARI in per cent; with more clusters than classes also the accuracy
  /// of many clusters to one class.
  var resultTable: TextTable {
    let isOverClustered = chosen?.manyToOneAccuracy != nil
    func row(_ method: String, _ scores: ClusteringScores?) -> [String] {
      [
        method, percent(scores?.accuracy), percent(scores?.normalisedMutualInformation),
        percent(scores?.adjustedRandIndex),
      ] + (isOverClustered ? [percent(scores?.manyToOneAccuracy)] : [])
    }
    // Of test images k-means tells nothing: it would be other clusters.
    var rows = part == "test" ? [] : [row("k-means on pixels", pixelKMeans), row("stage 1 + k-means", stageOneKMeans)]
    rows.append(row("stage 2, \(answer.text)", chosen))
    for (number, scores) in (heads ?? []).enumerated() where answer.vote != nil || number != answer.head {
      rows.append(row("  head \(number)", scores))
    }
    rows.append(["  mean of the heads", percent(meanAccuracyOfHeads)])
    rows.append(["nearest neighbours, stage 1 (labels used)", percent(stageOneNeighbours)])
    rows.append(["nearest neighbours, stage 2 (labels used)", percent(stageTwoNeighbours)])
    let columns = ["% of the \(part) images", "ACC", "NMI", "ARI"]
    return TextTable(header: columns + (isOverClustered ? ["many to one"] : []), rows: rows)
  }

  /// The table and what must be known to understand it, or, without labels, the sizes of the clusters and why there is no score.
  var resultText: String {
    if heads != nil { return resultTable.text + remarks.map { "Note: \($0).\n" }.joined() }
    let sizes = (0..<clusterCount).map { "\(images(in: $0).count)" }.joined(separator: ", ")
    return "Images in clusters 0 to \(clusterCount - 1) (\(answer.text)): \(sizes)\n"
      + "There are no labels, so accuracy cannot be reported; --labels PATH names a file of them.\n"
  }

  /// One row for each image: its number, its cluster, the probability of that, and its file where it has one of its own.
  func predictionsCSV(names: [String]?) -> String {
    var text = "image,cluster,confidence" + (names == nil ? "\n" : ",file\n")
    for (image, cluster) in assignments.enumerated() {
      text += "\(image),\(cluster),\(decimals(Double(confidences[image]), 6))"
      text += (names.map { "," + CSV.field($0[image]) } ?? "") + "\n"
    }
    return text
  }
}

extension HeadAnswer {
  /// "head 1 (lowest loss)"; "consensus of 5 heads".
  var text: String {
    switch rule {
    case .lowestLoss: "head \(head) (lowest loss)"
    case .consensus: "consensus of \(vote?.weights.count ?? 0) heads"
    }
  }
}
