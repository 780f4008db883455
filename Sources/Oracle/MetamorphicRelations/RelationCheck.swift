// Asks relations of a backend in this process, or of a folder of its answers.
// Tests    OracleTests/RelationTests.swift, tsuc-oracleTests/OracleRelationsTests.swift
import Kernels
import Networks

extension Relation {
  /// The verdict on one size; `answers` are the tensors by role, `note` why there are none.
  func report(
    size: Int, profile: Profile, arithmetic: DeclaredArithmetic, answers: [String: [String: StoredTensor]]
  ) throws(OracleError) -> CaseReport {
    let drawing = RelationDrawing(size: size)
    let found = try RelationAnswers(
      self, prompts: prompts(drawing), answers: answers, profile: profile, arithmetic: arithmetic)
    let id = "\(name)/size-\(size)"
    guard found.faults.isEmpty else { return CaseReport(id: id, tensors: found.faults) }
    var judgement = RelationJudgement()
    judge(drawing, found, &judgement)
    return CaseReport(id: id, tensors: judgement.tensors)
  }

  /// Asks a backend the prompts of some relations at some sizes and holds its answers against each other.
  ///
  /// - Parameters:
  ///   - backend: Whose answers are related.
  ///   - profile: The arithmetic that answers are held to; the one that the backend names unless another is given.
  ///   - sizes: Each of 2 or more; a relation leaves out those beyond its largest.
  ///   - relations: All of them unless others are given.
  /// - Returns: One case for each relation and size, ``Verdict/missing`` where the backend failed.
  /// - Throws: ``OracleError`` if no profile is given and the backend's scalar names none.
  public static func check(
    _ backend: some CorpusBackend, profile: Profile? = nil, sizes: [Int], relations: [Relation] = Relation.all
  ) throws(OracleError) -> CheckReport {
    let capability = backend.capability
    let profile = if let profile { profile } else { try capability.profile() }
    let realType = profile == .float64 ? "F64" : "F32"
    var cases: [CaseReport] = []
    for relation in relations {
      for size in sizes where (smallest...relation.largest).contains(size) {
        var answers: [String: [String: StoredTensor]] = [:]
        var failure: CaseReport?
        for (role, prompt) in relation.prompts(RelationDrawing(size: size)).sorted(by: { $0.key < $1.key }) {
          do {
            answers[role] = try backend.answer(prompt).compactMapValues { value in
              guard case .real = value else { return nil }
              return StoredTensor(type: realType, value: value)
            }
          } catch {
            failure = CaseReport(
              id: "\(relation.name)/size-\(size)", verdict: .missing, note: "the backend failed: \(error)")
          }
        }
        let report =
          if let failure { failure } else {
            try relation.report(
              size: size, profile: profile, arithmetic: capability.arithmetic(in: profile), answers: answers)
          }
        cases.append(report)
      }
    }
    return CheckReport(
      corpus: "none, but relations between answers", isDraft: false, capability: capability, profile: profile,
      cases: cases, problems: [capability.storageProblem(in: profile)].compactMap { $0 })
  }

  /// Holds a folder of answers to a folder of prompts that ``prompts(size:)`` made against each other.
  package static func check(
    _ responses: ResponseFolder, to prompts: PromptFolder, profile: Profile? = nil
  ) throws(OracleError) -> CheckReport {
    let capability = responses.capability
    let profile = if let profile { profile } else { try capability.profile() }
    let hash = try prompts.corpusHash() ?? ""
    var problems: [String] = []
    if capability.corpus != hash {
      problems.append("stale: the answers name \"\(capability.corpus)\", and the prompts are \"\(hash)\"")
    }
    if let problem = capability.storageProblem(in: profile) { problems.append(problem) }
    if !prompts.misnamed.isEmpty { throw OracleError(PromptFault.text(prompts.misnamed)) }
    let claims = Claims(capability.claims)
    var cases: [CaseReport] = []
    for (relation, size) in try asked(by: prompts) {
      let ids = relation.prompts(size: size).map { $0.id }
      let id = "\(relation.name)/size-\(size)"
      guard ids.allSatisfy(claims.contains) else {
        cases.append(CaseReport(id: id, verdict: .unsupported, note: "not claimed"))
        continue
      }
      var (answers, failure): ([String: [String: StoredTensor]], CaseReport?) = ([:], nil)
      for asked in ids {
        let role = String(asked.dropFirst("\(relation.name)/size-\(size)-".count))
        switch responses.answer(asked) {
        case .tensors(let tensors): answers[role] = tensors
        case .missing: failure = CaseReport(id: id, verdict: .missing, note: "there is no file \(asked).safetensors")
        case .unreadable(let why): failure = CaseReport(id: id, verdict: .unreadable, note: why)
        }
      }
      let report =
        if let failure { failure } else {
          try relation.report(
            size: size, profile: profile, arithmetic: capability.arithmetic(in: profile), answers: answers)
        }
      cases.append(report)
    }
    return CheckReport(
      corpus: hash, isDraft: false, capability: capability, profile: profile, cases: cases, problems: problems)
  }

  /// The relations and sizes of a folder, every prompt of which must be there and as it was written.
  private static func asked(by folder: PromptFolder) throws(OracleError) -> [(relation: Relation, size: Int)] {
    var (found, known): ([(relation: Relation, size: Int)], Set<String>) = ([], [])
    for id in folder.ids {
      let parts = id.split(separator: "/")
      let words = parts[1].split(separator: "-", maxSplits: 2)
      let relation = try named(String(parts[0]))
      guard words.count == 3, words[0] == "size", let size = Int(words[1]), size <= relation.largest, size >= smallest
      else { throw OracleError("\(folder.path)/cases/\(id) is no prompt of a relation: RELATION/size-N-ROLE") }
      guard known.insert("\(relation.name) \(size)").inserted else { continue }
      for casePrompt in relation.prompts(size: size) {
        let id = casePrompt.id
        guard folder.ids.contains(id) else { throw OracleError("\(folder.path) lacks the prompt \(id)") }
        guard try folder.prompt(id).prompt == casePrompt.prompt else {
          throw OracleError("\(folder.path)/cases/\(id) is not the prompt that was written; write the prompts anew")
        }
      }
      found.append((relation, size))
    }
    return found
  }
}
