// Batch normalisation of feature maps, as PyTorch's BatchNorm2d.
//
//     y = gamma (x − E[x]) / sqrt(Var[x] + eps) + beta       per channel, over batch and pixels
//
// Training: E[x] and Var[x] are the batch's mean and biased variance (two passes: the mean, then Σ (x − E[x])² / n), and
//     running mean      ← (1 − momentum) · running mean     + momentum · E[x]
//     running variance  ← (1 − momentum) · running variance + momentum · Var[x] · n / (n − 1)
// so momentum 0.1 is the weight of the new value. Evaluation: E[x] and Var[x] are the running values, constants of the gradient.
// Paper    Ioffe and Szegedy, "Batch normalization", ICML 2015.    Tests    NetworksTests/BatchNormTests.swift
import Kernels

/// Batch normalisation over the channels of batch × channels × height × width, optionally with ReLU in the same pass.
public struct BatchNorm<Scalar: RealScalar>: Module, Sendable {
  /// Gamma in the paper; one per channel, starts at 1.
  public var weight: Parameter<Scalar>
  /// Beta in the paper; one per channel, starts at 0.
  public var bias: Parameter<Scalar>
  /// The mean used in evaluation; one per channel, starts at 0.
  public var runningMean: Tensor<Scalar>
  /// The variance used in evaluation; one per channel, starts at 1.
  public var runningVariance: Tensor<Scalar>
  /// Added to the variance; PyTorch's default 1e-5.
  public let epsilon: Scalar
  /// The weight of the new value in the running statistics; PyTorch's default 0.1.
  public let momentum: Scalar

  /// What the backward pass needs.
  public struct Cache: Sendable {
    /// batch × channels × height × width, every channel times its factor.
    let input: Tensor<Scalar>
    /// One per channel where the range of the type asked for it, else nil; see ``InRangeChannels``.
    let factors: [Scalar]?
    /// The statistics that normalised this input, with gamma and beta.
    let normalisation: ChannelNormalisation<Scalar>
    /// Whether those statistics were the batch's own.
    let mode: Mode
  }

  /// Batch normalisation that starts as PyTorch's: gamma 1, beta 0, running mean 0, running variance 1.
  public init(channels: Int, epsilon: Scalar = 1e-5, momentum: Scalar = 0.1, initialisation: inout Initialisation) {
    weight = initialisation.constant([channels], 1)
    bias = initialisation.constant([channels], 0)
    runningMean = Tensor(shape: [channels])
    runningVariance = Tensor(shape: [channels], repeating: 1)
    self.epsilon = epsilon
    self.momentum = momentum
  }

  /// Normalises; in training mode the running statistics move too.
  ///
  /// - Parameters:
  ///   - input: batch × channels × height × width, with at least 2 values per channel in training mode.
  ///   - mode: Whether the batch's statistics or the running ones are used.
  ///   - withReLU: Whether ReLU follows, in the same pass over the data.
  /// - Returns: An output shaped like the input, and what ``backward(_:cache:)`` needs.
  public mutating func forward(
    _ input: Tensor<Scalar>, mode: Mode, withReLU: Bool = false
  ) -> (output: Tensor<Scalar>, cache: Cache) {
    let shape = channelShape(input)
    var (values, factors) = (input.values, [Scalar]?.none)
    var (mean, variance) = (runningMean.values, runningVariance.values)
    var epsilons = variance.map { _ in epsilon }
    if mode == .training {
      require(
        shape.valuesPerChannel >= 2,
        "batch normalisation learns from at least 2 values per channel, not \(shape.valuesPerChannel) (\(input.shape))")
      let channels = InRangeChannels(values, shape: shape)
      (values, factors, (mean, variance)) = (channels.values, channels.factors, channels.moments)
      let unbiased = Scalar(shape.valuesPerChannel) / Scalar(shape.valuesPerChannel - 1)
      for c in mean.indices {
        let factor = factors?[c] ?? 1
        epsilons[c] = epsilon * factor * factor
        let newVariance = momentum * (variance[c] * unbiased) / factor / factor
        runningMean.values[c] = (1 - momentum) * runningMean.values[c] + momentum * mean[c] / factor
        runningVariance.values[c] = (1 - momentum) * runningVariance.values[c] + newVariance
      }
    }
    let normalisation = ChannelNormalisation(
      mean: mean, inverseDeviation: zip(variance, epsilons).map { 1 / ($0 + $1).squareRoot() },
      weight: weight.value.values, bias: bias.value.values, withReLU: withReLU)
    let output = Tensor(shape: input.shape, values: batchNormalise(values, by: normalisation, shape: shape))
    let scaled = factors == nil ? input : Tensor(shape: input.shape, values: values)
    return (output, Cache(input: scaled, factors: factors, normalisation: normalisation, mode: mode))
  }

  /// Adds to the gradients of gamma and beta and returns the input's gradient, shaped like the input.
  ///
  /// The derivation stands at `batchNormaliseGradients` in Kernels.
  public mutating func backward(_ outputGradient: Tensor<Scalar>, cache: Cache) -> Tensor<Scalar> {
    require(
      outputGradient.shape == cache.input.shape,
      "a gradient of shape \(outputGradient.shape) for an output of shape \(cache.input.shape)")
    let gradients = batchNormaliseGradients(
      outputGradient: outputGradient.values, input: cache.input.values, by: cache.normalisation,
      shape: channelShape(cache.input), batchStatistics: cache.mode == .training)
    add(gradients.weight, into: &weight.gradient.values)
    add(gradients.bias, into: &bias.gradient.values)
    guard let factors = cache.factors else { return Tensor(shape: cache.input.shape, values: gradients.input) }
    return Tensor(
      shape: cache.input.shape,
      values: InRangeChannels.scaled(gradients.input, by: factors, shape: channelShape(cache.input)))
  }

  private func channelShape(_ input: Tensor<Scalar>) -> ChannelShape {
    let channels = runningMean.count
    require(
      input.shape.count == 4 && input.shape[1] == channels,
      "an input of shape \(input.shape) for batch normalisation of \(channels) channels")
    return ChannelShape(batch: input.shape[0], channels: channels, pixels: input.shape[2] * input.shape[3])
  }

  /// Visits "weight" and "bias".
  public mutating func forEachParameter(
    prefix: String = "", _ body: (String, inout Parameter<Scalar>) throws -> Void
  ) rethrows {
    try body(prefix + "weight", &weight)
    try body(prefix + "bias", &bias)
  }

  /// Visits "running_mean" and "running_var".
  public mutating func forEachBuffer(
    prefix: String = "", _ body: (String, inout Tensor<Scalar>) throws -> Void
  ) rethrows {
    try body(prefix + "running_mean", &runningMean)
    try body(prefix + "running_var", &runningVariance)
  }
}

/// The values of a batch norm's input and their moments, kept inside the range of the type.
///
/// Σ (x − E[x])² overflows long before x does, and the gradient divides by it. Since y is the same for s x with s² ε, a channel of a
/// variance above √(largest number) is multiplied by the power of two s that brings its largest |x| to [1, 2); the gradient of
/// x is s times that of s x. Training never meets such channels, and pays one comparison for each.
package struct InRangeChannels<Scalar: RealScalar> {
  /// batch × channels × pixels: s x.
  package private(set) var values: [Scalar]
  /// s, one per channel; nil where all are 1.
  package private(set) var factors: [Scalar]?
  /// Mean and biased variance of s x, one per channel.
  package private(set) var moments: (mean: [Scalar], variance: [Scalar])

  /// Measures an input, batch × channels × pixels.
  package init(_ input: [Scalar], shape: ChannelShape) {
    values = input
    moments = channelMoments(input, shape: shape)
    let limit = Scalar.greatestFiniteMagnitude.squareRoot()
    let isOutside = moments.variance.map { !($0 <= limit) }
    guard isOutside.contains(true) else { return }
    var largest = moments.mean.map { _ in Scalar(0) }
    for (i, x) in input.enumerated() {
      let c = i / shape.pixels % shape.channels
      largest[c] = max(largest[c], abs(x))
    }
    let factors = zip(largest, isOutside).map { largest, isOutside in
      isOutside && largest.isFinite && largest > 0
        ? Scalar(sign: .plus, exponent: -largest.exponent, significand: 1) : 1
    }
    values = Self.scaled(input, by: factors, shape: shape)
    self.factors = factors
    moments = channelMoments(values, shape: shape)
  }

  /// Every channel times its factor.
  package static func scaled(_ values: [Scalar], by factors: [Scalar], shape: ChannelShape) -> [Scalar] {
    values.indices.map { values[$0] * factors[$0 / shape.pixels % shape.channels] }
  }
}
