// Batch normalisation, traced by a tracer.
//
//     mean, variance ──┬── y = γ (x − m) / sqrt(v + ε) + β (── ReLU)
//                      └── running statistics
//     Σ g = ∂β,  Σ g x̂ = ∂γ  ──  ∂x = γ / sqrt(v + ε) · (g − ∂β / n − x̂ ∂γ / n)
//
// The errors of the four sums are shared by a channel; those of ∂β and ∂γ reach ∂x with the signs of their weights in it.
// Tests    OracleTests/StepTracerTests.swift
import Kernels
import Networks

/// What the backward trace of a batch norm needs.
struct RecordedNorm<Scalar: RealScalar> {
  let name: String
  let input: Traced<Scalar>
  let output: Traced<Scalar>
  let normalisation: ChannelNormalisation<Scalar>
  let mode: Mode
  let reads: [String]
}

extension Tracer {
  /// Batch normalisation, followed by ReLU on request; `name` is the layer's prefix, such as "layer1.0.bn1.".
  @specialized(where Scalar == Double)
  mutating func batchNorm(
    _ input: Traced<Scalar>, _ layer: BatchNorm<Scalar>, _ name: String, mode: Mode, withReLU: Bool
  ) -> RecordedNorm<Scalar> {
    let shape = channelShape(input.value)
    var (mean, variance) = (layer.runningMean.values, layer.runningVariance.values)
    var reads = [name + "running_mean", name + "running_var"]
    if mode == .training {
      (mean, variance) = moments(of: input, layer, name, shape)
      reads = [name + "mean", name + "variance"]
    }
    let normalisation = ChannelNormalisation(
      mean: mean, inverseDeviation: variance.map { 1 / ($0 + layer.epsilon).squareRoot() },
      weight: layer.weight.value.values, bias: layer.bias.value.values, withReLU: withReLU)
    if withReLU { lowerReLUMargin(Self.normalised(input.value, by: normalisation, shape)) }
    let value = Tensor(
      shape: input.value.shape, values: batchNormalise(input.value.values, by: normalisation, shape: shape))
    let output = record(
      name + "output", value, from: [input.name, name + "weight", name + "bias"] + reads,
      by: withReLU ? "batch-norm-relu" : "batch-norm",
      errors: Self.outputErrors(input.value, value, normalisation, shape))
    return RecordedNorm(
      name: name, input: input, output: output, normalisation: normalisation, mode: mode, reads: reads)
  }

  /// The gradients of a batch norm; the input's is returned.
  @specialized(where Scalar == Double)
  mutating func batchNormGradients(
    of gradient: Traced<Scalar>, _ norm: RecordedNorm<Scalar>
  ) -> Traced<Scalar> {
    let (shape, by) = (channelShape(norm.input.value), norm.normalisation)
    let found = batchNormaliseGradients(
      outputGradient: gradient.value.values, input: norm.input.value.values, by: by, shape: shape,
      batchStatistics: norm.mode == .training)
    // g after the ReLU, and x̂ with the sizes of its two terms.
    let masked =
      by.withReLU
      ? Kernels.reluGradient(outputGradient: gradient.value.values, output: norm.output.value.values)
      : gradient.value.values
    let (x, pixels, channels) = (norm.input.value.values, shape.pixels, shape.channels)
    func channel(_ i: Int) -> Int { i / pixels % channels }
    func unit(_ i: Int) -> Scalar { (x[i] - by.mean[channel(i)]) * by.inverseDeviation[channel(i)] }
    func unitMagnitude(_ i: Int) -> Scalar {
      (abs(x[i]) + abs(by.mean[channel(i)])) * by.inverseDeviation[channel(i)]
    }
    func factor(_ i: Int) -> Scalar { by.weight[channel(i)] * by.inverseDeviation[channel(i)] }
    func channelSum(_ term: (Int) -> Scalar) -> [Scalar] {
      x.indices.reduce(into: [Scalar](repeating: 0, count: channels)) { $0[channel($1)] += term($1) }
    }
    let reads = [gradient.name, norm.input.name, norm.output.name] + norm.reads
    let count = [channels]
    _ = record(
      norm.name + "weight.gradient", Tensor(shape: count, values: found.weight), from: reads,
      by: "batch-norm-parameter-gradients", terms: shape.valuesPerChannel,
      errors: [.each(channelSum { abs(masked[$0]) * unitMagnitude($0) })])
    _ = record(
      norm.name + "bias.gradient", Tensor(shape: count, values: found.bias), from: reads,
      by: "batch-norm-parameter-gradients", terms: shape.valuesPerChannel,
      errors: [.each(channelSum { abs(masked[$0]) })])

    func inputErrors() -> [LocalError<Scalar>] {
      let n = Scalar(norm.mode == .training ? shape.valuesPerChannel : 1)
      let sums = norm.mode == .training ? channelSum { abs(masked[$0]) } : found.bias.map { _ in 0 }
      let weighted =
        norm.mode == .training
        ? channelSum { abs(masked[$0]) * unitMagnitude($0) } : found.bias.map { _ in 0 }
      return [
        .each(
          x.indices.map {
            let c = channel($0)
            return 2 * abs(factor($0)) * (abs(masked[$0]) + sums[c] / n + unitMagnitude($0) * abs(found.weight[c]) / n)
          }),
        .shared(x.indices.map { factor($0) * sums[channel($0)] / n }, length: pixels, count: channels),
        .shared(x.indices.map { factor($0) * unit($0) * weighted[channel($0)] / n }, length: pixels, count: channels),
      ]
    }
    return record(
      norm.input.name + ".gradient", Tensor(shape: norm.input.value.shape, values: found.input),
      from: reads + [norm.name + "weight"], by: "batch-norm-gradient", terms: shape.valuesPerChannel,
      errors: inputErrors())
  }

  @specialized(where Scalar == Double)
  private func channelShape(_ input: Tensor<Scalar>) -> ChannelShape {
    ChannelShape(batch: input.shape[0], channels: input.shape[1], pixels: input.shape[2] * input.shape[3])
  }

  /// Records a batch's moments and the running statistics after it.
  @specialized(where Scalar == Double)
  private mutating func moments(
    of input: Traced<Scalar>, _ layer: BatchNorm<Scalar>, _ name: String, _ shape: ChannelShape
  ) -> (mean: [Scalar], variance: [Scalar]) {
    let found = channelMoments(input.value.values, shape: shape)
    let (n, count) = (shape.valuesPerChannel, [shape.channels])
    let absolute = channelMoments(input.value.magnitudes.values, shape: shape).mean
    let mean = record(
      name + "mean", Tensor(shape: count, values: found.mean), from: [input.name], by: "batch-moments", terms: n,
      errors: [.each(absolute)])
    // Σ d² / n errs by the sum and by twice d's own rounding; the root and the quotient of 1 / sqrt(v + ε) join here.
    let variance = record(
      name + "variance", Tensor(shape: count, values: found.variance), from: [input.name], by: "batch-moments",
      terms: n, errors: [.each(found.variance.map { 4 * ($0 + layer.epsilon) })])
    let (m, unbiased) = (layer.momentum, Scalar(n) / Scalar(n - 1))
    let (oldMean, oldVariance) = (layer.runningMean.values, layer.runningVariance.values)
    let newMean = mean.value.values.indices.map { (1 - m) * oldMean[$0] + m * mean.value.values[$0] }
    let newVariance = mean.value.values.indices.map {
      (1 - m) * oldVariance[$0] + m * (variance.value.values[$0] * unbiased)
    }
    _ = record(
      name + "running_mean.new", Tensor(shape: count, values: newMean), from: [mean.name, name + "running_mean"],
      by: "running-average", terms: 2,
      errors: [.each(newMean.indices.map { 2 * (abs(oldMean[$0]) + m * abs(mean.value.values[$0])) })])
    _ = record(
      name + "running_var.new", Tensor(shape: count, values: newVariance),
      from: [variance.name, name + "running_var"], by: "running-average", terms: 2,
      errors: [.each(newVariance.map { 2 * abs($0) })])
    return (mean.value.values, variance.value.values)
  }

  /// y before its ReLU.
  @specialized(where Scalar == Double)
  private static func normalised(
    _ input: Tensor<Scalar>, by normalisation: ChannelNormalisation<Scalar>, _ shape: ChannelShape
  ) -> [Double] {
    var linear = normalisation
    linear.withReLU = false
    return batchNormalise(input.values, by: linear, shape: shape).map { Double($0) }
  }

  /// The errors of y = x a + (β − m a), however it is grouped; the last sum is shared by a channel.
  @specialized(where Scalar == Double)
  private static func outputErrors(
    _ input: Tensor<Scalar>, _ output: Tensor<Scalar>, _ by: ChannelNormalisation<Scalar>, _ shape: ChannelShape
  ) -> [LocalError<Scalar>] {
    let scales = by.weight.indices.map { abs(by.weight[$0] * by.inverseDeviation[$0]) }
    let offsets = by.weight.indices.map { abs(by.mean[$0]) * scales[$0] + abs(by.bias[$0]) }
    func passes(_ i: Int) -> Scalar { by.withReLU && output.values[i] <= 0 ? 0 : 1 }
    func channel(_ i: Int) -> Int { i / shape.pixels % shape.channels }
    return [
      .each(
        input.values.indices.map {
          passes($0) * (2 * (abs(input.values[$0]) * scales[channel($0)] + offsets[channel($0)]))
        }),
      .shared(
        input.values.indices.map { passes($0) * offsets[channel($0)] }, length: shape.pixels, count: shape.channels),
    ]
  }
}
