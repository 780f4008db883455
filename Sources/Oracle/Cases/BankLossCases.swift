// The losses against the bank: anchors with one, several and no neighbours, entropies with and without the own image.
// Tests    OracleTests/LossCasesTests.swift
import Kernels
import Networks

/// The cases of instance-neighbourhood and unification-entropy.
enum BankLossCases {
  /// All of them.
  static func all() -> [CaseRecipe] { neighbourhood() + entropy() }

  private static let maskOrMean = ["divided by the batch instead of its rows", "views in the wrong order"]

  private static let neighbourhoods: [(LossCase, lists: [Int: [Int]]?, rows: Int, images: Int, scale: Double)] = [
    (
      LossCase(
        slug: "instances", summary: "no anchors: every row is an instance",
        catches: ["sum instead of mean over rows"] + maskOrMean), nil, 6, 11, 1.5
    ),
    (
      LossCase(
        slug: "one-neighbour", summary: "anchors with one neighbour beside instances",
        catches: ["neighbours left out", "log of each member summed instead of the log of the sum"]),
      [0: [7], 3: [5], 4: [0], 9: [2]], 10, 11, 1.5
    ),
    (
      LossCase(
        slug: "several-neighbours", summary: "anchors with one to three neighbours",
        catches: ["only the nearest neighbour taken", "the mean over members instead of the sum"]),
      [0: [7, 2, 5], 3: [5], 4: [0, 8], 6: [9, 1, 10], 9: [2]], 9, 12, 1.25
    ),
    (
      LossCase(
        slug: "all-anchors", summary: "every image is an anchor",
        catches: ["neighbours looked up by the place in the batch instead of the image"]),
      [0: [3], 1: [0], 2: [5], 3: [6], 4: [2], 5: [1], 6: [4]], 7, 7, 2
    ),
    (
      LossCase(
        slug: "not-symmetric", summary: "i is a neighbour of j, but j none of i",
        catches: ["the relation of neighbours taken as symmetric"]),
      [2: [5], 5: [1], 1: [8]], 6, 10, 1.5
    ),
    (
      LossCase(
        slug: "repeated-images", summary: "the same image in several rows",
        catches: ["gradients of one image's rows merged or overwritten"]),
      [1: [3], 3: [0]], 8, 6, 1
    ),
    (
      LossCase(
        slug: "sharp", summary: "logits of up to ±10, as at temperature 0.1",
        catches: ["the exponential taken without the largest logit subtracted in half precision"]),
      [0: [7], 3: [5, 1]], 8, 11, 5
    ),
    (
      LossCase(
        slug: "flat", summary: "logits near 0: all images alike", catches: ["log of base 2", "own image left out"]),
      [0: [7], 3: [5, 1]], 5, 9, 0.03125
    ),
    (
      LossCase(
        slug: "sum", summary: "the sum over rows", parameters: ["reduction": .text("sum")],
        catches: ["the mean taken although the sum was asked for"]),
      [0: [7], 3: [5, 1]], 7, 10, 1.5
    ),
    (
      LossCase(
        slug: "wide", summary: "37 images, more than a vector holds",
        catches: ["the last columns of a vector loop lost"]),
      [0: [36], 35: [5, 1], 20: [32, 33, 34]], 6, 37, 1.5
    ),
  ]

  private static func neighbourhood() -> [CaseRecipe] {
    return neighbourhoods.enumerated().map { index, item in
      let drawing = NetworkDrawing(seed: 20_000 + 50 * UInt32(index))
      var inputs = ["logits": drawing.tensor([item.rows, item.images], 0, scale: item.scale)]
      // Anchors first, so that every case with neighbours asks for them; the own logits stand out as those of views do.
      let anchors = item.lists?.keys.sorted(by: >) ?? []
      let drawn = drawing.batch(item.images, of: item.images, 1).filter { !anchors.contains($0) }
      let order = anchors.prefix(max(1, item.rows / 2)) + drawn + anchors
      let images = (0..<item.rows).map { order[$0 % min(order.count, item.images)] }
      inputs["images"] = .list(images)
      if let lists = item.lists { inputs["neighbours"] = .neighbours(lists, images: item.images) }
      return item.0.recipe("loss", "instance-neighbourhood", inputs)
    }
  }

  private static let minusTen: [String: ParameterValue] = ["ownLogit": .integer(-10)]
  private static let entropies: [(LossCase, rows: Int, images: Int, scale: Double)] = [
    (
      LossCase(
        slug: "others", summary: "the own image left out",
        catches: ["entropy of all images, the own one included", "the sign turned: entropy raised"]), 6, 11, 1.5
    ),
    (
      LossCase(
        slug: "odd", summary: "7 rows against 9 images",
        catches: ["gradient flows into the own column", "−p log p without the entropy in its gradient"]), 7, 9, 1
    ),
    (
      LossCase(
        slug: "sharp", summary: "logits of up to ±8: few, sure neighbours",
        catches: ["p log p + H formed with the largest probability near 1"]), 8, 10, 3
    ),
    (
      LossCase(
        slug: "flat", summary: "nearly the largest entropy, log (N − 1)",
        catches: ["log of base 2", "log N instead of log (N − 1)"]), 5, 13, 0.5
    ),
    (
      LossCase(
        slug: "low", summary: "logits around −9",
        catches: ["the own image masked by a constant such as −10 where others are that low"]), 6, 8, 1.5
    ),
    (
      LossCase(
        slug: "minus-ten", summary: "the own logit is −10 among logits around −9, and stays in",
        parameters: minusTen, catches: ["the own image left out although a constant was asked for"]), 7, 9, 1.5
    ),
    (
      LossCase(
        slug: "own-logit-large", summary: "the own logit is 0.75 and stays in",
        parameters: ["ownLogit": .number(0.75)],
        catches: ["the constant's own part of the entropy lost", "gradient flows into the constant's column"]), 7, 6,
      1
    ),
    (
      LossCase(
        slug: "sum", summary: "the sum over rows", parameters: ["reduction": .text("sum")],
        catches: ["the mean taken although the sum was asked for"]), 6, 7, 1.5
    ),
    (
      LossCase(
        slug: "repeated-images", summary: "the same image in several rows",
        catches: ["the mask of one row applied to all rows of the batch"]), 9, 5, 1
    ),
  ]

  private static func entropy() -> [CaseRecipe] {
    return entropies.enumerated().map { index, item in
      let drawing = NetworkDrawing(seed: 21_000 + 50 * UInt32(index))
      let order = drawing.batch(item.images, of: item.images, 1)
      let images = (0..<item.rows).map { order[$0 % (item.images - 1)] }
      return item.0.recipe(
        "loss", "unification-entropy",
        [
          "logits": drawing.tensor(
            [item.rows, item.images], 0, scale: item.scale,
            mean: ["low", "minus-ten"].contains(item.0.slug) ? -9 : 0),
          "images": .list(images),
        ])
    }
  }
}
