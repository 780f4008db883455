// The residual block and the encoder, forward and backward.
// Tests    OracleTests/TracedCasesTests.swift, OracleTests/StepTracerTests.swift
import Files
import Kernels
import Networks

/// The operations of the areas "block" and "encoder".
let networkOperations: [any OracleOperation] = [ResidualBlockOperation(), EncoderOperation()]

/// Two 3 × 3 convolutions with batch norms and a way around them.
///
/// Outputs: y, x.gradient, the gradient of every parameter and, in training, every running statistic after the batch.
struct ResidualBlockOperation: TracedOperation {
  let name = "residual-block"
  let area = "block"
  private static let stride = ParameterDeclaration.integer("stride", 1...8, default: 1, "of the first convolution")
  let parameters = [Self.stride, .mode]
  let inputs: [InputDeclaration] = [
    .maps, .cotangent("batch × output channels × output height × output width"),
    .real("conv1.weight", "output channels × input channels × 3 × 3", "the first convolution"),
    .real("conv2.weight", "output channels × output channels × 3 × 3", "the second convolution"),
    .tensors("bn1.*"), .tensors("bn2.*"), .tensors("shortcut.*"),
  ]
  let formula = "y = ReLU(bn2(conv2(ReLU(bn1(conv1(x))))) + x),  or + shortcut.1(shortcut.0(x)) where the shape changes"

  func record<Scalar: RealScalar>(_ prompt: Prompt, in tracer: inout Tracer<Scalar>) throws(OracleError) {
    let reader = NetworkPrompt(prompt: prompt)
    let x: Tensor<Scalar> = try reader.maps("x")
    let (stride, mode) = (try prompt.integer(Self.stride), try reader.mode())
    let first: Tensor<Scalar> = try prompt.tensor("conv1.weight")
    guard first.shape.count == 4, first.shape[0] > 0 else {
      throw reader.fault(
        "\"conv1.weight\" must be output channels × input channels × 3 × 3, not (\(first.shape.inWords))")
    }
    let width = first.shape[0]
    guard (1...4096).contains(width), x.shape[1] <= 4096 else {
      throw reader.fault("a block has 1 to 4096 channels, not \(x.shape[1]) and \(width)")
    }
    var initialisation = Initialisation(seed: 0)
    var block = ResidualBlock<Scalar>(
      inputChannels: x.shape[1], outputChannels: width, stride: stride, initialisation: &initialisation)
    try reader.load(&block)
    let output = [x.shape[0], width, (x.shape[2] + stride - 1) / stride, (x.shape[3] + stride - 1) / stride]
    guard mode == .evaluation || output[0] * output[2] * output[3] >= 2 else {
      throw reader.fault("batch normalisation learns from at least 2 values per channel, and (\(output.inWords)) has 1")
    }
    let cotangent: Tensor<Scalar> = try reader.tensor("y.cotangent", output)
    let traced = tracer.block(Traced(name: "x", value: x), block, "", mode: mode)
    _ = tracer.blockGradients(of: Traced(name: "y.cotangent", value: cotangent), traced, block)
    for (first, name) in outputsByFirstName { tracer.rename(first, to: name) }
  }

  let outputsByFirstName = ["output": "y"]

  func isOutput(_ name: String, of prompt: Prompt) -> Bool {
    name == "y" || name == "x.gradient" || name.hasSuffix(".new") || isParameterGradient(name)
  }
}

/// Whether a recorded tensor is a parameter's gradient.
func isParameterGradient(_ name: String) -> Bool {
  name.hasSuffix(".weight.gradient") || name.hasSuffix(".bias.gradient")
}

/// Images to unit rows, and the gradient of every parameter.
///
/// Outputs: embeddings, what leaves each stage, gradients, running statistics after the batch.
struct EncoderOperation: TracedOperation {
  let name = "encoder"
  let area = "encoder"
  private static let probes = ParameterDeclaration.bool(
    "probes", default: false, "whether only the norm and eight elements of each gradient are told")
  let parameters = ParameterDeclaration.encoder + [.mode, Self.probes]
  let inputs =
    [
      InputDeclaration.real("images", "batch × channels × height × width", "what is embedded"),
      .real("embeddings.cotangent", "batch × features", "the gradient of some loss with respect to embeddings"),
    ] + InputDeclaration.encoderTensors
  let formula = "v = u / ‖u‖,  u = linear(trunk 0(images) beside trunk 1(sobel(images)))"

  func record<Scalar: RealScalar>(_ prompt: Prompt, in tracer: inout Tracer<Scalar>) throws(OracleError) {
    let reader = NetworkPrompt(prompt: prompt)
    let images: Tensor<Scalar> = try reader.maps("images")
    let mode = try reader.mode()
    let encoder: ImageEncoder<Scalar> = try reader.encoder(channels: images.shape[1])
    try reader.requireLearnable(images.shape, encoder.configuration, mode: mode)
    let cotangent: Tensor<Scalar> = try reader.tensor(
      "embeddings.cotangent", [images.shape[0], encoder.configuration.embeddingSize])
    let traced = tracer.encoder(Traced(name: "images", value: images), encoder, mode: mode)
    tracer.encoderGradients(of: Traced(name: "embeddings.cotangent", value: cotangent), traced, encoder)
    if try prompt.bool(Self.probes) {
      // In one order: the perturbations of a Monte-Carlo scale follow it.
      for (name, gradient) in tracer.values.sorted(by: { $0.key < $1.key }) where isParameterGradient(name) {
        tracer.probe(gradient, name)
      }
    }
  }

  func isOutput(_ name: String, of prompt: Prompt) -> Bool {
    if prompt.parameters["probes"] == .bool(true) {
      return name == "embeddings" || name.hasSuffix(".gradient.norm") || name.hasSuffix(".gradient.samples")
    }
    let leavesStage =
      name.hasSuffix(".output") && name.contains("layer")
      && !["conv1.", "conv2.", "bn1.", "bn2.", "shortcut.0.", "shortcut.1."].contains { name.hasSuffix($0 + "output") }
    return name == "embeddings" || leavesStage || name.hasSuffix("pool.output") || name == "linear.output"
      || name.hasSuffix(".new") || isParameterGradient(name)
  }

  /// An eighth for large networks: the standard error of σ is 25 %, which λ = 8 has room for.
  func perturbedRuns(_ prompt: Prompt) -> Int {
    prompt.parameters["probes"] == .bool(true) ? MonteCarloScale.runs / 8 : MonteCarloScale.runs
  }
}
