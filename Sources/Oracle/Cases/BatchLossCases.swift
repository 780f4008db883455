// The batch loss and the relation loss in all their variants, from temperature 0.01 to 1.
// Tests    OracleTests/LossCasesTests.swift
import Kernels
import Networks

/// The cases of batch-loss and relation-loss.
enum BatchLossCases {
  /// All of them.
  static func all() -> [CaseRecipe] { batch() + relation() }

  private static let oneSided = [
    "stop-gradient missing: both factors of a product move", "the gradient kept on the wrong factor",
  ]

  private static let batches: [(LossCase, images: Int, features: Int, noise: Double)] = [
    (
      LossCase(
        slug: "one-sided", summary: "temperature 0.375, the second factor a constant",
        parameters: ["temperature": .number(0.375)],
        catches: oneSided + ["self-similarity left in the denominator", "divided by B instead of 2B"]), 5, 7, 1
    ),
    (
      LossCase(
        slug: "full", summary: "the gradient of both factors",
        parameters: ["temperature": .number(0.375), "stopsGradient": .truth(false)],
        catches: ["second factor detached", "gradient doubled instead of transposed and added"]), 5, 7, 1
    ),
    (
      LossCase(
        slug: "temperature-1", summary: "temperature 1", parameters: ["temperature": .integer(1)],
        catches: ["partner counted among the negatives", "views paired as neighbours instead of B apart"]), 3, 5, 1.5
    ),
    (
      LossCase(
        slug: "temperature-one-tenth", summary: "the paper's temperature", parameters: ["temperature": .number(0.1)],
        catches: ["temperature applied twice or to one term only"]), 6, 9, 0.75
    ),
    (
      LossCase(
        slug: "temperature-one-twentieth", summary: "temperature 0.05", parameters: ["temperature": .number(0.05)],
        catches: ["log (1 − Q) rounded for Q near 1"]), 3, 8, 0.75
    ),
    (
      LossCase(
        slug: "temperature-one-hundredth", summary: "temperature 0.01: exponents of up to ±100",
        parameters: ["temperature": .number(0.01)],
        catches: ["overflow of the exponential", "log (1 − Q) infinite for Q = 1"]), 3, 6, 0.75
    ),
    (
      LossCase(
        slug: "negative-weight-three-halves", summary: "negatives weighed by 1.5",
        parameters: ["temperature": .number(0.375), "negativeWeight": .number(1.5)],
        catches: ["weight in the loss but not in the denominator", "weight on the partner"]), 4, 5, 1
    ),
    (
      LossCase(
        slug: "negative-weight-3-full", summary: "negatives weighed by 3, both factors",
        parameters: ["temperature": .number(0.25), "negativeWeight": .integer(3), "stopsGradient": .truth(false)],
        catches: ["the gradient for weight 1 used for all weights"]), 3, 4, 1
    ),
    (
      LossCase(
        slug: "paper", summary: "Eq. 10-11: the originals compete, the query among them",
        parameters: ["temperature": .number(0.5), "denominator": .text("paper")],
        catches: ["all 2B rows in the denominator", "divided by 2B instead of B"]), 4, 6, 1
    ),
    (
      LossCase(
        slug: "paper-full-sum", summary: "Eq. 10-11 as a sum, both factors",
        parameters: [
          "temperature": .number(0.25), "denominator": .text("paper"), "stopsGradient": .truth(false),
          "reduction": .text("sum"),
        ], catches: ["the query's similarity with itself held constant"]), 3, 5, 1
    ),
    (
      LossCase(
        slug: "sum", summary: "the sum over rows",
        parameters: ["temperature": .number(0.375), "reduction": .text("sum")],
        catches: ["the mean taken although the sum was asked for"]), 3, 7, 1
    ),
    (
      LossCase(
        slug: "unrelated", summary: "views no more alike than other rows",
        parameters: ["temperature": .number(0.25)],
        catches: ["only one direction, first views asking for second ones"]), 7, 5, 20
    ),
    (
      LossCase(
        slug: "two-features", summary: "rows on a circle", parameters: ["temperature": .number(0.5)],
        catches: ["rows and features swapped"]), 5, 2, 0.5
    ),
    (
      LossCase(
        slug: "not-unit", summary: "rows of lengths 0.25 to 2, taken as they are",
        parameters: ["temperature": .number(0.75)],
        catches: ["rows normalised by the loss", "self-similarity masked in the value but not in the gradient"]),
      3, 6, 1
    ),
  ]

  private static func batch() -> [CaseRecipe] {
    return batches.enumerated().map { index, item in
      let drawing = NetworkDrawing(seed: 22_000 + 50 * UInt32(index))
      var rows = drawing.twoViews(item.images, features: item.features, noise: item.noise, 0)
      if item.0.slug == "not-unit", case .real(let unit) = rows {
        rows = .real(
          Tensor<Double>(
            shape: unit.shape,
            values: unit.values.enumerated().map { $1 * [0.5, 2, 1, 0.25][$0 / item.features % 4] }))
      }
      return item.0.recipe("loss", "batch-loss", ["rows": rows])
    }
  }

  private static let relations: [(LossCase, images: Int, features: Int, bank: Int, noise: Double)] = [
    (
      LossCase(
        slug: "one-sided", summary: "relations to a bank of 11, the second factor a constant",
        parameters: ["temperature": .number(0.375)],
        catches: oneSided + ["embeddings compared where relations were asked for", "relations not normalised"]), 4, 5,
      11, 1
    ),
    (
      LossCase(
        slug: "full", summary: "the gradient of both factors",
        parameters: ["temperature": .number(0.375), "stopsGradient": .truth(false)],
        catches: ["second factor detached"]), 3, 6, 9, 1
    ),
    (
      LossCase(
        slug: "temperature-one-tenth", summary: "the paper's temperature", parameters: ["temperature": .number(0.1)],
        catches: ["temperature of the bank used for the batch"]), 5, 4, 7, 0.75
    ),
    (
      LossCase(
        slug: "small-bank", summary: "fewer images than features", parameters: ["temperature": .number(0.5)],
        catches: ["Gram matrix of images instead of features"]), 3, 7, 4, 1
    ),
    (
      LossCase(
        slug: "negative-weight-2", summary: "negatives weighed by 2",
        parameters: ["temperature": .number(0.25), "negativeWeight": .integer(2), "reduction": .text("sum")],
        catches: ["weight ignored", "the gradient's part along a relation not removed"]), 3, 5, 8, 1
    ),
    (
      LossCase(
        slug: "paper-denominator", summary: "Eq. 10-11 on relations",
        parameters: ["temperature": .number(0.25), "denominator": .text("paper")],
        catches: ["all 2B rows in the denominator"]), 4, 6, 10, 1
    ),
    (
      LossCase(
        slug: "rows-not-unit", summary: "a bank whose rows are of all lengths, as before its first update",
        parameters: ["temperature": .number(0.375)],
        catches: ["rows of the bank normalised before use"]), 3, 5, 12, 1
    ),
  ]

  private static func relation() -> [CaseRecipe] {
    return relations.enumerated().map { index, item in
      let drawing = NetworkDrawing(seed: 23_000 + 50 * UInt32(index))
      let shape = [item.bank, item.features]
      let bank =
        item.0.slug == "rows-not-unit" ? drawing.tensor(shape, 1, scale: 0.75) : drawing.unitRows(shape, 1)
      return item.0.recipe(
        "loss", "relation-loss",
        [
          "embeddings": drawing.twoViews(item.images, features: item.features, noise: item.noise, 0), "bank": bank,
        ])
    }
  }
}
