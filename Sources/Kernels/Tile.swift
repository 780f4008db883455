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
// | build   | rows × columns, Float | Double | accumulators        |
// | ------- | --------------------- | ------ | ------------------- |
// | AVX-512 | 8 × 32                | 8 × 16 | 16 of 32 registers  |
// | others  | 6 × 16                | 6 × 8  | 12 of 16 registers  |
//
// Tests    KernelsTests/MatmulTests.swift, ConvolutionTests.swift

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
  #if FUSED
    sum.addingProduct(a, b)
  #else
    sum + a * b
  #endif
}

/// One tile of C; `isContinued` loads it first, otherwise its chains start at zero. Strides are in bytes.
///
/// Rows 4 … of A are addressed from a second pointer: with four registers all rows are in reach of an address mode, where a
/// pointer for each row would not stay in registers.
@inline(__always)
private func multiplyTile<Vector: SIMD>(
  _ a: UnsafeRawPointer, rowStride: Int, stepStride: Int, _ b: UnsafeRawPointer, bStride: Int,
  _ c: UnsafeMutableRawPointer, columnStride: Int, depth: Int, isContinued: Bool, as _: Vector.Type
) where Vector.Scalar: RealScalar {
  let width = MemoryLayout<Vector>.stride
  var left = TileColumn<Vector>(repeating: Vector())
  var right = TileColumn<Vector>(repeating: Vector())
  if isContinued {
    for i in 0..<tileRows {
      left[i] = unsafe (c + i * columnStride).loadUnaligned(as: Vector.self)
      right[i] = unsafe (c + i * columnStride + width).loadUnaligned(as: Vector.self)
    }
  }
  var (upper, lower, b) = unsafe (a, a + 4 * rowStride, b)
  let thrice = 3 * rowStride
  for _ in 0..<depth {
    let first = unsafe b.loadUnaligned(as: Vector.self)
    let second = unsafe (b + width).loadUnaligned(as: Vector.self)
    for i in 0..<tileRows {
      let row = unsafe (i < 4 ? upper : lower) + (i % 4 == 3 ? thrice : i % 4 * rowStride)
      let factor = unsafe Vector(repeating: row.load(as: Vector.Scalar.self))
      left[i] = chained(left[i], factor, first)
      right[i] = chained(right[i], factor, second)
    }
    unsafe upper += stepStride
    unsafe lower += stepStride
    unsafe b += bStride
  }
  for i in 0..<tileRows {
    unsafe (c + i * columnStride).storeBytes(of: left[i], as: Vector.self)
    unsafe (c + i * columnStride + width).storeBytes(of: right[i], as: Vector.self)
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
///   - b: Where the column panels lie; panel 0 belongs to the corner's column.
///   - c: The corner of row 0 and panel 0; `stride` scalars from row to row.
///   - rows: The rows that C has in all; tiles are cut off there.
///   - columns: The columns that C has from the corner on; tiles are cut off there.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func multiplyTiles<Scalar: RealScalar>(
  _ a: TileRowSource<Scalar>, rowPanels: Range<Int>, _ b: TileColumnSource<Scalar>, columnPanels: Int,
  into c: UnsafeMutablePointer<Scalar>, stride: Int, rows: Int, columns: Int, depth: Int, isContinued: Bool
) {
  let lane = MemoryLayout<Scalar>.stride
  let width = Scalar.tileColumns
  // The last panel of rows that lie as they are may be short: it is packed, so that no row past the end is read.
  let isShort = a.stepStride == 1 && rowPanels.upperBound * tileRows > rows
  unsafe withScratch(of: Scalar.self, count: tileRows * (width + (isShort ? depth : 0))) { edge in
    let lastPanel = unsafe edge + tileRows * width
    for rowPanel in rowPanels {
      var (panelA, rowStride, stepStride) = unsafe (
        a.start + rowPanel * a.panelStride, a.rowStride * lane, a.stepStride * lane
      )
      let present = min(tileRows, rows - rowPanel * tileRows)
      if isShort && present < tileRows {
        unsafe packPanel(
          panelA, lineStride: a.rowStride, stepStride: 1, present: present, lanes: tileRows, depth: depth,
          into: lastPanel)
        unsafe (panelA, rowStride, stepStride) = unsafe (UnsafePointer(lastPanel), lane, tileRows * lane)
      }
      for columnPanel in 0..<columnPanels {
        let panelB = unsafe b.start + columnPanel * b.panelStride
        let corner = unsafe c + rowPanel * tileRows * stride + columnPanel * width
        let presentColumns = min(width, columns - columnPanel * width)
        // A tile that is cut off is worked out beside C, where its missing rows and columns do no harm.
        let isWhole = present == tileRows && presentColumns == width
        let (target, targetStride) = unsafe isWhole ? (corner, stride) : (edge, width)
        if !isWhole && isContinued {
          for i in 0..<present { unsafe (edge + i * width).update(from: corner + i * stride, count: presentColumns) }
        }
        unsafe multiplyTile(
          UnsafeRawPointer(panelA), rowStride: rowStride, stepStride: stepStride, UnsafeRawPointer(panelB),
          bStride: b.stepStride * lane, UnsafeMutableRawPointer(target), columnStride: targetStride * lane,
          depth: depth, isContinued: isContinued, as: Scalar.Vector.self)
        if !isWhole {
          for i in 0..<present { unsafe (corner + i * stride).update(from: edge + i * width, count: presentColumns) }
        }
      }
    }
  }
}
