import Evaluation
import Foundation
import Images
import Kernels
import Networks
import TestSupport
import Testing
import TwoStage

@testable import tsuc

@Suite("Unequal classes")
struct UnequalClassesTests {
  /// Unit rows near as many axes as there are sizes.
  private func embeddings(sizes: [Int]) -> Tensor<Float> {
    var stream = RandomStream(seed: 8, purpose: .test)
    let rows = sizes.enumerated().flatMap { group, size in
      (0..<size).map { _ -> [Float] in
        let row = sizes.indices.map { ($0 == group ? 1 : 0) + 0.1 * Float(stream.normal()) }
        let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return row.map { $0 / length }
      }
    }
    return Tensor(shape: [rows.count, sizes.count], values: rows.flatMap { $0 })
  }

  private func stage(weight: Double = 2) -> StageTwoConfiguration {
    var stage = Configuration.digits.stageTwo
    (stage.classCount, stage.marginalEntropyWeight) = (4, weight)
    return stage
  }

  @Test func workedExample() throws {
    let unequal = try #require(UnequalClasses(embeddings: embeddings(sizes: [100, 30, 15, 10]), stage()))
    #expect(
      unequal.evenness
        == ClusterSizes(
          of: [100, 30, 15, 10].enumerated().flatMap {
            Array(repeating: $0.offset, count: $0.element)
          }, clusterCount: 4
        ).evenness)
    #expect(unequal.advice?.contains("--stage-two.marginal-entropy-weight 1") == true)
    let equal = try #require(UnequalClasses(embeddings: embeddings(sizes: [30, 30, 30, 30]), stage()))
    #expect(equal.evenness > 0.999 && equal.advice == nil)
  }

  // Where nothing asks for equal classes, and of too few images, nothing is said.
  @Test func invariantSilence() {
    let unequal = embeddings(sizes: [100, 30, 15, 10])
    #expect(UnequalClasses(embeddings: unequal, stage(weight: 1)) == nil)
    #expect(UnequalClasses(embeddings: embeddings(sizes: [60, 10, 5, 4]), stage()) == nil)
    #expect(UnequalClasses(embeddings: embeddings(sizes: [61, 10, 5, 4]), stage()) != nil)
  }

  // Fifty dark images and ten bright ones: said once, before stage 2, and not where the weight is 1.
  @Test func workedExampleOfARun() throws {
    try withTemporaryFolder { parent in
      var stream = RandomStream(seed: 9, purpose: .test)
      let pixels = (0..<60).flatMap { image in
        (0..<64).map { _ in UInt8((image < 50 ? 10 : 230) + 20 * stream.uniform()) }
      }
      try idx(sizes: [60, 8, 8], pixels).write(to: URL(fileURLWithPath: parent + "/images"))
      var options = tiny
      options[1] = "60"
      options += ["--data", parent + "/images", "--preset", "digits", "--stage-two.class-count", "2"]
      for (name, weight) in [("two", "2"), ("one", "1")] {
        let outcome = try runProgram(
          ["train", "--out", "\(parent)/\(name)", "--stage-two.marginal-entropy-weight", weight] + options)
        #expect(outcome.code == 0, "\(outcome)")
        // Shares 1/6 and 5/6: entropy 0.650 bit.
        let times = outcome.errors.components(separatedBy: "the classes may be unequal (evenness 0.650").count - 1
        #expect(times == (weight == "2" ? 1 : 0), "\(outcome.errors)")
      }
    }
  }
}
