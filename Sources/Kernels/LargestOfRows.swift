// The places of the largest values of each row of a matrix.
//
//     sixteen values at a time:   none above the smallest kept value → nothing to do;   otherwise insert them one by one
//
// Tests    KernelsTests/LargestOfRowsTests.swift

/// For each row the columns of its `count` largest values, the largest first, the lower column first among equals.
///
/// NaN counts as −∞.
///
/// - Parameters:
///   - count: At least 1, less than the number of columns.
///   - values: rows × columns, row-major.
///   - columns: The length of a row.
///   - excluded: For each row one column that does not take part.
/// - Returns: rows × count.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func largestOfRows<Scalar: RealScalar>(
  _ count: Int, _ values: [Scalar], columns: Int, excluding excluded: [Int]
) -> [Int] {
  require(
    values.count == excluded.count * columns, "\(excluded.count) rows of \(columns) columns, but \(values.count) values"
  )
  require((1..<max(2, columns)).contains(count), "the largest \(count) of \(columns) columns without one")
  var found = [Int](repeating: 0, count: excluded.count * count)
  unsafe values.withUnsafeBufferPointer { buffer in
    guard let base = buffer.baseAddress else { return }
    nonisolated(unsafe) let start = unsafe base
    Parallel.forEachBlock(of: &found, blockSize: count) { row, best in
      unsafe findLargest(start + row * columns, columns: columns, except: excluded[row], into: &best)
    }
  }
  return found
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func findLargest<Scalar: RealScalar>(
  _ row: UnsafePointer<Scalar>, columns: Int, except own: Int, into best: inout MutableSpan<Int>
) {
  let count = best.count
  func value(_ column: Int) -> Scalar {
    let value = unsafe row[column]
    return value.isNaN ? -.infinity : value
  }
  var size = 0
  // The smallest kept value, once there are enough: a later column displaces only what is strictly smaller.
  var threshold = -Scalar.infinity
  for first in stride(from: 0, to: columns, by: 16) {
    let width = min(16, columns - first)
    if size == count && width == 16 {
      let group = unsafe UnsafeRawPointer(row + first).loadUnaligned(as: SIMD16<Scalar>.self)
      if !any(group .> threshold) { continue }
    }
    for column in first..<first + width where column != own {
      let candidate = value(column)
      if size == count && !(candidate > threshold) { continue }
      var index = min(size, count - 1)
      while index > 0, candidate > value(best[index - 1]) {
        best[index] = best[index - 1]
        index -= 1
      }
      best[index] = column
      size = min(size + 1, count)
      if size == count { threshold = value(best[count - 1]) }
    }
  }
}
