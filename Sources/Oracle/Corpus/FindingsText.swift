// What the diagnoses of a report come to, in words: mistakes by the number of cases that they explain, then first divergences.
// Tests    OracleTests/DiagnosisTests.swift
import Kernels
import Networks

extension CheckReport {
  /// The lines between the failures and the totals; none where nothing was diagnosed.
  var diagnosisLines: [String] { mistakes + divergences }

  private var mistakes: [String] {
    let diagnosed = cases.compactMap { item in item.diagnosis.map { (item.id, $0) } }
    let groups = Dictionary(grouping: diagnosed) { $0.1.mutants }
    let sorted = groups.sorted { ($1.value.count, $0.key.joined()) < ($0.value.count, $1.key.joined()) }
    let known = sorted.filter { !$0.key.isEmpty }.flatMap { mutants, found in
      let distance = found.map(\.1.distance).max() ?? 0
      let agreement = distance == 0 ? "exactly" : "to \(Self.short(distance))"
      let count = found.count == 1 ? "1 case agrees" : "\(found.count) cases agree"
      return ["\(count) with \(mutants.joined(separator: " and ")) \(agreement): \(Self.examples(found.map(\.0)))"]
        + (found.first?.1.mistakes ?? []).map { "  \($0.mistake); right is: \($0.remedy)" }
    }
    guard let unknown = groups[[]] else { return known }
    let count = unknown.count == 1 ? "1 case agrees" : "\(unknown.count) cases agree"
    return known + ["\(count) with no known mistake: \(Self.examples(unknown.map(\.0)))"]
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
