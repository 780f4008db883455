// One tile of C of a convolution that reads its image in place, one row of taps after the other.
//
//     for z in channels:                                       plane z of the image
//         for r in rows:                                       a row of taps
//             for s in 0..<columns:                            1, 2 or 3 taps, unrolled
//                 row i of C  =  row i of C  +  A[(z, r, s), i] · B[z, r, pixel + columnOffset(s)]
//
// Unlike TableTile.swift it reads no offsets from memory. A tile of 8 × 32 issues 12 loads in the 8 cycles that its multiply-adds
// take, where a vector of pixels lies across two cache lines, and a load of an offset would cost 6 % of its speed.
// Tests    KernelsTests/ConvolutionTests.swift

/// The taps of a convolution as rows of equally many, all rows alike; offsets in scalars.
struct TapGrid: Sendable {
  /// The place of the first tap, relative to a pixel's base.
  let first: Int
  let rows: Int
  let rowStep: Int
  /// How many taps a row has, 1, 2 or 3, and where its second and third lie, relative to the first.
  let columns: Int
  let secondColumn: Int
  let thirdColumn: Int

  /// The grid of some offsets in the order of rows, or nil where they form none or one of too many columns.
  init?(offsets: [Int], columns: Int) {
    guard (1...3).contains(columns) && !offsets.isEmpty && offsets.count % columns == 0 else { return nil }
    self.columns = columns
    rows = offsets.count / columns
    first = offsets[0]
    rowStep = rows > 1 ? offsets[columns] - offsets[0] : 0
    secondColumn = columns > 1 ? offsets[1] - offsets[0] : 0
    thirdColumn = columns > 2 ? offsets[2] - offsets[0] : 0
    let inRow = [0, secondColumn, thirdColumn]
    for (index, offset) in offsets.enumerated()
    where offset != first + index / columns * rowStep + inRow[index % columns] { return nil }
  }
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

/// The terms of one tap.
@inline(__always)
private func addTap<Vector: SIMD>(
  _ weights: UnsafeRawPointer, _ pixels: UnsafeRawPointer, _ second: Int, _ left: inout TileColumn<Vector>,
  _ right: inout TileColumn<Vector>
) where Vector.Scalar: RealScalar {
  let lane = MemoryLayout<Vector.Scalar>.stride
  let first = unsafe pixels.loadUnaligned(as: Vector.self)
  let next = unsafe (pixels + second).loadUnaligned(as: Vector.self)
  for i in 0..<tileRows {
    let factor = unsafe Vector(repeating: (weights + i &* lane).load(as: Vector.Scalar.self))
    left[i] = chained(left[i], factor, first)
    right[i] = chained(right[i], factor, next)
  }
}

@inline(__always)
private func tapTile<Vector: SIMD>(
  _ weights: UnsafeRawPointer, _ image: UnsafeRawPointer, second: Int, _ grid: TapGrid, columns: Int, channels: Int,
  plane: Int, _ c: UnsafeMutableRawPointer, stride: Int, isContinued: Bool, as _: Vector.Type
) where Vector.Scalar: RealScalar {
  let (width, lane) = (MemoryLayout<Unaligned<Vector>>.stride, MemoryLayout<Vector.Scalar>.stride)
  let (planeBytes, rowBytes, secondBytes, cBytes) =
    (plane &* lane, grid.rowStep &* lane, second &* lane, stride &* lane)
  let (secondTap, thirdTap) = (grid.secondColumn &* lane, grid.thirdColumn &* lane)
  var left = TileColumn<Vector>(repeating: Vector())
  var right = TileColumn<Vector>(repeating: Vector())
  if isContinued {
    for i in left.indices {
      left[i] = unsafe (c + i &* cBytes).loadUnaligned(as: Vector.self)
      right[i] = unsafe (c + i &* cBytes + width).loadUnaligned(as: Vector.self)
    }
  }
  var (a, firstRow) = unsafe (weights, image + grid.first &* lane)
  for _ in 0..<channels {
    var row = unsafe firstRow
    for _ in 0..<grid.rows {
      unsafe addTap(a, row, secondBytes, &left, &right)
      if columns > 1 { unsafe addTap(a + tileRows &* lane, row + secondTap, secondBytes, &left, &right) }
      if columns > 2 { unsafe addTap(a + 2 &* tileRows &* lane, row + thirdTap, secondBytes, &left, &right) }
      unsafe a += columns &* tileRows &* lane
      unsafe row += rowBytes
    }
    unsafe firstRow += planeBytes
  }
  for i in left.indices {
    unsafe (c + i &* cBytes).storeBytes(of: left[i], as: Vector.self)
    unsafe (c + i &* cBytes + width).storeBytes(of: right[i], as: Vector.self)
  }
}

/// Continues the chains of one tile of C, tileRows × tileColumns, over all taps of some channels.
///
/// - Parameters:
///   - weights: A, packed [channels][taps][tileRows].
///   - image: The base of the tile's first pixel in the first channel's plane; a vector's pixels start from neighbouring places.
///   - second: Scalars from the base of the first vector's pixels to that of the second's.
///   - grid: The taps.
///   - channels: How many planes take part.
///   - plane: Scalars from plane to plane.
///   - c: tileRows × tileColumns.
///   - stride: Scalars from row to row of C.
///   - isContinued: Whether the chains go on from what stands in C; otherwise they start at zero.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
@inline(never)
func multiplyTapTile<Scalar: RealScalar>(
  _ weights: UnsafePointer<Scalar>, _ image: UnsafePointer<Scalar>, second: Int, _ grid: TapGrid, channels: Int,
  plane: Int, into c: UnsafeMutablePointer<Scalar>, stride: Int, isContinued: Bool
) {
  let (weights, image, c) = unsafe (
    UnsafeRawPointer(weights), UnsafeRawPointer(image), UnsafeMutableRawPointer(c)
  )
  switch grid.columns {
  case 1:
    unsafe tapTile(
      weights, image, second: second, grid, columns: 1, channels: channels, plane: plane, c, stride: stride,
      isContinued: isContinued, as: Scalar.Vector.self)
  case 2:
    unsafe tapTile(
      weights, image, second: second, grid, columns: 2, channels: channels, plane: plane, c, stride: stride,
      isContinued: isContinued, as: Scalar.Vector.self)
  default:
    unsafe tapTile(
      weights, image, second: second, grid, columns: 3, channels: channels, plane: plane, c, stride: stride,
      isContinued: isContinued, as: Scalar.Vector.self)
  }
}
