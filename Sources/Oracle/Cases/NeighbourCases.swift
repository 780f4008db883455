// Neighbourhood discovery, always a margin away from every tie.
// Tests    OracleTests/NeighbourCasesTests.swift
import Kernels
import Networks

/// The cases of the area "neighbour".
enum NeighbourCases {
  /// All of them.
  static func all() throws(OracleError) -> [CaseRecipe] { entropies() + (try discoveries()) + (try nearest()) }

  private static func entropies() -> [CaseRecipe] {
    let cases: [(LossCase, images: Int, features: Int)] = [
      (
        LossCase(
          slug: "quarter", summary: "temperature 0.25", parameters: ["bankTemperature": .number(0.25)],
          catches: ["own image left out", "log of base 2"]), 11, 5
      ),
      (
        LossCase(
          slug: "tenth", summary: "the paper's temperature", parameters: ["bankTemperature": .number(0.1)],
          catches: ["softmax taken twice"]), 9, 7
      ),
      (
        LossCase(
          slug: "one", summary: "temperature 1", parameters: ["bankTemperature": .integer(1)],
          catches: ["temperature left at its default"]), 7, 4
      ),
      (
        LossCase(
          slug: "not-unit", summary: "rows of all lengths", parameters: ["bankTemperature": .number(0.75)],
          catches: ["rows normalised before use", "own similarity taken for 1"]), 10, 6
      ),
      (
        LossCase(
          slug: "wide", summary: "37 images", parameters: ["bankTemperature": .number(0.375)],
          catches: ["the last columns of a vector loop lost"]), 37, 9
      ),
    ]
    return cases.enumerated().map { index, item in
      let drawing = NetworkDrawing(seed: 32_000 + 50 * UInt32(index))
      let shape = [item.images, item.features]
      return item.0.recipe(
        "neighbour", "bank-entropies",
        ["bank": item.0.slug == "not-unit" ? drawing.tensor(shape, 0, scale: 0.625) : drawing.unitRows(shape, 0)])
    }
  }

  private static func discoveries() throws(OracleError) -> [CaseRecipe] {
    let cases: [(String, images: Int, features: Int, rate: Double, k: Int, round: Int, catches: [String])] = [
      ("round-1", 10, 6, 0.25, 1, 1, ["anchors of the largest entropy", "own image taken for its neighbour"]),
      ("round-2", 9, 5, 0.25, 2, 2, ["anchors of round 1 kept", "neighbours in no order"]),
      (
        "round-3", 7, 6, 0.25, 1, 3, ["anchors sorted by index instead of entropy", "the number of anchors rounded up"]
      ),
      ("round-4", 8, 4, 0.25, 3, 4, ["neighbours among anchors only", "the farthest neighbours"]),
      ("tenths", 10, 6, 0.1, 2, 3, ["10 · 0.1 · 3 rounded up or down"]),
      ("most-neighbours", 6, 5, 0.5, 5, 1, ["own image among the neighbours where all others are"]),
      ("not-unit", 9, 4, 0.375, 2, 1, ["cosines taken where products were asked for"]),
    ]
    return try cases.enumerated().map { index, item throws(OracleError) in
      let prompt = try NetworkDrawing.firstApart(from: 33_000 + 2000 * UInt32(index)) { drawing in
        let shape = [item.images, item.features]
        return Prompt(
          operation: "neighbourhood-discovery",
          parameters: [
            "rate": .number(item.rate), "k": .integer(item.k), "round": .integer(item.round),
            "bankTemperature": .number(0.25),
          ],
          inputs: ["bank": item.0 == "not-unit" ? drawing.tensor(shape, 0, scale: 0.5) : drawing.unitRows(shape, 0)])
      }
      return CaseRecipe(
        area: "neighbour", slug: "neighbourhood-discovery-" + item.0,
        summary: "\(item.images) images, round \(item.round) at \(item.rate), \(item.k) neighbours",
        catches: item.catches, prompt: prompt)
    }
  }

  private static func nearest() throws(OracleError) -> [CaseRecipe] {
    let cases: [(String, rows: Int, features: Int, k: Int, queries: [Int], catches: [String])] = [
      ("one", 9, 5, 1, [7, 0, 3], ["the query itself is its nearest", "queries sorted"]),
      ("three", 11, 6, 3, [10, 2, 5, 5], ["the farthest first", "the same query answered once"]),
      ("all", 6, 4, 5, [4, 1], ["the query itself among the others"]),
      ("wide", 37, 8, 4, [36, 17, 16, 0], ["the last rows of a vector loop lost"]),
      ("not-unit", 9, 5, 3, [3, 6, 1, 8, 0], ["rows normalised before the product", "distances instead of products"]),
    ]
    return try cases.enumerated().map { index, item throws(OracleError) in
      let prompt = try NetworkDrawing.firstApart(from: 50_000 + 2000 * UInt32(index)) { drawing in
        let shape = [item.rows, item.features]
        return Prompt(
          operation: "nearest-rows", parameters: ["k": .integer(item.k)],
          inputs: [
            "rows": item.0 == "not-unit" ? drawing.tensor(shape, 0) : drawing.unitRows(shape, 0),
            "queries": .list(item.queries),
          ])
      }
      return CaseRecipe(
        area: "neighbour", slug: "nearest-rows-" + item.0, summary: "\(item.k) of \(item.rows) rows",
        catches: item.catches, prompt: prompt)
    }
  }
}
