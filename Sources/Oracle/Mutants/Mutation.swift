// One mistake in one operation: what an implementation that makes it would answer.
//
// Mutants stand beside the package's own code, not inside it: most ask the right code a wrong question, or spoil its right
// answer; the rest is written out as one first writes it. Nothing that people read as the reference knows of them.
// Tests    OracleTests/MutantsTests.swift
import Files
import Kernels
import Networks

/// A prompt with its right answer, as a mutation sees it.
package struct Question: Sendable {
  /// What is asked.
  package var prompt: Prompt
  /// This package's answer in Double.
  package let right: [String: TensorValue]

  /// Answers a prompt in Double, once for all mutations that will look at it.
  package init(_ prompt: Prompt) throws(OracleError) {
    self.prompt = prompt
    right = try Operations.named(prompt.operation).answer(prompt, as: Double.self)
  }

  /// A prompt whose right answer is known.
  package init(_ prompt: Prompt, right: [String: TensorValue]) { (self.prompt, self.right) = (prompt, right) }
}

/// What a mutant is called, what is wrong about it, and what is right.
struct Mistake: Sendable {
  /// The mutant: "area.slug"; one mutant may make the same mistake in several operations.
  let name: String
  /// The mistake in a few words, those of the `catches` of cases that are made for it.
  let wrong: String
  /// What an implementation that makes it has to change, in one sentence; declared once for each name, else empty.
  let right: String

  init(_ name: String, _ wrong: String, right: String = "") {
    (self.name, self.wrong, self.right) = (name, wrong, right)
  }
}

/// A mistake in one operation.
struct Mutation: Sendable {
  /// The mistake.
  let mistake: Mistake
  /// The operation that is wrong.
  let operation: String
  /// The wrong outputs, of which those that come out right may be left out.
  ///
  /// Nil, or an error, where the mistake makes no difference.
  let answer: @Sendable (Question) throws -> [String: TensorValue]?
  /// The other question that it answers, where that is the whole mistake.
  let change: (@Sendable (inout Prompt) throws -> Bool)?

  init(
    _ mistake: Mistake, _ operation: String,
    _ answer: @escaping @Sendable (Question) throws -> [String: TensorValue]?
  ) {
    (self.mistake, self.operation, self.answer, change) = (mistake, operation, answer, nil)
  }

  private init(
    _ mistake: Mistake, _ operation: String,
    asking change: @escaping @Sendable (inout Prompt) throws -> Bool
  ) {
    (self.mistake, self.operation, self.change) = (mistake, operation, change)
    answer = { question in
      var wrong = question.prompt
      return try change(&wrong) ? try Question(wrong).right : nil
    }
  }

  /// The right answer to a changed prompt; nil if `change` finds nothing to change.
  static func asking(
    _ mistake: Mistake, _ operation: String,
    _ change: @escaping @Sendable (inout Prompt) throws -> Bool
  ) -> Mutation {
    Mutation(mistake, operation, asking: change)
  }

  /// A parameter that is taken for another value where it is not that.
  static func taking(
    _ mistake: Mistake, _ operation: String, _ parameter: String, _ value: JSON,
    unless fallback: JSON? = nil, _ applies: @escaping @Sendable (Prompt) throws -> Bool = { _ in true }
  ) -> Mutation {
    asking(mistake, operation) { prompt in
      guard try applies(prompt), (prompt.parameters[parameter] ?? fallback) != value else { return false }
      prompt.parameters[parameter] = value
      return true
    }
  }
}

extension Question {
  /// A real input, in Double.
  func input(_ name: String) throws -> Tensor<Double> { try prompt.tensor(name) }

  /// A real output of the right answer.
  func output(_ name: String) throws -> Tensor<Double> {
    guard case .real(let tensor)? = right[name] else { throw OracleError("no output \(name)") }
    return tensor
  }

  /// The answer to a changed question.
  func altered(_ change: (inout Prompt) throws -> Void) throws -> [String: TensorValue] {
    var prompt = prompt
    try change(&prompt)
    return try Question(prompt).right
  }

  /// The answer with one input's elements changed by place and value.
  func altered(_ name: String, _ change: (Int, Double) -> Double) throws -> [String: TensorValue] {
    let tensor = try input(name)
    return try altered { $0.inputs[name] = .real(tensor.mapped(change)) }
  }

  /// One output with its elements changed by place and value.
  func changed(_ name: String, _ change: (Int, Double) -> Double) throws -> [String: TensorValue] {
    [name: .real(try output(name).mapped(change))]
  }

  /// Every real output, or those named, times a factor.
  func scaled(by factor: Double, _ names: [String]? = nil) -> [String: TensorValue] {
    right.compactMapValues { value in
      guard case .real(let tensor) = value else { return nil }
      return .real(tensor.mapped { factor * $1 })
    }.filter { names?.contains($0.key) ?? true }
  }
}
