// k-means from seeds and from given centroids, a margin away from every near tie; exact ties are of whole coordinates.
// Tests    OracleTests/CoverageCasesTests.swift
import Kernels
import Networks

/// The cases of k-means.
enum KMeansCases {
  /// All of them.
  static func all() throws(OracleError) -> [CaseRecipe] {
    try seeds() + duplicates() + starts() + given() + whole()
  }

  private static func recipe(_ given: LossCase, _ operation: String, _ inputs: [String: TensorValue]) -> CaseRecipe {
    given.recipe("evaluate", operation, inputs)
  }

  private static func seeds() throws(OracleError) -> [CaseRecipe] {
    let cases: [(String, points: Int, features: Int, clusters: Int, seed: Int, restart: Int, catches: [String])] = [
      ("four", 24, 3, 4, 7, 0, ["the first points taken for seeds", "one candidate for each seed"]),
      ("second-restart", 24, 3, 4, 7, 1, ["the restart in the image's place", "one start for all"]),
      ("two", 15, 2, 2, 0, 5, ["odds by the distance, not its square", "seeds drawn uniformly"]),
      ("many", 22, 4, 8, 4_294_967_295, 2, ["two candidates whatever the clusters"]),
      ("single-cluster", 11, 3, 1, 3, 0, ["the mean taken for the only seed"]),
    ]
    return try cases.enumerated().map { index, item throws(OracleError) in
      let given = LossCase(
        slug: item.0, summary: "\(item.clusters) of \(item.points) points, restart \(item.restart)",
        parameters: [
          "clusters": .integer(item.clusters), "seed": .integer(item.seed), "restart": .integer(item.restart),
        ], catches: item.catches)
      // The first two share their points, so that only the stream tells them apart.
      let prompt = try NetworkDrawing.firstApart(from: 90_000 + 2000 * UInt32(max(1, index))) { drawing in
        Prompt(
          operation: "k-means-seeds", parameters: given.parameters,
          inputs: ["points": drawing.tensor([item.points, item.features], 0)])
      }
      return recipe(given, "k-means-seeds", prompt.inputs)
    }
  }

  /// Three places for five seeds: at the end all odds are 0.
  private static func duplicates() -> [CaseRecipe] {
    let places: [[Double]] = [[-4, 0], [4, 0], [0, 0]]
    return [
      recipe(
        LossCase(
          slug: "duplicates", summary: "five seeds of three places",
          parameters: ["clusters": .integer(5), "seed": .integer(11)],
          catches: ["the first point where all odds are 0", "no number where all odds are 0"]),
        "k-means-seeds", ["points": .rows((0..<9).map { places[$0 % 3] })])
    ]
  }

  private static func starts() throws(OracleError) -> [CaseRecipe] {
    let cases: [(String, points: Int, features: Int, clusters: Int, restarts: Int, iterations: Int?, [String])] = [
      ("best-of-four", 20, 4, 4, 4, nil, ["the last start instead of the best", "the largest inertia taken"]),
      ("best-of-two", 22, 3, 4, 2, nil, ["one start", "restarts of one stream"]),
      ("first-start", 28, 5, 4, 1, nil, ["inertia as a mean", "inertia of distances, not of squares"]),
      ("two-iterations", 29, 2, 4, 1, 2, ["iterated to the end", "one iteration"]),
      ("one-iteration", 25, 3, 4, 1, 1, ["centroids not moved after the last assignment"]),
      ("single-cluster", 13, 6, 1, 1, nil, ["divided by n − 1"]),
      ("line", 15, 1, 3, 2, nil, ["k-means++ of plain distances"]),
    ]
    return try cases.enumerated().map { index, item throws(OracleError) in
      var given = LossCase(
        slug: item.0, summary: "\(item.points) points, \(item.clusters) clusters, \(item.restarts) starts",
        parameters: ["clusters": .integer(item.clusters), "restarts": .integer(item.restarts)],
        catches: item.6)
      if let iterations = item.iterations { given.parameters["maximumIterations"] = .integer(iterations) }
      let prompt = try NetworkDrawing.firstApart(from: 110_000 + 2000 * UInt32(index)) { drawing in
        Prompt(
          operation: "k-means",
          parameters: given.parameters.merging(["seed": .integer(Int(drawing.seed) - 110_000)]) { $1 },
          inputs: ["points": drawing.tensor([item.points, item.features], 0)])
      }
      given.parameters = prompt.parameters
      return recipe(given, "k-means", prompt.inputs)
    }
  }

  private static func given() throws(OracleError) -> [CaseRecipe] {
    let cases: [(String, points: Int, features: Int, clusters: Int, mean: Double, far: Int, [String])] = [
      ("given-centroids", 28, 4, 5, 0, 0, ["centroids drawn though they are given"]),
      ("given-far-from-origin", 22, 3, 4, 1000, 0, ["squared lengths subtracted without centring the points"]),
      ("given-empty-cluster", 20, 3, 4, 0, 1, ["an empty cluster left empty", "the centroid of no points set to 0"]),
      ("given-two-empty-clusters", 24, 2, 5, 0, 2, ["empty clusters filled with the nearest points"]),
    ]
    return try cases.enumerated().map { index, item throws(OracleError) in
      let given = LossCase(
        slug: item.0, summary: "\(item.points) points from \(item.clusters) given centroids", catches: item.6)
      let prompt = try NetworkDrawing.firstApart(from: 130_000 + 2000 * UInt32(index)) { drawing in
        let points = drawing.tensor([item.points, item.features], 0, mean: item.mean)
        var centroids = drawing.tensor([item.clusters, item.features], 1, mean: item.mean)
        if case .real(var tensor) = centroids, item.far > 0 {
          // The last ones are so far away that no point is theirs.
          for i in (item.clusters - item.far) * item.features..<tensor.count {
            tensor.values[i] = Double(Float(tensor.values[i] + 64))
          }
          centroids = .real(tensor)
        }
        return Prompt(operation: "k-means", inputs: ["points": points, "centroids": centroids])
      }
      return recipe(given, "k-means", prompt.inputs)
    }
  }

  /// Whole coordinates about 0, so that equal distances are equal in every precision.
  private static func whole() -> [CaseRecipe] {
    [
      recipe(
        LossCase(
          slug: "given-ties", summary: "points as far from one centroid as from another",
          catches: ["the last of equally near centroids"]), "k-means",
        [
          "points": .rows([[0, -3], [0, 3], [-4, 0], [4, 0], [0, 1], [0, -1]]),
          "centroids": .rows([[2, 0], [-2, 0], [0, 8]]),
        ]),
      recipe(
        LossCase(
          slug: "every-point-its-own", summary: "as many clusters as points",
          catches: ["a division by n − 1 = 0", "an inertia that is not 0"]), "k-means",
        [
          "points": .rows([[-3, 1], [3, -1], [5, 2], [-5, -2]]),
          "centroids": .rows([[3, 0], [-3, 0], [-5, -1], [6, 2]]),
        ]),
    ]
  }
}
