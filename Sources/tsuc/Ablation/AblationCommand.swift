// `tsuc ablate`: the paper's ablations over several seeds, as a table; what is there already is not trained again.
// Tests    tsucTests/AblationTests.swift
import Commands
import Files
import Foundation
import Images
import Kernels
import TwoStage

extension Command {
  /// Trains every variant.
  static let ablate = Command(
    name: "ablate", summary: "train the paper's ablations over several seeds and compare them in a table",
    details: """
      Variants: \(AblationVariant.all.map { "\($0.name) (\($0.summary))" }.joined(separator: ", ")).
      The folder's results.csv gets a line after each run; given again with the same constants, the command goes on where it was
      stopped. The images need labels. With more clusters than classes "many to one" gives each cluster its most frequent class.
      """,
    options: Option.images + [
      .labels, .classes, Option("preset", "NAME", "as of \"tsuc train\""),
      Option("seeds", "N", "how many seeds, from 0; 1 to 1000; default 5"),
      Option("only", "NAMES", "only these variants, separated by commas"),
      Option("out", "DIR", "the folder; default runs/ablation-NAME"), .threads,
    ],
    hyperParameters: TrainingChoice.hyperParameters.options
  ) { arguments, console in
    try arguments.useThreads()
    let seeds = try arguments.integer("seeds", in: 1...1000) ?? 5
    let variants = try chosenVariants(arguments["only"])
    let choice = try TrainingChoice(arguments)
    let images = try choice.data.load(on: console)
    guard let labels = images.labels else {
      throw UsageError(
        "\(images.name) has no labels, and without them nothing can be compared; name them with --labels")
    }
    let configuration = try choice.configuration(arguments, for: images)
    let folder = try AblationFolder(
      arguments["out"] ?? "runs/ablation-\(choice.data.shortName)", configuration, images)
    for seed in 0..<UInt32(seeds) {
      var run = AblationRun(images: images, labels: labels, configuration: configuration.with(\.seed, seed)) { result in
        try folder.append(result)
        console.complain(
          "tsuc: seed \(seed), \(result.variant): ACC \(percent(result.accuracy)) %, \(duration(result.seconds))")
      }
      for variant in variants where try !folder.has(variant.name, seed: seed) { try run.perform(variant) }
    }
    let wanted = Set(variants.map(\.name))
    let results = try folder.results().filter {
      $0.seed < seeds && (wanted.contains($0.variant) || $0.variant.hasPrefix("stage-1"))
    }
    try console.write(AblationTable(results: results).table.text)
  }

  private static func chosenVariants(_ names: String?) throws(UsageError) -> [AblationVariant] {
    guard let names else { return AblationVariant.all }
    return try names.split(separator: ",").map { name throws(UsageError) in
      if let variant = AblationVariant.all.first(where: { $0.name == name }) { return variant }
      let nearest = nearestNames(to: String(name), among: AblationVariant.all.map(\.name)).joined(separator: " or ")
      throw UsageError("there is no variant \"\(name)\"; did you mean \(nearest)?")
    }
  }
}

/// The folder of an ablation: what was trained on what, and the results so far.
struct AblationFolder {
  private let path: String
  private var resultsPath: String { "\(path)/results.csv" }

  /// Makes the folder, or finds it and that it belongs to the same constants and images.
  init(_ path: String, _ configuration: Configuration, _ images: ImageSet) throws {
    self.path = path
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    struct Description: Codable, Equatable {
      var configuration: Configuration
      var images: String
    }
    let description = Description(configuration: configuration.with(\.seed, 0), images: images.checksum)
    let name = "\(path)/ablation.json"
    if FileManager.default.fileExists(atPath: path) {
      guard let data = FileManager.default.contents(atPath: name),
        let known = try? JSONDecoder().decode(Description.self, from: data)
      else { throw RunError("\(path) exists already and is no folder of an ablation; choose another with --out") }
      guard known == description else {
        throw RunError("\(path) holds an ablation of other constants or images; choose another folder with --out")
      }
    } else {
      _ = try RunFolder(creating: path)
      try writeNewFile(try encoder.encode(description), to: name)
      let isOverClustered = images.classCount.map { configuration.stageTwo.classCount > $0 } == true
      let header = AblationResult.header(isOverClustered: isOverClustered)
      try writeNewFile(Data((header + "\n").utf8), to: resultsPath)
    }
  }

  private func lines() throws -> [Substring] {
    guard let text = try? String(contentsOfFile: resultsPath, encoding: .utf8) else {
      throw RunError("\(resultsPath) is missing or cannot be read")
    }
    return text.split(separator: "\n")
  }

  /// Every line but that of headings.
  func results() throws -> [AblationResult] {
    try lines().dropFirst().map { line in
      guard let result = AblationResult(csv: line) else {
        throw RunError("\(resultsPath) has a line that is no result: \(line.prefix(80))")
      }
      return result
    }
  }

  /// Whether a run is there.
  func has(_ variant: String, seed: UInt32) throws -> Bool {
    try results().contains { $0.variant == variant && $0.seed == seed }
  }

  /// Adds a line, unless the run is there.
  func append(_ result: AblationResult) throws {
    if try has(result.variant, seed: result.seed) { return }
    guard let handle = FileHandle(forWritingAtPath: resultsPath) else {
      throw RunError("\(resultsPath) cannot be written")
    }
    defer { try? handle.close() }
    try handle.seekToEnd()
    try handle.write(contentsOf: Data((result.csv(below: try lines().first ?? "") + "\n").utf8))
  }
}
