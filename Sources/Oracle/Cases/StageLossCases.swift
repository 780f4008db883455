// The assignment loss, and the total losses of both stages.
// Tests    OracleTests/LossCasesTests.swift
import Kernels
import Networks

/// The cases of mutual-information, stage-one-loss and stage-two-loss.
enum StageLossCases {
  /// All of them.
  static func all() -> [CaseRecipe] { information() + stageOne() + stageTwo() }

  private static let joints: [(LossCase, images: Int, classes: Int, sharpness: Double)] = [
    (
      LossCase(
        slug: "released", summary: "symmetric joint, β = 1",
        catches: ["joint not made symmetric", "joint not divided by its sum", "the sign turned", "log of base 2"]),
      7, 4, 3
    ),
    (
      LossCase(
        slug: "not-symmetrised", summary: "the joint as the paper prints it",
        parameters: ["symmetrised": .truth(false)],
        catches: ["joint made symmetric", "gradients of the views swapped"]), 6, 4, 3
    ),
    (
      LossCase(
        slug: "weight-2", summary: "marginal entropies weighed by 2",
        parameters: ["marginalEntropyWeight": .integer(2)],
        catches: ["weight on one marginal alone", "information weighed too"]), 9, 3, 2.75
    ),
    (
      LossCase(
        slug: "weight-three-halves-not-symmetrised", summary: "β = 1.5 on a joint that is not symmetric",
        parameters: ["marginalEntropyWeight": .number(1.5), "symmetrised": .truth(false)],
        catches: ["weight on one marginal alone", "row and column marginals swapped"]), 5, 4, 2
    ),
    (
      LossCase(
        slug: "weight-0", summary: "no marginal entropies", parameters: ["marginalEntropyWeight": .integer(0)],
        catches: ["the constant of the entropy's derivative dropped where it does not cancel"]), 6, 3, 2
    ),
    (
      LossCase(
        slug: "sharp", summary: "nearly one class an image", catches: ["floor added instead of taken as the least"]),
      8, 4, 5
    ),
    (
      LossCase(
        slug: "more-classes-than-images", summary: "3 images, 6 classes", catches: ["softmax over the batch"]),
      3, 6, 2.5
    ),
    (
      LossCase(slug: "two-classes", summary: "2 classes, 11 images", catches: ["sum over images not divided out"]),
      11, 2, 2
    ),
  ]

  private static func information() -> [CaseRecipe] {
    return joints.enumerated().map { index, item in
      let drawing = NetworkDrawing(seed: 24_010 + 50 * UInt32(index))
      guard case .real(let first) = drawing.distributions(item.images, item.classes, sharpness: item.sharpness, 0),
        case .real(let noise) = drawing.distributions(item.images, item.classes, sharpness: item.sharpness, 1)
      else { return item.0.recipe("loss", "mutual-information", [:]) }
      // The second view agrees with the first in most, and rows still sum to 1.
      let second = Tensor<Float>(
        shape: first.shape, values: zip(first.values, noise.values).map { Float(0.875 * $0 + 0.125 * $1) })
      return item.0.recipe("loss", "mutual-information", ["first": .real(first), "second": .real(second)])
    }
  }

  /// Temperatures other than the default, so that a default taken by mistake shows.
  private static let stageOneConstants: [String: ParameterValue] = [
    "bankTemperature": .number(0.25), "entropyWeight": .number(0.4), "temperature": .number(0.375),
  ]

  private static let firstStages: [(LossCase, images: Int, features: Int, bank: Int, neighbours: Bool)] = [
    (
      LossCase(
        slug: "all-terms", summary: "all three terms",
        catches: ["gradient leaks into the bank", "one temperature for bank and batch", "a term's weight lost"]),
      5, 6,
      13, true
    ),
    (
      LossCase(
        slug: "no-entropy", summary: "w = 0: the entropy is neither computed nor named",
        parameters: ["entropyWeight": .integer(0)], catches: ["entropy added where its weight is 0"]), 3, 5, 9, true
    ),
    (
      LossCase(
        slug: "instances", summary: "the first round: no anchors", catches: ["neighbours of the last round kept"]),
      4, 7, 10, false
    ),
    (
      LossCase(
        slug: "embedding-space", summary: "L_AUG of the embeddings",
        parameters: ["augmentationSpace": .text("embedding")],
        catches: ["relations where embeddings were asked for"]), 3, 6, 11, true
    ),
    (
      LossCase(
        slug: "minus-ten", summary: "the own logit −10 in L_UE, temperature 0.1",
        parameters: ["ownLogit": .integer(-10), "bankTemperature": .number(0.1)],
        catches: ["own image left out although a constant was asked for"]), 3, 4, 8, true
    ),
    (
      LossCase(
        slug: "full-gradient", summary: "L_AUG with the gradient of both factors",
        parameters: ["stopsGradient": .truth(false)], catches: ["second factor detached"]), 3, 5, 9, true
    ),
    (
      LossCase(
        slug: "sums", summary: "sums instead of means", parameters: ["reduction": .text("sum")],
        catches: ["one of the terms divided by the rows"]), 3, 4, 7, true
    ),
    (
      LossCase(
        slug: "paper-temperatures", summary: "both temperatures 0.1, w = 0.2",
        parameters: [
          "bankTemperature": .number(0.1), "temperature": .number(0.1), "entropyWeight": .number(0.2),
        ], catches: ["logits not divided by the temperature", "gradient not divided by the temperature"]), 4, 8, 12,
      true
    ),
  ]

  private static func stageOne() -> [CaseRecipe] {
    return firstStages.enumerated().map { index, item in
      let drawing = NetworkDrawing(seed: 25_000 + 50 * UInt32(index))
      let (bank, images) = (
        drawing.unitRows([item.bank, item.features], 0), drawing.batch(item.images, of: item.bank, 1)
      )
      var inputs = [
        "bank": bank, "images": .list(images),
        "embeddings": drawing.viewsOf(bank: bank, images + images, noise: 1.25, 2),
      ]
      if item.neighbours {
        // Two images of the batch are anchors, with two neighbours and one, and so is an image outside it.
        let others = (0..<item.bank).filter { !images.contains($0) }
        let lists = [images[0]: [others[1], images[2]], images[1]: [others[0]], others[2]: [images[0]]]
        inputs["neighbours"] = .neighbours(lists, images: item.bank)
      }
      var given = item.0
      given.parameters = stageOneConstants.merging(given.parameters) { $1 }
      return given.recipe("loss", "stage-one-loss", inputs)
    }
  }

  private static let stageTwoConstants: [String: ParameterValue] = [
    "headTemperature": .number(0.25), "temperature": .number(0.375),
  ]

  private static let secondStages: [(LossCase, images: Int, features: Int, heads: Int, classes: Int)] = [
    (
      LossCase(
        slug: "three-heads", summary: "three heads and L_cp",
        catches: ["heads summed instead of averaged", "only the last head's gradient"]), 5, 6, 3, 4
    ),
    (LossCase(slug: "one-head", summary: "a single head", catches: ["heads' mean taken over classes"]), 4, 5, 1, 3),
    (
      LossCase(
        slug: "feature-axis", summary: "heads normalised by feature",
        parameters: ["axis": .text("feature"), "headTemperature": .number(0.5)],
        catches: ["heads normalised along the other axis"]), 4, 7, 2, 5
    ),
    (
      LossCase(
        slug: "weights", summary: "λ = 0.5, β = 2",
        parameters: ["consistencyWeight": .number(0.5), "marginalEntropyWeight": .integer(2)],
        catches: ["λ ignored", "β taken for λ"]), 5, 4, 2, 3
    ),
    (
      LossCase(
        slug: "no-consistency", summary: "λ = 0: L_cp is neither computed nor named",
        parameters: ["consistencyWeight": .integer(0)], catches: ["L_cp added where its weight is 0"]), 6, 5, 3, 4
    ),
    (
      LossCase(
        slug: "not-symmetrised", summary: "the joint as the paper prints it, L_cp with both factors",
        parameters: ["symmetrised": .truth(false), "stopsGradient": .truth(false)],
        catches: ["joint made symmetric", "second factor detached"]), 5, 6, 2, 3
    ),
    (
      LossCase(
        slug: "paper-temperatures", summary: "both temperatures 0.1",
        parameters: ["headTemperature": .number(0.1), "temperature": .number(0.1)],
        catches: ["one temperature for heads and batch", "softmax twice"]), 6, 8, 3, 4
    ),
  ]

  private static func stageTwo() -> [CaseRecipe] {
    return secondStages.enumerated().map { index, item in
      let drawing = NetworkDrawing(seed: 26_000 + 50 * UInt32(index))
      var given = item.0
      given.parameters = stageTwoConstants.merging(given.parameters) { $1 }
      return given.recipe(
        "loss", "stage-two-loss",
        [
          "embeddings": drawing.twoViews(item.images, features: item.features, noise: 0.75, 0),
          "heads": drawing.tensor([item.heads, item.features, item.classes], 1),
        ])
    }
  }
}
