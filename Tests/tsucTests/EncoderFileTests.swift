import Commands
import Files
import Foundation
import Kernels
import Networks
import TestSupport
import Testing

@testable import tsuc

@Suite("Encoder files")
struct EncoderFileTests {
  private static let configuration = EncoderConfiguration(
    inputChannels: 1, streams: [.plain], widths: [2], blocks: [1], strides: [1], stemStride: 1, embeddingSize: 3)
  private static let encoder = ImageEncoder<Float>(configuration, seed: 9)

  private func read(_ file: SafetensorsFile, _ configuration: EncoderConfiguration = configuration) throws
    -> EncoderFile
  {
    try withTemporaryFolder { folder in
      try Data(file.encoded()).write(to: URL(fileURLWithPath: folder + "/e"))
      return try EncoderFile(reading: folder + "/e", configuration)
    }
  }

  private func message(_ file: SafetensorsFile, _ configuration: EncoderConfiguration = configuration) -> String {
    let error = #expect(throws: RunError.self) { _ = try read(file, configuration) }
    return error?.description ?? ""
  }

  @Test(arguments: [
    "", "module.", "encoder.", "module.encoder.", "streams.0.", "module.encoder.streams.0.", "backbone.", "encoder_q.",
    "model.", "_orig_mod.", "module._orig_mod.backbone.", "model.encoder.", "backbone.streams.0.", "a.b.c.",
  ])
  func workedExampleOfPrefixes(prefix: String) throws {
    var file = SafetensorsFile()
    file.append(Self.encoder, prefix: prefix, batchesTracked: 4)
    // What else a state of this program holds.
    file.append(Tensor<Float>(shape: [1]), named: "heads.0.weight")
    file.append(Tensor<Float>(shape: [1]), named: "velocity.encoder.conv1.weight")
    let images = Tensor<Float>(shape: [1, 1, 4, 4], values: (0..<16).map { Float($0) })
    var plain = SafetensorsFile()
    plain.append(Self.encoder)
    // A linear layer outside of the trunk has no "streams.0.", but may.
    let found = try read(file)
    #expect(found.encoder.embed(images) == Self.encoder.embed(images))
    #expect(try found.origin.checksum == read(plain).origin.checksum)
  }

  @Test func workedExampleOfOtherTypes() throws {
    var file = SafetensorsFile()
    var copy = Self.encoder
    copy.forEachParameter { file.append($1.value.converted(to: Double.self), named: $0) }
    copy.forEachBuffer { file.append($1, named: $0) }
    let images = Tensor<Float>(shape: [1, 1, 4, 4], values: (0..<16).map { Float($0) })
    #expect(try read(file).encoder.embed(images) == Self.encoder.embed(images))
  }

  // torchvision's names of the way around a block and of the last layer; alone they do not matter beside the own ones.
  @Test func workedExampleOfTorchvisionsNames() throws {
    var strided = Self.configuration
    strided.strides = [2]
    let encoder = ImageEncoder<Float>(strided, seed: 3)
    var (file, plain, renamed) = (SafetensorsFile(), SafetensorsFile(), 0)
    plain.append(encoder)
    for name in plain.names {
      let parts = name.split(separator: ".").map {
        $0 == "shortcut" ? "downsample" : $0 == "linear" ? "fc" : String($0)
      }
      let other = parts.joined(separator: ".")
      if other != name { renamed += 1 }
      file.append(try plain.reals(named: name), named: "backbone." + other)
    }
    // One convolution, four tensors of a batch norm, two of the last layer.
    #expect(renamed == 7)
    #expect(try read(file, strided).origin.checksum == read(plain, strided).origin.checksum)
  }

  @Test func stopsAtNamesThatDiffer() throws {
    var plain = SafetensorsFile()
    plain.append(Self.encoder)
    var file = SafetensorsFile()
    for name in plain.names {
      file.append(try plain.reals(named: name), named: name.hasPrefix("conv1") ? "stem.0.weight" : name)
    }
    let sentence = message(file)
    #expect(sentence.contains("the tensors have the right shapes, but their names differ"))
    #expect(sentence.contains("expected is conv1.weight, found is stem.0.weight;"))
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity]) func stopsAtAWeightThatIsNotFinite(value: Float) throws {
    for name in ["layer1.0.conv2.weight", "bn1.running_var"] {
      var copy = Self.encoder
      copy.forEachParameter { if $0 == name { $1.value.values[1] = value } }
      copy.forEachBuffer { if $0 == name { $1.values[1] = value } }
      var file = SafetensorsFile()
      file.append(copy, prefix: "module.")
      #expect(message(file).contains("the tensor module.\(name) holds \(value) as its value 1, counted from 0;"))
    }
  }

  @Test func stopsOnWhatDoesNotFit() throws {
    var file = SafetensorsFile()
    file.append(Self.encoder)
    var wider = Self.configuration
    wider.embeddingSize = 4
    #expect(message(file, wider).contains("linear.weight has shape [3, 2] instead of [4, 2]"))
    var deeper = Self.configuration
    deeper.blocks = [2]
    #expect(
      message(file, deeper).contains(
        "missing are layer1.1.bn1.bias, layer1.1.bn1.running_mean, layer1.1.bn1.running_var, layer1.1.bn1.weight, "
          + "layer1.1.bn2.bias, layer1.1.bn2.running_mean and 4 more; unexpected are none"))
    var more = file
    more.append(Tensor<Float>(shape: [1]), named: "fc.bias")
    #expect(message(more).contains("missing are none; unexpected are fc.bias;"))
    var twice = file
    twice.append(Tensor<Float>(shape: [3]), named: "module.linear.bias")
    #expect(message(twice).contains("holds linear.bias twice, as linear.bias and as module.linear.bias"))
    #expect(throws: RunError.self) { _ = try EncoderFile(reading: "/no/such/file", Self.configuration) }
    try withTemporaryFolder { folder in
      try Data("PK a pickle of torch.save".utf8).write(to: URL(fileURLWithPath: folder + "/e.pt"))
      let error = #expect(throws: RunError.self) { _ = try EncoderFile(reading: folder + "/e.pt", Self.configuration) }
      #expect(error?.description.contains("write it with safetensors.torch.save_file") == true)
    }
  }
}
