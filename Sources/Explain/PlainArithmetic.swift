// Sums and products as one writes them on paper: what explanations compute is not the library's code a second time.
// Tests    ExplainTests/ExplainTests.swift
import Kernels
import Networks

/// Rows of numbers.
package typealias Rows = [[Double]]

/// Σ_d a_d b_d.
func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

/// ‖a‖.
func length(_ a: [Double]) -> Double { dot(a, a).squareRoot() }

/// a_i · b_j for every pair of rows.
func products(_ a: Rows, _ b: Rows) -> Rows { a.map { row in b.map { dot(row, $0) } } }

/// Every number changed by itself.
func each(_ rows: Rows, _ change: (Double) -> Double) -> Rows { rows.map { $0.map(change) } }

/// Every row over its sum.
func shares(_ rows: Rows) -> Rows {
  rows.map { row in
    let sum = total(row)
    return row.map { $0 / sum }
  }
}

/// Σ_d a_d.
func total(_ a: [Double]) -> Double { a.reduce(0, +) }

/// The mean.
func mean(_ a: [Double]) -> Double { total(a) / Double(a.count) }

/// Columns for rows.
func transposed(_ rows: Rows) -> Rows { (rows.first ?? []).indices.map { j in rows.map { $0[j] } } }

/// Names with running numbers, such as "p₀", "p₁", "p₂".
func numbered(_ name: String, _ count: Int) -> [String] { (0..<count).map { name + subscripted($0) } }

/// A number in small digits below the line.
package func subscripted(_ number: Int) -> String {
  String(
    String(
      String.UnicodeScalarView(String(number).unicodeScalars.compactMap { Unicode.Scalar($0.value - 48 + 0x2080) })))
}

extension Tensor where Scalar == Double {
  /// The rows of a matrix.
  var list: Rows { (0..<rows).map { Array(row($0)) } }
}
