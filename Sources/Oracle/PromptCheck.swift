// Judges answers to any prompts against this package's own: golden values on demand, with bounds on demand.
//
// What is frozen in the corpus has independent witnesses; what is worked out here has none but this package.
// Tests    OracleTests/PromptCheckTests.swift
import Kernels
import Networks

extension PromptFolder {
  /// The verdicts on a folder of answers to these prompts.
  public func check(_ responses: ResponseFolder, profile: Profile? = nil) throws(OracleError) -> CheckReport {
    let capability = responses.capability
    guard let profile = profile ?? Profile(rawValue: capability.scalar) else {
      let all = Profile.allCases.map(\.rawValue).joined(separator: ", ")
      throw OracleError("the answers' scalar \"\(capability.scalar)\" is no profile; choose one of \(all)")
    }
    let hash = try corpusHash() ?? ""
    var problems: [String] = []
    if capability.corpus != hash {
      problems.append("stale: the answers name \"\(capability.corpus)\", and the prompts are \"\(hash)\"")
    }
    var diagnostician: Diagnostician? = Diagnostician()
    let cases = try ids.map { id throws(OracleError) -> CaseReport in
      guard capability.claims(id) else { return CaseReport(id: id, verdict: .unsupported, note: "not claimed") }
      switch responses.answer(id) {
      case .missing: return CaseReport(id: id, verdict: .missing, note: "there is no file of answers")
      case .unreadable(let why): return CaseReport(id: id, verdict: .unreadable, note: why)
      case .tensors(let tensors):
        return try judged(answered(id, for: profile), tensors, profile, &diagnostician)
      }
    }
    return CheckReport(
      corpus: hash, isDraft: true, capability: capability, profile: profile, cases: cases, problems: problems)
  }

  /// The verdict on one answer; bounds near a kink are calibrated before an answer outside them is called wrong.
  private func judged(
    _ item: CorpusCase, _ tensors: [String: StoredTensor], _ profile: Profile, _ diagnostician: inout Diagnostician?
  ) throws(OracleError) -> CaseReport {
    var none = Diagnostician?.none
    let first = item.report(on: tensors, profile: profile, by: &none)
    guard first.verdict == .fail else { return first }
    func held(to scales: [String: RoundingScale]) -> CorpusCase {
      CorpusCase(description: item.description, prompt: item.prompt, expected: item.expected, scales: scales)
    }
    let operation = try Operations.named(item.prompt.operation) as? any RecordedOperation
    let scales = try operation?.calibrated(
      item.scales, item.prompt, for: profile, margins: item.description.margins
    ) { scales in !held(to: scales).compare(tensors, profile: profile).contains { $0.verdict == .fail } }
    return held(to: scales ?? item.scales).report(on: tensors, profile: profile, by: &diagnostician)
  }

  /// A prompt with this package's answers in Double, their scales and margins.
  private func answered(_ id: String, for profile: Profile) throws(OracleError) -> CorpusCase {
    var (description, prompt) = try prompt(id)
    let operation = try Operations.named(prompt.operation)
    description.margins = try operation.margins(prompt)
    if let graph = operation as? any GraphOperation { description.graph = try graph.graph(prompt) }
    return CorpusCase(
      description: description, prompt: prompt, expected: try operation.answer(prompt, as: Double.self),
      scales: try operation.scales(prompt, for: profile, margins: description.margins))
  }
}
