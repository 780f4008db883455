// Whether wrong gradients are the derivatives of what a wrong program computes.
//
// Most mutants are wrong functions, and automatic differentiation carries the mistake of a forward pass into its gradients. With
// φ(x) = Σ ⟨cotangent, output⟩, or the loss where there is one, the gradients g of the inputs x of such a program satisfy
//
//     Σ_x ⟨g_x, d_x⟩ = (φ(x + h d) − φ(x − h d)) / 2 h + O(h²)        for every direction d
//
// Two evaluations of the mutant's forward pass ask for all elements of all gradients at once, whatever their number. d has random
// signs, and 0 where x is 0: kinks lie there. Several h are tried, and the two neighbours that agree best are believed, with their
// difference as the error. An operation whose own gradient is not the derivative of its value, as with a stop-gradient, is left out.
// Tests    OracleTests/CarriedGradientsTests.swift
import Kernels
import Networks

/// The gradients of one case, held against the derivatives of wrong functions.
struct CarriedGradients {
  private static let directions = 4
  /// h, relative to the root mean square of the input.
  private static let steps = [0x1p-11, 0x1p-14, 0x1p-17, 0x1p-20]
  /// Inputs of more elements than this are left out: their forward passes cost more than a name is worth.
  private static let mostElements = 1 << 15

  private let question: Question
  /// For each set of inputs, whether its right gradients are the derivatives of the right value; found when it is asked for.
  private var isDifferentiable: [[String]: Bool] = [:]

  init(_ question: Question) { self.question = question }

  /// A gradient that a backend answered.
  struct Given {
    /// The input that it is the gradient of.
    let input: String
    let values: [Double]
    /// What every element may be off.
    let bounds: [Double]
  }

  /// Whether a mutant changes a value that the loss depends on.
  static func changesValue(_ wrong: [String: TensorValue], from question: Question) -> Bool {
    question.right.contains { isValue($0.key, of: question.prompt) && wrong[$0.key] != $0.value }
  }

  /// Whether gradients are the derivatives of what a wrong program computes, and not those of the right value.
  mutating func areDerivatives(
    _ given: [Given], of wrong: (Question) -> [String: TensorValue]?, nearer: Double = 8
  ) -> Bool {
    let rights = given.compactMap { gradient -> Given? in
      guard case .real(let right)? = question.right[gradient.input + ".gradient"],
        right.count == gradient.values.count
      else { return nil }
      return Given(input: gradient.input, values: right.values, bounds: [])
    }
    guard !given.isEmpty, rights.count == given.count, given.allSatisfy({ $0.values.allSatisfy(\.isFinite) }),
      question.prompt.inputs.values.reduce(0, { $0 + $1.count }) <= Self.mostElements
    else { return false }
    var isOther = false
    for run in 0..<Self.directions {
      let direction = direction(of: given.map(\.input), run)
      guard let (slope, error) = slope(along: direction, of: { wrong($0) ?? $0.right }) else { return false }
      // Roundings of many elements have random signs: eight standard deviations.
      let square = given.reduce(0.0) { sum, gradient in
        zip(gradient.bounds, direction[gradient.input] ?? []).reduce(sum) { $0 + $1.0 * $1.0 * $1.1 * $1.1 }
      }
      let tolerance = 8 * square.squareRoot() + 4 * error
      guard abs(Self.product(given, direction) - slope) <= tolerance else { return false }
      if abs(Self.product(rights, direction) - slope) > nearer * tolerance { isOther = true }
    }
    return isOther && differentiates(rights)
  }

  /// The whole gradient of what a wrong program computes, by differences; nil where the right gradient is no derivative, or the input
  /// has too many elements.
  mutating func gradient(of input: String, _ wrong: (Question) -> [String: TensorValue]?) -> [Double]? {
    guard case .real(let x)? = question.prompt.inputs[input], x.count <= 1024,
      case .real(let right)? = question.right[input + ".gradient"], right.shape == x.shape,
      differentiates([Given(input: input, values: right.values, bounds: [])])
    else { return nil }
    let size = Self.size(of: x)
    var gradient: [Double] = []
    for i in x.values.indices {
      var direction = [Double](repeating: 0, count: x.count)
      direction[i] = size
      guard size > 0, let found = slope(along: [input: direction], of: { wrong($0) ?? $0.right }) else { return nil }
      gradient.append(found.slope / size)
    }
    return gradient
  }

  /// Whether the right gradients are the derivatives of the right value.
  private mutating func differentiates(_ rights: [Given]) -> Bool {
    let inputs = rights.map(\.input)
    if let known = isDifferentiable[inputs] { return known }
    let direction = direction(of: inputs, 0)
    let size = rights.reduce(0.0) { sum, right in
      zip(right.values, direction[right.input] ?? []).reduce(sum) { $0 + abs($1.0 * $1.1) }
    }
    // The best difference of the steps above is good to some 1e-9 of a smooth φ; a stop-gradient changes a whole share of it.
    let found = slope(along: direction) { $0.right }.map { slope, error in
      abs(Self.product(rights, direction) - slope) <= 1e-6 * size + 4 * error
    }
    isDifferentiable[inputs] = found ?? false
    return found ?? false
  }

  private static func product(_ gradients: [Given], _ direction: [String: [Double]]) -> Double {
    gradients.reduce(0) { sum, gradient in
      zip(gradient.values, direction[gradient.input] ?? []).reduce(sum) { $0 + $1.0 * $1.1 }
    }
  }

  /// The root mean square.
  private static func size(of x: Tensor<Double>) -> Double {
    (x.values.reduce(0) { $0 + $1 * $1 } / Double(max(1, x.count))).squareRoot()
  }

  /// For each input signs of the size of its root mean square, 0 where it is 0.
  private func direction(of inputs: [String], _ run: Int) -> [String: [Double]] {
    var stream = RandomStream(seed: 0x6367, purpose: .test, epoch: run)
    return inputs.sorted().reduce(into: [:]) { direction, input in
      guard case .real(let x)? = question.prompt.inputs[input] else { return }
      let size = Self.size(of: x)
      direction[input] = x.values.map { value in
        let sign: Double = stream.integer(below: 2) == 0 ? 1 : -1
        return value == 0 ? 0 : sign * size
      }
    }
  }

  /// The derivative of φ along a direction and its error; nil where φ cannot be computed.
  private func slope(
    along direction: [String: [Double]], of answer: (Question) -> [String: TensorValue]?
  ) -> (slope: Double, error: Double)? {
    func value(_ step: Double) -> Double? {
      var prompt = question.prompt
      for (input, d) in direction {
        guard case .real(let x)? = prompt.inputs[input], x.count == d.count else { return nil }
        prompt.inputs[input] = .real(x.mapped { $1 + step * d[$0] })
      }
      guard let moved = try? Question(prompt), let outputs = answer(moved) else { return nil }
      return Self.value(of: outputs, prompt)
    }
    var slopes: [Double] = []
    for step in Self.steps {
      // A step may leave the range of an input: a probability of 1e-6, for one.
      if let above = value(step), let below = value(-step) { slopes.append((above - below) / (2 * step)) }
    }
    let pairs = zip(slopes.dropFirst(), slopes).map { (slope: $0, error: abs($0 - $1)) }
    guard let best = pairs.min(by: { $0.error < $1.error }), best.slope.isFinite, best.error.isFinite else {
      return nil
    }
    return best
  }

  private static func isValue(_ output: String, of prompt: Prompt) -> Bool {
    prompt.inputs[output + ".cotangent"] != nil || output == "loss" || output == "total"
  }

  /// φ; nil where nothing is differentiated.
  private static func value(of outputs: [String: TensorValue], _ prompt: Prompt) -> Double? {
    var sum: Double?
    for (name, output) in outputs where isValue(name, of: prompt) {
      guard case .real(let tensor) = output else { return nil }
      guard case .real(let cotangent)? = prompt.inputs[name + ".cotangent"] else {
        sum = (sum ?? 0) + tensor.values[0]
        continue
      }
      guard cotangent.count == tensor.count else { return nil }
      sum = (sum ?? 0) + zip(tensor.values, cotangent.values).reduce(0) { $0 + $1.0 * $1.1 }
    }
    return sum
  }
}
