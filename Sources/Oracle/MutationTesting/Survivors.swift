// What a kill matrix says: who survives, what a case is good for, and a picture with one cell for each area of mutants and of cases.
// Tests    OracleTests/KillMatrixTests.swift
import Kernels
import Networks

extension KillMatrix {
  /// The largest margin of a mutant in a profile, over all cases.
  package func margin(of mutant: String, in profile: Profile) -> Double {
    guard let index = KillMatrix.profiles.firstIndex(of: profile) else { return 0 }
    return entries.reduce(0) { $1.mutant == mutant ? max($0, $1.margins[index]) : $0 }
  }

  /// The mutants that no case kills in a profile, without those that are legal in it.
  package func survivors(of mutants: [Mutant] = Mutants.all, in profile: Profile) -> [Mutant] {
    let killed = Set(entries.filter { $0.kills(profile) }.map(\.mutant))
    return mutants.filter { !killed.contains($0.name) && $0.equivalence(in: profile) == nil }
  }

  /// The mutants that a case kills in a profile, by falling margin.
  package func kills(by id: String, in profile: Profile) -> [Entry] {
    guard let index = KillMatrix.profiles.firstIndex(of: profile) else { return [] }
    return entries.filter { $0.id == id && $0.kills(profile) }.sorted {
      ($1.margins[index], $0.mutant) < ($0.margins[index], $1.mutant)
    }
  }

  /// What this stored matrix says otherwise than one that was just computed: in words, for the mutants of the other.
  ///
  /// Margins may differ by a fiftieth: other processors fuse otherwise, and mutants that round in Float follow them.
  package func differences(from computed: KillMatrix) -> [String] {
    if corpus != computed.corpus { return ["the stored matrix is of another corpus: \(corpus)"] }
    func table(_ entries: [Entry]) -> [String: Entry] {
      Dictionary(entries.map { ($0.mutant + " " + $0.id, $0) }) { first, _ in first }
    }
    let mutants = Set(computed.entries.map(\.mutant))
    let ids = Set(computed.entries.map(\.id))
    let (stored, found) = (
      table(entries.filter { mutants.contains($0.mutant) && ids.contains($0.id) }), table(computed.entries)
    )
    return Set(stored.keys).union(found.keys).sorted().compactMap { key in
      let (old, new) = (stored[key]?.margins ?? [0, 0, 0, 0], found[key]?.margins ?? [0, 0, 0, 0])
      let agree = zip(old, new).allSatisfy { old, new in
        // Below one bound a margin is rounding.
        old == new || max(old, new) < 1 || abs(old - new) <= 0.02 * max(old, new)
      }
      return agree ? nil : "\(key): the stored matrix has margins \(old), not \(new)"
    }
  }

  /// Areas of mutants × areas of cases: how many mutants of the one a case of the other kills in a profile.
  package func areas(in profile: Profile) -> (mutants: [String], cases: [String], counts: [[Int]], totals: [Int]) {
    func area(_ name: String, _ stop: Character) -> String { String(name.prefix { $0 != stop }) }
    let mutants = Set(entries.map { area($0.mutant, ".") }).sorted()
    let cases = Set(entries.map { area($0.id, "/") }).sorted()
    var killed: [String: Set<String>] = [:]
    for entry in entries where entry.kills(profile) {
      killed[area(entry.mutant, ".") + " " + area(entry.id, "/"), default: []].insert(entry.mutant)
    }
    let counts = mutants.map { row in cases.map { killed[row + " " + $0]?.count ?? 0 } }
    return (mutants, cases, counts, mutants.map { row in Set(entries.map(\.mutant)).count { area($0, ".") == row } })
  }
}

extension Mutant {
  /// Why this mutant is no mistake in a profile; nil where it is one.
  package func equivalence(in profile: Profile) -> String? {
    guard name == "precision.tensor-float", profile == .tf32 || profile == .bfloat16 else { return nil }
    return "\(profile.rawValue) allows factors of \(profile == .tf32 ? 11 : 8) significant bits, and TF32 has 11"
  }
}
