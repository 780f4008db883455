// The sums of batch normalisation inside one plane, which is one channel of one image, of more than 16 pixels.
//
// Their one order: pixel i belongs to lane i mod 16, each lane adds its pixels in order, and the lanes are added as a tree
// (l and l + 8, then + 4, + 2, + 1). A debug build calls these functions once a plane; all that runs once a pixel is in here.
// Tests    KernelsTests/BatchNormKernelsTests.swift (bit for bit against ReferenceBatchNorm.swift)

/// Σ x of one plane.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
@inline(__always)
func planeSum<Scalar: RealScalar>(_ x: UnsafePointer<Scalar>, _ count: Int) -> Double {
  var lanes = SIMD16<Scalar>.zero
  var i = 0
  while i + 16 <= count {
    unsafe lanes += load(x + i)
    i += 16
  }
  if i < count { unsafe lanes += loadRest(x + i, count - i, padding: 0) }
  return widened(treeSum(lanes))
}

/// Σ (x − mean)² of one plane.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
@inline(__always)
func planeSquares<Scalar: RealScalar>(_ x: UnsafePointer<Scalar>, _ count: Int, mean: Scalar) -> Double {
  var lanes = SIMD16<Scalar>.zero
  var i = 0
  while i + 16 <= count {
    let distance = unsafe load(x + i) - mean
    lanes = lanes + distance * distance
    i += 16
  }
  if i < count {
    let distance = unsafe loadRest(x + i, count - i, padding: mean) - mean
    lanes = lanes + distance * distance
  }
  return widened(treeSum(lanes))
}

/// Σ g and Σ g (x − mean) of one plane.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
@inline(__always)
func planeGradientSums<Scalar: RealScalar>(
  _ g: UnsafePointer<Scalar>, _ x: UnsafePointer<Scalar>, _ count: Int, mean: Scalar
) -> SIMD2<Double> {
  var sums = SIMD16<Scalar>.zero
  var products = SIMD16<Scalar>.zero
  var i = 0
  while i + 16 <= count {
    let gradient = unsafe load(g + i)
    sums += gradient
    products = unsafe products + gradient * (load(x + i) - mean)
    i += 16
  }
  if i < count {
    let gradient = unsafe loadRest(g + i, count - i, padding: 0)
    sums += gradient
    products = unsafe products + gradient * (loadRest(x + i, count - i, padding: mean) - mean)
  }
  return SIMD2(widened(treeSum(sums)), widened(treeSum(products)))
}

@inline(__always)
private func load<Scalar: RealScalar>(_ x: UnsafePointer<Scalar>) -> SIMD16<Scalar> {
  unsafe UnsafeRawPointer(x).loadUnaligned(as: SIMD16<Scalar>.self)
}

/// The first `count` < 16 values, and `padding` in the other lanes.
@inline(__always)
private func loadRest<Scalar: RealScalar>(
  _ x: UnsafePointer<Scalar>, _ count: Int, padding: Scalar
) -> SIMD16<Scalar> {
  let empty = SIMD4(repeating: padding)
  var quads = (empty, empty, empty, empty)
  if count >= 4 { quads.0 = unsafe UnsafeRawPointer(x).loadUnaligned(as: SIMD4<Scalar>.self) }
  if count >= 8 { quads.1 = unsafe UnsafeRawPointer(x + 4).loadUnaligned(as: SIMD4<Scalar>.self) }
  if count >= 12 { quads.2 = unsafe UnsafeRawPointer(x + 8).loadUnaligned(as: SIMD4<Scalar>.self) }
  let single = count & 3
  if single > 0 {
    let rest = unsafe x + (count - single)
    let last = unsafe SIMD4(rest[0], single > 1 ? rest[1] : padding, single > 2 ? rest[2] : padding, padding)
    switch count >> 2 {
    case 0: quads.0 = last
    case 1: quads.1 = last
    case 2: quads.2 = last
    default: quads.3 = last
    }
  }
  return SIMD16(
    lowHalf: SIMD8(lowHalf: quads.0, highHalf: quads.1), highHalf: SIMD8(lowHalf: quads.2, highHalf: quads.3))
}

@inline(__always)
private func treeSum<Scalar: RealScalar>(_ lanes: SIMD16<Scalar>) -> Scalar {
  let eight = lanes.lowHalf + lanes.highHalf
  let four = eight.lowHalf + eight.highHalf
  return (four[0] + four[2]) + (four[1] + four[3])
}

/// The value as a Double. (The generic conversion of the standard library is a call per number.)
@inline(__always)
private func widened<Scalar: RealScalar>(_ value: Scalar) -> Double {
  if Scalar.self == Float.self { return Double(unsafe unsafeBitCast(value, to: Float.self)) }
  if Scalar.self == Double.self { return unsafe unsafeBitCast(value, to: Double.self) }
  return Double(value)
}
