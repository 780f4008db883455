// How well clusters agree with classes: counts of (cluster, class) pairs and the three scores made of them.
//
// With n images, counts n_pt, cluster sizes a_p and class sizes b_t:
//     accuracy   max over one-to-one maps of Σ n_{p, map(p)} / n
//     many to one   Σ_p max_t n_pt / n, also called purity
//     NMI        I / ((H_p + H_t) / 2),   I = Σ n_pt/n · ln(n · n_pt / (a_p b_t)),   H = −Σ a/n · ln(a/n)
//     ARI        2 (tp·tn − fn·fp) / ((tp + fn)(fn + tn) + (tp + fp)(fp + tn)) over all ordered pairs of images
// Paper    Hungarian accuracy as in Han et al., ECCV 2020, section 4; the other two: Vinh, Epps, Bailey, JMLR 2010;
//          Hubert and Arabie, 1985. Labels enter here and nowhere else.
// Tests    EvaluationTests/ContingencyTableTests.swift
import Kernels

/// The number of images in each pair of cluster and class.
public struct ContingencyTable: Sendable, Equatable {
  /// `counts[p][t]` images of class t are in cluster p; clusters × classes, which may differ in number.
  public let counts: [[Int]]
  /// The number of images.
  public let total: Int

  /// Counts the pairs; stops if the lists are empty or differ in length, or if an entry is out of range.
  ///
  /// - Parameters:
  ///   - predictions: The cluster of each image.
  ///   - targets: The class of each image.
  ///   - clusters: The number of clusters, some possibly empty; by default one more than the largest prediction.
  ///   - classes: The number of classes; by default one more than the largest target.
  public init(predictions: [Int], targets: [Int], clusters: Int? = nil, classes: Int? = nil) {
    require(
      !predictions.isEmpty && predictions.count == targets.count,
      "a contingency table of \(predictions.count) predictions and \(targets.count) targets")
    let clusters = clusters ?? (predictions.max() ?? 0) + 1
    let classes = classes ?? (targets.max() ?? 0) + 1
    var counts = [[Int]](repeating: [Int](repeating: 0, count: classes), count: clusters)
    for (prediction, target) in zip(predictions, targets) {
      require(
        (0..<clusters).contains(prediction) && (0..<classes).contains(target),
        "cluster \(prediction) of \(clusters) or class \(target) of \(classes) is out of range")
      counts[prediction][target] += 1
    }
    self.counts = counts
    total = predictions.count
  }

  /// The number of images in each cluster.
  public var clusterSizes: [Int] { counts.map { $0.reduce(0, +) } }

  /// The number of images in each class.
  public var classSizes: [Int] {
    (0..<(counts.first?.count ?? 0)).map { t in counts.reduce(0) { $0 + $1[t] } }
  }

  /// The best one-to-one map of clusters to classes and the share of images that it gets right.
  public var hungarian: HungarianAccuracy { HungarianAccuracy(counts: counts) }

  /// The share of images that the best one-to-one map of clusters to classes gets right, 0 to 1.
  public var accuracy: Double { hungarian.accuracy }

  /// The share of images that are of their cluster's most frequent class, 0 to 1 (purity): many clusters may have one class.
  ///
  /// At least ``accuracy``; it grows with the number of clusters, so that of very many it says nothing.
  public var manyToOneAccuracy: Double {
    Double(counts.reduce(0) { $0 + ($1.max() ?? 0) }) / Double(total)
  }

  /// The most that ``accuracy`` can be: fewer clusters than classes can hold only the largest classes, one each.
  public var largestAccuracy: Double {
    Double(classSizes.sorted(by: >).prefix(counts.count).reduce(0, +)) / Double(total)
  }

  /// The mutual information over the arithmetic mean of both entropies, 0 to 1; 1 where both partitions have one part.
  public var normalisedMutualInformation: Double {
    let (clusterSizes, classSizes) = (clusterSizes, classSizes)
    let entropies = (entropy(clusterSizes), entropy(classSizes))
    if entropies.0 == 0 && entropies.1 == 0 { return 1 }
    var information = 0.0
    for p in counts.indices {
      for t in counts[p].indices where counts[p][t] > 0 {
        let joint = Double(counts[p][t])
        information +=
          joint / Double(total) * Double.log(joint * Double(total) / (Double(clusterSizes[p]) * Double(classSizes[t])))
      }
    }
    return min(1, max(0, information / ((entropies.0 + entropies.1) / 2)))
  }

  /// The Rand index corrected for chance: 1 for equal partitions, about 0 for independent ones, negative for worse.
  public var adjustedRandIndex: Double {
    // Ordered pairs of different images: together in both partitions (tp), in the classes only (fn), in the clusters
    // only (fp), in neither (tn). Counted in Double: the products pass 2⁶³ from about 50,000 images on.
    let squares = counts.joined().reduce(0.0) { $0 + Double($1) * Double($1) }
    let clusterSquares = clusterSizes.reduce(0.0) { $0 + Double($1) * Double($1) }
    let classSquares = classSizes.reduce(0.0) { $0 + Double($1) * Double($1) }
    let n = Double(total)
    let tp = squares - n
    let fn = classSquares - squares
    let fp = clusterSquares - squares
    let tn = n * n - fn - fp - squares
    if fn == 0 && fp == 0 { return 1 }
    return 2 * (tp * tn - fn * fp) / ((tp + fn) * (fn + tn) + (tp + fp) * (fp + tn))
  }

  private func entropy(_ sizes: [Int]) -> Double {
    sizes.reduce(0.0) { sum, size in
      let share = Double(size) / Double(total)
      return size == 0 ? sum : sum - share * Double.log(share)
    }
  }
}
