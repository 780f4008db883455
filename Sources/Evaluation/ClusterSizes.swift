// How even the sizes of clusters are.
//
//     J = −Σ_k n_k/n ln(n_k/n) / ln K        1 for equal sizes, 0 where one cluster has all
//
// Source   Pielou's evenness, Journal of Theoretical Biology, 1966.    Tests  EvaluationTests/ClusterSizesTests.swift
import Kernels

/// The number of points in each of K clusters.
public struct ClusterSizes: Sendable, Equatable {
  /// By cluster, some possibly 0.
  public let counts: [Int]

  /// Counts assignments; stops if one is not among `clusterCount` clusters.
  public init(of assignments: [Int], clusterCount: Int) {
    require(
      assignments.allSatisfy { (0..<clusterCount).contains($0) }, "a cluster is not one of \(clusterCount)")
    var counts = [Int](repeating: 0, count: clusterCount)
    for cluster in assignments { counts[cluster] += 1 }
    self.counts = counts
  }

  /// J, 0 to 1; 1 of a single cluster, and of no points.
  public var evenness: Double {
    let total = Double(counts.reduce(0, +))
    if counts.count < 2 || total == 0 { return 1 }
    let entropy = counts.reduce(0.0) { sum, count in
      let share = Double(count) / total
      return count == 0 ? sum : sum - share * Double.log(share)
    }
    return min(1, max(0, entropy / Double.log(Double(counts.count))))
  }
}
