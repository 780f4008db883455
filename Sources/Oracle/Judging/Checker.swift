// Holds answers against the corpus: those of a folder, or those of a backend in this process.
// Tests    OracleTests/CheckerTests.swift, OracleTests/WrongAnswersTests.swift
import Kernels
import Networks

extension Corpus {
  /// Judges a folder of answers; the profile is the one that the capability file names unless another is given.
  ///
  /// Wrong, missing and unreadable answers are in the report, with what the diagnostician finds behind wrong ones, if there is one;
  /// an error is only what keeps it from judging, such as a damaged corpus or a scalar without a profile.
  package func check(
    _ responses: ResponseFolder, profile: Profile? = nil, area: String? = nil, only: String? = nil,
    by diagnostician: (any Diagnosing)?
  ) throws(OracleError) -> CheckReport {
    let capability = responses.capability
    let profile = if let profile { profile } else { try capability.profile() }
    var problems = problems(with: capability, in: profile)
    if capability.corpus != manifest.hash {
      let found = capability.corpus.isEmpty ? "no corpus" : "the corpus \(capability.corpus)"
      var advice = extended.map { capability.corpus == $0.hash ? "; --corpus \($0.path) judges them" : "" } ?? ""
      if capability.corpus == ownHash {
        advice = "; they answer the prompts of its own folder alone: \"tsuc oracle prompts\" writes all of them"
      }
      problems.append("stale: the answers name \(found), and this one is \(manifest.hash)\(advice)")
    }
    if let other = try responses.ids().first(where: { !manifest.cases.contains($0) }) {
      problems.append("the answers hold \(other).safetensors, which is no case of this corpus")
    }
    let cases = try judge(capability, area: area, only: only, profile, by: diagnostician) { item throws(OracleError) in
      switch responses.answer(item.description.id) {
      case .missing:
        .failure(CaseReport(id: item.description.id, verdict: .missing, note: "there is no file of answers"))
      case .unreadable(let why): .failure(CaseReport(id: item.description.id, verdict: .unreadable, note: why))
      case .tensors(let tensors): .success(tensors)
      }
    }
    return CheckReport(
      corpus: manifest.hash, isDraft: manifest.isDraft, capability: capability, profile: profile, cases: cases,
      problems: problems)
  }

  /// Asks a backend every prompt that it claims and judges its answers; an answer that is an error is missing.
  package func check(
    _ backend: some CorpusBackend, profile: Profile? = nil, area: String? = nil, only: String? = nil,
    by diagnostician: (any Diagnosing)?
  ) throws(OracleError) -> CheckReport {
    var capability = backend.capability
    capability.corpus = manifest.hash
    let profile = if let profile { profile } else { try capability.profile() }
    let realType = profile == .float64 ? "F64" : "F32"
    let cases = try judge(capability, area: area, only: only, profile, by: diagnostician) { item throws(OracleError) in
      do {
        return .success(
          try backend.answer(item.prompt).mapValues { value in
            switch value {
            case .real: StoredTensor(type: realType, value: value)
            case .integers: StoredTensor(type: "I64", value: value)
            case .bytes: StoredTensor(type: "U8", value: value)
            }
          })
      } catch {
        return .failure(
          CaseReport(id: item.description.id, verdict: .missing, note: "the backend failed: \(error)"))
      }
    }
    return CheckReport(
      corpus: manifest.hash, isDraft: manifest.isDraft, capability: capability, profile: profile, cases: cases,
      problems: problems(with: capability, in: profile))
  }

  /// Judges all cases in the order in which a port is made, so that a mistake is known from its own operation where it comes up in others;
  /// what nothing explains at first is looked at again in the end.
  private func judge(
    _ capability: Capability, area: String?, only: String?, _ profile: Profile, by diagnostician: (any Diagnosing)?,
    _ answers: (CorpusCase) throws(OracleError) -> Answered
  ) throws(OracleError) -> [CaseReport] {
    let claims = Claims(capability.claims)
    let wanted = only.map { Claims([$0]) }
    var diagnostician = diagnostician
    var (reports, open): ([String: CaseReport], [String]) = ([:], [])
    for id in manifest.cases.portingOrder {
      if let area, !id.hasPrefix(area + "/") {
        reports[id] = CaseReport(id: id, verdict: .notRun, note: "another area")
        continue
      }
      if let wanted, !wanted.contains(id) {
        reports[id] = CaseReport(id: id, verdict: .notRun, note: "not asked for")
        continue
      }
      guard claims.contains(id) else {
        reports[id] = CaseReport(id: id, verdict: .unsupported, note: "not claimed")
        continue
      }
      let item = try load(id)
      switch try answers(item) {
      case .failure(let report): reports[id] = report
      case .success(let tensors):
        let report = try item.report(
          on: tensors, profile: profile, arithmetic: capability.arithmetic(in: profile), by: &diagnostician)
        reports[id] = report
        if let diagnosis = report.diagnosis, diagnosis.mistakes.isEmpty { open.append(id) }
      }
    }
    for id in open {
      let item = try load(id)
      if case .success(let tensors) = try answers(item),
        let diagnosis = diagnostician?.reconsider(
          try item.held(to: capability.arithmetic(in: profile), profile) ?? item, tensors, profile: profile)
      {
        reports[id]?.diagnosis = diagnosis
      }
    }
    return manifest.cases.compactMap { reports[$0] }.withConsistentNames()
  }

  /// The tensors that were answered, or why there are none.
  private enum Answered {
    case success([String: StoredTensor])
    case failure(CaseReport)
  }

  /// Claims that would silently make the work smaller, and what is declared in vain.
  private func problems(with capability: Capability, in profile: Profile) -> [String] {
    let claims = capability.claims.compactMap { claim in
      let alone = Claims([claim])
      return manifest.cases.contains(where: alone.contains)
        ? nil : "the claim \"\(claim)\" names no case of this corpus"
    }
    return claims + [capability.storageProblem(in: profile)].compactMap { $0 }
  }
}

extension [String] {
  /// Cases in the order of their areas in a port: what others are made of first.
  fileprivate var portingOrder: [String] {
    let areas = [
      "rng", "augment", "op", "head", "memory", "neighbour", "optimiser", "schedule", "loss", "edge", "block",
      "encoder", "step", "trajectory", "evaluate",
    ]
    func place(_ id: String) -> Int { areas.firstIndex { id.hasPrefix($0 + "/") } ?? areas.count }
    return enumerated().sorted { (place($0.element), $0.offset) < (place($1.element), $1.offset) }.map(\.element)
  }
}

extension CorpusCase {
  /// A missing tensor that others of the graph were made of may be left out: those tell whether it was right.
  ///
  /// So may all that a prompt which asks for some tensors does not ask for.
  private func omissionAllowed(_ report: TensorReport) -> TensorReport {
    let wanted = description.wanted
    guard report.verdict == .missing,
      wanted.isEmpty ? isIntermediate(report.name) : !wanted.contains(report.name)
    else { return report }
    var report = report
    (report.verdict, report.ratio) = (.unanswered, 0)
    return report
  }

  /// The verdicts on an answer, also on those tensors on the way that it holds.
  private func verdicts(_ answers: [String: StoredTensor], _ profile: Profile) -> [TensorReport] {
    var reports = withIntermediates(Array(answers.keys) + description.wanted).compare(answers, profile: profile)
      .map(omissionAllowed)
    // What is asked for and has no bound must be there all the same.
    let unjudged = description.wanted.filter { name in
      answers[name] == nil && !reports.contains { $0.name == name }
    }
    reports += unjudged.map {
      TensorReport(name: $0, verdict: .missing, worst: nil, ratio: .infinity, note: "there is no tensor of this name")
    }
    guard reports.contains(where: { $0.verdict == .extra }) else { return reports }
    let known = Operations.intermediates(of: prompt)
    return reports.map { report in
      guard report.verdict == .extra, known.contains(report.name) else { return report }
      var report = report
      (report.verdict, report.ratio, report.note) = (.uncompared, 0, "")
      return report
    }
  }

  /// The outputs, those of some lines that the prompt has, and the tensors of its graph, which a diagnosis reads.
  func answerable(_ names: [String]) -> Set<String> {
    let known = Set(withIntermediates(names).expected.keys)
    return (try? Operations.named(prompt.operation)) is any DefinedOperation
      ? known : known.union(Operations.intermediates(of: prompt))
  }

  /// Throws where a prompt asks for a tensor that cannot be judged.
  func requireWanted() throws(OracleError) {
    let known = answerable(description.wanted)
    guard let name = description.wanted.first(where: { !known.contains($0) }) else { return }
    let all = expected.keys.sorted() + Operations.intermediates(of: prompt).sorted()
    let hint = Wording.hint(name, among: all)
    throw prompt.fault(
      "the prompt wants \(Wording.quoted(name)), which cannot be told of it" + (hint.isEmpty ? "." : hint)
        + " \"tsuc oracle explain \(prompt.operation)\" lists what an answer may hold")
  }

  /// Whether other tensors of the case's graph are made of this one.
  func isIntermediate(_ name: String) -> Bool { description.graph.contains { $0.from.contains(name) } }

  /// Whether its operation has products of matrices, or a bank that is stored in 16 bits as their factors are.
  var multipliesMatrices: Bool {
    (try? Operations.named(description.operation).roundsHard(storing: storage)) ?? true
  }

  /// A kink or tie that is nearer than a profile rounds, and how near that is.
  typealias NearTie = (name: String, margin: Double, limit: Double)

  /// The near kinks and ties of a profile, in alphabetical order.
  ///
  /// A right answer may fall on the other side of one, and a wrong one proves nothing. An exact tie is none of these: equal factors
  /// round equally.
  func undecided(in profile: Profile) -> [NearTie] {
    let roundings = (try? Operations.named(description.operation).marginRoundings(prompt)) ?? [:]
    return description.margins.sorted { $0.key < $1.key }.compactMap { name, margin in
      let limit = max(
        multipliesMatrices ? profile.decidingMargin(name) : 0, profile.decidingMargin(roundings: roundings[name] ?? 0))
      return 0 < margin && margin < limit ? (name, margin, limit) : nil
    }
  }

  /// The near tie that may have led to all of what failed; nil where something failed that none touches.
  private func explainingTie(_ failed: [String], in profile: Profile) -> NearTie? {
    let near = undecided(in: profile)
    guard let operation = try? Operations.named(description.operation) else { return nil }
    func touches(_ tie: NearTie, _ name: String) -> Bool {
      !operation.outputs(settledDespite: tie.name).contains(name)
    }
    guard failed.allSatisfy({ name in near.contains { touches($0, name) } }) else { return nil }
    return near.first { tie in failed.contains { touches(tie, $0) } }
  }

  /// The bound of one element; without a scale that of an exact one.
  func bound(stored: Double, _ scale: RoundingScale?, element i: Int, _ profile: Profile, _ type: String) -> Double {
    profile.bound(
      stored: stored, scale: scale?.values.values[i] ?? 0, terms: scale?.terms ?? 1,
      factors: scale?.factors?.values[i], type: type, multipliesMatrices: multipliesMatrices)
  }

  /// The verdicts on every tensor.
  func compare(_ answers: [String: StoredTensor], profile: Profile) -> [TensorReport] {
    Comparison.compare(
      answers, with: expected, scales: scales, profile: profile, multipliesMatrices: multipliesMatrices)
  }

  /// The verdicts on the answers to this case: where they fail the frozen bounds, by those of the declared arithmetic.
  ///
  /// Where no method of convolution is declared and one would make them right, that is said and no mistake is looked for.
  func report(
    on answers: [String: StoredTensor], profile: Profile, arithmetic: DeclaredArithmetic,
    by diagnostician: inout (any Diagnosing)?
  ) throws(OracleError) -> CaseReport {
    guard compare(answers, profile: profile).contains(where: { $0.verdict == .fail }) else {
      return report(on: answers, profile: profile, by: &diagnostician)
    }
    if let item = try held(to: arithmetic, profile) {
      return item.report(on: answers, profile: profile, by: &diagnostician)
    }
    let methods = arithmetic.convolutions == .direct ? try fittingMethods(answers, profile) : []
    guard !methods.isEmpty else { return report(on: answers, profile: profile, by: &diagnostician) }
    var nobody: (any Diagnosing)?
    var report = report(on: answers, profile: profile, by: &nobody)
    let names = methods.map(\.rawValue).joined(separator: " or ")
    report.note = "right by \(names), if capability.json declares it under \"convolutions\""
    return report
  }

  /// The verdicts on the answers to this case, with a diagnosis where somebody is there to make it.
  func report(
    on answers: [String: StoredTensor], profile: Profile, by diagnostician: inout (any Diagnosing)?
  ) -> CaseReport {
    var report = CaseReport(id: description.id, tensors: verdicts(answers, profile))
    if report.verdict != .ok, diagnostician != nil {
      (report.diagnosis, report.divergence) =
        diagnostician?.findings(self, answers, profile: profile) ?? (nil, nil)
    }
    let failed = report.tensors.filter { $0.verdict == .fail }.map(\.name)
    if report.verdict == .fail, let nearest = explainingTie(failed, in: profile) {
      report.verdict = .undecided
      report.divergence?.isolated.removeAll { $0.equation != nil }
      report.note =
        "the margin \"\(nearest.name)\" of \(nearest.margin) is below "
        + "\(nearest.limit), where the profile's rounding may decide otherwise"
    }
    if report.note.isEmpty, report.tensors.contains(where: { [.fail, .notFinite].contains($0.verdict) }) {
      report.note = rangeNote(profile, report.verdict)
    }
    return report
  }
}
