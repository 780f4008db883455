// The file of a training that is not finished: everything that going on from it with the same bits needs.
//
// The tensors are TwoStage's (TrainerState.swift). Metadata: "format", "description" and "configuration" as in a
// checkpoint, "labels" (their SHA-256), "test" (which images it is judged on as well), "history" (the epochs so far),
// "arithmetic", "version", and "session", which holds the seconds so far and is sealed apart.
// Tests    tsucTests/TrainingStateTests.swift
import Commands
import Files
import Foundation
import Images
import Kernels
import Networks
import TwoStage

/// A state whose file is cut off or changed: another one may do.
struct DamagedState: Error, CustomStringConvertible {
  let description: String
}

/// The state of a training, read and found whole; its images are still to be read.
struct TrainingState {
  static let format = "tsuc training state 1"

  /// What is kept beside the tensors and is not told by the configuration.
  let description: Checkpoint.Description
  /// All constants of the run.
  let configuration: Configuration
  /// The images that the run is judged on besides its own; nil for none.
  let test: TestSet.Record?
  /// The epochs that have ended.
  let reports: [EpochReport]
  /// The seconds of training so far, over all sessions.
  let seconds: Metrics.Seconds
  /// Where it was read from.
  let path: String
  private let file: SafetensorsFile

  /// The bytes of a file.
  static func encoded(
    _ trainer: Trainer<Float>, description: Checkpoint.Description, test: TestSet.Record? = nil,
    reports: [EpochReport], seconds: Metrics.Seconds
  ) throws -> [UInt8] {
    var file = SafetensorsFile(metadata: [
      "format": format, "version": Version.number, "arithmetic": Version.arithmetic,
      "description": try text(of: description), "configuration": try text(of: JSON(of: trainer.configuration)),
      "history": try text(of: reports), "session": try text(of: seconds),
    ])
    file.metadata["labels"] = trainer.images.labelChecksum
    file.metadata["test"] = try test.map(text)
    trainer.store(in: &file)
    file.seal()
    return file.encoded()
  }

  /// Reads a file; throws `DamagedState` if it is not as it was written, and a `RunError` if it is another kind of file.
  init(reading path: String) throws {
    do {
      try self.init(try Safetensors.read(path), path)
    } catch let error as SafetensorsError {
      throw DamagedState(description: error.description)
    }
  }

  /// Decodes the bytes of a file; `path` stands for it in messages.
  init(bytes: [UInt8], _ path: String) throws {
    do {
      try self.init(try SafetensorsFile(bytes: bytes, name: path), path)
    } catch let error as SafetensorsError {
      throw DamagedState(description: error.description)
    }
  }

  private init(_ file: SafetensorsFile, _ path: String) throws {
    self.file = file
    guard file.isSealUnbroken else {
      throw DamagedState(description: "\(path) is damaged: its digest is not that of its contents")
    }
    guard file.metadata["format"] == Self.format else {
      throw RunError(
        "\(path) is of the format \"\(file.metadata["format"] ?? "unknown")\", not \"\(Self.format)\"; go on with the "
          + "version of this program that wrote it")
    }
    guard let description: Checkpoint.Description = Self.decoded(file.metadata["description"]),
      let configuration: Configuration = Self.decoded(file.metadata["configuration"]),
      let reports: [EpochReport] = Self.decoded(file.metadata["history"]),
      let seconds: Metrics.Seconds = Self.decoded(file.metadata["session"])
    else {
      throw RunError(
        "\(path) has a description, configuration or history that this version of the program (\(Version.number)) does "
          + "not understand; resume with the version that wrote it (\(file.metadata["version"] ?? "unknown"))")
    }
    test = Self.decoded(file.metadata["test"])
    guard (test == nil) == (file.metadata["test"] == nil) else {
      throw RunError(
        "\(path) names test images in a way that this version of the program (\(Version.number)) does not understand; resume "
          + "with the version that wrote it (\(file.metadata["version"] ?? "unknown"))")
    }
    (self.description, self.configuration) = (description, configuration)
    (self.reports, self.seconds, self.path) = (reports, seconds, path)
  }

  /// The training on its images; throws a sentence if they are others.
  func trainer(on images: ImageSet) throws -> Trainer<Float> {
    guard images.checksum == description.dataChecksum else {
      throw RunError(
        "\(images.name) does not hold the images of the run: their SHA-256 is \(images.checksum), and that of the run's is "
          + "\(description.dataChecksum); name the right images with --data")
    }
    guard images.hasLabels(ofChecksum: file.metadata["labels"]) else {
      throw RunError(
        "the labels of \(images.name) are not those that the run began with; name the right ones with --labels")
    }
    do {
      return try Trainer(configuration, images: images, from: file)
    } catch {
      throw RunError("\(path) is no state that this program can resume: \(error)")
    }
  }

  /// What differs about this build, if last bits do.
  var warning: String? {
    let arithmetic = file.metadata["arithmetic"] ?? "unknown arithmetic"
    guard arithmetic != Version.arithmetic else { return nil }
    return "the run began with \(arithmetic) and goes on with \(Version.arithmetic): last bits may differ"
  }

  /// Where in the run it is, in words.
  var progress: String {
    let steps = (try? file.integers(named: Self.counterName(of: description.encoder)).values.first) ?? nil
    return "\(reports.count) epochs\(steps.map { ", \($0) steps" } ?? "")"
  }

  /// The networks as they stand, for use without training.
  func checkpoint() throws -> Checkpoint {
    var encoder = ImageEncoder<Float>(description.encoder, seed: 0)
    try file.fill(&encoder, prefix: "encoder.")
    let names = file.names.filter { $0.hasPrefix("heads.") }
    let weights = try names.indices.map { try file.tensor(named: "heads.\($0).weight", as: Float.self) }
    let heads =
      weights.isEmpty
      ? nil : ClusterHeads(weights: weights, temperature: description.headTemperature, axis: description.headAxis)
    return Checkpoint(
      description: description, encoder: encoder, heads: heads, configuration: try JSON(of: configuration))
  }

  private static func counterName(of encoder: EncoderConfiguration) -> String {
    encoder.streams.count == 1 ? "encoder.bn1.num_batches_tracked" : "encoder.streams.0.bn1.num_batches_tracked"
  }

  private static func text(of value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  private static func decoded<Value: Decodable>(_ text: String?) -> Value? {
    text.flatMap { try? JSONDecoder().decode(Value.self, from: Data($0.utf8)) }
  }
}
