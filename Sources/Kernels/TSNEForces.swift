// The sums over all pairs of points in a plane that a layout by neighbours (t-SNE) descends along.
//
//     w_ij = 1 / (1 + ‖y_i − y_j‖²)
//     of each i:   Σ_j p_ij w_ij (y_i − y_j),   Σ_j w_ij² (y_i − y_j),   Σ_j w_ij
//
// One row i belongs to one thread and is summed in 16 lanes, then by a tree, as in Reductions.swift but in Scalar:
// the number of threads and the width of the registers change no bit. No product is fused with a sum.
// Tests    KernelsTests/TSNEForcesTests.swift

/// The sums of one point.
public struct TSNEForce<Scalar: RealScalar>: Sendable, BitwiseCopyable {
  /// Σ_j p_ij w_ij (y_i − y_j).
  public var attractionX, attractionY: Scalar
  /// Σ_j w_ij² (y_i − y_j).
  public var repulsionX, repulsionY: Scalar
  /// Σ_j w_ij; the point itself counts as 1.
  public var weight: Scalar
}

/// The forces of ``TSNEForce`` on every point.
///
/// - Parameters:
///   - affinities: p, points × columns, row-major; zero beyond the points.
///   - x: The first coordinate of every point, filled up to `columns` by any value.
///   - y: The second one, likewise.
///   - count: The number of points.
///   - columns: A multiple of 16, at least `count`.
/// - Returns: The sums of each of the `count` points.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func tsneForces<Scalar: RealScalar>(
  affinities: [Scalar], x: [Scalar], y: [Scalar], count: Int, columns: Int
) -> [TSNEForce<Scalar>] {
  require(
    columns >= count && columns % 16 == 0 && affinities.count == count * columns && x.count == columns
      && y.count == columns,
    "forces of \(count) points in \(columns) columns from \(affinities.count), \(x.count) and \(y.count) values")
  // Empty places lie so far away that w² is zero and w vanishes beside the 1 of the point itself.
  let far = Scalar.greatestFiniteMagnitude.squareRoot() / 4
  let (x, y) = (filled(x, from: count, with: far), filled(y, from: count, with: far))
  let zero = TSNEForce<Scalar>(attractionX: 0, attractionY: 0, repulsionX: 0, repulsionY: 0, weight: 0)
  var forces = [TSNEForce<Scalar>](repeating: zero, count: count)
  let pointsPerBlock = 32
  unsafe affinities.withUnsafeBufferPointer { affinities in
    unsafe x.withUnsafeBufferPointer { x in
      unsafe y.withUnsafeBufferPointer { y in
        guard let ofPairs = affinities.baseAddress, let first = x.baseAddress, let second = y.baseAddress else {
          return
        }
        nonisolated(unsafe) let (p, x, y) = unsafe (ofPairs, first, second)
        Parallel.forEachBlock(of: &forces, blockSize: pointsPerBlock) { block, forces in
          for index in 0..<forces.count {
            let i = block * pointsPerBlock + index
            unsafe forces[index] = force(on: i, p + i * columns, x, y, columns: columns)
          }
        }
      }
    }
  }
  return forces
}

private func filled<Scalar: RealScalar>(_ values: [Scalar], from first: Int, with value: Scalar) -> [Scalar] {
  values.enumerated().map { $0.offset < first ? $0.element : value }
}

@inline(__always)
private func force<Scalar: RealScalar>(
  on i: Int, _ p: UnsafePointer<Scalar>, _ x: UnsafePointer<Scalar>, _ y: UnsafePointer<Scalar>, columns: Int
) -> TSNEForce<Scalar> {
  let (ownX, ownY) = unsafe (SIMD16(repeating: x[i]), SIMD16(repeating: y[i]))
  let one = SIMD16<Scalar>(repeating: 1)
  var (attractionX, attractionY) = (SIMD16<Scalar>(repeating: 0), SIMD16<Scalar>(repeating: 0))
  var (repulsionX, repulsionY, weights) = (attractionX, attractionX, attractionX)
  for first in stride(from: 0, to: columns, by: 16) {
    let dx = unsafe ownX - sixteen(x + first)
    let dy = unsafe ownY - sixteen(y + first)
    let w = one / (one + dx * dx + dy * dy)
    let pw = unsafe sixteen(p + first) * w
    let ww = w * w
    weights += w
    attractionX += pw * dx
    attractionY += pw * dy
    repulsionX += ww * dx
    repulsionY += ww * dy
  }
  return TSNEForce(
    attractionX: total(attractionX), attractionY: total(attractionY), repulsionX: total(repulsionX),
    repulsionY: total(repulsionY), weight: total(weights))
}

@inline(__always)
private func sixteen<Scalar: RealScalar>(_ values: UnsafePointer<Scalar>) -> SIMD16<Scalar> {
  var lanes = SIMD16<Scalar>()
  for lane in 0..<16 { unsafe lanes[lane] = values[lane] }
  return lanes
}

/// The tree over 16 lanes: halves are added until one number is left.
@inline(__always)
private func total<Scalar: RealScalar>(_ lanes: SIMD16<Scalar>) -> Scalar {
  let eight = lanes.lowHalf + lanes.highHalf
  let four = eight.lowHalf + eight.highHalf
  let two = four.lowHalf + four.highHalf
  return two.x + two.y
}
