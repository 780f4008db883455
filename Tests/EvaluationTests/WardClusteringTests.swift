import Kernels
import Networks
import Testing
import Evaluation

@Suite("Ward's clustering")
struct WardClusteringTests {
  // 0 and 1 join at ½, 10 and 12 at 2, then 5 with {10, 12}: ⅔ · 36 = 24 against ⅔ · 20.25 = 13.5 with {0, 1}.
  @Test func workedExampleOnALine() {
    let points = Tensor<Double>(shape: [5, 1], values: [0, 10, 1, 5, 12])
    #expect(WardClustering(clusterCount: 5).cluster(points) == [0, 1, 2, 3, 4])
    #expect(WardClustering(clusterCount: 4).cluster(points) == [0, 1, 0, 2, 3])
    #expect(WardClustering(clusterCount: 3).cluster(points) == [0, 1, 0, 2, 1])
    #expect(WardClustering(clusterCount: 2).cluster(points) == [0, 1, 0, 0, 1])
    #expect(WardClustering(clusterCount: 1).cluster(points) == [0, 0, 0, 0, 0])
  }

  /// The slow, obvious version: of all pairs the one whose union raises the sum of squares least, again and again.
  private func naive(_ points: Tensor<Double>, _ count: Int) -> [Int] {
    var clusters = (0..<points.rows).map { [$0] }
    func squares(_ members: [Int]) -> Double {
      (0..<points.columns).reduce(0) { sum, d in
        let values = members.map { points.values[$0 * points.columns + d] }
        let mean = values.reduce(0, +) / Double(values.count)
        return sum + values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      }
    }
    while clusters.count > count {
      var best = (rise: Double.infinity, a: 0, b: 0)
      for a in clusters.indices {
        for b in clusters.indices where b > a {
          let rise = squares(clusters[a] + clusters[b]) - squares(clusters[a]) - squares(clusters[b])
          if rise < best.rise { best = (rise, a, b) }
        }
      }
      clusters[best.a] += clusters.remove(at: best.b)
    }
    let numbered = clusters.sorted { ($0.min() ?? 0) < ($1.min() ?? 0) }
    return (0..<points.rows).map { point in numbered.firstIndex { $0.contains(point) } ?? -1 }
  }

  @Test func invariantChainsFindWhatAllPairsFind() {
    for seed in 0..<6 as Range<UInt32> {
      var stream = RandomStream(seed: seed, purpose: .test)
      let points = Tensor<Double>(shape: [14, 2], values: (0..<28).map { _ in stream.normal() })
      for count in [2, 3, 5] {
        #expect(WardClustering(clusterCount: count).cluster(points) == naive(points, count), "seed \(seed), \(count)")
      }
    }
  }

  @Test func invariantEqualPointsEnd() {
    let points = Tensor<Float>(shape: [9, 2], values: Array(repeating: 1, count: 18))
    #expect(Set(WardClustering(clusterCount: 3).cluster(points)) == [0, 1, 2])
  }
}
