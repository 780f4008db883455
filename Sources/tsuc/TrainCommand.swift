// The main job: both stages on a set of images, into a new run folder.
// Tests    tsucTests/TrainingProcessTests.swift
import Files
import Commands
import Images
import Kernels
import Networks
import TwoStage

extension Option {
  static let preset = Option(
    "preset", "NAME",
    "\(Configuration.presetNames.joined(separator: ", ")); default that of the data's name, else colour for images "
      + "of 3 channels, digits for others below 16 pixels and fashion for larger ones")
  static let seed = Option("seed", "N", "0 to 4294967295; default 0; one seed gives the same bits each time")
  static let checkpointMinutes = Option(
    "checkpoint-minutes", "N",
    "0 to 1000000; write a state after each epoch that is not short, and inside one each N minutes; 10")
  static let keep = Option("keep", "N", "how many states are kept, the newest; default 2")
}

extension Command {
  /// Trains, judges and writes the run folder; also what the program does without any command.
  static let train = Command(
    name: "train", summary: "train both stages on images and write a run folder (the default command)",
    details: """
      The images are sorted into classes without their labels, which only score the result where there are any.
      The run folder then holds report.html, metrics.json, history.csv, predictions.csv, the pictures of the clusters
      and the checkpoints. Until then its folder "states" holds what --resume needs to continue with the same bits; of a finished
      run only the last state is kept. The number of clusters is that of the different labels, or --classes. A method changes
      some of the preset's constants, the options below change single ones.
      """,
    options: Option.images + [
      .labels, .classes, .test, .testSplit, .testLabels,
      .preset,
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
      .seed, .threads,
      Option(
        "encoder-from", "FILE", "a safetensors file with the state_dict of the encoder to begin with, such as PyTorch's"
      ),
      .checkpointMinutes, .keep,
    ],
    hyperParameters: TrainingChoice.hyperParameters.options
  ) { arguments, console in
    try arguments.useThreads()
    let policy = try StatePolicy(arguments)
    if let run = arguments["resume"] {
      let resumption = try TrainingResumption(run: run, console: console)
      try resumption.training(arguments, policy: policy, console: console).perform()
      return
    }
    let choice = try TrainingChoice(arguments)
    if let out = arguments["out"] { try refuseExisting(out) }
    let images = try choice.data.load(on: console)
    if arguments["dry-run"] != nil {
      let configuration = try choice.configuration(arguments, for: images)
      // What the run would be refused for.
      _ = try TestChoice(arguments, training: choice.data)?.load(besides: images, on: console)
      _ = try arguments["encoder-from"].map { try EncoderFile(reading: $0, configuration.encoder) }
      return try DryRun(choice, arguments, configuration: configuration, images: images).tell(on: console)
    }
    let folder = arguments["out"] ?? RunFolder.freeName(choice.defaultFolder)
    try TrainingRun(choice, arguments, images: images, folder: folder, policy: policy, console: console).perform()
  }
}

extension TrainingRun {
  /// A run that begins: everything that can be refused is refused before its folder is made.
  init(
    _ choice: TrainingChoice, _ arguments: Arguments, images: ImageSet, folder: String, policy: StatePolicy,
    console: Console
  ) throws {
    let configuration = try choice.configuration(arguments, for: images)
    for remark in choice.remarks(on: configuration, arguments, for: images) { console.complain("tsuc: \(remark)") }
    try TrainingMemory.check(configuration, images: images, available: AvailableMemory.bytes)
    let test = try TestChoice(arguments, training: choice.data)?.load(besides: images, on: console)
    let start = try arguments["encoder-from"].map { try EncoderFile(reading: $0, configuration.encoder) }
    var trainer = try Trainer<Float>(configuration, images: images)
    if let start { trainer.stageOne.encoder = start.encoder }
    let folder = try RunFolder(creating: folder)
    self.init(
      beginning: Trained(trainer: trainer), data: choice.data, test: test, initialEncoder: start?.origin,
      isResumed: false, folder: folder,
      keeper: StateKeeper(folder: try StateFolder(of: folder.path), policy: policy, console: console), console: console)
  }
}
