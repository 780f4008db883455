// Backends with one mistake each, for every mistake that a relation says it catches.
import Files
import Kernels
import Networks

@testable import Oracle

/// This package with a mistake in its answers, or in what it makes of a prompt.
struct RelationMutant: CorpusBackend {
  /// Changes the answers to a prompt; `ask` answers other prompts rightly.
  typealias Mistake = @Sendable (_ prompt: Prompt, _ ask: (Prompt) throws -> Answers) throws -> Answers
  typealias Answers = [String: TensorValue]

  let capability = Capability(backend: "mutant", version: "0", scalar: "float32", claims: ["*"])
  let mistake: Mistake

  func answer(_ prompt: Prompt) throws -> Answers {
    try mistake(prompt) { try PackageBackend(Float.self).answer($0) }
  }
}

extension RelationMutant {
  /// A mistake in the outputs of some names.
  static func output(_ names: String..., change: @escaping @Sendable (Prompt, inout Tensor<Double>) -> Void) -> Mistake
  {
    { prompt, ask in
      var answers = try ask(prompt)
      for name in names {
        guard case .real(var tensor)? = answers[name] else { continue }
        change(prompt, &tensor)
        answers[name] = .real(tensor)
      }
      return answers
    }
  }

  /// A mistake in reading the input of a name.
  static func input(_ name: String, change: @escaping @Sendable (Prompt, inout Tensor<Double>) -> Void) -> Mistake {
    { prompt, ask in
      var prompt = prompt
      guard case .real(var tensor)? = prompt.inputs[name] else { return try ask(prompt) }
      change(prompt, &tensor)
      prompt.inputs[name] = .real(tensor)
      return try ask(prompt)
    }
  }

  /// A parameter taken for another value.
  static func parameter(_ name: String, _ value: JSON) -> Mistake {
    { prompt, ask in
      var prompt = prompt
      prompt.parameters[name] = value
      return try ask(prompt)
    }
  }

  /// The images taken for their places in the batch.
  static let indices: Mistake = { prompt, ask in
    var prompt = prompt
    prompt.inputs["images"] = .listOf(Array(0..<(try prompt.integers("images").count)))
    return try ask(prompt)
  }
}

extension Tensor<Double> {
  /// The last of the parts into which the outermost axis is cut becomes 0.
  mutating func loseLast(_ parts: Int) {
    for i in count - count / parts..<count { values[i] = 0 }
  }

  /// The last column becomes 0.
  mutating func loseLastColumn() {
    let columns = shape[shape.count - 1]
    for i in stride(from: columns - 1, to: count, by: columns) { values[i] = 0 }
  }

  /// Every number multiplied.
  mutating func scale(by factor: Double) { for i in values.indices { values[i] *= factor } }

  /// The length of a row.
  func norm(ofRow row: Int) -> Double { dotProduct(Array(self.row(row)), Array(self.row(row))).squareRoot() }

  /// Columns of length 1.
  mutating func normaliseColumns() {
    var turned = transposedMatrix
    for j in 0..<turned.rows {
      let norm = turned.norm(ofRow: j)
      for i in 0..<turned.columns { turned.values[j * turned.columns + i] /= norm }
    }
    self = turned.transposedMatrix
  }
}
