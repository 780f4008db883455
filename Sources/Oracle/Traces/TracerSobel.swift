// The fixed edge filter, traced by a tracer: the mean of the channels, then a 3 × 3 convolution to two channels.
// Tests    OracleTests/StepTracerTests.swift, OracleTests/ConvolutionMethodTests.swift
import Kernels
import Networks

/// The two convolutions of the filter, as shapes and constants.
struct SobelShapes {
  /// channels to 1, 1 × 1.
  let grey: ConvolutionShape
  /// 1 to 2 channels, 3 × 3.
  let edges: ConvolutionShape

  /// The filter on images of a shape, batch × channels × height × width.
  init(images shape: [Int]) {
    grey = ConvolutionShape(
      batch: shape[0], inputChannels: shape[1], outputChannels: 1, height: shape[2], width: shape[3], kernelHeight: 1,
      kernelWidth: 1)
    edges = ConvolutionShape(
      batch: shape[0], inputChannels: 1, outputChannels: 2, height: shape[2], width: shape[3], kernelHeight: 3,
      kernelWidth: 3, padding: 1)
  }

  /// 1 / channels for each channel.
  func mean<Scalar: RealScalar>() -> [Scalar] {
    Array(repeating: 1 / Scalar(grey.inputChannels), count: grey.inputChannels)
  }

  /// The kernels of the edges.
  static let edgeWeight: [Double] = [1, 0, -1, 2, 0, -2, 1, 0, -1, 1, 2, 1, 0, 0, 0, -1, -2, -1]
}

extension Tracer {
  /// Horizontal and vertical edges of the mean of the channels.
  @specialized(where Scalar == Double)
  mutating func sobel(_ images: Traced<Scalar>, as name: String) -> Traced<Scalar> {
    let shapes = SobelShapes(images: images.value.shape)
    let means = convolve(images.value.values, weight: shapes.mean(), shape: shapes.grey)
    let filter = Sobel<Scalar>(channels: shapes.grey.inputChannels)
    var (output, _) = filter.forward(factor(images.value))
    output.values = byMethod(
      output.values, .forward, means, SobelShapes.edgeWeight.map { Scalar($0) }, shape: shapes.edges)
    return record(
      name, output, from: [images.name], by: "sobel", terms: 9 * images.value.shape[1],
      errors: [.each(Self.sobelMagnitudes(images.value, shapes))])
  }

  /// The gradient of the images.
  @specialized(where Scalar == Double)
  mutating func sobelGradient(of output: Traced<Scalar>, images: [Int], as name: String) -> Traced<Scalar> {
    let shapes = SobelShapes(images: images)
    let weight = SobelShapes.edgeWeight.map { Scalar($0) }
    let means = byMethod(
      Kernels.convolutionInputGradient(outputGradient: output.value.values, weight: weight, shape: shapes.edges),
      .inputGradient, output.value.values, weight, shape: shapes.edges)
    let magnitudes = Kernels.convolutionInputGradient(
      outputGradient: output.value.magnitudes.values, weight: weight.map { abs($0) }, shape: shapes.edges)
    func spread(_ greys: [Scalar]) -> [Scalar] {
      Kernels.convolutionInputGradient(outputGradient: greys, weight: shapes.mean(), shape: shapes.grey)
    }
    return record(
      name, Tensor(shape: images, values: spread(means)), from: [output.name], by: "sobel-gradient", terms: 20,
      errors: [.each(spread(magnitudes))])
  }

  /// Σ |filter| |grey|, by the kernels with every sign taken away.
  @specialized(where Scalar == Double)
  private static func sobelMagnitudes(_ images: Tensor<Scalar>, _ shapes: SobelShapes) -> [Scalar] {
    let means = convolve(images.magnitudes.values, weight: shapes.mean(), shape: shapes.grey)
    return convolve(means, weight: SobelShapes.edgeWeight.map { Scalar(abs($0)) }, shape: shapes.edges)
  }
}
