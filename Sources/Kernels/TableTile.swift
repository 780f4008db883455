// One tile of C whose factors lie where a table says: contractions that read images in place.
//
//     for u in 0..<outer:                                   outer: channels, or images
//         for (p, q) in table:                              table: taps, or pixels
//             row i of C  =  row i of C  +  A[i · rowStride + u · outerA + p] · B[u · outerB + q + …]
//
// As in Tile.swift C stays in registers from the first term to the last. What multiplies padding is left out of the tables:
// fma(w, 0, c) = c for every finite w, so a chain without these terms has the same bits (but for the sign of a zero that
// underflow has left). Callers make sure that w is finite. Tests    KernelsTests/ConvolutionTests.swift

/// Where one term of the chains finds its factors, relative to the start of its outer step: offsets in scalars.
struct TableStep {
  var a: Int32
  var b: Int32
}

/// The strides of a table tile, in scalars.
struct TableStrides {
  /// From row to row of A.
  let row: Int
  /// From one outer step to the next, in A and in B.
  let outerA: Int
  let outerB: Int
  /// From the first to the second vector of B.
  let second: Int
  /// From row to row of C.
  let c: Int
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

@inline(__always)
private func tableTile<Vector: SIMD>(
  _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ table: UnsafePointer<TableStep>, steps: Int, outer: Int,
  _ strides: TableStrides, _ c: UnsafeMutableRawPointer, isWide: Bool, isContinued: Bool, as _: Vector.Type
) where Vector.Scalar: RealScalar {
  let (width, lane) = (MemoryLayout<Unaligned<Vector>>.stride, MemoryLayout<Vector.Scalar>.stride)
  let (rowStride, cStride, second) = (strides.row * lane, strides.c * lane, strides.second * lane)
  var left = TileColumn<Vector>(repeating: Vector())
  var right = TileColumn<Vector>(repeating: Vector())
  if isContinued {
    for i in left.indices {
      left[i] = unsafe (c + i * cStride).loadUnaligned(as: Vector.self)
      if isWide { right[i] = unsafe (c + i * cStride + width).loadUnaligned(as: Vector.self) }
    }
  }
  let thrice = 3 * rowStride
  var (outerA, outerB) = unsafe (a, b)
  for _ in 0..<outer {
    for k in 0..<steps {
      let step = unsafe table[k]
      let upper = unsafe outerA + Int(step.a) &* lane
      let lower = unsafe upper + 4 * rowStride
      let source = unsafe outerB + Int(step.b) &* lane
      let first = unsafe source.loadUnaligned(as: Vector.self)
      let next = isWide ? unsafe (source + second).loadUnaligned(as: Vector.self) : first
      for i in left.indices {
        let row = unsafe (i < 4 ? upper : lower) + (i % 4 == 3 ? thrice : i % 4 * rowStride)
        let factor = unsafe Vector(repeating: row.load(as: Vector.Scalar.self))
        left[i] = chained(left[i], factor, first)
        if isWide { right[i] = chained(right[i], factor, next) }
      }
    }
    unsafe outerA += strides.outerA * lane
    unsafe outerB += strides.outerB * lane
  }
  for i in left.indices {
    unsafe (c + i * cStride).storeBytes(of: left[i], as: Vector.self)
    if isWide { unsafe (c + i * cStride + width).storeBytes(of: right[i], as: Vector.self) }
  }
}

/// Continues the chains of one tile of C, tileRows × (one or two vectors), over `outer` × `steps` terms.
///
/// - Parameters:
///   - a: Row 0 at offset 0 of the first outer step; all tileRows rows must exist.
///   - b: Column 0 at offset 0 of the first outer step.
///   - table: The offsets of A and B at each inner step.
///   - steps: The length of the table.
///   - outer: How often the table is gone through.
///   - strides: The distances in A, B and C.
///   - c: tileRows × (one or two vectors).
///   - columns: One or two vectors of scalars.
///   - isContinued: Whether the chains go on from what stands in C; otherwise they start at zero.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
@inline(never)
func multiplyTableTile<Scalar: RealScalar>(
  _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, _ table: UnsafePointer<TableStep>, steps: Int, outer: Int,
  _ strides: TableStrides, into c: UnsafeMutablePointer<Scalar>, columns: Int, isContinued: Bool
) {
  if columns > Scalar.Vector.scalarCount {
    unsafe tableTile(
      UnsafeRawPointer(a), UnsafeRawPointer(b), table, steps: steps, outer: outer, strides,
      UnsafeMutableRawPointer(c), isWide: true, isContinued: isContinued, as: Scalar.Vector.self)
  } else {
    unsafe tableTile(
      UnsafeRawPointer(a), UnsafeRawPointer(b), table, steps: steps, outer: outer, strides,
      UnsafeMutableRawPointer(c), isWide: false, isContinued: isContinued, as: Scalar.Vector.self)
  }
}
