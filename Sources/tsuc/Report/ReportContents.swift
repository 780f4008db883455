// Everything that the report shows, gathered by the training run or read back from its folder.
// Tests    tsucTests/Report/ReportTests.swift
import Commands
import Evaluation
import Images
import Kernels
import Networks
import TwoStage

/// The results of a run and the images they are about.
struct ReportContents {
  /// At most so many images are shown in the plane; exact t-SNE costs the square.
  static let largestLayout = 2000

  let metrics: Metrics
  let history: History
  let images: ImageSet
  /// The cluster of each image by the final answer, and the probability of it.
  let clusters: [Int]
  let confidences: [Float]
  /// The images that are shown in the plane, evenly spaced, and their embeddings: images × features.
  let shown: [Int]
  let embeddings: Tensor<Float>
  /// Those of the last round of stage 1; nil if they were not written down.
  let neighbourhoods: Neighbourhoods?
  /// The name of each class; empty without labels.
  let classNames: [String]
  /// The class that each cluster is matched with, one to one; nil for clusters left over, and without labels.
  let matching: [Int?]

  /// Gathers the parts.
  init(
    metrics: Metrics, history: History, images: ImageSet, evaluation: RunEvaluation, encoder: ImageEncoder<Float>,
    standardisation: Standardisation, neighbourhoods: Neighbourhoods?
  ) {
    (self.metrics, self.history, self.images) = (metrics, history, images)
    (clusters, confidences) = (evaluation.assignments, evaluation.confidences)
    shown = images.spread(Self.largestLayout)
    embeddings = encoder.embed(images.subset(shown), standardisedBy: standardisation)
    self.neighbourhoods = neighbourhoods
    // Labels count only where the run was scored by them.
    guard metrics.accuracy != nil, let labels = images.labels, let classes = images.classCount else {
      (classNames, matching) = ([], Array(repeating: nil, count: metrics.clusters))
      return
    }
    classNames = images.classNames ?? ClassNames.names(of: metrics.data.name, count: classes)
    matching =
      ContingencyTable(predictions: clusters, targets: labels, clusters: metrics.clusters, classes: classes).hungarian
      .mapping
  }

  /// The labels; nil where the run has no scores.
  var labels: [Int]? { metrics.accuracy == nil ? nil : images.labels }

  /// The images of a cluster, most confident first.
  func members(of cluster: Int) -> [Int] {
    clusters.indices.filter { clusters[$0] == cluster }.sorted { (-confidences[$0], $0) < (-confidences[$1], $1) }
  }

  /// The clusters in the order of their classes, those left over last; by number without labels.
  var clusterOrder: [Int] {
    matching.indices.sorted { (matching[$0] ?? Int.max, $0) < (matching[$1] ?? Int.max, $1) }
  }

  /// The colour of each cluster by number: that of its class, else one that no class has.
  var clusterColours: [Int] {
    var next = classNames.count
    return matching.map { match in
      if let match { return match }
      defer { next += 1 }
      return next
    }
  }

  /// Whether an image's class is not that of its cluster; false without labels.
  func isMisplaced(_ image: Int) -> Bool { labels.map { matching[clusters[image]] != $0[image] } ?? false }

  /// "image 12 (rose/7.png): cluster 3 (probability 0.98), class rose".
  func title(_ image: Int) -> String {
    let file = images.imageNames.map { " (\($0[image]))" } ?? ""
    return "image \(image)\(file): cluster \(clusters[image]) (probability \(decimals(Double(confidences[image]), 2)))"
      + (labels.map { ", class \(classNames[$0[image]])" } ?? "")
  }

  /// An image for a sheet.
  func cell(_ image: Int) -> ImageSheet.Cell {
    ImageSheet.Cell(pixels: images.image(image), title: title(image), isFramed: isMisplaced(image))
  }

  /// A sheet of the set's images.
  func sheet(_ rows: [[ImageSheet.Cell]], _ description: String) -> ImageSheet {
    ImageSheet(
      channels: images.channels, height: images.height, width: images.width, rows: rows, description: description)
  }
}

extension ImageSet {
  /// At most so many indices, evenly spaced from the first; all if there are no more.
  func spread(_ limit: Int) -> [Int] {
    count <= limit ? Array(0..<count) : (0..<limit).map { $0 * count / limit }
  }

  /// A set of some of the images, at least one.
  func subset(_ indices: [Int]) -> ImageSet {
    indices == Array(0..<count)
      ? self
      : ImageSet(
        name: name, channels: channels, height: height, width: width,
        pixels: indices.flatMap { pixels[$0 * valuesPerImage..<($0 + 1) * valuesPerImage] }, maximumValue: maximumValue,
        labels: labels.map { labels in indices.map { labels[$0] } })
  }
}

/// What classes are called.
enum ClassNames {
  /// The names of the classes of a data set: those that its makers gave, else the numbers.
  static func names(of dataSet: String, count: Int) -> [String] {
    // Xiao, Rasul and Vollgraf 2017, the table of labels.
    let fashion = [
      "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ]
    return dataSet == "fashion" && count == fashion.count ? fashion : (0..<count).map(String.init)
  }
}
