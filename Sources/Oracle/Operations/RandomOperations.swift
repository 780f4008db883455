// Random numbers: all but the normal ones are exact, whatever the precision.
// Tests    OracleTests/ShallowCasesTests.swift
import Files
import Kernels
import Networks

/// The operations of the area "rng".
let randomOperations: [any OracleOperation] = [
  PhiloxOperation(), DrawOperation(.uniform), DrawOperation(.normal), DrawOperation(.permutation),
  DrawOperation(.integers),
]

/// The block function.
///
/// Output: words (n × 4).
struct PhiloxOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "philox"
  let area = "rng"
  let parameters: [ParameterDeclaration] = []
  let inputs: [InputDeclaration] = [
    .integers("counters", "n × 4", "words below 2^32"), .integers("keys", "n × 2", "words below 2^32"),
  ]
  let formula = "words = Philox4x32-10(counter, key)"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let (counters, keys) = (try prompt.integers("counters"), try prompt.integers("keys"))
    let shape = prompt.inputs["counters"]?.shape ?? []
    guard shape.count == 2, shape[1] == 4, prompt.inputs["keys"]?.shape == [shape[0], 2] else {
      throw prompt.fault(
        "\"counters\" must be n × 4 and \"keys\" n × 2 with the same n, not (\(shape.inWords)) and (\(prompt.shape(of: "keys").inWords))"
      )
    }
    for (name, words) in [("counters", counters), ("keys", keys)] {
      try NetworkPrompt(prompt: prompt).requireIndices(words, name, below: 1 << 32)
    }
    let words = (0..<shape[0]).flatMap { i in
      let c = counters[4 * i..<4 * i + 4].map { UInt32($0) }
      let block = Philox.block(
        counter: SIMD4(c[0], c[1], c[2], c[3]), key: SIMD2(UInt32(keys[2 * i]), UInt32(keys[2 * i + 1])))
      return (0..<4).map { Int(block[$0]) }
    }
    return ["words": .integers(words, shape: shape)]
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] { [:] }
}

/// The first numbers of one stream.
///
/// Output: y (count).
struct DrawOperation: OracleOperation {
  let multipliesMatrices = false
  /// What is drawn.
  enum Kind: String, Sendable { case uniform, normal, permutation, integers }
  let kind: Kind
  let area = "rng"
  let inputs: [InputDeclaration] = []
  var name: String { kind.rawValue }

  static let purpose = ParameterDeclaration.integer(
    "purpose", 0...6, "0 test, 1 weights, 2 memory, 3 heads, 4 shuffle, 5 augmentation, 6 kMeans")
  static let image = ParameterDeclaration.integer("image", .words, default: 0, "of the stream")
  static let count = ParameterDeclaration.integer("count", 1...1_000_000, "how many numbers are drawn")
  private static let bound = ParameterDeclaration.integer("bound", 1...Int(UInt32.max), "what every number is below")
  var parameters: [ParameterDeclaration] {
    [.seed, Self.purpose, .epoch, Self.image, .view, Self.count] + (kind == .integers ? [Self.bound] : [])
  }

  var formula: String {
    switch kind {
    case .uniform: "y = (word >> 8) · 2⁻²⁴"
    case .normal: "y = x sqrt(−2 ln s / s), s = x² + x'², x and x' uniform in [−1, 1), until 0 < s < 1"
    case .permutation: "for last = count − 1, …, 1: swap(last, integer below last + 1)"
    case .integers: "y = (word · bound) >> 32, unless the low half is below 2³² mod bound"
    }
  }

  /// An operation that draws one kind.
  init(_ kind: Kind) { self.kind = kind }

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    var (stream, count) = try stream(prompt)
    switch kind {
    case .uniform:
      return ["y": .real(Tensor(shape: [count], values: (0..<count).map { _ in Scalar(stream.uniform()) }))]
    case .normal:
      return ["y": .real(Tensor(shape: [count], values: stream.normals(count, as: Scalar.self)))]
    case .permutation: return ["y": .integers(stream.permutation(of: count), shape: [count])]
    case .integers:
      let bound = try prompt.integer(Self.bound)
      return ["y": .integers((0..<count).map { _ in stream.integer(below: bound) }, shape: [count])]
    }
  }

  /// Uniform numbers are exact; a normal one errs by its sum of squares, logarithm, quotient, root and product.
  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    switch kind {
    case .permutation, .integers: return [:]
    case .uniform:
      return ["y": RoundingScale(values: Tensor(shape: [try stream(prompt).count]), terms: 1)]
    case .normal:
      let values = try polarDraws(prompt).accepted.map { x, square in
        let (logarithm, root) = (abs(Double.log(square)), (2 * abs(Double.log(square)) / square).squareRoot())
        let quotient = 2 * (3 + 4 * logarithm) / square + 4 * root * root
        return abs(x) * (quotient / (2 * root) + 4 * root) + abs(x * root)
      }
      return ["y": RoundingScale(values: Tensor(shape: [values.count], values: values), terms: 1)]
    }
  }

  /// How near a sum of squares comes to 1, where a rounding would decide whether the pair is taken.
  func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    guard kind == .normal else { return [:] }
    return ["acceptance": try polarDraws(prompt).nearest]
  }

  /// Two squares and their sum, near 1.
  func marginRoundings(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    kind == .normal ? ["acceptance": 2] : [:]
  }

  /// The accepted x and s of each number, and the smallest |s − 1| of all pairs.
  private func polarDraws(
    _ prompt: Prompt
  ) throws(OracleError) -> (accepted: [(x: Double, square: Double)], nearest: Double) {
    var (stream, count) = try stream(prompt)
    var (accepted, nearest): ([(x: Double, square: Double)], Double) = ([], .infinity)
    while accepted.count < count {
      let (x, y) = (stream.uniform(-1, 1), stream.uniform(-1, 1))
      let square = x * x + y * y
      nearest = min(nearest, abs(square - 1))
      if square > 0 && square < 1 { accepted.append((x, square)) }
    }
    return (accepted, nearest)
  }

  private func stream(_ prompt: Prompt) throws(OracleError) -> (stream: RandomStream, count: Int) {
    let (number, count) = (try prompt.integer(Self.purpose), try prompt.integer(Self.count))
    guard let purpose = RandomPurpose(rawValue: UInt32(number)) else {
      throw prompt.fault("knows no purpose \(number)")
    }
    let stream = RandomStream(
      seed: UInt32(try prompt.integer(.seed)), purpose: purpose, epoch: try prompt.integer(.epoch),
      image: try prompt.integer(Self.image), view: try prompt.integer(.view))
    return (stream, count)
  }
}
