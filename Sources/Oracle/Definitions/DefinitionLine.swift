// An operation's definition line by line: the tensors between its inputs and its outputs, each with its equation.
//
// A program may answer any of them besides the outputs. Their values and bounds are computed when an answer is judged, from the
// prompt alone: numbers carry their errors from line to line, as TrackedNumber.swift says. No file of the corpus holds them.
// Tests    OracleTests/DefinitionTraceTests.swift
import Kernels
import Networks

/// One line: a tensor, its equation, and how it is computed from what stands above it.
package struct DefinitionLine: Sendable {
  /// The name of the tensor.
  package let name: String
  /// Its axes in words, such as "rows × images"; empty for an output, whose shape the operation's page tells.
  package let shape: String
  /// The equation.
  package let equation: String
  /// Computes it; nil where a prompt has no such tensor.
  let value: @Sendable (inout LineReader) throws -> LineValue?

  /// A tensor on the way.
  init(
    _ name: String, _ shape: String, _ equation: String,
    _ value: @escaping @Sendable (inout LineReader) throws -> LineValue?
  ) {
    (self.name, self.shape, self.equation, self.value) = (name, shape, equation, value)
  }

  /// An output that is computed from what stands above it.
  static func output(
    _ name: String, _ equation: String, _ value: @escaping @Sendable (inout LineReader) throws -> LineValue?
  ) -> Self {
    Self(name, "", equation, value)
  }

  /// An output whose value the operation alone tells: of it only what it reads is known here.
  static func output(_ name: String, _ equation: String, reads: [String]) -> Self {
    Self(name, "", equation) { line in
      line.note(reads)
      return .known
    }
  }

  /// Whether it is none of the operation's outputs.
  var isOnTheWay: Bool { !shape.isEmpty }
}

/// An operation whose definition has lines.
///
/// Every line stands below what it reads, and the outputs are lines too.
package protocol DefinedOperation: OracleOperation {
  /// The lines in the order of the computation.
  var lines: [DefinitionLine] { get }
  /// Whether the first axis of every line counts steps, each of which reads what the step before left.
  var takesSteps: Bool { get }
}

extension DefinedOperation {
  /// Unless an operation says otherwise.
  package var takesSteps: Bool { false }
}

/// What a line computes.
enum LineValue {
  /// Real numbers with their errors, and the terms of the longest sum on their way.
  case real([TrackedNumber], shape: [Int], terms: Int)
  /// Whole numbers or bytes.
  case exact(TensorValue)
  /// An output that is looked up elsewhere.
  case known

  /// One number for each row.
  static func list(_ numbers: [TrackedNumber], terms: Int = 1) -> Self {
    .real(numbers, shape: [numbers.count], terms: terms)
  }

  static func matrix(_ matrix: TrackedMatrix, terms: Int = 1) -> Self {
    .real(matrix.values, shape: [matrix.rows, matrix.columns], terms: terms)
  }

  static func number(_ number: TrackedNumber, terms: Int = 1) -> Self { .real([number], shape: [], terms: terms) }

  /// Whole numbers.
  static func integers(_ integers: [Int], _ shape: [Int]) -> Self { .exact(.integers(integers, shape: shape)) }

  /// Whether it can be told at all: beyond Double's range a definition says nothing.
  var isFinite: Bool {
    guard case .real(let numbers, _, _) = self else { return true }
    return numbers.allSatisfy {
      $0.value.isFinite && $0.roundings.worst.isFinite && $0.factors.worst.isFinite && !$0.roundings.likely.isNaN
    }
  }
}

/// What a line reads: inputs of the prompt, and lines above it.
struct LineReader {
  /// The question.
  let prompt: Prompt
  private let made: [String: LineValue]
  /// The names that were read, each once.
  private(set) var reads: [String] = []
  /// The terms of the longest sum on the way to any of them.
  private(set) var terms = 1

  init(_ prompt: Prompt, made: [String: LineValue]) { (self.prompt, self.made) = (prompt, made) }

  /// The prompt with readers of its parameters and sizes.
  var network: NetworkPrompt { NetworkPrompt(prompt: prompt) }

  /// Whether a prompt has a tensor of this name.
  func holds(_ name: String) -> Bool { made[name] != nil || prompt.inputs[name] != nil }

  /// Says what is read where the line takes its values from elsewhere; names that a prompt does not have do not matter.
  mutating func note(_ names: [String]) { reads += names.filter { !reads.contains($0) } }

  /// Real numbers in row-major order.
  mutating func list(_ name: String) throws(OracleError) -> [TrackedNumber] {
    note([name])
    switch (made[name], prompt.inputs[name]) {
    case (.real(let numbers, _, let terms)?, _):
      self.terms = max(self.terms, terms)
      return numbers
    case (nil, .real(let tensor)?): return tensor.values.enumerated().map { TrackedNumber(exact: $1, index: $0) }
    default: throw prompt.fault("no line reads \"\(name)\" as real numbers")
    }
  }

  /// The lengths of the axes.
  func shape(_ name: String) -> [Int] {
    if case .real(_, let shape, _)? = made[name] { shape } else { prompt.shape(of: name) }
  }

  /// Real numbers as rows, whatever the axes behind the first.
  mutating func matrix(_ name: String) throws(OracleError) -> TrackedMatrix {
    let (values, rows) = (try list(name), shape(name).first ?? 1)
    return TrackedMatrix(rows: rows, columns: values.count / max(1, rows), values: values)
  }

  /// Whole numbers.
  mutating func integers(_ name: String) throws(OracleError) -> [Int] {
    note([name])
    if case .exact(.integers(let integers, _))? = made[name] { return integers }
    return try prompt.integers(name)
  }
}
