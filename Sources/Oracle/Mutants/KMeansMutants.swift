// Wrong k-means: seeds drawn otherwise, empty clusters, means and inertias of other conventions.
// Tests    OracleTests/MutantsTests.swift
import Files
import Kernels
import Networks

private let operation = "k-means"

/// Other seeds of one start, and what the best start then ends in.
private func seeding(
  _ mistake: Mistake, _ change: @escaping @Sendable (inout KMeansSeeding) -> Void
) -> [Mutation] {
  [
    Mutation(mistake, "k-means-seeds") { question in
      var seeding = try KMeansSeedsOperation.seeding(question.prompt)
      change(&seeding)
      return ["seeds": .listOf(seeding.drawn().seeds)]
    },
    Mutation(mistake, operation) { question in
      guard question.prompt.inputs["centroids"] == nil else { return nil }
      let found = try KMeansOperation.starts(question.prompt, seeding: change).map(\.found)
      return answer(found[KMeansOperation.best(found)])
    },
  ]
}

/// Other iterations of every start, of which the best counts.
private func tracing(
  _ mistake: Mistake, _ change: @escaping @Sendable (inout KMeansTrace) -> Void
) -> Mutation {
  Mutation(mistake, operation) { question in
    let found = try KMeansOperation.starts(question.prompt, trace: change).map(\.found)
    return answer(found[KMeansOperation.best(found)])
  }
}

/// Another of the starts.
private func choosing(
  _ mistake: Mistake, _ choose: @escaping @Sendable ([KMeansTrace.Found]) -> KMeansTrace.Found?
) -> Mutation {
  Mutation(mistake, operation) { question in
    choose(try KMeansOperation.starts(question.prompt).map(\.found)).map(answer)
  }
}

/// Another number for the inertia.
private func inertia(
  _ mistake: Mistake,
  _ change: @escaping @Sendable (_ squares: [Double]) -> Double
) -> Mutation {
  Mutation(mistake, operation) { question in
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
  seeding(
    Mistake(
      "kmeans.one-candidate", "one candidate for each seed",
      right: "each seed after the first is the best of 2 + ⌊ln K⌋ candidates")
  ) { $0.trials = 1 }
  + seeding(
    Mistake(
      "kmeans.two-candidates", "two candidates whatever the clusters",
      right: "the candidates are 2 + ⌊ln K⌋, which grows with the clusters")
  ) { $0.trials = 2 }
  + seeding(
    Mistake(
      "kmeans.plain-odds", "odds by the distance, not its square",
      right: "a point's odds are its squared distance to the nearest seed")
  ) { $0.oddsArePlain = true }
  + seeding(
    Mistake(
      "kmeans.restart-is-image", "the restart in the image's place",
      right: "the restart is the view of the stream: counter (block, restart, 0, 0)")
  ) { $0.restartIsImage = true }
  + [
    Mutation(
      Mistake(
        "kmeans.first-points", "the first points taken for seeds",
        right: "seeds are drawn by k-means++, the first uniformly, the others by their squared distances"),
      "k-means-seeds"
    ) { question in
      ["seeds": .listOf(Array(0..<(try question.prompt.integer("clusters"))))]
    },
    Mutation(Mistake("kmeans.first-points", "the first points taken for seeds"), operation) { question in
      guard question.prompt.inputs["centroids"] == nil else { return nil }
      let trace = try KMeansOperation.trace(question.prompt)
      return answer(trace.iterated(from: Array(trace.points.prefix(try question.prompt.integer("clusters")))))
    },
    Mutation(
      Mistake(
        "kmeans.uniform-seeds", "seeds drawn uniformly",
        right: "seeds after the first are drawn with odds by squared distance"), "k-means-seeds"
    ) { question in
      let seeding = try KMeansSeedsOperation.seeding(question.prompt)
      var stream = RandomStream(seed: seeding.seed, purpose: .kMeans, view: seeding.restart)
      return ["seeds": .listOf(Array(stream.permutation(of: seeding.points.count).prefix(seeding.count)))]
    },
    Mutation(
      Mistake(
        "kmeans.first-where-all-equal", "the first point where all odds are 0",
        right: "where all odds are 0 the seed is an integer of the stream, below the number of points"), "k-means-seeds"
    ) { question in
      guard case .integers(let seeds, let shape)? = question.right["seeds"] else { return nil }
      let points = try question.input("points").lists
      let wrong = seeds.indices.map { index in
        seeds[..<index].contains { points[$0] == points[seeds[index]] } ? 0 : seeds[index]
      }
      return ["seeds": .integers(wrong, shape: shape)]
    },
    .taking(
      Mistake("kmeans.one-start", "one start", right: "there are restarts starts, 10 by default"), operation,
      "restarts", .integer(1), unless: .integer(10)
    ) {
      $0.inputs["centroids"] == nil
    },
    .asking(
      Mistake(
        "kmeans.centroids-ignored", "centroids drawn though they are given", right: "given centroids are the one start"),
      operation
    ) { prompt in
      guard let rows = prompt.inputs["centroids"]?.shape.first else { return false }
      prompt.inputs["centroids"] = nil
      prompt.parameters["clusters"] = .integer(rows)
      return true
    },
    .taking(
      Mistake(
        "kmeans.iterated-to-the-end", "iterated to the end", right: "there are at most maximumIterations iterations"),
      operation, "maximumIterations", .integer(300)
    ) {
      $0.parameters["maximumIterations"] != nil
    },
    .taking(
      Mistake(
        "kmeans.one-iteration", "one iteration",
        right: "assignments and means are repeated until no point changes its cluster"), operation, "maximumIterations",
      .integer(1), unless: .integer(300)),
    Mutation(
      Mistake(
        "kmeans.changes-counted", "the iteration that changes nothing not counted",
        right: "the last iteration, in which nothing changes, counts"), operation
    ) { question in
      guard case .integers(let right, _)? = question.right["iterations"],
        right[0] < (try question.prompt.integer("maximumIterations", default: 300))
      else { return nil }
      return ["iterations": .integers([right[0] - 1], shape: [])]
    },
    Mutation(
      Mistake(
        "kmeans.stale-centroids", "centroids not moved after the last assignment",
        right: "centroids move to the means of the last assignment before the iterations end"), operation
    ) { question in
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
    choosing(
      Mistake(
        "kmeans.last-start", "the last start instead of the best",
        right: "of all starts the one of the smallest inertia counts, the first among equals")
    ) { $0.last },
    choosing(
      Mistake("kmeans.largest-inertia", "the largest inertia taken", right: "the start of the smallest inertia counts")
    ) { found in
      found.max { $0.inertia < $1.inertia }
    },
    tracing(
      Mistake(
        "kmeans.last-among-equals", "the last of equally near centroids",
        right: "of equally near centroids the lower number is taken")
    ) { $0.takesLast = true },
    tracing(
      Mistake(
        "kmeans.empty-stays", "an empty cluster left empty",
        right: "an empty cluster takes the point farthest from its own centroid that is not alone")
    ) { $0.emptyCluster = .stays },
    tracing(
      Mistake(
        "kmeans.empty-becomes-zero", "the centroid of no points set to 0",
        right: "an empty cluster takes the farthest point; no centroid is divided by 0 points")
    ) { $0.emptyCluster = .becomesZero },
    tracing(
      Mistake(
        "kmeans.nearest-fills", "empty clusters filled with the nearest points",
        right: "an empty cluster takes the farthest point")
    ) {
      $0.emptyCluster = .takesNearest
    },
    tracing(
      Mistake(
        "kmeans.unbiased-means", "divided by n − 1", right: "a centroid is the sum of its points over their number")
    ) { $0.divisor = { Double($0 - 1) } },
    tracing(
      Mistake(
        "kmeans.uncentred-expansion", "squared lengths subtracted without centring the points",
        right: "‖x‖² − 2 x·c + ‖c‖² needs points about 0, or differences taken first")
    ) {
      $0.distance = rawExpansion
    },
    inertia(Mistake("kmeans.mean-inertia", "inertia as a mean", right: "the inertia is a sum over the points")) {
      $0.reduce(0, +) / Double($0.count)
    },
    inertia(
      Mistake(
        "kmeans.plain-inertia", "inertia of distances, not of squares",
        right: "the inertia is the sum of squared distances")
    ) {
      $0.reduce(0) { $0 + $1.squareRoot() }
    },
    inertia(Mistake("kmeans.root-inertia", "the root of the inertia", right: "the inertia is the sum itself")) {
      $0.reduce(0, +).squareRoot()
    },
  ]
