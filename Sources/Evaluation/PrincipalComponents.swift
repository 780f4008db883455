// The directions in which points vary most: the eigenvectors of their covariance.
//
//     C = Xᵀ X / N of the centred points X,   C w_k = λ_k w_k,   λ_1 ≥ λ_2 ≥ …,   projection X w_k
//
// By subspace iteration: a block of a few more vectors than asked for is multiplied by C and made orthonormal again; the
// small matrix Bᵀ C B is then diagonalised by Jacobi's rotations (Rayleigh and Ritz). Errors fall by λ_{block + 1} / λ_k a turn.
// Sources  Pearson 1901; Golub and Van Loan, Matrix computations, sections 8.2 (iteration) and 8.5 (Jacobi).
// Tests    EvaluationTests/PrincipalComponentsTests.swift
import Kernels
import Networks

/// The first principal components of a set of points.
///
/// An eigenvector is known up to its sign: here the entry of largest size, the first among equals, is positive.
public struct PrincipalComponents<Scalar: RealScalar>: Sendable {
  /// The mean of the points; one value for each feature.
  public let mean: [Scalar]
  /// The unit eigenvectors, components × features, by falling variance.
  public let directions: Tensor<Scalar>
  /// λ, the variance along each direction (over N, not N − 1); none negative.
  public let variances: [Scalar]
  /// The sum of the variances along all directions, the trace of C.
  public let totalVariance: Scalar

  /// How many turns the iteration may take; it ends earlier, when the residuals are down to rounding.
  private static var maximumTurns: Int { 300 }

  /// Finds the components of the rows of a matrix.
  ///
  /// - Parameters:
  ///   - points: points × features, at least one point.
  ///   - count: How many components; as many as there are features at most.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public init(of points: Tensor<Scalar>, count: Int) {
    let (total, features) = (points.rows, points.columns)
    require(
      total > 0 && (1...max(1, features)).contains(count), "\(count) principal components of points \(points.shape)")
    var sums = [Double](repeating: 0, count: features)
    for i in 0..<total { for d in 0..<features { sums[d] += Double(points.values[i * features + d]) } }
    let mean = sums.map { Scalar($0 / Double(total)) }
    let centred = Self.centred(points, mean)
    var covariance = centred.multiplied(by: centred, transposed: true)
    for i in covariance.values.indices { covariance.values[i] /= Scalar(total) }
    let trace = (0..<features).reduce(Scalar(0)) { $0 + covariance.values[$1 * features + $1] }
    let found = Self.largestEigenvectors(of: covariance, count: count, scale: trace)
    (self.mean, directions, totalVariance) = (mean, found.vectors, trace)
    variances = found.values.map { max(0, $0) }
  }

  /// The coordinates of points along the components: points × components.
  public func project(_ points: Tensor<Scalar>) -> Tensor<Scalar> {
    Self.centred(points, mean).multiplied(by: directions, otherTransposed: true)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func centred(_ points: Tensor<Scalar>, _ mean: [Scalar]) -> Tensor<Scalar> {
    require(points.columns == mean.count, "points of \(points.columns) features, but the mean has \(mean.count)")
    var points = points
    for i in points.values.indices { points.values[i] -= mean[i % mean.count] }
    return points
  }

  /// The eigenvectors (as rows) of the largest eigenvalues of a symmetric matrix without negative ones.
  private static func largestEigenvectors(
    of matrix: Tensor<Scalar>, count: Int, scale: Scalar
  ) -> (values: [Scalar], vectors: Tensor<Scalar>) {
    let features = matrix.rows
    let block = min(features, count + 8)
    // Any start will do that is not orthogonal to the result: multiples of the golden ratio modulo 1, a fixed sequence.
    let start = (1...block * features).map { step in
      let multiple = Double(step) * 0.618_033_988_749_894_9
      return Scalar(multiple - multiple.rounded(.down) - 0.5)
    }
    var vectors = orthonormal(Tensor(shape: [block, features], values: start))
    var values = [Scalar](repeating: 0, count: block)
    let tolerance = 4 * Scalar(features) * Scalar.ulpOfOne * scale
    for _ in 0..<maximumTurns {
      let images = vectors.multiplied(by: matrix)
      let small = vectors.multiplied(by: images, otherTransposed: true)
      let rotation = SymmetricEigenvectors(small)
      values = rotation.values
      vectors = rotation.vectors.multiplied(by: vectors)
      let rotated = rotation.vectors.multiplied(by: images)
      // ‖C w − λ w‖ of the components asked for.
      let isDone = (0..<count).allSatisfy { k in
        let squares = zip(rotated.row(k), vectors.row(k)).reduce(Scalar(0)) { sum, pair in
          sum + (pair.0 - values[k] * pair.1) * (pair.0 - values[k] * pair.1)
        }
        return squares.squareRoot() <= tolerance
      }
      if isDone { break }
      vectors = orthonormal(rotated, instead: vectors)
    }
    return (Array(values[..<count]), withSigns(vectors.rows(0..<count)))
  }

  /// Rows made orthonormal one after the other, twice (once leaves what cancellation left).
  ///
  /// A row that vanishes is replaced by the row of `others` or by a unit vector, whichever first is independent.
  private static func orthonormal(_ rows: Tensor<Scalar>, instead others: Tensor<Scalar>? = nil) -> Tensor<Scalar> {
    let features = rows.columns
    var done: [[Scalar]] = []
    func remainder(_ row: [Scalar]) -> [Scalar]? {
      let length = dotProduct(row, row).squareRoot()
      guard length > 0 && length.isFinite else { return nil }
      var rest = row.map { $0 / length }
      for _ in 0..<2 {
        for earlier in done { add(earlier, scaledBy: -dotProduct(earlier, rest), into: &rest) }
      }
      let left = dotProduct(rest, rest).squareRoot()
      return left > 64 * Scalar.ulpOfOne ? rest.map { $0 / left } : nil
    }
    for k in 0..<rows.rows {
      var row = remainder(Array(rows.row(k))) ?? others.flatMap { remainder(Array($0.row(k))) }
      var axis = 0
      while row == nil && axis < features {
        row = remainder((0..<features).map { $0 == axis ? 1 : 0 })
        axis += 1
      }
      // As few rows as features: a unit vector is always left.
      if let row { done.append(row) }
    }
    return Tensor(rows: done)
  }

  private static func withSigns(_ rows: Tensor<Scalar>) -> Tensor<Scalar> {
    Tensor(
      rows: (0..<rows.rows).map { k in
        let row = Array(rows.row(k))
        let largest = row.indices.reduce(0) { abs(row[$1]) > abs(row[$0]) ? $1 : $0 }
        return row[largest] < 0 ? row.map { -$0 } : row
      })
  }
}

/// All eigenvectors of a small symmetric matrix, by Jacobi's rotations.
struct SymmetricEigenvectors<Scalar: RealScalar> {
  /// The eigenvalues, falling.
  let values: [Scalar]
  /// The eigenvectors as rows, in the order of the values.
  let vectors: Tensor<Scalar>

  /// Turns each entry above the diagonal to zero in turn, until all are down to rounding.
  init(_ matrix: Tensor<Scalar>) {
    let size = matrix.rows
    var a = (0..<size).map { i in
      (0..<size).map { j in (matrix.values[i * size + j] + matrix.values[j * size + i]) / 2 }
    }
    var v = (0..<size).map { i in (0..<size).map { Scalar($0 == i ? 1 : 0) } }
    let scale = a.joined().reduce(Scalar(0)) { max($0, abs($1)) }
    // Convergence is quadratic: a handful of sweeps; 30 is beyond what any matrix needs.
    for _ in 0..<30 {
      var largest = Scalar(0)
      for p in 0..<size {
        for q in p + 1..<max(p + 1, size) {
          largest = max(largest, abs(a[p][q]))
          if abs(a[p][q]) <= Scalar.ulpOfOne * scale { continue }
          // tan of the smaller angle that makes a_pq zero:  t² + 2 θ t − 1 = 0,  θ = (a_qq − a_pp) / 2 a_pq
          let theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
          let sign: Scalar = theta < 0 ? -1 : 1
          let t = sign / (abs(theta) + (theta * theta + 1).squareRoot())
          let c = 1 / (t * t + 1).squareRoot()
          Self.rotate(&a, &v, p, q, cosine: c, sine: t * c)
        }
      }
      if largest <= Scalar.ulpOfOne * scale { break }
    }
    let order = (0..<size).sorted { (-a[$0][$0], $0) < (-a[$1][$1], $1) }
    values = order.map { a[$0][$0] }
    vectors = Tensor(rows: order.map { v[$0] })
  }

  private static func rotate(
    _ a: inout [[Scalar]], _ v: inout [[Scalar]], _ p: Int, _ q: Int, cosine: Scalar, sine: Scalar
  ) {
    for i in a.indices { (a[i][p], a[i][q]) = (cosine * a[i][p] - sine * a[i][q], sine * a[i][p] + cosine * a[i][q]) }
    for i in a.indices {
      (a[p][i], a[q][i]) = (cosine * a[p][i] - sine * a[q][i], sine * a[p][i] + cosine * a[q][i])
      (v[p][i], v[q][i]) = (cosine * v[p][i] - sine * v[q][i], sine * v[p][i] + cosine * v[q][i])
    }
  }
}
