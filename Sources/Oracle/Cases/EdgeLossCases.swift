// Losses where formulas break: nothing to compare with, all rows alike, probabilities within rounding of 0 and 1.
// Tests    OracleTests/EdgeCasesTests.swift
import Kernels
import Networks

/// The cases of the area "edge" about losses.
enum EdgeLossCases {
  /// All of them.
  static func all() -> [CaseRecipe] { batch() + relation() + bank() + entropies() + information() + totals() }

  private static let tenth: [String: ParameterValue] = ["temperature": .number(0.1)]

  /// Rows of about unit length whose entries are eighths: every precision forms their products exactly.
  private static let spread: [[Double]] = [
    [0.25, 0.5, -0.75, 0.375], [0.625, -0.25, 0.5, 0.5], [-0.5, 0.5, 0.5, 0.5], [0.875, 0.25, 0.375, 0.125],
    [0.375, 0.5, -0.625, 0.5], [0.5, -0.375, 0.625, 0.5], [-0.625, 0.5, 0.375, 0.5], [-0.875, 0.25, 0.375, -0.125],
  ]

  private static let (right, left, up) = ([1.0, 0], [-1.0, 0], [0, 1.0])

  private static let batches: [(LossCase, [[Double]])] = [
    (
      LossCase(
        slug: "two-rows", summary: "one image: no negatives, loss and gradient 0", parameters: tenth,
        catches: ["log 0 − log 0", "not a number in the gradient"]), [[0.75, 0.5, -0.25], [0.25, 0.5, 0.75]]
    ),
    (
      LossCase(
        slug: "two-rows-paper", summary: "one image, Eq. 10-11",
        parameters: tenth.merging(["denominator": .text("paper")]) { $1 }, catches: ["log 0 − log 0"]),
      [[0.75, 0.5, -0.25], [0.25, 0.5, 0.75]]
    ),
    (
      LossCase(
        slug: "antipodal-pairs", summary: "perfect pairs, opposite negatives: P within 4e-9 of 1", parameters: tenth,
        catches: ["log P as similarity minus log-sum-exp", "1 − P by subtraction", "not a number where P is 1"]),
      [right, left, right, left]
    ),
    (
      LossCase(
        slug: "orthogonal-pairs", summary: "perfect pairs, orthogonal negatives", parameters: tenth,
        catches: ["1 − P by subtraction"]), [right, up, right, up]
    ),
    (
      LossCase(
        slug: "identical-negative", summary: "a negative is identical and the partner opposite: Q within 4e-9 of 1",
        parameters: tenth, catches: ["log (1 − Q) infinite", "infinity times zero in the gradient"]),
      [right, right, left, left]
    ),
    (
      LossCase(
        slug: "identical-negative-weighed", summary: "the same with negatives weighed by 2",
        parameters: tenth.merging(["negativeWeight": .integer(2)]) { $1 }, catches: ["weight lost where Q is near 1"]),
      [right, right, left, left]
    ),
    (
      LossCase(
        slug: "small-temperature", summary: "temperature 0.01 on spread rows",
        parameters: ["temperature": .number(0.01)],
        catches: ["overflow of the exponential", "Q rounded to 1", "third digit wrong"]), spread
    ),
    (
      LossCase(
        slug: "small-temperature-paper", summary: "temperature 0.02, Eq. 10-11, both factors",
        parameters: ["temperature": .number(0.02), "denominator": .text("paper"), "stopsGradient": .truth(false)],
        catches: ["the query's own similarity drowns all others"]), spread
    ),
    (
      LossCase(
        slug: "duplicate-image", summary: "an image twice in the batch: its copies are negatives", parameters: tenth,
        catches: ["rows of the same image masked", "not a number for equal negatives"]),
      [spread[0], spread[1], spread[0], spread[4], spread[5], spread[4]]
    ),
    (
      LossCase(
        slug: "four-identical-rows", summary: "all embeddings identical", parameters: tenth,
        catches: ["self-similarity left in the denominator", "gradient not in proportion to the row"]),
      Array(repeating: [0.5, 0.5, 0.5, 0.5], count: 4)
    ),
    (
      LossCase(
        slug: "fourteen-identical-rows", summary: "log (2B − 1) − (2B − 2) log (1 − 1 / (2B − 1))",
        parameters: ["temperature": .number(0.25)], catches: ["rows counted wrongly"]),
      Array(repeating: [0.75, -0.5, 0.25], count: 14)
    ),
    (
      LossCase(
        slug: "zero-row", summary: "a row of zeros is alike to nothing", parameters: tenth,
        catches: ["division by the row's length", "gradient of a zero row lost"]),
      [spread[0], [0, 0, 0, 0], spread[2], spread[4], spread[5], spread[6]]
    ),
  ]

  private static func batch() -> [CaseRecipe] {
    return batches.map { given, rows in given.recipe("edge", "batch-loss", ["rows": .rows(rows)]) }
  }

  private static func relation() -> [CaseRecipe] {
    // The bank spans the first two of three features: the third is invisible to it.
    let bank = [[0.75, 0.5, 0], [-0.25, 0.875, 0], [0.5, -0.625, 0], [0.125, 0.75, 0]]
    let views = [
      [0.5, 0.75, 0.25], [0, 0, 1.0], [-0.75, 0.25, 0.5], [0.625, 0.5, -0.5], [0.25, -0.5, 0.75], [-0.5, 0.5, 0],
    ]
    var zero = views
    zero[1] = [0, 0, 0]
    let quarter: [String: ParameterValue] = ["temperature": .number(0.25)]
    return [
      LossCase(
        slug: "no-relation", summary: "a view orthogonal to the whole bank has no relations", parameters: quarter,
        catches: ["division by a length of 0"]
      ).recipe("edge", "relation-loss", ["embeddings": .rows(views), "bank": .rows(bank)]),
      LossCase(
        slug: "zero-embedding", summary: "an embedding of zeros", parameters: quarter,
        catches: ["division by a length of 0"]
      ).recipe("edge", "relation-loss", ["embeddings": .rows(zero), "bank": .rows(bank)]),
      LossCase(
        slug: "one-image", summary: "a bank of one image: relations are ±1", parameters: quarter,
        catches: ["relations of one number not normalised"]
      ).recipe("edge", "relation-loss", ["embeddings": .rows(zero), "bank": .rows([bank[0]])]),
    ]
  }

  private static func bank() -> [CaseRecipe] {
    let drawing = NetworkDrawing(seed: 27_000)
    let logits = drawing.tensor([4, 6], 0, scale: 1.5)
    let steep = drawing.tensor([4, 6], 1, scale: 80)
    let images = TensorValue.list([4, 0, 5, 2])
    // Row 0's neighbour 1 takes nearly all, row 1's own image does.
    let sure = TensorValue.rows([
      [0.5, 14, -3, -2.5, 1, -1.25], [12, -6, -4, 0.25, -3.5, -2], [1, 0.5, -2, 3, 0.25, 2], [-1, 16, 15, 0.5, -2, 1],
    ])
    let repeats: [Int: [Int]] = [4: [4, 1, 1], 0: [0], 5: [2, 5, 2]]
    let everyone = Dictionary(uniqueKeysWithValues: (0..<6).map { i in (i, (0..<6).filter { $0 != i }) })
    return [
      LossCase(
        slug: "own-image-and-repeats", summary: "neighbour lists that hold the image itself and repeats",
        catches: ["members counted twice, q above 1"]
      ).recipe(
        "edge", "instance-neighbourhood",
        ["logits": logits, "images": images, "neighbours": .neighbours(repeats, images: 6)]),
      LossCase(
        slug: "everyone-a-neighbour", summary: "every image is every other's neighbour: q = 1",
        catches: ["a negative loss", "own column counted twice"]
      ).recipe(
        "edge", "instance-neighbourhood",
        ["logits": logits, "images": images, "neighbours": .neighbours(everyone, images: 6)]),
      LossCase(
        slug: "sure", summary: "own image or neighbour takes nearly all: q within 1e-6 of 1",
        catches: ["log q as a difference of log-sum-exps", "1 − q by subtraction"]
      ).recipe(
        "edge", "instance-neighbourhood",
        ["logits": sure, "images": .list([0, 0, 3, 1]), "neighbours": .neighbours([0: [1], 1: [2]], images: 6)]),
      LossCase(
        slug: "underflow", summary: "logits of up to ±200, as at temperature 0.01",
        catches: ["log of a probability that is 0"]
      ).recipe("edge", "instance-neighbourhood", ["logits": steep, "images": images]),
      LossCase(slug: "one-image", summary: "a bank of one image", catches: ["not a number for an empty rest"]).recipe(
        "edge", "instance-neighbourhood", ["logits": .rows([[0.75], [-3]]), "images": .list([0, 0])]),
    ]
  }

  private static func entropies() -> [CaseRecipe] {
    let steep = NetworkDrawing(seed: 27_000).tensor([4, 6], 1, scale: 80)
    let images = TensorValue.list([4, 0, 5, 2])
    return [
      LossCase(slug: "one-image", summary: "a bank of one image has no others: 0", catches: ["−∞ times 0"]).recipe(
        "edge", "unification-entropy", ["logits": .rows([[0.75], [-3]]), "images": .list([0, 0])]),
      LossCase(slug: "two-images", summary: "one other image: 0", catches: ["an entropy below 0"]).recipe(
        "edge", "unification-entropy",
        ["logits": .rows([[0.75, 2], [-3, 8], [1.5, 0.25]]), "images": .list([0, 1, 0])]),
      LossCase(
        slug: "underflow", summary: "logits of up to ±200: probabilities that underflow",
        catches: ["0 log 0 is not a number", "log of a probability that is 0"]
      ).recipe("edge", "unification-entropy", ["logits": steep, "images": images]),
      LossCase(
        slug: "minus-ten-underflow", summary: "the constant −10 above the others",
        parameters: ["ownLogit": .integer(-10)], catches: ["the constant taken for minus infinity"]
      ).recipe(
        "edge", "unification-entropy",
        ["logits": .rows([[-12, -14, -11.5, 3], [-20, -13, 2, -10.5]]), "images": .list([3, 2])]),
    ]
  }

  private static let hot: [[Double]] = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0], [0, 0, 1]]
  private static let soft = [[0.5, 0.25, 0.25], [0.125, 0.75, 0.125], [0.25, 0.625, 0.125]]
  private static let other = [[0.375, 0.5, 0.125], [0.25, 0.5, 0.25], [0.5, 0.25, 0.25]]
  private static func emptied(_ rows: [[Double]]) -> TensorValue { .rows(rows.map { [$0[0] + $0[2], $0[1], 0] }) }
  private static func pair(_ first: [[Double]], _ second: [[Double]]) -> [String: TensorValue] {
    ["first": .rows(first), "second": .rows(second)]
  }

  private static let joints: [(LossCase, [String: TensorValue])] = [
    (
      LossCase(slug: "one-class", summary: "K = 1: loss and gradient 0", catches: ["log 1 / log 1"]),
      pair([[1], [1]], [[1], [1]])
    ),
    (
      LossCase(
        slug: "empty-cluster", summary: "a class that no view takes: its entries are the floor",
        catches: ["0 log 0", "gradient through the floor", "marginals summed after the floor"]),
      ["first": emptied(soft), "second": emptied(other)]
    ),
    (
      LossCase(
        slug: "empty-cluster-weighed", summary: "the same with β = 2, not symmetrised",
        parameters: ["marginalEntropyWeight": .integer(2), "symmetrised": .truth(false)],
        catches: ["gradient through the floor of one marginal"]), ["first": emptied(soft), "second": .rows(other)]
    ),
    (
      LossCase(
        slug: "collapsed", summary: "all views in one class: −3e-14", catches: ["floor added to all entries"]),
      pair([[0, 1, 0], [0, 1, 0]], [[0, 1, 0], [0, 1, 0]])
    ),
    (
      LossCase(slug: "balanced-one-hot", summary: "the least possible loss, −log K", catches: ["log of base 2"]),
      pair(hot, hot)
    ),
    (
      LossCase(
        slug: "uniform", summary: "every class as likely as any: 0", catches: ["entropy taken for information"]),
      pair(
        Array(repeating: [0.25, 0.25, 0.25, 0.25], count: 3), Array(repeating: [0.25, 0.25, 0.25, 0.25], count: 3))
    ),
    (
      LossCase(
        slug: "nearly-uniform", summary: "information of 1e-3, a difference of entropies near log 3",
        catches: ["cross-entropy or divergence of the views instead of information"]),
      pair(
        [[0.375, 0.3125, 0.3125], [0.3125, 0.375, 0.3125], [0.25, 0.375, 0.375]],
        [[0.375, 0.25, 0.375], [0.3125, 0.4375, 0.25], [0.3125, 0.3125, 0.375]])
    ),
    (
      LossCase(
        slug: "one-image", summary: "a batch of one: a joint of rank one made symmetric",
        catches: ["a batch of one refused"]), pair([soft[0]], [other[0]])
    ),
    (
      LossCase(
        slug: "one-image-equal-views", summary: "a batch of one with equal views: no information",
        catches: ["information of an outer product"]), pair([soft[1]], [soft[1]])
    ),
  ]

  private static func information() -> [CaseRecipe] {
    return joints.map { given, inputs in given.recipe("edge", "mutual-information", inputs) }
  }

  private static func totals() -> [CaseRecipe] {
    let views = [[0.5, 0.75, 0.25], [0.625, 0.5, -0.5]]
    let bank = [[0.75, 0.5, 0.25], [-0.25, 0.875, 0.5], [0.5, -0.625, 0.5]]
    let drawing = NetworkDrawing(seed: 27_500)
    return [
      LossCase(
        slug: "one-image", summary: "a batch of one image: L_AUG is 0",
        parameters: ["entropyWeight": .number(0.4), "bankTemperature": .number(0.25)],
        catches: ["a batch of one refused", "not a number from L_AUG"]
      ).recipe(
        "edge", "stage-one-loss", ["embeddings": .rows(views), "bank": .rows(bank), "images": .list([2])]),
      LossCase(
        slug: "one-image", summary: "a batch of one image: L_cp is 0", parameters: ["headTemperature": .number(0.5)],
        catches: ["a batch of one refused", "not a number from L_cp"]
      ).recipe("edge", "stage-two-loss", ["embeddings": .rows(views), "heads": drawing.tensor([2, 3, 4], 0)]),
      LossCase(
        slug: "identical-views", summary: "all embeddings alike: no information, L_cp at its collapsed value",
        parameters: ["headTemperature": .number(0.5), "temperature": .number(0.25)],
        catches: ["information of a collapsed batch not 0"]
      ).recipe(
        "edge", "stage-two-loss",
        ["embeddings": .rows(Array(repeating: views[0], count: 6)), "heads": drawing.tensor([2, 3, 4], 1)]),
    ]
  }
}
