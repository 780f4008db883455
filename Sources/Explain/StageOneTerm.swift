// `tsuc explain stage1`: the total of stage 1.
// Tests    ExplainTests/ExplainTests.swift
import Kernels
import Networks
import TwoStage

/// The bank of four with the constants of the total loss.
package struct StageOneExample: Sendable {
  /// The bank and the batch.
  package let small: SmallBank
  /// w, the weight of L_UE.
  package let entropyWeight: Double
  /// The temperature of L_AUG.
  package let temperature: Double

  /// The inputs, moved as the example says.
  package init(_ example: Example) {
    small = SmallBank(example)
    (entropyWeight, temperature) = (example.constant(0.2), example.constant(0.4))
  }
}

extension Explanation {
  static let stageOne = Explanation(
    name: "stage1", aliases: ["L_1", "super-and"],
    title: "the total of stage 1: L_AND + w L_UE + L_AUG, and the order of a step",
    references: References(
      sources: [
        ("Sources/TwoStage/StageOneLoss.swift", "StageOneLoss"), ("Sources/TwoStage/StageOne.swift", "StageOne"),
        ("Sources/TwoStage/Losses/BankLosses.swift", "BankLosses"),
      ],
      tests: [
        "Tests/TwoStageTests/StageOneLossTests.swift", "Tests/TwoStageTests/StageOneTests.swift",
        "Tests/TwoStageTests/Losses/BankLossesTests.swift",
      ],
      golden: [
        "loss/stage-one-loss-all-terms", "step/stage-one-step-two-streams", "trajectory/stage-one-trajectory-10",
      ])
  ) { example in
    let given = StageOneExample(example)
    let (small, weight, tau) = (given.small, given.entropyWeight, given.temperature)
    let (neighbourhood, entropy) = (NeighbourhoodSteps(small), EntropySteps(small))
    let units = RelationRows(views: small.views, bank: small.bank).units
    let pairs = BatchLossSteps(cosines: products(units, units), temperature: tau)
    let sum = neighbourhood.loss + weight * entropy.loss + pairs.loss
    let bank = small.library
    let (andLoss, ueLoss) = (InstanceNeighbourhoodLoss<Double>(), UnificationEntropyLoss<Double>())
    let batchLoss = BatchLoss<Double>(temperature: tau)
    let found = StageOneLoss(augmentation: batchLoss).evaluate(
      embeddings: Tensor(rows: small.views), images: small.images, bank: bank, neighbourhoods: small.neighbourhoods,
      entropyWeight: weight)
    let rows = small.views.indices.map { "row \($0)" }
    return [
      .prose(
        """
        Three losses of the same embeddings, each a mean over the rows of both views, and only so are their weights comparable. \
        See tsuc explain and, ue and aug for each. The bank is read by all three and written once, after the gradients: a view \
        must not meet itself in the bank.
        """),
      .heading("Formula"),
      .formula(
        """
        L = L_AND + w L_UE + L_AUG          w = 0 at first (tsuc explain w); then L_UE is not computed
        one step:  V = E(first views above second views)
                   ∂L/∂V ─▶ through the unit rows ─▶ encoder's gradients
                   M[images] ← normalise(ρ M[images] + (1 − ρ) V of the second views)
                   encoder ← SGD with Nesterov's momentum
        """),
      .heading("Example: image 0 is an anchor with the neighbour 1, image 2 has none"),
      .constants([.init("w", weight), .init("τ_b", tau)]),
    ] + small.passages + [
      .table(
        NumberTable(
          "rows' losses, and their means", columns: rows + ["mean"], names: ["L_AND", "L_UE", "L_AUG"],
          numbers: [
            neighbourhood.losses + [neighbourhood.loss], entropy.entropies + [entropy.loss],
            pairs.losses + [pairs.loss],
          ])),
      .table(
        NumberTable(
          "L = L_AND + w L_UE + L_AUG", columns: ["L_AND", "w L_UE", "L_AUG", "L"], names: ["L"],
          numbers: [[neighbourhood.loss, weight * entropy.loss, pairs.loss, sum]])),
      .agreement(CrossCheck("L_AND", [neighbourhood.loss], [found.neighbourhood ?? .nan], by: "StageOneLoss")),
      .agreement(CrossCheck("L_UE", [entropy.loss], [found.entropy ?? .nan], by: "StageOneLoss")),
      .agreement(CrossCheck("L_AUG", [pairs.loss], [found.augmentation ?? .nan], by: "StageOneLoss")),
      .agreement(CrossCheck("L", [sum], [found.total], by: "StageOneLoss")),
      .heading("Gradient of the embeddings: through the bank's products and through relations to constant keys"),
      .gradient(
        GradientCheck(
          "∂L/∂V", found.embeddingsGradient, at: Tensor(rows: small.views), names: small.rowNames,
          columns: ["x", "y"]
        ) { views in
          let logits = bank.logits(of: views)
          return andLoss.evaluate(
            logits: logits, images: small.rowImages, neighbourhoods: small.neighbourhoods
          ).loss + weight * ueLoss.evaluate(logits: logits, images: small.rowImages).loss
            + batchLoss.relationLoss(views, keys: small.views, bank: small.bank)
        }),
    ]
  }
}
