// Tolerances in common use, to see how many wrong implementations each lets through and how many right ones it refuses.
//
// Each is applied as its project applies it: to every tensor of every case, whatever the tensor's own rounding may be.
// Tests    OracleTests/ToleranceTests.swift
import Kernels
import Networks

/// A rule by which an answer counts as equal to the stored one.
package struct Tolerance: Sendable {
  /// Where it comes from.
  package let name: String
  /// The rule in a formula.
  package let formula: String
  /// Whether gradients are asked for with a cotangent of ones.
  package let asksForOnes: Bool
  private let accepts: @Sendable (_ given: [Double], _ right: [Double]) -> Bool

  /// |given − right| ≤ absolute + relative |right|, element by element.
  private static func elements(_ name: String, absolute: Double, relative: Double) -> Tolerance {
    let formula =
      absolute == 0
      ? "|Δ| ≤ \(relative) |v|" : relative == 0 ? "|Δ| ≤ \(absolute)" : "|Δ| ≤ \(absolute) + \(relative) |v|"
    return Tolerance(name: name, formula: formula, asksForOnes: false) { given, right in
      // As these projects do: a pair of equal infinities is equal, and anything that is no number is not.
      zip(given, right).allSatisfy { $0 == $1 || abs($0 - $1) <= absolute + relative * abs($1) }
    }
  }

  /// The tolerances of the demonstration.
  package static let common: [Tolerance] = [
    elements("ONNX backend tests", absolute: 1e-7, relative: 1e-3),
    elements("PyTorch's default for float32", absolute: 1e-5, relative: 1.3e-6),
    elements("one hundredth (MLX, llm.c)", absolute: 1e-2, relative: 1e-2),
    Tolerance(name: "ggml, cotangent of ones", formula: "Σ Δ² ≤ 1e-7 Σ v²", asksForOnes: true) { given, right in
      let error = zip(given, right).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      return error <= 1e-7 * right.reduce(0) { $0 + $1 * $1 }
    },
    Tolerance(name: "array API's tests", formula: "|Δ| ≤ 1 or |Δ| ≤ |v| / 4", asksForOnes: false) { given, right in
      zip(given, right).allSatisfy { $0 == $1 || abs($0 - $1) <= max(1, abs($1) / 4) }
    },
  ]

  /// Whether an answer passes: every real tensor by the rule, all others by equality.
  package func accepts(_ answer: [String: TensorValue], _ right: [String: TensorValue]) -> Bool {
    right.allSatisfy { name, value in
      switch (value, answer[name]) {
      case (.real(let right), .real(let given)?): right.shape == given.shape && accepts(given.values, right.values)
      case (let right, let given): right == given
      }
    }
  }
}

/// What a tolerance lets through and what it refuses, over a corpus.
package struct ToleranceVerdict: Sendable, Equatable {
  /// The mutants that pass on every case of the corpus.
  package var survivors: [String]
  /// The cases whose right answer, computed in Float, does not pass.
  package var refusals: [String]
}

extension Corpus {
  /// Holds mutants and this package's own Float answers to every common tolerance, in their order.
  package func verdicts(
    on tolerances: [Tolerance] = Tolerance.common, mutants: [Mutant] = Mutants.all, ids: [String]? = nil
  ) throws(OracleError) -> [ToleranceVerdict] {
    var caught = tolerances.map { _ in Set<String>() }
    var (met, refusals) = (Set<String>(), tolerances.map { _ in [String]() })
    for id in ids ?? manifest.cases {
      let item = try load(id)
      for asksForOnes in [false, true] {
        let question = try Question(asksForOnes ? item.prompt.withCotangentsOfOnes : item.prompt)
        let operation = try Operations.named(item.prompt.operation)
        let single = try operation.answer(question.prompt, as: Float.self)
        let wrong = mutants.compactMap { mutant in mutant.answer(question).map { (mutant.name, $0) } }
        met.formUnion(wrong.map(\.0))
        for (index, tolerance) in tolerances.enumerated() where tolerance.asksForOnes == asksForOnes {
          if !tolerance.accepts(single, question.right) { refusals[index].append(id) }
          for (name, answer) in wrong where !tolerance.accepts(answer, question.right) { caught[index].insert(name) }
        }
      }
    }
    return tolerances.indices.map {
      ToleranceVerdict(survivors: met.subtracting(caught[$0]).sorted(), refusals: refusals[$0])
    }
  }
}

extension Prompt {
  /// The same question with every cotangent made of ones.
  var withCotangentsOfOnes: Prompt {
    var prompt = self
    for (name, value) in inputs {
      guard name.hasSuffix("cotangent"), case .real(let tensor) = value else { continue }
      let ones = Tensor<Double>(shape: tensor.shape, values: tensor.values.map { _ in 1 })
      prompt.inputs[name] = .real(ones)
    }
    return prompt
  }
}
