// The basic residual block of ResNet-18.
//
//     x ── conv3×3(stride) ── BN ── ReLU ── conv3×3 ── BN ──┐
//     └── x, or conv1×1(stride) ── BN if the shape changes ─ + ── ReLU ──→
//
// Paper    He et al., "Deep residual learning", CVPR 2016, figure 2.    Tests    NetworksTests/ResidualBlockTests.swift
import Kernels

/// Two 3 × 3 convolutions and a way around them.
public struct ResidualBlock<Scalar: RealScalar>: Module, Sendable {
  /// The convolution that may stride and change the width.
  public var firstConvolution: Convolution<Scalar>
  /// Followed by ReLU.
  public var firstNorm: BatchNorm<Scalar>
  /// Keeps the shape.
  public var secondConvolution: Convolution<Scalar>
  /// Not followed by ReLU: the sum is.
  public var secondNorm: BatchNorm<Scalar>
  /// The way around where the shape changes, nil for the identity.
  public var shortcut: Shortcut?

  /// conv1×1(stride) and batch norm.
  public struct Shortcut: Sendable {
    /// Strides and changes the width.
    public var convolution: Convolution<Scalar>
    /// Not followed by ReLU.
    public var norm: BatchNorm<Scalar>
  }

  /// What the backward pass needs.
  public struct Cache: Sendable {
    let firstConvolution: Convolution<Scalar>.Cache
    let firstNorm: BatchNorm<Scalar>.Cache
    let secondConvolution: Convolution<Scalar>.Cache
    let secondNorm: BatchNorm<Scalar>.Cache
    let shortcut: (convolution: Convolution<Scalar>.Cache, norm: BatchNorm<Scalar>.Cache)?
    let sum: ReLU<Scalar>.Cache
  }

  /// A block; it has a shortcut convolution if it strides or changes the width.
  public init(inputChannels: Int, outputChannels: Int, stride: Int = 1, initialisation: inout Initialisation) {
    firstConvolution = Convolution(
      inputChannels: inputChannels, outputChannels: outputChannels, stride: stride, initialisation: &initialisation)
    firstNorm = BatchNorm(channels: outputChannels, initialisation: &initialisation)
    secondConvolution = Convolution(
      inputChannels: outputChannels, outputChannels: outputChannels, initialisation: &initialisation)
    secondNorm = BatchNorm(channels: outputChannels, initialisation: &initialisation)
    guard stride != 1 || inputChannels != outputChannels else { return }
    let convolution = Convolution<Scalar>(
      inputChannels: inputChannels, outputChannels: outputChannels, kernel: 1, stride: stride, padding: 0,
      initialisation: &initialisation)
    shortcut = Shortcut(
      convolution: convolution, norm: BatchNorm(channels: outputChannels, initialisation: &initialisation))
  }

  /// batch × inputChannels × height × width to batch × outputChannels × ⌈height / stride⌉ × ⌈width / stride⌉.
  public mutating func forward(_ input: Tensor<Scalar>, mode: Mode) -> (output: Tensor<Scalar>, cache: Cache) {
    let (wide, firstConvolutionCache) = firstConvolution.forward(input)
    let (hidden, firstNormCache) = firstNorm.forward(wide, mode: mode, withReLU: true)
    let (mixed, secondConvolutionCache) = secondConvolution.forward(hidden)
    let (branch, secondNormCache) = secondNorm.forward(mixed, mode: mode)

    var around = input
    var shortcutCache: (Convolution<Scalar>.Cache, BatchNorm<Scalar>.Cache)?
    if let (projected, convolutionCache) = shortcut?.convolution.forward(input),
      let (normed, normCache) = shortcut?.norm.forward(projected, mode: mode)
    {
      around = normed
      shortcutCache = (convolutionCache, normCache)
    }
    let (output, sumCache) = ReLU().forward(branch, plus: around)
    let cache = Cache(
      firstConvolution: firstConvolutionCache, firstNorm: firstNormCache, secondConvolution: secondConvolutionCache,
      secondNorm: secondNormCache, shortcut: shortcutCache, sum: sumCache)
    return (output, cache)
  }

  /// Adds to the parameters' gradients and returns the input's gradient: that through the branch plus that around it.
  public mutating func backward(_ outputGradient: Tensor<Scalar>, cache: Cache) -> Tensor<Scalar> {
    let sumGradient = ReLU().backward(outputGradient, cache: cache.sum)
    let mixedGradient = secondNorm.backward(sumGradient, cache: cache.secondNorm)
    let hiddenGradient = secondConvolution.backward(mixedGradient, cache: cache.secondConvolution)
    let wideGradient = firstNorm.backward(hiddenGradient, cache: cache.firstNorm)
    var inputGradient = firstConvolution.backward(wideGradient, cache: cache.firstConvolution)

    if let shortcutCache = cache.shortcut {
      if let projectedGradient = shortcut?.norm.backward(sumGradient, cache: shortcutCache.norm),
        let aroundGradient = shortcut?.convolution.backward(projectedGradient, cache: shortcutCache.convolution)
      {
        add(aroundGradient.values, into: &inputGradient.values)
      }
    } else {
      add(sumGradient.values, into: &inputGradient.values)
    }
    return inputGradient
  }

  /// Visits "conv1.weight", "bn1.weight", "bn1.bias", "conv2.weight", …, "shortcut.0.weight", "shortcut.1.weight", ….
  public mutating func forEachParameter(
    prefix: String = "", _ body: (String, inout Parameter<Scalar>) throws -> Void
  ) rethrows {
    try firstConvolution.forEachParameter(prefix: prefix + "conv1.", body)
    try firstNorm.forEachParameter(prefix: prefix + "bn1.", body)
    try secondConvolution.forEachParameter(prefix: prefix + "conv2.", body)
    try secondNorm.forEachParameter(prefix: prefix + "bn2.", body)
    try shortcut?.convolution.forEachParameter(prefix: prefix + "shortcut.0.", body)
    try shortcut?.norm.forEachParameter(prefix: prefix + "shortcut.1.", body)
  }

  /// Visits the running statistics of "bn1.", "bn2." and "shortcut.1.".
  public mutating func forEachBuffer(
    prefix: String = "", _ body: (String, inout Tensor<Scalar>) throws -> Void
  ) rethrows {
    try firstNorm.forEachBuffer(prefix: prefix + "bn1.", body)
    try secondNorm.forEachBuffer(prefix: prefix + "bn2.", body)
    try shortcut?.norm.forEachBuffer(prefix: prefix + "shortcut.1.", body)
  }
}
