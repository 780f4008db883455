// The memory bank: every policy, repeated and unsorted images, several steps, and the logits against it.
// Tests    OracleTests/MemoryCasesTests.swift
import Kernels
import Networks

/// The cases of the area "memory".
enum MemoryCases {
  /// All of them.
  static func all() throws(OracleError) -> [CaseRecipe] { try updates() + logits() }

  /// What a step writes; `images` are the batches of all steps.
  private struct Update {
    var slug: String
    var summary: String
    var momentum: Double
    var policy = "second"
    var images: [[Int]]
    var bank = (images: 9, features: 5)
    var views = 2
    var catches: [String]
  }

  private static let written: [Update] = [
    Update(
      slug: "second", summary: "the second view is kept, μ = 0.25", momentum: 0.25, images: [[7, 2, 5, 0]],
      catches: ["momentum swapped", "the first view or the mean kept", "row not normalised again"]),
    Update(
      slug: "first", summary: "the first view is kept", momentum: 0.375, policy: "first", images: [[3, 8, 1]],
      catches: ["the second view or the mean kept", "momentum swapped"]),
    Update(
      slug: "mean", summary: "the mean of both views is kept", momentum: 0.75, policy: "mean", images: [[6, 4, 0, 2]],
      catches: ["views chained one after the other", "the sum of the views instead of their mean"]),
    Update(
      slug: "half", summary: "the paper's μ = 0.5, at which old and new may be swapped unseen", momentum: 0.5,
      images: [[5, 1, 8]], catches: ["the second view's row blended with the first view's new row"]),
    Update(
      slug: "tenths", summary: "μ = 0.9, which no binary number equals", momentum: 0.9, images: [[4, 0, 7, 3, 6]],
      catches: ["momentum swapped", "1 − μ rounded before it is formed"]),
    Update(
      slug: "one-view", summary: "as many embeddings as images", momentum: 0.375, images: [[2, 7, 0, 5]], views: 1,
      catches: ["half of the embeddings taken for second views"]),
    Update(
      slug: "repeated", summary: "an image three times in a batch: its last place counts", momentum: 0.25,
      images: [[4, 1, 4, 6, 4]], catches: ["the first place kept", "writes chained", "writes averaged"]),
    Update(
      slug: "repeated-first", summary: "an image twice, first views kept", momentum: 0.625, policy: "first",
      images: [[3, 5, 3]], catches: ["the last of all rows kept, which is a second view"]),
    Update(
      slug: "repeated-mean", summary: "an image twice, means kept", momentum: 0.375, policy: "mean",
      images: [[0, 8, 0, 2]], catches: ["the mean over all four rows of the image"]),
    Update(
      slug: "unsorted", summary: "images in falling order", momentum: 0.25, images: [[8, 6, 3, 1, 0]],
      catches: ["images sorted and embeddings not", "rows named by their place in the batch"]),
    Update(
      slug: "two-steps", summary: "two steps with an image in common", momentum: 0.25,
      images: [[7, 2, 5], [5, 0, 7]],
      catches: ["the second step starts from the bank before the first", "step skipped"]),
    Update(
      slug: "three-steps-mean", summary: "three steps of means", momentum: 0.625, policy: "mean",
      images: [[1, 2], [2, 3], [3, 1]], catches: ["rows normalised only at the end"]),
    Update(
      slug: "whole-bank", summary: "every image written", momentum: 0.375,
      images: [[3, 1, 4, 0, 2]], bank: (5, 7), catches: ["the bank's first or last row never written"]),
    Update(
      slug: "wide", summary: "33 features", momentum: 0.25, images: [[2, 0]], bank: (4, 33),
      catches: ["the last features of a vector loop lost"]),
  ]

  private static func updates() throws(OracleError) -> [CaseRecipe] {
    try written.enumerated().map { index, item throws(OracleError) in
      let parameters: [String: ParameterValue] = [
        "bankMomentum": .number(item.momentum), "viewPolicy": .text(item.policy),
      ]
      let prompt = try NetworkDrawing.firstApart(from: 30_000 + 50 * UInt32(index)) { drawing in
        let (count, features) = (item.images[0].count, item.bank.features)
        let leading = item.images.count > 1 ? [item.images.count] : []
        var views = drawing.unitRows([item.images.count * item.views * count, features], 1)
        if case .real(let rows) = views {
          views = .real(Tensor<Double>(shape: leading + [item.views * count, features], values: rows.values))
        }
        return Prompt(
          operation: "memory-update", parameters: parameters,
          inputs: [
            "bank": drawing.unitRows([item.bank.images, features], 0),
            "images": .integers(item.images.flatMap { $0 }, shape: leading + [count]), "embeddings": views,
          ])
      }
      return CaseRecipe(
        area: "memory", slug: "memory-update-" + item.slug, summary: item.summary, catches: item.catches, prompt: prompt
      )
    }
  }

  private static let products: [(LossCase, rows: Int, images: Int, features: Int)] = [
    (
      LossCase(
        slug: "quarter", summary: "temperature 0.25", parameters: ["bankTemperature": .number(0.25)],
        catches: ["multiplied by the temperature", "temperature missing in the gradient"]), 6, 9, 5
    ),
    (
      LossCase(
        slug: "tenth", summary: "the paper's temperature", parameters: ["bankTemperature": .number(0.1)],
        catches: ["cotangent divided in place and divided again"]), 4, 11, 7
    ),
    (
      LossCase(
        slug: "one-row", summary: "a single row", parameters: ["bankTemperature": .number(0.375)],
        catches: ["bank and embeddings swapped"]), 1, 6, 3
    ),
    (
      LossCase(
        slug: "wide", summary: "37 images, 19 features", parameters: ["bankTemperature": .number(0.75)],
        catches: ["the last columns of a tile lost"]), 5, 37, 19
    ),
    (
      LossCase(
        slug: "not-unit", summary: "a bank before its first update", parameters: ["bankTemperature": .number(0.625)],
        catches: ["rows of the bank normalised before use"]), 7, 8, 6
    ),
  ]

  private static func logits() -> [CaseRecipe] {
    return products.enumerated().map { index, item in
      let drawing = NetworkDrawing(seed: 31_000 + 50 * UInt32(index))
      let shape = [item.images, item.features]
      return item.0.recipe(
        "memory", "memory-logits",
        [
          "bank": item.0.slug == "not-unit" ? drawing.tensor(shape, 0, scale: 0.75) : drawing.unitRows(shape, 0),
          "embeddings": drawing.unitRows([item.rows, item.features], 1),
          "logits.cotangent": drawing.tensor([item.rows, item.images], 2),
        ])
    }
  }
}
