import Kernels
import Networks
import TestSupport
import Testing
import Evaluation

@Suite("Weighted nearest neighbours")
struct WeightedNearestNeighboursTests {
  // Similarities of (1, 0) to the rows: 1, 0, 0.6. With k = 2 rows 0 and 2 vote: class 0 gets exp(0) = 1, class 1 gets
  // exp((0.6 − 1) / 0.2) = exp(−2).
  @Test func workedExampleOfTwoVotes() {
    let neighbours = WeightedNearestNeighbours(
      features: Tensor<Double>(rows: [[1, 0], [0, 1], [0.6, 0.8]]), labels: [0, 1, 1], neighbourCount: 2,
      temperature: 0.2)
    let scores = neighbours.scores(Tensor(rows: [[1, 0]]))
    #expect(scores.shape == [1, 2])
    #expect(scores.values[0] == 1)
    #expect(abs(scores.values[1] - Double.exp(-2)) < 1e-15)
    #expect(neighbours.predict(Tensor(rows: [[1, 0]])) == [0])
  }

  // All four rows are equally similar: only the two lowest indices vote, both for class 2; a tie of scores would go to
  // the lower class.
  @Test func workedExampleOfTies() {
    let row: [Float] = [0.6, 0.8]
    let features = Tensor(rows: [row, row, row, row])
    let two = WeightedNearestNeighbours(features: features, labels: [2, 2, 0, 0], neighbourCount: 2)
    #expect(two.predict(Tensor(rows: [row])) == [2])
    let four = WeightedNearestNeighbours(features: features, labels: [2, 2, 0, 0], neighbourCount: 4)
    #expect(four.predict(Tensor(rows: [row])) == [0])
    // Left out itself, row 0 asks rows 1 and 2: one vote each, class 0 wins; row 2 asks rows 0 and 1.
    #expect(two.predictLeavingOneOut() == [0, 0, 2, 2])
  }

  // Rows 0 and 1 tie for the second place behind row 2: the lower index stays.
  @Test func workedExampleOfATieForTheLastPlace() {
    let neighbours = WeightedNearestNeighbours(
      features: Tensor<Double>(rows: [[0.6, 0.8], [0.6, 0.8], [1, 0]]), labels: [0, 1, 2], neighbourCount: 2)
    let scores = neighbours.scores(Tensor(rows: [[1, 0]])).values
    #expect(scores[0] > 0)
    #expect(scores[1] == 0)
    #expect(scores[2] == 1)
  }

  // Queries that are the rows themselves are right or wrong as the rows are; others lie nearest to the row that they copy.
  @Test func workedExampleOfAccuracies() {
    let features = Tensor<Double>(rows: [[1, 0], [0.8, 0.6], [0, 1]])
    let neighbours = WeightedNearestNeighbours(features: features, labels: [0, 0, 1], neighbourCount: 1)
    #expect(neighbours.leaveOneOutAccuracy(of: features) == neighbours.leaveOneOutAccuracy())
    // Without its own row, the third finds class 0.
    #expect(neighbours.leaveOneOutAccuracy() == 2.0 / 3)
    // Row 2 moved to row 0: it finds class 0, as labelled; the second's nearest other is the first.
    #expect(neighbours.leaveOneOutAccuracy(of: Tensor(rows: [[0, 1], [0.8, 0.6], [1, 0]])) == 1.0 / 3)
    #expect(neighbours.accuracy(of: Tensor(rows: [[0, 1], [1, 0]]), labels: [1, 1]) == 0.5)
  }

  @Test func invariantMoreNeighboursThanRowsMeansAll() {
    let features = Tensor<Float>.random([7, 3], seed: 5)
    let labels = [0, 1, 2, 0, 1, 2, 0]
    let all = WeightedNearestNeighbours(features: features, labels: labels, neighbourCount: 7)
    let more = WeightedNearestNeighbours(features: features, labels: labels, neighbourCount: 1000)
    #expect(more.neighbourCount == 7)
    #expect(all.scores(features) == more.scores(features))
    #expect(more.predictLeavingOneOut().count == 7)
  }

  @Test func invariantFiniteForTinyTemperature() {
    let features = Tensor<Float>(rows: [[1, 0], [0, 1]])
    let neighbours = WeightedNearestNeighbours(features: features, labels: [0, 1], temperature: 1e-6)
    #expect(neighbours.scores(features).values == [1, 0, 0, 1])
  }

  @Test func invariantLeavingOutRemovesOnlyTheOwnRow() {
    // More rows than one chunk of queries, and every row its own class: the nearest other row is the answer.
    let features = Tensor<Double>.random([300, 4], seed: 8)
    let lengths = dotProductsOfRows(features.values, features.values, columns: 4).map { $0.squareRoot() }
    let unit = Tensor(shape: [300, 4], values: features.values.indices.map { features.values[$0] / lengths[$0 / 4] })
    let found = WeightedNearestNeighbours(features: unit, labels: Array(0..<300), neighbourCount: 1)
      .predictLeavingOneOut()
    let similarities = unit.multiplied(by: unit, otherTransposed: true)
    for i in 0..<300 {
      let others = (0..<300).filter { $0 != i }
      let nearest = others.max { similarities.values[i * 300 + $0] < similarities.values[i * 300 + $1] }
      #expect(found[i] == nearest)
    }
  }

  @Test func goldenOfTheMethod() throws {
    let golden = try EvaluationGolden.load()
    let neighbours = WeightedNearestNeighbours(
      features: Tensor(rows: golden.stage.memory), labels: golden.neighbours.labels,
      neighbourCount: golden.neighbours.count,
      temperature: golden.neighbours.sigma)
    let queries = Tensor(rows: golden.stage.views)
    #expect(neighbours.predict(queries) == golden.neighbours.predictions)
    let scores = neighbours.scores(queries)
    #expect(scores.rows == golden.neighbours.scores.count)
    for (row, expected) in golden.neighbours.scores.enumerated() {
      // The scores differ by one factor for each row.
      let shares = scores.row(row).map { $0 / scores.row(row).reduce(0, +) }
      let expectedShares = expected.map { $0 / expected.reduce(0, +) }
      #expect(shares.count == expectedShares.count)
      #expect(zip(shares, expectedShares).allSatisfy { abs($0 - $1) < 1e-12 })
    }
    let single = WeightedNearestNeighbours(
      features: Tensor<Float>(rows: golden.stage.memory.map { $0.map { Float($0) } }), labels: golden.neighbours.labels,
      neighbourCount: golden.neighbours.count)
    #expect(single.predict(queries.converted()) == golden.neighbours.predictions)
  }

  @Test func stopsOnBadInput() async {
    await #expect(processExitsWith: .failure) {
      _ = WeightedNearestNeighbours(features: Tensor<Float>(shape: [2, 2]), labels: [0])
    }
    await #expect(processExitsWith: .failure) {
      _ = WeightedNearestNeighbours(features: Tensor<Float>(shape: [1, 2]), labels: [3], classCount: 2)
    }
    await #expect(processExitsWith: .failure) {
      _ = WeightedNearestNeighbours(features: Tensor<Float>(shape: [1, 2]), labels: [0], neighbourCount: 0)
    }
  }
}
