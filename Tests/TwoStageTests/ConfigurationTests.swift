import Foundation
import Images
import Networks
import TestSupport
import Testing
import TwoStage

@Suite("Configuration")
struct ConfigurationTests {
  // Six epochs: w = 0.2 ⌊t / 2.4⌋ is 0 0 0 0.2 0.2 0.4.
  @Test func workedExampleOfEntropyWeights() {
    func weights(_ schedule: EntropyWeightSchedule, round: Int = 0, of epochs: Int) -> [Double] {
      (0..<epochs).map { schedule.weight(round: round, epoch: $0, of: epochs, step: 0.2) }
    }
    #expect(weights(.fractions, of: 6) == [0, 0, 0, 0.2, 0.2, 0.4])
    #expect(weights(.fractions, of: 5) == [0, 0, 0.2, 0.2, 0.4])
    #expect(weights(.allEpochs, round: 1, of: 100)[59...60] == [0.2, 0.4])
    // Saved runs and prompts have the older name.
    #expect(EntropyWeightSchedule(rawValue: "paper") == .released && EntropyWeightSchedule(rawValue: "none") == nil)
    #expect(EntropyWeightSchedule.allCases.map(\.rawValue) == ["released", "allEpochs", "fractions"])
    #expect(weights(.released, round: 1, of: 100)[79...80] == [0, 0.2])
  }

  @Test func goldenSchedules() throws {
    let golden = try GoldenValues()
    let paper = Configuration.paperCIFAR10
    let (one, two) = (paper.stageOne, paper.stageTwo)
    let epochs = try golden.integers("G_schedule", "epochs1")
    let weights = epochs.map {
      one.entropyWeightSchedule.weight(round: 3, epoch: $0, of: one.epochsPerRound, step: one.entropyWeightStep)
    }
    #expect(weights == (try golden.vector("G_schedule", "stage1_w")))
    // Powers of 0.1 by repeated products: one rounding each.
    for (epoch, rate) in zip(epochs, try golden.vector("G_schedule", "stage1_lr")) {
      expectClose(
        one.learningRateSchedule.rate(epoch: epoch, of: one.epochsPerRound, base: one.learningRate), rate,
        tolerance: 1e-14, relative: true)
    }
    for (epoch, rate) in zip(
      try golden.integers("G_schedule", "epochs2"), try golden.vector("G_schedule", "stage2_lr"))
    {
      expectClose(
        two.learningRateSchedule.rate(epoch: epoch, of: two.epochs, base: two.learningRate), rate, tolerance: 1e-14,
        relative: true)
    }
  }

  @Test func invariantPresetsAreValidAndSurviveJSON() throws {
    for name in Configuration.presetNames {
      let preset = try #require(Configuration.preset(name))
      for method in Method.allCases {
        let changed = method.applied(to: preset).released
        try changed.validate(count: 2000, channels: preset.encoder.inputChannels)
        #expect(try JSONDecoder().decode(Configuration.self, from: JSONEncoder().encode(changed)) == changed)
      }
    }
    #expect(Configuration.preset("none") == nil)
    // 5 rounds × 6 epochs × 14 batches and 60 × 7: 840 steps of the recipe for 1797 digits.
    let digits = Configuration.digits
    let first = digits.stageOne.rounds * digits.stageOne.epochsPerRound * (1797 / digits.stageOne.batchSize)
    #expect(first + digits.stageTwo.epochs * (1797 / digits.stageTwo.batchSize) == 840)
  }

  struct Mistake: CustomTestStringConvertible {
    let words: String
    let make: @Sendable (inout Configuration) -> Void
    var testDescription: String { words }
  }

  static let mistakes: [Mistake] = [
    Mistake(words: "stageOne.batchSize is 25, but there are only 24 images") { $0.stageOne.batchSize = 25 },
    Mistake(words: "stageTwo.batchSize is 25, but there are only 24 images") { $0.stageTwo.batchSize = 25 },
    Mistake(words: "stageOne.batchSize must be at least 2, not 1") { $0.stageOne.batchSize = 1 },
    Mistake(words: "stageTwo.classCount must be at least 2, not 1") { $0.stageTwo.classCount = 1 },
    Mistake(words: "stageTwo.classCount is 9, but a batch of stageTwo.batchSize 8") { $0.stageTwo.classCount = 9 },
    Mistake(words: "stageOne.neighbourCount must be 1 to 23") { $0.stageOne.neighbourCount = 24 },
    Mistake(words: "stageOne.neighbourCount must be 1 to 23") { $0.stageOne.neighbourCount = 0 },
    Mistake(words: "stageOne.rounds must be at least 0, not -1") { $0.stageOne.rounds = -1 },
    Mistake(words: "stageOne.neighbourhoodWeight of 0 needs") { $0.stageOne.neighbourhoodWeight = 0 },
    Mistake(words: "stageOne.neighbourhoodWeight of 0 needs") {
      $0.stageOne.neighbourhoodWeight = 0
      $0.stageOne.entropyWeightStep = 0
      $0.stageOne.augmentationWeight = 0
    },
    Mistake(words: "stageOne.augmentationWeight must be at least 0") { $0.stageOne.augmentationWeight = -1 },
    Mistake(words: "stageOne.viewCount must be 1 or 2, not 3") { $0.stageOne.viewCount = 3 },
    Mistake(words: "stageOne.viewCount of 1 needs a stageOne.augmentationWeight of 0") { $0.stageOne.viewCount = 1 },
    Mistake(words: "isJoint needs at least one of stageOne.rounds") {
      $0.isJoint = true
      $0.stageOne.rounds = 0
    },
    Mistake(words: "isJoint needs a stageOne.viewCount of 2") {
      $0.isJoint = true
      $0.stageOne.viewCount = 1
      $0.stageOne.augmentationWeight = 0
    },
    Mistake(words: "stageOne.batchSize 2 images, with which isJoint trains") {
      $0.isJoint = true
      $0.stageOne.batchSize = 2
    },
    Mistake(words: "stageOne.epochsPerRound must be at least 1") { $0.stageOne.epochsPerRound = 0 },
    Mistake(words: "stageTwo.epochs must be at least 1") { $0.stageTwo.epochs = 0 },
    Mistake(words: "stageOne.learningRate must be positive, not 0.0") { $0.stageOne.learningRate = 0 },
    Mistake(words: "stageTwo.learningRate must be positive, not nan") { $0.stageTwo.learningRate = .nan },
    Mistake(words: "stageOne.bankTemperature must be positive") { $0.stageOne.bankTemperature = 0 },
    Mistake(words: "stageOne.bankMomentum must be 0 to 1, not 2.0") { $0.stageOne.bankMomentum = 2 },
    Mistake(words: "stageOne.anchorRate must be positive") { $0.stageOne.anchorRate = -1 },
    Mistake(words: "stageOne.entropyWeightStep must be at least 0") { $0.stageOne.entropyWeightStep = -0.1 },
    Mistake(words: "stageOne.augmentationLoss.temperature must be positive") {
      $0.stageOne.augmentationLoss.temperature = 0
    },
    Mistake(words: "stageTwo.consistencyLoss.negativeWeight must be at least 1") {
      $0.stageTwo.consistencyLoss.negativeWeight = 0.5
    },
    Mistake(words: "negativeWeight must be 1 with the paper's denominator") {
      $0.stageTwo.consistencyLoss.negativeWeight = 2
      $0.stageTwo.consistencyLoss.denominator = .paper
    },
    Mistake(words: "stageTwo.headCount must be at least 1") { $0.stageTwo.headCount = 0 },
    Mistake(words: "stageTwo.headTemperature must be positive") { $0.stageTwo.headTemperature = 0 },
    Mistake(words: "stageTwo.marginalEntropyWeight must be at least 0") { $0.stageTwo.marginalEntropyWeight = -1 },
    Mistake(words: "stageTwo.consistencyWeight must be at least 0") { $0.stageTwo.consistencyWeight = -1 },
    Mistake(words: "stageTwo.views.shiftPixels") {
      var views = Augmentation()
      views.shiftPixels = -1
      $0.stageTwo.views = .grey(views)
    },
    Mistake(words: "stageOne.views.kind colour needs images of 3 channels, not 1") {
      $0.stageOne.views = .colour(ColourAugmentation())
    },
    Mistake(words: "standardisation.mean must be one number, or one for each of 1 channels, not 3") {
      $0.standardisation = .cifar10
    },
    Mistake(words: "standardisation.standardDeviation must be positive, not 0.0") {
      $0.standardisation = Standardisation(mean: [0.5], standardDeviation: [0])
    },
    Mistake(words: "stageOne.optimiser.momentum must be at least 0 and below 1") {
      $0.stageOne.optimiser.momentum = 1
    },
    Mistake(words: "stageTwo.optimiser.nesterov needs") { $0.stageTwo.optimiser.momentum = 0 },
    Mistake(words: "stageTwo.optimiser.weightDecay must be at least 0") { $0.stageTwo.optimiser.weightDecay = -1 },
    Mistake(words: "encoder.inputChannels is 3") { $0.encoder.inputChannels = 3 },
    Mistake(words: "equally long") { $0.encoder.widths = [3] },
    Mistake(words: "encoder.embeddingSize must be positive") { $0.encoder.embeddingSize = 0 },
    Mistake(words: "at least one stream") { $0.encoder.streams = [] },
  ]

  @Test(arguments: mistakes) func stopsOnMistakes(mistake: Mistake) {
    var configuration = Configuration.tiny
    mistake.make(&configuration)
    let error = #expect(throws: ConfigurationError.self) { try configuration.validate(count: 24, channels: 1) }
    #expect(error?.description.contains(mistake.words) == true, "\(error?.description ?? "no error")")
  }

  @Test func stopsOnTooFewImages() {
    #expect(throws: ConfigurationError.self) { try Configuration.tiny.validate(count: 1, channels: 1) }
  }
  // The cutout of 16 pixels would empty images of 4 x 4.
  @Test func invariantATrainerRefusesViewsThatDoNotFitItsImages() {
    var strong = Configuration.tiny
    strong.stageTwo.views = RandomViews.Kind.randAugment.plain
    let error = #expect(throws: ConfigurationError.self) { try Trainer<Float>(strong, images: .toy) }
    #expect(error?.description.hasPrefix("stageTwo.views.cutoutSide must be below 4, ") == true)
  }

  @Test func workedExampleOfFewImages() throws {
    var configuration = Configuration.digits
    configuration.limit(toImages: 12)
    #expect(configuration.stageOne.batchSize == 12 && configuration.stageTwo.batchSize == 12)
    #expect(configuration.stageOne.neighbourCount == 10)
    try configuration.validate(count: 12, channels: 1)
    configuration.limit(toImages: 9)
    #expect(configuration.stageOne.neighbourCount == 8)
    do {
      try configuration.validate(count: 9, channels: 1)
      Issue.record("nine images cannot show ten classes")
    } catch {
      #expect(
        error.description == "stageTwo.classCount is 10, but there are only 9 images: choose at most 9")
    }
    configuration.stageTwo.classCount = 9
    try configuration.validate(count: 9, channels: 1)
    configuration = .digits
    configuration.limit(toImages: 100_000)
    #expect(configuration == .digits)
  }
}
