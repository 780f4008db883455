// The kill matrix as a picture: mutants' areas in rows, cases' areas in columns, a disc for the share of mutants that are killed.
// Tests    OracleTests/KillMatrixTests.swift    Fixture  Fixtures/power/matrix.svg
import Networks

extension KillMatrix {
  /// An SVG file of one profile, readable on light and dark grounds.
  package func picture(of profile: Profile) -> String {
    let (mutants, cases, counts, totals) = areas(in: profile)
    let (left, top, cell) = (118, 96, 26)
    let (width, height) = (left + cell * cases.count + 150, top + cell * mutants.count + 34)
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(width) \(height)\" width=\"\(width)\" height=\"\(height)\" "
        + "font-family=\"sans-serif\" font-size=\"12\">",
      "<rect width=\"\(width)\" height=\"\(height)\" fill=\"#fbfaf7\"/>",
      "<text x=\"8\" y=\"20\" font-size=\"14\" fill=\"#222\">Mutants killed by ten bounds or more, \(profile.rawValue)</text>",
      "<text x=\"8\" y=\"38\" fill=\"#666\">rows: areas of mutants; columns: areas of cases; a full disc: all of them</text>",
    ]
    for (c, name) in cases.enumerated() {
      let x = left + cell * c + cell / 2
      lines.append(
        "<text x=\"\(x)\" y=\"\(top - 6)\" fill=\"#222\" transform=\"rotate(-50 \(x) \(top - 6))\">\(name)</text>")
    }
    for (r, name) in mutants.enumerated() {
      let y = top + cell * r + cell / 2
      if r % 2 == 0 {
        lines.append(
          "<rect x=\"0\" y=\"\(y - cell / 2)\" width=\"\(width)\" height=\"\(cell)\" fill=\"#f0ede4\"/>")
      }
      lines.append("<text x=\"\(left - 8)\" y=\"\(y + 4)\" text-anchor=\"end\" fill=\"#222\">\(name)</text>")
      for c in cases.indices where counts[r][c] > 0 {
        let share = Double(counts[r][c]) / Double(max(1, totals[r]))
        let radius = (Double(cell) / 2 - 2) * share.squareRoot()
        let x = left + cell * c + cell / 2
        lines.append(
          "<circle cx=\"\(x)\" cy=\"\(y)\" r=\"\((radius * 10).rounded() / 10)\" fill=\"#2f6f8f\">"
            + "<title>\(counts[r][c]) of \(totals[r]) \(name) mutants by \(cases[c]) cases</title></circle>")
      }
      let killed = Set(entries.filter { $0.kills(profile) && $0.mutant.hasPrefix(name + ".") }.map(\.mutant)).count
      lines.append(
        "<text x=\"\(left + cell * cases.count + 12)\" y=\"\(y + 4)\" fill=\"#222\">\(killed) of \(totals[r])</text>")
    }
    return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
  }
}
