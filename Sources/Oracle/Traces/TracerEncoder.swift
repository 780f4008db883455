// The encoder, traced by a tracer: trunks, linear layer, unit rows, and back.
//
// Names are PyTorch's module paths: "streams.1.layer2.0.conv1.output", its gradient "….output.gradient", the parameter
// "streams.1.layer2.0.conv1.weight" and "….weight.gradient". The networks' input is "views" or "images".
// Tests    OracleTests/StepTracerTests.swift
import Kernels
import Networks

/// What the backward trace of a trunk needs.
struct TracedTrunk<Scalar: RealScalar> {
  let name: String
  let input: Traced<Scalar>
  let stem: RecordedNorm<Scalar>
  let blocks: [[TracedBlock<Scalar>]]
  let pool: Traced<Scalar>
}

/// What the backward trace of an encoder needs, and the embeddings.
struct TracedEncoder<Scalar: RealScalar> {
  let trunks: [TracedTrunk<Scalar>]
  let features: Traced<Scalar>
  let projected: Traced<Scalar>
  let embeddings: Traced<Scalar>
}

extension Tracer {
  /// The forward pass; the last tensor is "embeddings".
  @specialized(where Scalar == Double)
  mutating func encoder(
    _ images: Traced<Scalar>, _ encoder: ImageEncoder<Scalar>, mode: Mode
  ) -> TracedEncoder<Scalar> {
    var trunks: [TracedTrunk<Scalar>] = []
    for (s, stream) in encoder.configuration.streams.enumerated() {
      let name = encoder.trunks.count == 1 ? "" : "streams.\(s)."
      var input = images
      if stream == .sobel {
        input = sobel(images, as: name + "sobel")
      }
      trunks.append(trunk(input, encoder.trunks[s], name, mode: mode))
    }
    var features = trunks[0].pool
    if trunks.count > 1 {
      features = record(
        "features", sideBySide(trunks.map(\.pool.value)), from: trunks.map(\.pool.name), by: "concatenate", errors: [])
    }
    let projected = linear(features, encoder.linear)
    let embeddings = normalisedRows(projected, as: "embeddings")
    return TracedEncoder(trunks: trunks, features: features, projected: projected, embeddings: embeddings)
  }

  /// The backward pass to every parameter's gradient.
  @specialized(where Scalar == Double)
  mutating func encoderGradients(
    of gradient: Traced<Scalar>, _ traced: TracedEncoder<Scalar>, _ encoder: ImageEncoder<Scalar>
  ) {
    let projected = normalisedRowsGradient(
      of: gradient, rows: traced.projected, unit: traced.embeddings, as: "linear.output.gradient")
    let features = linearGradients(of: projected, input: traced.features, encoder.linear)
    var first = 0
    for (trunk, layers) in zip(traced.trunks, encoder.trunks) {
      var pool = features
      if traced.trunks.count > 1 {
        let width = trunk.pool.value.columns
        let values = (0..<features.value.rows).flatMap { features.value.row($0).dropFirst(first).prefix(width) }
        pool = record(
          trunk.pool.name + ".gradient", Tensor(shape: trunk.pool.value.shape, values: values),
          from: [features.name], by: "split", errors: [])
        first += width
      }
      trunkGradients(of: pool, trunk, layers)
    }
  }

  @specialized(where Scalar == Double)
  private mutating func trunk(
    _ input: Traced<Scalar>, _ trunk: ResNet<Scalar>, _ name: String, mode: Mode
  ) -> TracedTrunk<Scalar> {
    let stem = batchNorm(
      convolution(input, trunk.stemConvolution, name + "conv1."), trunk.stemNorm, name + "bn1.", mode: mode,
      withReLU: true)
    var maps = stem.output
    var blocks: [[TracedBlock<Scalar>]] = []
    for (s, stage) in trunk.stages.enumerated() {
      blocks.append([])
      for (b, layers) in stage.enumerated() {
        let traced = block(maps, layers, "\(name)layer\(s + 1).\(b).", mode: mode)
        maps = traced.output
        blocks[s].append(traced)
      }
    }
    let pool = averagePool(maps, as: name + "pool.output")
    return TracedTrunk(name: name, input: input, stem: stem, blocks: blocks, pool: pool)
  }

  @specialized(where Scalar == Double)
  private mutating func trunkGradients(
    of gradient: Traced<Scalar>, _ traced: TracedTrunk<Scalar>, _ trunk: ResNet<Scalar>
  ) {
    guard let last = traced.blocks.last?.last?.output else { return }
    var maps = averagePoolGradient(of: gradient, input: last.value.shape, as: last.name + ".gradient")
    for (blocks, stage) in zip(traced.blocks, trunk.stages).reversed() {
      for (block, layers) in zip(blocks, stage).reversed() { maps = blockGradients(of: maps, block, layers) }
    }
    let stem = batchNormGradients(of: maps, traced.stem)
    convolutionWeightGradient(
      of: stem, input: traced.input,
      weight: Traced(name: traced.name + "conv1.weight", value: trunk.stemConvolution.weight.value),
      shape: trunk.stemConvolution.shape(for: traced.input.value))
  }

  @specialized(where Scalar == Double)
  private mutating func linear(_ input: Traced<Scalar>, _ layer: Linear<Scalar>) -> Traced<Scalar> {
    var copy = layer
    copy.weight.value = factor(layer.weight.value)
    let (output, _) = copy.forward(factor(input.value))
    let products = input.value.magnitudes.multiplied(by: layer.weight.value.magnitudes, otherTransposed: true)
    let outputs = output.columns
    return record(
      "linear.output", output, from: [input.name, "linear.weight", "linear.bias"], by: "linear",
      terms: input.value.columns + 1,
      errors: [
        .each(products.values.indices.map { products.values[$0] + abs(layer.bias.value.values[$0 % outputs]) })
      ])
  }

  @specialized(where Scalar == Double)
  private mutating func linearGradients(
    of gradient: Traced<Scalar>, input: Traced<Scalar>, _ layer: Linear<Scalar>
  ) -> Traced<Scalar> {
    _ = product(gradient, input, transposed: true, as: "linear.weight.gradient", by: "linear-weight-gradient")
    let columns = gradient.value.columns
    var (sums, magnitudes) = (
      [Scalar](repeating: 0, count: columns), [Scalar](repeating: 0, count: columns)
    )
    for (i, value) in gradient.value.values.enumerated() {
      sums[i % columns] += value
      magnitudes[i % columns] += abs(value)
    }
    _ = record(
      "linear.bias.gradient", Tensor(shape: [columns], values: sums), from: [gradient.name], by: "sum-of-rows",
      terms: gradient.value.rows, errors: [.each(magnitudes)])
    return product(
      gradient, Traced(name: "linear.weight", value: layer.weight.value), as: input.name + ".gradient",
      by: "linear-input-gradient")
  }

  @specialized(where Scalar == Double)
  private func sideBySide(_ parts: [Tensor<Scalar>]) -> Tensor<Scalar> {
    let values = (0..<parts[0].rows).flatMap { a in parts.flatMap { $0.row(a) } }
    return Tensor(shape: [parts[0].rows, parts.reduce(0) { $0 + $1.columns }], values: values)
  }
}
