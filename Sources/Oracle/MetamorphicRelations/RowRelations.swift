// Rows: lengths and sums of what is normalised, and what shifts and scalings leave alone.
// Tests    OracleTests/RelationMutantsTests.swift
import Files
import Kernels
import Networks

/// Relations about rows.
let rowRelations: [Relation] = [
  Relation(
    name: "normalisation-scaling",
    summary: "rows scaled by powers of 2: unit rows as before, gradients scaled back and orthogonal to the row",
    catches: [
      "normalised along the wrong axis", "epsilon added to the norm", "norm taken for a constant in the gradient",
    ],
    largest: 1024,
    outputs: ["y", "x.gradient"],
    prompts: { d in
      let (x, g) = (d.rows(d.batch, 20), d.rows(d.batch, 21))
      let scaled = Tensor(
        shape: x.shape, values: x.values.indices.map { x.values[$0] * powerOfTwo($0 / d.features) })
      func prompt(_ x: Tensor<Double>) -> Prompt {
        Prompt(operation: "l2-normalisation", inputs: ["x": .real(x), "y.cotangent": .real(g)])
      }
      return ["plain": prompt(x), "scaled": prompt(scaled)]
    },
    judge: { d, answers, judgement in
      let (y, gradient, x) = (answers("plain", "y"), answers("plain", "x.gradient"), d.rows(d.batch, 20))
      judgement.expect("y", answers("scaled", "y"), equals: y)
      for (i, value) in answers("scaled", "x.gradient").enumerated() {
        let (row, column) = (i / d.features, i % d.features)
        judgement.expect("x.gradient", powerOfTwo(row) * value, equals: gradient[i], at: [row, column])
      }
      for a in 0..<d.batch {
        let indices = a * d.features..<(a + 1) * d.features
        judgement.expect(
          "length", BoundedNumber.sum(indices.map { y[$0] * y[$0] }), equals: BoundedNumber(1), at: [a])
        let product = BoundedNumber.sum(Array(x.row(a)), times: Array(gradient[indices]))
        judgement.expect("orthogonal", product, equals: BoundedNumber(0), at: [a])
      }
    }),
  Relation(
    name: "softmax-row-sums", summary: "rows of a softmax sum to 1, those of its gradient to 0",
    catches: ["softmax along the other axis", "gradient without the mean"], largest: 1024,
    outputs: ["y", "x.gradient"],
    prompts: { d in
      let shape = [d.batch, d.features]
      return [
        "plain": Prompt(
          operation: "softmax-of-rows",
          inputs: ["x": .real(d.grid(shape, 22)), "y.cotangent": .real(d.grid(shape, 23))])
      ]
    },
    judge: { d, answers, judgement in
      for (output, sum) in [("y", 1.0), ("x.gradient", 0)] {
        let values = answers("plain", output)
        for a in 0..<d.batch {
          let row = values[a * d.features..<(a + 1) * d.features]
          judgement.expect(output, BoundedNumber.sum(row), equals: BoundedNumber(sum), at: [a])
        }
      }
    }),
  Relation(
    name: "log-sum-exp-shift",
    summary: "rows shifted by c: log-sum-exp shifted by c, its gradient as before, summing to g",
    catches: ["maximum not added back", "a column lost at the end"], largest: 1024,
    outputs: ["y", "x.gradient"],
    prompts: { d in
      let (x, g) = (d.grid([d.batch, d.features], 24), d.grid([d.batch], 25))
      let shifted = Tensor(shape: x.shape, values: x.values.indices.map { x.values[$0] + shift($0 / d.features) })
      func prompt(_ x: Tensor<Double>) -> Prompt {
        Prompt(operation: "log-sum-exp-of-rows", inputs: ["x": .real(x), "y.cotangent": .real(g)])
      }
      return ["plain": prompt(x), "shifted": prompt(shifted)]
    },
    judge: { d, answers, judgement in
      let (gradient, g) = (answers("plain", "x.gradient"), d.grid([d.batch], 25))
      judgement.expect("x.gradient", answers("shifted", "x.gradient"), equals: gradient)
      for a in 0..<d.batch {
        let expected = answers("plain", "y")[a] + BoundedNumber(shift(a))
        judgement.expect("y", answers("shifted", "y")[a], equals: expected, at: [a])
        let sum = BoundedNumber.sum(gradient[a * d.features..<(a + 1) * d.features])
        judgement.expect("sum of the gradient", sum, equals: BoundedNumber(g.values[a]), at: [a])
      }
    }),
  Relation(
    name: "memory-unit-rows", summary: "rows of the bank have length 1 after an update, the others keep their bits",
    catches: ["row not normalised after the blend", "row written under another number"], largest: 256,
    outputs: ["bank.new"],
    prompts: { d in
      let inputs: [String: TensorValue] = [
        "bank": .real(d.bank), "embeddings": .real(d.embeddings), "images": .listOf(d.batchImages),
      ]
      return [
        "plain": Prompt(operation: "memory-update", parameters: ["bankMomentum": .number(0.375)], inputs: inputs)
      ]
    },
    judge: { d, answers, judgement in
      let (new, old, written) = (answers("plain", "bank.new"), d.bank, Set(d.batchImages))
      for i in 0..<d.images {
        let row = new[i * d.features..<(i + 1) * d.features]
        guard written.contains(i) else {
          for (j, value) in row.enumerated() {
            judgement.expect("others", value, equals: BoundedNumber(old.values[i * d.features + j]), at: [i, j])
          }
          continue
        }
        judgement.expect("length", BoundedNumber.sum(row.map { $0 * $0 }), equals: BoundedNumber(1), at: [i])
      }
    }),
]

/// The scaling of a row: 1/4 to 8.
private func powerOfTwo(_ row: Int) -> Double { [0.25, 8, 2, 0.5, 1, 4][row % 6] }

/// The shift of a row.
private func shift(_ row: Int) -> Double { [96.5, -3.25, 0.125, -48][row % 4] }
