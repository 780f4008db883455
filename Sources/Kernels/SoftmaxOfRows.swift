// Element-wise exponentials and logarithms, and the softmax family over the rows of a matrix.
//
//     m = max_j z_j (0 if it is infinite),   S = Σ_j exp(z_j − m),
//     log-sum-exp = m + log S,   softmax_j = exp(z_j − m) / S,   log-softmax_j = (z_j − m) − log S
//     entropy = log S − Σ_j (z_j − m) exp(z_j − m) / S
//
// S is summed in the order of Reductions.swift. A row belongs to one thread; rows are spread over the threads.
// Tests    KernelsTests/SoftmaxOfRowsTests.swift

/// Replaces every value by its exponential.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func expInPlace<Scalar: RealScalar>(_ values: inout [Scalar]) {
  Parallel.forEachBlock(of: &values, blockSize: parallelBlock) { _, elements in
    unsafe elements.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return }
      unsafe expInPlace(start, minus: 0, count: buffer.count)
    }
  }
}

/// Replaces every value by its natural logarithm.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func logInPlace<Scalar: RealScalar>(_ values: inout [Scalar]) {
  Parallel.forEachBlock(of: &values, blockSize: parallelBlock) { _, elements in
    unsafe elements.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return }
      unsafe logInPlace(start, count: buffer.count)
    }
  }
}

/// The log-sum-exp of every row: log Σ_j exp(z[i, j]).
///
/// Entries of −∞ count as absent; a row of nothing else gives −∞. An entry of +∞ gives +∞, an entry of NaN gives NaN.
/// m + log S is added in Double and rounded once, so a single entry comes back unchanged.
///
/// - Parameters:
///   - values: rows × columns, row-major; at least one column.
///   - columns: The length of a row.
/// - Returns: rows values.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func logSumExpOfRows<Scalar: RealScalar>(_ values: [Scalar], columns: Int) -> [Scalar] {
  requireRows(values.count, columns)
  let rowsPerBlock = max(1, parallelBlock / columns)
  var results = [Scalar](repeating: 0, count: values.count / columns)
  unsafe values.withUnsafeBufferPointer { buffer in
    nonisolated(unsafe) let buffer = unsafe buffer
    Parallel.forEachBlock(of: &results, blockSize: rowsPerBlock) { block, results in
      var scratch = [Scalar](repeating: 0, count: min(columns, summationBlock))
      for i in 0..<results.count {
        let row = (block * rowsPerBlock + i) * columns
        let part = unsafe UnsafeBufferPointer(rebasing: buffer[row..<row + columns])
        let (shift, total) = unsafe shiftAndTotal(part, scratch: &scratch)
        results[i] = Scalar(Double(shift) + Double.log(total))
      }
    }
  }
  return results
}

/// The softmax of every row: exp(z[i, j]) / Σ_j exp(z[i, j]).
///
/// Entries of −∞ get exactly 0. A row of nothing but −∞ has no softmax: it becomes NaN (0 / 0), as do entries of NaN or +∞.
///
/// - Parameters:
///   - values: rows × columns, row-major; at least one column.
///   - columns: The length of a row.
/// - Returns: rows × columns.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func softmaxOfRows<Scalar: RealScalar>(_ values: [Scalar], columns: Int) -> [Scalar] {
  requireRows(values.count, columns)
  var results = values
  Parallel.forEachBlock(of: &results, blockSize: max(1, parallelBlock / columns) * columns) { _, elements in
    unsafe elements.withUnsafeMutableBufferPointer { buffer in
      for row in stride(from: 0, to: buffer.count, by: columns) {
        guard let start = buffer.baseAddress else { return }
        let entries = unsafe start + row
        let shift = unsafe shiftOfRow(entries, count: columns)
        var total = 0.0
        for first in stride(from: 0, to: columns, by: summationBlock) {
          let count = min(summationBlock, columns - first)
          unsafe expInPlace(entries + first, minus: shift, count: count)
          unsafe total += sumOfBlock(entries + first, count: count)
        }
        let divisor = Scalar(total)
        for j in 0..<columns { unsafe entries[j] /= divisor }
      }
    }
  }
  return results
}

/// The logarithm of the softmax of every row: z[i, j] − log Σ_j exp(z[i, j]), without the detour through the softmax.
///
/// Entries of −∞ stay −∞. A row of nothing but −∞ becomes NaN, as do entries of NaN or +∞.
///
/// - Parameters:
///   - values: rows × columns, row-major; at least one column.
///   - columns: The length of a row.
/// - Returns: rows × columns.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func logSoftmaxOfRows<Scalar: RealScalar>(_ values: [Scalar], columns: Int) -> [Scalar] {
  requireRows(values.count, columns)
  var results = values
  Parallel.forEachBlock(of: &results, blockSize: max(1, parallelBlock / columns) * columns) { _, elements in
    var scratch = [Scalar](repeating: 0, count: min(columns, summationBlock))
    unsafe elements.withUnsafeMutableBufferPointer { buffer in
      for row in stride(from: 0, to: buffer.count, by: columns) {
        let entries = unsafe UnsafeMutableBufferPointer(rebasing: buffer[row..<row + columns])
        let (shift, total) = unsafe shiftAndTotal(UnsafeBufferPointer(entries), scratch: &scratch)
        let (largest, logarithm) = (Double(shift), Double.log(total))
        for j in 0..<columns { unsafe entries[j] = Scalar((Double(entries[j]) - largest) - logarithm) }
      }
    }
  }
  return results
}

/// The entropy of the softmax p of every row, −Σ_j p_j log p_j = log S − Σ_j p_j (z_j − m); the softmax is not stored.
///
/// Both terms are at least 0, so that nothing cancels. An entry that is not finite gives NaN.
///
/// - Parameters:
///   - values: rows × columns, row-major; at least one column.
///   - columns: The length of a row.
/// - Returns: rows values.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func entropiesOfRows<Scalar: RealScalar>(_ values: [Scalar], columns: Int) -> [Scalar] {
  requireRows(values.count, columns)
  let rowsPerBlock = max(1, parallelBlock / columns)
  var results = [Scalar](repeating: 0, count: values.count / columns)
  unsafe values.withUnsafeBufferPointer { buffer in
    nonisolated(unsafe) let buffer = unsafe buffer
    Parallel.forEachBlock(of: &results, blockSize: rowsPerBlock) { block, results in
      unsafe withScratch(of: Scalar.self, count: ShiftedSums<Scalar>.scratch(columns)) { scratch in
        for i in 0..<results.count {
          let row = (block * rowsPerBlock + i) * columns
          let part = unsafe UnsafeBufferPointer(rebasing: buffer[row..<row + columns])
          let sums = unsafe ShiftedSums(of: part, scratch: scratch)
          results[i] = Scalar(Double.log(sums.total) - sums.weighted / sums.total)
        }
      }
    }
  }
  return results
}

/// Two sums over a row of shifted logits d_j = z_j − m.
struct ShiftedSums<Scalar: RealScalar> {
  /// m.
  let shift: Scalar
  /// S = Σ_j exp d_j.
  let total: Double
  /// Σ_j d_j exp d_j ≤ 0.
  let weighted: Double

  /// How many numbers of scratch the sums of a row need.
  static func scratch(_ columns: Int) -> Int { 2 * min(columns, summationBlock) }

  /// The sums of a row, whose entry `own`, if it is given, is −∞ and takes no part.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  init(of row: UnsafeBufferPointer<Scalar>, without own: Int? = nil, scratch: UnsafeMutablePointer<Scalar>) {
    let columns = row.count
    var (total, weighted, shift) = (0.0, 0.0, Scalar(0))
    if let start = row.baseAddress {
      shift = unsafe shiftOfRow(start, count: columns)
      let (exponentials, shifted) = unsafe (scratch, scratch + min(columns, summationBlock))
      for first in stride(from: 0, to: columns, by: summationBlock) {
        let count = min(summationBlock, columns - first)
        for j in 0..<count { unsafe shifted[j] = start[first + j] - shift }
        unsafe exponentials.update(from: shifted, count: count)
        unsafe expInPlace(exponentials, minus: 0, count: count)
        // exp(−∞) is 0, but its product with −∞ would be NaN.
        if let own, (first..<first + count).contains(own) { unsafe shifted[own - first] = 0 }
        unsafe total += sumOfBlock(exponentials, count: count)
        unsafe weighted += dotProductOfBlock(exponentials, shifted, count: count)
      }
    }
    (self.shift, self.total, self.weighted) = (shift, total, weighted)
  }
}

/// Stops unless `count` values are whole rows of `columns` columns.
private func requireRows(_ count: Int, _ columns: Int) {
  require(
    columns > 0 && count.isMultiple(of: columns), "\(count) values cannot be cut into rows of \(columns) columns")
}

/// m and S of one row; the exponentials of one block at a time go through `scratch`.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func shiftAndTotal<Scalar: RealScalar>(
  _ row: UnsafeBufferPointer<Scalar>, scratch: inout [Scalar]
) -> (shift: Scalar, total: Double) {
  guard let start = row.baseAddress else { return (0, 0) }
  let shift = unsafe shiftOfRow(start, count: row.count)
  var total = 0.0
  unsafe scratch.withUnsafeMutableBufferPointer { exponentials in
    guard let first = exponentials.baseAddress else { return }
    for offset in stride(from: 0, to: row.count, by: summationBlock) {
      let count = min(summationBlock, row.count - offset)
      unsafe first.update(from: start + offset, count: count)
      unsafe expInPlace(first, minus: shift, count: count)
      unsafe total += sumOfBlock(first, count: count)
    }
  }
  return (shift, total)
}

/// m: the largest entry, not counting NaN, or 0 if that is infinite.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func shiftOfRow<Scalar: RealScalar>(_ values: UnsafePointer<Scalar>, count: Int) -> Scalar {
  var lanes = SIMD16<Scalar>(repeating: -.infinity)
  let whole = count & ~15
  for i in stride(from: 0, to: whole, by: 16) {
    for lane in 0..<16 {
      let value = unsafe values[i &+ lane]
      lanes[lane] = lanes[lane] < value ? value : lanes[lane]
    }
  }
  var largest = -Scalar.infinity
  for lane in 0..<16 { largest = largest < lanes[lane] ? lanes[lane] : largest }
  for i in whole..<count { unsafe largest = largest < values[i] ? values[i] : largest }
  return largest.isFinite ? largest : 0
}
