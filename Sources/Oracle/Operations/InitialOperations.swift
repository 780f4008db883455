// The random numbers that training begins with: weights, the memory bank, the heads.
// Tests    OracleTests/CoverageCasesTests.swift
import Files
import Kernels
import Networks
import TwoStage

/// The part of the area "rng" that is about starting values.
let initialOperations: [any OracleOperation] = [
  InitialWeightsOperation(), InitialEncoderOperation(), InitialBankOperation(), InitialHeadsOperation(),
]

/// The most starting values that are drawn for a prompt.
private let mostNumbers = 4_000_000

extension Prompt {
  /// The parameter "seed", and sizes of a tensor that is small enough to be drawn.
  fileprivate func seed(
    andSizes declarations: [ParameterDeclaration]
  ) throws(OracleError) -> (seed: UInt32, sizes: [Int]) {
    let sizes = try declarations.map { declaration throws(OracleError) in try integer(declaration) }
    try NetworkPrompt(prompt: self).requireRoom("the values", sizes, most: mostNumbers)
    return (UInt32(clamping: try integer(.seed)), sizes)
  }
}

extension ParameterDeclaration {
  /// A size of a tensor.
  fileprivate static func size(_ name: String, _ summary: String) -> Self { integer(name, 1...65_536, summary) }
}

/// The scale of −b + 2 b u, where b is a quotient and a root of whole numbers: two roundings of b, which the value inherits, one
/// of the product 2 b u = value + b, one of the sum.
private func uniformScale(_ value: Double, bound: Double) -> Double { 3 * abs(value) + abs(value + bound) }

/// One parameter of a network.
///
/// Output: y (of the parameter "shape").
struct InitialWeightsOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "initial-weights"
  let area = "rng"
  static let index = ParameterDeclaration.integer(
    "place", 0...1_000_000, default: 0, "the parameter's number in the network's order, constants counted")
  static let shape = ParameterDeclaration.integers(
    "shape", 1...65_536, count: 1...8, "of the parameter; at most 4,000,000 numbers")
  static let fanIn = ParameterDeclaration.integer(
    "fanIn", 1...Int(UInt32.max), "the inputs of each output of the layer")
  let parameters = [.seed, Self.index, Self.shape, Self.fanIn]
  let inputs: [InputDeclaration] = []
  let formula = "y_i = −b + 2 b u_i in row-major order, b = 1/√fanIn, u of stream (seed, 1, image place)"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let (seed, index, shape, fanIn) = try inputs(prompt)
    var initialisation = Initialisation(seed: seed, index: index)
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
  ) throws(OracleError) -> (seed: UInt32, index: Int, shape: [Int], fanIn: Int) {
    let shape = try prompt.integers(Self.shape)
    try NetworkPrompt(prompt: prompt).requireRoom("the values", shape, most: mostNumbers)
    return (
      UInt32(clamping: try prompt.integer(.seed)), try prompt.integer(Self.index), shape,
      try prompt.integer(Self.fanIn)
    )
  }
}

/// Every parameter of an encoder, as training begins.
///
/// Outputs: "conv1.weight" and all others under PyTorch's names, those of several streams behind "streams.0.", ….
struct InitialEncoderOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "initial-encoder"
  let area = "rng"
  private static let channels = ParameterDeclaration.integer("channels", 1...16, "of the images")
  let parameters = [.seed, Self.channels] + ParameterDeclaration.encoder
  let inputs: [InputDeclaration] = []
  let formula = """
    parameter number i of named_parameters' order, over all streams, is initial-weights of place i; batch norms' weight 1 and bias 0
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
    let configuration = try NetworkPrompt(prompt: prompt).configuration(
      channels: try prompt.integer(Self.channels), atMost: mostNumbers)
    return ImageEncoder(configuration, seed: UInt32(clamping: try prompt.integer(.seed)))
  }
}

/// A memory bank at the start.
///
/// Output: bank (images × features).
struct InitialBankOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "initial-bank"
  let area = "rng"
  static let images = ParameterDeclaration.size("images", "the rows of the bank")
  static let features = ParameterDeclaration.size("features", "of each row; at most 4,000,000 numbers in all")
  private static let normalised = ParameterDeclaration.bool(
    "normalised", default: false, "whether rows are divided by their lengths")
  let parameters = [.seed, Self.images, Self.features, Self.normalised]
  let inputs: [InputDeclaration] = []
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
    try NetworkPrompt(prompt: prompt).requireTrackable("the rows", sizes)
    let values = (0..<sizes[0]).flatMap { i in
      let row = zip(rows.row(i), drawn.row(i)).map { TrackedNumber(value: $0.0, rounding: $0.1) }
      let length = TrackedNumber.dot(row, row).squareRoot
      return row.map { $0 / length }
    }
    return ["bank": TrackedNumber.scale(of: values, shape: sizes, longestSum: sizes[1])]
  }

  private func inputs(_ prompt: Prompt) throws(OracleError) -> (seed: UInt32, sizes: [Int], isNormalised: Bool) {
    let (seed, sizes) = try prompt.seed(andSizes: [Self.images, Self.features])
    return (seed, sizes, try prompt.bool(Self.normalised))
  }
}

/// The frozen heads.
///
/// Output: heads (heads × features × classes).
struct InitialHeadsOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "initial-heads"
  let area = "rng"
  static let heads = ParameterDeclaration.size("heads", "how many there are")
  static let features = ParameterDeclaration.size("features", "the rows of each head")
  private static let classes = ParameterDeclaration.size(
    "classes", "its columns; at most 1,000,000 numbers in a head and 4,000,000 in all")
  let parameters = [.seed, Self.heads, Self.features, Self.classes]
  let inputs: [InputDeclaration] = []
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

  func marginRoundings(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    try DrawOperation(.normal).marginRoundings(prompt)
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
    let (seed, sizes) = try prompt.seed(andSizes: [Self.heads, Self.features, Self.classes])
    // Each head is one draw of the operation "normal".
    try NetworkPrompt(prompt: prompt).requireRoom("a head", Array(sizes.dropFirst()), most: 1_000_000)
    return (seed, sizes)
  }
}
