// The fixed edge filter before the second stream.
//
// Method   grey = the mean of the normalised input's channels, then two 3 × 3 cross-correlations, zero padding 1:
//
//     Gx = [1 0 −1]    Gy = [ 1  2  1]
//          [2 0 −2]         [ 0  0  0]
//          [1 0 −1]         [−1 −2 −1]
//
// No magnitude and no normalisation follow, and nothing here is trained.
// Paper    Han et al., ECCV 2020, figure 2.    Tests    NetworksTests/SobelTests.swift
import Kernels

/// Two edge maps of the grey image: batch × channels × height × width to batch × 2 × height × width.
public struct Sobel<Scalar: RealScalar>: Sendable {
  /// Channels of the input.
  public let channels: Int

  /// What the backward pass needs: the filter is linear, so the shape suffices.
  public struct Cache: Sendable {
    let shape: [Int]
  }

  /// A filter for images of so many channels.
  public init(channels: Int) {
    require(channels > 0, "the Sobel filter needs at least one channel, not \(channels)")
    self.channels = channels
  }

  /// Fixed numbers as PyTorch counts them: a 1 × 1 convolution to grey and a 3 × 3 convolution to 2 channels, with biases.
  public var fixedWeightCount: Int { channels + 1 + 2 * 9 + 2 }

  /// Horizontal and vertical edges.
  public func forward(_ images: Tensor<Scalar>) -> (output: Tensor<Scalar>, cache: Cache) {
    let (grey, edges) = shapes(images.shape)
    let greyImages = convolve(images.values, weight: greyWeight, shape: grey)
    let output = convolve(greyImages, weight: Self.edgeWeight, shape: edges)
    return (Tensor(shape: [images.shape[0], 2, edges.height, edges.width], values: output), Cache(shape: images.shape))
  }

  /// The gradient of the images.
  public func backward(_ outputGradient: Tensor<Scalar>, cache: Cache) -> Tensor<Scalar> {
    let (grey, edges) = shapes(cache.shape)
    require(
      outputGradient.shape == [edges.batch, 2, edges.height, edges.width],
      "a gradient of shape \(outputGradient.shape) for the edges of \(cache.shape)")
    let greyGradient = convolutionInputGradient(
      outputGradient: outputGradient.values, weight: Self.edgeWeight, shape: edges)
    return Tensor(
      shape: cache.shape,
      values: convolutionInputGradient(outputGradient: greyGradient, weight: greyWeight, shape: grey))
  }

  /// Both steps as one convolution with padding 1: 2 × channels × 3 × 3.
  package var weight: Tensor<Scalar> {
    Tensor(
      shape: [2, channels, 3, 3],
      values: (0..<18 * channels).map { Self.edgeWeight[$0 / (9 * channels) * 9 + $0 % 9] / Scalar(channels) })
  }

  /// The mean of the channels, 1 × channels × 1 × 1.
  package var greyWeight: [Scalar] { Array(repeating: 1 / Scalar(channels), count: channels) }

  // swift-format-ignore
  /// The kernels of the edges, 2 × 1 × 3 × 3.
  package static var edgeWeight: [Scalar] {
    [1, 0, -1,
     2, 0, -2,
     1, 0, -1,

     1, 2, 1,
     0, 0, 0,
     -1, -2, -1]
  }

  /// The two convolutions on images of a shape, batch × channels × height × width.
  package func shapes(_ images: [Int]) -> (grey: ConvolutionShape, edges: ConvolutionShape) {
    require(
      images.count == 4 && images[1] == channels, "images of shape \(images) for a Sobel filter of \(channels) channels"
    )
    let grey = ConvolutionShape(
      batch: images[0], inputChannels: channels, outputChannels: 1, height: images[2], width: images[3],
      kernelHeight: 1, kernelWidth: 1)
    let edges = ConvolutionShape(
      batch: images[0], inputChannels: 1, outputChannels: 2, height: images[2], width: images[3], kernelHeight: 3,
      kernelWidth: 3, padding: 1)
    return (grey, edges)
  }
}
