// Batch normalisation: what it makes of any batch has the mean and the variance that its parameters say.
// Tests    OracleTests/RelationMutantsTests.swift
import Files
import Kernels
import Networks

/// Relations about batch normalisation.
let batchNormRelations: [Relation] = [
  Relation(
    name: "batch-norm-statistics",
    summary: "every channel has the mean β and the variance γ², its gradient sums to 0 and is orthogonal to the input",
    catches: ["statistics over all channels", "unbiased variance", "statistics taken for constants in the gradient"],
    largest: 65_536, outputs: ["y", "x.gradient"],
    prompts: { d in
      [
        "plain": Prompt(
          // An epsilon that no variance notices, so that the variance of the output is γ² itself.
          operation: "batch-norm", parameters: ["epsilon": .number(0x1p-80)],
          inputs: [
            "x": .real(d.maps(30)), "y.cotangent": .real(d.maps(31)), "weight": .real(d.weight),
            "bias": .real(d.bias), "runningMean": .real(d.grid([3], 34)),
            "runningVariance": .real(Tensor<Double>(shape: [3], values: [1, 2, 3])),
          ])
      ]
    },
    judge: { d, answers, judgement in
      let (y, gradient, x) = (answers("plain", "y"), answers("plain", "x.gradient"), d.maps(30))
      let count = Double(d.batch * RelationDrawing.area)
      for c in 0..<3 {
        let indices = (0..<d.batch).flatMap { n in
          (0..<RelationDrawing.area).map { (n * 3 + c) * RelationDrawing.area + $0 }
        }
        let centred = indices.map { y[$0] - BoundedNumber(d.bias.values[c]) }
        let square = d.weight.values[c] * d.weight.values[c]
        judgement.expect("mean", BoundedNumber.sum(centred), equals: BoundedNumber(0), at: [c])
        judgement.expect(
          "variance", BoundedNumber.sum(centred.map { $0 * $0 }), equals: BoundedNumber(count * square), at: [c])
        let sum = BoundedNumber.sum(indices.map { gradient[$0] })
        judgement.expect("sum of the gradient", sum, equals: BoundedNumber(0), at: [c])
        let product = BoundedNumber.sum(indices.map { x.values[$0] }, times: indices.map { gradient[$0] })
        judgement.expect("gradient along the input", product, equals: BoundedNumber(0), at: [c])
      }
    })
]

extension RelationDrawing {
  /// Pixels of a map of 3 × 2.
  fileprivate static let area = 6
  fileprivate var weight: Tensor<Double> { Tensor(shape: [3], values: [0.75, -1.5, 2]) }
  fileprivate var bias: Tensor<Double> { Tensor(shape: [3], values: [0.5, -0.25, 1]) }

  /// Maps of three channels, batch × 3 × 3 × 2.
  fileprivate func maps(_ image: Int) -> Tensor<Double> { grid([batch, 3, 3, 2], image) }
}
