// The innermost operation of every contraction: C[rows × columns] continues its chains over one stretch of the depth.
//
//               2 vectors wide                       for k in 0..<depth:
//              ┌───────┬───────┐                        row i of C  =  row i of C + A[k, i] · B[k, …]
//     B  k →   │ B[k,0]│ B[k,1]│
//              └───────┴───────┘                    B is packed [depth][columns], A packed [depth][rows] or read along
//     A  ┌─┐   ┌───────┬───────┐                    its rows: all front to back. C stays in registers from the first k
//        │ │ × │ C stays in    │  tileRows          to the last: rows × 2 accumulators, enough independent chains to
//        │ │   │ registers     │                    hide the latency of a multiply-add.
//        └─┘   └───────┴───────┘
//
// While it runs a tile asks for what comes next: B a few steps ahead from L2 into L1, the next tile of C, and
// a piece of A's next panel; a row of tiles shares A's panel, and together its tiles ask for all of the next one.
//
// | build   | rows × columns, Float | Double | accumulators        |
// | ------- | --------------------- | ------ | ------------------- |
// | AVX-512 | 8 × 32                | 8 × 16 | 16 of 32 registers  |
// | AVX2    | 6 × 16                | 6 × 8  | 12 of 16 registers  |
// | x86-64  | 6 × 8                 | 6 × 4  | 12 of 16 registers  |
// | arm64   | 6 × 16                | 6 × 8  | 24 of 32 registers  |
//
// Tests    KernelsTests/TileTests.swift, MatmulTests.swift, ConvolutionTests.swift

#if WIDE
  /// Rows of one tile of C.
  let tileRows = 8
  typealias TileColumn<Element> = InlineArray<8, Element>
#else
  /// Rows of one tile of C.
  let tileRows = 6
  typealias TileColumn<Element> = InlineArray<6, Element>
#endif

extension RealScalar {
  /// Columns of one tile of C: two vectors.
  static var tileColumns: Int { 2 * Vector.scalarCount }
}

/// One link of as many chains as the vector has lanes; in this file, so that debug builds inline it too.
@inline(__always)
private func chained<Vector: SIMD>(_ sum: Vector, _ a: Vector, _ b: Vector) -> Vector where Vector.Scalar: RealScalar {
  #if FUSED || arch(arm64)
    sum.addingProduct(a, b)
  #else
    sum + a * b
  #endif
}

#if !DEBUG
  /// LLVM's hint that memory will soon be used, which Swift has no word for: on x86-64 one `prefetcht0`, on arm64 one `prfm`.
  ///
  /// Its words are access (0 read, 1 write), locality (0 none … 3 all levels of cache) and cache (1 data), all three literals.
  @_silgen_name("llvm.prefetch.p0")
  private func prefetchHint(_ address: UnsafeRawPointer, _ access: Int32, _ locality: Int32, _ cache: Int32)
#endif

/// Asks for the cache line at any address, to lie in the first level of cache; reads nothing, waits for nothing, changes no bit.
///
/// Debug builds do without: the sanitizers turn calls into others that may throw, which LLVM refuses for a call by this name.
@inline(__always)
func prefetch(_ address: UnsafeRawPointer) {
  #if !DEBUG
    unsafe prefetchHint(address, 0, 3, 1)
  #endif
}

/// The same for the second level: what is needed later must not push out what is needed now.
@inline(__always)
func prefetchIntoL2(_ address: UnsafeRawPointer) {
  #if !DEBUG
    unsafe prefetchHint(address, 0, 2, 1)
  #endif
}

/// Steps of the depth from the hint for a row of B to its use: longer than L2 takes to answer.
private let stepsAhead = 16
/// Steps of the depth between two hints for A's next panel.
private let stepsPerHint = 32

/// A row panel of A as a row of tiles reads it; strides are in bytes.
///
/// Rows 4 … are addressed from a second pointer, and row 3 by a stride of its own: with these registers all rows are in reach
/// of an address mode, where a pointer for each row would not stay in registers.
@safe private struct TileRows {
  let upper: UnsafeRawPointer
  let lower: UnsafeRawPointer
  let rowStride: Int
  let thrice: Int
  let stepStride: Int
  /// The panel that follows, in pieces of `depth` scalars: each tile asks for one.
  let next: UnsafeRawPointer
  let pieceStride: Int

  init<Scalar>(
    _ start: UnsafePointer<Scalar>, rowStride row: Int, stepStride step: Int, next following: UnsafePointer<Scalar>,
    pieceStride piece: Int
  ) {
    let lane = MemoryLayout<Scalar>.stride
    unsafe upper = UnsafeRawPointer(start)
    unsafe lower = UnsafeRawPointer(start + 4 * row)
    (rowStride, thrice, stepStride, pieceStride) = (row * lane, 3 * row * lane, step * lane, piece * lane)
    unsafe next = UnsafeRawPointer(following)
  }
}

/// A row of whole tiles of C; `isContinued` loads it first, otherwise its chains start at zero; strides are in bytes.
///
/// What lies in L2 or farther is asked for ahead of its use: B by a few steps, the next tile of C by a tile, and A's next panel
/// piece by piece, one for each tile. That a compiler does not see into this function keeps A's addresses in their registers.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
@inline(never)
private func multiplyRowOfTiles<Scalar: RealScalar>(
  _ a: TileRows, _ firstB: UnsafePointer<Scalar>, bStride: Int, bPanelStride: Int, panels: Int,
  into firstC: UnsafeMutablePointer<Scalar>, columnStride: Int, depth: Int, isContinued: Bool
) {
  let (width, line) = (MemoryLayout<Unaligned<Scalar.Vector>>.stride, 64)
  let linesPerHint = stepsPerHint &* MemoryLayout<Scalar>.stride / line
  let (ahead, rowStride, thrice, stepStride) = (stepsAhead &* bStride, a.rowStride, a.thrice, a.stepStride)
  for panel in 0..<panels {
    let c = unsafe UnsafeMutableRawPointer(firstC) + panel &* 2 &* width
    var left = TileColumn<Scalar.Vector>(repeating: Scalar.Vector())
    var right = TileColumn<Scalar.Vector>(repeating: Scalar.Vector())
    let soonC = unsafe panel + 1 < panels ? c + 2 &* width : UnsafeMutableRawPointer(firstC) + tileRows &* columnStride
    for i in 0..<tileRows {
      if isContinued {
        left[i] = unsafe (c + i &* columnStride).loadUnaligned(as: Scalar.Vector.self)
        right[i] = unsafe (c + i &* columnStride + width).loadUnaligned(as: Scalar.Vector.self)
      }
      unsafe prefetch(soonC + i &* columnStride)
      unsafe prefetch(soonC + i &* columnStride + width)
    }
    var (upper, lower) = unsafe (a.upper, a.lower)
    var b = unsafe UnsafeRawPointer(firstB) + panel &* bPanelStride
    var soonA = unsafe a.next + min(panel, tileRows - 1) &* a.pieceStride
    var rest = depth
    while rest > 0 {
      for _ in 0..<linesPerHint {
        unsafe prefetchIntoL2(soonA)
        unsafe soonA += line
      }
      for _ in 0..<min(rest, stepsPerHint) {
        let first = unsafe b.loadUnaligned(as: Scalar.Vector.self)
        let second = unsafe (b + width).loadUnaligned(as: Scalar.Vector.self)
        unsafe prefetch(b + ahead)
        unsafe prefetch(b + ahead + width)
        for i in 0..<tileRows {
          let row = unsafe (i < 4 ? upper : lower) + (i % 4 == 3 ? thrice : i % 4 &* rowStride)
          let factor = unsafe Scalar.Vector(repeating: row.load(as: Scalar.self))
          left[i] = chained(left[i], factor, first)
          right[i] = chained(right[i], factor, second)
        }
        unsafe upper += stepStride
        unsafe lower += stepStride
        unsafe b += bStride
      }
      rest &-= stepsPerHint
    }
    for i in 0..<tileRows {
      unsafe (c + i &* columnStride).storeBytes(of: left[i], as: Scalar.Vector.self)
      unsafe (c + i &* columnStride + width).storeBytes(of: right[i], as: Scalar.Vector.self)
    }
  }
}

/// Where the row panels of A lie: packed, or in the rows of a matrix as they are.
@safe struct TileRowSource<Scalar: RealScalar>: @unchecked Sendable {
  /// Row 0 of panel 0 at the first step.
  let start: UnsafePointer<Scalar>
  /// Scalars from row to row, from step to step along the depth, and from panel to panel.
  let rowStride: Int
  let stepStride: Int
  let panelStride: Int

  /// Panels packed [depth][tileRows] one after the other.
  @inline(__always)
  static func packed(_ start: UnsafePointer<Scalar>, depth: Int) -> TileRowSource {
    unsafe TileRowSource(start: start, rowStride: 1, stepStride: tileRows, panelStride: tileRows * depth)
  }

  /// Rows of a matrix, `rowStride` scalars apart.
  @inline(__always)
  static func rows(_ start: UnsafePointer<Scalar>, rowStride: Int) -> TileRowSource {
    unsafe TileRowSource(start: start, rowStride: rowStride, stepStride: 1, panelStride: tileRows * rowStride)
  }
}

/// Where the column panels of B lie: packed, or in the rows of a matrix as they are.
@safe struct TileColumnSource<Scalar: RealScalar>: @unchecked Sendable {
  /// Column 0 of panel 0 at the first step.
  let start: UnsafePointer<Scalar>
  /// Scalars from step to step along the depth, and from panel to panel.
  let stepStride: Int
  let panelStride: Int

  /// Panels packed [depth][tileColumns] one after the other.
  @inline(__always)
  static func packed(_ start: UnsafePointer<Scalar>, depth: Int) -> TileColumnSource {
    unsafe TileColumnSource(start: start, stepStride: Scalar.tileColumns, panelStride: Scalar.tileColumns * depth)
  }

  /// The rows of a matrix, `stepStride` scalars apart; its columns must fill whole panels.
  @inline(__always)
  static func rows(_ start: UnsafePointer<Scalar>, stepStride: Int) -> TileColumnSource {
    unsafe TileColumnSource(start: start, stepStride: stepStride, panelStride: Scalar.tileColumns)
  }
}

/// A block of C: row panels of A against column panels of B, one row of tiles after the other.
///
/// A's panel stays in L1 while the column panels pass by, and the rows of C that are written lie on few pages.
///
/// - Parameters:
///   - a: Where the row panels lie; rows that lie as they are must exist up to `rows`.
///   - rowPanels: The row panels of the block.
///   - b: Where the column panels lie; panel 0 belongs to the corner's column.
///   - columnPanels: The column panels of the block, from panel 0 on.
///   - c: The corner of row 0 and panel 0.
///   - stride: Scalars from row to row of C.
///   - rows: The rows that C has in all; tiles are cut off there.
///   - columns: The columns that C has from the corner on; tiles are cut off there.
///   - depth: The terms that every chain grows by.
///   - isContinued: Whether the chains go on from what stands in C; otherwise they start at zero.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func multiplyTiles<Scalar: RealScalar>(
  _ a: TileRowSource<Scalar>, rowPanels: Range<Int>, _ b: TileColumnSource<Scalar>, columnPanels: Int,
  into c: UnsafeMutablePointer<Scalar>, stride: Int, rows: Int, columns: Int, depth: Int, isContinued: Bool
) {
  let lane = MemoryLayout<Scalar>.stride
  let width = Scalar.tileColumns
  let wholeColumns = min(columnPanels, columns / width)
  // The last panel of rows that lie as they are may be short: it is packed, so that no row past the end is read.
  let isShort = a.stepStride == 1 && rowPanels.upperBound * tileRows > rows
  unsafe withScratch(of: Scalar.self, count: tileRows * (width + (isShort ? depth : 0))) { edge in
    let lastPanel = unsafe edge + tileRows * width
    for rowPanel in rowPanels {
      var (panelA, rowStride, stepStride) = unsafe (a.start + rowPanel * a.panelStride, a.rowStride, a.stepStride)
      let next = unsafe rowPanel + 1 < rowPanels.upperBound ? panelA + a.panelStride : panelA
      let present = min(tileRows, rows - rowPanel * tileRows)
      if isShort && present < tileRows {
        unsafe packPanel(
          panelA, lineStride: a.rowStride, stepStride: 1, present: present, lanes: tileRows, depth: depth,
          into: lastPanel)
        unsafe (panelA, rowStride, stepStride) = unsafe (UnsafePointer(lastPanel), 1, tileRows)
      }
      let tileRow = unsafe TileRows(
        panelA, rowStride: rowStride, stepStride: stepStride, next: next,
        pieceStride: a.stepStride == 1 ? a.rowStride : depth)
      func multiply(
        _ columnPanel: Int, count: Int, into target: UnsafeMutablePointer<Scalar>, stride targetStride: Int
      ) {
        unsafe multiplyRowOfTiles(
          tileRow, b.start + columnPanel * b.panelStride, bStride: b.stepStride * lane,
          bPanelStride: b.panelStride * lane, panels: count, into: target, columnStride: targetStride * lane,
          depth: depth, isContinued: isContinued)
      }
      let firstC = unsafe c + rowPanel * tileRows * stride
      let whole = present == tileRows ? wholeColumns : 0
      if whole > 0 { unsafe multiply(0, count: whole, into: firstC, stride: stride) }
      // A tile that is cut off is computed beside C, where its missing rows and columns do no harm.
      for columnPanel in whole..<columnPanels {
        let corner = unsafe firstC + columnPanel * width
        let presentColumns = min(width, columns - columnPanel * width)
        if isContinued {
          for i in 0..<present { unsafe (edge + i * width).update(from: corner + i * stride, count: presentColumns) }
        }
        unsafe multiply(columnPanel, count: 1, into: edge, stride: width)
        for i in 0..<present { unsafe (corner + i * stride).update(from: edge + i * width, count: presentColumns) }
      }
    }
  }
}
