// Traces a computation tensor by tensor: keeps every value, the graph, the longest sum, and can perturb what it keeps.
//
//     plain      values[name] = t                      bit for bit what the layers compute
//     perturbed  values[name] = t + ε Σ c ∘ s          c the scale of this one operation's rounding, s random signs
//     factors    a ∘ (1 + ε s) × b ∘ (1 + ε s)         for the factors of matrix products and convolutions instead, and for the results
//                                                      of the layers between them where these are stored in 16 bits
//
// A perturbation follows the operation's own sums: a batch's mean, for example, is recorded before it is used, so that its
// error reaches all pixels with one sign; errors that no recorded tensor stands for share signs as `LocalError` says.
// Operations reach a tracer through an existential, so its methods are specialised for Double by hand: a judge traces each step
// 65 times, and does so ten times as fast.
// Tests    OracleTests/StepTracerTests.swift, OracleTests/TracedCasesTests.swift
import Kernels
import Networks

/// A tensor under its name, or an input under its own.
struct Traced<Scalar: RealScalar>: Sendable {
  let name: String
  let value: Tensor<Scalar>
}

/// A rounding error of one operation, of size at most terms · u · magnitude.
enum LocalError<Scalar: RealScalar> {
  /// Every element errs by itself; shaped like the result.
  case each([Scalar])
  /// Element i errs together with all others of the same (i / length) mod count: rows, channels, or all.
  case shared([Scalar], length: Int, count: Int)

  /// Adds its magnitudes to those of others.
  func add(to sum: inout [Scalar]) {
    switch self {
    case .each(let magnitudes), .shared(let magnitudes, _, _):
      for i in sum.indices { sum[i] += magnitudes[i] }
    }
  }
}

/// Random signs and the size of the perturbation.
struct Perturbation: Sendable {
  /// ε: small enough that the square of a deviation does not count, large enough that rounding does not either.
  static let size = 0x1p-30
  private let size: Double
  private var stream: RandomStream
  private var bits: UInt32 = 0
  private var left = 0

  /// The signs of one run, of another size where roundings themselves are to be imitated.
  init(run: Int, size: Double = Self.size) {
    self.size = size
    stream = RandomStream(seed: 0x6d63, purpose: .test, epoch: run)
  }

  /// A whole number of 0 and more, below another.
  mutating func index(below count: Int) -> Int { Int(stream.nextWord() % UInt32(count)) }

  /// The size with one sign or the other.
  mutating func next() -> Double {
    if left == 0 { (bits, left) = (stream.nextWord(), 32) }
    defer { (bits, left) = (bits >> 1, left - 1) }
    return bits & 1 == 0 ? size : -size
  }
}

/// What a trace perturbs.
enum Perturbed: Sendable {
  /// The results of operations, by their roundings.
  case results
  /// The factors of matrix products and convolutions, each by its own size.
  case factors
}

/// A tensor of a trace before it is kept.
struct TraceSite<Scalar: RealScalar> {
  var name: String
  /// What made it, as in the graph.
  let operation: String
  /// What it was made of.
  let inputs: [String]
  let value: Tensor<Scalar>
  /// The terms of the operation's longest sum.
  let terms: Int
  /// The sum of the operation's errors, element by element.
  let errors: () -> [Scalar]
}

/// Puts another tensor in the place of one that was just computed; nil leaves it.
///
/// What follows is computed from the other. So a mistake can be made in a trace, and an answer's own tensors can be traced on
/// from, without a word in the trace itself.
typealias Hook<Scalar: RealScalar> = (
  _ site: TraceSite<Scalar>, _ recorded: [String: Tensor<Scalar>]
) -> Tensor<Scalar>?

/// What a trace through a computation leaves behind.
struct Tracer<Scalar: RealScalar> {
  /// Every recorded tensor.
  private(set) var values: [String: Tensor<Scalar>] = [:]
  /// The operations in order.
  private(set) var edges: [GraphNode] = []
  /// The smallest margin of each kind.
  private(set) var margins: [String: Double] = [:]
  /// Whether margins are worth computing.
  let measuresMargins: Bool
  /// The signs; nil in a plain trace.
  private var perturbation: Perturbation?
  /// What they are for.
  private let perturbed: Perturbed
  /// What the perturbed program declares.
  let arithmetic: DeclaredArithmetic
  /// What else may be kept; nil in a plain trace.
  private let hook: Hook<Scalar>?

  /// A trace that has not begun.
  init(
    measuresMargins: Bool = false, perturbation: Perturbation? = nil, of perturbed: Perturbed = .results,
    arithmetic: DeclaredArithmetic = DeclaredArithmetic(), hook: Hook<Scalar>? = nil
  ) {
    self.measuresMargins = measuresMargins
    self.perturbation = perturbation
    self.perturbed = perturbed
    self.arithmetic = arithmetic
    self.hook = hook
  }

  /// Keeps a result under its name, perturbed by the operation's errors where the trace asks for it.
  ///
  /// - Parameters:
  ///   - name: What the result is called from now on.
  ///   - value: The result, undisturbed.
  ///   - inputs: The names that the operation read.
  ///   - operation: What it is called in the graph.
  ///   - terms: The terms of its longest sum.
  ///   - errors: Evaluated only where results are perturbed or a hook asks for them.
  ///   - factorErrors: What hard roundings inside the operation do that ``factor(_:)`` cannot reach: of factors, or of what is stored.
  /// - Returns: The result as it was kept, which is what the trace goes on with.
  @specialized(where Scalar == Double)
  mutating func record(
    _ name: String, _ value: Tensor<Scalar>, from inputs: [String], by operation: String, terms: Int = 1,
    errors: @autoclosure () -> [LocalError<Scalar>], factorErrors: @autoclosure () -> [LocalError<Scalar>] = []
  ) -> Traced<Scalar> {
    var value = value
    if perturbation != nil {
      // A sum of n terms errs by n roundings of independent sign: √n of one in the mean square.
      let size = perturbed == .results ? Scalar(terms).squareRoot() : 1
      for error in perturbed == .results ? errors() : factorErrors() {
        switch error {
        case .each(let magnitudes):
          perturb(&value.values, by: magnitudes.map { size * $0 }, length: 1, count: value.count, &perturbation)
        case .shared(let magnitudes, let length, let count):
          perturb(&value.values, by: magnitudes.map { size * $0 }, length: length, count: count, &perturbation)
        }
      }
      if perturbed == .factors, arithmetic.storage.contains(.activations), activations.contains(operation) {
        perturb(&value.values, by: value.values, length: 1, count: value.count, &perturbation)
      }
    }
    if let hook {
      value = withoutActuallyEscaping(errors) { errors in
        let site = TraceSite(
          name: name, operation: operation, inputs: inputs, value: value, terms: terms,
          errors: { errors().reduce(into: [Scalar](repeating: 0, count: value.count)) { $1.add(to: &$0) } })
        return hook(site, values) ?? value
      }
    }
    values[name] = value
    if let last = edges.last, last.from == inputs, last.operation == operation {
      edges[edges.count - 1].to.append(name)
    } else {
      edges.append(GraphNode(from: inputs, to: [name], operation: operation))
    }
    return Traced(name: name, value: value)
  }

  /// Whether anything is perturbed.
  var isPerturbed: Bool { perturbation != nil }

  /// A factor of a matrix product or a convolution, as the product takes it.
  @specialized(where Scalar == Double)
  mutating func factor(_ tensor: Tensor<Scalar>) -> Tensor<Scalar> {
    guard perturbation != nil, perturbed == .factors else { return tensor }
    var factor = tensor
    perturb(&factor.values, by: tensor.values, length: 1, count: tensor.count, &perturbation)
    return factor
  }

  /// The result of a pass of a convolution, with the deviations of its method where that is perturbed and not the direct one;
  /// `first` and `second` are what ``ConvolutionRoundings`` takes.
  mutating func byMethod(
    _ result: [Scalar], _ pass: ConvolutionPass, _ first: [Scalar], _ second: [Scalar], shape: ConvolutionShape
  ) -> [Scalar] {
    guard arithmetic.convolutions != .direct, var signs = perturbation else { return result }
    defer { perturbation = signs }
    let roundings = ConvolutionRoundings(method: arithmetic.convolutions, shape: shape, perturbed: perturbed)
    guard let deviation = roundings.deviation(pass, first.map { Double($0) }, second.map { Double($0) }, &signs)
    else { return result }
    return result.indices.map { result[$0] + Scalar(deviation[$0]) }
  }

  /// Gives a recorded tensor another name, also in the graph.
  mutating func rename(_ name: String, to other: String) {
    values[other] = values.removeValue(forKey: name)
    for i in edges.indices {
      edges[i].from = edges[i].from.map { $0 == name ? other : $0 }
      edges[i].to = edges[i].to.map { $0 == name ? other : $0 }
    }
  }

  /// Keeps of a large tensor its Euclidean norm, "NAME.norm", and eight elements, "NAME.samples".
  ///
  /// Sample i of n values is number i (n / 8 + 5) mod n: a distance of n / 8 alone would meet one tap of a 3 × 3 kernel only.
  mutating func probe(_ tensor: Tensor<Scalar>, _ name: String) {
    let norm = dotProduct(tensor.values, tensor.values).squareRoot()
    _ = record(
      name + ".norm", Tensor(shape: [], values: [norm]), from: [name], by: "norm", terms: 1, errors: [.each([norm])])
    let count = min(8, tensor.count)
    let indices = (0..<count).map { count < 8 ? $0 : $0 * (tensor.count / 8 + 5) % tensor.count }
    _ = record(
      name + ".samples", Tensor(shape: [count], values: indices.map { tensor.values[$0] }), from: [name], by: "samples",
      errors: [])
  }

  /// Lowers the margin of a kind.
  mutating func meet(margin: Double, _ kind: String) {
    margins[kind] = min(margins[kind] ?? .infinity, margin)
  }

  /// Lowers the margin "relu" to the smallest |x| over the root mean square of all x.
  mutating func lowerReLUMargin(_ inputs: @autoclosure () -> [Double]) {
    guard measuresMargins else { return }
    let inputs = inputs()
    let square = inputs.reduce(0) { $0 + $1 * $1 } / Double(max(1, inputs.count))
    let smallest = inputs.reduce(Double.infinity) { min($0, abs($1)) }
    meet(margin: square > 0 ? smallest / square.squareRoot() : 0, "relu")
  }
}

/// The operations whose results are stored in 16 bits where activations are: products, and the layers between them.
private let activations: Set = [
  "convolution", "convolution-input-gradient", "convolution-weight-gradient", "sobel", "batch-norm", "batch-norm-relu",
  "batch-norm-gradient", "relu-gradient", "add-relu", "add", "global-average-pool", "global-average-pool-gradient",
  "linear", "linear-weight-gradient", "linear-input-gradient", "sum-of-rows", "l2-normalise-gradient", "matmul",
  "memory-logits", "memory-logits-gradient", "relation-gradient", "head-gradient",
]

/// values[i] += ± ε magnitudes[i], one sign for each group (i / length) mod count.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func perturb<Scalar: RealScalar>(
  _ values: inout [Scalar], by magnitudes: [Scalar], length: Int, count: Int, _ perturbation: inout Perturbation?
) {
  require(values.count == magnitudes.count, "\(magnitudes.count) errors for \(values.count) values")
  guard var signs = perturbation else { return }
  if length == 1 && count == values.count {
    for i in values.indices { values[i] += magnitudes[i] * Scalar(signs.next()) }
  } else {
    let shared = (0..<count).map { _ in Scalar(signs.next()) }
    for i in values.indices { values[i] += magnitudes[i] * shared[i / length % count] }
  }
  perturbation = signs
}

extension Tensor {
  /// |x| of every element.
  var magnitudes: Tensor { Tensor(shape: shape, values: absolute(values)) }
}

/// |x| of every element.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func absolute<Scalar: RealScalar>(_ values: [Scalar]) -> [Scalar] {
  var values = values
  for i in values.indices { values[i] = abs(values[i]) }
  return values
}
