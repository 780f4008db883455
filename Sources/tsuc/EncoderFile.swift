// An encoder trained elsewhere as the beginning of a run: a safetensors file with the names of PyTorch's state_dict.
//
//     module.encoder.streams.0.conv1.weight  →  conv1.weight
//     backbone.layer2.0.downsample.0.weight  →  layer2.0.shortcut.0.weight
//
// How names are compared: EncoderNames.swift. Counts of batches are not needed; heads, velocities and whatever else a state of
// this program holds are passed by.
// Tests    tsucTests/EncoderFileTests.swift
import Commands
import Files
import Foundation
import Kernels
import Networks

/// Where the encoder of a run's beginning came from.
struct InitialEncoder: Codable, Equatable {
  /// The path that was named.
  let path: String
  /// The SHA-256 of the parameters and statistics as they were taken over.
  let checksum: String
}

/// A file that an encoder is read from.
struct EncoderFile {
  let encoder: ImageEncoder<Float>
  let origin: InitialEncoder

  /// Reads an encoder of the given sizes; every name and shape must fit.
  init(reading path: String, _ configuration: EncoderConfiguration) throws {
    guard FileManager.default.fileExists(atPath: path) else {
      throw RunError("\(path) does not exist; --encoder-from takes a safetensors file with an encoder's state_dict")
    }
    let file: SafetensorsFile
    do {
      file = try Safetensors.read(path)
    } catch {
      throw RunError("\(error.description); write it with safetensors.torch.save_file(model.state_dict(), FILE)")
    }
    let names = try EncoderNames(file, path, streams: configuration.streams.count).stored
    var encoder = ImageEncoder<Float>(configuration, seed: 0)
    var expected: [String: [Int]] = [:]
    encoder.forEachParameter { expected[$0] = $1.value.shape }
    encoder.forEachBuffer { expected[$0] = $1.shape }
    let missing = expected.keys.filter { names[$0] == nil }.sorted()
    let unexpected = names.keys.filter { expected[$0] == nil }.sorted()
    guard missing.isEmpty && unexpected.isEmpty else {
      if let problem = EncoderNames.difference(expected, names, in: file) { throw RunError("\(path): \(problem)") }
      throw RunError(
        "\(path) is no encoder of these sizes: missing are \(Self.list(missing)); unexpected are "
          + "\(Self.list(unexpected)); the options --encoder.… must describe the network in the file")
    }
    func tensor(_ name: String, _ shape: [Int]) throws -> Tensor<Float> {
      let tensor = try file.reals(named: names[name] ?? name)
      guard tensor.shape == shape else {
        throw RunError(
          "\(path): the tensor \(names[name] ?? name) has shape \(tensor.shape) instead of \(shape); the options "
            + "--encoder.… must describe the network in the file")
      }
      if let place = tensor.values.firstIndex(where: { !$0.isFinite }) {
        throw RunError(
          "\(path): the tensor \(names[name] ?? name) holds \(tensor.values[place]) as its value \(place), counted from 0; "
            + "every weight and statistic must be finite, so save the state of an epoch before training diverged")
      }
      return tensor.converted()
    }
    try encoder.forEachParameter { $1.value = try tensor($0, $1.value.shape) }
    try encoder.forEachBuffer { $1 = try tensor($0, $1.shape) }
    self.encoder = encoder
    var contents = SafetensorsFile()
    contents.append(encoder)
    origin = InitialEncoder(path: path, checksum: SHA256.hexDigest(of: contents.encoded()))
  }

  private static func list(_ names: [String]) -> String {
    if names.isEmpty { return "none" }
    return names.prefix(6).joined(separator: ", ") + (names.count > 6 ? " and \(names.count - 6) more" : "")
  }
}
