// Random numbers: all but the normal ones are exact, whatever the precision.
// Tests    OracleTests/ShallowCasesTests.swift
import Kernels
import Networks

/// The operations of the area "rng".
let randomOperations: [any OracleOperation] = [
  PhiloxOperation(), DrawOperation(.uniform), DrawOperation(.normal), DrawOperation(.permutation),
  DrawOperation(.integers),
]

/// The block function.
///
/// Inputs: counters (n × 4) and keys (n × 2), whole numbers below 2³². Output: words (n × 4).
struct PhiloxOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "philox"
  let area = "rng"
  let formula = "words = Philox4x32-10(counter, key)"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let (counters, keys) = (try prompt.integers("counters"), try prompt.integers("keys"))
    let shape = prompt.inputs["counters"]?.shape ?? []
    guard shape.count == 2, shape[1] == 4, prompt.inputs["keys"]?.shape == [shape[0], 2],
      (counters + keys).allSatisfy({ (0...Int(UInt32.max)).contains($0) })
    else {
      throw OracleError(
        "the operation philox needs counters n × 4 and keys n × 2 of numbers below 2^32, not the shapes \(shape) and "
          + "\(prompt.inputs["keys"]?.shape ?? [])")
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
/// Parameters: seed, purpose (0 to 6, see `RandomPurpose`), epoch, image, view (default 0), count; integers also bound.
/// Output: y (count).
struct DrawOperation: OracleOperation {
  let multipliesMatrices = false
  /// What is drawn.
  enum Kind: String, Sendable { case uniform, normal, permutation, integers }
  let kind: Kind
  let area = "rng"
  var name: String { kind.rawValue }

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
      return ["y": .real(Tensor(shape: [count], values: (0..<count).map { _ in Scalar(stream.normal()) }))]
    case .permutation: return ["y": .integers(stream.permutation(of: count), shape: [count])]
    case .integers:
      let bound = try prompt.integer("bound")
      guard (1...Int(UInt32.max)).contains(bound) else {
        throw OracleError("the operation integers needs a \"bound\" of 1 to 2^32 − 1, not \(bound)")
      }
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
    func word(_ name: String, default fallback: Int? = nil) throws(OracleError) -> Int {
      let value = try prompt.integer(name, default: fallback)
      guard (0...Int(UInt32.max)).contains(value) else {
        throw OracleError("the operation \(self.name) needs a \"\(name)\" of 0 to 2^32 − 1, not \(value)")
      }
      return value
    }
    let (number, count) = (try word("purpose"), try word("count"))
    guard let purpose = RandomPurpose(rawValue: UInt32(number)), count <= 1_000_000 else {
      throw OracleError("the operation \(name) knows no purpose \(number), or not as many as \(count) numbers")
    }
    let stream = RandomStream(
      seed: UInt32(try word("seed")), purpose: purpose, epoch: try word("epoch", default: 0),
      image: try word("image", default: 0), view: try word("view", default: 0))
    return (stream, count)
  }
}
