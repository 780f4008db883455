// The main job: both stages on a set of images, into a new run folder.
// Tests    tsucTests/TrainingProcessTests.swift
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
      and the checkpoints. Until then its folder "states" holds what --resume needs to go on with the same bits; of a finished
      run only the last state is kept. The number of classes is that of the labels, else 10: --stage-two.class-count.
      """,
    options: [
      .data, .labels, .count,
      Option(
        "preset", "NAME",
        "\(Configuration.presetNames.joined(separator: ", ")); default that of the data's name, else digits for images "
          + "below 16 pixels and fashion for others"),
      Option("resume", "RUN", "go on with a run that was stopped; its configuration and data are those it began with"),
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
    let images = try choice.data.load()
    let configuration = try choice.configuration(arguments, for: images)
    let start = try arguments["encoder-from"].map { try EncoderFile(reading: $0, configuration.encoder) }
    var trainer = try Trainer<Float>(configuration, images: images)
    if let start { trainer.stageOne.encoder = start.encoder }
    let folder = try RunFolder(creating: arguments["out"] ?? RunFolder.freeName(choice.defaultFolder(for: images)))
    let run = TrainingRun(
      beginning: Trained(trainer: trainer), labelsPath: choice.data.labels, initialEncoder: start?.origin,
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

  init(_ arguments: Arguments) throws(UsageError) {
    data = try DataChoice(arguments, name: "digits")
    preset = arguments["preset"]
    seed = UInt32(try arguments.integer("seed", in: 0...Int(UInt32.max)) ?? 0)
    if let preset, Configuration.preset(preset) == nil {
      let nearest = nearestNames(to: preset, among: Configuration.presetNames).joined(separator: " or ")
      throw UsageError(
        "unknown preset \"\(preset)\"; did you mean \(nearest)? There are "
          + Configuration.presetNames.joined(separator: ", "))
    }
  }

  /// Every value of the configuration but the seed, which has its own option.
  static let hyperParameters = ConfigurationOptions(
    Configuration.presetNames.compactMap(Configuration.preset).compactMap { try? JSONValue(of: $0) },
    except: ["seed"], choices: choices)

  /// The values that names may take, by the last part of the option.
  private static let choices: [String: [String]] = [
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

  /// The preset with the data's shape and what the command line says, checked against the images.
  func configuration(_ arguments: Arguments, for images: ImageSet) throws -> Configuration {
    let named = preset ?? (Configuration.preset(images.name) == nil ? nil : images.name)
    let fallback = min(images.height, images.width) < 16 ? "digits" : "fashion"
    guard var configuration = Configuration.preset(named ?? fallback) else {
      throw UsageError("unknown preset \"\(named ?? fallback)\"")
    }
    configuration.encoder.inputChannels = images.channels
    if let classes = images.classCount, classes >= 2 { configuration.stageTwo.classCount = classes }
    configuration = try Self.hyperParameters.apply(arguments, to: configuration)
    configuration.seed = seed
    try checkSizes(configuration)
    do {
      try configuration.validate(count: images.count, channels: images.channels)
    } catch {
      throw UsageError(Self.hyperParameters.withOptionNames(String(describing: error)))
    }
    return configuration
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
