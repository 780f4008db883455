/// y = x * w (cross-correlation).
///
/// - Parameters:
///   - input: batch × inputChannels × height × width.
///   - weight: outputChannels × inputChannels × kernelHeight × kernelWidth.
/// - Returns: batch × outputChannels × outputHeight × outputWidth.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func convolve<Scalar: RealScalar>(_ input: [Scalar], weight: [Scalar], shape: ConvolutionShape) -> [Scalar] {
  referenceConvolve(input, weight: weight, shape: shape)
}

/// The gradient of the input, shaped like the input.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func convolutionInputGradient<Scalar: RealScalar>(
  outputGradient: [Scalar], weight: [Scalar], shape: ConvolutionShape
) -> [Scalar] {
  referenceConvolutionInputGradient(outputGradient: outputGradient, weight: weight, shape: shape)
}

/// The gradient of the weight, shaped like the weight.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func convolutionWeightGradient<Scalar: RealScalar>(
  outputGradient: [Scalar], input: [Scalar], shape: ConvolutionShape
) -> [Scalar] {
  referenceConvolutionWeightGradient(outputGradient: outputGradient, input: input, shape: shape)
}
