import Commands
import Evaluation
import Foundation
import Images
import TestSupport
import Testing
import TwoStage

@testable import tsuc

@Suite("Ablations")
struct AblationTests {
  // Each variant but the first changes something, no two change the same, and none the images' or the seed's.
  @Test func invariantVariantsDiffer() throws {
    var changed: [Configuration] = []
    for variant in AblationVariant.all {
      let configuration = variant.change(.digits)
      #expect((configuration == .digits) == (variant.name == "two-stage"), "\(variant.name)")
      #expect(configuration.encoder == Configuration.digits.encoder && configuration.seed == 0)
      #expect(!changed.contains(configuration), "\(variant.name)")
      changed.append(configuration)
      try configuration.validate(count: 1797, channels: 1)
    }
    #expect(Set(AblationVariant.all.map(\.name)).count == AblationVariant.all.count)
  }

  // 0.9, 0.8, 0.7: mean 0.8, standard deviation of the sample 0.1.
  @Test func workedExampleOfTheTable() throws {
    let lines = ["joint,0,0.9,0.5,0.25,10.0", "joint,1,0.8,0.5,0.25,20.0", "joint,2,0.7,0.5,0.25,30.0"]
    let results = try lines.map { try #require(AblationResult(csv: Substring($0))) }
    #expect(results.map { $0.csv(below: Substring(AblationResult.header(isOverClustered: false))) } == lines)
    #expect(
      AblationTable(results: results).table.rows == [
        ["both stages' losses at once", "3", "80.00 ± 10.00", "70.00", "50.00 ± 0.00", "25.00 ± 0.00", "20"]
      ])
    #expect(AblationTable.meanAndDeviation([0.5]) == "50.00")
    #expect(AblationResult(csv: "joint,0,0.9") == nil && AblationResult(csv: "joint,0,much,1,1,1") == nil)
  }

  // More clusters than classes: a column more, which lines of older programs lack.
  @Test func workedExampleOfMoreClustersThanClasses() throws {
    let header = Substring(AblationResult.header(isOverClustered: true))
    #expect(header == "variant,seed,accuracy,nmi,ari,seconds,many_to_one")
    let scores = ClusteringScores(predictions: [0, 0, 1, 2], labels: [0, 0, 1, 1], clusters: 3, classes: 2)
    let result = AblationResult("joint", seed: 0, scores, seconds: 10)
    #expect(result.accuracy == 0.75 && result.csv(below: header).hasSuffix(",10.0,1.0"))
    #expect(result.csv(below: Substring(AblationResult.header(isOverClustered: false))).hasSuffix(",10.0"))
    #expect(AblationResult(csv: Substring(result.csv(below: header))) == result)
    #expect(AblationResult(csv: "joint,0,0.9,0.5,0.25,10.0,much") == nil)
    let older = try ["joint,1,0.25,0.5,0.25,10.0", "iic,1,0.25,0.5,0.25,10.0,"].map {
      try #require(AblationResult(csv: Substring($0)))
    }
    let table = AblationTable(results: [result] + older).table
    #expect(table.header == ["%", "seeds", "ACC", "worst", "NMI", "ARI", "many to one", "s"])
    #expect(table.rows.map { $0[6] } == ["100.00", "-"])
    #expect(AblationTable(results: older).table.header.count == 7)
  }

  /// A brief configuration on few images.
  private let brief = [
    "--count", "60", "--stage-one.rounds", "1", "--stage-one.epochs-per-round", "1", "--stage-one.batch-size", "30",
    "--stage-two.epochs", "1", "--stage-two.batch-size", "30", "--encoder.widths", "4", "--encoder.blocks", "1",
    "--encoder.strides", "2", "--seeds", "1",
  ]

  // A shared stage 1 has the bits of one of its own: the line of the full method is that of "tsuc train".
  @Test func invariantAnAblationGoesOnWhereItWasAndAgreesWithTraining() throws {
    try withTemporaryFolder { folder in
      let some = try runProgram(["ablate"] + brief + ["--out", "a", "--only", "no-consistency,two-stage"], in: folder)
      #expect(some.code == 0, "\(some)")
      let first = try String(contentsOfFile: folder + "/a/results.csv", encoding: .utf8)
      let names = first.split(separator: "\n").dropFirst().map { $0.prefix { $0 != "," } }
      #expect(names.sorted() == ["no-consistency", "stage-1-k-means", "stage-1-ward", "two-stage"])
      let more = try runProgram(
        ["ablate"] + brief + ["--out", "a", "--only", "two-stage,from-random,joint"], in: folder)
      #expect(more.code == 0 && more.output.contains("both stages' losses at once"), "\(more)")
      let second = try String(contentsOfFile: folder + "/a/results.csv", encoding: .utf8)
      #expect(second.hasPrefix(first) && second.split(separator: "\n").count == 7)

      let over = try runProgram(
        ["ablate", "--classes", "12"] + brief + ["--out", "c", "--only", "two-stage"], in: folder)
      #expect(over.code == 0 && over.output.contains("many to one") && !more.output.contains("many to one"), "\(over)")
      let third = try String(contentsOfFile: folder + "/c/results.csv", encoding: .utf8).split(separator: "\n")
      #expect(third[0].hasSuffix("many_to_one"))
      #expect(third.dropFirst().allSatisfy { AblationResult(csv: $0)?.manyToOneAccuracy != nil })

      let trained = try runProgram(["train", "--out", "r"] + brief.dropLast(2), in: folder)
      #expect(trained.code == 0, "\(trained)")
      let metrics = try JSONDecoder().decode(
        Metrics.self, from: Data(contentsOf: URL(fileURLWithPath: folder + "/r/metrics.json")))
      let line = try #require(first.split(separator: "\n").first { $0.hasPrefix("two-stage") })
      let result = try #require(AblationResult(csv: line))
      #expect(result.accuracy == metrics.accuracy && result.normalisedMutualInformation == metrics.nmi)
    }
  }

  @Test func wrongRequestsAreRefused() throws {
    try withTemporaryFolder { folder in
      expectComplaint(
        try runProgram(["ablate", "--only", "no-loss"], in: folder), code: 2, containing: "no variant \"no-loss\"")
      try FileManager.default.createDirectory(atPath: folder + "/b", withIntermediateDirectories: false)
      expectComplaint(
        try runProgram(["ablate"] + brief + ["--out", "b"], in: folder), code: 1,
        containing: "is no folder of an ablation")
    }
  }
}
