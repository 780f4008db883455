// How the cases of networks come by their tensors: normal numbers rounded to Float, drawn again until no rectifier is near its kink.
// Tests    OracleTests/RecordedCasesTests.swift
import Kernels
import Networks

/// One network of the corpus before its inputs are drawn.
struct NetworkDrawing {
  /// The smallest margin of a rectifier that a case may have.
  static let smallestMargin = MonteCarloScale.farKink
  /// The smallest margin of a case that decides in profiles with rounded factors too: several times what those round.
  static let wideMargin = 0.05

  /// Chooses all numbers.
  var seed: UInt32
  /// Whether batch norms hold every channel well above or well below zero, so that no rectifier changes its mind over many
  /// steps: gamma 0.125 to 0.16, beta ±1 in front of a rectifier and +1 in front of a residual sum.
  var steady = false

  /// Normal numbers around `mean`, each exactly a Float; `image` tells streams of one seed apart.
  func tensor(_ shape: [Int], _ image: Int, scale: Double = 1, mean: Double = 0) -> TensorValue {
    var stream = RandomStream(seed: seed, purpose: .test, image: image)
    return .real(
      Tensor<Float>(
        shape: shape, values: (0..<shape.reduce(1, *)).map { _ in Float(mean + scale * stream.normal()) }))
  }

  /// Unit rows, rounded to Float.
  func unitRows(_ shape: [Int], _ image: Int) -> TensorValue {
    guard case .real(let rows) = tensor(shape, image) else { return tensor(shape, image) }
    return .real(L2Normalisation().forward(rows).output.converted(to: Float.self))
  }

  /// Every parameter and running statistic of a module; with velocities too on request.
  func tensors<M: Module>(of module: M, velocities: Bool = false) -> [String: TensorValue] {
    var (module, tensors, image) = (module, [String: TensorValue](), 100)
    module.forEachParameter(prefix: "") { name, parameter in
      tensors[name] = drawn(name, parameter.value.shape, image)
      if velocities { tensors[name + ".velocity"] = tensor(parameter.value.shape, image + 5000, scale: 0.05) }
      image += 1
    }
    module.forEachBuffer(prefix: "") { name, buffer in
      tensors[name] = drawn(name, buffer.shape, image)
      image += 1
    }
    return tensors
  }

  /// A parameter by what its name says it is.
  private func drawn(_ name: String, _ shape: [Int], _ image: Int) -> TensorValue {
    if name.hasSuffix("running_mean") { return tensor(shape, image, scale: 0.3) }
    if name.hasSuffix("running_var") {
      guard case .real(let normal) = tensor(shape, image, scale: 0.3) else { return tensor(shape, image) }
      return .real(Tensor<Float>(shape: shape, values: normal.values.map { Float(0.5 + abs($0)) }))
    }
    let isNorm = name.contains("bn") || name.contains("shortcut.1")
    guard isNorm, steady else {
      if isNorm {
        return name.hasSuffix("weight") ? tensor(shape, image, scale: 0.3, mean: 1) : tensor(shape, image, scale: 0.4)
      }
      let fanIn = max(1, shape.dropFirst().reduce(1, *))
      return tensor(shape, image, scale: shape.count == 1 ? 0.2 : 1.4 / Double(fanIn).squareRoot())
    }
    let beforeSum = name.contains("bn2") || name.contains("shortcut.1")
    let values = (0..<shape[0]).map { c -> Float in
      let sign: Float = c % 2 == 0 || beforeSum ? 1 : -1
      return name.hasSuffix("weight") ? 0.125 + Float(c % 3) / 64 : sign * (1 + Float(c % 4) / 16)
    }
    return .real(Tensor<Float>(shape: shape, values: values))
  }

  /// The first drawing from `seed` on whose prompt keeps every rectifier away from its kink.
  static func first(
    from seed: UInt32, steady: Bool = false, atLeast smallest: Double = smallestMargin,
    _ prompt: (NetworkDrawing) -> Prompt
  ) throws(OracleError) -> Prompt {
    for offset in 0..<1000 as Range<UInt32> {
      let candidate = prompt(NetworkDrawing(seed: seed + offset, steady: steady))
      let margin = try Operations.named(candidate.operation).margins(candidate)["relu"] ?? .infinity
      if margin >= smallest { return candidate }
    }
    throw OracleError("no seed from \(seed) to \(seed + 999) keeps the rectifiers away from zero")
  }
}

extension EncoderConfiguration {
  /// The sizes as parameters of a prompt.
  var parameters: [String: ParameterValue] {
    [
      "streams": .list(streams.map { .text($0.rawValue) }), "widths": .list(widths.map { .integer($0) }),
      "blocks": .list(blocks.map { .integer($0) }), "strides": .list(strides.map { .integer($0) }),
      "stemStride": .integer(stemStride), "embeddingSize": .integer(embeddingSize),
    ]
  }

  /// The corpus's small encoder, with what a case changes.
  static func small(
    channels: Int = 3, streams: [Stream] = [.plain, .sobel], widths: [Int] = [3, 5], blocks: [Int] = [1, 1],
    strides: [Int] = [1, 2], stemStride: Int = 1, embeddingSize: Int = 4
  ) -> EncoderConfiguration {
    EncoderConfiguration(
      inputChannels: channels, streams: streams, widths: widths, blocks: blocks, strides: strides,
      stemStride: stemStride, embeddingSize: embeddingSize)
  }
}
