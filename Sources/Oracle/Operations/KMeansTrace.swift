// k-means in plain loops over distances: what margins are measured on, and what a program that deviates would find.
// Tests    OracleTests/CoverageCasesTests.swift
import Evaluation
import Kernels

/// Lloyd's iterations on given points.
struct KMeansTrace: Sendable {
  /// What becomes of a cluster that has lost its points.
  enum EmptyCluster: Sendable { case takesFarthest, takesNearest, stays, becomesZero }

  /// A start's end.
  struct Found {
    var assignments: [Int]
    var centroids: [[Double]]
    var inertia: Double
    var iterations: Int
    /// The smallest gap of a decision; equal numbers are told apart by their order and have none.
    var margin: Double

    /// The partition without its names: for each point the first point of its cluster.
    var parts: [Int?] { assignments.map { assignments.firstIndex(of: $0) } }
  }

  let points: [[Double]]
  var maximumIterations = 300
  var emptyCluster = EmptyCluster.takesFarthest
  /// Whether the last of equally near centroids is taken.
  var takesLast = false
  /// What a cluster's sum is divided by.
  var divisor: @Sendable (Int) -> Double = { Double($0) }
  /// The distance that is compared and squared.
  var distance: @Sendable ([Double], [Double]) -> Double = squaredDistance

  init(points: [[Double]]) { self.points = points }

  static let squaredDistance: @Sendable ([Double], [Double]) -> Double = { squaredDistanceInOrder($0, $1) }

  /// The mean of all points.
  private var mean: [Double] {
    points[0].indices.map { d in points.reduce(0) { $0 + $1[d] } / Double(points.count) }
  }

  /// Iterates from given centroids until no point changes its cluster.
  func iterated(from seeds: [[Double]]) -> Found {
    let (mean, clusters) = (mean, seeds.count)
    let lengths = points.map { Self.squaredDistance($0, mean) }
    let noise = 4 * Double(mean.count).squareRoot() * Double.ulpOfOne
    var found = Found(
      assignments: Array(repeating: -1, count: points.count), centroids: seeds, inertia: 0, iterations: 0,
      margin: .infinity)
    while found.iterations < maximumIterations {
      found.iterations += 1
      var (assigned, nearest) = ([Int](), [Double]())
      for (i, point) in points.enumerated() {
        let sizes = found.centroids.map { lengths[i] + Self.squaredDistance($0, mean) }
        // What the expansion cannot tell from 0 is 0.
        let distances = zip(found.centroids, sizes).map { centroid, size in
          let exact = distance(point, centroid)
          return exact > noise * size ? exact : 0
        }
        let best = distances.indices.reduce(0) {
          distances[$1] < distances[$0] || takesLast && distances[$1] == distances[$0] ? $1 : $0
        }
        // The expansion ‖x‖² − 2 x·c + ‖c‖² of centred points rounds by parts of its terms.
        for p in 0..<clusters where p != best {
          let isTie = distances[p] == distances[best]
          if isTie && tiesExactly(point, found.centroids[p], found.centroids[best], mean) { continue }
          let size = lengths[i] + max(lengths[i], Self.squaredDistance(found.centroids[p], mean))
          found.margin = min(
            found.margin, max((distances[p] - distances[best]) / size, .leastNonzeroMagnitude))
        }
        assigned.append(best)
        nearest.append(distances[best])
      }
      fill(&assigned, &nearest, of: found.centroids, mean, margin: &found.margin)
      if assigned == found.assignments { break }
      found.assignments = assigned
      for p in 0..<clusters {
        let members = points.indices.filter { assigned[$0] == p }
        if members.isEmpty && emptyCluster != .becomesZero { continue }
        found.centroids[p] = mean.indices.map { d in
          members.reduce(0) { $0 + points[$1][d] } / max(1, divisor(members.count))
        }
      }
    }
    found.inertia = points.indices.reduce(0) {
      $0 + Self.squaredDistance(points[$1], found.centroids[found.assignments[$1]])
    }
    return found
  }

  /// Whether two centroids are equally near in the arithmetic of every program.
  ///
  /// Equal ones are, and those where nothing rounds.
  private func tiesExactly(_ point: [Double], _ a: [Double], _ b: [Double], _ mean: [Double]) -> Bool {
    a == b || Self.roundsNothing([point, a, b], mean)
  }

  /// Whether squared distances of some vectors come out exactly in Float: less the mean, which Float has, all coordinates are whole
  /// multiples of 2⁻¹⁰ of a power of two beyond them, so that 16 of their products sum up in 24 bits.
  private static func roundsNothing(_ vectors: [[Double]], _ mean: [Double]) -> Bool {
    let centred = vectors.flatMap { zip($0, mean).map { $0 - $1 } }
    guard let largest = centred.map(abs).max(), largest > 0 else { return true }
    let grain = Double(sign: .plus, exponent: largest.exponent + 1, significand: 0x1p-10)
    return mean.count <= 16 && mean.allSatisfy { Double(Float($0)) == $0 }
      && centred.allSatisfy { ($0 / grain).rounded() == $0 / grain }
  }

  /// Gives each empty cluster the farthest point that is not alone.
  private func fill(
    _ assigned: inout [Int], _ nearest: inout [Double], of centroids: [[Double]], _ mean: [Double],
    margin: inout Double
  ) {
    guard emptyCluster == .takesFarthest || emptyCluster == .takesNearest else { return }
    let sign: Double = emptyCluster == .takesFarthest ? 1 : -1
    var sizes = [Int](repeating: 0, count: centroids.count)
    for p in assigned { sizes[p] += 1 }
    for empty in centroids.indices where sizes[empty] == 0 {
      let candidates = points.indices.filter { nearest[$0] > 0 && sizes[assigned[$0]] > 1 }
      guard let first = candidates.first else {
        // Rounding could take a point a little away from its centroid, and the empty cluster would have it.
        let shared = points.indices.filter { sizes[assigned[$0]] > 1 }
        if !shared.allSatisfy({ Self.roundsNothing([points[$0], centroids[assigned[$0]]], mean) }) {
          margin = min(margin, .leastNonzeroMagnitude)
        }
        return
      }
      let chosen = candidates.reduce(first) { sign * nearest[$1] > sign * nearest[$0] ? $1 : $0 }
      for i in candidates where nearest[i] != nearest[chosen] {
        margin = min(margin, abs(nearest[chosen] - nearest[i]) / nearest[chosen])
      }
      // It must be away from its centroid at all.
      let length = Self.squaredDistance(points[chosen], mean)
      let size = length + max(length, Self.squaredDistance(centroids[assigned[chosen]], mean))
      margin = min(margin, nearest[chosen] / size)
      (sizes[assigned[chosen]], sizes[empty]) = (sizes[assigned[chosen]] - 1, 1)
      (assigned[chosen], nearest[chosen]) = (empty, 0)
    }
  }
}

/// The points that one start of k-means begins with.
struct KMeansSeeding: Sendable {
  let points: [[Double]]
  let count: Int
  let seed: UInt32
  let restart: Int
  /// How many candidates are drawn for each seed after the first.
  var trials: Int
  /// Whether odds are proportional to the distance instead of its square.
  var oddsArePlain = false
  /// Whether the restart stands where the image belongs.
  var restartIsImage = false

  init(points: [[Double]], count: Int, seed: UInt32, restart: Int) {
    (self.points, self.count, self.seed, self.restart) = (points, count, seed, restart)
    trials = 2 + Int(Double.log(Double(count)))
  }

  /// The seeds; "draw" is how near a draw comes to the end of a point's share of all odds, "trial" by how much of them the best
  /// candidate is better than the next.
  ///
  /// Beside them the candidates of every seed after the first.
  func drawn() -> (seeds: [Int], candidates: [[Int]], margins: [String: Double]) {
    var stream = RandomStream(
      seed: seed, purpose: .kMeans, image: restartIsImage ? restart : 0, view: restartIsImage ? 0 : restart)
    var seeds = [stream.integer(below: points.count)]
    var nearest = points.map { KMeansTrace.squaredDistance($0, points[seeds[0]]) }
    var (candidates, margins): ([[Int]], [String: Double]) = ([], [:])
    while seeds.count < count {
      let odds = oddsArePlain ? nearest.map { $0.squareRoot() } : nearest
      let total = odds.reduce(0, +)
      var (best, inertias): ((seed: Int, nearest: [Double])?, [Int: Double]) = (nil, [:])
      candidates.append([])
      for _ in 0..<trials {
        let target = stream.uniform() * total
        var (sum, candidate): (Double, Int?) = (0, nil)
        for i in odds.indices where odds[i] > 0 {
          sum += odds[i]
          margins["draw"] = min(margins["draw"] ?? .infinity, abs(sum - target) / total)
          if sum > target && candidate == nil { candidate = i }
        }
        let chosen = candidate ?? stream.integer(below: points.count)
        candidates[candidates.count - 1].append(chosen)
        let after = points.indices.map { min(nearest[$0], KMeansTrace.squaredDistance(points[$0], points[chosen])) }
        let inertia = after.reduce(0, +)
        if inertia < inertias.values.min() ?? .infinity { best = (chosen, after) }
        inertias[chosen] = inertia
      }
      guard let best else { break }
      // Candidates at one place are equally good, and the first is taken.
      let least = inertias.values.min() ?? 0
      if let next = inertias.values.filter({ $0 > least }).min() {
        margins["trial"] = min(margins["trial"] ?? .infinity, (next - least) / total)
      }
      seeds.append(best.seed)
      nearest = best.nearest
    }
    return (seeds, candidates, margins)
  }
}
