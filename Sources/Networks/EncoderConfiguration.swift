// The sizes of an encoder, as stored in checkpoints and run folders.
//
// Paper    Han et al., ECCV 2020, figure 2: two ResNet-18 streams.    Tests    NetworksTests/ImageEncoderTests.swift

/// Everything that determines an encoder's shape.
public struct EncoderConfiguration: Codable, Sendable, Equatable {
  /// What a stream looks at.
  public enum Stream: String, Codable, Sendable, Equatable {
    /// The images themselves.
    case plain
    /// The two edge maps of the grey image.
    case sobel
  }

  /// Channels of the images: 1 for grey, 3 for colour.
  public var inputChannels: Int
  /// The trunks that run side by side; their features are concatenated.
  public var streams: [Stream]
  /// Channels of each stage of every trunk.
  public var widths: [Int]
  /// Residual blocks of each stage.
  public var blocks: [Int]
  /// Stride of each stage's first block.
  public var strides: [Int]
  /// Stride of the first convolution.
  public var stemStride: Int
  /// Length of the embedding, D in the paper.
  public var embeddingSize: Int

  /// Gathers the sizes.
  public init(
    inputChannels: Int, streams: [Stream], widths: [Int], blocks: [Int], strides: [Int], stemStride: Int,
    embeddingSize: Int
  ) {
    self.inputChannels = inputChannels
    self.streams = streams
    self.widths = widths
    self.blocks = blocks
    self.strides = strides
    self.stemStride = stemStride
    self.embeddingSize = embeddingSize
  }

  /// A small single-stream network for small grey images: 81,264 parameters.
  public static let compact = EncoderConfiguration(
    inputChannels: 1, streams: [.plain], widths: [16, 32, 64], blocks: [1, 1, 1], strides: [1, 2, 2], stemStride: 1,
    embeddingSize: 64)

  /// The paper's network for colour images: two ResNet-18 trunks, 22,468,312 parameters with the fixed Sobel weights.
  public static let paper = EncoderConfiguration(
    inputChannels: 3, streams: [.plain, .sobel], widths: [64, 128, 256, 512], blocks: [2, 2, 2, 2],
    strides: [1, 2, 2, 2], stemStride: 1, embeddingSize: 128)
}
