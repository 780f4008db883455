// Where a score says less than it seems to: its bounds by the numbers of clusters and classes, and what is empty.
// Tests    ScoreRemarksTests.swift
import Evaluation
import Images

/// What a reader of the scores must know to understand them.
struct ScoreRemarks {
  /// The sentences, without full stops; none for a set whose scores mean what they usually do.
  let sentences: [String]

  /// Looks at a clustering of labelled images.
  ///
  /// - Parameters:
  ///   - images: The images; without labels there is nothing to say.
  ///   - clusters: The cluster of each.
  ///   - clusterCount: The number of clusters.
  ///   - hasNeighbours: Whether there are other images to be neighbours of each.
  init(images: ImageSet, clusters: [Int], clusterCount: Int, hasNeighbours: Bool) {
    guard let labels = images.labels, let names = images.namesOfClasses else {
      sentences = []
      return
    }
    let table = ContingencyTable(
      predictions: clusters, targets: labels, clusters: clusterCount, classes: names.count)
    let missing = table.classSizes.indices.filter { table.classSizes[$0] == 0 }
    let empty = table.clusterSizes.indices.filter { table.clusterSizes[$0] == 0 }
    let present = names.count - missing.count
    var sentences: [String] = []
    if labels.count < names.count {
      sentences.append(
        "there are fewer images (\(labels.count)) than classes (\(names.count)): scores of so few say little")
    }
    if present == labels.count && present > 10 {
      sentences.append(
        "each image is of a class of its own: are these labels the numbers or the names of images?")
    }
    if present == 1 {
      sentences.append(
        "all images are of one class, \(names[labels[0]]): no score of a clustering or of neighbours says anything then"
      )
    } else if !missing.isEmpty {
      sentences.append(
        "\(Self.list(missing.map { names[$0] }, "class", "classes")) no images, so only \(present) of \(names.count) "
          + "classes are judged")
    }
    if clusterCount > names.count {
      let (classes, rest) = (names.count, clusterCount - names.count)
      sentences.append(
        "\(clusterCount) clusters are matched one to one with \(classes) class\(classes == 1 ? "" : "es") for ACC, so that the "
          + "images of \(rest) cluster\(rest == 1 ? "" : "s") count as wrong; \"many to one\" gives each cluster its most frequent "
          + "class instead")
    }
    if clusterCount < present {
      let limit = (10_000 * table.largestAccuracy).rounded() / 100
      sentences.append(
        "\(clusterCount) clusters cannot hold \(present) classes one to one: ACC is at most \(limit) %")
    }
    if !empty.isEmpty {
      sentences.append("\(Self.list(empty.map(String.init), "cluster", "clusters")) no images")
    }
    if !hasNeighbours && labels.count == 1 {
      sentences.append("a single image has no neighbours, so none are judged")
    }
    self.sentences = sentences
  }

  /// "class dog has", "classes cat and dog have", "classes a, b, c and 5 others have".
  private static func list(_ names: [String], _ one: String, _ several: String) -> String {
    names.count == 1 ? "\(one) \(names[0]) has" : "\(several) \(enumeration(of: names)) have"
  }
}

/// "a, b and c"; of many names the first ones and how many others there are.
package func enumeration(of names: [String]) -> String {
  let shown = names.count > 8 ? Array(names.prefix(6)) + ["\(names.count - 6) others"] : names
  return shown.count < 2
    ? shown.joined() : "\(shown.dropLast().joined(separator: ", ")) and \(shown[shown.count - 1])"
}
