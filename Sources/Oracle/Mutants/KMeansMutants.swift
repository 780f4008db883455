// Wrong k-means: seeds drawn otherwise, empty clusters, means and inertias of other conventions.
// Tests    OracleTests/MutantsTests.swift
import Files
import Kernels
import Networks

private let operation = "k-means"

/// Other seeds of one start, and what the best start then ends in.
private func seeding(
  _ name: String, _ mistake: String, _ change: @escaping @Sendable (inout KMeansSeeding) -> Void
) -> [Mutation] {
  [
    Mutation(name, mistake, "k-means-seeds") { question in
      var seeding = try KMeansSeedsOperation.seeding(question.prompt)
      change(&seeding)
      return ["seeds": .listOf(seeding.drawn().seeds)]
    },
    Mutation(name, mistake, operation) { question in
      guard question.prompt.inputs["centroids"] == nil else { return nil }
      let found = try KMeansOperation.starts(question.prompt, seeding: change).map(\.found)
      return answer(found[KMeansOperation.best(found)])
    },
  ]
}

/// Other iterations of every start, of which the best counts.
private func tracing(
  _ name: String, _ mistake: String, _ change: @escaping @Sendable (inout KMeansTrace) -> Void
) -> Mutation {
  Mutation(name, mistake, operation) { question in
    let found = try KMeansOperation.starts(question.prompt, trace: change).map(\.found)
    return answer(found[KMeansOperation.best(found)])
  }
}

/// Another of the starts.
private func choosing(
  _ name: String, _ mistake: String, _ choose: @escaping @Sendable ([KMeansTrace.Found]) -> KMeansTrace.Found?
) -> Mutation {
  Mutation(name, mistake, operation) { question in
    choose(try KMeansOperation.starts(question.prompt).map(\.found)).map(answer)
  }
}

/// Another number for the inertia.
private func inertia(
  _ name: String, _ mistake: String,
  _ change: @escaping @Sendable (_ squares: [Double]) -> Double
) -> Mutation {
  Mutation(name, mistake, operation) { question in
    let points = try question.input("points").lists
    let found = try KMeansOperation.starts(question.prompt).map(\.found)
    let best = found[KMeansOperation.best(found)]
    return [
      "inertia": .number(
        change(
          points.indices.map { KMeansTrace.squaredDistance(points[$0], best.centroids[best.assignments[$0]]) }))
    ]
  }
}

private func answer(_ found: KMeansTrace.Found) -> [String: TensorValue] {
  [
    "assignments": .listOf(found.assignments), "centroids": .rows(found.centroids), "inertia": .number(found.inertia),
    "iterations": .integers([found.iterations], shape: []),
  ]
}

/// Squared lengths and products in Float, as matrix products of raw points give them.
private let rawExpansion: @Sendable ([Double], [Double]) -> Double = { x, y in
  func dot(_ x: [Double], _ y: [Double]) -> Float { zip(x, y).reduce(Float(0)) { $0 + Float($1.0) * Float($1.1) } }
  return Double(max(0, dot(x, x) - 2 * dot(x, y) + dot(y, y)))
}

let kMeansMutations: [Mutation] =
  seeding("kmeans.one-candidate", "one candidate for each seed") { $0.trials = 1 }
  + seeding("kmeans.two-candidates", "two candidates whatever the clusters") { $0.trials = 2 }
  + seeding("kmeans.plain-odds", "odds by the distance, not its square") { $0.oddsArePlain = true }
  + seeding("kmeans.restart-is-image", "the restart in the image's place") { $0.restartIsImage = true }
  + [
    Mutation("kmeans.first-points", "the first points taken for seeds", "k-means-seeds") { question in
      ["seeds": .listOf(Array(0..<(try question.prompt.integer("clusters"))))]
    },
    Mutation("kmeans.first-points", "the first points taken for seeds", operation) { question in
      guard question.prompt.inputs["centroids"] == nil else { return nil }
      let trace = try KMeansOperation.trace(question.prompt)
      return answer(trace.iterated(from: Array(trace.points.prefix(try question.prompt.integer("clusters")))))
    },
    Mutation("kmeans.uniform-seeds", "seeds drawn uniformly", "k-means-seeds") { question in
      let seeding = try KMeansSeedsOperation.seeding(question.prompt)
      var stream = RandomStream(seed: seeding.seed, purpose: .kMeans, view: seeding.restart)
      return ["seeds": .listOf(Array(stream.permutation(of: seeding.points.count).prefix(seeding.count)))]
    },
    Mutation("kmeans.first-where-all-equal", "the first point where all odds are 0", "k-means-seeds") { question in
      guard case .integers(let seeds, let shape)? = question.right["seeds"] else { return nil }
      let points = try question.input("points").lists
      let wrong = seeds.indices.map { index in
        seeds[..<index].contains { points[$0] == points[seeds[index]] } ? 0 : seeds[index]
      }
      return ["seeds": .integers(wrong, shape: shape)]
    },
    .taking("kmeans.one-start", "one start", operation, "restarts", .integer(1), unless: .integer(10)) {
      $0.inputs["centroids"] == nil
    },
    .asking("kmeans.centroids-ignored", "centroids drawn though they are given", operation) { prompt in
      guard let rows = prompt.inputs["centroids"]?.shape.first else { return false }
      prompt.inputs["centroids"] = nil
      prompt.parameters["clusters"] = .integer(rows)
      return true
    },
    .taking("kmeans.iterated-to-the-end", "iterated to the end", operation, "maximumIterations", .integer(300)) {
      $0.parameters["maximumIterations"] != nil
    },
    .taking(
      "kmeans.one-iteration", "one iteration", operation, "maximumIterations", .integer(1), unless: .integer(300)),
    Mutation("kmeans.changes-counted", "the iteration that changes nothing not counted", operation) { question in
      guard case .integers(let right, _)? = question.right["iterations"],
        right[0] < (try question.prompt.integer("maximumIterations", default: 300))
      else { return nil }
      return ["iterations": .integers([right[0] - 1], shape: [])]
    },
    Mutation("kmeans.stale-centroids", "centroids not moved after the last assignment", operation) { question in
      let most = try question.prompt.integer("maximumIterations", default: 300)
      guard case .integers(let right, _)? = question.right["iterations"], right[0] == most, most > 1 else {
        guard question.prompt.inputs["centroids"] == nil, most == 1 else { return nil }
        let trace = try KMeansOperation.trace(question.prompt)
        let seeding = try KMeansOperation.seedings(question.prompt)
        return ["centroids": .rows(seeding[0].drawn().seeds.map { trace.points[$0] })]
      }
      let before = try question.altered { $0.parameters["maximumIterations"] = .integer(most - 1) }
      return before.filter { $0.key == "centroids" }
    },
    choosing("kmeans.last-start", "the last start instead of the best") { $0.last },
    choosing("kmeans.largest-inertia", "the largest inertia taken") { found in
      found.max { $0.inertia < $1.inertia }
    },
    tracing("kmeans.last-among-equals", "the last of equally near centroids") { $0.takesLast = true },
    tracing("kmeans.empty-stays", "an empty cluster left empty") { $0.emptyCluster = .stays },
    tracing("kmeans.empty-becomes-zero", "the centroid of no points set to 0") { $0.emptyCluster = .becomesZero },
    tracing("kmeans.nearest-fills", "empty clusters filled with the nearest points") {
      $0.emptyCluster = .takesNearest
    },
    tracing("kmeans.unbiased-means", "divided by n − 1") { $0.divisor = { Double($0 - 1) } },
    tracing("kmeans.uncentred-expansion", "squared lengths subtracted without centring the points") {
      $0.distance = rawExpansion
    },
    inertia("kmeans.mean-inertia", "inertia as a mean") { $0.reduce(0, +) / Double($0.count) },
    inertia("kmeans.plain-inertia", "inertia of distances, not of squares") {
      $0.reduce(0) { $0 + $1.squareRoot() }
    },
    inertia("kmeans.root-inertia", "the root of the inertia") { $0.reduce(0, +).squareRoot() },
  ]
