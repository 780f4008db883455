// The matrix product C = op(A) op(B): packed, blocked, on several threads, and bit-equal to three nested loops.
//
// | loop       | over                   | block                | what stays where                                   |
// | ---------- | ---------------------- | -------------------- | -------------------------------------------------- |
// | 1 depth    | k, in order            | depthBlock = 512     | C continues its chains from stretch to stretch     |
// | 2 pack     | panels of B (and of Aᵀ)| two panels           | in parallel; the packed copies lie in L2 / L3      |
// | 3 blocks   | blocks of C            | blockRows × blockColumns | in parallel; the block's part of A stays in L2 |
// | 4 columns  | column panels          | tileColumns          | one panel of B, 64 KiB in Float, stays near L1     |
// | 5 rows     | row panels (Tile.swift)| tileRows             | one tile of C stays in registers                   |
//
// A stretch of the depth is finished before the next one starts, so every C[i, j] is one chain in order of k, and neither
// the blocks nor the threads can change a bit. Tests    KernelsTests/MatmulTests.swift

/// Steps of the depth between two visits to C.
private let depthBlock = 512
/// Rows of one block of C: a multiple of both tile heights.
private let blockRows = 96
/// Products below this many multiply-adds run on the calling thread: waking others costs more.
private let parallelThreshold = 1 << 19

/// C = op(A) op(B), or C += op(A) op(B) with `accumulate`; every C[i, j] is one chain over the depth in order.
///
/// - Parameters:
///   - a: rows × depth, or depth × rows with `transposeA`; row-major.
///   - b: depth × columns, or columns × depth with `transposeB`; row-major.
///   - c: rows × columns; row-major.
///   - accumulate: Whether the chains start at C's values instead of zero.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func multiplyMatrices<Scalar: RealScalar>(
  _ a: [Scalar], _ b: [Scalar], into c: inout [Scalar], rows: Int, columns: Int, depth: Int,
  transposeA: Bool = false, transposeB: Bool = false, accumulate: Bool = false
) {
  require(rows >= 0 && columns >= 0 && depth >= 0, "a matrix product's sizes: \(rows), \(columns), \(depth)")
  require(a.count == rows * depth, "a matrix product's A holds \(a.count) values, not \(rows) x \(depth)")
  require(b.count == depth * columns, "a matrix product's B holds \(b.count) values, not \(depth) x \(columns)")
  require(c.count == rows * columns, "a matrix product's C holds \(c.count) values, not \(rows) x \(columns)")
  guard rows > 0 && columns > 0 else { return }
  guard depth > 0 else {
    if !accumulate { for i in c.indices { c[i] = 0 } }
    return
  }
  unsafe a.withUnsafeBufferPointer { a in
    unsafe b.withUnsafeBufferPointer { b in
      unsafe c.withUnsafeMutableBufferPointer { c in
        unsafe multiply(
          PackingSource(start: a.baseAddress.unsafelyUnwrapped, lines: rows, depth: depth, isTransposed: transposeA),
          PackingSource(
            start: b.baseAddress.unsafelyUnwrapped, lines: columns, depth: depth, isTransposed: !transposeB),
          into: c.baseAddress.unsafelyUnwrapped, accumulate: accumulate)
      }
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

@inline(__always)
private func multiply<Scalar: RealScalar>(
  _ a: PackingSource<Scalar>, _ b: PackingSource<Scalar>, into c: UnsafeMutablePointer<Scalar>, accumulate: Bool
) {
  let (rows, columns, depth) = (a.lines, b.lines, a.depth)
  let tileColumns = Scalar.tileColumns
  let rowPanels = (rows + tileRows - 1) / tileRows
  let columnPanels = (columns + tileColumns - 1) / tileColumns
  let stretch = min(depth, depthBlock)
  let isParallel = rows * columns * depth >= parallelThreshold
  // Blocks of C: few enough panels of B that a small product still makes several blocks.
  let panelsPerBlock = isParallel ? min(16, max(1, columnPanels / 4)) : columnPanels
  let rowBlocks = (rows + blockRows - 1) / blockRows
  let columnBlocks = (columnPanels + panelsPerBlock - 1) / panelsPerBlock
  // Rows that lie along the depth are read as they lie; a transposed A is packed.
  let packedPanels = a.isTransposed ? rowPanels : 0
  unsafe withScratch(of: Scalar.self, count: packedPanels * tileRows * stretch) { packedA in
    unsafe withScratch(of: Scalar.self, count: columnPanels * tileColumns * stretch) { packedB in
      nonisolated(unsafe) let (packedA, packedB, c) = unsafe (packedA, packedB, c)
      // Two phases for each stretch of the depth: pack it, then continue the chains of every block of C.
      let packGroup = isParallel ? 2 : max(rowPanels, columnPanels)
      let rowGroups = (packedPanels + packGroup - 1) / packGroup
      let packGroups = rowGroups + (columnPanels + packGroup - 1) / packGroup
      let stretches = (depth + depthBlock - 1) / depthBlock
      let phases = (0..<2 * stretches).map { $0 % 2 == 0 ? packGroups : rowBlocks * columnBlocks }
      forEachBlock(inPhases: phases, inParallel: isParallel) { phase, block in
        let steps = phase / 2 * depthBlock..<min(depth, (phase / 2 + 1) * depthBlock)
        if phase % 2 == 0 {
          if block < rowGroups {
            for panel in block * packGroup..<min(packedPanels, (block + 1) * packGroup) {
              unsafe a.pack(
                line: panel * tileRows, lanes: tileRows, steps: steps, into: packedA + panel * tileRows * steps.count)
            }
          } else {
            let first = (block - rowGroups) * packGroup
            unsafe b.packColumns(
              first..<min(columnPanels, first + packGroup), steps: steps,
              into: packedB + first * tileColumns * steps.count)
          }
        } else {
          let (rowBlock, columnBlock) = (block % rowBlocks, block / rowBlocks)
          let rowSource =
            unsafe a.isTransposed
            ? TileRowSource.packed(packedA, depth: steps.count)
            : .rows(a.start + steps.lowerBound, rowStride: depth)
          let panels = rowBlock * (blockRows / tileRows)..<min(rowPanels, (rowBlock + 1) * (blockRows / tileRows))
          for panel in columnBlock * panelsPerBlock..<min(columnPanels, (columnBlock + 1) * panelsPerBlock) {
            unsafe multiplyTiles(
              rowSource, panels: panels, packedB + panel * tileColumns * steps.count, into: c + panel * tileColumns,
              stride: columns, rows: rows,
              columns: min(tileColumns, columns - panel * tileColumns), depth: steps.count,
              isContinued: accumulate || phase > 1)
          }
        }
      }
    }
  }
}

@inline(__always)
private func forEachBlock(
  inPhases counts: [Int], inParallel isParallel: Bool, _ body: @Sendable (_ phase: Int, _ block: Int) -> Void
) {
  if isParallel {
    Parallel.forEachBlock(inPhases: counts, body)
  } else {
    for (phase, count) in counts.enumerated() {
      for block in 0..<count { body(phase, block) }
    }
  }
}
