// The matrix product C = op(A) op(B): packed, blocked, on several threads, and bit-equal to three nested loops.
//
// | loop      | over                     | block                 | what stays where                                    |
// | --------- | ------------------------ | --------------------- | --------------------------------------------------- |
// | 1 blocks  | blocks of C, in parallel | 256 columns           | no two threads touch the same C                     |
// | 2 depth   | k, in order              | kc            | the block's panels of B are packed, half a MiB in L2 |
// | 3 rows    | row panels (Tile.swift)  | tileRows              | A's panel, 16 KiB in Float, stays in L1             |
// | 4 columns | column panels            | tileColumns           | one tile of C stays in registers                    |
//
// A is read where it lies, unless it is transposed: then it is packed first, in parallel. A small B is read where it lies too.
// A stretch of the depth is finished before the next one starts, so every C[i, j] is one chain in order of k, and neither
// the blocks nor the threads can change a bit. Tests    KernelsTests/MatmulTests.swift

/// Steps of the depth between two visits to C.
private let kc = 512
/// Columns of one block of C: A passes by once for each block.
private let nc = 256
/// Rows of one block of C; each block of these packs its panels of B anew.
private let mc = 2048
/// Scalars of B up to which packing it costs more than it saves.
private let inPlaceLimit = 1 << 13

/// C = op(A) op(B), or C += op(A) op(B) with `accumulate`; every C[i, j] is one chain over the depth in order.
///
/// - Parameters:
///   - a: rows × depth, or depth × rows with `transposeA`; row-major.
///   - b: depth × columns, or columns × depth with `transposeB`; row-major.
///   - c: rows × columns; row-major.
///   - rows: Rows of A and C.
///   - columns: Columns of B and C.
///   - depth: Columns of A, rows of B.
///   - transposeA: Whether A is stored as depth × rows.
///   - transposeB: Whether B is stored as columns × depth.
///   - accumulate: Whether the chains start at C's values instead of zero.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func multiplyMatrices<Scalar: RealScalar>(
  _ a: [Scalar], _ b: [Scalar], into c: inout [Scalar], rows: Int, columns: Int, depth: Int,
  transposeA: Bool = false, transposeB: Bool = false, accumulate: Bool = false
) {
  require(c.count == rows * columns, "a matrix product's C holds \(c.count) values, not \(rows) x \(columns)")
  unsafe c.withUnsafeMutableBufferPointer { c in
    unsafe multiply(
      a, b, into: c, rows: rows, columns: columns, depth: depth, transposeA: transposeA, transposeB: transposeB,
      accumulate: accumulate)
  }
}

/// op(A) op(B) as a new array, which costs no pass that fills it with zeros first.
///
/// The parameters are those of ``multiplyMatrices(_:_:into:rows:columns:depth:transposeA:transposeB:accumulate:)``.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func matrixProduct<Scalar: RealScalar>(
  _ a: [Scalar], _ b: [Scalar], rows: Int, columns: Int, depth: Int, transposeA: Bool = false, transposeB: Bool = false
) -> [Scalar] {
  unsafe [Scalar](unsafeUninitializedCapacity: max(0, rows * columns)) { c, count in
    unsafe multiply(
      a, b, into: c, rows: rows, columns: columns, depth: depth, transposeA: transposeA, transposeB: transposeB,
      accumulate: false)
    count = rows * columns
  }
}

@inline(__always)
private func multiply<Scalar: RealScalar>(
  _ a: [Scalar], _ b: [Scalar], into c: UnsafeMutableBufferPointer<Scalar>, rows: Int, columns: Int, depth: Int,
  transposeA: Bool, transposeB: Bool, accumulate: Bool
) {
  require(rows >= 0 && columns >= 0 && depth >= 0, "a matrix product's sizes: \(rows), \(columns), \(depth)")
  require(a.count == rows * depth, "a matrix product's A holds \(a.count) values, not \(rows) x \(depth)")
  require(b.count == depth * columns, "a matrix product's B holds \(b.count) values, not \(depth) x \(columns)")
  guard rows > 0 && columns > 0 else { return }
  guard depth > 0 else {
    if !accumulate { unsafe c.initialize(repeating: 0) }
    return
  }
  unsafe a.withUnsafeBufferPointer { a in
    unsafe b.withUnsafeBufferPointer { b in
      unsafe multiply(
        PackingSource(start: a.baseAddress.unsafelyUnwrapped, lines: rows, depth: depth, isTransposed: transposeA),
        PackingSource(start: b.baseAddress.unsafelyUnwrapped, lines: columns, depth: depth, isTransposed: !transposeB),
        into: c.baseAddress.unsafelyUnwrapped, accumulate: accumulate)
    }
  }
}

/// One factor as the packer sees it: lines to lay side by side, walked along the depth.
@safe private struct PackingSource<Scalar: RealScalar>: @unchecked Sendable {
  let start: UnsafePointer<Scalar>
  let lines: Int
  let depth: Int
  /// Whether the lines, instead of the steps along the depth, are neighbours in memory.
  let isTransposed: Bool

  @inline(__always)
  func pack(line: Int, lanes: Int, steps: Range<Int>, into panel: UnsafeMutablePointer<Scalar>) {
    let (lineStride, stepStride) = isTransposed ? (1, lines) : (depth, 1)
    unsafe packPanel(
      start + line * lineStride + steps.lowerBound * stepStride, lineStride: lineStride, stepStride: stepStride,
      present: min(lanes, lines - line), lanes: lanes, depth: steps.count, into: panel)
  }
}

extension PackingSource {
  /// Packs row panels, stretch after stretch of the depth: `packedRows` rows of a stretch lie before those of the next.
  @inline(__always)
  func packRows(_ panels: Range<Int>, of packedRows: Int, into target: UnsafeMutablePointer<Scalar>) {
    for start in stride(from: 0, to: depth, by: kc) {
      let steps = start..<min(depth, start + kc)
      for panel in panels {
        unsafe pack(
          line: panel * tileRows, lanes: tileRows, steps: steps,
          into: target + start * packedRows + panel * tileRows * steps.count)
      }
    }
  }

  /// Packs column panels into `target`, one after the other.
  @inline(__always)
  func packColumns(_ panels: Range<Int>, steps: Range<Int>, into target: UnsafeMutablePointer<Scalar>) {
    let width = Scalar.tileColumns
    let full = isTransposed ? min(panels.upperBound, lines / width) : panels.lowerBound
    if full > panels.lowerBound {
      unsafe packColumnPanels(
        start + panels.lowerBound * width + steps.lowerBound * lines, stepStride: lines,
        panels: full - panels.lowerBound, depth: steps.count, into: target)
    }
    for panel in max(full, panels.lowerBound)..<max(full, panels.upperBound) {
      unsafe pack(
        line: panel * width, lanes: width, steps: steps,
        into: target + (panel - panels.lowerBound) * width * steps.count)
    }
  }
}

/// How the blocks of C are cut; no bit of the result depends on it.
private struct ProductPlan {
  let isPackedB: Bool
  let isParallel: Bool
  /// Panels of rows and of columns in one block.
  let rowGroup: Int
  let columnGroup: Int

  init(rows: Int, columns: Int, depth: Int, transposeB: Bool, tileColumns: Int) {
    isPackedB = transposeB || columns % tileColumns > 0 || columns * depth > inPlaceLimit
    isParallel = rows * columns * depth >= Parallel.leastMultiplyAdds
    let (rowPanels, columnPanels) = (ceiling(rows, tileRows), ceiling(columns, tileColumns))
    if !isParallel {
      (rowGroup, columnGroup) = (rowPanels, columnPanels)
    } else if isPackedB {
      columnGroup = min(max(1, nc / tileColumns), max(1, columnPanels / 4))
      rowGroup = mc / tileRows
    } else {
      // Nothing to pack and little to do: an equal share for each thread.
      (rowGroup, columnGroup) = (ceiling(rowPanels, Parallel.threadCount), columnPanels)
    }
  }
}

private func ceiling(_ count: Int, _ part: Int) -> Int { (count + part - 1) / part }

@inline(__always)
private func multiply<Scalar: RealScalar>(
  _ a: PackingSource<Scalar>, _ b: PackingSource<Scalar>, into c: UnsafeMutablePointer<Scalar>, accumulate: Bool
) {
  let (rows, columns, depth) = (a.lines, b.lines, a.depth)
  let tileColumns = Scalar.tileColumns
  let (rowPanels, columnPanels) = (ceiling(rows, tileRows), ceiling(columns, tileColumns))
  let plan = ProductPlan(
    rows: rows, columns: columns, depth: depth, transposeB: !b.isTransposed, tileColumns: tileColumns)
  let (rowGroups, columnGroups) = (ceiling(rowPanels, plan.rowGroup), ceiling(columnPanels, plan.columnGroup))
  let packingGroup = plan.isParallel ? 2 : rowPanels
  let packedRows = a.isTransposed ? rowPanels * tileRows : 0
  unsafe withScratch(of: Scalar.self, count: packedRows * depth) { packedA in
    nonisolated(unsafe) let (packedA, c) = unsafe (packedA, c)
    let packing = a.isTransposed ? [ceiling(rowPanels, packingGroup)] : []
    Parallel.forEachBlock(inPhases: packing + [rowGroups * columnGroups], inParallel: plan.isParallel) { phase, block in
      if phase < packing.count {
        let panels = block * packingGroup..<min(rowPanels, (block + 1) * packingGroup)
        unsafe a.packRows(panels, of: packedRows, into: packedA)
        return
      }
      let (rowGroup, columnGroup) = (block % rowGroups, block / rowGroups)
      let rowRange = rowGroup * plan.rowGroup..<min(rowPanels, (rowGroup + 1) * plan.rowGroup)
      let columnRange = columnGroup * plan.columnGroup..<min(columnPanels, (columnGroup + 1) * plan.columnGroup)
      let firstColumn = columnRange.lowerBound * tileColumns
      let packedCount = plan.isPackedB ? columnRange.count * tileColumns * min(depth, kc) : 0
      unsafe withScratch(of: Scalar.self, count: packedCount) { packedB in
        for start in stride(from: 0, to: depth, by: kc) {
          let steps = start..<min(depth, start + kc)
          let rowSource =
            unsafe a.isTransposed
            ? TileRowSource.packed(packedA + start * packedRows, depth: steps.count)
            : .rows(a.start + start, rowStride: depth)
          if plan.isPackedB { unsafe b.packColumns(columnRange, steps: steps, into: packedB) }
          let columnSource =
            unsafe plan.isPackedB
            ? TileColumnSource.packed(packedB, depth: steps.count)
            : .rows(b.start + start * columns + firstColumn, stepStride: columns)
          unsafe multiplyTiles(
            rowSource, rowPanels: rowRange, columnSource, columnPanels: columnRange.count, into: c + firstColumn,
            stride: columns, rows: rows, columns: columns - firstColumn, depth: steps.count,
            isContinued: accumulate || start > 0)
        }
      }
    }
  }
}
