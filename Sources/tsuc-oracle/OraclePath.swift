// `tsuc oracle path`: the first steps of a real run as prompts, for another program to take the same path.
// Tests    tsuc-oracleTests/OraclePathTests.swift
import Commands
import Images
import Networks
import Oracle
import TwoStage

extension Command {
  /// Prompts of a run's first steps.
  static let oraclePath = Command(
    name: "oracle path", summary: "write the first steps of both stages on real images as prompts",
    details: """
      Weights, bank, heads, batches and views are those that "tsuc train --preset paper-cifar10" draws. Three parts: stage 1
      from random weights; stage 1 after some training, with anchors and the entropy; stage 2 from the encoder of that
      training. Of each all steps at once, every later step alone from the state of the Double run, and the terms of every
      step's loss. They are answered like the corpus's prompts and judged by "oracle judge".
      """,
    options: [
      .data, .count, .size, Option("out", "DIR", "a new folder; must be given"),
      Option("width", "N", "1 to 64 channels of the first stage of each ResNet-18, 64 in the paper; default 8"),
      Option("steps", "N", "1 to 100 steps of each part; default 20"),
      Option("batch", "N", "10 to 1024 images of a step, 128 in the paper; default 16"),
      Option("after", "N", "0 to 10000 steps of training before the second and third part; default 20"),
      Option("seed", "N", "0 to 4294967295; default 0"), .threads,
    ]
  ) { arguments, console in
    try arguments.useThreads()
    let out = try arguments.required("out", "DIR, the folder to write")
    if CorpusFiles.exists(out) { throw UsageError("\(out) exists already and is not overwritten") }
    let data = try DataChoice(
      arguments, given: DataChoice(name: try arguments.required("data", "PATH, colour images such as CIFAR-10")))
    var configuration = Configuration.paperCIFAR10
    let width = try arguments.integer("width", in: 1...64) ?? 8
    configuration.encoder.widths = configuration.encoder.widths.map { $0 * width / 64 }
    configuration.stageOne.batchSize = try arguments.integer("batch", in: 10...1024) ?? 16
    configuration.stageTwo.batchSize = configuration.stageOne.batchSize
    configuration.seed = UInt32(try arguments.integer("seed", in: 0...Int(UInt32.max)) ?? 0)
    let steps = try arguments.integer("steps", in: 1...100) ?? 20
    let warmUp = try arguments.integer("after", in: 0...10_000) ?? 20
    let images = try data.load(on: console)
    try forOracle {
      let path = try TrainingPath(configuration, images: images, steps: steps, warmUp: warmUp)
      let prompts = try path.prompts()
      try PromptFolder.write(prompts, to: out)
      console.complain("tsuc: wrote \(prompts.count) prompts to \(out)")
    }
  }
}
