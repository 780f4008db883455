// `tsuc oracle power`: wrong implementations against the corpus, and against the tolerances that others use.
// Tests    tsuc-oracleTests/OraclePowerTests.swift
import Commands
import Files
import Foundation
import Oracle

extension Command {
  /// Mutants × cases × profiles.
  static let oraclePower = Command(
    name: "oracle power", summary: "run every known mistake on every case: which case finds which, by how much",
    details: """
      A mutant is a wrong implementation that this package knows. Its margin on a case is the largest deviation over the
      bound; a case kills it with 10 or more. Without options: all mutants on all cases, and what survives. Exit status 1:
      a mutant survives in float64 or float32, a case kills none, or Fixtures/power/matrix.json says otherwise.
      """,
    options: [
      Option("mutant", "NAME", "one mutant, such as aug.no-stop-gradient, or all of an area: aug"),
      Option("case", "ID", "one case, such as loss/batch-loss-paper"), .area, .corpus,
      Option("tolerances", nil, "the same mutants under tolerances in common use"),
      Option("out", "FILE", "a new file with the matrix"), Option("picture", "FILE", "a new SVG file with the matrix"),
    ]
  ) { arguments, console in
    for file in [arguments["out"], arguments["picture"]].compactMap({ $0 }) where CorpusFiles.exists(file) {
      throw UsageError("\(file) exists already and is not overwritten")
    }
    let corpus = try arguments.corpus()
    let mutants = try arguments.mutants()
    let ids = try arguments.cases(of: corpus)
    if arguments["tolerances"] != nil { return try console.writeTolerances(corpus, mutants, ids) }
    let matrix = try forOracle { try corpus.killMatrix(of: mutants, on: ids) }
    for (file, bytes) in [
      (arguments["out"], matrix.encoded), (arguments["picture"], Array(matrix.picture(of: .float32).utf8)),
    ] {
      guard let file else { continue }
      do throws(RunError) { try writeNewFile(Data(bytes), to: file) } catch { throw UsageError(error.description) }
    }
    if arguments["mutant"] != nil || arguments["case"] != nil {
      return try console.write(table(of: matrix, names: arguments["case"] != nil))
    }
    try console.write(summary(of: matrix, mutants))
    // What a part of the cases leaves alive says nothing. The bounds of tf32 and bfloat16 are thousands of times wider: what they
    // leave is told above, with its margin.
    guard ids.count == corpus.manifest.cases.count else { return }
    var problems = [Profile.float64, .float32].flatMap { profile in
      matrix.survivors(of: mutants, in: profile).map { "\($0.name) survives in \(profile.rawValue)" }
    }
    problems += ids.filter { id in matrix.kills(by: id, in: .float32).isEmpty }.map { "\($0) kills no mutant" }
    if CorpusFiles.exists(KillMatrix.ownPath), arguments["corpus"] == nil {
      problems += try forOracle { try KillMatrix(reading: KillMatrix.ownPath).differences(from: matrix) }
    }
    guard problems.isEmpty else {
      let most = 40
      let rest = problems.count > most ? "\n… and \(problems.count - most) more" : ""
      throw RunError(problems.prefix(most).joined(separator: "\n") + rest)
    }
  }

  /// One line for each entry, the largest margins first.
  private static func table(of matrix: KillMatrix, names: Bool) -> String {
    let rows = matrix.entries.sorted { $1.margins[1] < $0.margins[1] }.map { entry in
      [names ? entry.mutant : entry.id] + (names ? [] : [entry.mutant]) + entry.margins.map(shortMargin)
    }
    let heads = (names ? ["mutant"] : ["case", "mutant"]) + KillMatrix.profiles.map(\.rawValue)
    return TextTable(header: heads, rows: rows).text
      + "\(rows.count) pairs of a mutant and a case with different answers\n"
  }

  private static func summary(of matrix: KillMatrix, _ mutants: [Mutant]) -> String {
    let areas = Set(mutants.map { String($0.name.prefix { $0 != "." }) }).sorted()
    let rows = areas.map { area in
      let own = mutants.filter { $0.name.hasPrefix(area + ".") }
      let least = own.map { matrix.margin(of: $0.name, in: .float32) }.min() ?? 0
      return [area, "\(own.count)"]
        + KillMatrix.profiles.map { profile in
          "\(own.count { matrix.margin(of: $0.name, in: profile) >= KillMatrix.leastMargin })"
        } + [shortMargin(least)]
    }
    let legal = KillMatrix.profiles.flatMap { profile in
      mutants.compactMap { mutant in
        mutant.equivalence(in: profile).map { "legal in \(profile.rawValue): \(mutant.name): \($0)\n" }
      }
    }
    let weak = [Profile.tf32, .bfloat16].map { profile in
      let names = matrix.survivors(of: mutants, in: profile).map {
        "\($0.name) (\(shortMargin(matrix.margin(of: $0.name, in: profile))))"
      }
      return names.isEmpty ? "" : "not by 10 bounds in \(profile.rawValue): \(names.joined(separator: ", "))\n"
    }
    return TextTable(
      header: ["area", "mutants"] + KillMatrix.profiles.map(\.rawValue) + ["least float32 margin"], rows: rows
    ).text
      + "\(mutants.count) mutants, \(matrix.entries.count) pairs of a mutant and a case with different answers; corpus \(matrix.corpus)\n"
      + legal.joined() + weak.joined()
  }
}

/// Three significant digits.
private func shortMargin(_ margin: Double) -> String {
  margin == .infinity ? "exact" : String(format: margin < 1000 ? "%.3g" : "%.2e", margin)
}

extension Arguments {
  /// The mutants of the option "mutant": one by its name, or an area.
  fileprivate func mutants() throws -> [Mutant] {
    guard let name = self["mutant"] else { return Mutants.all }
    let found = Mutants.all.filter { $0.name == name || $0.name.hasPrefix(name + ".") }
    guard found.isEmpty else { return found }
    let nearest = nearestNames(to: name, among: Mutants.all.map(\.name)).joined(separator: " or ")
    throw UsageError("there is no mutant \"\(name)\"; did you mean \(nearest)? \"tsuc oracle power\" counts them all")
  }

  /// The cases of the options "case" and "area".
  fileprivate func cases(of corpus: Corpus) throws -> [String] {
    let area = try area(among: corpus.areas)
    if let id = self["case"] {
      guard corpus.manifest.cases.contains(id) else { throw Command.unknownCase(id, among: corpus.manifest.cases) }
      return [id]
    }
    return corpus.manifest.cases.filter { area == nil || $0.hasPrefix("\(area ?? "")/") }
  }
}

extension Console {
  /// The table of tolerances.
  fileprivate func writeTolerances(_ corpus: Corpus, _ mutants: [Mutant], _ ids: [String]) throws {
    let verdicts = try forOracle { try corpus.verdicts(mutants: mutants, ids: ids) }
    let matrix = try forOracle { try corpus.killMatrix(of: mutants, on: ids) }
    let met = Set(matrix.entries.map(\.mutant)).count
    var rows = zip(Tolerance.common, verdicts).map { tolerance, verdict in
      [
        tolerance.name, tolerance.formula, "\(verdict.survivors.count) of \(met)",
        "\(verdict.refusals.count) of \(ids.count)",
      ]
    }
    let survivors = Set(matrix.entries.map(\.mutant)).count { matrix.margin(of: $0, in: .float32) <= 1 }
    rows.append([
      "this corpus's bounds, float32", "|Δ| ≤ bound of the element", "\(survivors) of \(met)", "0 of \(ids.count)",
    ])
    try write(TextTable(header: ["tolerance", "rule", "wrong ones accepted", "right ones refused"], rows: rows).text)
    for (tolerance, verdict) in zip(Tolerance.common, verdicts) where !verdict.survivors.isEmpty {
      try write("\(tolerance.name) accepts \(verdict.survivors.joined(separator: ", "))\n")
    }
  }
}
