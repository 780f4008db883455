// The convolution and the fixed edge filter, forward and backward.
// Tests    OracleTests/LayerOperationsTests.swift, OracleTests/LegalRoundingTests.swift
import Files
import Kernels
import Networks

/// A cross-correlation with zero padding.
///
/// Outputs: y, x.gradient, weight.gradient and, with a bias, bias.gradient.
struct ConvolutionOperation: OracleOperation {
  let name = "convolution"
  let area = "op"
  private static let stride = ParameterDeclaration.integer("stride", 1...64, default: 1, "in both directions")
  static let padding = ParameterDeclaration.integer(
    "padding", 0...64, default: 0, "zeros on each of the four sides")
  let parameters = [Self.stride, Self.padding]
  let inputs: [InputDeclaration] = [
    .maps, .real("weight", "output channels × input channels × height × width", "the kernels, not flipped"),
    .real("bias", "output channels", absent: "no bias", "added to every pixel"),
    .cotangent("batch × output channels × output height × output width"),
  ]
  let formula = """
    y[n,o,i,j] = b[o] + Σ_crs w[o,c,r,s] x[n,c,i t + r − p,j t + s − p],  t the stride, p the padding;  ∂x and ∂w the \
    transposed sums,  ∂b[o] = Σ_nij g[n,o,i,j]
    """

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let reader = NetworkPrompt(prompt: prompt)
    let shape = try shape(prompt)
    let x: Tensor<Scalar> = try reader.maps("x")
    var initialisation = Initialisation(seed: 0)
    var layer = Convolution<Scalar>(
      inputChannels: 1, outputChannels: 1, kernel: 1, stride: shape.stride, padding: shape.padding,
      initialisation: &initialisation)
    layer.weight = Parameter(try reader.maps("weight"))
    if prompt.inputs["bias"] != nil { layer.bias = Parameter(try reader.tensor("bias", [shape.outputChannels])) }
    let cotangent: Tensor<Scalar> = try reader.tensor(
      "y.cotangent", [shape.batch, shape.outputChannels, shape.outputHeight, shape.outputWidth])
    let (y, cache) = layer.forward(x)
    let xGradient = layer.backward(cotangent, cache: cache)
    var answer: [String: TensorValue] = [
      "y": .real(y), "x.gradient": .real(xGradient), "weight.gradient": .real(layer.weight.gradient),
    ]
    if let bias = layer.bias { answer["bias.gradient"] = .real(bias.gradient) }
    return answer
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let shape = try shape(prompt)
    let (taps, pixels) = (shape.kernelHeight * shape.kernelWidth, shape.batch * shape.outputHeight * shape.outputWidth)
    return try contractionScales(
      prompt,
      terms: [
        "y": shape.inputChannels * taps + (prompt.inputs["bias"] == nil ? 0 : 1),
        "x.gradient": shape.outputChannels * taps, "weight.gradient": pixels, "bias.gradient": pixels,
      ])
  }

  /// The sizes, found to fit each other.
  func shape(_ prompt: Prompt) throws(OracleError) -> ConvolutionShape {
    let reader = NetworkPrompt(prompt: prompt)
    let x: Tensor<Double> = try reader.maps("x")
    let weight: Tensor<Double> = try reader.maps("weight")
    let (stride, padding) = (try prompt.integer(Self.stride), try prompt.integer(Self.padding))
    guard x.shape[1] == weight.shape[1] else {
      throw reader.fault("\"x\" has \(x.shape[1]) channels, and \"weight\" expects \(weight.shape[1])")
    }
    guard x.shape[2] + 2 * padding >= weight.shape[2], x.shape[3] + 2 * padding >= weight.shape[3] else {
      throw reader.fault(
        "the kernel of \"weight\", (\(weight.shape.inWords)), must fit into \"x\", (\(x.shape.inWords)), padded by \(padding)"
      )
    }
    return ConvolutionShape(
      batch: x.shape[0], inputChannels: x.shape[1], outputChannels: weight.shape[0], height: x.shape[2],
      width: x.shape[3], kernelHeight: weight.shape[2], kernelWidth: weight.shape[3], stride: stride, padding: padding)
  }
}

/// The fixed edge filter of the grey image.
///
/// Outputs: y, x.gradient.
struct SobelOperation: OracleOperation {
  let name = "sobel"
  let area = "op"
  let parameters: [ParameterDeclaration] = []
  let inputs: [InputDeclaration] = [.maps, .cotangent("batch × 2 × height × width")]
  let formula = """
    y[n,o] = K[o] ⋆ grey[n], zero padding 1,  grey = mean of the channels,  K[0] = [1 0 −1; 2 0 −2; 1 0 −1],  \
    K[1] = K[0]ᵀ;  ∂x the transposed sums
    """

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let (x, cotangent): (Tensor<Scalar>, Tensor<Scalar>) = try inputs(prompt)
    let sobel = Sobel<Scalar>(channels: x.shape[1])
    let (y, cache) = sobel.forward(x)
    return ["y": .real(y), "x.gradient": .real(sobel.backward(cotangent, cache: cache))]
  }

  /// Σ |k| grey(|x|) over a mean of `channels` terms (each of them divided, or multiplied by a rounded 1 / channels)
  /// and 9 taps; backward 18 taps.
  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let (x, cotangent): (Tensor<Double>, Tensor<Double>) = try inputs(prompt)
    let (channels, filter) = (x.shape[1], Sobel<Double>(channels: x.shape[1]))
    let ((grey, edges), mean) = (filter.shapes(x.shape), filter.greyWeight)
    let taps = Sobel<Double>.edgeWeight.map { abs($0) }
    let greyScale = convolve(x.magnitudes.values, weight: mean, shape: grey)
    let greyGradient = convolutionInputGradient(
      outputGradient: cotangent.magnitudes.values, weight: taps, shape: edges)
    return [
      "y": RoundingScale(
        values: Tensor(shape: cotangent.shape, values: convolve(greyScale, weight: taps, shape: edges)),
        terms: channels + 2 + 9),
      "x.gradient": RoundingScale(
        values: Tensor(
          shape: x.shape, values: convolutionInputGradient(outputGradient: greyGradient, weight: mean, shape: grey)),
        terms: 2 + 18),
    ]
  }

  private func inputs<Scalar: RealScalar>(
    _ prompt: Prompt
  ) throws(OracleError) -> (x: Tensor<Scalar>, cotangent: Tensor<Scalar>) {
    let reader = NetworkPrompt(prompt: prompt)
    let x: Tensor<Scalar> = try reader.maps("x")
    return (x, try reader.tensor("y.cotangent", [x.shape[0], 2, x.shape[2], x.shape[3]]))
  }
}
