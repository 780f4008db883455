// Sums and dot products in one written order, which depends on neither the vector width nor the number of threads.
//
//     blocks of 4096:  S = ((0 + S_0) + S_1) + …,               S_b the sum of values 4096 b, …, 4096 b + 4095
//     16 lanes:        lane l = ((0 + x_l) + x_(l+16)) + …      of one block
//     tree:            l + (l+8) for l < 8, then + 4, + 2, + 1
//
// All of it runs in Double (but for the sums over large planes of batch norm, BatchNormPlaneSums.swift), for Float data too: there the conversion hides behind the memory (at most 0.05 ns per
// element more while the data are in the cache), and the result is rounded once. A product is rounded before it is
// added (for Float data it is exact in Double), so these sums have the same bits with and without fused multiply-add.
// Tests    KernelsTests/ReductionsTests.swift

/// How many consecutive values one block of a sum holds.
let summationBlock = 4096

/// The number of values that one parallel block of a row kernel should hold: enough to hide the cost of a thread's start.
let parallelBlock = 16_384

/// The sum of all values in the package's one order.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func sum<Scalar: RealScalar>(_ values: [Scalar]) -> Scalar {
  unsafe values.withUnsafeBufferPointer { buffer in
    guard let base = buffer.baseAddress else { return 0 }
    nonisolated(unsafe) let start = unsafe base
    let total = totalOfBlocks(count: buffer.count) { first, count in
      unsafe sumOfBlock(start + first, count: count)
    }
    return Scalar(total)
  }
}

/// Σ a[i] b[i] in the package's one order.
///
/// - Parameters:
///   - a: The first vector.
///   - b: As many values as `a`.
/// - Returns: The sum; 0 of empty vectors.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func dotProduct<Scalar: RealScalar>(_ a: [Scalar], _ b: [Scalar]) -> Scalar {
  require(a.count == b.count, "a dot product of \(a.count) values with \(b.count)")
  return unsafe a.withUnsafeBufferPointer { left in
    unsafe b.withUnsafeBufferPointer { right in
      guard let leftBase = left.baseAddress, let rightBase = right.baseAddress else { return 0 }
      nonisolated(unsafe) let (leftStart, rightStart) = unsafe (leftBase, rightBase)
      let total = totalOfBlocks(count: left.count) { first, count in
        unsafe dotProductOfBlock(leftStart + first, rightStart + first, count: count)
      }
      return Scalar(total)
    }
  }
}

/// The dot product of row i of `a` with row i of `b`, for every i (`dotProductsOfRows(a, a)` gives squared norms).
///
/// - Parameters:
///   - a: rows × columns, row-major.
///   - b: rows × columns, row-major.
///   - columns: The length of a row.
/// - Returns: rows values, each summed in the package's one order.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func dotProductsOfRows<Scalar: RealScalar>(_ a: [Scalar], _ b: [Scalar], columns: Int) -> [Scalar] {
  require(a.count == b.count, "dot products of rows of \(a.count) values with \(b.count)")
  require(
    columns > 0 && a.count.isMultiple(of: columns), "\(a.count) values cannot be cut into rows of \(columns) columns")
  let rowsPerBlock = max(1, parallelBlock / columns)
  var products = [Scalar](repeating: 0, count: a.count / columns)
  unsafe a.withUnsafeBufferPointer { left in
    unsafe b.withUnsafeBufferPointer { right in
      guard let leftBase = left.baseAddress, let rightBase = right.baseAddress else { return }
      nonisolated(unsafe) let (leftStart, rightStart) = unsafe (leftBase, rightBase)
      Parallel.forEachBlock(of: &products, blockSize: rowsPerBlock) { block, results in
        for i in 0..<results.count {
          let row = (block * rowsPerBlock + i) * columns
          var total = 0.0
          for first in stride(from: 0, to: columns, by: summationBlock) {
            let count = min(summationBlock, columns - first)
            unsafe total += dotProductOfBlock(leftStart + (row + first), rightStart + (row + first), count: count)
          }
          results[i] = Scalar(total)
        }
      }
    }
  }
  return products
}

/// ((0 + S_0) + S_1) + … for the blocks of `count` values; long sums compute their blocks in parallel.
private func totalOfBlocks(count: Int, _ sumOfBlock: @Sendable (_ first: Int, _ count: Int) -> Double) -> Double {
  var totals = [Double](repeating: 0, count: (count + summationBlock - 1) / summationBlock)
  let blocksPerTask = 8
  Parallel.forEachBlock(of: &totals, blockSize: blocksPerTask) { task, results in
    for i in 0..<results.count {
      let first = (task * blocksPerTask + i) * summationBlock
      results[i] = sumOfBlock(first, min(summationBlock, count - first))
    }
  }
  return totals.reduce(0, +)
}

/// The sum of one block of at most 4096 values in 16 lanes.
///
/// A lane starts at +0 and so is never −0: adding +0 for the places beyond the last value changes no bit.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func sumOfBlock<Scalar: RealScalar>(_ values: UnsafePointer<Scalar>, count: Int) -> Double {
  var lanes = SIMD16<Double>(repeating: 0)
  let whole = count & ~15
  for i in stride(from: 0, to: whole, by: 16) {
    var terms = SIMD16<Double>()
    for lane in 0..<16 { unsafe terms[lane] = Double(values[i &+ lane]) }
    lanes += terms
  }
  var rest = SIMD16<Double>(repeating: 0)
  unsafe withUnsafeMutableBytes(of: &rest) { terms in
    for lane in 0..<count - whole {
      unsafe terms.storeBytes(of: Double(values[whole + lane]), toByteOffset: lane * 8, as: Double.self)
    }
  }
  lanes += rest
  return sumOfLanes(lanes)
}

/// The dot product of one block of at most 4096 values in 16 lanes.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func dotProductOfBlock<Scalar: RealScalar>(
  _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, count: Int
) -> Double {
  var lanes = SIMD16<Double>(repeating: 0)
  let whole = count & ~15
  for i in stride(from: 0, to: whole, by: 16) {
    var left = SIMD16<Double>()
    var right = SIMD16<Double>()
    for lane in 0..<16 {
      unsafe left[lane] = Double(a[i &+ lane])
      unsafe right[lane] = Double(b[i &+ lane])
    }
    lanes += left * right
  }
  var rest = SIMD16<Double>(repeating: 0)
  unsafe withUnsafeMutableBytes(of: &rest) { terms in
    for lane in 0..<count - whole {
      let product = unsafe Double(a[whole + lane]) * Double(b[whole + lane])
      unsafe terms.storeBytes(of: product, toByteOffset: lane * 8, as: Double.self)
    }
  }
  lanes += rest
  return sumOfLanes(lanes)
}

/// The tree over 16 lanes: halves are added until one number is left.
@inline(__always)
private func sumOfLanes(_ lanes: SIMD16<Double>) -> Double {
  let eight = lanes.lowHalf + lanes.highHalf
  let four = eight.lowHalf + eight.highHalf
  let two = four.lowHalf + four.highHalf
  return two[0] + two[1]
}
