// Reads networks out of prompts: the sizes from the parameters, every tensor under PyTorch's name, all checked beforehand.
// Tests    OracleTests/TracedCasesTests.swift, OracleTests/StepTracerTests.swift
import Files
import Kernels
import Networks

/// A prompt about a network, with readers that turn every fault into one sentence.
struct NetworkPrompt {
  let prompt: Prompt

  /// A fault of this prompt.
  func fault(_ text: String) -> OracleError { prompt.fault(text) }

  /// An input of a given shape.
  func tensor<Scalar: RealScalar>(
    _ name: String, _ shape: [Int], as _: Scalar.Type = Scalar.self
  ) throws(OracleError) -> Tensor<Scalar> {
    // Double is what the prompt holds already: no element needs a conversion.
    var held: Tensor<Scalar>?
    if case .real(let values)? = prompt.inputs[name] { held = values as? Tensor<Scalar> }
    let tensor = if let held { held } else { try prompt.tensor(name, as: Scalar.self) }
    guard tensor.shape == shape else {
      throw fault("\"\(name)\" must have the shape (\(shape.inWords)), not (\(tensor.shape.inWords))")
    }
    return tensor
  }

  /// Feature maps or images: four axes, none empty.
  func maps<Scalar: RealScalar>(_ name: String, as _: Scalar.Type = Scalar.self) throws(OracleError) -> Tensor<Scalar> {
    let tensor: Tensor<Scalar> = try prompt.tensor(name)
    guard tensor.shape.count == 4, tensor.shape.allSatisfy({ $0 > 0 }) else {
      throw fault(
        "\"\(name)\" must be batch × channels × height × width, none of them 0, not (\(tensor.shape.inWords))")
    }
    return tensor
  }

  /// "training" or "evaluation".
  func mode() throws(OracleError) -> Mode {
    try prompt.string(.mode) == "training" ? .training : .evaluation
  }

  /// Puts the prompt's tensors into a module's parameters and running statistics, every one of which must be given.
  func load<M: Module>(_ module: inout M) throws(OracleError) {
    var (faults, names): ([OracleError], Set<String>) = ([], [])
    var variances: [(String, Tensor<M.Scalar>)] = []
    func input(_ name: String, _ shape: [Int]) -> Tensor<M.Scalar> {
      names.insert(name)
      do {
        return try tensor(name, shape)
      } catch {
        faults.append(error)
        return Tensor(shape: shape)
      }
    }
    module.forEachParameter(prefix: "") { name, parameter in
      parameter = Parameter(input(name, parameter.value.shape))
    }
    let parameters = names
    module.forEachBuffer(prefix: "") { name, buffer in
      buffer = input(name, buffer.shape)
      if name.hasSuffix("running_var") { variances.append((name, buffer)) }
    }
    try requireKnown(names, velocitiesOf: parameters)
    if let first = faults.first { throw first }
    for (name, variance) in variances { try requireNotNegative(variance, name) }
  }

  /// Refuses tensors that fit a pattern of the operation's inputs but are none of the module's.
  private func requireKnown(_ names: Set<String>, velocitiesOf parameters: Set<String>) throws(OracleError) {
    let others = prompt.inputs.keys.filter { !names.contains($0) }
    let inputs = try Operations.named(prompt.operation).inputs
    let hasVelocities = inputs.contains { $0.name == "*.velocity" }
    let known = hasVelocities ? names.union(parameters.map { $0 + ".velocity" }) : names
    let unknown = others.filter { other in
      !known.contains(other) && !inputs.contains { !$0.isPattern && $0.name == other }
    }
    guard let name = unknown.min() else { return }
    throw fault("has no input \(Wording.quoted(name))" + Wording.hint(name, among: known.sorted()))
  }

  /// The encoder of the parameters {streams, widths, blocks, strides, stemStride, embeddingSize}, for images of `channels`.
  func encoder<Scalar: RealScalar>(
    channels: Int, as _: Scalar.Type = Scalar.self
  ) throws(OracleError) -> ImageEncoder<Scalar> {
    let configuration = try configuration(channels: channels)
    var encoder = ImageEncoder<Scalar>(configuration, seed: 0)
    try load(&encoder)
    return encoder
  }

  /// The sizes of an encoder, found to agree with each other and with the amount of input, or with another limit.
  func configuration(channels: Int, atMost limit: Int? = nil) throws(OracleError) -> EncoderConfiguration {
    let (widths, blocks) = (try prompt.integers(.widths), try prompt.integers(.blocks))
    let (strides, size) = (try prompt.integers(.strides), try prompt.integer(.embeddingSize))
    guard widths.count == blocks.count, widths.count == strides.count else {
      throw fault(
        "every stage needs a width, a number of blocks and a stride: there are \(widths.count) \"widths\", "
          + "\(blocks.count) \"blocks\", \(strides.count) \"strides\"")
    }
    let streams = try prompt.array(.streams).map { $0 == .string("sobel") ? EncoderConfiguration.Stream.sobel : .plain }
    // A lower bound of the parameters, so that sizes that nobody gave tensors for are never allocated.
    let needed = streams.count * zip(widths, blocks).reduce(0) { $0 + 9 * $1.0 * $1.0 * $1.1 }
    let given = prompt.inputs.values.reduce(0) { $0 + $1.shape.reduce(1, *) }
    if let limit, needed + streams.count * (widths.last ?? 0) * size > limit {
      throw fault("an encoder of these \"widths\" has more than \(needed) parameters, and at most \(limit) are drawn")
    }
    guard limit != nil || needed <= given else {
      throw fault(
        "an encoder of these \"widths\" has more than \(needed) parameters, and the inputs hold \(given) values")
    }
    return EncoderConfiguration(
      inputChannels: channels, streams: streams, widths: widths, blocks: blocks, strides: strides,
      stemStride: try prompt.integer(.stemStride), embeddingSize: size)
  }

  /// Stops batches from which a batch norm of the encoder could not learn, and maps that no memory holds.
  func requireLearnable(_ images: [Int], _ configuration: EncoderConfiguration, mode: Mode) throws(OracleError) {
    for (width, count) in zip(configuration.widths, configuration.blocks) {
      try requireRoom("the maps of a stage", [images[0], images[2], images[3], width, count], most: 1 << 33)
    }
    let strides = [configuration.stemStride] + configuration.strides
    let smallest = [images[2], images[3]].map { strides.reduce($0) { ($0 + $1 - 1) / $1 } }
    guard mode == .evaluation || images[0] * smallest[0] * smallest[1] >= 2 else {
      throw fault(
        "batch normalisation learns from at least 2 values per channel, and images of shape (\(images.inWords)) leave 1"
      )
    }
  }
}
