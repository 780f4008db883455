// The residual block, traced by a tracer in the order of ResidualBlock's own passes.
//
//     x ── conv1 ── bn1+ReLU ── conv2 ── bn2 ──┐
//     └── x, or shortcut.0 ── shortcut.1 ────── + ── ReLU ── output
//
// Tests    OracleTests/StepTracerTests.swift
import Kernels
import Networks

/// What the backward trace of a block needs.
struct TracedBlock<Scalar: RealScalar> {
  let name: String
  let input: Traced<Scalar>
  let output: Traced<Scalar>
  let firstNorm: RecordedNorm<Scalar>
  let secondNorm: RecordedNorm<Scalar>
  let shortcut: RecordedNorm<Scalar>?
}

extension Tracer {
  /// A block's forward pass; `name` is its prefix, such as "layer1.0.".
  @specialized(where Scalar == Double)
  mutating func block(
    _ input: Traced<Scalar>, _ block: ResidualBlock<Scalar>, _ name: String, mode: Mode
  ) -> TracedBlock<Scalar> {
    let wide = convolution(input, block.firstConvolution, name + "conv1.")
    let firstNorm = batchNorm(wide, block.firstNorm, name + "bn1.", mode: mode, withReLU: true)
    let mixed = convolution(firstNorm.output, block.secondConvolution, name + "conv2.")
    let secondNorm = batchNorm(mixed, block.secondNorm, name + "bn2.", mode: mode, withReLU: false)
    var shortcut: RecordedNorm<Scalar>?
    if let layers = block.shortcut {
      let projected = convolution(input, layers.convolution, name + "shortcut.0.")
      shortcut = batchNorm(projected, layers.norm, name + "shortcut.1.", mode: mode, withReLU: false)
    }
    let output = addReLU(secondNorm.output, shortcut?.output ?? input, as: name + "output")
    return TracedBlock(
      name: name, input: input, output: output, firstNorm: firstNorm, secondNorm: secondNorm, shortcut: shortcut)
  }

  /// A block's backward pass; the input's gradient is returned, under the input's name.
  @specialized(where Scalar == Double)
  mutating func blockGradients(
    of gradient: Traced<Scalar>, _ traced: TracedBlock<Scalar>, _ block: ResidualBlock<Scalar>
  ) -> Traced<Scalar> {
    let (name, input) = (traced.name, traced.input)
    let sum = reluGradient(of: gradient, output: traced.output, as: name + "sum.gradient")
    let mixed = batchNormGradients(of: sum, traced.secondNorm)
    let hidden = convolutionGradients(
      of: mixed, input: traced.firstNorm.output, block.secondConvolution, name + "conv2.",
      as: traced.firstNorm.output.name + ".gradient")
    let wide = batchNormGradients(of: hidden, traced.firstNorm)
    let branch = convolutionGradients(
      of: wide, input: input, block.firstConvolution, name + "conv1.", as: name + "conv1.input.gradient")
    guard let norm = traced.shortcut, let convolution = block.shortcut?.convolution else {
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
    _ input: Traced<Scalar>, _ layer: Convolution<Scalar>, _ name: String
  ) -> Traced<Scalar> {
    convolution(
      input, Traced(name: name + "weight", value: layer.weight.value), shape: layer.shape(for: input.value),
      as: name + "output")
  }

  /// A convolution layer's weight gradient, and its input's under a name.
  @specialized(where Scalar == Double)
  mutating func convolutionGradients(
    of gradient: Traced<Scalar>, input: Traced<Scalar>, _ layer: Convolution<Scalar>, _ name: String,
    as inputGradient: String
  ) -> Traced<Scalar> {
    let weight = Traced(name: name + "weight", value: layer.weight.value)
    let shape = layer.shape(for: input.value)
    convolutionWeightGradient(of: gradient, input: input, weight: weight, shape: shape)
    return convolutionInputGradient(
      of: gradient, input: input.value.shape, weight: weight, shape: shape, as: inputGradient)
  }
}
