import Kernels
import Networks
import TestSupport
import Testing
import Evaluation

@Suite("k-means")
struct KMeansTests {
  // Two pairs on a line: means 1 and 11, each point 1 away from its mean: inertia 4.
  @Test func workedExampleOfTwoPairs() {
    let found = KMeans(clusterCount: 2).cluster(Tensor<Double>(rows: [[0], [2], [10], [12]]))
    #expect(found.assignments[0] == found.assignments[1])
    #expect(found.assignments[2] == found.assignments[3])
    #expect(found.assignments[0] != found.assignments[2])
    #expect(found.inertia == 4)
    #expect(found.centroids.values.sorted() == [1, 11])
  }

  // All points are nearest to 0.5. The first empty cluster takes the farthest point, 11; the second takes the lower of
  // the two that are equally far. Each point is then its own mean.
  @Test func workedExampleOfEmptyClusters() {
    let found = KMeans(clusterCount: 3).cluster(
      Tensor<Double>(rows: [[0], [1], [11]]), startingFrom: Tensor(rows: [[0.5], [100], [200]]))
    #expect(found.assignments == [2, 0, 1])
    #expect(found.inertia == 0)
    #expect(found.centroids.values.sorted() == [0, 1, 11])
  }

  // Sixteen blobs on a grid, 8 apart with spread 1: a single start finds them all if its seeds hit each
  // once. The best of several draws does so in 22 of these 30 starts, a single draw in 7.
  @Test func invariantGreedySeedsHitEachBlob() {
    let noise = Tensor<Double>.random([160, 2], seed: 12)
    let points = Tensor(
      shape: [160, 2],
      values: noise.values.indices.map { i in
        let blob = i / 2 % 16
        return Double(i % 2 == 0 ? blob / 4 : blob % 4) * 8 + noise.values[i]
      })
    let hits = (0..<30).count { KMeans(clusterCount: 16, restarts: 1, seed: $0).cluster(points).inertia < 500 }
    #expect(hits >= 15)
  }

  @Test func invariantCentroidsAreMeansAndPointsAreWithTheNearest() {
    let points = Tensor<Double>.random([200, 5], seed: 3)
    let found = KMeans(clusterCount: 7, restarts: 2).cluster(points)
    func square(_ i: Int, _ p: Int) -> Double {
      zip(points.row(i), found.centroids.row(p)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
    var inertia = 0.0
    for i in 0..<200 {
      let own = square(i, found.assignments[i])
      inertia += own
      #expect((0..<7).allSatisfy { square(i, $0) >= own - 1e-12 })
    }
    #expect(abs(found.inertia - inertia) < 1e-10 * inertia)
    for p in 0..<7 {
      let members = points.rows((0..<200).filter { found.assignments[$0] == p })
      #expect(members.rows > 0)
      for d in 0..<5 {
        let mean = (0..<members.rows).reduce(0.0) { $0 + members.row($1)[$1 * 5 + d] } / Double(members.rows)
        #expect(abs(mean - found.centroids.values[p * 5 + d]) < 1e-12)
      }
    }
  }

  @Test func invariantForAnyNumberOfThreads() {
    let points = Tensor<Float>.random([500, 20], seed: 4)
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    let results = [1, 2, 7].map { threads in
      Parallel.threadCount = threads
      return KMeans(clusterCount: 6, restarts: 3, seed: 9).cluster(points)
    }
    for other in results.dropFirst() {
      #expect(other.assignments == results[0].assignments)
      #expect(other.centroids == results[0].centroids)
      #expect(other.inertia == results[0].inertia)
    }
  }

  @Test func invariantInertiaFallsWithMoreRestartsAndClusters() {
    let points = Tensor<Double>.random([150, 3], seed: 6)
    let once = KMeans(clusterCount: 8, restarts: 1).cluster(points)
    let often = KMeans(clusterCount: 8, restarts: 10).cluster(points)
    #expect(often.inertia <= once.inertia)
    #expect(KMeans(clusterCount: 12).cluster(points).inertia < often.inertia)
  }

  @Test func invariantAsManyClustersAsPointsAndEqualPoints() {
    let points = Tensor<Float>(rows: [[0, 0], [5, 0], [0, 7], [9, 9]])
    let each = KMeans(clusterCount: 4).cluster(points)
    #expect(Set(each.assignments).count == 4)
    #expect(each.inertia == 0)
    // Equal points cannot fill three clusters; the clustering still ends and has no inertia.
    let equal = KMeans(clusterCount: 3).cluster(Tensor<Float>(shape: [6, 2], repeating: 3))
    #expect(equal.assignments.count == 6)
    #expect(equal.inertia == 0)
    #expect(equal.centroids.values.allSatisfy { $0 == 3 })
  }

  @Test func goldenClusteringsOfOtherPrograms() throws {
    let cases = try EvaluationFixture.load().kmeans
    #expect(cases.count == 3)
    for blobs in cases {
      let points = Tensor<Double>(shape: [blobs.points.count / blobs.features, blobs.features], values: blobs.points)
      let found = KMeans(clusterCount: blobs.clusters).cluster(points)
      #expect(abs(found.inertia - blobs.inertia) < 1e-12 * blobs.inertia)
      #expect(ContingencyTable(predictions: found.assignments, targets: blobs.assignments).accuracy == 1)
      let single = KMeans(clusterCount: blobs.clusters).cluster(points.converted(to: Float.self))
      // Points in Float: each square carries a few units of 6e-8.
      #expect(abs(single.inertia - blobs.inertia) < 1e-6 * blobs.inertia)
    }
  }

  // scikit-learn's five seeds end between 4551.519 and 4551.752, and score 79.3 / 74.2 / 66.7 %.
  @Test func goldenInertiaOfTheDigits() throws {
    let (pixels, labels) = try EvaluationFixture.images("digits1797", maximum: 16)
    let expected = try EvaluationFixture.load().digits.inertias
    let found = KMeans(clusterCount: 10).cluster(pixels)
    // Lloyd ends in one of several optima close to the best; a tenth of a per cent above the worst of five is one, too.
    #expect(found.inertia < (expected.max() ?? 0) * 1.001)
    #expect(found.inertia > (expected.min() ?? 0) * 0.9999)
    let table = ContingencyTable(predictions: found.assignments, targets: labels)
    #expect(abs(table.accuracy - 0.793) < 0.01)
    #expect(abs(table.normalisedMutualInformation - 0.742) < 0.01)
    #expect(abs(table.adjustedRandIndex - 0.667) < 0.01)
  }

  @Test func stopsOnBadInput() async {
    await #expect(processExitsWith: .failure) { _ = KMeans(clusterCount: 0) }
    await #expect(processExitsWith: .failure) { _ = KMeans(clusterCount: 3).cluster(Tensor<Float>(shape: [2, 2])) }
  }
}
