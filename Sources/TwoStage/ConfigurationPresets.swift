// Named configurations.
//
// `digits` and `fashion` were found by experiment on the embedded images with the scores in view; `paper` holds the
// constants of Han et al., ECCV 2020, and of the released program for CIFAR-10.
// Tests    ConfigurationTests.swift
import Images
import Networks

extension Configuration {
  /// The names of the presets.
  public static let presetNames = ["digits", "fashion", "paper"]

  /// The preset of a name; nil if there is none.
  public static func preset(_ name: String) -> Configuration? {
    switch name {
    case "digits": .digits
    case "fashion": .fashion
    case "paper": .paper
    default: nil
    }
  }

  /// 8 × 8 digits: 840 steps of the compact encoder.
  public static let digits: Configuration = {
    var configuration = brief(views: .grey(.digits), strongerViews: .grey(.digitsStrong))
    configuration.stageOne.neighbourCount = 10
    configuration.stageTwo.epochs = 60
    configuration.stageTwo.consistencyWeight = 0.5
    return configuration
  }()

  /// 28 × 28 clothes: 1,030 steps of the compact encoder, with a stem of stride 2.
  public static let fashion: Configuration = {
    var configuration = brief(views: .grey(.fashion), strongerViews: .grey(.fashion))
    configuration.encoder.stemStride = 2
    configuration.stageOne.epochsPerRound = 10
    configuration.stageOne.neighbourCount = 5
    configuration.stageTwo.epochs = 40
    return configuration
  }()

  /// 32 × 32 colour images: the paper's encoder, epochs, rates and views.
  public static let paper = Configuration(
    standardisation: .cifar10, encoder: .paper, stageOne: StageOneConfiguration(views: .colour(ColourAugmentation())),
    stageTwo: StageTwoConfiguration(views: .colour(ColourAugmentation())))

  /// What both short recipes share.
  private static func brief(views: RandomViews, strongerViews: RandomViews) -> Configuration {
    var stageOne = StageOneConfiguration(views: views)
    stageOne.epochsPerRound = 6
    stageOne.learningRateSchedule = .fractions
    stageOne.entropyWeightSchedule = .fractions
    var stageTwo = StageTwoConfiguration(views: strongerViews)
    stageTwo.batchSize = 256
    stageTwo.learningRate = 0.2
    stageTwo.learningRateSchedule = .fractions
    stageTwo.headTemperature = 0.05
    stageTwo.marginalEntropyWeight = 2
    return Configuration(encoder: .compact, stageOne: stageOne, stageTwo: stageTwo)
  }
}
