// Matrices whose entries carry the scale of their rounding error.
// Tests    OracleTests/TrackedNumberTests.swift
import Kernels
import Networks

/// A matrix of values with the scales of their errors, row-major.
struct TrackedMatrix {
  let rows: Int
  let columns: Int
  var values: [TrackedNumber]

  init(rows: Int, columns: Int, values: [TrackedNumber]) {
    require(values.count == rows * columns, "\(values.count) values for \(rows) × \(columns)")
    (self.rows, self.columns, self.values) = (rows, columns, values)
  }

  /// A matrix of numbers that every precision holds.
  init(exact tensor: Tensor<Double>) {
    self.init(
      rows: tensor.rows, columns: tensor.columns,
      values: tensor.values.enumerated().map { TrackedNumber(exact: $1, index: $0) })
  }

  func row(_ i: Int) -> [TrackedNumber] { Array(values[i * columns..<(i + 1) * columns]) }

  /// Some of the rows.
  func rows(_ range: Range<Int>) -> TrackedMatrix {
    TrackedMatrix(
      rows: range.count, columns: columns,
      values: Array(values[range.lowerBound * columns..<range.upperBound * columns])
    )
  }

  var transposed: TrackedMatrix {
    TrackedMatrix(
      rows: columns, columns: rows, values: (0..<rows * columns).map { values[$0 % rows * columns + $0 / rows] })
  }

  /// A Bᵀ.
  func multiplied(byTransposed other: TrackedMatrix) -> TrackedMatrix {
    let (left, right) = ((0..<rows).map(row), (0..<other.rows).map(other.row))
    let rounding = ProductRounding.ofMatrices
    let products = Parallel.map(rows) { a in right.map { TrackedNumber.dot(left[a], $0, rounding: rounding) } }
    return TrackedMatrix(rows: rows, columns: other.rows, values: products.flatMap { $0 })
  }

  /// A B.
  func multiplied(by other: TrackedMatrix) -> TrackedMatrix { multiplied(byTransposed: other.transposed) }

  func map(_ transform: (TrackedNumber) -> TrackedNumber) -> TrackedMatrix {
    TrackedMatrix(rows: rows, columns: columns, values: values.map(transform))
  }

  static func + (a: TrackedMatrix, b: TrackedMatrix) -> TrackedMatrix {
    TrackedMatrix(rows: a.rows, columns: a.columns, values: zip(a.values, b.values).map { $0 + $1 })
  }

  /// The scale of the values under the matrix's shape, or another of the same size.
  func scale(longestSum: Int, shape: [Int]? = nil) -> RoundingScale {
    TrackedNumber.scale(of: values, shape: shape ?? [rows, columns], longestSum: longestSum)
  }
}

extension TrackedNumber {
  /// The scale of a single number.
  func scale(longestSum: Int) -> RoundingScale {
    Self.scale(of: [self], shape: [], longestSum: longestSum)
  }
}
