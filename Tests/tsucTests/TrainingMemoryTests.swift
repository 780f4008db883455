import Commands
import Images
import Networks
import Testing
import TwoStage

@testable import tsuc

@Suite("Memory of a training")
struct TrainingMemoryTests {
  private static let gigabyte = 1e9

  /// By hand: a stem of 2 channels at 4 x 4 (2 · 32 floats), then one block of 2 channels without a shortcut (4 · 32), then one of
  /// 6 channels at 2 x 2 with a shortcut (5 · 24).
  @Test func workedExampleOfTheMaps() {
    var encoder = EncoderConfiguration.compact
    (encoder.widths, encoder.blocks, encoder.strides, encoder.stemStride) = ([2, 6], [1, 1], [1, 2], 2)
    let found = TrainingMemory.floatsPerView(encoder, size: ImageSize(height: 8, width: 7))
    #expect(found.kept == Double(2 * 32 + 4 * 32 + 5 * 24) && found.largest == 32)
    encoder.streams = [.plain, .sobel]
    #expect(TrainingMemory.floatsPerView(encoder, size: ImageSize(height: 8, width: 7)).kept == 2 * found.kept)
  }

  /// The measurements of Fixtures/measurements/memory.md, in GB of largest resident memory; a tenth is what a run that is refused
  /// may be in error by.
  @Test(arguments: [
    ("digits", 16, 1, 0.19), ("digits", 32, 1, 0.62), ("digits", 64, 1, 2.13), ("digits", 128, 1, 8.67),
    ("fashion", 32, 1, 0.19), ("fashion", 64, 1, 0.62), ("fashion", 128, 1, 2.24), ("colour", 32, 3, 0.20),
    ("colour", 64, 3, 0.63), ("paper-cifar10", 32, 3, 3.42),
  ]) func measuredRunsAreWithinATenth(preset: String, side: Int, channels: Int, measured: Double) throws {
    var configuration = try #require(Configuration.preset(preset))
    configuration.encoder.inputChannels = channels
    let memory = TrainingMemory(
      configuration, count: channels == 1 ? 600 : 300, size: ImageSize(height: side, width: side), isLabelled: false)
    #expect(abs(memory.bytes / Self.gigabyte / measured - 1) < 0.1, "\(memory.bytes)")
  }

  @Test func theAdvisedSizeFitsAndTheNextDoesNot() throws {
    let size = ImageSize(height: 512, width: 256)
    let found = try #require(
      TrainingMemory.fittingSize(.fashion, count: 100, size: size, isLabelled: false, in: 2 * Self.gigabyte))
    func bytes(_ size: ImageSize) -> Double {
      TrainingMemory(.fashion, count: 100, size: size, isLabelled: false).bytes
    }
    #expect(found.height == 2 * found.width && found.height % 8 == 0)
    #expect(bytes(found) <= 2 * Self.gigabyte)
    #expect(bytes(ImageSize(height: found.height + 8, width: found.width + 4)) > 2 * Self.gigabyte)
    #expect(TrainingMemory.fittingSize(.fashion, count: 100, size: size, isLabelled: false, in: 1e6) == nil)
  }

  @Test func aRunThatDoesNotFitIsRefusedWithASizeThatDoes() throws {
    let images = try ImageSet.load("fashion", count: 300)
    try TrainingMemory.check(.fashion, images: images, available: nil)
    try TrainingMemory.check(.fashion, images: images, available: 1 << 40)
    // Within the error of the computation it is tried.
    let needed = TrainingMemory(.fashion, images: images).bytes
    try TrainingMemory.check(.fashion, images: images, available: Int(0.91 * needed))
    #expect(throws: RunError.self) {
      try TrainingMemory.check(.fashion, images: images, available: Int(0.89 * needed))
    }
    do {
      try TrainingMemory.check(.fashion, images: images, available: 100_000_000)
      Issue.record("0.1 GB should not be enough")
    } catch {
      #expect(error.description.hasPrefix("training on 300 images of 1 x 28 x 28 takes about 0."))
      let advised = try #require(error.description.split(separator: "--size ").last?.prefix { $0 != "\"" })
      let size = try #require(ImageSize(String(advised)))
      try TrainingMemory.check(.fashion, images: images.fitted(to: size), available: 100_000_000)
    }
  }
}
