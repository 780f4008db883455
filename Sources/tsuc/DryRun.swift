// `tsuc train --dry-run`: all that determines a run and what it would cost, without making it.
// Tests    tsucTests/DryRunTests.swift
import Commands
import Foundation
import Images
import Kernels
import Networks
import TwoStage

/// A run that is only told about.
struct DryRun {
  let choice: TrainingChoice
  let configuration: Configuration
  let images: ImageSet
  /// Every constant as option, value and origin.
  let constants: [[String]]

  init(
    _ choice: TrainingChoice, _ arguments: Arguments, configuration: Configuration, images: ImageSet
  ) throws {
    (self.choice, self.configuration, self.images) = (choice, configuration, images)
    let found = try ConstantOrigin.constants(try choice.layers(arguments, for: images)) {
      TrainingChoice.origin(of: $0, arguments, for: images)
    }
    var constants = found.map { path, value, origin in
      ["--" + ConfigurationOptions.name(of: path), value.text, origin.text(path: path, value: value)]
    }
    if configuration.standardisation == nil {
      let measured = images.standardisation
      func text(_ values: [Double]) -> String { values.map { decimals($0, 4) }.joined(separator: ",") }
      constants += [
        ["--standardisation.mean", text(measured.mean), "the data, measured"],
        ["--standardisation.standard-deviation", text(measured.standardDeviation), "the data, measured"],
      ]
    }
    self.constants = constants.sorted { $0[0] < $1[0] }
  }

  /// Prints what is known at once, then measures and prints the costs.
  func tell(on console: Console) throws {
    try console.write("A dry run: nothing is trained or written.\n\n")
    try console.write(sizes.map { "\($0.0.padded(to: 10))  \($0.1)\n" }.joined())
    let widths = (0..<2).map { column in constants.map { $0[column].count }.max() ?? 0 }
    try console.write("\nEvery constant, its value, and where that is from:\n")
    for line in constants {
      try console.write("  \(line[0].padded(to: widths[0]))  \(line[1].padded(to: widths[1]))  \(line[2])\n")
    }
    let memory = TrainingMemory(configuration, images: images).bytes
    try console.write(
      "\n" + Self.text(try RunEstimate(configuration, images: images), memory: memory, threads: Parallel.threadCount))
    try TrainingMemory.check(configuration, images: images, available: AvailableMemory.bytes)
  }

  /// What the run consists of, line by line.
  var sizes: [(String, String)] {
    let classes = images.classCount.map { ", \($0) classes by their labels" } ?? ", without labels: no accuracy is told"
    var encoder = ImageEncoder<Float>(configuration.encoder, seed: 0)
    let all = encoder.parameterCount
    var trained = 0
    encoder.forEachParameter { trained += $1.value.count }
    let heads =
      configuration.encoder.embeddingSize * configuration.stageTwo.classCount * configuration.stageTwo.headCount
    var lines = [
      (
        "images", "\(images.count) of \(images.name), \(images.channels) x \(images.height) x \(images.width)\(classes)"
      ),
      (
        "preset",
        choice.presetName(for: images) + ", method \(choice.method.rawValue)"
          + (choice.isReleased ? ", as released" : "")
      ),
      ("encoder", "\(all) parameters, \(all - trained) of them fixed"),
      ("heads", "\(heads) parameters, " + (configuration.stageTwo.headsAreTrainable ? "trained" : "fixed")),
    ]
    let (one, two) = (configuration.stageOne, configuration.stageTwo)
    func steps(_ stage: Int) -> String {
      "\(configuration.steps(ofStage: stage, count: images.count).count) steps of "
        + "\(stage == 1 ? one.batchSize : two.batchSize) images, \(stage == 1 ? one.viewCount : 2) view"
        + (stage == 1 && one.viewCount == 1 ? "" : "s") + " each"
    }
    if one.rounds > 0 {
      let discovery = NeighbourhoodDiscovery(rate: one.anchorRate, neighbourCount: one.neighbourCount)
      let anchors = (0..<one.rounds).map { "\(discovery.anchorCount(images: images.count, round: $0))" }
      lines.append(
        (
          configuration.isJoint ? "joint" : "stage 1",
          "\(one.rounds) rounds of \(one.epochsPerRound) epochs of \(steps(1))"
        ))
      lines.append(("anchors", anchors.prefix(8).joined(separator: ", ") + (anchors.count > 8 ? ", …" : "")))
    }
    if configuration.epochs.stageTwo > 0 { lines.append(("stage 2", "\(two.epochs) epochs of \(steps(2))")) }
    return lines
  }

  /// The estimate in a few lines.
  static func text(_ estimate: RunEstimate, memory: Double, threads: Int) -> String {
    let batches = estimate.batches.map { "\($0)" }.joined(separator: " and ")
    var text =
      "By single steps with \(batches) images, measured now on \(threads) threads and extrapolated in a straight line;\n"
      + "evaluation is left out, and other programs that ran meanwhile are not:\n"
    if let step = estimate.stepOfStageOne { text += "  a step of stage 1   \(decimals(step, 3)) s\n" }
    if let step = estimate.stepOfStageTwo { text += "  a step of stage 2   \(decimals(step, 3)) s\n" }
    if estimate.discovery > 0 { text += "  neighbourhoods      \(decimals(estimate.discovery, 3)) s a round\n" }
    text += "  training in all     \(duration(estimate.total)) (\(decimals(estimate.total / 3600, 2)) h)\n"
    let machine = decimals(Double(ProcessInfo.processInfo.physicalMemory) / 1e9, 2)
    return text
      + "  memory at its peak  \(decimals(memory / 1e9, 2)) GB of this machine's \(machine) GB, computed from the sizes\n"
  }
}

extension String {
  /// The text with spaces after it.
  fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
