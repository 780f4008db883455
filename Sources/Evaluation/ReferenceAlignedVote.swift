// The vote of clusterings as its equation stands, by trying every one-to-one map: K! of them, for small K.
// Tests    EvaluationTests/AlignedVoteTests.swift
import Kernels

/// p(i) = Σ_h w_h π_h y_h(i) / Σ_h w_h, π_h the one-to-one map of most agreement with the reference r; the definition of
/// ``AlignedVote``.
///
/// - Parameters:
///   - c: The cluster of each image by each clustering; clusterings × images.
///   - y: The probabilities of each; clusterings × images × clusters.
///   - w: The weight of each.
///   - r: The reference.
/// - Returns: images × clusters; nil if a clustering has several maps of most agreement, which the equation leaves open.
public func referenceAlignedVote(
  clusters c: [[Int]], probabilities y: [[[Double]]], weights w: [Double], reference r: Int
) -> [[Double]]? {
  let K = y[0][0].count
  var p = y[0].map { $0.map { _ in 0.0 } }
  for h in c.indices {
    func agreement(_ π: [Int]) -> Int { zip(c[h], c[r]).count { π[$0] == $1 } }
    let maps = permutations(of: Array(0..<K))
    let most = maps.map(agreement).max() ?? 0
    let best = maps.filter { agreement($0) == most }
    guard best.count == 1 else { return nil }
    for i in p.indices {
      for k in 0..<K { p[i][best[0][k]] += w[h] * y[h][i][k] / w.reduce(0, +) }
    }
  }
  return p
}

/// All orders of a list.
private func permutations(of list: [Int]) -> [[Int]] {
  if list.isEmpty { return [[]] }
  return list.indices.flatMap { first in
    permutations(of: Array(list[..<first] + list[(first + 1)...])).map { [list[first]] + $0 }
  }
}
