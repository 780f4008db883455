// A set of images in memory: bytes as they were read, and what is needed to standardise them.
//
//     x = (pixel / maximumValue − mean) / standardDeviation,  two numbers for the whole set
//
// Tests    ImagesTests/ImageSetTests.swift
import Kernels

/// Images of one size, with labels if they are known. Labels only ever score a result; training never sees them.
public struct ImageSet: Sendable {
  /// "digits", "fashion", or the path that was read.
  public let name: String
  /// The number of images, at least 2.
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
  /// The class of each image, or nil if it is not known.
  public let labels: [Int]?
  /// One more than the largest label, or nil without labels.
  public let classCount: Int?
  /// The SHA-256 of the pixels' bytes, in hexadecimal digits.
  public let checksum: String
  /// The mean of pixel / maximumValue over the whole set.
  public let mean: Double
  /// The population standard deviation of pixel / maximumValue over the whole set.
  ///
  /// A set of one repeated value has 1 here instead of 0, so that its pixels standardise to zeros.
  public let standardDeviation: Double

  /// A set of given pixels.
  ///
  /// - Parameters:
  ///   - name: What the set is called.
  ///   - channels: Planes of an image.
  ///   - height: Rows of an image.
  ///   - width: Columns of an image.
  ///   - pixels: images × channels × height × width, of at least two images; no value above `maximumValue`.
  ///   - maximumValue: The value that means white, 1 to 255.
  ///   - labels: One for each image, none negative; nil if unknown.
  public init(
    name: String, channels: Int, height: Int, width: Int, pixels: [UInt8], maximumValue: Int = 255,
    labels: [Int]? = nil
  ) {
    let size = channels * height * width
    require(
      channels > 0 && height > 0 && width > 0, "images must have pixels, not \(channels) x \(height) x \(width)")
    require(
      pixels.count % size == 0 && pixels.count >= 2 * size,
      "\(pixels.count) pixels are not two or more images of \(channels) x \(height) x \(width)")
    require((1...255).contains(maximumValue), "the largest pixel value must be 1 to 255, not \(maximumValue)")
    require(
      labels == nil || labels?.count == pixels.count / size,
      "\(labels?.count ?? 0) labels for \(pixels.count / size) images")
    require((labels?.min() ?? 0) >= 0, "labels must not be negative; the least is \(labels?.min() ?? 0)")
    (self.name, self.pixels, self.maximumValue, self.labels) = (name, pixels, maximumValue, labels)
    (self.channels, self.height, self.width) = (channels, height, width)
    count = pixels.count / size
    classCount = labels.flatMap { $0.max() }.map { $0 + 1 }
    checksum = SHA256.hexDigest(of: pixels)
    (mean, standardDeviation) = Self.moments(of: pixels, maximumValue: maximumValue)
  }

  /// Mean and population standard deviation from how often each of the 256 values occurs: exact counts, one order.
  private static func moments(of pixels: [UInt8], maximumValue: Int) -> (mean: Double, standardDeviation: Double) {
    var frequencies = [Int](repeating: 0, count: 256)
    for pixel in pixels { frequencies[Int(pixel)] += 1 }
    let largest = frequencies.lastIndex { $0 > 0 } ?? 0
    require(largest <= maximumValue, "a pixel value is \(largest), above the largest, \(maximumValue)")
    let total = frequencies.indices.reduce(0) { $0 + $1 * frequencies[$1] }
    let mean = Double(total) / Double(pixels.count)
    let squares = frequencies.indices.reduce(0.0) { sum, value in
      let distance = Double(value) - mean
      return sum + Double(frequencies[value]) * (distance * distance)
    }
    let isConstant = frequencies.contains(pixels.count)
    let deviation = (squares / Double(pixels.count)).squareRoot() / Double(maximumValue)
    return (mean / Double(maximumValue), isConstant ? 1 : deviation)
  }

  /// The number of values of one image: channels · height · width.
  public var valuesPerImage: Int { channels * height * width }

  /// One image's pixels over `maximumValue`, channels × height × width, each in [0, 1].
  public func image(_ index: Int) -> [Float] {
    require((0..<count).contains(index), "image \(index) of a set of \(count)")
    let scale = Float(maximumValue)
    return pixels[index * valuesPerImage..<(index + 1) * valuesPerImage].map { Float($0) / scale }
  }

  /// Images as they are (no augmentation), standardised: indices.count × channels × height × width.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func evaluationBatch<Scalar: RealScalar>(_ indices: [Int]) -> [Scalar] {
    // There are only 256 pixel values, so each is standardised once.
    let levels = (0..<256).map { (Scalar($0) / Scalar(maximumValue) - Scalar(mean)) / Scalar(standardDeviation) }
    let size = valuesPerImage
    var values: [Scalar] = []
    values.reserveCapacity(indices.count * size)
    for index in indices {
      require((0..<count).contains(index), "image \(index) of a set of \(count)")
      for place in index * size..<(index + 1) * size { values.append(levels[Int(pixels[place])]) }
    }
    return values
  }
}
