// The main job: both stages on a set of images, into a new run folder.
// Tests    tsucTests/TrainingProcessTests.swift
import Files
import Commands
import Images
import Kernels
import Networks
import TwoStage

extension Command {
  /// Trains, judges and writes the run folder; also what the program does without any command.
  static let train = Command(
    name: "train", summary: "train both stages on images and write a run folder (the default command)",
    details: """
      The images are sorted into classes without their labels, which only score the result where there are any.
      The run folder then holds report.html, metrics.json, history.csv, predictions.csv, the pictures of the clusters
      and the checkpoints. Until then its folder "states" holds what --resume needs to continue with the same bits; of a finished
      run only the last state is kept. The number of classes is that of the labels, else the preset's:
      --stage-two.class-count. A method changes some of the preset's constants, the options below change single ones.
      """,
    options: Option.images + [
      .labels, .test, .testSplit,
      Option(
        "preset", "NAME",
        "\(Configuration.presetNames.joined(separator: ", ")); default that of the data's name, else colour for images "
          + "of 3 channels, digits for others below 16 pixels and fashion for larger ones"),
      Option(
        "method", "NAME",
        Method.allCases.map { "\($0.rawValue) (\($0.summary))" }.joined(separator: ", ") + "; default two-stage"),
      Option("released", nil, "the released program's choices where they differ from the paper's text"),
      Option(
        "dry-run", nil,
        "print every constant and its origin, all sizes, and an estimate of hours and memory from a few measured steps; train nothing"
      ),
      Option("resume", "RUN", "resume a stopped run with its original configuration and data"),
      Option("out", "DIR", "a new folder; default runs/NAME-seedN, with a number added if that exists"),
      Option("seed", "N", "0 to 4294967295; default 0; one seed gives the same bits each time"), .threads,
      Option(
        "encoder-from", "FILE", "a safetensors file with the state_dict of the encoder to begin with, such as PyTorch's"
      ),
      Option(
        "checkpoint-minutes", "N",
        "0 to 1000000; write a state after each epoch that is not short, and inside one each N minutes; 10"),
      Option("keep", "N", "how many states are kept, the newest; default 2"),
    ],
    hyperParameters: TrainingChoice.hyperParameters.options
  ) { arguments, console in
    try arguments.useThreads()
    let policy = try StatePolicy(arguments)
    if let run = arguments["resume"] {
      let resumption = try TrainingResumption(run: run, console: console)
      return try resumption.training(arguments, policy: policy, console: console).perform()
    }
    let choice = try TrainingChoice(arguments)
    if let out = arguments["out"] { try refuseExisting(out) }
    let images = try choice.data.load(on: console)
    let configuration = try choice.configuration(arguments, for: images)
    if arguments["dry-run"] != nil {
      return try DryRun(choice, arguments, configuration: configuration, images: images).tell(on: console)
    }
    let test = try TestChoice(arguments, training: choice.data)?.load(besides: images, on: console)
    let start = try arguments["encoder-from"].map { try EncoderFile(reading: $0, configuration.encoder) }
    var trainer = try Trainer<Float>(configuration, images: images)
    if let start { trainer.stageOne.encoder = start.encoder }
    let folder = try RunFolder(creating: arguments["out"] ?? RunFolder.freeName(choice.defaultFolder(for: images)))
    let run = TrainingRun(
      beginning: Trained(trainer: trainer), data: choice.data, test: test, initialEncoder: start?.origin,
      isResumed: false, folder: folder,
      keeper: StateKeeper(folder: try StateFolder(of: folder.path), policy: policy, console: console), console: console)
    try run.perform()
  }
}

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

  init(_ arguments: Arguments) throws(UsageError) {
    var data = try DataChoice(arguments, given: DataChoice(name: "digits"))
    preset = try arguments.name("preset", among: Configuration.presetNames)
    method = try arguments.name("method", among: Method.allCases.map(\.rawValue)).flatMap(Method.init) ?? .twoStage
    isReleased = arguments["released"] != nil
    seed = UInt32(try arguments.integer("seed", in: 0...Int(UInt32.max)) ?? 0)
    if preset == "paper-cifar20" && data.labelling == nil { data.labelling = .coarse }
    self.data = data
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
    "denominator": BatchLossDenominator.allCases.map(\.rawValue),
    "streams": ["plain", "sobel"],
  ]

  /// The preset with what the data, the method and the command line say, checked against the images.
  func configuration(_ arguments: Arguments, for images: ImageSet) throws -> Configuration {
    let configuration = try layers(arguments, for: images).last?.configuration ?? .digits
    try checkSizes(configuration)
    do {
      try configuration.validate(count: images.count, channels: images.channels, size: images.size)
    } catch {
      throw UsageError(Self.hyperParameters.withOptionNames(String(describing: error)))
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
    configuration = try Self.hyperParameters.apply(arguments, to: configuration)
    configuration.seed = seed
    layers.append((.commandLine, configuration))
    return layers
  }

  /// "runs/digits-seed0", from the last part of the data's path.
  func defaultFolder(for images: ImageSet) -> String {
    let last = images.name.split(separator: "/").last.map(String.init) ?? "images"
    return "runs/\(last.prefix(60))-seed\(seed)"
  }

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
