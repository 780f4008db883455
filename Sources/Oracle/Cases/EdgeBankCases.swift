// Banks, neighbours, heads and scores where rules decide: ties, nothing to write, no anchors, classes that do not exist.
// Tests    OracleTests/EdgeCasesTests.swift
import Kernels
import Networks

/// The cases of the area "edge" about banks, neighbours, heads and evaluation.
///
/// Ties are exact: products of eighths.
enum EdgeBankCases {
  /// All of them.
  static func all() -> [CaseRecipe] { memory() + neighbours() + heads() + votes() + scores() }

  private static let bank: [[Double]] = [
    [0.5, 0.75, 0.25], [-0.25, 0.875, 0.5], [0.625, -0.5, 0.5], [0.25, 0.25, 0.875],
  ]

  private static func memory() -> [CaseRecipe] {
    let opposite = bank[1].map { -$0 }
    let views = [[0.75, 0.25, 0.5], [0.5, 0.5, -0.75]]
    func update(
      _ slug: String, _ summary: String, _ parameters: [String: ParameterValue], _ images: [Int], _ views: [[Double]],
      _ catches: [String]
    ) -> CaseRecipe {
      LossCase(slug: slug, summary: summary, parameters: parameters, catches: catches).recipe(
        "edge", "memory-update", ["bank": .rows(bank), "images": .list(images), "embeddings": .rows(views)])
    }
    return [
      update(
        "opposite-view", "old row and view cancel: the old row stays", ["bankMomentum": .number(0.5)], [3, 1],
        [views[0], opposite], ["division by 0", "a row of zeros written"]),
      update(
        "opposite-views", "both views cancel in their mean, and only the old row is left",
        ["bankMomentum": .number(0.25), "viewPolicy": .text("mean")], [2, 0],
        [views[0], views[1], views[0].map { -$0 }, views[0]], ["the mean's zero normalised before the blend"]),
      update(
        "zero-view", "a view of zeros: the old row, made unit", ["bankMomentum": .number(0.25)], [0, 2],
        [[0, 0, 0], views[1]], ["division by the view's length"]),
      update(
        "momentum-0", "nothing of the old row", ["bankMomentum": .integer(0)], [3, 0], views,
        ["momentum swapped", "a momentum of 0 refused"]),
      update(
        "momentum-1", "nothing of the view: the old row, made unit", ["bankMomentum": .integer(1)], [1, 2], views,
        ["momentum swapped", "a momentum of 1 refused"]),
    ]
  }

  private static func neighbours() -> [CaseRecipe] {
    // Rows 1, 4 and 6 are one row, so are 0 and 5: equal entropies, equal products.
    let twins = [bank[0], bank[1], bank[2], bank[3], bank[1], bank[0], bank[1]]
    let quarter: [String: ParameterValue] = ["bankTemperature": .number(0.25)]
    func discovery(_ slug: String, _ summary: String, _ k: Int, _ round: Int, _ catches: [String]) -> CaseRecipe {
      LossCase(
        slug: slug, summary: summary,
        parameters: quarter.merging(["k": .integer(k), "round": .integer(round), "rate": .number(0.25)]) { $1 },
        catches: catches
      ).recipe("edge", "neighbourhood-discovery", ["bank": .rows(twins)])
    }
    return [
      LossCase(
        slug: "ties", summary: "equal similarities: the lower index first", parameters: ["k": .integer(4)],
        catches: ["the higher index first", "ties in no order", "the query's twin taken for the query"]
      ).recipe("edge", "nearest-rows", ["rows": .rows(twins), "queries": .list([4, 0, 2, 1, 6])]),
      LossCase(
        slug: "all-equal", summary: "all rows equal: the lowest indices other than the query",
        parameters: ["k": .integer(3)], catches: ["the query itself among equals"]
      ).recipe(
        "edge", "nearest-rows",
        ["rows": .rows(Array(repeating: bank[0], count: 20)), "queries": .list([0, 2, 19])]),
      discovery("ties", "equal entropies and similarities", 3, 2, ["ties settled by the higher index"]),
      discovery("round-0", "no anchors in the first round", 1, 0, ["an empty selection refused"]),
      discovery("past-the-last-round", "more anchors than images", 2, 9, ["more anchors than images"]),
      LossCase(
        slug: "underflow", summary: "temperature 0.01: probabilities that underflow",
        parameters: ["bankTemperature": .number(0.01)], catches: ["0 log 0 is not a number"]
      ).recipe("edge", "bank-entropies", ["bank": .rows(bank + [bank[0]])]),
      LossCase(
        slug: "identical-rows", summary: "all rows alike: log N", parameters: quarter, catches: ["log (N − 1)"]
      ).recipe("edge", "bank-entropies", ["bank": .rows(Array(repeating: bank[2], count: 6))]),
      LossCase(slug: "one-image", summary: "one image: 0", parameters: quarter, catches: ["own image left out"]).recipe(
        "edge", "bank-entropies", ["bank": .rows([bank[1]])]),
    ]
  }

  private static func heads() -> [CaseRecipe] {
    let drawing = NetworkDrawing(seed: 28_000)
    func heads(
      _ slug: String, _ summary: String, _ temperature: Double, _ weights: [Double], classes: Int, _ catches: [String]
    ) -> CaseRecipe {
      let views = bank + [[0, 0, 0]]
      return LossCase(
        slug: slug, summary: summary, parameters: ["headTemperature": .number(temperature)], catches: catches
      ).recipe(
        "edge", "cluster-heads",
        [
          "embeddings": .rows(views), "heads": .real(Tensor<Double>(shape: [1, 3, classes], values: weights)),
          "probabilities.cotangent": drawing.tensor([1, views.count, classes], classes),
        ])
    }
    return [
      heads(
        "one-class", "K = 1: probability 1, gradient 0", 0.25, [0.5, -0.75, 1.25], classes: 1, ["division by K − 1"]),
      heads(
        "zero-vector", "a class whose vector is zero", 0.5, [0.5, 0, -1, 0.75, 0, 1, -0.25, 0, 2], classes: 3,
        ["division by a length of 0"]),
      heads(
        "equal-classes", "two classes of one vector: the lower counts", 0.25,
        [0.5, 0.25, 0.5, 1, -1, 1, 0.75, 2, 0.75],
        classes: 3, ["the last among equal classes"]),
      heads(
        "saturated", "temperature 0.01: all but one probability underflow", 0.01,
        [0.5, 2, -1, 0.75, 0.25, 1, -0.25, 1, 2], classes: 3, ["overflow of the exponential"]),
    ]
  }

  private static func votes() -> [CaseRecipe] {
    func neighbours(
      _ slug: String, _ summary: String, k: Int, temperature: Double, labels: [Int], _ catches: [String]
    ) -> CaseRecipe {
      let rows = [bank[0], bank[1], bank[1], bank[2], bank[3], bank[0]]
      return LossCase(
        slug: slug, summary: summary, parameters: ["k": .integer(k), "temperature": .number(temperature)],
        catches: catches
      ).recipe(
        "edge", "weighted-neighbours",
        ["features": .rows(rows), "queries": .rows([bank[1], bank[0], bank[3]]), "labels": .list(labels)])
    }
    return [
      neighbours(
        "tied-neighbours", "the last place among two equal rows goes to the lower index", k: 1, temperature: 0.25,
        labels: [2, 0, 1, 1, 2, 0], ["the higher index first"]),
      neighbours(
        "tied-classes", "equal scores: the lower class", k: 2, temperature: 0.25, labels: [3, 2, 1, 0, 0, 1],
        ["the last among equal classes"]),
      neighbours(
        "tiny-temperature", "σ = 0.001: exponents of 1000", k: 4, temperature: 0.001, labels: [2, 0, 0, 1, 2, 2],
        ["overflow of exp(q·f / σ)"]),
      neighbours(
        "more-than-all", "more neighbours than rows", k: 50, temperature: 0.25, labels: [2, 0, 0, 1, 2, 2],
        ["more neighbours than rows refused"]),
    ]
  }

  private static func scores() -> [CaseRecipe] {
    func partition(_ slug: String, _ summary: String, _ pairs: [(Int, Int)], _ sizes: (Int, Int), _ catches: [String])
      -> CaseRecipe
    {
      LossCase(
        slug: slug, summary: summary, parameters: ["clusters": .integer(sizes.0), "classes": .integer(sizes.1)],
        catches: catches
      ).recipe(
        "edge", "cluster-scores", ["predictions": .list(pairs.map(\.0)), "targets": .list(pairs.map(\.1))])
    }
    return [
      partition(
        "six-clusters-two-classes", "four clusters are left over",
        [(0, 1), (0, 1), (1, 0), (2, 0), (2, 0), (3, 1), (4, 1), (5, 0)], (6, 2),
        ["a square table asked for", "left-over clusters matched"]),
      partition(
        "two-clusters-six-classes", "four classes are left over",
        [(0, 1), (0, 5), (1, 0), (1, 0), (1, 4), (0, 1)], (2, 6), ["a square table asked for"]),
      partition(
        "each-its-own", "every image a cluster, every image a class", [(0, 3), (1, 0), (2, 2), (3, 1)], (4, 4),
        ["0 / 0 in the Rand index"]),
      partition(
        "one-of-each", "one cluster and one class: all scores are 1", [(0, 0), (0, 0), (0, 0)], (1, 1),
        ["0 / 0 in NMI and the Rand index"]),
      partition(
        "empty-classes", "clusters and classes that no image has", [(0, 4), (3, 1), (3, 1), (0, 4), (3, 4)], (5, 6),
        ["0 log 0", "empty clusters refused"]),
    ]
  }
}
