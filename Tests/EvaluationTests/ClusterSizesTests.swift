import Evaluation
import Kernels
import Testing

@Suite("Cluster sizes")
struct ClusterSizesTests {
  // Shares ½, ¼, ¼ and 0 of four clusters: entropy 1.5 ln 2 over 2 ln 2.
  @Test func workedExample() {
    let sizes = ClusterSizes(of: [2, 0, 2, 1], clusterCount: 4)
    #expect(sizes.counts == [1, 1, 2, 0])
    #expect(abs(sizes.evenness - 0.75) < 1e-15)
  }

  @Test func invariantEqualSizesHaveOneAndASingleClusterOfAllZero() {
    #expect(abs(ClusterSizes(of: Array(0..<7) + Array(0..<7), clusterCount: 7).evenness - 1) < 1e-15)
    #expect(ClusterSizes(of: [3, 3, 3], clusterCount: 5).evenness == 0)
    #expect(ClusterSizes(of: [0, 0], clusterCount: 1).evenness == 1)
    #expect(ClusterSizes(of: [], clusterCount: 3).evenness == 1)
  }
}
