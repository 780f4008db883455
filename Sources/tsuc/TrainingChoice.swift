// What a command line of training asks for: the data, the preset, and what changes its constants, layer by layer.
// Tests    tsucTests/ConstantOriginTests.swift, tsucTests/TrainingChoiceTests.swift
import Commands
import Files
import Foundation
import Images
import Kernels
import Networks
import TwoStage

/// What a command line of training asks for.
struct TrainingChoice {
  /// The images.
  let data: DataChoice
  /// The preset named, if one was.
  let preset: String?
  /// The key of all random numbers.
  let seed: UInt32

  /// What is trained.
  let method: Method
  /// Whether the released program's choices are asked for.
  let isReleased: Bool

  /// What the options say; `name` is the data where no option names it.
  init(_ arguments: Arguments, data name: String = "digits") throws(UsageError) {
    var data = try DataChoice(arguments, given: DataChoice(name: name))
    preset = try arguments.name("preset", among: Configuration.presetNames)
    method = try arguments.name("method", among: Method.allCases.map(\.rawValue)).flatMap(Method.init) ?? .twoStage
    isReleased = arguments["released"] != nil
    seed = UInt32(try arguments.integer("seed", in: 0...Int(UInt32.max)) ?? 0)
    if preset == "paper-cifar20" && data.labelling == nil { data.labelling = .coarse }
    self.data = data.fromAnywhere
  }

  /// Every value of the configuration but the seed, which has its own option.
  static let hyperParameters: ConfigurationOptions = {
    // No preset has RandAugment's constants.
    var strong = Configuration.paperCIFAR10
    strong.stageOne.views = RandomViews.Kind.randAugment.plain
    strong.stageTwo.views = RandomViews.Kind.randAugment.plain
    let configurations = Configuration.presets.map(\.configuration) + [strong]
    return ConfigurationOptions(
      configurations.compactMap { try? JSON(of: $0) }, except: ["seed"], choices: choices)
  }()

  /// The values that names may take, by the last part of the option.
  private static let choices: [String: [String]] = [
    "kind": RandomViews.Kind.allCases.map(\.rawValue),
    "variant": RandAugmentation.Variant.allCases.map(\.rawValue),
    "learning-rate-schedule": LearningRateSchedule.allCases.map(\.rawValue),
    "bank-view-policy": MemoryViewPolicy.allCases.map(\.rawValue),
    "own-image": StageOneConfiguration.OwnImage.allCases.map(\.rawValue),
    "entropy-weight-schedule": EntropyWeightSchedule.allCases.map(\.rawValue),
    "augmentation-space": AugmentationLossSpace.allCases.map(\.rawValue),
    "reduction": Reduction.allCases.map(\.rawValue),
    "head-axis": ClusterHeadAxis.allCases.map(\.rawValue),
    "final-answer": FinalAnswer.allCases.map(\.rawValue),
    "denominator": BatchLossDenominator.allCases.map(\.rawValue),
    "streams": ["plain", "sobel"],
  ]

  /// The preset with what the data, the method and the command line say, checked against the images.
  func configuration(_ arguments: Arguments, for images: ImageSet) throws -> Configuration {
    try checkClassCount(arguments, for: images)
    let configuration = try layers(arguments, for: images).last?.configuration ?? .digits
    try checkSizes(configuration)
    do {
      try configuration.validate(count: images.count, channels: images.channels, size: images.size)
    } catch {
      let sentence = Self.hyperParameters.withOptionNames(String(describing: error))
      // The number of clusters by the name that it was given.
      throw UsageError(
        arguments["classes"] == nil
          ? sentence : sentence.replacingOccurrences(of: "--stage-two.class-count", with: "--classes"))
    }
    return configuration
  }

  /// The preset that is named, or else the one that fits the images.
  func presetName(for images: ImageSet) -> String {
    if let preset { return preset }
    if Configuration.preset(images.name) != nil { return images.name }
    if images.channels == 3 { return "colour" }
    return min(images.height, images.width) < 16 ? "digits" : "fashion"
  }

  /// The configuration as it becomes, layer by layer; each layer changes what the one before it says.
  func layers(
    _ arguments: Arguments, for images: ImageSet
  ) throws -> [(origin: ConstantOrigin, configuration: Configuration)] {
    let name = presetName(for: images)
    guard var configuration = Configuration.preset(name) else { throw UsageError("unknown preset \"\(name)\"") }
    var layers = [(ConstantOrigin.preset(name), configuration)]
    configuration.encoder.inputChannels = images.channels
    if let classes = images.classCount, classes >= 2 { configuration.stageTwo.classCount = classes }
    configuration.limit(toImages: images.count)
    layers.append((.data, configuration))
    configuration = method.applied(to: configuration)
    layers.append((.method(method), configuration))
    if isReleased {
      configuration = configuration.released
      layers.append((.released, configuration))
    }
    // Another kind of views has other numbers: it begins with its own defaults.
    for (option, views) in [
      ("stage-one.views", \Configuration.stageOne.views), ("stage-two.views", \.stageTwo.views),
    ] {
      let kind = arguments["\(option).kind"].flatMap(RandomViews.Kind.init)
      if let kind, kind != configuration[keyPath: views].kind { configuration[keyPath: views] = kind.plain }
      // And another program's RandAugment too.
      let variant = arguments["\(option).variant"].flatMap(RandAugmentation.Variant.init)
      if let variant, configuration[keyPath: views].kind == .randAugment {
        configuration[keyPath: views] = .randAugment(RandAugmentation(variant))
      }
    }
    layers.append((.kind, configuration))
    if let classes = try Self.clusterCount(arguments) { configuration.stageTwo.classCount = classes }
    configuration = try Self.hyperParameters.apply(arguments, to: configuration)
    configuration.seed = seed
    layers.append((.commandLine, configuration))
    return layers
  }

  /// The number of clusters that an option names, which must be one number if both do.
  static func clusterCount(_ arguments: Arguments) throws(UsageError) -> Int? {
    let classes = try arguments.integer("classes", in: 2...100_000)
    if let classes, let other = arguments["stage-two.class-count"], Int(other) != classes {
      throw UsageError(
        "--classes is \(classes), but --stage-two.class-count, which is the same, is \(other); give one of them")
    }
    return classes
  }

  /// What decides on a constant, whatever the preset has; nil where nothing does.
  static func origin(of path: [String], _ arguments: Arguments, for images: ImageSet) -> ConstantOrigin? {
    if names(path, in: arguments) { return .commandLine }
    if path == ["encoder", "inputChannels"] { return .data }
    return path == ["stageTwo", "classCount"] && (images.classCount ?? 0) >= 2 ? .data : nil
  }

  /// Whether the command line names a constant, by its own option or by a shorter one.
  static func names(_ path: [String], in arguments: Arguments) -> Bool {
    arguments[ConfigurationOptions.name(of: path)] != nil
      || path == ["stageTwo", "classCount"] && arguments["classes"] != nil
  }

  /// Without labels nobody but the user knows the number of clusters; the paper's presets are of data whose number is known.
  private func checkClassCount(_ arguments: Arguments, for images: ImageSet) throws(UsageError) {
    guard images.count >= 2, (images.classCount ?? 0) < 2, !Self.names(["stageTwo", "classCount"], in: arguments),
      preset?.hasPrefix("paper-") != true
    else { return }
    let reason = images.classCount == nil ? "has no labels" : "has labels of one class only"
    throw UsageError(
      "\(images.name) \(reason), so the number of clusters must be given: --classes K, for instance --classes 10")
  }

  /// What was changed to suit few images.
  func remarks(on configuration: Configuration, _ arguments: Arguments, for images: ImageSet) -> [String] {
    guard let preset = Configuration.preset(presetName(for: images)) else { return [] }
    let changed = [
      ("stageOne.batchSize", preset.stageOne.batchSize, configuration.stageOne.batchSize),
      ("stageTwo.batchSize", preset.stageTwo.batchSize, configuration.stageTwo.batchSize),
      ("stageOne.neighbourCount", preset.stageOne.neighbourCount, configuration.stageOne.neighbourCount),
    ].filter { name, old, new in
      new < old && arguments[ConfigurationOptions.name(of: name.split(separator: ".").map(String.init))] == nil
    }
    guard !changed.isEmpty else { return [] }
    let list = changed.map {
      "--\(ConfigurationOptions.name(of: $0.0.split(separator: ".").map(String.init))) is \($0.2) instead of \($0.1)"
    }
    return ["there are only \(images.count) images: " + list.joined(separator: ", ")]
  }

  /// "runs/digits-seed0", from the last part of the data's path.
  var defaultFolder: String { "runs/\(data.shortName)-seed\(seed)" }

  /// Refuses networks that no memory holds; ``ConfigurationOptions`` has refused single numbers that are too large.
  private func checkSizes(_ configuration: Configuration) throws(UsageError) {
    let encoder = configuration.encoder
    var weights = 0.0
    for (width, blocks) in zip(encoder.widths, encoder.blocks) {
      weights += 18 * Double(width) * Double(width) * Double(blocks)
    }
    let stageTwo = configuration.stageTwo
    weights += Double(encoder.widths.last ?? 0) * Double(encoder.embeddingSize)
    weights += Double(encoder.embeddingSize) * Double(stageTwo.classCount) * Double(stageTwo.headCount)
    if weights * Double(max(1, encoder.streams.count)) > 1e9 {
      throw UsageError(
        "these options ask for a network of about \(decimals(weights / 1e9, 1)) thousand million weights; choose smaller "
          + "--encoder.widths, --encoder.blocks, --encoder.embedding-size or --stage-two.head-count")
    }
  }
}
