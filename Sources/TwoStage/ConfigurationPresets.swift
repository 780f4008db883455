// Named configurations.
//
// `digits` and `fashion` were found by experiment on the bundled images with the scores in view, `colour` is theirs with
// the paper's views and was not tuned; the others hold the constants of Han et al., ECCV 2020, and of its released program.
// Tests    ConfigurationTests.swift
import Images
import Networks

extension Configuration {
  /// The presets by name, in the order of the help.
  public static let presets: [(name: String, configuration: Configuration)] = [
    ("digits", digits), ("fashion", fashion), ("colour", colour), ("paper-cifar10", paperCIFAR10),
    ("paper-cifar20", paperCIFAR20), ("paper-cifar100", paperCIFAR100), ("paper-stl10", paperSTL10),
  ]

  /// The names of the presets.
  public static let presetNames = presets.map(\.name)

  /// The preset of a name; nil if there is none.
  public static func preset(_ name: String) -> Configuration? { presets.first { $0.name == name }?.configuration }

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
    configuration.stageTwo.marginalEntropyWeight = 1.25
    return configuration
  }()

  /// Small colour pictures: the recipe of `fashion` with the paper's views; for a first look, not tuned.
  public static let colour: Configuration = {
    var configuration = fashion
    configuration.encoder.inputChannels = 3
    configuration.stageOne.views = .colour(ColourAugmentation())
    configuration.stageTwo.views = .colour(ColourAugmentation())
    return configuration
  }()

  /// CIFAR-10: the paper's encoder, epochs, rates and views.
  public static let paperCIFAR10 = Configuration(
    standardisation: .cifar10, encoder: .paper, stageOne: StageOneConfiguration(views: .colour(ColourAugmentation())),
    stageTwo: StageTwoConfiguration(views: .colour(ColourAugmentation())))

  /// CIFAR-100 with its 20 superclasses ("coarse" labels).
  public static let paperCIFAR20: Configuration = {
    var configuration = paperCIFAR10
    configuration.standardisation = .cifar100
    configuration.stageTwo.classCount = 20
    return configuration
  }()

  /// CIFAR-100 with its 100 classes.
  public static let paperCIFAR100: Configuration = {
    var configuration = paperCIFAR20
    configuration.stageTwo.classCount = 100
    return configuration
  }()

  /// STL-10, 96 × 96 pixels.
  ///
  /// The released program has no such run: the standardisation, CIFAR-10's, and the batch of 100 are
  /// those of RUC, by the same group; the encoder pools its last map, 12 × 12, as a whole.
  public static let paperSTL10: Configuration = {
    var configuration = paperCIFAR10
    configuration.stageOne.batchSize = 100
    configuration.stageTwo.batchSize = 100
    return configuration
  }()

  /// What the short recipes share.
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
    stageTwo.finalAnswer = .consensus
    return Configuration(encoder: .compact, stageOne: stageOne, stageTwo: stageTwo)
  }
}
