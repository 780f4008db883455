// A backend's answers to the prompts of a relation, each number with the bound of its rounding.
// Tests    OracleTests/RelationTests.swift
import Kernels
import Networks

/// The answers that a relation looks at.
struct RelationAnswers {
  /// What cannot be looked at: missing, of another type or shape, not finite, or nothing but zeros.
  private(set) var faults: [TensorReport] = []
  private var numbers: [String: [BoundedNumber]] = [:]

  /// Finds the outputs of every role.
  init(
    _ relation: Relation, prompts: [String: Prompt], answers: [String: [String: StoredTensor]], profile: Profile,
    arithmetic: DeclaredArithmetic = DeclaredArithmetic()
  ) throws(OracleError) {
    for (role, prompt) in prompts.sorted(by: { $0.key < $1.key }) {
      let operation = try Operations.asked(by: prompt)
      var scales = try operation.scales(prompt)
      if !arithmetic.isPlain {
        scales = try scales.widened(
          for: operation, prompt, profile, margins: [:], arithmetic: arithmetic,
          right: operation.answer(prompt, as: Double.self))
      }
      for output in relation.outputs {
        guard let scale = scales[output] else { continue }
        let name = "\(role) \(output)"
        guard let answer = answers[role]?[output] else {
          faults.append(Self.fault(name, .missing, "there is no tensor of this name"))
          continue
        }
        guard case .real(let tensor) = answer.value, profile.realTypes.contains(answer.type) else {
          let types = profile.realTypes.joined(separator: " or ")
          faults.append(Self.fault(name, .type, "\(types) was expected, not \(answer.type)"))
          continue
        }
        guard tensor.shape == scale.values.shape else {
          faults.append(Self.fault(name, .shape, "\(scale.values.shape) was expected, not \(tensor.shape)"))
          continue
        }
        if let problem = Self.problem(with: tensor) {
          faults.append(Self.fault(name, problem.verdict, problem.note))
          continue
        }
        numbers[name] = tensor.values.enumerated().map { i, value in
          let error = profile.bound(
            stored: value, scale: scale.values.values[i], terms: scale.terms, factors: scale.factors?.values[i],
            type: answer.type, multipliesMatrices: operation.multipliesMatrices)
          return BoundedNumber(value, error: error)
        }
      }
    }
  }

  /// One output, row-major; only asked for where there are no faults.
  func callAsFunction(_ role: String, _ output: String) -> [BoundedNumber] { numbers["\(role) \(output)"] ?? [] }

  /// No output of a relation is zero throughout, and zeros would fulfil most of them.
  private static func problem(with tensor: Tensor<Double>) -> (verdict: Verdict, note: String)? {
    guard tensor.isFinite else { return (.notFinite, "") }
    return tensor.values.allSatisfy { $0 == 0 } ? (.fail, "every number is zero") : nil
  }

  private static func fault(_ name: String, _ verdict: Verdict, _ note: String) -> TensorReport {
    TensorReport(name: name, verdict: verdict, worst: nil, ratio: .infinity, note: note)
  }
}
