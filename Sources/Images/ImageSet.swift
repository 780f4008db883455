// A set of images in memory: bytes as they were read, and what is needed to standardise them (Standardisation.swift).
//
// Tests    ImagesTests/ImageSetTests.swift
import Files
import Kernels

/// Images of one size, with labels if they are known.
///
/// Labels only ever score a result; training never sees them.
public struct ImageSet: Sendable {
  /// "digits", "fashion", or the path that was read.
  public let name: String
  /// The number of images, at least 1; training needs 2.
  public let count: Int
  /// 1 for grey images.
  public let channels: Int
  /// Rows of pixels.
  public let height: Int
  /// Pixels of a row.
  public let width: Int
  /// count × channels × height × width.
  public let pixels: [UInt8]
  /// The pixel value that means white: 16 for the digits, 255 for other files.
  public let maximumValue: Int
  /// The class of each image from 0, or nil if it is not known.
  public internal(set) var labels: [Int]?
  /// The number of classes where the data set has a fixed one, else of the different labels that were read; nil without
  /// labels.
  public internal(set) var classCount: Int?
  /// The name of each class, as many as `classCount`; nil if the numbers are all that classes are called.
  public internal(set) var classNames: [String]?
  /// The path of each image's own file below the folder that was read, "rose/7.png"; nil where images share a file.
  public let imageNames: [String]?
  /// The part of its data set; nil if that has no parts or if it is not known.
  public let split: DataSplit?
  /// What a user should be told about the files, such as a checksum that is not the official one.
  public internal(set) var remarks: [String]
  /// The SHA-256 of the pixels' bytes, in hexadecimal digits.
  public let checksum: String
  /// The mean and the standard deviation of each channel over the whole set.
  public let standardisation: Standardisation

  /// A set of given pixels.
  ///
  /// - Parameters:
  ///   - name: What the set is called.
  ///   - channels: Planes of an image.
  ///   - height: Rows of an image.
  ///   - width: Columns of an image.
  ///   - pixels: images × channels × height × width, of at least one image; no value above `maximumValue`.
  ///   - maximumValue: The value that means white, 1 to 255.
  ///   - labels: One for each image, none negative; nil if unknown.
  ///   - split: The part of its data set.
  ///   - classNames: The name of each class, if known; then there are so many classes.
  ///   - classCount: The number of classes, above every label; nil for one more than the largest label.
  ///   - imageNames: The path of each image's own file below the folder that was read, if each has one.
  ///   - remarks: What a user should be told about the files.
  public init(
    name: String, channels: Int, height: Int, width: Int, pixels: [UInt8], maximumValue: Int = 255,
    labels: [Int]? = nil, split: DataSplit? = nil, classNames: [String]? = nil, classCount: Int? = nil,
    imageNames: [String]? = nil, remarks: [String] = []
  ) {
    let size = channels * height * width
    require(
      channels > 0 && height > 0 && width > 0, "images must have pixels, not \(channels) x \(height) x \(width)")
    require(
      pixels.count % size == 0 && pixels.count >= size,
      "\(pixels.count) pixels are not one or more images of \(channels) x \(height) x \(width)")
    require((1...255).contains(maximumValue), "the largest pixel value must be 1 to 255, not \(maximumValue)")
    require(
      labels == nil || labels?.count == pixels.count / size,
      "\(labels?.count ?? 0) labels for \(pixels.count / size) images")
    require(
      imageNames == nil || imageNames?.count == pixels.count / size,
      "\(imageNames?.count ?? 0) names for \(pixels.count / size) images")
    require((labels?.min() ?? 0) >= 0, "labels must not be negative; the least is \(labels?.min() ?? 0)")
    (self.name, self.pixels, self.maximumValue, self.labels) = (name, pixels, maximumValue, labels)
    (self.channels, self.height, self.width) = (channels, height, width)
    count = pixels.count / size
    let leastCount = labels.flatMap { $0.max() }.map { $0 + 1 }
    self.classCount = leastCount.map { classNames?.count ?? classCount ?? $0 }
    require(
      leastCount ?? 0 <= self.classCount ?? 0,
      "the largest label is \((leastCount ?? 0) - 1), but there are \(self.classCount ?? 0) classes")
    (self.split, self.remarks, self.classNames) = (split, remarks, labels == nil ? nil : classNames)
    self.imageNames = imageNames
    checksum = SHA256.hexDigest(of: pixels)
    let largest = Int(pixels.max() ?? 0)
    require(largest <= maximumValue, "a pixel value is \(largest), above the largest, \(maximumValue)")
    standardisation = Standardisation(
      of: pixels, channels: channels, pixelsPerChannel: height * width, maximumValue: maximumValue)
  }

  /// The number of values of one image: channels · height · width.
  public var valuesPerImage: Int { channels * height * width }

  /// Rows and columns of each image.
  public var size: ImageSize { ImageSize(height: height, width: width) }

  /// One image's pixels over `maximumValue`, channels × height × width, each in [0, 1].
  public func image(_ index: Int) -> [Float] {
    require((0..<count).contains(index), "image \(index) of a set of \(count)")
    let scale = Float(maximumValue)
    return pixels[index * valuesPerImage..<(index + 1) * valuesPerImage].map { Float($0) / scale }
  }

  /// Images as they are (no augmentation), standardised.
  ///
  /// - Parameters:
  ///   - indices: Numbers of images, in any order.
  ///   - standardisation: The numbers to standardise by; by default the set's own.
  /// - Returns: indices.count × channels × height × width.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func evaluationBatch<Scalar: RealScalar>(
    _ indices: [Int], standardisedBy standardisation: Standardisation? = nil
  ) -> [Scalar] {
    let levels: [Scalar] = (standardisation ?? self.standardisation)
      .levels(channels: channels, maximumValue: maximumValue)
    let (size, area) = (valuesPerImage, height * width)
    var values: [Scalar] = []
    values.reserveCapacity(indices.count * size)
    for index in indices {
      require((0..<count).contains(index), "image \(index) of a set of \(count)")
      for channel in 0..<channels {
        let first = index * size + channel * area
        for position in first..<first + area { values.append(levels[channel * 256 + Int(pixels[position])]) }
      }
    }
    return values
  }
}
