// k-means as the tables of a run use it: seeds by k-means++, Lloyd's iterations, the best of several starts.
// Tests    OracleTests/CoverageCasesTests.swift
import Files
import Evaluation
import Kernels
import Networks

/// The operations of the area "evaluate" that cluster.
let clusteringOperations: [any OracleOperation] = [KMeansSeedsOperation(), KMeansOperation()]

extension ParameterDeclaration {
  fileprivate static let clusters = integer("clusters", 1...Int.max, "how many there are, at most as many as points")
}

extension InputDeclaration {
  fileprivate static let points = real(
    "points", "points × features", "what is clustered; numbers up to 1e15, the largest 0 or at least 1e-12")
}

extension NetworkPrompt {
  /// Points or centroids: rows of coordinates whose squares no precision loses; all may be 0.
  fileprivate func coordinates<Scalar: RealScalar>(
    _ name: String, columns: Int? = nil
  ) throws(OracleError) -> Tensor<Scalar> {
    let rows: Tensor<Scalar> = try matrix(name, columns: columns)
    if let index = rows.values.firstIndex(where: { abs($0) > Scalar(1e15) }) {
      throw fault("\"\(name)\" must hold numbers up to 1e15, but its element \(index) is \(rows.values[index])")
    }
    let largest = rows.values.reduce(0) { max($0, abs($1)) }
    guard largest == 0 || largest >= Scalar(1e-12) else {
      throw fault(
        "the largest number of \"\(name)\" must be 0 or 1e-12 at least, whose square no precision loses, and is \(largest)"
      )
    }
    return rows
  }

  /// A number of clusters that some points can make.
  fileprivate func clusters(_ count: Int, of points: Int) throws(OracleError) -> Int {
    guard count <= points else { throw fault("\"clusters\" must be at most the \(points) \"points\", not \(count)") }
    try requireRoom("the distances", [points, count])
    return count
  }
}

/// The points that one start begins with.
///
/// Output: seeds (clusters whole numbers).
struct KMeansSeedsOperation: OracleOperation {
  // Distances are of full precision, also where products are not.
  let multipliesMatrices = false
  let name = "k-means-seeds"
  let area = "evaluate"
  private static let seed = ParameterDeclaration.seed.defaulting(to: .integer(0))
  private static let restart = ParameterDeclaration.integer("restart", .words, default: 0, "the number of the start")
  let parameters = [.clusters, Self.seed, Self.restart]
  let inputs: [InputDeclaration] = [.points]
  let formula = """
    stream (seed, 6, view restart): the first seed is an integer below n; then 2 + ⌊ln K⌋ candidates each, point i with odds
    d_i² = min over seeds of ‖x_i − s‖², the first whose running sum of odds is above u Σ d²; the candidate that leaves the
    smallest Σ d² is taken
    """

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let (points, clusters, seed, restart): (Tensor<Scalar>, Int, UInt32, Int) = try Self.inputs(prompt)
    let seeds = KMeans(clusterCount: clusters, seed: seed).seeds(of: points, restart: restart)
    return ["seeds": .integers(seeds, shape: [clusters])]
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] { [:] }

  func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double] { try Self.seeding(prompt).drawn().margins }

  func marginRoundings(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    let roundings = decisionRoundings(try Self.inputs(prompt).0)
    return ["draw": roundings, "trial": roundings]
  }

  /// The prompt's start in plain loops.
  static func seeding(_ prompt: Prompt) throws(OracleError) -> KMeansSeeding {
    let (points, clusters, seed, restart): (Tensor<Double>, Int, UInt32, Int) = try inputs(prompt)
    return KMeansSeeding(points: points.lists, count: clusters, seed: seed, restart: restart)
  }

  private static func inputs<Scalar: RealScalar>(
    _ prompt: Prompt
  ) throws(OracleError) -> (Tensor<Scalar>, clusters: Int, seed: UInt32, restart: Int) {
    let reader = NetworkPrompt(prompt: prompt)
    let points: Tensor<Scalar> = try reader.coordinates("points")
    return (
      points, try reader.clusters(try prompt.integer(.clusters), of: points.rows),
      UInt32(clamping: try prompt.integer(Self.seed)), try prompt.integer(Self.restart)
    )
  }
}

/// A clustering: from given centroids in one start, or the best of several starts from seeds of their own.
///
/// Outputs: assignments (n whole numbers), centroids (clusters × D), inertia, iterations (whole number).
struct KMeansOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "k-means"
  let area = "evaluate"
  private static let clusters = ParameterDeclaration.clusters.absent(
    "as many as centroids has rows; refused beside centroids")
  private static let restarts = ParameterDeclaration.integer(
    "restarts", 1...1000, absent: "10; refused beside centroids, which are one start", "how many starts there are")
  private static let seed = ParameterDeclaration.seed.absent("0; refused beside centroids")
  private static let iterations = ParameterDeclaration.integer(
    "maximumIterations", 1...10_000, default: 300, "of each start")
  let parameters = [Self.clusters, Self.restarts, Self.seed, Self.iterations]
  let inputs: [InputDeclaration] = [
    .points,
    .real("centroids", "clusters × features", absent: "drawn for each start", "what the only start begins with"),
  ]
  let formula = """
    repeat: point i to the nearest centroid, the lower among equals; an empty cluster takes the point farthest from its centroid
    that is not alone; end if nothing changed; centroids to the means.  inertia = Σ_i ‖x_i − centroid of x_i‖²
    """

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let (means, points, centroids): (KMeans, Tensor<Scalar>, Tensor<Scalar>?) = try Self.inputs(prompt)
    let found = centroids.map { means.cluster(points, startingFrom: $0) } ?? means.cluster(points)
    return [
      "assignments": .integers(found.assignments, shape: [points.rows]), "centroids": .real(found.centroids),
      "inertia": .number(Scalar(found.inertia)), "iterations": .integers([found.iterations], shape: []),
    ]
  }

  /// A mean of n numbers errs by n u times the mean size, and as much again where points are centred first: by their own sizes
  /// a ≥ |x − m| and the sum of centre and mean.
  ///
  /// A centroid that errs by e and points that err by a make every difference δ err by e + a + |δ|, its square by twice |δ| times
  /// that and its own size; all squares are one sum.
  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] { try scales(prompt, unit: 0) }

  /// With the second order of the inertia: points on their centroids are no farther away than a centroid errs, e u, and that squared.
  func scales(
    _ prompt: Prompt, for profile: Profile, margins: [String: Double]
  ) throws(OracleError) -> [String: RoundingScale] {
    try scales(prompt, unit: profile.rounding(multipliesMatrices: false))
  }

  private func scales(_ prompt: Prompt, unit: Double) throws(OracleError) -> [String: RoundingScale] {
    let (means, points, start): (KMeans, Tensor<Double>, Tensor<Double>?) = try Self.inputs(prompt)
    let found = start.map { means.cluster(points, startingFrom: $0) } ?? means.cluster(points)
    let (features, clusters) = (points.columns, means.clusterCount)
    let mean = (0..<features).map { d in
      (0..<points.rows).reduce(0) { $0 + points.values[$1 * features + d] } / Double(points.rows)
    }
    var (sizes, sums) = ([Int](repeating: 0, count: clusters), [Double](repeating: 0, count: clusters * features))
    for (i, p) in found.assignments.enumerated() {
      sizes[p] += 1
      for d in 0..<features {
        let x = points.values[i * features + d]
        sums[p * features + d] += abs(x) + abs(x - mean[d])
      }
    }
    let scales = sums.indices.map { index in
      let (p, m) = (index / features, mean[index % features])
      // A cluster that stays empty keeps the centroid that it was given.
      let own = sizes[p] > 0 ? sums[index] / Double(sizes[p]) : abs(found.centroids.values[index]) + abs(m)
      return own + abs(m) + abs(found.centroids.values[index])
    }
    let terms = 1 + (sizes.max() ?? 0)
    var (squares, inherited) = (0.0, 0.0)
    for (i, p) in found.assignments.enumerated() {
      for d in 0..<features {
        let x = points.values[i * features + d]
        let difference = abs(x - found.centroids.values[p * features + d])
        let error = Double(terms) * scales[p * features + d] + abs(x - mean[d]) + difference
        squares += difference * difference
        inherited += 2 * difference * error + difference * difference + error * error * unit
      }
    }
    return [
      "centroids": RoundingScale(values: Tensor(shape: [clusters, features], values: scales), terms: terms),
      "inertia": RoundingScale(
        values: Tensor(shape: [], values: [squares + inherited / Double(points.count)]), terms: points.count),
    ]
  }

  /// "assignment": the smallest gap between the squared distances to the nearest centroid and to another, relative to the squared
  /// lengths of centred point and centroid, or between the farthest points where an empty cluster takes one; "draw" and "trial"
  /// as of k-means-seeds; "inertia": that between the best start and the next that ends in other parts.
  func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    let starts = try Self.starts(prompt)
    let found = starts.map(\.found)
    var margins = ["assignment": found.reduce(Double.infinity) { min($0, $1.margin) }]
    for start in starts { margins.merge(start.margins, uniquingKeysWith: min) }
    let best = Self.best(found)
    // Starts that end in the same parts have the same inertia whatever they call them, and the first counts.
    let others = found.filter { $0.parts != found[best].parts }.map(\.inertia).min()
    if let others { margins["inertia"] = (others - found[best].inertia) / others }
    return margins.filter { $0.value.isFinite }
  }

  func marginRoundings(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    let roundings = decisionRoundings(try Self.inputs(prompt).points)
    return ["assignment": roundings, "draw": roundings, "trial": roundings, "inertia": roundings]
  }

  /// The first start of the smallest inertia.
  static func best(_ found: [KMeansTrace.Found]) -> Int {
    found.indices.reduce(0) { found[$1].inertia < found[$0].inertia ? $1 : $0 }
  }

  /// The prompt's iterations in plain loops.
  static func trace(_ prompt: Prompt) throws(OracleError) -> KMeansTrace {
    let (means, points, _): (KMeans, Tensor<Double>, Tensor<Double>?) = try inputs(prompt)
    var trace = KMeansTrace(points: points.lists)
    trace.maximumIterations = means.maximumIterations
    return trace
  }

  /// All starts of the prompt in plain loops, with the deviations of a port.
  static func starts(
    _ prompt: Prompt, seeding change: (inout KMeansSeeding) -> Void = { _ in },
    trace changeTrace: (inout KMeansTrace) -> Void = { _ in }
  ) throws(OracleError) -> [(found: KMeansTrace.Found, margins: [String: Double])] {
    let (_, _, centroids): (KMeans, Tensor<Double>, Tensor<Double>?) = try inputs(prompt)
    var trace = try trace(prompt)
    changeTrace(&trace)
    if let centroids { return [(trace.iterated(from: centroids.lists), [:])] }
    return try seedings(prompt).map { seeding in
      var seeding = seeding
      change(&seeding)
      let drawn = seeding.drawn()
      return (trace.iterated(from: drawn.seeds.map { trace.points[$0] }), drawn.margins)
    }
  }

  /// The seeds of every start that is drawn.
  static func seedings(_ prompt: Prompt) throws(OracleError) -> [KMeansSeeding] {
    let (means, points, _): (KMeans, Tensor<Double>, Tensor<Double>?) = try inputs(prompt)
    return (0..<means.restarts).map {
      KMeansSeeding(points: points.lists, count: means.clusterCount, seed: means.seed, restart: $0)
    }
  }

  static func inputs<Scalar: RealScalar>(
    _ prompt: Prompt
  ) throws(OracleError) -> (KMeans, points: Tensor<Scalar>, centroids: Tensor<Scalar>?) {
    let reader = NetworkPrompt(prompt: prompt)
    let points: Tensor<Scalar> = try reader.coordinates("points")
    let iterations = try prompt.integer(Self.iterations)
    guard prompt.inputs["centroids"] != nil else {
      guard let clusters = try prompt.integerIfGiven(Self.clusters) else {
        throw prompt.fault("\"clusters\" must be given where \"centroids\" are not")
      }
      return (
        KMeans(
          clusterCount: try reader.clusters(clusters, of: points.rows),
          restarts: try prompt.integerIfGiven(Self.restarts) ?? 10, maximumIterations: iterations,
          seed: UInt32(clamping: try prompt.integerIfGiven(Self.seed) ?? 0)), points, nil
      )
    }
    if let needless = [Self.clusters, Self.restarts, Self.seed].first(where: { prompt.isGiven($0) }) {
      throw prompt.fault("\"\(needless.name)\" has no meaning where \"centroids\" are given, which are one start")
    }
    let centroids: Tensor<Scalar> = try reader.coordinates("centroids", columns: points.columns)
    guard centroids.rows <= points.rows else {
      throw prompt.fault(
        "\(points.rows) \"points\" cannot make \(centroids.rows) clusters, the rows of \"centroids\"")
    }
    try reader.requireRoom("the distances", [points.rows, centroids.rows])
    return (KMeans(clusterCount: centroids.rows, maximumIterations: iterations), points, centroids)
  }
}

/// How many units of rounding a comparison of k-means moves at most, as a share of what its margin is measured against.
///
/// Two sums of n squared differences of D coordinates: n + D roundings of the sum, 8 √n of them where these are fewer (as in
/// TrackedNumber.swift), and 8 more of each difference, whose coordinates err by their own size, not by that of the centred ones.
private func decisionRoundings(_ points: Tensor<Double>) -> Double {
  let (n, features) = (Double(points.rows), points.columns)
  var (spread, largest) = (0.0, 0.0)
  for d in 0..<features {
    let coordinates = (0..<points.rows).map { points.values[$0 * features + d] }
    let mean = coordinates.reduce(0, +) / n
    spread += coordinates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
    largest += coordinates.reduce(0) { max($0, $1 * $1) }
  }
  let offset = spread > 0 ? (largest / spread).squareRoot() : 1
  return 2 * (min(n, 8 * n.squareRoot()) + Double(features) + 8) * offset
}

extension Tensor where Scalar == Double {
  /// The rows as lists.
  var lists: [[Double]] { (0..<rows).map { Array(row($0)) } }
}
