// The first views for the second ones: losses stay, gradients change places.
// Tests    OracleTests/RelationMutantsTests.swift
import Files
import Kernels
import Networks

/// Relations about the two views of an image.
let viewSwapRelations: [Relation] = [
  Relation(
    name: "stage-one-view-swap", summary: "swapped views: all losses of stage 1 as before, gradients swapped",
    catches: ["a view's gradient lost"], largest: 32,
    outputs: stageOneOutputs,
    prompts: { d in
      let swapped = d.embeddings.reordered(swap(d))
      return [
        "plain": d.stageOne(d.embeddings, d.bank, d.batchImages),
        "swapped": d.stageOne(swapped, d.bank, d.batchImages),
      ]
    },
    judge: { d, answers, judgement in expectSwapped(d, answers, &judgement, stageOneOutputs) }),
  Relation(
    name: "stage-two-view-swap", summary: "swapped views: all losses of stage 2 as before, gradients swapped",
    catches: ["a view's gradient lost"], largest: 64, outputs: stageTwoOutputs,
    prompts: { d in
      [
        "plain": d.stageTwo(d.embeddings, d.heads),
        "swapped": d.stageTwo(d.embeddings.reordered(swap(d)), d.heads),
      ]
    },
    judge: { d, answers, judgement in expectSwapped(d, answers, &judgement, stageTwoOutputs) }),
  Relation(
    name: "information-view-swap", summary: "swapped views: loss and joint as before, gradients swapped",
    catches: ["joint not made symmetric"], largest: 128,
    outputs: ["loss", "information", "joint", "first.gradient", "second.gradient"],
    prompts: { d in
      let (first, second) = (d.distributions(d.batch, 4), d.distributions(d.batch, 5, sharpness: 2))
      let weight: [String: JSON] = ["marginalEntropyWeight": .integer(2)]
      return [
        "plain": d.information(first, second, parameters: weight),
        "swapped": d.information(second, first, parameters: weight),
      ]
    },
    judge: { d, answers, judgement in
      judgement.expectEqualLosses(answers, ["loss", "information", "joint"], "swapped", "plain")
      for (here, there) in [("first.gradient", "second.gradient"), ("second.gradient", "first.gradient")] {
        judgement.expect(here, answers("swapped", here), equals: answers("plain", there))
      }
    }),
]

/// The rows of the second views, then those of the first.
private func swap(_ d: RelationDrawing) -> [Int] { Array(d.batch..<2 * d.batch) + Array(0..<d.batch) }

private func expectSwapped(
  _ d: RelationDrawing, _ answers: RelationAnswers, _ judgement: inout RelationJudgement, _ outputs: [String]
) {
  judgement.expectEqualLosses(answers, outputs, "swapped", "plain")
  let name = "embeddings.gradient"
  judgement.expectRows(
    name, answers("swapped", name), are: answers("plain", name), inOrder: swap(d), columns: d.features)
}
