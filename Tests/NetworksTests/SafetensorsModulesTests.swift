import Files
import Kernels
import Networks
import Testing

@Suite("Modules in safetensors files")
struct SafetensorsModulesTests {
  private static let encoder = ImageEncoder<Float>(
    EncoderConfiguration(
      inputChannels: 1, streams: [.plain, .sobel], widths: [2], blocks: [1], strides: [2], stemStride: 1,
      embeddingSize: 3), seed: 1)

  // Two trunks of a stem and one block with a projection: 4 batch norms each, of which PyTorch counts the batches.
  @Test func workedExampleOfNames() throws {
    var file = SafetensorsFile()
    file.append(Self.encoder, prefix: "encoder.", batchesTracked: 7)
    let counters = file.names.filter { $0.hasSuffix("num_batches_tracked") }
    #expect(counters.count == 8)
    #expect(counters.contains("encoder.streams.1.layer1.0.shortcut.1.num_batches_tracked"))
    let counter = try file.integers(named: counters[0])
    #expect(counter.shape == [] && counter.values == [7])
    #expect(file.names.contains("encoder.streams.0.layer1.0.bn2.running_var"))
    #expect(file.names.contains("encoder.linear.bias"))
    #expect(file.names.allSatisfy { $0.hasPrefix("encoder.") })
    var without = SafetensorsFile()
    without.append(Self.encoder)
    #expect(without.names.count == file.names.count - 8)
  }

  @Test func invariantWhatIsReadIsWhatWasWritten() throws {
    var file = SafetensorsFile()
    file.append(Self.encoder, prefix: "a.")
    var other = ImageEncoder<Float>(Self.encoder.configuration, seed: 2)
    try SafetensorsFile(bytes: file.encoded(), name: "file").fill(&other, prefix: "a.")
    let images = Tensor<Float>(shape: [2, 1, 4, 4], values: (0..<32).map { Float($0 % 5) })
    #expect(other.embed(images) == Self.encoder.embed(images))
  }

  @Test func stopsOnWhatIsAbsentOrOfAnotherShape() {
    var file = SafetensorsFile()
    file.append(Self.encoder)
    var encoder = Self.encoder
    #expect(throws: SafetensorsError.self) { try file.fill(&encoder, prefix: "b.") }
    var configuration = Self.encoder.configuration
    configuration.embeddingSize = 4
    var wider = ImageEncoder<Float>(configuration, seed: 1)
    let error = #expect(throws: SafetensorsError.self) { try file.fill(&wider) }
    #expect(error?.description.contains("linear.weight has shape [3, 4] instead of [4, 4]") == true)
  }
}
