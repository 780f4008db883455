import Networks

@testable import Oracle

/// The report on this package's Double answers to a prompt of one's own after a change.
func reportOnAnswers(
  to prompt: Prompt, _ profile: Profile = .float64, by diagnostician: (any Diagnosing)? = nil,
  _ change: (inout [String: TensorValue]) -> Void
) throws -> CaseReport {
  let casePrompt = CasePrompt(area: "own", slug: "prompt", summary: "-", catches: ["-"], prompt: prompt)
  let item = try CorpusCase(answering: prompt, CaseDescription(casePrompt), for: profile)
  var (answers, diagnostician) = (item.expected, diagnostician)
  change(&answers)
  let stored = answers.mapValues { value in
    if case .integers = value {
      StoredTensor(type: "I64", value: value)
    } else {
      StoredTensor(type: "F64", value: value)
    }
  }
  return item.report(on: stored, profile: profile, by: &diagnostician)
}
