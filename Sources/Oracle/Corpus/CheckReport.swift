// What the checker found: a verdict for every tensor and case, totals of all cases there are, and one answer: passed or not.
// Tests    OracleTests/CheckerTests.swift
import Kernels
import Networks

/// The verdict on one case.
public struct CaseReport: Sendable, Equatable {
  /// "area/slug".
  public var id: String
  /// Ok if every tensor is, else the first verdict that is not.
  public var verdict: Verdict
  /// Why there are no tensors, or what else should be known.
  public var note: String
  /// The tensors; empty where the case was not compared.
  public var tensors: [TensorReport]
  /// The mistake that was made; nil where there is none, or nobody looked for it.
  public var diagnosis: Diagnosis?
  /// Where the computation first went wrong; nil where the case has no graph, or nothing is wrong.
  public var divergence: Divergence?

  /// The largest ratio of its tensors.
  public var ratio: Double { tensors.filter { !$0.verdict.isSilent }.map(\.ratio).max() ?? 0 }

  /// A case whose tensors were compared; what it does not have counts neither for nor against it.
  init(id: String, tensors: [TensorReport]) {
    (self.id, self.tensors, note) = (id, tensors, "")
    let answered = tensors.filter { !$0.verdict.isSilent }
    verdict = answered.first { $0.verdict != .ok }?.verdict ?? (answered.isEmpty ? .missing : .ok)
  }

  /// A case that could not be compared.
  init(id: String, verdict: Verdict, note: String) {
    (self.id, self.verdict, self.note, tensors) = (id, verdict, note, [])
  }
}

/// The verdict on a backend.
public struct CheckReport: Sendable, Equatable {
  /// The hash of the corpus that was checked against.
  public let corpus: String
  /// Whether that corpus lacks witnesses.
  public let isDraft: Bool
  /// Who answered.
  public let capability: Capability
  /// The arithmetic that the answers were held to.
  public let profile: Profile
  /// Every case of the corpus, in alphabetical order.
  public let cases: [CaseReport]
  /// What is wrong with the answers as a whole: answers to another corpus, claims of cases that there are not.
  public let problems: [String]

  /// The number of cases with a verdict.
  public func count(_ verdict: Verdict) -> Int { cases.count { $0.verdict == verdict } }

  /// The cases that were claimed and did not pass.
  public var failures: [CaseReport] {
    cases.filter { ![.ok, .unsupported, .notRun, .undecided, .illegal].contains($0.verdict) }
  }

  /// Whether nothing is wrong, and nothing could be told right either.
  public var isUndecided: Bool {
    problems.isEmpty && failures.isEmpty && count(.illegal) == 0 && count(.ok) == 0 && count(.undecided) > 0
  }

  /// Whether all that was claimed is right, and something was.
  public var passed: Bool { problems.isEmpty && failures.isEmpty && count(.illegal) == 0 && count(.ok) > 0 }
}

extension CheckReport: CustomStringConvertible {
  /// The report for a terminal: failures worst first, then the totals of each area, then the verdict.
  public var description: String { text(mostFailures: 40) }

  /// As ``description``, with at most some failing tensors and cases.
  public func text(mostFailures: Int) -> String {
    var lines = problems
    let illegal = cases.filter { $0.verdict == .illegal }.map { PromptFault($0.id, line($0)) }
    if !illegal.isEmpty { lines.append(PromptFault.text(illegal)) }
    let undecided = cases.filter { $0.verdict == .undecided }
    lines += undecided.map { "undecided: \($0.id): \($0.note)" }
    let bad = failures.flatMap { item in
      item.tensors.isEmpty
        ? [(item.ratio, line(item))]
        : item.tensors.filter { $0.verdict != .ok && !$0.verdict.isSilent }.map { ($0.ratio, line(item, $0)) }
    }
    // The order of the cases among equals, so that the text is the same each time.
    let sorted = bad.enumerated().sorted { ($1.element.0, $0.offset) < ($0.element.0, $1.offset) }.map(\.element.1)
    lines += sorted.prefix(mostFailures)
    if sorted.count > mostFailures { lines.append("… and \(sorted.count - mostFailures) more") }
    let extras = cases.flatMap { item in
      item.tensors.filter { $0.verdict == .extra }.map { "\(item.id) \(Wording.shown($0.name, most: 80))" }
    }
    if let first = extras.first {
      lines.append(
        "warning: \(extras.count == 1 ? "1 tensor is" : "\(extras.count) tensors are") no output of the case, and "
          + "\(extras.count == 1 ? "was" : "were") not compared: \(first)\(extras.count == 1 ? "" : ", …")")
    }
    let findings = diagnosisLines
    if !findings.isEmpty { lines += [""] + findings }
    if !lines.isEmpty { lines.append("") }
    return (lines + totals).joined(separator: "\n")
  }

  private func line(_ item: CaseReport) -> String { "\(item.verdict.rawValue): \(item.id): \(item.note)" }

  private func line(_ item: CaseReport, _ tensor: TensorReport) -> String {
    var line = "\(tensor.verdict.rawValue): \(item.id) \(Wording.shown(tensor.name, most: 80))"
    if let worst = tensor.worst {
      let isWhole = tensor.note.hasSuffix(TensorReport.ofWholeNumbers)
      line +=
        " at \(worst.index): \(Self.number(worst.value, isWhole)) instead of \(Self.number(worst.stored, isWhole))"
      if tensor.ratio.isFinite { line += ", \(Self.bounds(tensor.ratio)) away" }
    }
    if !tensor.note.isEmpty { line += ": \(tensor.note)" }
    if !item.note.isEmpty { line += " (\(item.note))" }
    return line
  }

  private var totals: [String] {
    let wrong = Set(failures.map(\.id))
    let areas = Set(cases.map { String($0.id.prefix { $0 != "/" }) }).sorted()
    var lines = ["area          cases  passed  failed  unsupported  not run  worst error/bound"]
    for area in areas {
      let part = cases.filter { $0.id.hasPrefix(area + "/") }
      let passed = part.filter { $0.verdict == .ok }
      let (unsupported, left) = (part.count { $0.verdict == .unsupported }, part.count { $0.verdict == .notRun })
      let failed = part.count { wrong.contains($0.id) }
      let worst = part.filter { !$0.tensors.isEmpty }.map(\.ratio).max().map(Self.short) ?? "-"
      let cells = [(part.count, 7), (passed.count, 8), (failed, 8), (unsupported, 13), (left, 9)]
      lines.append(
        area.padded(to: 12) + cells.map { "\($0.0)".padded(before: $0.1) }.joined() + worst.padded(before: 19))
    }
    let tensors = cases.flatMap(\.tensors)
    let compared = tensors.count { ![.extra, .uncompared].contains($0.verdict) }
    let left = [Verdict.unanswered, .uncompared, .extra].compactMap { verdict in
      let count = tensors.count { $0.verdict == verdict }
      return count == 0 ? nil : ", \(count) \(verdict.rawValue)"
    }
    lines += [
      "",
      "corpus \(corpus)\(isDraft ? " (a draft: not every value has a witness)" : "")",
      "backend \(capability.backend) \(capability.version), \(capability.scalar), held to \(profile.rawValue)"
        + capability.arithmetic(in: profile).words,
      "\(count(.ok)) of \(cases.count) cases passed, \(failures.count) failed, \(count(.unsupported)) unsupported, "
        + "\(count(.notRun)) not run\(count(.undecided) > 0 ? ", \(count(.undecided)) undecided" : "")"
        + "\(count(.illegal) > 0 ? ", \(count(.illegal)) illegal prompts" : ""); \(tensors.count { $0.verdict == .ok }) of \(compared) tensors ok"
        + left.joined(),
      passed
        ? "PASSED: all that is claimed" : isUndecided ? "UNDECIDED: no answer could be told right or wrong" : "FAILED",
    ]
    return lines
  }

  /// An answered or stored number; what is none is "NaN" whatever its bits.
  private static func number(_ value: Double, _ isWhole: Bool) -> String {
    if value.isNaN { return "NaN" }
    return isWhole ? Int(exactly: value).map { "\($0)" } ?? "\(value)" : "\(value)"
  }

  /// A number of bounds; beyond a thousand million it only says that something is wrong altogether.
  static func bounds(_ ratio: Double) -> String { ratio > 1e9 ? "more than 1e9 bounds" : "\(short(ratio)) bounds" }

  /// Three significant digits.
  static func short(_ ratio: Double) -> String {
    guard ratio.isFinite, ratio > 0 else { return ratio == 0 ? "0" : "∞" }
    let exponent = Int(Double.log(ratio) / Double.log(10) + (ratio < 1 ? -1 : 0))
    guard (-3...5).contains(exponent) else {
      let power = (0..<abs(exponent)).reduce(1.0) { power, _ in exponent < 0 ? power / 10 : power * 10 }
      return "\((ratio / power * 100).rounded() / 100)e\(exponent)"
    }
    let digits = (0..<max(0, 2 - exponent)).reduce(1.0) { power, _ in power * 10 }
    return "\((ratio * digits).rounded() / digits)"
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
  fileprivate func padded(before width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
