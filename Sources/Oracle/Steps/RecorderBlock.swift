// The residual block, walked by a recorder in the order of ResidualBlock's own passes.
//
//     x ── conv1 ── bn1+ReLU ── conv2 ── bn2 ──┐
//     └── x, or shortcut.0 ── shortcut.1 ────── + ── ReLU ── output
//
// Tests    OracleTests/StepRecorderTests.swift
import Kernels
import Networks

/// What the backward walk of a block needs.
struct RecordedBlock<Scalar: RealScalar> {
  let name: String
  let input: Recorded<Scalar>
  let output: Recorded<Scalar>
  let firstNorm: RecordedNorm<Scalar>
  let secondNorm: RecordedNorm<Scalar>
  let shortcut: RecordedNorm<Scalar>?
}

extension Recorder {
  /// A block's forward pass; `name` is its prefix, such as "layer1.0.".
  @specialized(where Scalar == Double)
  mutating func block(
    _ input: Recorded<Scalar>, _ block: ResidualBlock<Scalar>, _ name: String, mode: Mode
  ) -> RecordedBlock<Scalar> {
    let wide = convolution(input, block.firstConvolution, name + "conv1.")
    let firstNorm = batchNorm(wide, block.firstNorm, name + "bn1.", mode: mode, rectified: true)
    let mixed = convolution(firstNorm.output, block.secondConvolution, name + "conv2.")
    let secondNorm = batchNorm(mixed, block.secondNorm, name + "bn2.", mode: mode, rectified: false)
    var shortcut: RecordedNorm<Scalar>?
    if let layers = block.shortcut {
      let projected = convolution(input, layers.convolution, name + "shortcut.0.")
      shortcut = batchNorm(projected, layers.norm, name + "shortcut.1.", mode: mode, rectified: false)
    }
    let output = rectifiedSum(secondNorm.output, shortcut?.output ?? input, as: name + "output")
    return RecordedBlock(
      name: name, input: input, output: output, firstNorm: firstNorm, secondNorm: secondNorm, shortcut: shortcut)
  }

  /// A block's backward pass; the input's gradient is returned, under the input's name.
  @specialized(where Scalar == Double)
  mutating func blockGradients(
    of gradient: Recorded<Scalar>, _ walked: RecordedBlock<Scalar>, _ block: ResidualBlock<Scalar>
  ) -> Recorded<Scalar> {
    let (name, input) = (walked.name, walked.input)
    let sum = rectifierGradient(of: gradient, output: walked.output, as: name + "sum.gradient")
    let mixed = batchNormGradients(of: sum, walked.secondNorm)
    let hidden = convolutionGradients(
      of: mixed, input: walked.firstNorm.output, block.secondConvolution, name + "conv2.",
      as: walked.firstNorm.output.name + ".gradient")
    let wide = batchNormGradients(of: hidden, walked.firstNorm)
    let branch = convolutionGradients(
      of: wide, input: input, block.firstConvolution, name + "conv1.", as: name + "conv1.input.gradient")
    guard let norm = walked.shortcut, let convolution = block.shortcut?.convolution else {
      return self.sum(branch, sum, as: input.name + ".gradient")
    }
    let projected = batchNormGradients(of: sum, norm)
    let around = convolutionGradients(
      of: projected, input: input, convolution, name + "shortcut.0.", as: name + "shortcut.0.input.gradient")
    return self.sum(branch, around, as: input.name + ".gradient")
  }

  /// A convolution layer; `name` is its prefix, such as "conv1.".
  @specialized(where Scalar == Double)
  mutating func convolution(
    _ input: Recorded<Scalar>, _ layer: Convolution<Scalar>, _ name: String
  ) -> Recorded<Scalar> {
    convolution(
      input, Recorded(name: name + "weight", value: layer.weight.value), shape: layer.shape(for: input.value),
      as: name + "output")
  }

  /// A convolution layer's weight gradient, and its input's under a name.
  @specialized(where Scalar == Double)
  mutating func convolutionGradients(
    of gradient: Recorded<Scalar>, input: Recorded<Scalar>, _ layer: Convolution<Scalar>, _ name: String,
    as inputGradient: String
  ) -> Recorded<Scalar> {
    let weight = Recorded(name: name + "weight", value: layer.weight.value)
    let shape = layer.shape(for: input.value)
    convolutionWeightGradient(of: gradient, input: input, weight: weight, shape: shape)
    return convolutionInputGradient(
      of: gradient, input: input.value.shape, weight: weight, shape: shape, as: inputGradient)
  }
}
