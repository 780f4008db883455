// `tsuc oracle converge`: whether runs of another program converge as this package's do.
// Tests    tsuc-oracleTests/OracleConvergeTests.swift
import Commands
import Foundation
import Oracle

extension Command {
  /// Runs beside stored runs.
  static let oracleConverge = Command(
    name: "oracle converge", summary: "judge whether runs of another program converge as this package's do",
    details: """
      Training is chaotic: no two correct programs take the same path, but their runs have one distribution. Each RUN is a
      folder with history.csv, or such a file, of another seed of the recipe "digits", with the columns that "tsuc train"
      writes. All their numbers are tested at once beside those of 20 stored runs; among those themselves so many runs are
      called different in 5 % of all choices. Give all runs of a program together; three to five show much more than one.
      Exit status 0: inside. 1: outside, with the term, part and epochs. 2: the runs cannot be compared.
      With --measure the runs become the bands of a new file, and nothing is judged.
      """,
    operands: [Operand(name: "RUN...", help: "one or more runs")], takesMore: true,
    options: [
      Option("bands", "FILE", "other bands, from --measure (Fixtures/convergence/digits.json of this package)"),
      Option("json", "FILE", "a new file with every way out of the bands"),
      Option("measure", "FILE", "a new file that keeps the runs, 20 or more, as bands"),
      Option("recipe", "NAME", "what bands that are measured call their recipe; default digits"),
    ]
  ) { arguments, console in
    for option in ["json", "measure"] {
      if let file = arguments[option], CorpusFiles.exists(file) {
        throw UsageError("\(file) exists already and is not overwritten")
      }
    }
    let runs = try forOracle { try arguments.operands.map { try RunCurves(reading: $0) } }
    if let file = arguments["measure"] {
      let bands = try forOracle { try ConvergenceBands(recipe: arguments["recipe"] ?? "digits", runs) }
      try writeForOracle(bands.encoded, to: file)
      return try console.write(bands.table)
    }
    let report = try forOracle {
      try ConvergenceReport(runs, beside: ConvergenceBands(reading: arguments["bands"] ?? ConvergenceBands.ownPath))
    }
    if let file = arguments["json"] { try writeForOracle(report.encoded, to: file) }
    try console.write(report.description)
    guard report.passed else {
      let runs = report.runCount == 1 ? "the run does" : "the \(report.runCount) runs do"
      throw RunError("\(runs) not converge as the stored ones do (p = \(decimals(report.test.pValue, 4)))")
    }
  }
}

extension ConvergenceBands {
  /// Quantiles over the runs, of every part's first and last number of each term.
  fileprivate var table: String {
    let rows = ends.map { point -> [String] in
      let values = values(at: point)
      let quantiles = [0, 0.05, 0.5, 0.95, 1].map { share in
        decimals(values[Int((share * Double(values.count - 1)).rounded())], 4)
      }
      return ["\(point.term) of \(point.part), epoch \(point.epoch)"] + quantiles
    }
    return TextTable(header: ["\(runs.count) runs", "lowest", "5 %", "median", "95 %", "highest"], rows: rows).text
  }
}
