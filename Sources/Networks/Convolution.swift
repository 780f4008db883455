// The convolution layer: cross-correlation with zero padding, as PyTorch's Conv2d.
//
//     y = x * w + b,   ∂x = g ⋆ w,   ∂w = x ⋆ g,   ∂b = Σ over images and pixels of g
//
// The three contractions are the kernels of Kernels/Convolution.swift. In a ResNet the bias is left out: the batch norm
// that follows would subtract it again.
// Tests    NetworksTests/ConvolutionTests.swift
import Kernels

/// A convolution with square kernel, one stride and one padding for both directions.
public struct Convolution<Scalar: RealScalar>: Module, Sendable {
  /// outputChannels × inputChannels × kernel × kernel.
  public var weight: Parameter<Scalar>
  /// outputChannels, or nil for none.
  public var bias: Parameter<Scalar>?
  /// Input pixels between neighbouring output pixels.
  public let stride: Int
  /// Zeros added on each side.
  public let padding: Int

  /// What the backward pass needs.
  public struct Cache: Sendable {
    /// batch × inputChannels × height × width.
    let input: Tensor<Scalar>
  }

  /// A convolution with PyTorch's default initialisation.
  ///
  /// - Parameters:
  ///   - inputChannels: Channels of the input.
  ///   - outputChannels: Channels of the output.
  ///   - kernel: Rows and columns of the kernel.
  ///   - stride: Pixels between two places of the kernel.
  ///   - padding: Zeros on each side.
  ///   - bias: Whether a bias is added; PyTorch's default is true, a ResNet's convolutions have none.
  ///   - initialisation: Draws the weight, then the bias.
  public init(
    inputChannels: Int, outputChannels: Int, kernel: Int = 3, stride: Int = 1, padding: Int = 1, bias: Bool = false,
    initialisation: inout Initialisation
  ) {
    let fanIn = inputChannels * kernel * kernel
    weight = initialisation.uniform([outputChannels, inputChannels, kernel, kernel], fanIn: fanIn)
    self.bias = bias ? initialisation.uniform([outputChannels], fanIn: fanIn) : nil
    self.stride = stride
    self.padding = padding
  }

  /// The sizes for an input, which must be batch × inputChannels × height × width.
  public func shape(for input: Tensor<Scalar>) -> ConvolutionShape {
    let (input, weight) = (input.shape, weight.value.shape)
    require(
      input.count == 4 && input[1] == weight[1], "an input of shape \(input) for a convolution of shape \(weight)")
    return ConvolutionShape(
      batch: input[0], inputChannels: weight[1], outputChannels: weight[0], height: input[2], width: input[3],
      kernelHeight: weight[2], kernelWidth: weight[3], stride: stride, padding: padding)
  }

  /// Maps batch × inputChannels × height × width to batch × outputChannels × outputHeight × outputWidth.
  ///
  /// The mode changes nothing.
  public mutating func forward(
    _ input: Tensor<Scalar>, mode: Mode = .training
  ) -> (output: Tensor<Scalar>, cache: Cache) {
    let shape = shape(for: input)
    var output = Tensor(
      shape: [shape.batch, shape.outputChannels, shape.outputHeight, shape.outputWidth],
      values: convolve(input.values, weight: weight.value.values, shape: shape))
    if let bias { addToChannels(bias.value.values, &output.values, pixels: shape.outputHeight * shape.outputWidth) }
    return (output, Cache(input: input))
  }

  /// Adds to the parameters' gradients and returns the input's gradient, shaped like the input.
  public mutating func backward(_ outputGradient: Tensor<Scalar>, cache: Cache) -> Tensor<Scalar> {
    accumulateGradients(outputGradient, cache: cache)
    return Tensor(
      shape: cache.input.shape,
      values: convolutionInputGradient(
        outputGradient: outputGradient.values, weight: weight.value.values, shape: shape(for: cache.input)))
  }

  /// Adds to the parameters' gradients alone.
  public mutating func accumulateGradients(_ outputGradient: Tensor<Scalar>, cache: Cache) {
    let shape = shape(for: cache.input)
    require(
      outputGradient.shape == [shape.batch, shape.outputChannels, shape.outputHeight, shape.outputWidth],
      "a gradient of shape \(outputGradient.shape) for the output of \(shape)")
    let weightGradient = convolutionWeightGradient(
      outputGradient: outputGradient.values, input: cache.input.values, shape: shape)
    add(weightGradient, into: &weight.gradient.values)
    if var gradient = bias?.gradient {
      let sums = channelSums(
        outputGradient.values, channels: shape.outputChannels, pixels: shape.outputHeight * shape.outputWidth)
      add(sums, into: &gradient.values)
      bias?.gradient = gradient
    }
  }

  /// Visits "weight" and, if there is one, "bias".
  public mutating func forEachParameter(
    prefix: String = "", _ body: (String, inout Parameter<Scalar>) throws -> Void
  ) rethrows {
    try body(prefix + "weight", &weight)
    if var bias {
      self.bias = nil
      defer { self.bias = bias }
      try body(prefix + "bias", &bias)
    }
  }
}

/// values[n, c, pixel] += bias[c].
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func addToChannels<Scalar: RealScalar>(_ bias: [Scalar], _ values: inout [Scalar], pixels: Int) {
  for i in values.indices { values[i] += bias[i / pixels % bias.count] }
}

/// Σ over images and pixels of values[n, c, pixel], in order.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func channelSums<Scalar: RealScalar>(_ values: [Scalar], channels: Int, pixels: Int) -> [Scalar] {
  var sums = [Scalar](repeating: 0, count: channels)
  for i in values.indices { sums[i / pixels % channels] += values[i] }
  return sums
}
