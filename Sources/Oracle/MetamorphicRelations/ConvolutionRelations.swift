// Convolutions are linear, and their gradients are their adjoints: ⟨x ⋆ w, g⟩ = ⟨x, ∂x⟩ image by image = ⟨w, ∂w⟩ channel by channel.
// Tests    OracleTests/RelationMutantsTests.swift
import Files
import Kernels
import Networks

/// Relations about convolutions, of as many images as the size says.
let convolutionRelations: [Relation] = [
  Relation(
    name: "convolution-linearity", summary: "the convolution of a sum is the sum of the convolutions",
    catches: ["a constant added", "values of an earlier call in a buffer"],
    largest: 65_536, outputs: ["y"],
    prompts: { d in
      let (first, second) = (d.pictures(50), d.pictures(51))
      let sum = Tensor(shape: first.shape, values: first.values.indices.map { first.values[$0] + second.values[$0] })
      return ["first": d.convolution(first), "second": d.convolution(second), "sum": d.convolution(sum)]
    },
    judge: { d, answers, judgement in
      let (first, second) = (answers("first", "y"), answers("second", "y"))
      judgement.expect("y", answers("sum", "y"), equals: first.indices.map { first[$0] + second[$0] })
    }),
  Relation(
    name: "convolution-adjoint",
    summary: "⟨x ⋆ w, g⟩ = ⟨x, ∂x⟩ for every image, ⟨x ⋆ w, g⟩ = ⟨w, ∂w⟩ for every channel",
    catches: ["kernel flipped in the input's gradient", "last image lost in a gradient"],
    largest: 65_536, outputs: ["y", "x.gradient", "weight.gradient"],
    prompts: { d in ["plain": d.convolution(d.pictures(50))] },
    judge: { d, answers, judgement in
      let (x, weight, g) = (d.pictures(50), d.kernels, d.cotangent)
      let products = zip(g.values, answers("plain", "y")).map { $0 * $1 }
      let (gradient, weightGradient) = (answers("plain", "x.gradient"), answers("plain", "weight.gradient"))
      let (size, area) = (x.count / d.batch, g.count / d.batch / 3)
      for n in 0..<d.batch {
        let output = BoundedNumber.sum(products[n * 3 * area..<(n + 1) * 3 * area])
        let input = BoundedNumber.sum(Array(x.row(n)), times: Array(gradient[n * size..<(n + 1) * size]))
        judgement.expect("image", output, equals: input, at: [n])
      }
      let taps = weight.count / 3
      for o in 0..<3 {
        let output = BoundedNumber.sum(
          (0..<d.batch).map { BoundedNumber.sum(products[($0 * 3 + o) * area..<($0 * 3 + o + 1) * area]) })
        let input = BoundedNumber.sum(
          Array(weight.row(o)), times: Array(weightGradient[o * taps..<(o + 1) * taps]))
        judgement.expect("channel", output, equals: input, at: [o])
      }
    }),
]

extension RelationDrawing {
  /// Every other size goes in steps of two.
  private var stride: Int { 1 + size % 2 }
  /// Two channels of 5 × 6.
  fileprivate func pictures(_ image: Int) -> Tensor<Double> { grid([batch, 2, 5, 6], image) }
  /// Three output channels.
  fileprivate var kernels: Tensor<Double> { grid([3, 2, 3, 3], 52, deviation: 0.25) }
  /// The output is as large as the picture, or half as large, rounded up.
  fileprivate var cotangent: Tensor<Double> { grid([batch, 3, (5 + stride - 1) / stride, 6 / stride], 53) }

  fileprivate func convolution(_ x: Tensor<Double>) -> Prompt {
    Prompt(
      operation: "convolution", parameters: ["stride": .integer(stride), "padding": .integer(1)],
      inputs: ["x": .real(x), "weight": .real(kernels), "y.cotangent": .real(cotangent)])
  }
}
