// What the diagnoses of a report come to, in words: mistakes by the number of cases that they explain, then first divergences.
// Tests    OracleTests/DiagnosisTests.swift
import Kernels
import Networks

extension CheckReport {
  /// The lines between the failures and the totals; none where nothing was diagnosed.
  var diagnosisLines: [String] { mistakes + divergences }

  private var mistakes: [String] {
    let diagnosed = cases.compactMap { item in item.diagnosis.map { (item: item, diagnosis: $0) } }
    let groups = Dictionary(grouping: diagnosed) { $0.diagnosis.mutants }
    let sorted = groups.sorted { ($1.value.count, $0.key.joined()) < ($0.value.count, $1.key.joined()) }
    let known = sorted.filter { !$0.key.isEmpty }.flatMap { mutants, found in
      let distance = found.map(\.diagnosis.distance).max() ?? 0
      let verb = mutants.count == 1 ? "explains" : "explain"
      // Failing cases of the same operations that it does not explain speak against it, or for a second mistake.
      let operations = Set(found.map(\.diagnosis.operation))
      let all = diagnosed.count { operations.contains($0.diagnosis.operation) }
      return [
        "\(mutants.joined(separator: " and ")) \(verb) \(found.count) of \(all) failing cases of "
          + "\(Self.examples(operations.sorted())), \(distance == 0 ? "exactly" : "to \(Self.short(distance))"): "
          + Self.examples(found.map(\.item.id))
      ] + (found.first?.diagnosis.mistakes ?? []).map { "  \($0.mistake); right is: \($0.remedy)" }
    }
    let unknown = groups[[]] ?? []
    let forms = unknown.filter { !$0.diagnosis.forms.isEmpty }
    let near = unknown.filter { $0.diagnosis.forms.isEmpty && $0.item.ratio <= 5 }
    let others = unknown.filter { $0.diagnosis.forms.isEmpty && !($0.item.ratio <= 5) }
    return known + forms.prefix(8).map { "\($0.item.id): \($0.diagnosis.forms.joined(separator: "; "))" }
      + Self.line("no known mistake explains", forms.dropFirst(8).map(\.item.id))
      + Self.line(
        "no known mistake explains, and a miss of 1 to 5 bounds looks like arithmetic (a fast exp or rsqrt, a one-pass "
          + "variance, factors of lower precision)", near.map(\.item.id))
      + Self.line("no known mistake explains", others.map(\.item.id))
  }

  /// "WHAT 3 cases: …"; nothing of none.
  private static func line(_ what: String, _ ids: [String]) -> [String] {
    ids.isEmpty ? [] : ["\(what): \(ids.count == 1 ? "1 case" : "\(ids.count) cases"), \(examples(ids))"]
  }

  private var divergences: [String] {
    cases.flatMap { item -> [String] in
      guard let divergence = item.divergence else { return [] }
      var lines = ["\(item.id): first out of bound: \(Self.examples(divergence.first))"]
      for fault in divergence.isolated.prefix(8) {
        let agreement = fault.mutant.map { ", agrees with \($0)" } ?? ""
        lines.append(
          "  wrong by itself: \(fault.tensor) = \(fault.operation)(\(fault.inputs.joined(separator: ", "))), "
            + "\(Self.short(fault.ratio)) bounds from the right result on the backend's own inputs\(agreement)")
      }
      if divergence.isolated.count > 8 { lines.append("  … and \(divergence.isolated.count - 8) more") }
      if !divergence.wanted.isEmpty {
        lines.append("  to narrow it down, answer also: \(Self.examples(divergence.wanted, most: 12))")
      }
      return lines
    }
  }

  /// The first few names of a list.
  private static func examples(_ names: [String], most: Int = 4) -> String {
    names.prefix(most).joined(separator: ", ") + (names.count > most ? ", … (\(names.count))" : "")
  }
}
