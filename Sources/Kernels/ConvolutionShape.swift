// The sizes of a two-dimensional convolution, shared by its three kernels and their reference implementations.

/// The sizes of one convolution: cross-correlation with zero padding, as in PyTorch.
public struct ConvolutionShape: Sendable, Equatable, CustomStringConvertible {
  /// The number of images.
  public var batch: Int
  /// Channels of the input.
  public var inputChannels: Int
  /// Channels of the output.
  public var outputChannels: Int
  /// Rows of one input channel.
  public var height: Int
  /// Columns of one input channel.
  public var width: Int
  /// Rows of the kernel.
  public var kernelHeight: Int
  /// Columns of the kernel.
  public var kernelWidth: Int
  /// The step between neighbouring output pixels, in input pixels, in both directions.
  public var stride: Int
  /// Zeros added on each of the four sides.
  public var padding: Int

  /// Creates the sizes; stops if a size is not positive, the padding is negative or the padded image is smaller than the kernel.
  public init(
    batch: Int, inputChannels: Int, outputChannels: Int, height: Int, width: Int, kernelHeight: Int, kernelWidth: Int,
    stride: Int = 1, padding: Int = 0
  ) {
    self.batch = batch
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.height = height
    self.width = width
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.stride = stride
    self.padding = padding
    let sizes = [batch, inputChannels, outputChannels, height, width, kernelHeight, kernelWidth, stride]
    require(sizes.allSatisfy { $0 > 0 } && padding >= 0, "a convolution's sizes must be positive, not \(self)")
    require(
      height + 2 * padding >= kernelHeight && width + 2 * padding >= kernelWidth,
      "a convolution's kernel must fit into the padded image: \(self)")
  }

  /// Whether threads are worth being called.
  var isLarge: Bool {
    outputCount * inputChannels * kernelHeight * kernelWidth >= Parallel.leastMultiplyAdds
  }
  /// Rows of one output channel.
  public var outputHeight: Int { (height + 2 * padding - kernelHeight) / stride + 1 }
  /// Columns of one output channel.
  public var outputWidth: Int { (width + 2 * padding - kernelWidth) / stride + 1 }
  /// Elements of the input: batch × inputChannels × height × width.
  public var inputCount: Int { batch * inputChannels * height * width }
  /// Elements of the weight: outputChannels × inputChannels × kernelHeight × kernelWidth.
  public var weightCount: Int { outputChannels * inputChannels * kernelHeight * kernelWidth }
  /// Elements of the output: batch × outputChannels × outputHeight × outputWidth.
  public var outputCount: Int { batch * outputChannels * outputHeight * outputWidth }

  /// For messages: "8x3x32x32 * 64x3x3x3, stride 1, padding 1".
  public var description: String {
    "\(batch)x\(inputChannels)x\(height)x\(width) * \(outputChannels)x\(inputChannels)x\(kernelHeight)x\(kernelWidth), "
      + "stride \(stride), padding \(padding)"
  }
}
