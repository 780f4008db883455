// The lines of an operation's definition, computed for one prompt.
// Tests    OracleTests/DefinitionTraceTests.swift
import Kernels
import Networks

/// What every line of a definition is for a prompt.
struct DefinitionTrace {
  /// One line, computed.
  struct Tensor {
    let line: DefinitionLine
    /// The inputs and lines that it is made of.
    fileprivate(set) var reads: [String]
    /// What it is; nil of an output that the operation alone tells.
    let value: TensorValue?
    /// What errors in it are measured against; nil of whole numbers and bytes.
    let scale: RoundingScale?
  }

  /// Beyond so many numbers of inputs, or pairs of rows, no line is computed: each carries a kilobyte of errors.
  private static let most = 1 << 15
  /// Whether a prompt is too large for lines.
  static func isTooLarge(_ prompt: Prompt) -> Bool {
    let reals = prompt.inputs.values.filter { $0.kind == .real }
    let rows = reals.map { $0.shape.first ?? 1 }.max() ?? 1
    return reals.reduce(0) { $0 + $1.count } > most || rows > most / rows
  }

  /// The operation.
  let operation: any DefinedOperation
  /// In the order of the definition.
  private(set) var tensors: [Tensor] = []

  /// Computes the lines; nil where the operation has none, or the prompt is too large for them.
  ///
  /// - Parameters:
  ///   - prompt: The question.
  ///   - instead: Puts other numbers in the place of a line's, from which those below it are computed.
  init?(_ prompt: Prompt, instead: (_ name: String, _ values: [Double]) -> [Double]? = { _, _ in nil }) {
    guard let operation = try? Operations.named(prompt.operation) as? any DefinedOperation, !Self.isTooLarge(prompt)
    else { return nil }
    self.operation = operation
    var made: [String: LineValue] = [:]
    for line in operation.lines {
      var reader = LineReader(prompt, made: made)
      guard var value = try? line.value(&reader), value.isFinite else { continue }
      var (tensor, scale): (TensorValue?, RoundingScale?)
      switch value {
      case .real(let numbers, let shape, let own):
        let terms = max(own, reader.terms)
        let numbers = instead(line.name, numbers.map(\.value))?.map { TrackedNumber(exact: $0) } ?? numbers
        value = .real(numbers, shape: shape, terms: terms)
        tensor = .real(Networks.Tensor<Double>(shape: shape, values: numbers.map(\.value)))
        scale = TrackedNumber.scale(of: numbers, shape: shape, longestSum: terms)
      case .exact(let exact): tensor = exact
      case .known: break
      }
      made[line.name] = value
      tensors.append(Tensor(line: line, reads: reader.reads, value: tensor, scale: scale))
    }
    for i in tensors.indices { tensors[i].reads.removeAll { made[$0] == nil && prompt.inputs[$0] == nil } }
  }

  /// Every line as an edge of a graph.
  var graph: [GraphNode] {
    tensors.map { GraphNode(from: $0.reads, to: [$0.line.name], operation: operation.name) }
  }
}

extension Operations {
  /// The tensors on the way that a program may answer besides the outputs of a prompt.
  static func intermediates(of prompt: Prompt) -> Set<String> {
    switch try? named(prompt.operation) {
    case let operation as any DefinedOperation: Set(operation.lines.filter(\.isOnTheWay).map(\.name))
    default: Set(DiagnosticTrace(prompt)?.graph()?.flatMap(\.to) ?? [])
    }
  }
}

extension CorpusCase {
  /// The lines of its operation's definition, with the errors of what its bounds allow to be stored in 16 bits.
  var lines: DefinitionTrace? { try? ProductRounding.storing(storage) { DefinitionTrace(prompt) } }

  /// The case with those tensors on the way that are named, beside its outputs; `trace` is its trace, if there is one already.
  func withIntermediates(_ names: some Sequence<String>, along trace: DefinitionTrace? = nil) -> CorpusCase {
    let further = Set(names).subtracting(expected.keys)
    guard !further.isEmpty, let trace = trace ?? lines else { return self }
    var (expected, scales) = (expected, scales)
    for tensor in trace.tensors where further.contains(tensor.line.name) && tensor.line.isOnTheWay {
      expected[tensor.line.name] = tensor.value
      scales[tensor.line.name] = tensor.scale
    }
    return CorpusCase(
      description: description, prompt: prompt, expected: expected, scales: scales, storage: storage)
  }
}
