import Images
import Kernels
import Networks
import Testing
import TwoStage

@Suite("Trainer", .serialized)
struct TrainerTests {
  // Rounds of two epochs, rates ×1 until 60 % and ×0.01 from 80 % of two epochs on (so the second epoch, at 50 %, is
  // ×1), w = 0.2 ⌊t / 0.8⌋; three steps of eight images; no anchors, then 24 / 4 = 6.
  @Test func workedExampleOfATinyRun() throws {
    var trainer = try Trainer<Float>(.tiny, images: .toy)
    var (reports, steps): ([EpochReport], Int) = ([], 0)
    try trainer.run(afterStep: { _ in steps += 1 }, afterEpoch: { report, _ in reports.append(report) })
    #expect(steps == 21)
    #expect(
      reports.map(\.position.description) == [
        "stage 1, round 0, epoch 0", "stage 1, round 0, epoch 1", "stage 1, round 1, epoch 0",
        "stage 1, round 1, epoch 1", "stage 2, epoch 0", "stage 2, epoch 1", "stage 2, epoch 2",
      ])
    #expect(reports.map(\.anchorCount) == [0, 0, 6, 6, nil, nil, nil])
    #expect(reports.map(\.learningRate) == [0.03, 0.03, 0.03, 0.03, 0.05, 0.05, 0.05 * 0.1])
    #expect(reports.map(\.entropyWeight) == [0, 0.2, 0, 0.2, nil, nil, nil])
    #expect(reports.allSatisfy { $0.steps == 3 && $0.images == 24 })
    #expect(reports[0].consistency == nil && reports[2].consistency != nil)
    #expect(reports[0].mean("L_ue") == nil && reports[1].mean("L_ue") != nil)
    let best = try #require(trainer.best)
    let totals = reports[4...].compactMap { $0.mean("total") }
    #expect(best.loss == totals.min() && totals[best.epoch] == best.loss)
    #expect(best.headLosses == (0..<2).map { reports[4 + best.epoch].mean("head \($0)") })
    #expect(best.headLosses[best.head] == best.headLosses.min())
    #expect(trainer.position == nil)
    #expect(try trainer.runEpoch() == nil)
  }

  @Test(arguments: [false, true]) func invariantThreadsChangeNoBit(colour: Bool) throws {
    let (configuration, images) = colour ? (Configuration.tinyColour, ImageSet.colouredToy) : (.tiny, .toy)
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    let results = try [1, 3].map { threads in
      Parallel.threadCount = threads
      var trainer = try Trainer<Float>(configuration, images: images)
      try trainer.run()
      let best = try #require(trainer.best)
      let last = try #require(trainer.stageTwo).encoder
      return parameters(of: last) + parameters(of: best.encoder) + trainer.stageOne.bank.rows.values
        + best.encoder.embed(images).values
    }
    #expect(results[0].count == results[1].count)
    #expect(results[0].map(\.bitPattern) == results[1].map(\.bitPattern))
  }

  // A copy is all that a resumed run has.
  @Test func invariantGoingOnFromAnyStepIsTheSameRun() throws {
    var straight = try Trainer<Float>(.tiny, images: .toy)
    var copies: [Trainer<Float>] = []
    var reports: [EpochReport] = []
    while let (_, epoch) = try straight.runStep() {
      copies.append(straight)
      if let epoch { reports.append(epoch) }
    }
    #expect(copies.count == 21 && reports.count == 7)
    for index in [0, 1, 2, 5, 10, 13, 18, 20] {
      var (copy, rest) = (copies[index], [EpochReport]())
      try copy.run(afterEpoch: { report, _ in rest.append(report) })
      #expect(rest == Array(reports.suffix(rest.count)) && rest.count == 7 - (index + 1) / 3)
      #expect(
        copy.stageTwo.map { parameters(of: $0.encoder) } == straight.stageTwo.map { parameters(of: $0.encoder) })
      #expect(copy.best?.epoch == straight.best?.epoch)
    }
  }

  // Ten epochs without new neighbours: telling 24 images apart gets better.
  @Test func invariantStageOneLearns() throws {
    var configuration = Configuration.tiny
    configuration.stageOne.rounds = 1
    configuration.stageOne.epochsPerRound = 12
    configuration.stageOne.entropyWeightStep = 0
    var trainer = try Trainer<Float>(configuration, images: .toy)
    var totals: [Double] = []
    for _ in 0..<12 { totals.append(try #require(try trainer.runEpoch()?.mean("total"))) }
    #expect(totals[11] < 0.8 * totals[0], "\(totals)")
  }

  @Test func invariantEmbeddingsDependOnNoOtherImage() throws {
    let encoder = ImageEncoder<Float>(.tiny, seed: 1)
    let all = encoder.embed(ImageSet.toy)
    #expect(all.shape == [24, 5])
    #expect(encoder.embed(.toy, indices: [17, 3]) == all.rows([17, 3]))
  }

  // Where random views change nothing a clean one is no different; where they do, it is.
  @Test func invariantACleanFirstViewIsTheImage() throws {
    func bank(_ views: RandomViews, clean: Bool) throws -> MemoryBank<Float> {
      var configuration = Configuration.tiny
      configuration.stageOne.views = views
      configuration.stageOne.firstViewIsClean = clean
      var trainer = try Trainer<Float>(configuration, images: .toy)
      _ = try trainer.runEpoch()
      return trainer.stageOne.bank
    }
    #expect(try bank(.grey(.identity), clean: true) == bank(.grey(.identity), clean: false))
    #expect(try bank(Configuration.tiny.stageOne.views, clean: true) != bank(.grey(.identity), clean: true))
    #expect(
      try bank(Configuration.tiny.stageOne.views, clean: true) != bank(Configuration.tiny.stageOne.views, clean: false))
  }

  // With μ = 0 the bank holds embeddings of the first views, the images as they are, or of the second ones, which are
  // random views that change nothing: the same if both are standardised alike, and others for other numbers.
  @Test func invariantTheConfiguredStandardisationIsUsed() throws {
    var still = ColourAugmentation()
    (still.crop, still.jitterProbability) = (nil, 0)
    (still.greyscaleProbability, still.flipProbability) = (0, 0)
    func bank(_ standardisation: Standardisation?, _ policy: MemoryViewPolicy = .first) throws -> Tensor<Float> {
      var configuration = Configuration.tinyColour
      configuration.stageOne.views = .colour(still)
      configuration.standardisation = standardisation
      configuration.stageOne.batchSize = 24
      configuration.stageOne.bankMomentum = 0
      configuration.stageOne.bankViewPolicy = policy
      configuration.stageOne.firstViewIsClean = true
      var trainer = try Trainer<Float>(configuration, images: .colouredToy)
      #expect(trainer.standardisation == standardisation ?? ImageSet.colouredToy.standardisation)
      _ = try trainer.runEpoch()
      return trainer.stageOne.bank.rows
    }
    #expect(try bank(nil) == bank(ImageSet.colouredToy.standardisation))
    #expect(try bank(nil) != bank(.cifar10))
    #expect(try bank(.cifar10) == bank(.cifar10, .second))
  }

  // One step; with μ = 0 the bank then holds the embeddings of the views that it was asked to remember.
  @Test func invariantTheTwoViewsAreTwoDraws() throws {
    func bank(_ policy: MemoryViewPolicy, _ views: RandomViews) throws -> Tensor<Float> {
      var configuration = Configuration.tiny
      configuration.stageOne.batchSize = 24
      configuration.stageOne.bankMomentum = 0
      configuration.stageOne.bankViewPolicy = policy
      configuration.stageOne.views = views
      var trainer = try Trainer<Float>(configuration, images: .toy)
      _ = try trainer.runEpoch()
      return trainer.stageOne.bank.rows
    }
    let views = Configuration.tiny.stageOne.views
    #expect(try bank(.first, views) != bank(.second, views))
    #expect(try bank(.first, .grey(.identity)) == bank(.second, .grey(.identity)))
  }

  @Test func stopsOnALossThatIsNoNumber() throws {
    var configuration = Configuration.tiny
    configuration.stageOne.learningRate = 1e38
    var trainer = try Trainer<Float>(configuration, images: .toy)
    let error = #expect(throws: TrainingError.self) { try trainer.run() }
    #expect(error?.description.contains("stage 1, round 0, epoch 0, step") == true, "\(error?.description ?? "none")")
    #expect(error?.terms.map(\.name) == ["total", "L_and", "L_aug"])
  }

  @Test func stopsOnAWrongConfiguration() {
    var configuration = Configuration.tiny
    configuration.stageOne.batchSize = 100
    #expect(throws: ConfigurationError.self) { try Trainer<Float>(configuration, images: .toy) }
  }
}
