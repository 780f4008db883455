// The random numbers that training begins with: weights, the memory bank, the heads.
// Tests    OracleTests/CoverageCasesTests.swift
import Kernels
import Networks
import TwoStage

/// The part of the area "rng" that is about starting values.
let initialOperations: [any OracleOperation] = [
  InitialWeightsOperation(), InitialEncoderOperation(), InitialBankOperation(), InitialHeadsOperation(),
]

/// Seeds and sizes of a prompt about starting values, checked.
private struct InitialPrompt {
  let prompt: Prompt

  /// The most numbers that are drawn.
  static let most = 4_000_000

  func integer(
    _ name: String, _ range: ClosedRange<Int>, default fallback: Int? = nil
  ) throws(OracleError) -> Int {
    try AugmentationPrompt(prompt: prompt).integer(name, in: range, default: fallback)
  }

  func seed() throws(OracleError) -> UInt32 { UInt32(try integer("seed", 0...Int(UInt32.max))) }

  /// Several sizes whose product is small enough to be drawn.
  func sizes(_ names: String...) throws(OracleError) -> [Int] {
    let sizes = try names.map { name throws(OracleError) in try integer(name, 1...65_536) }
    return try small(sizes)
  }

  func small(_ sizes: [Int]) throws(OracleError) -> [Int] {
    var count = 1
    for size in sizes where count <= Self.most { count *= size }
    guard count <= Self.most else {
      throw AugmentationPrompt(prompt: prompt).fault("the sizes \(sizes) are more than \(Self.most) numbers")
    }
    return sizes
  }
}

/// The scale of −b + 2 b u, where b is a quotient and a root of whole numbers: two roundings of b, which the value inherits, one
/// of the product 2 b u = value + b, one of the sum.
private func uniformScale(_ value: Double, bound: Double) -> Double { 3 * abs(value) + abs(value + bound) }

/// One parameter of a network.
///
/// Parameters: seed, place (the parameter's number in the network's order, constants counted; default 0), shape (a list), fanIn.
/// Output: y (of that shape).
struct InitialWeightsOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "initial-weights"
  let area = "rng"
  let formula = "y_i = −b + 2 b u_i in row-major order, b = 1/√fanIn, u of stream (seed, 1, image place)"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let (seed, place, shape, fanIn) = try inputs(prompt)
    var initialisation = Initialisation(seed: seed, place: place)
    let parameter: Parameter<Scalar> = initialisation.uniform(shape, fanIn: fanIn)
    return ["y": .real(parameter.value)]
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    guard case .real(let y)? = try answer(prompt, as: Double.self)["y"] else { return [:] }
    let bound = 1 / Double(try inputs(prompt).fanIn).squareRoot()
    return ["y": RoundingScale(values: y.mapped { uniformScale($1, bound: bound) }, terms: 1)]
  }

  private func inputs(
    _ prompt: Prompt
  ) throws(OracleError) -> (seed: UInt32, place: Int, shape: [Int], fanIn: Int) {
    let reader = InitialPrompt(prompt: prompt)
    let shape = try NetworkPrompt(prompt: prompt).integers("shape", 1...65_536)
    guard (1...8).contains(shape.count) else {
      throw AugmentationPrompt(prompt: prompt).fault("\"shape\" must have 1 to 8 axes, not \(shape.count)")
    }
    return (
      try reader.seed(), try reader.integer("place", 0...1_000_000, default: 0), try reader.small(shape),
      try reader.integer("fanIn", 1...Int(UInt32.max))
    )
  }
}

/// Every parameter of an encoder, as training begins.
///
/// Parameters: seed, channels (of the images), streams, widths, blocks, strides, stemStride (default 1), embeddingSize.
/// Outputs: "conv1.weight" and all others under PyTorch's names, those of several streams behind "streams.0.", ….
struct InitialEncoderOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "initial-encoder"
  let area = "rng"
  let formula = """
    parameter number i of state_dict's order, over all streams, is initial-weights of place i; batch norms' weight 1 and bias 0
    count too; fanIn of a convolution: its input channels · 9 (shortcuts: · 1), of linear.weight and .bias: the features
    """

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    var encoder: ImageEncoder<Scalar> = try encoder(prompt)
    var outputs: [String: TensorValue] = [:]
    encoder.forEachParameter { name, parameter in outputs[name] = .real(parameter.value) }
    return outputs
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    var encoder: ImageEncoder<Double> = try encoder(prompt)
    let features = encoder.linear.weight.value.columns
    var scales: [String: RoundingScale] = [:]
    encoder.forEachParameter { name, parameter in
      let value = parameter.value
      // Constants have one axis and no error; of drawn vectors there is one, the linear layer's bias.
      let fanIn = value.shape.count > 1 ? value.columns : name.hasSuffix("linear.bias") ? features : nil
      let bound = fanIn.map { 1 / Double($0).squareRoot() }
      scales[name] = RoundingScale(
        values: value.mapped { _, x in bound.map { uniformScale(x, bound: $0) } ?? 0 }, terms: 1)
    }
    return scales
  }

  private func encoder<Scalar: RealScalar>(_ prompt: Prompt) throws(OracleError) -> ImageEncoder<Scalar> {
    let reader = InitialPrompt(prompt: prompt)
    let channels = try reader.integer("channels", 1...16)
    let configuration = try NetworkPrompt(prompt: prompt).configuration(
      channels: channels, atMost: InitialPrompt.most)
    return ImageEncoder(configuration, seed: try reader.seed())
  }
}

/// A memory bank at the start.
///
/// Parameters: seed, images, features, normalised (default false). Output: bank (images × features).
struct InitialBankOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "initial-bank"
  let area = "rng"
  let formula = "m_id = −b + 2 b u_d, b = √(3/features), u of stream (seed, 2, image i);  normalised: m_i / ‖m_i‖"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let (seed, sizes, isNormalised) = try inputs(prompt)
    let bank = MemoryBank<Scalar>(images: sizes[0], features: sizes[1], seed: seed, normalised: isNormalised)
    return ["bank": .real(bank.rows)]
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let (seed, sizes, isNormalised) = try inputs(prompt)
    let rows = MemoryBank<Double>(images: sizes[0], features: sizes[1], seed: seed).rows
    let bound = (3 / Double(sizes[1])).squareRoot()
    let drawn = rows.mapped { uniformScale($1, bound: bound) }
    guard isNormalised else { return ["bank": RoundingScale(values: drawn, terms: 1)] }
    let values = (0..<sizes[0]).flatMap { i in
      let row = zip(rows.row(i), drawn.row(i)).map { TrackedNumber(value: $0.0, rounding: $0.1) }
      let length = TrackedNumber.dot(row, row).squareRoot
      return row.map { $0 / length }
    }
    return ["bank": TrackedNumber.scale(of: values, shape: sizes, longestSum: sizes[1])]
  }

  private func inputs(_ prompt: Prompt) throws(OracleError) -> (seed: UInt32, sizes: [Int], isNormalised: Bool) {
    let reader = InitialPrompt(prompt: prompt)
    return (
      try reader.seed(), try reader.sizes("images", "features"), try prompt.truth("normalised", default: false)
    )
  }
}

/// The frozen heads.
///
/// Parameters: seed, heads, features, classes. Output: heads (heads × features × classes).
struct InitialHeadsOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "initial-heads"
  let area = "rng"
  let formula = "W_h[d, c] = normal numbers of stream (seed, 3, image h), row by row; as drawn, not normalised"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let (seed, sizes) = try inputs(prompt)
    let heads = ClusterHeads<Scalar>(features: sizes[1], classes: sizes[2], heads: sizes[0], seed: seed)
    return ["heads": .real(Tensor(shape: sizes, values: heads.weights.flatMap(\.value.values)))]
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let sizes = try inputs(prompt).sizes
    var values: [Double] = []
    for draw in try draws(prompt) { values += try DrawOperation(.normal).scales(draw)["y"]?.values.values ?? [] }
    return ["heads": RoundingScale(values: Tensor(shape: sizes, values: values), terms: 1)]
  }

  /// How near a sum of squares comes to 1, where a rounding would decide whether the pair is taken.
  func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    var margins: [String: Double] = [:]
    for draw in try draws(prompt) { margins.merge(try DrawOperation(.normal).margins(draw), uniquingKeysWith: min) }
    return margins
  }

  /// Each head's stream as a prompt of its own.
  private func draws(_ prompt: Prompt) throws(OracleError) -> [Prompt] {
    let (seed, sizes) = try inputs(prompt)
    return (0..<sizes[0]).map { head in
      Prompt(
        operation: "normal",
        parameters: [
          "seed": .integer(Int(seed)), "purpose": .integer(3), "image": .integer(head),
          "count": .integer(sizes[1] * sizes[2]),
        ], inputs: [:])
    }
  }

  private func inputs(_ prompt: Prompt) throws(OracleError) -> (seed: UInt32, sizes: [Int]) {
    let reader = InitialPrompt(prompt: prompt)
    let sizes = try reader.sizes("heads", "features", "classes")
    guard sizes[1] * sizes[2] <= 1_000_000 else {
      throw AugmentationPrompt(prompt: prompt).fault(
        "a head of \(sizes[1]) × \(sizes[2]) is more than a million numbers")
    }
    return (try reader.seed(), sizes)
  }
}
