// Agglomerative clustering by Ward's rule: the hierarchical baseline on embeddings.
//
//     start with every point by itself; join the two clusters whose union raises Σ ‖x − centroid‖² least, until K are left
//     the rise of joining A and B     |A| |B| / (|A| + |B|) · ‖centroid A − centroid B‖²
//
// The rise never falls when clusters grow together (the rule is reducible), so chains of nearest neighbours find the same
// joins in another order: each cluster steps to its nearest until two are each other's nearest, and these are joined. Joins
// are then sorted by their rise, and the first N − K of them made. n² steps, no table of distances.
// Paper    Ward, 1963; nearest-neighbour chains: Murtagh, 1983.    Tests    EvaluationTests/WardClusteringTests.swift
import Kernels
import Networks

/// Ward's clustering.
public struct WardClustering: Sendable, Equatable {
  /// The number of clusters K, 1 or more.
  public var clusterCount: Int

  /// Keeps K; stops if it is not positive.
  public init(clusterCount: Int) {
    require(clusterCount > 0, "Ward's clustering needs a positive number of clusters, not \(clusterCount)")
    self.clusterCount = clusterCount
  }

  /// The cluster of each row of a matrix, points × features; clusters are numbered by their first point.
  ///
  /// Needs at least K points. Of equally near clusters the one made of the lower numbers is taken.
  public func cluster<Scalar: RealScalar>(_ points: Tensor<Scalar>) -> [Int] {
    require(
      points.rows >= clusterCount, "Ward's clustering of \(points.rows) points cannot make \(clusterCount) clusters")
    let joins = Agglomeration(points).joins().enumerated()
      .sorted { ($0.element.rise, $0.offset) < ($1.element.rise, $1.offset) }
      .prefix(points.rows - clusterCount)
    var parents = Array(0..<points.rows)
    func root(_ point: Int) -> Int {
      var point = point
      while parents[point] != point { point = parents[point] }
      return point
    }
    for (_, join) in joins {
      let (a, b) = (root(join.first), root(join.second))
      parents[max(a, b)] = min(a, b)
    }
    var numbers: [Int: Int] = [:]
    return (0..<points.rows).map { point in
      let root = root(point)
      if numbers[root] == nil { numbers[root] = numbers.count }
      return numbers[root] ?? 0
    }
  }
}

/// Clusters that grow together until one is left; each has the number of its first point.
private struct Agglomeration {
  /// Two clusters by a point of each, and by how much their union raises the sum of squares.
  struct Join {
    let first: Int
    let second: Int
    let rise: Double
  }

  private let features: Int
  /// The centroids, those of clusters that are gone left as they were.
  private var centroids: [Double]
  private var sizes: [Double]
  private var active: [Int]

  init<Scalar: RealScalar>(_ points: Tensor<Scalar>) {
    features = points.columns
    centroids = points.values.map { Double($0) }
    sizes = Array(repeating: 1, count: points.rows)
    active = Array(0..<points.rows)
  }

  /// All n − 1 joins in the order of the chains.
  consuming func joins() -> [Join] {
    var (joins, chain): ([Join], [Int]) = ([], [])
    while active.count > 1 {
      if chain.isEmpty { chain.append(active[0]) }
      while true {
        let last = chain[chain.count - 1]
        let before = chain.count > 1 ? chain[chain.count - 2] : nil
        let (nearest, rise) = nearest(to: last, preferring: before)
        guard nearest == before else {
          chain.append(nearest)
          continue
        }
        chain.removeLast(2)
        joins.append(Join(first: min(last, nearest), second: max(last, nearest), rise: rise))
        unite(min(last, nearest), max(last, nearest))
        break
      }
    }
    return joins
  }

  /// The nearest other cluster; the one before in the chain among equals, so that a chain never circles.
  private func nearest(to cluster: Int, preferring before: Int?) -> (cluster: Int, rise: Double) {
    var best = before.map { ($0, rise(cluster, $0)) }
    for other in active where other != cluster && other != before {
      let rise = rise(cluster, other)
      if rise < best?.1 ?? .infinity { best = (other, rise) }
    }
    return best ?? (cluster, 0)
  }

  private func rise(_ a: Int, _ b: Int) -> Double {
    var square = 0.0
    for d in 0..<features {
      let difference = centroids[a * features + d] - centroids[b * features + d]
      square += difference * difference
    }
    return sizes[a] * sizes[b] / (sizes[a] + sizes[b]) * square
  }

  private mutating func unite(_ a: Int, _ b: Int) {
    let total = sizes[a] + sizes[b]
    for d in 0..<features {
      let sum = sizes[a] * centroids[a * features + d] + sizes[b] * centroids[b * features + d]
      centroids[a * features + d] = sum / total
    }
    sizes[a] = total
    active.removeAll { $0 == b }
  }
}
