// What batch normalisation's kernels are told: the sizes of the feature maps, and each channel's constants.
// Tests    KernelsTests/BatchNormKernelsTests.swift

/// The sizes of a tensor of feature maps as batch normalisation sees them.
public struct ChannelShape: Sendable, Equatable {
  /// The number of images.
  public let batch: Int
  /// Channels of one image.
  public let channels: Int
  /// Pixels of one channel: height × width.
  public let pixels: Int

  /// Creates the sizes, all of which must be positive.
  public init(batch: Int, channels: Int, pixels: Int) {
    require(
      batch > 0 && channels > 0 && pixels > 0,
      "feature maps must have positive sizes, not \(batch) × \(channels) × \(pixels)")
    self.batch = batch
    self.channels = channels
    self.pixels = pixels
  }

  /// Whether threads are worth being called.
  var isLarge: Bool { count >= Parallel.leastScalars }
  /// Elements of the whole tensor.
  public var count: Int { batch * channels * pixels }
  /// Elements of one channel over the whole batch.
  public var valuesPerChannel: Int { batch * pixels }

  /// Channels that one thread takes at once: small planes share a cache line with their neighbours.
  private var channelsPerBlock: Int { max(1, 64 / pixels) }
  var blockCount: Int { (channels + channelsPerBlock - 1) / channelsPerBlock }
  func channelRange(_ block: Int) -> Range<Int> {
    block * channelsPerBlock..<min(channels, (block + 1) * channelsPerBlock)
  }
}

/// What normalises a channel: y = (x − mean) · inverseDeviation · weight + bias, each array one number per channel.
public struct ChannelNormalisation<Scalar: RealScalar>: Sendable {
  /// The mean that is subtracted.
  public var mean: [Scalar]
  /// 1 / sqrt(variance + epsilon).
  public var inverseDeviation: [Scalar]
  /// Gamma in the paper.
  public var weight: [Scalar]
  /// Beta in the paper.
  public var bias: [Scalar]
  /// Whether ReLU follows: y becomes max(0, y).
  public var withReLU: Bool

  /// Gathers the numbers; all arrays must be equally long.
  public init(mean: [Scalar], inverseDeviation: [Scalar], weight: [Scalar], bias: [Scalar], withReLU: Bool) {
    require(
      Set([mean.count, inverseDeviation.count, weight.count, bias.count]).count == 1,
      "one number per channel: \(mean.count), \(inverseDeviation.count), \(weight.count), \(bias.count)")
    self.mean = mean
    self.inverseDeviation = inverseDeviation
    self.weight = weight
    self.bias = bias
    self.withReLU = withReLU
  }
}
