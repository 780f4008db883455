// The batch in another order, and the classes under other numbers: losses stay, gradients go along.
// Tests    OracleTests/RelationMutantsTests.swift
import Files
import Kernels
import Networks

/// Relations about orders that must not matter.
let permutationRelations: [Relation] = [
  Relation(
    name: "stage-one-batch-order", summary: "images in another order: losses of stage 1 as before, gradients along",
    catches: ["place in the batch taken for the image's number", "a row lost at the end"], largest: 32,
    outputs: stageOneOutputs,
    prompts: { d in
      let order = d.permutation(d.batch, 10)
      return [
        "plain": d.stageOne(d.embeddings, d.bank, d.batchImages),
        "reordered": d.stageOne(
          d.embeddings.reordered(d.bothViews(order)), d.bank, order.map { d.batchImages[$0] }),
      ]
    },
    judge: { d, answers, judgement in expectReordered(d, answers, &judgement, stageOneOutputs) }),
  Relation(
    name: "stage-two-batch-order", summary: "images in another order: losses of stage 2 as before, gradients along",
    catches: ["views of different images paired", "a row lost at the end"], largest: 64, outputs: stageTwoOutputs,
    prompts: { d in
      let order = d.bothViews(d.permutation(d.batch, 10))
      return [
        "plain": d.stageTwo(d.embeddings, d.heads), "reordered": d.stageTwo(d.embeddings.reordered(order), d.heads),
      ]
    },
    judge: { d, answers, judgement in expectReordered(d, answers, &judgement, stageTwoOutputs) }),
  Relation(
    name: "information-class-order", summary: "classes under other numbers: loss as before, joint and gradients along",
    catches: ["a class lost at the end"], largest: 128,
    outputs: ["loss", "information", "joint", "first.gradient", "second.gradient"],
    prompts: { d in
      let order = d.permutation(d.classes, 11)
      let (first, second) = (d.distributions(d.batch, 4), d.distributions(d.batch, 5, sharpness: 2))
      // The joint as the paper prints it, so that rows and columns differ.
      let plain: [String: JSON] = ["symmetrised": .bool(false)]
      return [
        "plain": d.information(first, second, parameters: plain),
        "reordered": d.information(
          first.reorderedColumns(order), second.reorderedColumns(order), parameters: plain),
      ]
    },
    judge: { d, answers, judgement in
      let (order, k) = (d.permutation(d.classes, 11), d.classes)
      judgement.expectEqualLosses(answers, ["loss", "information"], "reordered", "plain")
      let batch = Array(0..<d.batch)
      for (name, rows) in [("joint", order), ("first.gradient", batch), ("second.gradient", batch)] {
        let (here, there) = (answers("reordered", name), answers("plain", name))
        for (i, row) in rows.enumerated() {
          for j in 0..<k { judgement.expect(name, here[i * k + j], equals: there[row * k + order[j]], at: [i, j]) }
        }
      }
    }),
  Relation(
    name: "heads-class-order", summary: "classes of each head under other numbers: losses and gradients as before",
    catches: ["a class lost at the end"], largest: 64,
    outputs: stageTwoOutputs,
    prompts: { d in
      let order = d.permutation(d.classes, 11)
      let heads = d.heads
      let matrix = Tensor(shape: [3 * d.features, d.classes], values: heads.values).reorderedColumns(order)
      let reordered = Tensor(shape: heads.shape, values: matrix.values)
      return ["plain": d.stageTwo(d.embeddings, heads), "reordered": d.stageTwo(d.embeddings, reordered)]
    },
    judge: { d, answers, judgement in
      for output in stageTwoOutputs {
        judgement.expect(output, answers("reordered", output), equals: answers("plain", output))
      }
    }),
]

private func expectReordered(
  _ d: RelationDrawing, _ answers: RelationAnswers, _ judgement: inout RelationJudgement, _ outputs: [String]
) {
  judgement.expectEqualLosses(answers, outputs, "reordered", "plain")
  let (name, order) = ("embeddings.gradient", d.bothViews(d.permutation(d.batch, 10)))
  judgement.expectRows(
    name, answers("reordered", name), are: answers("plain", name), inOrder: order, columns: d.features)
}
