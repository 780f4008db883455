// Judges answers to any prompts against this package's own: golden values on demand, with bounds on demand.
//
// What is frozen in the corpus has independent witnesses; what is computed here has none but this package.
// Tests    OracleTests/PromptCheckTests.swift
import Kernels
import Networks

/// Where a judge of many prompts is: a deep network near a kink may take minutes.
package struct JudgingProgress: Sendable, Equatable {
  /// The prompt that is being judged.
  package let id: String
  /// Its number among those that the answers claim, from 1.
  package let number: Int
  /// How many those are.
  package let count: Int
  /// How many runs have calibrated its bounds so far; nil until that is found necessary.
  package var calibrationRuns: Int?
}

extension PromptFolder {
  /// The verdicts on a folder of answers to these prompts.
  ///
  /// - Parameters:
  ///   - responses: The answers.
  ///   - profile: Whose roundings they may have; the one of their scalar if nil.
  ///   - diagnostician: Who looks for the mistakes behind wrong answers, if anybody.
  ///   - tell: Told before each prompt, and before each run that calibrates bounds near a kink.
  /// - Returns: A verdict on every tensor.
  /// - Throws: A sentence, if the profile is unknown. A prompt that cannot be answered is in the report.
  package func check(
    _ responses: ResponseFolder, profile: Profile? = nil, by diagnostician: (any Diagnosing)?,
    tell: (JudgingProgress) -> Void = { _ in }
  ) throws(OracleError) -> CheckReport {
    let capability = responses.capability
    let profile = if let profile { profile } else { try capability.profile() }
    let hash = try corpusHash() ?? ""
    var problems: [String] = []
    if capability.corpus != hash {
      problems.append("stale: the answers name \"\(capability.corpus)\", and the prompts are \"\(hash)\"")
    }
    if let problem = capability.storageProblem(in: profile) { problems.append(problem) }
    var diagnostician = diagnostician
    var number = 0
    let claims = Claims(capability.claims)
    let count = ids.count { claims.contains($0) }
    let unreadable = misnamed.map {
      CaseReport(id: $0.id, verdict: claims.contains($0.id) ? .illegal : .unsupported, note: $0.reason)
    }
    let cases =
      unreadable
      + ids.map { id -> CaseReport in
        guard claims.contains(id) else { return CaseReport(id: id, verdict: .unsupported, note: "not claimed") }
        number += 1
        let progress = JudgingProgress(id: id, number: number, count: count)
        tell(progress)
        switch responses.answer(id) {
        case .missing: return CaseReport(id: id, verdict: .missing, note: "there is no file of answers")
        case .unreadable(let why): return CaseReport(id: id, verdict: .unreadable, note: why)
        case .tensors(let tensors):
          do throws(OracleError) {
            return try judged(answered(id, for: profile), tensors, capability, profile, &diagnostician) { runs in
              var progress = progress
              progress.calibrationRuns = runs
              tell(progress)
            }
          } catch {
            return CaseReport(id: id, verdict: .illegal, note: error.description)
          }
        }
      }
    return CheckReport(
      corpus: hash, isDraft: true, capability: capability, profile: profile,
      cases: cases.withConsistentNames(), problems: problems)
  }

  /// The verdict on one answer; bounds near a kink are calibrated before an answer outside them is called wrong.
  private func judged(
    _ item: CorpusCase, _ tensors: [String: StoredTensor], _ capability: Capability, _ profile: Profile,
    _ diagnostician: inout (any Diagnosing)?, calibrates: (Int) -> Void
  ) throws(OracleError) -> CaseReport {
    var (item, none): (CorpusCase, (any Diagnosing)?) = (item, nil)
    let first = item.report(on: tensors, profile: profile, by: &none)
    guard first.verdict == .fail else { return first }
    let arithmetic = capability.arithmetic(in: profile)
    if let widened = try item.held(to: arithmetic, profile) {
      item = widened
      let second = item.report(on: tensors, profile: profile, by: &none)
      guard second.verdict == .fail else { return second }
    }
    func held(to scales: [String: RoundingScale]) -> CorpusCase {
      CorpusCase(
        description: item.description, prompt: item.prompt, expected: item.expected, scales: scales,
        storage: item.storage)
    }
    let operation = try Operations.named(item.prompt.operation) as? any TracedOperation
    var runs = 0
    let scales = try operation?.calibrated(
      item.scales, item.prompt, for: profile, margins: item.description.margins,
      arithmetic: arithmetic
    ) { scales in
      guard held(to: scales).compare(tensors, profile: profile).contains(where: { $0.verdict == .fail }) else {
        return true
      }
      calibrates(runs)
      runs += 1
      return false
    }
    let last = held(to: scales ?? item.scales)
    // The bounds of what is declared are in the scales by now.
    guard arithmetic.isPlain else { return last.report(on: tensors, profile: profile, by: &diagnostician) }
    return try last.report(on: tensors, profile: profile, arithmetic: arithmetic, by: &diagnostician)
  }

  private func answered(_ id: String, for profile: Profile) throws(OracleError) -> CorpusCase {
    let (description, prompt) = try prompt(id)
    let item = try CorpusCase(answering: prompt, description, for: profile)
    try item.requireWanted()
    return item
  }
}

extension CorpusCase {
  /// A prompt with this package's answers in Double, and what a profile's are held to; an error where no bound can be found.
  init(answering prompt: Prompt, _ description: CaseDescription, for profile: Profile) throws(OracleError) {
    let operation = try Operations.asked(by: prompt)
    // A program in Float begins with inputs of Float.
    let prompt = profile == .float64 ? prompt : try prompt.roundedToFloat()
    var description = description
    description.margins = try operation.margins(prompt)
    if let graph = operation as? any GraphOperation { description.graph = try graph.graph(prompt) }
    let scales = try operation.scales(prompt, for: profile, margins: description.margins)
    for (name, scale) in scales.sorted(by: { $0.key < $1.key }) {
      let isNumber = (scale.values.values + (scale.factors?.values ?? [])).allSatisfy { !$0.isNaN }
      guard isNumber, profile.canBound(terms: scale.terms) else {
        throw OracleError(
          "the operation \(operation.name): no bound can be found for \"\(name)\" in \(profile.rawValue), "
            + (isNumber
              ? "which is a sum of up to \(scale.terms) terms" : "as the sizes on its way leave double's range"))
      }
    }
    self.init(
      description: description, prompt: prompt, expected: try operation.finiteAnswer(prompt, as: Double.self),
      scales: scales)
  }
}
