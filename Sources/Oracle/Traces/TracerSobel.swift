// The fixed edge filter, traced by a tracer: the mean of the channels, then a 3 × 3 convolution to two channels.
// Tests    OracleTests/StepTracerTests.swift, OracleTests/ConvolutionMethodTests.swift
import Kernels
import Networks

extension Tracer {
  /// Horizontal and vertical edges of the mean of the channels.
  @specialized(where Scalar == Double)
  mutating func sobel(_ images: Traced<Scalar>, as name: String) -> Traced<Scalar> {
    let filter = Sobel<Scalar>(channels: images.value.shape[1])
    let (grey, edges) = filter.shapes(images.value.shape)
    func means(_ images: Tensor<Scalar>) -> [Scalar] {
      convolve(images.values, weight: filter.greyWeight, shape: grey)
    }
    var (output, _) = filter.forward(factor(images.value))
    output.values = byMethod(
      output.values, .forward, means(images.value), Sobel<Scalar>.edgeWeight, shape: edges)
    return record(
      name, output, from: [images.name], by: "sobel", terms: 9 * images.value.shape[1],
      errors: [
        .each(
          convolve(means(images.value.magnitudes), weight: Sobel<Scalar>.edgeWeight.map { abs($0) }, shape: edges))
      ])
  }

  /// The gradient of the images.
  @specialized(where Scalar == Double)
  mutating func sobelGradient(of output: Traced<Scalar>, images: [Int], as name: String) -> Traced<Scalar> {
    let filter = Sobel<Scalar>(channels: images[1])
    let (grey, edges) = filter.shapes(images)
    func ofGrey(_ gradient: Tensor<Scalar>, _ weight: [Scalar]) -> [Scalar] {
      Kernels.convolutionInputGradient(outputGradient: gradient.values, weight: weight, shape: edges)
    }
    func ofImages(_ gradient: [Scalar]) -> [Scalar] {
      Kernels.convolutionInputGradient(outputGradient: gradient, weight: filter.greyWeight, shape: grey)
    }
    let weight = Sobel<Scalar>.edgeWeight
    let means = byMethod(
      ofGrey(output.value, weight), .inputGradient, output.value.values, weight, shape: edges)
    return record(
      name, Tensor(shape: images, values: ofImages(means)), from: [output.name], by: "sobel-gradient", terms: 20,
      errors: [.each(ofImages(ofGrey(output.value.magnitudes, weight.map { abs($0) })))])
  }
}
