// `tsuc scaling`: how the cost of a step grows with its sizes, and what the paper's run would cost by that.
// Tests    tsucTests/ScalingTests.swift
import Commands
import Foundation
import Kernels
import Networks
import TwoStage

extension Command {
  static let scaling = Command(
    name: "scaling",
    summary: "measure how cost grows with batch, width, image size and bank, and extrapolate to the paper's run",
    details: "Takes about a minute on two cores and 2 GB of memory. Prints each series with the exponent "
      + "of the power law through it.",
    options: [
      Option("repeats", "N", "how often each size is timed, 1 to 1000; the best counts (3)"),
      Option("threads", "N", "how many threads the kernels use, 1 to 256 (all processors)"),
    ]
  ) { arguments, console in
    let repeats = try arguments.integer("repeats", in: 1...1000) ?? 3
    if let threads = try arguments.integer("threads", in: 1...256) { Parallel.threadCount = threads }
    var laws: [String: PowerLaw] = [:]
    var memory: [(size: Double, cost: Double)] = []
    for series in ScalingSeries.all {
      try console.write("\(series.name)\n")
      var points: [(size: Double, cost: Double)] = []
      for size in series.sizes {
        PeakMemory.reset()
        let result = BenchmarkResult(series.work(size), repeats: repeats)
        points.append((Double(size), result.seconds))
        // Only the first series: later ones begin with what the process has kept of the earlier.
        let bytes = series.name == ScalingSeries.batch.name ? PeakMemory.bytes : nil
        if let bytes { memory.append((Double(size), bytes)) }
        let peak = bytes.map { String(format: "%8.0f MB", $0 / 1e6) } ?? ""
        let pages = result.freshPages.map { "\(String(format: "%8d", $0)) fresh pages" } ?? ""
        try console.write(String(format: "%10d %12.2f ms", size, result.seconds * 1e3) + pages + peak + "\n")
      }
      let law = PowerLaw(through: points)
      laws[series.name] = law
      try console.write(String(format: "  exponent %.2f\n", law.exponent))
    }
    try console.write(Forecast(laws, memory: memory).lines)
  }
}

/// One size that grows while the others stay.
struct ScalingSeries: Sendable {
  let name: String
  let sizes: [Int]
  let work: @Sendable (Int) -> BenchmarkWork

  static let batch = ScalingSeries(
    name: "ResNet-18 step, width 64, 32 x 32 pixels: images of a batch", sizes: [16, 32, 64, 128, 256]
  ) { .step(width: 64, batch: $0) }
  static let width = ScalingSeries(
    name: "ResNet-18 step, batch 32, 32 x 32 pixels: width", sizes: [8, 16, 32, 64]
  ) { .step(width: $0, batch: 32) }
  static let side = ScalingSeries(
    name: "ResNet-18 step, width 16, batch 32: side of the images", sizes: [16, 32, 64, 96]
  ) { .step(width: 16, batch: 32, side: $0) }
  static let bank = ScalingSeries(
    name: "losses of stage 1, 256 rows: rows of the bank", sizes: [12_500, 25_000, 50_000, 100_000]
  ) { .stageOneLosses(imageCount: $0) }
  static let discovery = ScalingSeries(
    name: "neighbourhood discovery: rows of the bank", sizes: [2500, 5000, 10_000, 20_000]
  ) { .discovery(imageCount: $0) }

  static let all = [batch, width, side, bank, discovery]
}

/// The paper's CIFAR-10 run by the measured laws: 50,000 images, two streams, views of 128 images in each step.
///
/// Left out: views, evaluation, the losses of stage 2.
struct Forecast {
  let stepSeconds: Double
  let stageOneHours: Double
  let stageTwoHours: Double
  /// Peak memory of a step; nil where the system does not tell it.
  let stepBytes: Double?

  init(_ laws: [String: PowerLaw], memory: [(size: Double, cost: Double)]) {
    func cost(_ series: ScalingSeries, _ size: Double) -> Double { laws[series.name]?.cost(of: size) ?? .nan }
    let paper = Configuration.paperCIFAR10
    let (images, streams) = (50_000.0, Double(paper.encoder.streams.count))
    let (one, two) = (paper.stageOne, paper.stageTwo)
    let encoderSeconds = streams * cost(.batch, 2 * Double(one.batchSize))
    stepSeconds = encoderSeconds + cost(.bank, images)
    let rounds = Double(one.rounds)
    let steps = rounds * Double(one.epochsPerRound) * (images / Double(one.batchSize)).rounded(.down)
    stageOneHours = (steps * stepSeconds + rounds * cost(.discovery, images)) / 3600
    let laterSteps = Double(two.epochs) * (images / Double(two.batchSize)).rounded(.down)
    stageTwoHours = laterSteps * streams * cost(.batch, 2 * Double(two.batchSize)) / 3600
    if let first = memory.first, let last = memory.last, last.size > first.size {
      // Activations grow with the rows of both streams; the rest, parameters above all, with the streams alone.
      let perRow = (last.cost - first.cost) / (last.size - first.size)
      stepBytes = streams * (first.cost + perRow * (2 * Double(one.batchSize) - first.size))
    } else {
      stepBytes = nil
    }
  }

  var lines: String {
    let memory = stepBytes.map { String(format: ", %.1f GB of memory", $0 / 1e9) } ?? ""
    return String(format: "The paper's CIFAR-10 run by these laws: %.1f s a step of stage 1", stepSeconds) + memory
      + String(format: ",\n  stage 1 %.0f hours, stage 2 %.0f hours\n", stageOneHours, stageTwoHours)
  }
}
