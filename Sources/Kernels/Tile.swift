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

/// One tile of C; `isContinued` loads it first, otherwise its chains start at zero. Strides are in bytes; rows of A past
/// `rows` repeat the last one, and nobody looks at what they give.
@inline(__always)
private func multiplyTile<Vector: SIMD>(
  _ a: UnsafeRawPointer, rows: Int, rowStride: Int, stepStride: Int, _ b: UnsafeRawPointer,
  _ c: UnsafeMutableRawPointer, columnStride: Int, depth: Int, isContinued: Bool, as _: Vector.Type
) where Vector.Scalar: RealScalar {
  let width = MemoryLayout<Vector>.stride
  var starts = unsafe TileColumn<UnsafeRawPointer>(repeating: a)
  for i in 0..<tileRows { unsafe starts[i] = unsafe a + min(i, rows - 1) * rowStride }
  var left = TileColumn<Vector>(repeating: Vector())
  var right = TileColumn<Vector>(repeating: Vector())
  if isContinued {
    for i in 0..<tileRows {
      left[i] = unsafe (c + i * columnStride).loadUnaligned(as: Vector.self)
      right[i] = unsafe (c + i * columnStride + width).loadUnaligned(as: Vector.self)
    }
  }
  var b = unsafe b
  var step = 0
  for _ in 0..<depth {
    let first = unsafe b.loadUnaligned(as: Vector.self)
    let second = unsafe (b + width).loadUnaligned(as: Vector.self)
    for i in 0..<tileRows {
      let factor = unsafe Vector(repeating: (starts[i] + step).load(as: Vector.Scalar.self))
      left[i] = chained(left[i], factor, first)
      right[i] = chained(right[i], factor, second)
    }
    step += stepStride
    unsafe b += 2 * width
  }
  for i in 0..<tileRows {
    unsafe (c + i * columnStride).storeBytes(of: left[i], as: Vector.self)
    unsafe (c + i * columnStride + width).storeBytes(of: right[i], as: Vector.self)
  }
}

@inline(__always)
private func multiplyPanels<Scalar: RealScalar>(
  _ a: TileRowSource<Scalar>, panels: Range<Int>, _ b: UnsafePointer<Scalar>,
  into c: UnsafeMutablePointer<Scalar>, stride: Int, rows: Int, columns: Int, depth: Int, isContinued: Bool
) {
  let lane = MemoryLayout<Scalar>.stride
  unsafe withUnsafeTemporaryAllocation(
    byteCount: tileRows * Scalar.tileColumns * lane, alignment: 64
  ) { edge in
    let edge = unsafe edge.baseAddress.unsafelyUnwrapped
    for panel in panels {
      let panelA = unsafe UnsafeRawPointer(a.start + panel * a.panelStride)
      let corner = unsafe c + panel * tileRows * stride
      let present = min(tileRows, rows - panel * tileRows)
      if present == tileRows && columns == Scalar.tileColumns {
        unsafe multiplyTile(
          panelA, rows: tileRows, rowStride: a.rowStride * lane, stepStride: a.stepStride * lane, UnsafeRawPointer(b),
          UnsafeMutableRawPointer(corner), columnStride: stride * lane, depth: depth, isContinued: isContinued,
          as: Scalar.Vector.self)
        continue
      }
      // An edge: the tile is worked out beside C, where its missing rows and columns do no harm.
      let edgeStride = Scalar.tileColumns * lane
      if isContinued {
        for i in 0..<present {
          unsafe (edge + i * edgeStride).copyMemory(from: corner + i * stride, byteCount: columns * lane)
        }
      }
      unsafe multiplyTile(
        panelA, rows: present, rowStride: a.rowStride * lane, stepStride: a.stepStride * lane, UnsafeRawPointer(b),
        edge, columnStride: edgeStride, depth: depth, isContinued: isContinued, as: Scalar.Vector.self)
      for i in 0..<present {
        unsafe UnsafeMutableRawPointer(corner + i * stride)
          .copyMemory(from: edge + i * edgeStride, byteCount: columns * lane)
      }
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

/// A column of tiles: every row panel of A in `panels` against one column panel of B.
///
/// - Parameters:
///   - a: Where the row panels lie.
///   - b: One column panel, packed [depth][tileColumns].
///   - c: The corner of row 0 and the panel's first column; `stride` scalars from row to row.
///   - rows: The rows that C has in all; tiles are cut off there.
///   - columns: The panel's columns that C has, at most `tileColumns`.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func multiplyTiles<Scalar: RealScalar>(
  _ a: TileRowSource<Scalar>, panels: Range<Int>, _ b: UnsafePointer<Scalar>,
  into c: UnsafeMutablePointer<Scalar>, stride: Int, rows: Int, columns: Int, depth: Int, isContinued: Bool
) {
  unsafe multiplyPanels(
    a, panels: panels, b, into: c, stride: stride, rows: rows, columns: columns,
    depth: depth, isContinued: isContinued)
}

/// One tile of a weight gradient: A is read in place, one row per offset, at the pixel that `bases` names.
@inline(__always)
private func correlateTile<Vector: SIMD>(
  _ a: UnsafeRawPointer, offsets: UnsafePointer<Int>, bases: UnsafePointer<Int32>, _ b: UnsafeRawPointer,
  bStride: Int, _ c: UnsafeMutableRawPointer, columnStride: Int, depth: Int, isWide: Bool, as _: Vector.Type
) where Vector.Scalar: RealScalar {
  let lane = MemoryLayout<Vector.Scalar>.stride
  let width = isWide ? MemoryLayout<Vector>.stride : 0
  var rows = TileColumn<Vector>(repeating: Vector())
  var more = TileColumn<Vector>(repeating: Vector())
  var starts = unsafe TileColumn<UnsafeRawPointer>(repeating: a)
  for i in 0..<tileRows {
    unsafe starts[i] = unsafe a + offsets[i] * lane
    rows[i] = unsafe (c + i * columnStride).loadUnaligned(as: Vector.self)
    if isWide { more[i] = unsafe (c + i * columnStride + width).loadUnaligned(as: Vector.self) }
  }
  var b = unsafe b
  for k in 0..<depth {
    let base = unsafe Int(bases[k]) * lane
    let first = unsafe b.loadUnaligned(as: Vector.self)
    let second = isWide ? unsafe (b + width).loadUnaligned(as: Vector.self) : first
    for i in 0..<tileRows {
      let factor = unsafe Vector(repeating: (starts[i] + base).load(as: Vector.Scalar.self))
      rows[i] = chained(rows[i], first, factor)
      if isWide { more[i] = chained(more[i], second, factor) }
    }
    unsafe b += bStride
  }
  for i in 0..<tileRows {
    unsafe (c + i * columnStride).storeBytes(of: rows[i], as: Vector.self)
    if isWide { unsafe (c + i * columnStride + width).storeBytes(of: more[i], as: Vector.self) }
  }
}

/// Continues the chains of `tileRows` × (one or two vectors) of C over pixels:
/// C[i, j] += Σ over k of A[bases[k] + offsets[i]] · B[k, j], in order of k.
///
/// - Parameters:
///   - a: Where base 0 and offset 0 meet.
///   - b: depth × bStride; `columns` of each row are used, one or two vectors.
///   - c: tileRows × cStride, loaded and stored.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func correlateTiles<Scalar: RealScalar>(
  _ a: UnsafePointer<Scalar>, offsets: UnsafePointer<Int>, bases: UnsafePointer<Int32>, _ b: UnsafePointer<Scalar>,
  bStride: Int, into c: UnsafeMutablePointer<Scalar>, cStride: Int, columns: Int, depth: Int
) {
  let lane = MemoryLayout<Scalar>.stride
  if columns > Scalar.Vector.scalarCount {
    unsafe correlateTile(
      a, offsets: offsets, bases: bases, b, bStride: bStride * lane, c, columnStride: cStride * lane, depth: depth,
      isWide: true, as: Scalar.Vector.self)
  } else {
    unsafe correlateTile(
      a, offsets: offsets, bases: bases, b, bStride: bStride * lane, c, columnStride: cStride * lane, depth: depth,
      isWide: false, as: Scalar.Vector.self)
  }
}
