// The affinities p_ij of t-SNE, and the divergence and gradient of a layout under them; formulas in
// StochasticNeighbourEmbedding.swift.
//
// Rows of pairs are spread over the threads and their sums added in order: the number of threads changes no bit.
// Tests    EvaluationTests/StochasticNeighbourEmbeddingTests.swift
import Kernels
import Networks

/// How strongly each pair of points attracts.
public struct NeighbourAffinities<Scalar: RealScalar>: Sendable {
  /// N.
  public let count: Int
  /// p, N × columns: symmetric, zero on the diagonal, below 2⁻¹⁰⁰ and beyond N, sum 1.
  private let values: [Scalar]
  /// N, rounded up to a multiple of 16.
  private let columns: Int

  /// The affinities of points × features for a perplexity, at least 1; lowered to (N − 1) / 3 where there are few points.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public init(of points: Tensor<Scalar>, perplexity: Double) {
    let count = points.rows
    require(count > 1, "neighbours need at least two points, not \(count)")
    require(perplexity >= 1 && perplexity.isFinite, "the perplexity must be at least 1, not \(perplexity)")
    let target = Double.log(max(1, min(perplexity, Double(count - 1) / 3)))
    let conditional = Self.conditional(Self.squaredDistances(points), count: count, entropy: target)
    let (columns, scale) = ((count + 15) / 16 * 16, Scalar(2 * count))
    // Nothing beside the 1/2N of each row's sum; but in Float p w would be subnormal, and a processor takes a hundred times
    // as long to multiply subnormal numbers.
    let least = Scalar(sign: .plus, exponent: -100, significand: 1)
    var values = [Scalar](repeating: 0, count: count * columns)
    Parallel.forEachBlock(of: &values, blockSize: columns) { i, row in
      for j in 0..<count {
        let p = (conditional[i * count + j] + conditional[j * count + i]) / scale
        row[j] = p < least ? 0 : p
      }
    }
    (self.count, self.columns, self.values) = (count, columns, values)
  }

  /// p of a pair.
  public subscript(_ i: Int, _ j: Int) -> Scalar { values[i * columns + j] }

  /// KL and its gradient at a layout, points × 2.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func evaluate(_ positions: Tensor<Scalar>) -> (divergence: Double, gradient: Tensor<Scalar>) {
    let gradient = gradient(at: positions)
    let total = forces(at: positions).total
    let coordinates = positions.values
    // log(p / q) = log p − log w + log Z
    let parts = Parallel.map(count) { i -> Double in
      var sum = 0.0
      for j in 0..<count where j != i && self[i, j] > 0 {
        let p = Double(self[i, j])
        let dx = Double(coordinates[2 * i] - coordinates[2 * j])
        let dy = Double(coordinates[2 * i + 1] - coordinates[2 * j + 1])
        let weight: Double = 1 + dx * dx + dy * dy  // 1 / w
        sum += p * (Double.log(p) + Double.log(weight) + Double.log(total))
      }
      return sum
    }
    return (parts.reduce(0, +), gradient)
  }

  /// ∂KL/∂y at a layout, points × 2, with the attraction multiplied by `exaggeration`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func gradient(at positions: Tensor<Scalar>, exaggeration: Scalar = 1) -> Tensor<Scalar> {
    let (forces, total) = forces(at: positions)
    let scale = 1 / Scalar(total)
    var gradient = Tensor<Scalar>(shape: [count, 2])
    for i in 0..<count {
      let force = forces[i]
      gradient.values[2 * i] = 4 * (exaggeration * force.attractionX - force.repulsionX * scale)
      gradient.values[2 * i + 1] = 4 * (exaggeration * force.attractionY - force.repulsionY * scale)
    }
    return gradient
  }

  /// The forces on every point, and Z.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func forces(at positions: Tensor<Scalar>) -> (forces: [TSNEForce<Scalar>], total: Double) {
    require(positions.shape == [count, 2], "a layout of shape \(positions.shape) for \(count) points")
    let empty = [Scalar](repeating: 0, count: columns - count)
    let forces = tsneForces(
      affinities: values, x: (0..<count).map { positions.values[2 * $0] } + empty,
      y: (0..<count).map { positions.values[2 * $0 + 1] } + empty, count: count, columns: columns)
    return (forces, forces.reduce(0.0) { $0 + Double($1.weight) } - Double(count))
  }

  /// ‖x_i − x_j‖² of all pairs, N × N, from one product of the centred points; never negative, zero on the diagonal.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func squaredDistances(_ points: Tensor<Scalar>) -> [Scalar] {
    let (count, features) = (points.rows, points.columns)
    var means = [Double](repeating: 0, count: features)
    for i in points.values.indices { means[i % features] += Double(points.values[i]) / Double(count) }
    var centred = points
    for i in centred.values.indices { centred.values[i] -= Scalar(means[i % features]) }
    let squares = dotProductsOfRows(centred.values, centred.values, columns: features)
    var distances = centred.multiplied(by: centred, otherTransposed: true).values
    Parallel.forEachBlock(of: &distances, blockSize: count) { i, row in
      for j in 0..<count { row[j] = i == j ? 0 : max(0, squares[i] + squares[j] - 2 * row[j]) }
    }
    return distances
  }

  /// p_j|i, N × N: for each row the β is found by bisection that gives the entropy.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func conditional(_ distances: [Scalar], count: Int, entropy target: Double) -> [Scalar] {
    var probabilities = distances
    Parallel.forEachBlock(of: &probabilities, blockSize: count) { i, row in
      var others: [Scalar] = []
      others.reserveCapacity(count)
      for j in 0..<count where j != i { others.append(row[j]) }
      // Distances from the nearest: the largest weight is 1, so the sum never vanishes.
      let least = others.reduce(Scalar.infinity) { min($0, $1) }
      for j in others.indices { others[j] -= least }
      let mean = Double(sum(others)) / Double(others.count)
      var (low, high, beta) = (0.0, Double.infinity, mean > 0 ? 1 / mean : 1)
      var weights = others
      for _ in 0..<64 {
        weights = others
        for j in weights.indices { weights[j] *= Scalar(-beta) }
        expInPlace(&weights)
        // H = log Σ + β ⟨d⟩
        let total = Double(sum(weights))
        let found = Double.log(total) + beta * Double(dotProduct(weights, others)) / total
        if abs(found - target) < 1e-5 { break }
        if found > target { low = beta } else { high = beta }
        beta = high == .infinity ? beta * 2 : (low + high) / 2
      }
      let total = sum(weights)
      for j in 0..<count { row[j] = j == i ? 0 : weights[j < i ? j : j - 1] / total }
    }
    return probabilities
  }
}
