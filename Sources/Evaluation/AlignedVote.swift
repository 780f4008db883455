// One clustering made of several: their clusters are matched with those of one of them, then they vote.
//
//     π_h = argmax over one-to-one maps of Σ_i [π(c_h(i)) = c_r(i)]      c_h(i): cluster of image i by clustering h; r: reference
//     p(i) = Σ_h w_h π_h y_h(i) / Σ_h w_h                                 y_h(i): h's probabilities, moved to where π_h sends them
//
// p is the distribution of least Σ_h w_h ‖p − π_h y_h‖². Clusters have no names of their own: renaming those of h by any
// one-to-one map σ turns π_h into π_h σ⁻¹ and leaves p as it is, so long as the best map is the only one. Maps and weights
// are learnt on some images and are then a function: one image alone can be asked about.
// Paper    Dimitriadou, Weingessel and Hornik, "Voting-merging", ICANN 2001; Dudoit and Fridlyand, Bioinformatics 2003.
// Definition  referenceAlignedVote in ReferenceAlignedVote.swift
// Tests    EvaluationTests/AlignedVoteTests.swift
import Kernels
import Networks

/// A weighted vote of clusterings whose clusters have been matched.
public struct AlignedVote: Codable, Sendable, Equatable {
  /// `maps[h][c]` is the cluster that cluster c of clustering h votes for; one to one.
  public let maps: [[Int]]
  /// The weight of each clustering, 0 or more, not all 0.
  public let weights: [Double]

  /// Matches clusterings with one of them; stops if they are not of the same images or name clusters out of range.
  ///
  /// - Parameters:
  ///   - clusterings: The cluster of each image by each of them; clusterings × images, at least one of each.
  ///   - clusterCount: K of each; some clusters may be empty.
  ///   - weights: The weight of each.
  ///   - reference: The one whose clusters keep their numbers.
  public init(aligning clusterings: [[Int]], clusterCount: Int, weights: [Double], to reference: Int) {
    require(clusterings.indices.contains(reference), "clustering \(reference) is not one of \(clusterings.count)")
    maps = clusterings.indices.map { h in
      // The reference is matched with itself, its empty clusters too.
      if h == reference { return Array(0..<clusterCount) }
      let table = ContingencyTable(
        predictions: clusterings[h], targets: clusterings[reference], clusters: clusterCount, classes: clusterCount)
      return table.hungarian.mapping.compactMap(\.self)
    }
    self.weights = weights
    require(problem(clusterCount: clusterCount) == nil, problem(clusterCount: clusterCount) ?? "")
  }

  /// Why this, read from a file, is no vote of clusterings of K clusters; nil if it is.
  public func problem(clusterCount: Int) -> String? {
    if maps.isEmpty || maps.count != weights.count { return "\(maps.count) maps do not fit \(weights.count) weights" }
    for (h, map) in maps.enumerated() where map.count != clusterCount || Set(map) != Set(0..<clusterCount) {
      return "map \(h) is not one to one between \(clusterCount) clusters"
    }
    let total = weights.reduce(0, +)
    return weights.allSatisfy { $0 >= 0 } && total > 0 && total.isFinite
      ? nil : "the weights \(weights) are not finite, not negative and not all 0"
  }

  /// p, images × clusters, from each clustering's probabilities, images × clusters.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func probabilities<Scalar: RealScalar>(_ rows: [Tensor<Scalar>]) -> Tensor<Scalar> {
    require(
      rows.count == maps.count && rows.allSatisfy { $0.shape == [rows[0].rows, maps[0].count] },
      "a vote of \(maps.count) clusterings of \(maps[0].count) clusters was given \(rows.map(\.shape))")
    let (clusters, total) = (maps[0].count, weights.reduce(0, +))
    var sum = Tensor<Scalar>(shape: rows[0].shape)
    for h in maps.indices {
      let weight = Scalar(weights[h] / total)
      for i in 0..<sum.rows {
        for c in 0..<clusters {
          sum.values[i * clusters + maps[h][c]] += weight * rows[h].values[i * clusters + c]
        }
      }
    }
    return sum
  }
}
