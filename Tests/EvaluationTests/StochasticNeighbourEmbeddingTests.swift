import Kernels
import Networks
import TestSupport
import Testing
import Evaluation

@Suite("Stochastic neighbour embedding")
struct StochasticNeighbourEmbeddingTests {
  /// Three blobs of twenty points in five dimensions, 8 apart with spread 1.
  private static let blobs: Tensor<Double> = {
    var points = Tensor<Double>.random([60, 5], seed: 8)
    for i in 0..<60 { points.values[5 * i + i / 20] += 8 }
    return points
  }()

  @Test func invariantAffinitiesAreADistributionOfTheGivenPerplexity() {
    let affinities = NeighbourAffinities(of: Self.blobs, perplexity: 7)
    var total = 0.0
    for i in 0..<60 {
      #expect(affinities[i, i] == 0)
      for j in 0..<60 {
        #expect(affinities[i, j] == affinities[j, i])
        total += affinities[i, j]
      }
    }
    #expect(abs(total - 1) < 1e-12)
  }

  // Three points on a line at 0, 1, 3 with a perplexity of (3 − 1) / 3 < 1, so 1: entropy 0, and each point's nearest
  // takes all of its weight. p_01 = (1 + 1) / 6 from both sides, p_12 = (0 + 1) / 6.
  @Test func workedExampleOfThreePoints() {
    let affinities = NeighbourAffinities(of: Tensor<Double>(rows: [[0], [1], [3]]), perplexity: 5)
    #expect(abs(affinities[0, 1] - 1.0 / 3) < 1e-4)
    #expect(abs(affinities[1, 2] - 1.0 / 6) < 1e-4)
    #expect(affinities[0, 2] < 1e-4)
  }

  @Test(arguments: [1, 2, 3] as [UInt32]) func gradientsAreThoseOfTheDivergence(seed: UInt32) {
    let affinities = NeighbourAffinities(of: Self.blobs, perplexity: 10)
    let positions = Tensor<Double>.random([60, 2], seed: seed)
    let difference = DirectionalDifference(
      at: positions, gradient: affinities.evaluate(positions).gradient, seed: seed
    ) { affinities.evaluate($0).divergence }
    #expect(difference.relativeDistance < 1e-7, "\(difference)")
    #expect(affinities.evaluate(positions).gradient == affinities.gradient(at: positions))
  }

  // Every point is nearer to its own blob's mean than to the others'.
  @Test func invariantTheDivergenceFallsAndBlobsStayApart() {
    let layout = StochasticNeighbourEmbedding().layOut(Self.blobs.converted(to: Float.self))
    #expect(layout.divergence < 0.5 * layout.firstDivergence)
    #expect(layout.divergence > 0)
    let rows = (0..<60).map { Array(layout.positions.row($0)) }
    var means = [[Float]](repeating: [0, 0], count: 3)
    for i in 0..<60 { for k in 0..<2 { means[i / 20][k] += rows[i][k] / 20 } }
    for i in 0..<60 {
      var squares: [Float] = []
      for mean in means {
        let (dx, dy) = (mean[0] - rows[i][0], mean[1] - rows[i][1])
        squares.append(dx * dx + dy * dy)
      }
      #expect(squares.min() == squares[i / 20])
    }
  }

  @Test func invariantThreadsChangeNoBit() {
    var embedding = StochasticNeighbourEmbedding()
    embedding.iterations = 60
    let points = Self.blobs.converted(to: Float.self)
    let threads = Parallel.threadCount
    defer { Parallel.threadCount = threads }
    let layouts = [1, 2, 3].map { count in
      Parallel.threadCount = count
      return embedding.layOut(points).positions
    }
    #expect(layouts[0] == layouts[1] && layouts[0] == layouts[2])
  }

  @Test func workedExampleOfEqualPoints() {
    let layout = StochasticNeighbourEmbedding().layOut(Tensor<Float>(shape: [5, 3], repeating: 1))
    #expect(layout.positions.values.allSatisfy { $0 == 0 })
  }
}
