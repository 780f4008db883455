// Scores of votes, similarities of neighbours, top-k accuracy; similarities keep a margin, ties of given scores are exact.
// Tests    OracleTests/CoverageCasesTests.swift
import Kernels
import Networks

/// The cases about scores behind indices.
enum VoteCases {
  /// A margin that leaves cases decided where factors of products are rounded to 8 bits.
  private static let smallestMargin = 0.02

  /// All of them.
  static func all() throws(OracleError) -> [CaseRecipe] { try votes() + tops() + similarities() }

  private static func votes() throws(OracleError) -> [CaseRecipe] {
    let cases: [(String, k: Int, temperature: Double, classes: Int, images: Int, catches: [String])] = [
      ("weighted", 4, 0.25, 4, 17, ["votes not weighed", "scores divided by their sum"]),
      ("paper", 5, 0.1, 5, 15, ["temperature left at its default", "scores not relative to the nearest"]),
      ("sharp", 4, 0.03125, 3, 13, ["temperature outside the exponential"]),
      ("flat", 5, 2, 3, 14, ["weights by similarity alone", "similarities sorted upwards"]),
      ("all", 200, 0.125, 4, 7, ["more neighbours than images"]),
      ("absent-classes", 4, 0.25, 9, 14, ["columns of the classes that occur only"]),
      ("not-unit", 4, 0.75, 4, 14, ["cosines instead of products"]),
      ("leaves-out", 3, 0.25, 4, 9, ["the query's own image votes", "labels counted from 1"]),
      ("leaves-out-all", 50, 0.5, 3, 5, ["one neighbour more than there are others"]),
    ]
    return try cases.enumerated().map { index, item throws(OracleError) in
      let leavesOut = item.0.hasPrefix("leaves-out")
      var given = LossCase(
        slug: item.0, summary: "\(item.k) neighbours of \(item.images), σ \(item.temperature)",
        parameters: [
          "k": .integer(item.k), "temperature": .number(item.temperature), "classes": .integer(item.classes),
        ], catches: item.catches)
      if leavesOut { given.parameters["leavesOut"] = .truth(true) }
      let prompt = try NetworkDrawing.firstApart(
        from: 150_000 + 2000 * UInt32(index), atLeast: smallestMargin
      ) { drawing in
        var stream = RandomStream(seed: drawing.seed, purpose: .test, image: 9)
        let labels = (0..<item.images).map { _ in stream.integer(below: min(item.classes, 4)) }
        func rows(_ count: Int, _ image: Int) -> TensorValue {
          item.0 == "not-unit" ? drawing.tensor([count, 5], image, scale: 0.5) : drawing.unitRows([count, 5], image)
        }
        let features = rows(item.images, 0)
        let queries =
          leavesOut ? drawing.viewsOf(bank: features, Array(0..<item.images), noise: 0.5, 1) : rows(4, 1)
        return Prompt(
          operation: "vote-scores", parameters: given.parameters,
          inputs: ["features": features, "queries": queries, "labels": .list(labels)])
      }
      return given.recipe("evaluate", "vote-scores", prompt.inputs)
    }
  }

  private static func tops() -> [CaseRecipe] {
    let drawing = NetworkDrawing(seed: 168_000)
    func targets(_ count: Int, _ classes: Int) -> TensorValue {
      var stream = RandomStream(seed: 168_000, purpose: .test, image: 7)
      return .list((0..<count).map { _ in stream.integer(below: classes) })
    }
    // The targets of equal scores stand on either side of the last place that counts.
    let tied: [[Double]] = [[3, 1, 2, 2, 0, 2], [2, 2, 2, 2, 2, 2], [1, 3, 3, 2, 2, 2], [0, 0, 1, 0, 0, 0]]
    let cases: [(LossCase, scores: TensorValue, targets: TensorValue)] = [
      (
        LossCase(
          slug: "default", summary: "the 5 best of 9 classes",
          catches: ["the best class alone", "smallest scores first"]),
        drawing.tensor([16, 9], 0), targets(16, 9)
      ),
      (
        LossCase(
          slug: "three", summary: "the 3 best of 7 classes", parameters: ["count": .integer(3)],
          catches: ["always 5", "one place too many"]), drawing.tensor([14, 7], 1), targets(14, 7)
      ),
      (
        LossCase(
          slug: "ties", summary: "equal scores at the last place", parameters: ["count": .integer(3)],
          catches: ["equal scores by the higher class", "equal scores all count", "equal scores all lose"]),
        .rows(tied + tied), .list([3, 3, 4, 1, 5, 2, 3, 5])
      ),
      (
        LossCase(
          slug: "few-classes", summary: "5 of 3 classes",
          catches: ["fewer classes than 5 refused", "the best class alone"]),
        drawing.tensor([6, 3], 2), targets(6, 3)
      ),
      (
        LossCase(
          slug: "best", summary: "the best class", parameters: ["count": .integer(1)], catches: ["always 5"]),
        drawing.tensor([12, 6], 3), targets(12, 6)
      ),
    ]
    return cases.map { $0.0.recipe("evaluate", "top-accuracy", ["scores": $0.scores, "targets": $0.targets]) }
  }

  private static func similarities() throws(OracleError) -> [CaseRecipe] {
    let cases: [(String, rows: Int, features: Int, k: Int, queries: [Int], catches: [String])] = [
      ("nearest", 9, 5, 1, [7, 0, 3], ["the query's own similarity", "distances instead of products"]),
      ("three", 11, 6, 3, [10, 2, 5, 5], ["the farthest rows", "similarities not in the neighbours' order"]),
      ("all", 7, 4, 6, [4, 1], ["similarities of the rows' order"]),
      ("wide", 37, 17, 4, [36, 17, 16, 0], ["the last features of a vector loop lost"]),
      ("not-unit", 9, 5, 3, [3, 6, 1, 8, 0], ["cosines instead of products"]),
    ]
    return try cases.enumerated().map { index, item throws(OracleError) in
      let given = LossCase(
        slug: item.0, summary: "\(item.k) of \(item.rows) rows", parameters: ["k": .integer(item.k)],
        catches: item.catches)
      let prompt = try NetworkDrawing.firstApart(
        from: 170_000 + 2000 * UInt32(index), atLeast: smallestMargin
      ) { drawing in
        let shape = [item.rows, item.features]
        return Prompt(
          operation: "neighbour-similarities", parameters: given.parameters,
          inputs: [
            "rows": item.0 == "not-unit" ? drawing.tensor(shape, 0) : drawing.unitRows(shape, 0),
            "queries": .list(item.queries),
          ])
      }
      return given.recipe("neighbour", "neighbour-similarities", prompt.inputs)
    }
  }
}
