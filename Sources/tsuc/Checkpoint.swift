// The file of a trained network: safetensors with PyTorch's names, and what else is needed to use it as metadata.
//
// Metadata "digest" is the SHA-256 of everything else, so that a damaged file is told apart from a good one.
// Tests    tsucTests/CheckpointTests.swift
import Commands
import Files
import Foundation
import Images
import Kernels
import Networks
import TwoStage

/// An encoder, and in stage 2 the heads on it, with how images are prepared for them.
struct Checkpoint {
  /// What is kept beside the tensors.
  struct Description: Codable, Equatable {
    /// The encoder's sizes.
    var encoder: EncoderConfiguration
    /// Channels, rows and columns of the images.
    var channels: Int
    var height: Int
    var width: Int
    /// How images are standardised.
    var standardisation: Standardisation
    /// The training images' name or path, the path of their labels if one was named, their number and checksum.
    var dataName: String
    var dataLabels: String?
    var dataCount: Int
    /// The part of the data set, its labelling and the size that images were brought to, if the command line named them.
    var dataSplit: DataSplit?
    var dataLabelling: ClassLabelling?
    var dataSize: ImageSize?
    var dataChecksum: String
    /// What the classes of the training images are called; nil for their numbers or without labels.
    var dataClasses: [String]?
    /// The seed of the run.
    var seed: UInt32
    /// The head that answers, or whose clusters keep their numbers in a vote; 0 without heads.
    var chosenHead: Int
    /// How the heads' classes become the cluster of an image; nil without heads, and in files from before there was a choice.
    var answer: HeadAnswer?
    /// τ_c and the axis of the heads.
    var headTemperature: Float
    var headAxis: ClusterHeadAxis
    /// The file that the encoder began with, if it was not drawn at random.
    var initialEncoder: InitialEncoder?
    /// Whether pictures that could not be read were left out.
    var dataSkipsDamaged: Bool?
    /// How many images were asked for, 0 for all; nil in older files, which know only how many there were.
    var dataAskedCount: Int?

    /// What gives the training images again.
    var data: DataChoice {
      var choice = DataChoice(name: dataName, labels: dataLabels, count: dataCount)
      (choice.split, choice.labelling, choice.size) = (dataSplit, dataLabelling, dataSize)
      choice.skipsDamaged = dataSkipsDamaged
      if let dataAskedCount { choice.count = dataAskedCount == 0 ? nil : dataAskedCount }
      return choice
    }
  }

  var description: Description
  var encoder: ImageEncoder<Float>
  /// The heads; nil at the end of stage 1.
  var heads: ClusterHeads<Float>?
  /// The whole configuration of the run.
  var configuration: JSON

  /// The bytes of the file.
  func encoded() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    var file = SafetensorsFile(metadata: [
      "format": "tsuc checkpoint 1",
      "description": String(decoding: try encoder.encode(description), as: UTF8.self),
      "configuration": String(decoding: try encoder.encode(configuration), as: UTF8.self),
    ])
    file.append(self.encoder)
    for (number, weight) in (heads?.weights ?? []).enumerated() {
      file.append(weight.value, named: Self.headName(number))
    }
    file.seal()
    return file.encoded()
  }

  /// Reads the file of a run; every kind of damage is told in a sentence.
  init(reading path: String) throws {
    guard FileManager.default.fileExists(atPath: path) else {
      throw RunError("\(path) does not exist; name the folder of a finished run of \"tsuc train\"")
    }
    let file = try Safetensors.read(path)
    guard file.metadata["digest"] != nil, file.metadata["format"] == "tsuc checkpoint 1" else {
      throw RunError("\(path) is no checkpoint of this program; name the folder of a finished run of \"tsuc train\"")
    }
    guard file.isSealUnbroken else {
      throw RunError("\(path) is damaged: its digest is not that of its contents; train again or fetch it again")
    }
    guard let description: Description = Self.decoded(file.metadata["description"]),
      let configuration: JSON = Self.decoded(file.metadata["configuration"])
    else {
      throw RunError("\(path) lacks its description or configuration; it may be of another version of this program")
    }
    (self.description, self.configuration) = (description, configuration)
    encoder = ImageEncoder(description.encoder, seed: 0)
    try file.fill(&encoder)
    let weights = try (0..<file.names.count { $0.hasPrefix("heads.") }).map { number in
      try file.tensor(named: Self.headName(number), as: Float.self)
    }
    heads =
      weights.isEmpty
      ? nil : ClusterHeads(weights: weights, temperature: description.headTemperature, axis: description.headAxis)
    guard (0..<max(1, weights.count)).contains(description.chosenHead) else {
      throw RunError("\(path) chooses head \(description.chosenHead) of \(weights.count); it may be damaged")
    }
    if let heads,
      let problem = description.answer?.problem(headCount: heads.headCount, classCount: heads.classCount)
    {
      throw RunError("the final answer of \(path) is none of its heads: \(problem); it may be damaged, train again")
    }
  }

  init(
    description: Description, encoder: ImageEncoder<Float>, heads: ClusterHeads<Float>?, configuration: JSON
  ) {
    (self.description, self.encoder) = (description, encoder)
    (self.heads, self.configuration) = (heads, configuration)
  }

  /// Refuses images of another shape than the network was trained on.
  func check(_ images: ImageSet) throws(RunError) {
    let (found, expected) = (
      [images.channels, images.height, images.width], [description.channels, description.height, description.width]
    )
    if found == expected { return }
    func text(_ shape: [Int]) -> String { shape.map { "\($0)" }.joined(separator: " x ") }
    let advice =
      found[0] == expected[0] || found[0] == 1
      ? "\"--size \(ImageSize(height: expected[1], width: expected[2]))\" brings them to that size"
      : "name grey images"
    throw RunError(
      "\(images.name) has images of \(text(found)) (channels x height x width), but the run was trained on "
        + "\(text(expected)) (\(description.dataName)); \(advice)")
  }

  private static func headName(_ number: Int) -> String { "heads.\(number).weight" }

  private static func decoded<Value: Decodable>(_ text: String?) -> Value? {
    text.flatMap { try? JSONDecoder().decode(Value.self, from: Data($0.utf8)) }
  }
}
