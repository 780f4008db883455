// Tables of plain text: the first column to the left, the others to the right.
// Tests    CommandsTests/TextTableTests.swift
import Foundation

/// A table with a header.
package struct TextTable: Sendable, Equatable {
  /// The names of the columns.
  package let header: [String]
  /// The cells of each line; a missing cell is empty.
  package let rows: [[String]]

  /// A table of a header and lines.
  package init(header: [String], rows: [[String]]) { (self.header, self.rows) = (header, rows) }

  /// The lines, each ended by a line break.
  package var text: String {
    let widths = header.indices.map { column in
      ([header] + rows).map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
    }
    func line(_ cells: [String]) -> String {
      let padded = header.indices.map { column -> String in
        let cell = cells.indices.contains(column) ? cells[column] : ""
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + space : space + cell
      }
      var line = padded.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }
    let rule = String(repeating: "-", count: widths.reduce(0, +) + 2 * max(0, widths.count - 1)) + "\n"
    return line(header) + rule + rows.map(line).joined()
  }
}

/// A number with a fixed number of decimals; "nan" and "inf" where it is none.
package func decimals(_ value: Double, _ digits: Int) -> String {
  String(format: "%.\(digits)f", locale: Locale(identifier: "en_US_POSIX"), value)
}

/// A share in per cent with two decimals, or a dash where there is none.
package func percent(_ share: Double?) -> String { share.map { decimals(100 * $0, 2) } ?? "-" }

/// A time: "48 s", "3 min 5 s", "2 h 1 min".
package func duration(_ seconds: Double) -> String {
  guard seconds.isFinite && seconds < 1e9 else { return "?" }
  let whole = Int(max(0, seconds).rounded())
  switch whole {
  case ..<100: return "\(whole) s"
  case ..<6000: return "\(whole / 60) min \(whole % 60) s"
  default: return "\(whole / 3600) h \(whole / 60 % 60) min"
  }
}

extension String {
  /// Spaces at the end up to a width.
  package func filled(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
