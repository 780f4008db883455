import Foundation
import Images
import Networks
import Testing
import TwoStage

@Suite("Methods")
struct MethodTests {
  /// The paths at which two configurations differ, in alphabetical order.
  private func differences(_ a: Configuration, _ b: Configuration) throws -> [String] {
    let (one, other) = (try leaves(of: a), try leaves(of: b))
    return Set(one.keys).union(other.keys).filter { one[$0] != other[$0] }.sorted()
  }

  // What each method changes of the paper's run on CIFAR-10; all else stays.
  @Test(arguments: [
    (Method.twoStage, []),
    (
      .npid,
      [
        "stageOne.augmentationWeight", "stageOne.dropsRemainder", "stageOne.entropyWeightStep",
        "stageOne.optimiser.nesterov", "stageOne.rounds", "stageOne.viewCount", "stageOne.views.flipProbability",
      ]
    ),
    (
      .and,
      [
        "stageOne.augmentationWeight", "stageOne.dropsRemainder", "stageOne.entropyWeightStep", "stageOne.viewCount",
        "stageOne.views.flipProbability",
      ]
    ),
    (
      .isif,
      [
        "stageOne.augmentationSpace", "stageOne.entropyWeightStep", "stageOne.epochsPerRound",
        "stageOne.learningRateSchedule", "stageOne.neighbourhoodWeight", "stageOne.optimiser.nesterov",
        "stageOne.rounds",
      ]
    ),
    (.iic, ["stageOne.rounds", "stageTwo.consistencyWeight", "stageTwo.headsAreTrainable"]),
    (.joint, ["isJoint", "stageOne.epochsPerRound"]),
  ]) func workedExampleOfChanges(method: Method, expected: [String]) throws {
    let paper = Configuration.paperCIFAR10
    let changed = method.applied(to: paper)
    #expect(try differences(paper, changed) == expected)
    if method == .isif { #expect(changed.stageOne.epochsPerRound == 301) }
    // 300 epochs of stage 2 in five rounds.
    if method == .joint { #expect(changed.stageOne.epochsPerRound == 260) }
    if method == .npid { #expect(changed.epochs.stageOne == 200) }
    // A short recipe keeps its own epochs and rates.
    let short = method.applied(to: .digits)
    #expect(short.stageOne.learningRateSchedule == .fractions)
    #expect(short.stageOne.epochsPerRound == (method == .joint ? 6 + 12 : 6))
  }

  // All rows of the table of differences whose default is not the released program's.
  @Test func workedExampleOfTheReleasedProgram() throws {
    let paper = Configuration.paperCIFAR10
    #expect(try differences(paper, paper.released) == ["stageOne.ownImage", "stageTwo.headAxis"])
    #expect(paper.released.stageOne.ownImage == .minusTen && paper.released.stageTwo.headAxis == .features)
  }

  // One epoch of each: the steps, the terms, and what stage 1 leaves.
  @Test(arguments: [
    (Method.twoStage, ["total", "L_and", "L_aug"], 4), (.npid, ["total", "L_and"], 2), (.and, ["total", "L_and"], 4),
    (.isif, ["total", "L_aug"], 2), (.joint, ["total", "L_two", "L_and", "L_aug"], 8),
  ]) func workedExampleOfTinyRuns(method: Method, terms: [String], epochs: Int) throws {
    var trainer = try Trainer<Float>(method.applied(to: .tiny), images: .toy)
    var reports: [EpochReport] = []
    try trainer.run(afterEpoch: { report, _ in reports.append(report) })
    #expect(Array(reports[0].terms.map(\.name).prefix(terms.count)) == terms)
    #expect(reports.count { $0.position.stage == 1 } == epochs)
    #expect(trainer.best != nil)
  }

  @Test func workedExampleOfIIC() throws {
    let configuration = Method.iic.applied(to: .tiny)
    var trainer = try Trainer<Float>(configuration, images: .toy)
    let before = StageTwo<Float>(configuration, encoder: trainer.stageOne.encoder).heads.weights.map(\.value)
    let report = try #require(try trainer.runEpoch())
    #expect(report.position.stage == 2 && report.mean("L_cp") == nil)
    #expect(trainer.stageTwo?.heads.weights.map(\.value) != before)
    var frozen = configuration
    frozen.stageTwo.headsAreTrainable = false
    var other = try Trainer<Float>(frozen, images: .toy)
    _ = try other.runEpoch()
    #expect(other.stageTwo?.heads.weights.map(\.value) == before)
  }

  // 26 images, batches of 8: AND sees the last two as well; all views of a step are single.
  @Test func workedExampleOfARemainder() throws {
    let toy = ImageSet.toy
    let images = ImageSet(name: "26", channels: 1, height: 4, width: 4, pixels: toy.pixels + toy.pixels[..<32])
    var trainer = try Trainer<Float>(Method.and.applied(to: .tiny), images: images)
    let before = trainer.stageOne.bank
    var sizes: [Int] = []
    let report = try trainer.runEpoch { sizes.append($0.images) }
    #expect(sizes == [8, 8, 8, 2] && report?.images == 26)
    #expect((0..<26).allSatisfy { trainer.stageOne.bank.rows.rows([$0]) != before.rows.rows([$0]) })
  }
}
