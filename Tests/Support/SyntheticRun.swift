// Histories as runs of a small recipe might leave them, for tests of what compares histories.
import Foundation

/// A run of two rounds of three epochs and four epochs of stage 2, whose numbers are random around a common course.
package struct SyntheticRun {
  /// The columns beside stage, round and epoch.
  package static let columns = [
    "learningRate", "entropyWeight", "anchors", "total", "L_and", "L_ue", "nearestNeighbours", "consistency",
    "L_assign",
    "head 0", "head 1", "information 0", "information 1",
  ]

  /// Rows of texts by column; a missing one is empty.
  package var rows: [[String: String]] = []

  /// A run of a seed.
  package init(seed: UInt64) {
    var generator = SplitMix(state: seed)
    func around(_ value: Double) -> String { "\(value + Double.random(in: -0.1...0.1, using: &generator))" }
    for round in 0..<2 {
      for epoch in 0..<3 {
        var row = [
          "stage": "1", "round": "\(round)", "epoch": "\(epoch)", "learningRate": epoch < 2 ? "0.03" : "0.003",
        ]
        row["entropyWeight"] = epoch < 2 ? "0.0" : "0.2"
        row["anchors"] = "\(10 * round)"
        row["total"] = around(9 - Double(3 * round + epoch))
        row["L_and"] = around(7 - Double(3 * round + epoch))
        if epoch == 2 {
          row["L_ue"] = around(5)
          row["nearestNeighbours"] = around(0.8)
        }
        if round == 1 { row["consistency"] = epoch == 0 ? around(0.9) : rows[3]["consistency"] }
        rows.append(row)
      }
    }
    for epoch in 0..<4 {
      var row = ["stage": "2", "round": "0", "epoch": "\(epoch)", "learningRate": "0.2"]
      for name in ["total", "L_assign", "head 0", "head 1", "information 0", "information 1"] {
        row[name] = around(-1 - Double(epoch))
      }
      rows.append(row)
    }
  }

  /// The text of history.csv, with all columns but some.
  package func csv(without left: Set<String> = []) -> String {
    let names = ["stage", "round", "epoch"] + Self.columns.filter { !left.contains($0) }
    let lines = rows.map { row in names.map { row[$0] ?? "" }.joined(separator: ",") }
    return ([names.joined(separator: ",")] + lines).map { "\($0)\n" }.joined()
  }

  /// The run with something added to every number of a column in the given rows.
  package func adding(_ amount: Double, to column: String, in places: ClosedRange<Int>) -> SyntheticRun {
    var changed = self
    for place in places {
      changed.rows[place][column] = rows[place][column].flatMap { Double($0) }.map { "\($0 + amount)" }
    }
    return changed
  }
}
