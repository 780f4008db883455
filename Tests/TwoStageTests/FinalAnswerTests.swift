import Evaluation
import Foundation
import Images
import Kernels
import Networks
import Testing
import TwoStage

@Suite("Final answer")
struct FinalAnswerTests {
  /// Head 0 puts image 3 elsewhere; heads 1 and 2 are one clustering under two names.
  private static let clusters = [[0, 0, 0, 0, 1, 1], [0, 0, 0, 1, 1, 1], [1, 1, 1, 0, 0, 0]]
  private static let probabilities = clusters.map { clusters in
    Tensor<Float>(shape: [6, 2], values: clusters.flatMap { $0 == 0 ? [0.75, 0.25] : [0.25, 0.75] })
  }

  private func answer(_ rule: FinalAnswer, _ losses: [Double]) -> HeadAnswer {
    HeadAnswer(rule, clusters: Self.clusters, classCount: 2, losses: losses)
  }

  @Test func workedExampleOfSingleHeads() {
    #expect(answer(.lowestLoss, [-2, -1, -2]) == HeadAnswer(head: 0))
    let second = answer(.lowestLoss, [-2, -3, -1])
    #expect(second.head == 1 && second.vote == nil && second.rule == .lowestLoss)
    let found = second.assignments(clusters: Self.clusters, probabilities: Self.probabilities)
    #expect(found.clusters == Self.clusters[1] && found.confidences == Array(repeating: 0.75, count: 6))
  }

  // Of equal losses two heads outvote the third at image 3; a head far below them in loss is not outvoted.
  @Test func workedExampleOfConsensus() {
    let equal = answer(.consensus, [-1, -1, -1])
    #expect(equal.head == 0 && equal.rule == .consensus && equal.vote?.maps == [[0, 1], [0, 1], [1, 0]])
    let found = equal.assignments(clusters: Self.clusters, probabilities: Self.probabilities)
    #expect(found.clusters == [0, 0, 0, 1, 1, 1])
    // Image 0: all say 0.75. Image 3: (2 · 0.75 + 0.25) / 3.
    #expect(abs(found.confidences[0] - 0.75) < 1e-6 && abs(found.confidences[3] - 1.75 / 3) < 1e-6)
    let lowest = answer(.consensus, [-1.1, -1, -1])
    #expect(
      lowest.assignments(clusters: Self.clusters, probabilities: Self.probabilities).clusters == Self.clusters[0])
    // A difference of σ is a factor of e.
    let weights = answer(.consensus, [-1, HeadAnswer.lossScale - 1, -1]).vote?.weights ?? []
    #expect(weights.count == 3 && weights[0] == 1 && abs(weights[1] - Double.exp(-1)) < 1e-12)
  }

  @Test(arguments: FinalAnswer.allCases) func invariantOneHeadAnswersAlone(rule: FinalAnswer) {
    let answer = HeadAnswer(rule, clusters: [Self.clusters[1]], classCount: 2, losses: [-1])
    let found = answer.assignments(clusters: [Self.clusters[1]], probabilities: [Self.probabilities[1]])
    #expect(found.clusters == Self.clusters[1] && found.confidences == Array(repeating: 0.75, count: 6))
  }

  // What was learnt is a function of one image: whether it comes alone or with others, it gets the same cluster.
  @Test func invariantOneImageIsAnsweredAsAmongOthers() throws {
    let images = try ImageSet.load("digits", count: 60)
    let encoder = ImageEncoder<Float>(.compact, seed: 2)
    let heads = ClusterHeads<Float>(features: 64, classes: 10, heads: 3, seed: 4)
    let best = Trainer<Float>.Best(
      epoch: 0, loss: 0, encoder: encoder, heads: heads, headLosses: [-1, -1.001, -0.999])
    let answer = best.answer(.consensus, on: images, standardisedBy: images.standardisation)
    #expect(answer.head == 1 && answer.vote?.maps.count == 3)
    let embeddings = encoder.embed(images, standardisedBy: images.standardisation)
    func ask(_ rows: Range<Int>) -> (clusters: [Int], confidences: [Float]) {
      let part = Tensor<Float>(shape: [rows.count, 64], values: rows.flatMap { Array(embeddings.row($0)) })
      return answer.assignments(
        clusters: (0..<3).map { heads.classes(of: part, head: $0) }, probabilities: heads.forward(part).probabilities)
    }
    let all = ask(0..<60)
    for i in [0, 17, 59] {
      let alone = ask(i..<(i + 1))
      #expect(alone.clusters == [all.clusters[i]] && abs(alone.confidences[0] - all.confidences[i]) < 1e-6)
    }
    #expect(best.answer(.lowestLoss, on: images, standardisedBy: images.standardisation) == HeadAnswer(head: 1))
  }

  @Test func workedExampleOfFaultyFiles() throws {
    func problem(_ text: String) throws -> String? {
      try JSONDecoder().decode(HeadAnswer.self, from: Data(text.utf8)).problem(headCount: 2, classCount: 2)
    }
    let vote = #""vote": {"maps": [[0, 1], [1, 0]], "weights": [1, 1]}"#
    #expect(try problem(#"{"head": 1}"#) == nil)
    #expect(try problem(#"{"head": 1, \#(vote)}"#) == nil)
    #expect(try problem(#"{"head": 2}"#)?.contains("head 2 of 2") == true)
    #expect(
      try problem(#"{"head": 0, "vote": {"maps": [[0, 1]], "weights": [1]}}"#)?.contains(
        "of 1 heads, not of 2") == true)
    #expect(
      try problem(#"{"head": 0, "vote": {"maps": [[0, 1], [0, 0]], "weights": [1, 1]}}"#)?
        .contains("one to one") == true)
  }

  // Saved configurations from before there was a choice.
  @Test func invariantConfigurationsWithoutTheConstantHaveThePapers() throws {
    var object = try #require(
      JSONSerialization.jsonObject(with: JSONEncoder().encode(Configuration.digits)) as? [String: Any])
    var stage = try #require(object["stageTwo"] as? [String: Any])
    #expect(stage.removeValue(forKey: "finalAnswer") != nil)
    object["stageTwo"] = stage
    let read = try JSONDecoder().decode(
      Configuration.self, from: JSONSerialization.data(withJSONObject: object))
    #expect(read.stageTwo.finalAnswer == .lowestLoss)
    var changed = Configuration.digits
    changed.stageTwo.finalAnswer = .lowestLoss
    #expect(try JSONDecoder().decode(Configuration.self, from: JSONEncoder().encode(changed)) == changed)
    // The paper's presets have the paper's rule, the short recipes the vote.
    for (name, preset) in Configuration.presets {
      #expect((preset.stageTwo.finalAnswer == .lowestLoss) == name.hasPrefix("paper-"), "\(name)")
    }
  }
}
