// The class heads along both axes, frozen and trainable.
// Tests    OracleTests/HeadCasesTests.swift
import Kernels
import Networks

/// The cases of the area "head".
enum HeadCases {
  private static let feature: [String: ParameterValue] = ["axis": .text("feature")]
  private static let trainable: [String: ParameterValue] = ["trainable": .truth(true)]

  private static let heads: [(LossCase, rows: Int, features: Int, heads: Int, classes: Int, temperature: Double)] = [
    (
      LossCase(
        slug: "class-axis", summary: "each class's vector has length 1",
        catches: ["heads normalised along the other axis", "embeddings' gradient of the last head only"]), 6, 7, 3, 4,
      0.25
    ),
    (
      LossCase(
        slug: "feature-axis", summary: "each feature's row has length 1", parameters: feature,
        catches: ["heads normalised along the other axis"]), 6, 7, 3, 4, 0.75
    ),
    (
      LossCase(slug: "paper", summary: "temperature 0.1", catches: ["temperature applied before the product twice"]),
      5,
      8, 2, 5, 0.1
    ),
    (
      LossCase(
        slug: "released", summary: "temperature 0.1 along the feature axis", parameters: feature,
        catches: ["heads normalised along the other axis", "softmax over the rows"]), 6, 5, 2, 8, 0.1
    ),
    (
      LossCase(
        slug: "one-head", summary: "a single head",
        catches: ["not normalised at all", "gradient of y taken for that of x"]),
      7, 5, 1, 3, 0.375
    ),
    (
      LossCase(
        slug: "more-classes-than-features", summary: "4 features, 9 classes",
        catches: ["weight transposed", "classes and features swapped"]), 3, 4, 2, 9, 0.5
    ),
    (
      LossCase(
        slug: "two-classes", summary: "2 classes", catches: ["the mean over classes not subtracted"]), 9, 6, 4, 2,
      0.375
    ),
    (
      LossCase(
        slug: "trainable-class-axis", summary: "weights that learn, by class", parameters: trainable,
        catches: ["the gradient's part along a class's vector not removed", "length missing in the gradient"]), 5, 6,
      2,
      3, 0.375
    ),
    (
      LossCase(
        slug: "trainable-feature-axis", summary: "weights that learn, by feature",
        parameters: feature.merging(trainable) { $1 },
        catches: ["the gradient's part along the other axis removed"]), 6, 5, 2, 4, 0.625
    ),
  ]

  /// All of them.
  static func all() throws(OracleError) -> [CaseRecipe] {
    return try heads.enumerated().map { index, item throws(OracleError) in
      var given = item.0
      given.parameters["headTemperature"] = .number(item.temperature)
      let prompt = try NetworkDrawing.firstApart(from: 70_010 + 2000 * UInt32(index)) { drawing in
        Prompt(
          operation: "cluster-heads", parameters: given.parameters,
          inputs: [
            "embeddings": drawing.unitRows([item.rows, item.features], 0),
            "heads": drawing.tensor([item.heads, item.features, item.classes], 1),
            "probabilities.cotangent": drawing.tensor([item.heads, item.rows, item.classes], 2),
          ])
      }
      return given.recipe("head", "cluster-heads", prompt.inputs)
    }
  }
}
