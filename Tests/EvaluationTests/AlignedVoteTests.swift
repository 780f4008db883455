import Evaluation
import Foundation
import Kernels
import Networks
import Testing

@Suite("Aligned vote")
struct AlignedVoteTests {
  /// Noisy copies of a clustering under names of their own, and probabilities whose largest is the cluster's.
  struct Clusterings {
    let clusters: [[Int]]
    let probabilities: [Tensor<Double>]
    let count: Int

    init(seed: Int, clusterings: Int = 4, images: Int = 60, count: Int = 4) {
      var stream = RandomStream(seed: 5, purpose: .test, image: seed)
      func whole(_ range: Int) -> Int { min(range - 1, Int(stream.uniform() * Double(range))) }
      let truth = (0..<images).map { _ in whole(count) }
      let names = (0..<clusterings).map { _ in stream.permutation(of: count) }
      let clusters = names.map { names in truth.map { names[stream.uniform() < 0.2 ? whole(count) : $0] } }
      probabilities = clusters.map { clusters in
        let rows = clusters.map { cluster in (0..<count).map { stream.uniform() + ($0 == cluster ? 1.0 : 0) } }
        return Tensor(
          shape: [images, count], values: rows.flatMap { row in row.map { $0 / row.reduce(0, +) } })
      }
      (self.clusters, self.count) = (clusters, count)
    }

    func vote(weights: [Double]? = nil, to reference: Int = 0) -> AlignedVote {
      AlignedVote(
        aligning: clusters, clusterCount: count, weights: weights ?? clusters.map { _ in 1 }, to: reference)
    }
  }

  private func rows(_ table: Tensor<Double>) -> [[Double]] { (0..<table.rows).map { Array(table.row($0)) } }

  // Clustering 1 calls cluster 0 of clustering 0 its 1, and the other way round; of image 2 they disagree.
  @Test func workedExample() {
    let vote = AlignedVote(aligning: [[0, 0, 1, 1], [1, 1, 1, 0]], clusterCount: 2, weights: [3, 1], to: 0)
    #expect(vote.maps == [[0, 1], [1, 0]])
    let found = vote.probabilities([
      Tensor<Double>(shape: [1, 2], values: [0.25, 0.75]), Tensor<Double>(shape: [1, 2], values: [0, 1]),
    ])
    // 3/4 · (0.25, 0.75) + 1/4 · (1, 0)
    #expect(found.values == [0.4375, 0.5625])
  }

  @Test(arguments: 0..<12) func definitionByAllMaps(seed: Int) throws {
    let given = Clusterings(seed: seed)
    let weights = [1, 0.5, 0.25, 2]
    let expected = try #require(
      referenceAlignedVote(
        clusters: given.clusters, probabilities: given.probabilities.map(rows), weights: weights, reference: seed % 4))
    let found = given.vote(weights: weights, to: seed % 4).probabilities(given.probabilities)
    for (one, other) in zip(found.values, expected.joined()) { #expect(abs(one - other) < 1e-15) }
    #expect(found.count == expected.joined().count)
  }

  @Test(arguments: 0..<6) func invariantUnderRenamingOfAnyClusteringButTheReference(seed: Int) {
    let given = Clusterings(seed: seed)
    var stream = RandomStream(seed: 6, purpose: .test, image: seed)
    let names = stream.permutation(of: given.count)
    var (clusters, probabilities) = (given.clusters, given.probabilities)
    clusters[2] = clusters[2].map { names[$0] }
    for i in 0..<probabilities[2].rows {
      for c in 0..<given.count {
        probabilities[2].values[i * given.count + names[c]] = given.probabilities[2].values[i * given.count + c]
      }
    }
    let renamed = AlignedVote(aligning: clusters, clusterCount: given.count, weights: [1, 1, 1, 1], to: 0)
    #expect(renamed.probabilities(probabilities) == given.vote().probabilities(given.probabilities))
  }

  @Test func invariantOneClusteringAndAgreeingOnesAnswerAsTheReference() {
    let given = Clusterings(seed: 3, clusterings: 1)
    #expect(given.vote().probabilities(given.probabilities) == given.probabilities[0])
    let agreeing = AlignedVote(
      aligning: [given.clusters[0], given.clusters[0]], clusterCount: given.count, weights: [1, 1], to: 1)
    #expect(agreeing.maps == [[0, 1, 2, 3], [0, 1, 2, 3]])
  }

  // Clusters that nobody is in, and more clusters than images: still one to one.
  @Test func invariantEmptyClustersKeepOneToOneMaps() {
    let vote = AlignedVote(aligning: [[5, 5], [0, 1], [3, 3]], clusterCount: 6, weights: [1, 1, 1], to: 0)
    for map in vote.maps { #expect(map.sorted() == Array(0..<6)) }
    #expect(vote.maps[0] == Array(0..<6) && vote.maps[2][3] == 5)
  }

  @Test func workedExampleOfFaultyFiles() throws {
    func problem(_ text: String) throws -> String? {
      try JSONDecoder().decode(AlignedVote.self, from: Data(text.utf8)).problem(clusterCount: 2)
    }
    #expect(try problem(#"{"maps": [[0, 1], [1, 0]], "weights": [1, 0]}"#) == nil)
    #expect(try problem(#"{"maps": [], "weights": []}"#)?.contains("0 maps") == true)
    #expect(try problem(#"{"maps": [[0, 1]], "weights": [1, 1]}"#)?.contains("1 maps do not fit 2") == true)
    for map in ["[0, 0]", "[0, 2]", "[0]", "[0, 1, 1]"] {
      #expect(try problem(#"{"maps": [\#(map)], "weights": [1]}"#)?.contains("map 0 is not one to one") == true)
    }
    for weights in ["[0, 0]", "[1, -1]", "[1e308, 1e308]"] {
      #expect(try problem(#"{"maps": [[0, 1], [0, 1]], "weights": \#(weights)}"#)?.contains("weights") == true)
    }
  }
}
