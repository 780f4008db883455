// Packing for the matrix product: panels that Tile.swift reads front to back.
//
//     A, rows × depth              row panels [depth][tileRows]        B, depth × columns         column panels [depth][tileColumns]
//     a00 a01 a02 …                a00 a10 a20 … | a01 a11 …           b00 b01 … b0n              b00 … b0t | b10 … b1t | …
//     a10 a11 a12 …          →                                         b10 b11 … b1n         →
//
// Seen by the packer both are the same: `lanes` lines side by side, walked along the depth; either the lines (contiguous
// along the depth) or the steps (contiguous along the lines) lie together in memory. Missing lines are filled with zeros.

/// Packs `present` of `lanes` lines over `depth` steps into `panel`, laid out [depth][lanes].
///
/// - Parameters:
///   - source: The first line's first step.
///   - lineStride: Scalars from line to line.
///   - stepStride: Scalars from step to step along the depth. One of the two strides is 1.
///   - present: The lines that exist; zeros stand for the others.
///   - lanes: The lines of the panel.
///   - depth: The steps of every line.
///   - panel: Takes depth × lanes scalars.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func packPanel<Scalar: RealScalar>(
  _ source: UnsafePointer<Scalar>, lineStride: Int, stepStride: Int, present: Int, lanes: Int, depth: Int,
  into panel: UnsafeMutablePointer<Scalar>
) {
  if lineStride == 1 && present == lanes && lanes == Scalar.tileColumns {
    for k in 0..<depth {
      let from = unsafe UnsafeRawPointer(source + k * stepStride)
      let to = unsafe UnsafeMutableRawPointer(panel + k * lanes)
      let half = MemoryLayout<Unaligned<Scalar.Vector>>.stride
      unsafe to.storeBytes(of: from.loadUnaligned(as: Scalar.Vector.self), as: Scalar.Vector.self)
      unsafe (to + half).storeBytes(of: (from + half).loadUnaligned(as: Scalar.Vector.self), as: Scalar.Vector.self)
    }
    return
  }
  if stepStride == 1 {
    unsafe transpose(source, rows: present, columns: depth, stride: lineStride, into: panel, stride: lanes)
    if present == lanes { return }
    for k in 0..<depth { unsafe (panel + k * lanes + present).update(repeating: 0, count: lanes - present) }
    return
  }
  for k in 0..<depth {
    let to = unsafe panel + k * lanes
    let from = unsafe source + k * stepStride
    for lane in 0..<present { unsafe to[lane] = from[lane * lineStride] }
    for lane in present..<max(present, lanes) { unsafe to[lane] = 0 }
  }
}

/// Packs `panels` full column panels side by side, step by step along the depth, so that each row is read in one go.
///
/// - Parameters:
///   - source: The first panel's first step; its lines are neighbours in memory.
///   - stepStride: Scalars from step to step along the depth.
///   - panels: How many panels lie side by side; all are full.
///   - depth: The steps of every line.
///   - target: The first panel; the next one follows after depth × tileColumns scalars.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func packColumnPanels<Scalar: RealScalar>(
  _ source: UnsafePointer<Scalar>, stepStride: Int, panels: Int, depth: Int, into target: UnsafeMutablePointer<Scalar>
) {
  let half = MemoryLayout<Unaligned<Scalar.Vector>>.stride
  let panelBytes = 2 * half * depth
  for k in 0..<depth {
    var from = unsafe UnsafeRawPointer(source + k * stepStride)
    var to = unsafe UnsafeMutableRawPointer(target) + k * 2 * half
    for _ in 0..<panels {
      unsafe to.storeBytes(of: from.loadUnaligned(as: Scalar.Vector.self), as: Scalar.Vector.self)
      unsafe (to + half).storeBytes(of: (from + half).loadUnaligned(as: Scalar.Vector.self), as: Scalar.Vector.self)
      unsafe from += 2 * half
      unsafe to += panelBytes
    }
  }
}

/// target[column, row] = source[row, column].
///
/// - Parameters:
///   - source: rows × columns.
///   - rows: Of the source; the columns of the target.
///   - columns: Of the source; the rows of the target.
///   - stride: Scalars from row to row of the source.
///   - target: columns × rows.
///   - targetStride: Scalars from row to row of the target.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func transpose<Scalar: RealScalar>(
  _ source: UnsafePointer<Scalar>, rows: Int, columns: Int, stride: Int, into target: UnsafeMutablePointer<Scalar>,
  stride targetStride: Int
) {
  let (squareRows, squareColumns) = (rows / 8 * 8, columns / 8 * 8)
  let (from, to) = (stride &* MemoryLayout<Scalar>.stride, targetStride &* MemoryLayout<Scalar>.stride)
  for row in Swift.stride(from: 0, to: squareRows, by: 8) {
    for column in Swift.stride(from: 0, to: squareColumns, by: 8) {
      let corner = unsafe UnsafeRawPointer(source + (row &* stride &+ column))
      unsafe transposeSquare(into: target + (column &* targetStride &+ row), stride: to, as: Scalar.self) { i in
        unsafe corner + i &* from
      }
    }
  }
  // Planes of 2 × 2 pixels have four columns.
  let wholeColumns = columns - squareColumns < 4 ? squareColumns : squareColumns + 4
  if wholeColumns > squareColumns {
    for row in Swift.stride(from: 0, to: squareRows, by: 4) {
      unsafe transposeFour(
        UnsafeRawPointer(source + (row &* stride &+ squareColumns)), stride: from,
        into: target + (squareColumns &* targetStride &+ row), targetStride: to, as: Scalar.self)
    }
  }
  for row in 0..<rows {
    for column in (row < squareRows ? wholeColumns : 0)..<columns {
      unsafe target[column &* targetStride &+ row] = source[row &* stride &+ column]
    }
  }
}

/// The transpose of rows that lie anywhere: target[column, row] = source[starts[row] + column].
///
/// - Parameters:
///   - source: What the starts count from.
///   - starts: Where each row begins, in scalars.
///   - columns: The length of every row.
///   - target: columns × lanes; zeros stand for the rows from the last one up to `lanes`.
///   - lanes: The columns of the target that are written, at least as many as there are rows.
///   - targetStride: Scalars from row to row of the target.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func transposeLines<Scalar: RealScalar>(
  _ source: UnsafePointer<Scalar>, starts: [Int], columns: Int, into target: UnsafeMutablePointer<Scalar>, lanes: Int,
  stride targetStride: Int
) {
  let (squareRows, squareColumns) = (starts.count / 8 * 8, columns / 8 * 8)
  for column in stride(from: 0, to: squareColumns, by: 8) {
    for row in stride(from: 0, to: squareRows, by: 8) {
      unsafe transposeSquare(
        into: target + column * targetStride + row, stride: targetStride &* MemoryLayout<Scalar>.stride, as: Scalar.self
      ) { i in
        unsafe UnsafeRawPointer(source + (starts[row + i] + column))
      }
    }
  }
  for row in 0..<lanes {
    for column in (row < squareRows ? squareColumns : 0)..<columns {
      unsafe target[column * targetStride + row] = row < starts.count ? source[starts[row] + column] : 0
    }
  }
}

/// Transposes eight rows of eight scalars: three rounds of interleaving rows i and i + 4; the stride is in bytes.
@inline(__always)
private func transposeSquare<Scalar: RealScalar>(
  into target: UnsafeMutablePointer<Scalar>, stride: Int, as _: Scalar.Type, row: (Int) -> UnsafeRawPointer
) {
  var rows = InlineArray<8, SIMD8<Scalar>> { i in
    unsafe row(i).loadUnaligned(as: SIMD8<Scalar>.self)
  }
  for _ in 0..<3 {
    var woven = rows
    for i in 0..<4 {
      let (first, second) = (rows[i], rows[i &+ 4])
      woven[2 &* i] = SIMD8(
        first[0], second[0], first[1], second[1], first[2], second[2], first[3], second[3])
      woven[2 &* i &+ 1] = SIMD8(
        first[4], second[4], first[5], second[5], first[6], second[6], first[7], second[7])
    }
    rows = woven
  }
  let first = UnsafeMutableRawPointer(target)
  for i in 0..<8 { unsafe (first + i &* stride).storeBytes(of: rows[i], as: SIMD8<Scalar>.self) }
}

/// Transposes four rows of four scalars; both strides are in bytes.
@inline(__always)
private func transposeFour<Scalar: RealScalar>(
  _ source: UnsafeRawPointer, stride: Int, into target: UnsafeMutablePointer<Scalar>, targetStride: Int,
  as _: Scalar.Type
) {
  var rows = InlineArray<4, SIMD4<Scalar>> { i in
    unsafe (source + i &* stride).loadUnaligned(as: SIMD4<Scalar>.self)
  }
  for _ in 0..<2 {
    var woven = rows
    for i in 0..<2 {
      let (first, second) = (rows[i], rows[i &+ 2])
      woven[2 &* i] = SIMD4(first[0], second[0], first[1], second[1])
      woven[2 &* i &+ 1] = SIMD4(first[2], second[2], first[3], second[3])
    }
    rows = woven
  }
  let first = UnsafeMutableRawPointer(target)
  for i in 0..<4 { unsafe (first + i &* targetStride).storeBytes(of: rows[i], as: SIMD4<Scalar>.self) }
}
