// What training takes of memory at its peak, from the sizes alone, so that a run that cannot fit is refused before it begins.
//
// A step keeps for its backward pass, of each view: the view; the two maps of the stem; of each residual block the outputs
// of both convolutions, of the first ReLU and of the sum, and of the shortcut's convolution where there is one. At its peak it holds
// about six maps of the largest kind besides: gradients, and what a convolution gathers. Everything but weights and bank grows
// with the pixels of an image and with the batch.
//
// Measured against the largest resident memory of real steps: Fixtures/measurements/memory.md.
// Tests    tsucTests/TrainingMemoryTests.swift
import Commands
import Images
import Networks
import TwoStage

/// The memory of a training.
struct TrainingMemory {
  /// At the peak, in bytes.
  let bytes: Double

  /// The maps of the largest kind that are there besides those that are kept.
  private static let largestMapsBesides = 6.2
  /// The program itself.
  private static let base = 50e6

  /// Of training with a configuration on images of a set.
  init(_ configuration: Configuration, images: ImageSet) {
    self.init(configuration, count: images.count, size: images.size, isLabelled: images.labels != nil)
  }

  /// Of training with a configuration on so many images of a size.
  init(_ configuration: Configuration, count: Int, size: ImageSize, isLabelled: Bool) {
    let encoder = configuration.encoder
    let (kept, largest) = Self.floatsPerView(encoder, size: size)
    let (one, two, epochs) = (configuration.stageOne, configuration.stageTwo, configuration.epochs)
    let views = max(
      epochs.stageOne > 0 ? one.batchSize * one.viewCount : 0, epochs.stageTwo > 0 ? 2 * two.batchSize : 0)
    let step = Double(views) * (kept + Self.largestMapsBesides * largest)
    // Embeddings of all images are computed 256 at a time, without a backward pass but with the maps that one would need.
    let embedding = Double(min(256, count)) * (kept + largest)
    var network = ImageEncoder<Float>(encoder, seed: 0)
    var weights = 0.0
    network.forEachParameter { weights += Double($1.value.count) }
    // Weight, gradient, velocity; the encoders of both stages that are kept; a state on its way to the disk.
    let parameters = 6 * weights
    let bank = 2 * Double(count) * Double(encoder.embeddingSize)
    let similarities = epochs.stageOne > 0 ? 3 * Double(one.batchSize * one.viewCount) * Double(count) : 0
    let values = Double(count) * Double(encoder.inputChannels * size.height * size.width)
    // k-means on the pixels, which only labels ask for.
    let pixels = (1 + (isLabelled ? 8 : 0)) * values
    bytes = Self.base + 4 * (max(step + similarities, embedding) + parameters + bank) + pixels
  }

  /// The floats that one view's forward pass keeps, and those of its largest map.
  static func floatsPerView(_ encoder: EncoderConfiguration, size: ImageSize) -> (kept: Double, largest: Double) {
    func halved(_ size: ImageSize, _ stride: Int) -> ImageSize {
      ImageSize(height: (size.height + stride - 1) / stride, width: (size.width + stride - 1) / stride)
    }
    func map(_ channels: Int, _ size: ImageSize) -> Double {
      Double(channels) * Double(size.height) * Double(size.width)
    }
    var size = halved(size, encoder.stemStride)
    var channels = encoder.widths[0]
    var kept = 2 * map(channels, size)
    var largest = map(channels, size)
    for (width, (blocks, stride)) in zip(encoder.widths, zip(encoder.blocks, encoder.strides)) {
      for block in 0..<blocks {
        let hasShortcut = block == 0 && (stride != 1 || width != channels)
        if block == 0 { size = halved(size, stride) }
        channels = width
        kept += (hasShortcut ? 5 : 4) * map(channels, size)
        largest = max(largest, map(channels, size))
      }
    }
    return (kept * Double(encoder.streams.count), largest)
  }
}

extension TrainingMemory {
  /// The largest size of the same shape, in steps of 8 pixels, that fits; nil if none does.
  static func fittingSize(
    _ configuration: Configuration, count: Int, size: ImageSize, isLabelled: Bool, in available: Double
  ) -> ImageSize? {
    let largest = max(size.height, size.width)
    func scaled(_ side: Int, to length: Int) -> Int { max(8, side * length / largest) }
    return stride(from: largest / 8 * 8, to: 7, by: -8)
      .map { ImageSize(height: scaled(size.height, to: $0), width: scaled(size.width, to: $0)) }
      .first { TrainingMemory(configuration, count: count, size: $0, isLabelled: isLabelled).bytes <= available }
  }

  /// Refuses a training that this machine has not the memory for; a tenth more than is free may be the error of the computation.
  static func check(_ configuration: Configuration, images: ImageSet, available: Int?) throws(RunError) {
    let needed = TrainingMemory(configuration, images: images).bytes
    guard let available, 0.9 * needed > Double(available) else { return }
    let size = fittingSize(
      configuration, count: images.count, size: images.size, isLabelled: images.labels != nil, in: Double(available))
    let advice = size.map { "\"--size \($0)\" would fit" } ?? "choose fewer images with --count"
    throw RunError(
      "training on \(images.count) images of \(images.channels) x \(images.height) x \(images.width) takes about "
        + "\(decimals(needed / 1e9, 1)) GB of memory, and \(decimals(Double(available) / 1e9, 1)) GB are free; \(advice), or smaller "
        + "--stage-one.batch-size and --stage-two.batch-size")
  }
}
