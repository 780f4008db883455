// k-means: the clustering that two-stage learning is compared with, on pixels and on the embeddings of stage 1.
//
// Paper    Lloyd, 1982; seeding: Arthur and Vassilvitskii, "k-means++", 2007, in the greedy form (the best of several draws).
// The inertia Σ_i min_p ‖x_i − c_p‖² falls in each iteration: points go to the nearest centroid, centroids to the mean
// of their points. Distances come from one matrix product, ‖x − c‖² = ‖x‖² − 2 x·c + ‖c‖², on centred points, so that
// the difference of squares loses little; sums of points from another, with the one-hot matrix of the assignments.
// Same bits for any number of threads: both products are chains in index order, all else is serial.
// Tests    EvaluationTests/KMeansTests.swift
import Kernels
import Networks

/// Lloyd's algorithm with several k-means++ starts, of which the one with the lowest inertia counts.
public struct KMeans: Sendable, Equatable {
  /// The number of clusters K, 1 or more.
  public var clusterCount: Int
  /// How many seedings are tried; 10 by default.
  public var restarts: Int
  /// The most iterations of one start, 300 by default; they end earlier, when no point changes its cluster.
  public var maximumIterations: Int
  /// Chooses the seedings.
  public var seed: UInt32

  /// A clustering found.
  public struct Clustering<Scalar: RealScalar>: Sendable {
    /// The cluster of each point.
    public let assignments: [Int]
    /// The means, clusters × features.
    public let centroids: Tensor<Scalar>
    /// Σ_i ‖x_i − centroid of x_i‖².
    public let inertia: Double
    /// The iterations of the start that won.
    public let iterations: Int
  }

  /// Keeps the choices; stops if one is not positive.
  public init(clusterCount: Int, restarts: Int = 10, maximumIterations: Int = 300, seed: UInt32 = 0) {
    require(
      clusterCount > 0 && restarts > 0 && maximumIterations > 0,
      "k-means needs positive numbers of clusters, restarts and iterations, not \(clusterCount), \(restarts) and "
        + "\(maximumIterations)")
    self.clusterCount = clusterCount
    self.restarts = restarts
    self.maximumIterations = maximumIterations
    self.seed = seed
  }

  /// Clusters the rows of a matrix, points × features; needs at least as many points as clusters.
  ///
  /// A cluster that loses all its points takes the point that lies farthest from its own centroid.
  public func cluster<Scalar: RealScalar>(_ points: Tensor<Scalar>) -> Clustering<Scalar> {
    require(
      points.rows >= clusterCount, "k-means of \(points.rows) points cannot make \(clusterCount) clusters")
    let centred = Centred(points)
    var best: Clustering<Scalar>?
    for restart in 0..<restarts {
      var stream = RandomStream(seed: seed, purpose: .kMeans, view: restart)
      let found = centred.lloyd(
        from: centred.rows(centred.seeds(count: clusterCount, &stream)), maximumIterations: maximumIterations)
      if best == nil || found.inertia < best?.inertia ?? .infinity { best = found }
    }
    guard let best else { fatalError("k-means needs at least one restart") }
    return Clustering(
      assignments: best.assignments, centroids: centred.restored(best.centroids), inertia: best.inertia,
      iterations: best.iterations)
  }

  /// The points that one start begins with: one for each cluster, in the order in which they are drawn.
  public func seeds<Scalar: RealScalar>(of points: Tensor<Scalar>, restart: Int) -> [Int] {
    require(
      points.rows >= clusterCount, "k-means of \(points.rows) points cannot make \(clusterCount) clusters")
    var stream = RandomStream(seed: seed, purpose: .kMeans, view: restart)
    return Centred(points).seeds(count: clusterCount, &stream)
  }

  /// Clusters the rows of a matrix in one start from given centroids, clusters × features.
  public func cluster<Scalar: RealScalar>(
    _ points: Tensor<Scalar>, startingFrom centroids: Tensor<Scalar>
  ) -> Clustering<Scalar> {
    require(
      points.rows >= clusterCount && centroids.shape == [clusterCount, points.columns],
      "k-means of \(points.shape) points from centroids of shape \(centroids.shape) into \(clusterCount) clusters")
    let centred = Centred(points)
    let found = centred.lloyd(from: centred.centred(centroids), maximumIterations: maximumIterations)
    return Clustering(
      assignments: found.assignments, centroids: centred.restored(found.centroids), inertia: found.inertia,
      iterations: found.iterations)
  }
}

/// The points less their mean, with their squared lengths.
private struct Centred<Scalar: RealScalar> {
  let count: Int
  let features: Int
  let mean: [Double]
  let values: [Scalar]
  let squares: [Scalar]

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  init(_ points: Tensor<Scalar>) {
    let (count, features) = (points.rows, points.columns)
    var mean = [Double](repeating: 0, count: features)
    for i in 0..<count { for d in 0..<features { mean[d] += Double(points.values[i * features + d]) } }
    for d in 0..<features { mean[d] /= Double(count) }
    var values = points.values
    for i in 0..<count {
      for d in 0..<features { values[i * features + d] = Scalar(Double(values[i * features + d]) - mean[d]) }
    }
    (self.count, self.features, self.mean, self.values) = (count, features, mean, values)
    squares = dotProductsOfRows(values, values, columns: features)
  }

  func centred(_ centroids: Tensor<Scalar>) -> [Scalar] {
    centroids.values.indices.map { Scalar(Double(centroids.values[$0]) - mean[$0 % features]) }
  }

  func restored(_ centroids: Tensor<Scalar>) -> Tensor<Scalar> {
    var centroids = centroids
    for i in centroids.values.indices { centroids.values[i] += Scalar(mean[i % features]) }
    return centroids
  }

  /// The squared distance of every point to each of the given rows; points × rows, never negative.
  ///
  /// ‖x‖² − 2 x·c + ‖c‖² errs by about √D u (‖x‖² + ‖c‖²); what is no more than eight times that counts as 0. Without this rule a
  /// point that lies on its centroid would be as far from it as rounding has it, and fill an empty cluster again and again.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func squaredDistances(to rows: [Scalar], count rowCount: Int) -> [Scalar] {
    var distances = [Scalar](repeating: 0, count: count * rowCount)
    multiplyMatrices(
      values, rows, into: &distances, rows: count, columns: rowCount, depth: features, transposeB: true)
    let rowSquares = dotProductsOfRows(rows, rows, columns: features)
    let noise = 4 * Scalar(features).squareRoot() * Scalar.ulpOfOne
    for i in 0..<count {
      for p in 0..<rowCount {
        let distance = squares[i] - 2 * distances[i * rowCount + p] + rowSquares[p]
        distances[i * rowCount + p] = distance > noise * (squares[i] + rowSquares[p]) ? distance : 0
      }
    }
    return distances
  }

  /// k-means++: each seed is a point drawn with probability proportional to ‖x − nearest seed‖².
  ///
  /// Of 2 + ⌊ln K⌋ draws the one is kept that leaves the smallest inertia.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func seeds(count seedCount: Int, _ stream: inout RandomStream) -> [Int] {
    let trials = 2 + Int(Double.log(Double(seedCount)))
    var seeds = [stream.integer(below: count)]
    var nearest = squaredDistances(to: rows(seeds), count: 1).map { Double($0) }
    for _ in 1..<max(1, seedCount) {
      let candidates = (0..<trials).map { _ in draw(nearest, &stream) }
      let distances = squaredDistances(to: rows(candidates), count: trials)
      var best: (inertia: Double, trial: Int, nearest: [Double]) = (.infinity, 0, nearest)
      for trial in 0..<trials {
        var after = nearest
        var inertia = 0.0
        for i in 0..<count {
          after[i] = min(after[i], Double(distances[i * trials + trial]))
          inertia += after[i]
        }
        if inertia < best.inertia { best = (inertia, trial, after) }
      }
      seeds.append(candidates[best.trial])
      nearest = best.nearest
    }
    return seeds
  }

  /// Iterates from the given centroids until no point changes its cluster.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func lloyd(from seeds: [Scalar], maximumIterations: Int) -> KMeans.Clustering<Scalar> {
    let clusters = seeds.count / max(1, features)
    var centroids = seeds
    var assignments = [Int](repeating: -1, count: count)
    var iterations = 0
    while iterations < maximumIterations {
      iterations += 1
      let distances = squaredDistances(to: centroids, count: clusters)
      var (assigned, nearest) = ([Int](repeating: 0, count: count), [Scalar](repeating: 0, count: count))
      for i in 0..<count {
        var best = 0
        for p in 1..<max(1, clusters) where distances[i * clusters + p] < distances[i * clusters + best] { best = p }
        (assigned[i], nearest[i]) = (best, distances[i * clusters + best])
      }
      fillEmptyClusters(&assigned, distances: &nearest, clusters: clusters)
      if assigned == assignments { break }
      assignments = assigned
      moveCentroids(&centroids, to: assignments, clusters: clusters)
    }
    return KMeans.Clustering(
      assignments: assignments, centroids: Tensor(shape: [clusters, features], values: centroids),
      inertia: inertia(assignments, centroids), iterations: iterations)
  }

  /// Some of the points, one after another.
  func rows(_ indices: [Int]) -> [Scalar] { indices.flatMap { values[$0 * features..<($0 + 1) * features] } }

  /// An index drawn with the given odds; uniformly where all odds are 0.
  private func draw(_ odds: [Double], _ stream: inout RandomStream) -> Int {
    let target = stream.uniform() * odds.reduce(0, +)
    var sum = 0.0
    for i in odds.indices {
      sum += odds[i]
      if sum > target { return i }
    }
    return stream.integer(below: odds.count)
  }

  /// Gives each empty cluster the point farthest from its centroid that is not alone in its cluster.
  private func fillEmptyClusters(_ assignments: inout [Int], distances: inout [Scalar], clusters: Int) {
    var sizes = [Int](repeating: 0, count: clusters)
    for p in assignments { sizes[p] += 1 }
    for empty in 0..<clusters where sizes[empty] == 0 {
      var farthest: Int?
      for i in 0..<count where sizes[assignments[i]] > 1 && distances[i] > (farthest.map { distances[$0] } ?? 0) {
        farthest = i
      }
      guard let farthest else { return }
      sizes[assignments[farthest]] -= 1
      sizes[empty] = 1
      (assignments[farthest], distances[farthest]) = (empty, 0)
    }
  }

  /// The means of the clusters, by the product of the one-hot matrix (points × clusters) with the points; a cluster
  /// without points stays where it is.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func moveCentroids(_ centroids: inout [Scalar], to assignments: [Int], clusters: Int) {
    var oneHot = [Scalar](repeating: 0, count: count * clusters)
    var sizes = [Int](repeating: 0, count: clusters)
    for i in 0..<count {
      oneHot[i * clusters + assignments[i]] = 1
      sizes[assignments[i]] += 1
    }
    var sums = [Scalar](repeating: 0, count: clusters * features)
    multiplyMatrices(
      oneHot, values, into: &sums, rows: clusters, columns: features, depth: count, transposeA: true)
    for p in 0..<clusters where sizes[p] > 0 {
      for d in 0..<features { centroids[p * features + d] = sums[p * features + d] / Scalar(sizes[p]) }
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func inertia(_ assignments: [Int], _ centroids: [Scalar]) -> Double {
    var sum = 0.0
    for i in 0..<count {
      let p = assignments[i]
      for d in 0..<features {
        let difference = Double(values[i * features + d]) - Double(centroids[p * features + d])
        sum += difference * difference
      }
    }
    return sum
  }
}

/// ‖x − y‖², one term after the other: the definition.
///
/// Here and not in the oracle, which debug builds leave unoptimised: it is most of what k-means in plain loops does.
package func squaredDistanceInOrder(_ x: [Double], _ y: [Double]) -> Double {
  zip(x, y).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
}
