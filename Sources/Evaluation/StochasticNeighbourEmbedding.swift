// Points of many dimensions laid out in two so that neighbours stay neighbours (t-SNE), for looking at embeddings.
//
//     p_j|i = exp(−β_i ‖x_i − x_j‖²) / Σ_{l≠i} …,  β_i so that exp H(p_·|i) = perplexity;   p_ij = (p_j|i + p_i|j) / 2N
//     w_ij  = 1 / (1 + ‖y_i − y_j‖²),   Z = Σ_{k≠l} w_kl,   q_ij = w_ij / Z
//     KL    = Σ_ij p_ij log(p_ij / q_ij)
//     ∂KL/∂y_i = 4 Σ_j (p_ij − q_ij) w_ij (y_i − y_j) = 4 (Σ_j p_ij w_ij (y_i − y_j) − Σ_j w_ij² (y_i − y_j) / Z)
//
// Exact: every pair counts, N² work a turn. No random number: the start is the plane of the principal components.
// Paper    van der Maaten and Hinton, JMLR 2008: the method and all constants but the number of turns; Jacobs, Neural
//          Networks 1988: gains. Start: Kobak and Berens, Nature Communications 2019.
// Tests    EvaluationTests/StochasticNeighbourEmbeddingTests.swift
import Kernels
import Networks

/// The constants of t-SNE; the same points give the same bits on any number of threads.
///
/// Each turn, for each coordinate, with g its gradient (attraction times the exaggeration), u its last change, a its gain:
///
///     a ← a + 0.2 where g and u have opposite signs, else 0.8 a;   at least 0.01
///     u ← momentum · u − rate · a · g;   y ← y + u
public struct StochasticNeighbourEmbedding: Sendable, Equatable {
  /// The effective number of neighbours, 5 to 50 in the paper; at most (N − 1) / 3 is used, where there are few points.
  public var perplexity = 30.0
  /// Turns in all; the paper takes 1,000, and half of them halve the time and leave clusters where they are.
  public var iterations = 500
  /// The paper's η.
  public var learningRate = 100.0
  /// How much stronger attraction is at first; 4 in the paper.
  public var exaggeration = 4.0
  /// For how many turns; 50 in the paper.
  public var exaggeratedIterations = 50
  /// While attraction is exaggerated; 0.5 in the paper, there for 250 turns of 1,000.
  public var firstMomentum = 0.5
  /// Afterwards; 0.8 in the paper.
  public var momentum = 0.8
  /// The standard deviation along the first axis at the start (paper: 10⁻⁴, of random points).
  public var initialDeviation = 1e-4

  /// The constants above.
  public init() {}

  /// A layout with what it cost and what it is worth.
  public struct Layout<Scalar: RealScalar>: Sendable {
    /// points × 2, with mean 0.
    public let positions: Tensor<Scalar>
    /// KL at the start and at the end.
    public let firstDivergence, divergence: Double
  }

  /// Lays out the rows of a matrix, points × features.
  public func layOut<Scalar: RealScalar>(_ points: Tensor<Scalar>) -> Layout<Scalar> {
    let affinities = NeighbourAffinities(of: points, perplexity: perplexity)
    var positions = start(points)
    let first = affinities.evaluate(positions).divergence
    descend(&positions, affinities)
    return Layout(
      positions: centred(positions), firstDivergence: first, divergence: affinities.evaluate(positions).divergence)
  }

  /// The plane of the first two principal components, shrunk.
  private func start<Scalar: RealScalar>(_ points: Tensor<Scalar>) -> Tensor<Scalar> {
    let components = PrincipalComponents(of: points, count: min(2, points.columns))
    let plane = components.project(points)
    let deviation = components.variances[0].squareRoot()
    let factor = deviation > 0 ? Scalar(initialDeviation) / deviation : 0
    var positions = Tensor<Scalar>(shape: [points.rows, 2])
    for i in 0..<points.rows {
      for k in 0..<plane.columns { positions.values[2 * i + k] = factor * plane.values[i * plane.columns + k] }
    }
    return positions
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func descend<Scalar: RealScalar>(
    _ positions: inout Tensor<Scalar>, _ affinities: NeighbourAffinities<Scalar>
  ) {
    let rate = Scalar(learningRate)
    var gains = [Scalar](repeating: 1, count: positions.count)
    var changes = [Scalar](repeating: 0, count: positions.count)
    for iteration in 0..<iterations {
      let isExaggerated = iteration < exaggeratedIterations
      let gradient = affinities.gradient(at: positions, exaggeration: isExaggerated ? Scalar(exaggeration) : 1)
      let momentum = Scalar(isExaggerated ? firstMomentum : momentum)
      for i in gains.indices {
        let isOpposite = (gradient.values[i] > 0) != (changes[i] > 0)
        gains[i] = max(0.01, isOpposite ? gains[i] + 0.2 : gains[i] * 0.8)
        changes[i] = momentum * changes[i] - rate * gains[i] * gradient.values[i]
        positions.values[i] += changes[i]
      }
    }
  }

  private func centred<Scalar: RealScalar>(_ positions: Tensor<Scalar>) -> Tensor<Scalar> {
    var result = positions
    for k in 0..<2 {
      let mean = (0..<positions.rows).reduce(0.0) { $0 + Double(positions.values[2 * $1 + k]) } / Double(positions.rows)
      for i in 0..<positions.rows { result.values[2 * i + k] -= Scalar(mean) }
    }
    return result
  }
}
