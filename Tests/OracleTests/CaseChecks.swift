// What the tests of the corpus's operations share: how far an answer is from another, in bounds.
import Kernels
import Networks
import Oracle
import Testing

/// The largest |answer − expected| over its bound, and where; infinite for a missing tensor, a wrong shape or no number.
///
/// bound = terms · (unit + 2⁻⁵³) · scale, element by element.
func worstRatio(
  _ answer: [String: TensorValue], _ expected: [String: TensorValue], _ scales: [String: RoundingScale],
  unit: Double = 0x1p-24
) -> (ratio: Double, name: String) {
  var worst = (ratio: 0.0, name: "")
  for (name, value) in expected {
    var ratio = 0.0
    switch (value, answer[name]) {
    case (.real(let right), .real(let given)?):
      guard let scale = scales[name], right.shape == given.shape, scale.values.shape == right.shape else {
        return (.infinity, name)
      }
      for i in right.values.indices {
        let distance = abs(given.values[i] - right.values[i])
        let bound = Double(scale.terms) * (unit + 0x1p-53) * scale.values.values[i]
        ratio = max(ratio, distance == 0 ? 0 : bound > 0 && distance.isFinite ? distance / bound : .infinity)
      }
    case (let right, let given?): ratio = right == given ? 0 : .infinity
    case (_, nil): ratio = .infinity
    }
    if ratio > worst.ratio { worst = (ratio, name) }
  }
  return worst
}

extension CasePrompt {
  /// The answer in a precision.
  func answer<Scalar: RealScalar>(as type: Scalar.Type) throws -> [String: TensorValue] {
    try Operations.named(prompt.operation).answer(prompt, as: type)
  }

  /// The scales of the answer.
  func scales() throws -> [String: RoundingScale] { try Operations.named(prompt.operation).scales(prompt) }
}

/// The prompts of the package's own corpus, read once for all tests.
let corpusPrompts = Result { try ownCorpus.get().prompts() }

/// The package's own corpus, opened once: that looks at each of its files.
let ownCorpus = Result { try Corpus() }

/// The prompts of some areas.
func corpusPrompts(in areas: String...) throws -> [CasePrompt] {
  try corpusPrompts.get().filter { areas.contains($0.area) }
}
