// The space of the embeddings turned: losses see inner products alone, and gradients turn along.
//
// The orthogonal matrix Q mixes 4 numbers at a time by half a Hadamard matrix, whose entries are ±1/2, and changes their order:
// so turned inputs of few bits are Floats exactly, and nothing but the backend rounds.
// Tests    OracleTests/RelationMutantsTests.swift, OracleTests/RelationDrawingTests.swift
import Kernels
import Networks

/// Relations about an orthogonal change of coordinates.
let rotationRelations: [Relation] = [
  Relation(
    name: "stage-one-rotation", summary: "embeddings and bank turned: losses of stage 1 as before, gradients turned",
    catches: ["a feature lost at the end", "normalised along the wrong axis"], largest: 32, outputs: stageOneOutputs,
    prompts: { d in
      let turned = d.stageOne(d.turned(d.embeddings), d.turned(d.bank), d.batchImages)
      return ["plain": d.stageOne(d.embeddings, d.bank, d.batchImages), "turned": turned]
    },
    judge: { d, answers, judgement in expectTurned(d, answers, &judgement, stageOneOutputs) }),
  Relation(
    name: "stage-two-rotation", summary: "embeddings and heads turned: losses of stage 2 as before, gradients turned",
    catches: ["heads normalised along the wrong axis", "a feature lost at the end"], largest: 64,
    outputs: stageTwoOutputs,
    prompts: { d in
      let heads = d.heads
      let weights = (0..<3).flatMap { head -> [Double] in
        let weight = Tensor(shape: [d.features, d.classes], values: Array(heads.row(head)))
        return d.turned(weight.transposedMatrix).transposedMatrix.values
      }
      let turned = d.stageTwo(d.turned(d.embeddings), Tensor(shape: heads.shape, values: weights))
      return ["plain": d.stageTwo(d.embeddings, heads), "turned": turned]
    },
    judge: { d, answers, judgement in expectTurned(d, answers, &judgement, stageTwoOutputs) }),
]

extension RelationDrawing {
  /// Q as its columns: new coordinate j is Σ factor · old coordinate over the pairs of list j.
  var rotation: [[(index: Int, factor: Double)]] {
    let mixed = features / 4 * 4
    let columns = (0..<features).map { j -> [(index: Int, factor: Double)] in
      guard j < mixed else { return [(j, -1)] }
      // Entry (i, j) of the Hadamard matrix is −1 to the number of common bits of i and j.
      return (0..<4).map { i in (j / 4 * 4 + i, (i & j % 4).nonzeroBitCount % 2 == 0 ? 0.5 : -0.5) }
    }
    return permutation(features, 12).map { columns[$0] }
  }

  /// Every row turned: x Q.
  func turned(_ rows: Tensor<Double>) -> Tensor<Double> {
    let rotation = rotation
    let values = (0..<rows.rows).flatMap { (i: Int) -> [Double] in
      rotation.map { column in column.reduce(0) { $0 + $1.factor * rows.values[i * features + $1.index] } }
    }
    return Tensor(shape: rows.shape, values: values)
  }
}

private func expectTurned(
  _ d: RelationDrawing, _ answers: RelationAnswers, _ judgement: inout RelationJudgement, _ outputs: [String]
) {
  judgement.expectEqualLosses(answers, outputs, "turned", "plain")
  let name = "embeddings.gradient"
  let (turned, plain, rotation) = (answers("turned", name), answers("plain", name), d.rotation)
  for i in 0..<2 * d.batch {
    for (j, column) in rotation.enumerated() {
      let expected = BoundedNumber.sum(column.map { $0.factor * plain[i * d.features + $0.index] })
      judgement.expect(name, turned[i * d.features + j], equals: expected, at: [i, j])
    }
  }
}
