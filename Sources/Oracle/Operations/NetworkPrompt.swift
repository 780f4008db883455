// Reads networks out of prompts: the sizes from the parameters, every tensor under PyTorch's name, all checked beforehand.
// Tests    OracleTests/RecordedCasesTests.swift, OracleTests/StepRecorderTests.swift
import Kernels
import Networks

/// A prompt about a network, with readers that turn every fault into one sentence.
struct NetworkPrompt {
  let prompt: Prompt

  /// A fault of this prompt.
  func fault(_ text: String) -> OracleError { OracleError("the operation \(prompt.operation): \(text)") }

  /// A parameter that is a list of whole numbers of a range.
  func integers(_ name: String, _ range: ClosedRange<Int>) throws(OracleError) -> [Int] {
    try prompt.numbers(name).map { number throws(OracleError) in
      guard let integer = Int(exactly: number), range.contains(integer) else {
        throw fault("\"\(name)\" needs whole numbers from \(range.lowerBound) to \(range.upperBound), not \(number)")
      }
      return integer
    }
  }

  /// A parameter that is a number and passes a condition, which `needs` says in words.
  func number<Scalar: RealScalar>(
    _ name: String, default fallback: Double? = nil, needs: String, as _: Scalar.Type, _ accepts: (Scalar) -> Bool
  ) throws(OracleError) -> Scalar {
    let number = try prompt.number(name, default: fallback)
    guard Scalar(number).isFinite, accepts(Scalar(number)) else {
      throw fault("\"\(name)\" must be \(needs), not \(number)")
    }
    return Scalar(number)
  }

  /// A parameter that names one of the cases of an enumeration.
  func choice<Choice: RawRepresentable & CaseIterable>(
    _ name: String, default fallback: Choice
  ) throws(OracleError) -> Choice where Choice.RawValue == String {
    let text = try prompt.text(name, default: fallback.rawValue)
    guard let choice = Choice(rawValue: text) else {
      let all = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      throw fault("\"\(name)\" must be one of \(all), not \(text)")
    }
    return choice
  }

  /// An input of a given shape.
  func tensor<Scalar: RealScalar>(
    _ name: String, _ shape: [Int], as _: Scalar.Type = Scalar.self
  ) throws(OracleError) -> Tensor<Scalar> {
    // Double is what the prompt holds already: no element needs a conversion.
    var held: Tensor<Scalar>?
    if case .real(let values)? = prompt.inputs[name] { held = values as? Tensor<Scalar> }
    let tensor = if let held { held } else { try prompt.tensor(name, as: Scalar.self) }
    guard tensor.shape == shape else { throw fault("\"\(name)\" has the shape \(tensor.shape), not \(shape)") }
    return tensor
  }

  /// Feature maps or images: four axes, none empty.
  func maps<Scalar: RealScalar>(_ name: String, as _: Scalar.Type = Scalar.self) throws(OracleError) -> Tensor<Scalar> {
    let tensor: Tensor<Scalar> = try prompt.tensor(name)
    guard tensor.shape.count == 4, tensor.shape.allSatisfy({ $0 > 0 }) else {
      throw fault("\"\(name)\" must be batch × channels × height × width, none of them 0, not \(tensor.shape)")
    }
    return tensor
  }

  /// "training" or "evaluation".
  func mode() throws(OracleError) -> Mode {
    switch try prompt.text("mode", default: "training") {
    case "training": return .training
    case "evaluation": return .evaluation
    case let other: throw fault("\"mode\" must be training or evaluation, not \(other)")
    }
  }

  /// Puts the prompt's tensors into a module's parameters and running statistics, every one of which must be given.
  func load<M: Module>(_ module: inout M) throws(OracleError) {
    var faults: [OracleError] = []
    func input(_ name: String, _ shape: [Int]) -> Tensor<M.Scalar> {
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
    module.forEachBuffer(prefix: "") { name, buffer in buffer = input(name, buffer.shape) }
    if let first = faults.first { throw first }
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

  /// The sizes of an encoder, found to agree with each other and with the amount of input.
  func configuration(channels: Int) throws(OracleError) -> EncoderConfiguration {
    let (widths, blocks) = (try integers("widths", 1...65_536), try integers("blocks", 1...64))
    let strides = try integers("strides", 1...8)
    let size = try prompt.integer("embeddingSize")
    guard (1...16).contains(widths.count), widths.count == blocks.count, widths.count == strides.count else {
      throw fault(
        "every stage needs a width, a number of blocks and a stride, for 1 to 16 stages: \(widths.count) widths, "
          + "\(blocks.count) blocks, \(strides.count) strides")
    }
    guard (1...65_536).contains(size) else { throw fault("\"embeddingSize\" must be 1 to 65536, not \(size)") }
    let stemStride = try prompt.integer("stemStride", default: 1)
    guard (1...8).contains(stemStride) else { throw fault("\"stemStride\" must be 1 to 8, not \(stemStride)") }
    let streams = try streams()
    // A lower bound of the parameters, so that sizes that nobody gave tensors for are never allocated.
    let needed = streams.count * zip(widths, blocks).reduce(0) { $0 + 9 * $1.0 * $1.0 * $1.1 }
    let given = prompt.inputs.values.reduce(0) { $0 + $1.shape.reduce(1, *) }
    guard needed <= given else {
      throw fault(
        "an encoder of widths \(widths) has more than \(needed) parameters, and the inputs hold \(given) values")
    }
    return EncoderConfiguration(
      inputChannels: channels, streams: streams, widths: widths, blocks: blocks, strides: strides,
      stemStride: stemStride, embeddingSize: size)
  }

  private func streams() throws(OracleError) -> [EncoderConfiguration.Stream] {
    guard case .list(let list)? = prompt.parameters["streams"], (1...4).contains(list.count) else {
      throw fault("\"streams\" must be a list of 1 to 4 names, each plain or sobel")
    }
    return try list.map { element throws(OracleError) in
      guard case .text(let text) = element, let stream = EncoderConfiguration.Stream(rawValue: text) else {
        throw fault("\"streams\" must hold plain or sobel, not \(element)")
      }
      return stream
    }
  }

  /// Stops batches from which a batch norm of the encoder could not learn.
  func requireLearnable(_ images: [Int], _ configuration: EncoderConfiguration, mode: Mode) throws(OracleError) {
    let strides = [configuration.stemStride] + configuration.strides
    let smallest = [images[2], images[3]].map { strides.reduce($0) { ($0 + $1 - 1) / $1 } }
    guard mode == .evaluation || images[0] * smallest[0] * smallest[1] >= 2 else {
      throw fault(
        "batch normalisation learns from at least 2 values per channel, and images of shape \(images) leave 1")
    }
  }
}
