// The layout of explanations: aligned tables of numbers, numbers of a fixed look, wrapped sentences.
// Tests    ExplainTests/NumberTableTests.swift
import Commands
import Foundation

/// A table of numbers under a caption.
package struct NumberTable: Sendable, Equatable {
  /// One number, or what stands in its place.
  package enum Cell: Sendable, Equatable {
    /// Six decimals, or an exponent where those would say little.
    case number(Double)
    /// An index or a count.
    case whole(Int)
    /// 32 bits in hexadecimal.
    case word(UInt32)
    /// A word.
    case name(String)
    /// No number belongs here.
    case none

    var text: String {
      switch self {
      case .number(let value): fixed(value)
      case .whole(let value): String(value)
      case .word(let value): formatted("%08x", value)
      case .name(let name): name
      case .none: "·"
      }
    }
  }

  /// A line with its name.
  package struct Row: Sendable, Equatable {
    /// What stands before the cells.
    package let name: String
    /// One for each column.
    package let cells: [Cell]
  }

  /// What the numbers are; a line above the table, or none if it is empty.
  package let caption: String
  /// The names of the columns.
  package let columns: [String]
  /// The lines.
  package let rows: [Row]

  /// A table of cells of any kind.
  package init(_ caption: String, columns: [String], rows: [(String, [Cell])]) {
    (self.caption, self.columns) = (caption, columns)
    self.rows = rows.map { Row(name: $0.0, cells: $0.1) }
  }

  /// A table of real numbers alone.
  init(_ caption: String, columns: [String], names: [String], numbers: [[Double]]) {
    self.init(caption, columns: columns, rows: zip(names, numbers).map { ($0, $1.map(Cell.number)) })
  }

  /// The caption, the header and the rows, every column to the right.
  var lines: [String] {
    let names = [""] + rows.map(\.name)
    let cells = [columns] + rows.map { $0.cells.map(\.text) }
    let first = names.map(\.count).max() ?? 0
    let widths = columns.indices.map { column in
      cells.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    let body = zip(names, cells).map { name, line in
      let padded = line.enumerated().map { String(repeating: " ", count: max(0, widths[$0] - $1.count)) + $1 }
      return ([name.filled(to: first)] + padded).joined(separator: "  ").trimmedAtTheEnd
    }
    return (caption.isEmpty ? [] : [caption]) + (columns.allSatisfy(\.isEmpty) ? Array(body.dropFirst()) : body)
  }
}

/// Six decimals; an exponent for what is very small or very large; 0 and infinities by name.
func fixed(_ value: Double) -> String {
  if value == 0 { return "0" }
  if !value.isFinite { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
  return (0.0005..<1e6).contains(abs(value)) ? formatted("%.6f", value) : formatted("%.3e", value).lowercased()
}

/// One digit and the exponent, as differences are told.
func magnitude(_ value: Double) -> String { value == 0 ? "0" : formatted("%.0e", value).lowercased() }

/// As few decimals as tell the number, at most six.
func short(_ value: Double) -> String {
  var text = fixed(value)
  if text.contains(".") && !text.contains("e") {
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
  }
  return text
}

/// A number in a C format, with a decimal point in every country.
func formatted(_ format: String, _ value: any CVarArg) -> String {
  String(format: format, locale: Locale(identifier: "en_US_POSIX"), value)
}

/// Lines of at most `width` characters, broken at spaces.
func wrapped(_ text: String, width: Int) -> [String] {
  var lines: [String] = []
  for word in text.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
    if let last = lines.last, last.count + 1 + word.count <= width {
      lines[lines.count - 1] = last + " " + word
    } else {
      lines.append(String(word))
    }
  }
  return lines
}

extension String {
  fileprivate var trimmedAtTheEnd: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
