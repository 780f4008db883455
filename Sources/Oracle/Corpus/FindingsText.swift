// What the diagnoses of a report come to, in words: mistakes by the number of cases that they explain, then first divergences.
// Tests    OracleTests/DiagnosisTests.swift
import Kernels
import Networks

extension CheckReport {
  private typealias Diagnosed = (item: CaseReport, diagnosis: Diagnosis)

  /// The lines between the failures and the totals; none where nothing was diagnosed.
  var diagnosisLines: [String] {
    let diagnosed = cases.compactMap { item in item.diagnosis.map { (item: item, diagnosis: $0) } }
    let (known, named) = mistakes(diagnosed)
    let explained = Set(diagnosed.filter { named.contains($0.item.id) }.map(\.diagnosis.operation))
    let (fitted, fittedCases) = parameters(diagnosed.filter { !named.contains($0.item.id) }, of: diagnosed)
    let (located, lines) = (faults(explained: named), wrongLines)
    let rest = diagnosed.filter { item in
      !named.contains(item.item.id) && !fittedCases.contains(item.item.id)
        && !located.cases.union(lines.cases).contains(item.item.id)
    }
    let hasCause = !(known + fitted + lines.lines + located.lines).isEmpty
    // Of an operation with a known mistake nothing else is said: what is left of it is near the bounds, or a second mistake.
    let following = rest.filter {
      hasCause && $0.diagnosis.isComposed || explained.contains($0.diagnosis.operation)
    }
    let followers = Set(following.map(\.item.id))
    return known + fitted + lines.lines + located.lines + unexplained(rest.filter { !followers.contains($0.item.id) })
      + Self.line("may follow from the above", following.map(\.item.id))
      + divergences(except: named.union(located.cases).union(lines.cases)) + carriedState
  }

  /// What it means that single steps pass and several in a row do not.
  private var carriedState: [String] {
    let failing = failures.map(\.id)
    let steps = cases.filter { $0.id.hasPrefix("step/") }
    guard !failing.isEmpty, failing.allSatisfy({ $0.hasPrefix("trajectory/") }), !steps.isEmpty,
      steps.allSatisfy({ $0.verdict == .ok })
    else { return [] }
    return [
      "all single steps pass: look at what a step leaves to the next (velocities, running statistics, bank, parameters)"
    ]
  }

  /// One entry for each mistake, with what is right; and the cases that they explain.
  ///
  /// Failing cases of the same operations that a mistake does not explain speak against it. A pair, and a mistake that only whole numbers
  /// speak for, must explain half of them: two indices agree easily. Of other mistakes a quarter is enough, or three cases.
  private func mistakes(_ diagnosed: [Diagnosed]) -> (lines: [String], cases: Set<String>) {
    var (lines, cases): ([String], Set<String>) = ([], [])
    let groups = Dictionary(grouping: diagnosed) { $0.diagnosis.mutants }
    for (mutants, found) in groups.sorted(by: { ($1.value.count, $0.key.joined()) < ($0.value.count, $1.key.joined()) })
    where !mutants.isEmpty {
      let distance = found.map(\.diagnosis.distance).max() ?? 0
      let operations = Set(found.map(\.diagnosis.operation))
      let all = diagnosed.count { operations.contains($0.diagnosis.operation) }
      let isEnough =
        2 * found.count >= all || mutants.count == 1 && distance > 0 && (4 * found.count >= all || found.count >= 3)
      guard isEnough else { continue }
      cases.formUnion(found.map(\.item.id))
      lines.append(
        "\(mutants.joined(separator: " and ")) \(mutants.count == 1 ? "explains" : "explain") \(found.count) of \(all) "
          + "failing cases of \(Self.examples(operations.sorted())), "
          + "\(distance == 0 ? "exactly" : "to \(Self.short(distance))"): \(Self.examples(found.map(\.item.id)))")
      lines += (found.first?.diagnosis.mistakes ?? []).map { "  \($0.mistake); right is: \($0.remedy)" }
    }
    return (lines, cases)
  }

  /// Parameters by whose other values at least half of an operation's failing cases are explained.
  private func parameters(_ open: [Diagnosed], of diagnosed: [Diagnosed]) -> (lines: [String], cases: Set<String>) {
    var (lines, cases): ([String], Set<String>) = ([], [])
    let groups = Dictionary(grouping: open.filter { $0.diagnosis.parameter != nil }) {
      "\($0.diagnosis.operation) acts like another \($0.diagnosis.parameter?.prefix { $0 != " " } ?? "")"
    }
    for (line, found) in groups.sorted(by: { ($1.value.count, $0.key) < ($0.value.count, $1.key) }) {
      let all = diagnosed.count { $0.diagnosis.operation == found[0].diagnosis.operation }
      guard 2 * found.count >= all else { continue }
      let values = Set(found.compactMap(\.diagnosis.parameter)).sorted()
      cases.formUnion(found.map(\.item.id))
      lines.append(
        "\(line), in \(found.count) of \(all) failing cases: \(Self.examples(values, most: 3)); "
          + Self.examples(found.map(\.item.id)))
    }
    return (lines, cases)
  }

  /// What has no name: its form, if it has one.
  private func unexplained(_ rest: [Diagnosed]) -> [String] {
    let forms = Dictionary(grouping: rest.filter { !$0.diagnosis.forms.isEmpty }, by: \.diagnosis.operation)
    let lines = forms.sorted { $0.key < $1.key }.flatMap { operation, found in
      found.prefix(2).map { "\($0.item.id): \(Self.examples($0.diagnosis.forms, most: 6))" }
        + Self.line("further wrong answers of \(operation)", found.dropFirst(2).map(\.item.id))
    }
    let formless = rest.filter { $0.diagnosis.forms.isEmpty }
    // A uniform number is exact in Float, so a near miss is no arithmetic there.
    let drawn = formless.filter { $0.diagnosis.operation == "uniform" && $0.item.ratio <= 5 }
    let near = formless.filter { $0.diagnosis.operation != "uniform" && $0.item.ratio <= 5 }
    let others = formless.filter { !($0.item.ratio <= 5) }
    return lines
      + Self.line(
        "wrong by a few roundings where a uniform number has none: u = (word >> 8) 2⁻²⁴ exactly", drawn.map(\.item.id))
      + Self.line(
        "wrong in no way that is known, by 1 to 5 bounds, which looks like arithmetic (a fast exp or rsqrt, a one-pass "
          + "variance, factors of lower precision)", near.map(\.item.id))
      + Self.line("wrong in no way that is known", others.map(\.item.id))
  }

  /// "WHAT: 3 cases, …"; nothing of none.
  private static func line(_ what: String, _ ids: [String]) -> [String] {
    ids.isEmpty ? [] : ["\(what): \(ids.count == 1 ? "1 case" : "\(ids.count) cases"), \(examples(ids))"]
  }

  private var isolated: [(id: String, fault: IsolatedFault)] {
    cases.flatMap { item in (item.divergence?.isolated ?? []).map { (id: item.id, fault: $0) } }
  }

  /// The lines of definitions that are wrong on right tensors, that of most cases first; and the cases of all.
  private var wrongLines: (lines: [String], cases: Set<String>) {
    let all = isolated.filter { $0.fault.equation != nil }
    // In some cases a wrong value hides below its bound, and the gradient that follows from it does not.
    let withValues = Set(all.filter { !IsolatedFault.isGradient($0.fault.tensor) }.map(\.fault.operation))
    let faults = all.filter {
      !IsolatedFault.isGradient($0.fault.tensor) || !withValues.contains($0.fault.operation)
    }
    let groups = Dictionary(grouping: faults) { [$0.fault.operation, $0.fault.tensor, $0.fault.equation ?? ""] }
    let sorted = groups.sorted { ($1.value.count, $0.key[0], $0.key[1]) < ($0.value.count, $1.key[0], $1.key[1]) }
    let lines = sorted.prefix(Self.mostFaults).map { key, found in
      let right = found[0].fault.inputs.filter { name in found.allSatisfy { $0.fault.inputs.contains(name) } }
      let form = found.allSatisfy { $0.fault.form == found[0].fault.form } ? found[0].fault.form : nil
      let isLost = form?.hasSuffix(FormFinder.lostDigits) ?? false
      let ratio = found.map(\.fault.ratio).max() ?? 0
      return "\(key[0]): " + right.map { "\($0) right, " }.joined() + "\(key[1]) \(form ?? "wrong"): "
        + "\(isLost ? "its line is" : "the mistake is in its line,") \(key[2])\n"
        + "  in \(found.count == 1 ? "1 case" : "\(found.count) cases")"
        + "\(ratio.isFinite ? ", by up to \(Self.bounds(ratio))" : ""): \(Self.examples(found.map(\.id)))"
    }
    return (lines, Set(all.map(\.id)))
  }

  /// Operations inside steps, blocks and losses that are wrong by themselves, one line for each mistake; and the cases of all.
  ///
  /// Of a case that a named mistake explains whole, another that agrees with one of its tensors is none.
  private func faults(explained: Set<String>) -> (lines: [String], cases: Set<String>) {
    let names = Dictionary(uniqueKeysWithValues: cases.map { ($0.id, $0.diagnosis?.mutants ?? []) })
    var faults = isolated.filter { item in
      guard item.fault.equation == nil else { return false }
      guard explained.contains(item.id), let mutant = item.fault.mutant else { return true }
      return names[item.id, default: []].contains(mutant)
    }
    // A name at one or two of many places of an operation agrees by chance.
    let places = Dictionary(grouping: faults, by: \.fault.operation).mapValues(\.count)
    for (mistake, found) in Dictionary(
      grouping: faults.indices, by: { [faults[$0].fault.operation, faults[$0].fault.mutant] })
    where found.count < 3 && 4 * found.count < places[mistake[0] ?? ""] ?? 0 {
      for i in found { faults[i].fault.mutant = nil }
    }
    let (scaled, rest) = Self.scaledGradients(faults)
    let groups = Dictionary(grouping: rest) { item in
      let what = item.fault.mutant.map { ", agrees with \($0)" } ?? item.fault.form.map { ", \($0)" } ?? ""
      return "\(item.fault.operation) is wrong by itself\(what)"
    }
    // The mistake of most cases first, as it is in each of them.
    let sorted = groups.map { line, found in (line: line, found: found, cases: Set(found.map(\.id)).count) }
      .sorted { ($1.cases, $1.found.count, $0.line) < ($0.cases, $0.found.count, $1.line) }
    let lines = sorted.prefix(Self.mostFaults).map { line, found, cases in
      let (id, fault) = found[0]
      let times = found.count == 1 ? "" : ", \(found.count) times in \(cases == 1 ? "one case" : "\(cases) cases")"
      return "\(line)\(times): \(id) \(fault.tensor) = \(fault.operation)(\(fault.inputs.joined(separator: ", "))), "
        + "\(Self.bounds(fault.ratio)) from the right result on the backend's own inputs"
    }
    let more = sorted.count - lines.count
    return (
      scaled + lines + (more > 0 ? ["… and \(more) more operations that are wrong by themselves"] : []),
      Set(faults.map(\.id))
    )
  }

  /// The operations of a graph that make gradients of parameters.
  private static let parameterGradients: Set = [
    "convolution-weight-gradient", "batch-norm-parameter-gradients", "linear-weight-gradient", "sum-of-rows",
  ]

  /// Cases in which several operations leave gradients of parameters with one factor: it stands behind the backward pass; and all other faults.
  private static func scaledGradients(
    _ faults: [(id: String, fault: IsolatedFault)]
  ) -> (lines: [String], rest: [(id: String, fault: IsolatedFault)]) {
    func factor(_ fault: IsolatedFault) -> String? {
      guard fault.mutant == nil, parameterGradients.contains(fault.operation), let form = fault.form,
        form.hasPrefix("is "),
        form.hasSuffix(" times the right tensor")
      else { return nil }
      return form
    }
    let groups = Dictionary(grouping: faults.filter { factor($0.fault) != nil }) { [$0.id, factor($0.fault) ?? ""] }
      .filter { $0.value.count >= 3 && Set($0.value.map(\.fault.operation)).count >= 2 }
    guard !groups.isEmpty else { return ([], faults) }
    let found = groups.sorted { $0.key[0] < $1.key[0] }
    let line =
      "gradients of parameters have one factor in each case, so it comes after the backward pass (clipping, averaging): "
      + examples(found.map { "\($0.key[0]) \($0.key[1]), \($0.value.count) tensors" })
    return ([line], faults.filter { item in groups[[item.id, factor(item.fault) ?? ""]] == nil })
  }

  /// The first wrong tensors of cases in which no operation is known to be wrong by itself, one line for each set of tensors.
  private func divergences(except explained: Set<String>) -> [String] {
    let diverged = cases.filter { !explained.contains($0.id) }.compactMap { item in
      item.divergence.map { (id: item.id, divergence: $0) }
    }
    let groups = Dictionary(grouping: diverged.filter { !$0.divergence.first.isEmpty }, by: \.divergence.first)
    return groups.sorted { ($1.value.count, $0.value[0].id) < ($0.value.count, $1.value[0].id) }.prefix(8)
      .flatMap { first, found in
        ["first out of bound in \(Self.examples(found.map(\.id))): \(Self.examples(first))"]
          + (found[0].divergence.wanted.isEmpty
            ? [] : ["  to narrow it down, answer also: \(Self.examples(found[0].divergence.wanted, most: 12))"])
      }
  }

  private static let mostFaults = 16

  /// The first few names of a list.
  private static func examples(_ names: [String], most: Int = 4) -> String {
    names.prefix(most).joined(separator: ", ") + (names.count > most ? ", … (\(names.count))" : "")
  }
}
