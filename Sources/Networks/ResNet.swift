// A residual network without its last layer: images to one feature per channel of the last stage.
//
//     conv3×3(stem stride) ── BN ── ReLU ── stage 1 ── … ── stage S ── mean over pixels
//
// A stage is a row of residual blocks of one width; its first block strides. There is no max-pool, as is usual for small
// images. With widths 64, 128, 256, 512, two blocks each and strides 1, 2, 2, 2 it is the trunk of ResNet-18.
// Paper    He et al., CVPR 2016; Han et al., ECCV 2020, figure 2.    Tests    NetworksTests/ResNetTests.swift
import Kernels

/// The trunk of a residual network.
public struct ResNet<Scalar: RealScalar>: Module, Sendable {
  /// Images to the first width.
  public var stemConvolution: Convolution<Scalar>
  /// Followed by ReLU.
  public var stemNorm: BatchNorm<Scalar>
  /// The blocks of each stage.
  public var stages: [[ResidualBlock<Scalar>]]
  /// Length of the features: the last width.
  public let featureCount: Int

  /// What the backward pass needs.
  public struct Cache: Sendable {
    let stemConvolution: Convolution<Scalar>.Cache
    let stemNorm: BatchNorm<Scalar>.Cache
    let stages: [[ResidualBlock<Scalar>.Cache]]
    let pool: GlobalAveragePool<Scalar>.Cache
  }

  /// A trunk with PyTorch's default initialisation.
  ///
  /// - Parameters:
  ///   - inputChannels: Channels of the images.
  ///   - widths: Channels of each stage; the stem has the first of them.
  ///   - blocks: Residual blocks of each stage.
  ///   - strides: Stride of each stage's first block.
  ///   - stemStride: Stride of the first convolution.
  ///   - initialisation: Where the weights are drawn from.
  public init(
    inputChannels: Int, widths: [Int], blocks: [Int], strides: [Int], stemStride: Int = 1,
    initialisation: inout Initialisation
  ) {
    require(
      !widths.isEmpty && widths.count == blocks.count && widths.count == strides.count && blocks.allSatisfy { $0 > 0 },
      "every stage needs a width, a number of blocks and a stride: \(widths), \(blocks), \(strides)")
    stemConvolution = Convolution(
      inputChannels: inputChannels, outputChannels: widths[0], stride: stemStride, initialisation: &initialisation)
    stemNorm = BatchNorm(channels: widths[0], initialisation: &initialisation)
    stages = []
    var channels = widths[0]
    for (width, (count, stride)) in zip(widths, zip(blocks, strides)) {
      var stage: [ResidualBlock<Scalar>] = []
      for block in 0..<count {
        stage.append(
          ResidualBlock(
            inputChannels: channels, outputChannels: width, stride: block == 0 ? stride : 1,
            initialisation: &initialisation))
        channels = width
      }
      stages.append(stage)
    }
    featureCount = channels
  }

  /// batch × inputChannels × height × width to batch × featureCount.
  public mutating func forward(_ images: Tensor<Scalar>, mode: Mode) -> (output: Tensor<Scalar>, cache: Cache) {
    let (stem, stemConvolutionCache) = stemConvolution.forward(images)
    var (maps, stemNormCache) = stemNorm.forward(stem, mode: mode, withReLU: true)
    var caches: [[ResidualBlock<Scalar>.Cache]] = []
    for s in stages.indices {
      caches.append([])
      for b in stages[s].indices {
        let (output, cache) = stages[s][b].forward(maps, mode: mode)
        maps = output
        caches[s].append(cache)
      }
    }
    let (features, poolCache) = GlobalAveragePool().forward(maps)
    let cache = Cache(
      stemConvolution: stemConvolutionCache, stemNorm: stemNormCache, stages: caches, pool: poolCache)
    return (features, cache)
  }

  /// Adds to the parameters' gradients and returns the images' gradient.
  public mutating func backward(_ featuresGradient: Tensor<Scalar>, cache: Cache) -> Tensor<Scalar> {
    let gradient = stemGradient(featuresGradient, cache: cache)
    return stemConvolution.backward(gradient, cache: cache.stemConvolution)
  }

  /// Adds to the parameters' gradients, as ``backward(_:cache:)`` does, and leaves the images' gradient out.
  public mutating func accumulateGradients(_ featuresGradient: Tensor<Scalar>, cache: Cache) {
    let gradient = stemGradient(featuresGradient, cache: cache)
    stemConvolution.accumulateGradients(gradient, cache: cache.stemConvolution)
  }

  /// The gradient of the stem convolution's output; adds to the gradients of all that follows it.
  private mutating func stemGradient(_ featuresGradient: Tensor<Scalar>, cache: Cache) -> Tensor<Scalar> {
    var gradient = GlobalAveragePool().backward(featuresGradient, cache: cache.pool)
    for s in stages.indices.reversed() {
      for b in stages[s].indices.reversed() {
        gradient = stages[s][b].backward(gradient, cache: cache.stages[s][b])
      }
    }
    return stemNorm.backward(gradient, cache: cache.stemNorm)
  }

  /// Visits "conv1.weight", "bn1.weight", "bn1.bias", then the blocks "layer1.0.", "layer1.1.", ….
  public mutating func forEachParameter(
    prefix: String = "", _ body: (String, inout Parameter<Scalar>) throws -> Void
  ) rethrows {
    try stemConvolution.forEachParameter(prefix: prefix + "conv1.", body)
    try stemNorm.forEachParameter(prefix: prefix + "bn1.", body)
    for s in stages.indices {
      for b in stages[s].indices {
        try stages[s][b].forEachParameter(prefix: "\(prefix)layer\(s + 1).\(b).", body)
      }
    }
  }

  /// Visits the running statistics in the same order.
  public mutating func forEachBuffer(
    prefix: String = "", _ body: (String, inout Tensor<Scalar>) throws -> Void
  ) rethrows {
    try stemNorm.forEachBuffer(prefix: prefix + "bn1.", body)
    for s in stages.indices {
      for b in stages[s].indices { try stages[s][b].forEachBuffer(prefix: "\(prefix)layer\(s + 1).\(b).", body) }
    }
  }
}
