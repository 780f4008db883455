// The encoder: images to unit embeddings through one or two ResNet trunks.
//
//     images ──┬──────────── ResNet ──┐
//              └── Sobel ── ResNet ──┴ concatenate ── Linear ── unit rows V
//
// Paper    Han et al., ECCV 2020, figure 2.    Tests    NetworksTests/ImageEncoderTests.swift
import Kernels

/// f in the paper: every image becomes a point of the unit sphere.
public struct ImageEncoder<Scalar: RealScalar>: Module, Sendable {
  /// The sizes it was built with.
  public let configuration: EncoderConfiguration
  /// One trunk per stream.
  public var trunks: [ResNet<Scalar>]
  /// Concatenated features to the embedding.
  public var linear: Linear<Scalar>

  /// What the backward pass needs.
  public struct Cache: Sendable {
    let sobel: [Sobel<Scalar>.Cache?]
    let trunks: [ResNet<Scalar>.Cache]
    let linear: Linear<Scalar>.Cache
    let normalisation: L2Normalisation<Scalar>.Cache
  }

  /// An encoder with PyTorch's default initialisation, drawn from `seed`.
  public init(_ configuration: EncoderConfiguration, seed: UInt32) {
    require(!configuration.streams.isEmpty, "an encoder needs at least one stream")
    self.configuration = configuration
    var initialisation = Initialisation(seed: seed)
    trunks = []
    for stream in configuration.streams {
      trunks.append(
        ResNet(
          inputChannels: stream == .sobel ? 2 : configuration.inputChannels, widths: configuration.widths,
          blocks: configuration.blocks, strides: configuration.strides, stemStride: configuration.stemStride,
          initialisation: &initialisation))
    }
    linear = Linear(
      inputs: trunks.reduce(0) { $0 + $1.featureCount }, outputs: configuration.embeddingSize,
      initialisation: &initialisation)
  }

  /// Embeds a batch of images.
  ///
  /// - Parameters:
  ///   - images: batch × inputChannels × height × width.
  ///   - mode: In training, batch norm uses the statistics of these images and records them.
  /// - Returns: batch × embeddingSize, unit rows, and what ``backward(_:cache:)`` needs.
  public mutating func forward(
    _ images: Tensor<Scalar>, mode: Mode = .training
  ) -> (embeddings: Tensor<Scalar>, cache: Cache) {
    require(
      images.shape.count == 4 && images.shape[1] == configuration.inputChannels,
      "images of shape \(images.shape) for an encoder of \(configuration.inputChannels) channels")
    var (features, sobelCaches, trunkCaches): ([Tensor<Scalar>], [Sobel<Scalar>.Cache?], [ResNet<Scalar>.Cache])
    (features, sobelCaches, trunkCaches) = ([], [], [])
    for s in trunks.indices {
      let edges = configuration.streams[s] == .sobel ? sobel.forward(images) : nil
      let (output, cache) = trunks[s].forward(edges?.output ?? images, mode: mode)
      features.append(output)
      sobelCaches.append(edges?.cache)
      trunkCaches.append(cache)
    }
    let (projected, linearCache) = linear.forward(Self.concatenated(features))
    let (embeddings, normalisationCache) = L2Normalisation().forward(projected)
    let cache = Cache(
      sobel: sobelCaches, trunks: trunkCaches, linear: linearCache, normalisation: normalisationCache)
    return (embeddings, cache)
  }

  /// Adds to the parameters' gradients and returns the images' gradient, the sum over the streams.
  public mutating func backward(_ embeddingsGradient: Tensor<Scalar>, cache: Cache) -> Tensor<Scalar> {
    var imagesGradient: Tensor<Scalar>?
    for (s, featuresGradient) in featuresGradients(embeddingsGradient, cache: cache).enumerated() {
      var gradient = trunks[s].backward(featuresGradient, cache: cache.trunks[s])
      if let sobelCache = cache.sobel[s] { gradient = sobel.backward(gradient, cache: sobelCache) }
      if let others = imagesGradient { add(others.values, into: &gradient.values) }
      imagesGradient = gradient
    }
    return imagesGradient ?? Tensor(shape: [0])
  }

  /// Adds to the parameters' gradients, as ``backward(_:cache:)`` does; training has no use for the images' gradient.
  public mutating func accumulateGradients(_ embeddingsGradient: Tensor<Scalar>, cache: Cache) {
    for (s, featuresGradient) in featuresGradients(embeddingsGradient, cache: cache).enumerated() {
      trunks[s].accumulateGradients(featuresGradient, cache: cache.trunks[s])
    }
  }

  /// The gradient of each trunk's features; adds to the linear layer's.
  private mutating func featuresGradients(_ embeddingsGradient: Tensor<Scalar>, cache: Cache) -> [Tensor<Scalar>] {
    let projectedGradient = L2Normalisation().backward(embeddingsGradient, cache: cache.normalisation)
    let gradient = linear.backward(projectedGradient, cache: cache.linear)
    return Self.split(gradient, widths: trunks.map(\.featureCount))
  }

  /// The embeddings in evaluation mode, without a cache; each image's depends on that image alone.
  public func embed(_ images: Tensor<Scalar>) -> Tensor<Scalar> {
    var copy = self
    var values: [Scalar] = []
    for first in stride(from: 0, to: images.rows, by: 256) {
      values += copy.forward(images.rows(first..<min(images.rows, first + 256)), mode: .evaluation).embeddings.values
    }
    return Tensor(shape: [images.rows, configuration.embeddingSize], values: values)
  }

  /// The number of parameters, the Sobel filter's fixed weights included as PyTorch includes them.
  public var parameterCount: Int {
    var copy = self
    var count = configuration.streams.count { $0 == .sobel } * sobel.fixedWeightCount
    copy.forEachParameter { _, parameter in count += parameter.value.count }
    return count
  }

  private var sobel: Sobel<Scalar> { Sobel(channels: configuration.inputChannels) }

  /// Visits "conv1.weight", … of the one trunk, or "streams.0.conv1.weight", … of several; then "linear.weight", "linear.bias".
  public mutating func forEachParameter(
    prefix: String = "", _ body: (String, inout Parameter<Scalar>) throws -> Void
  ) rethrows {
    for s in trunks.indices { try trunks[s].forEachParameter(prefix: prefix + trunkPrefix(s), body) }
    try linear.forEachParameter(prefix: prefix + "linear.", body)
  }

  /// Visits the running statistics under the same prefixes.
  public mutating func forEachBuffer(
    prefix: String = "", _ body: (String, inout Tensor<Scalar>) throws -> Void
  ) rethrows {
    for s in trunks.indices { try trunks[s].forEachBuffer(prefix: prefix + trunkPrefix(s), body) }
  }

  private func trunkPrefix(_ stream: Int) -> String { trunks.count == 1 ? "" : "streams.\(stream)." }

  /// Matrices of equally many rows, side by side.
  private static func concatenated(_ parts: [Tensor<Scalar>]) -> Tensor<Scalar> {
    guard parts.count > 1 else { return parts[0] }
    let columns = parts.reduce(0) { $0 + $1.columns }
    var values: [Scalar] = []
    values.reserveCapacity(parts[0].rows * columns)
    for a in 0..<parts[0].rows {
      for part in parts { values += part.row(a) }
    }
    return Tensor(shape: [parts[0].rows, columns], values: values)
  }

  private static func split(_ matrix: Tensor<Scalar>, widths: [Int]) -> [Tensor<Scalar>] {
    guard widths.count > 1 else { return [matrix] }
    var first = 0
    return widths.map { width in
      defer { first += width }
      let values = (0..<matrix.rows).flatMap { (row: Int) -> ArraySlice<Scalar> in
        let start = row * matrix.columns + first
        return matrix.values[start..<start + width]
      }
      return Tensor(shape: [matrix.rows, width], values: values)
    }
  }
}
