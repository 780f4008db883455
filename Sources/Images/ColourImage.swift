// An 8-bit RGB picture, plane by plane, and what needs no arithmetic: mirroring; then its grey version and real numbers.
//
// Every operation on colour pictures rounds to 8 bits, by the arithmetic of Pillow, which data sets were augmented with
// when the method was published: equal parameters give equal bytes.
// Tests    ImagesTests/ColourImageTests.swift    Fixture  Fixtures/images/colour-views.json
import Kernels

/// Red, green and blue bytes of a picture.
public struct ColourImage: Sendable, Equatable {
  /// Rows of pixels, at least 1.
  public let height: Int
  /// Pixels of a row, at least 1.
  public let width: Int
  /// 3 × height × width: the red plane, the green one, the blue one; three other planes, such as HSV, where said so.
  public internal(set) var pixels: [UInt8]

  /// A picture of given bytes, 3 × height × width.
  public init(height: Int, width: Int, pixels: [UInt8]) {
    require(
      height > 0 && width > 0 && pixels.count == 3 * height * width,
      "\(pixels.count) bytes for a picture of 3 x \(height) x \(width)")
    (self.height, self.width, self.pixels) = (height, width, pixels)
  }

  /// The number of pixels, height · width.
  var area: Int { height * width }

  /// The same picture mirrored left to right.
  public func flipped() -> ColourImage {
    var result = self
    for row in 0..<3 * height {
      let (first, last) = (row * width, (row + 1) * width - 1)
      for column in 0..<width { result.pixels[first + column] = pixels[last - column] }
    }
    return result
  }

  /// The luminance of every pixel, height × width: L = (19595 R + 38470 G + 7471 B + 2¹⁵) >> 16, the weights .299 .587 .114.
  public func luminance() -> [UInt8] {
    let (source, area) = (pixels.span, area)
    return [UInt8](capacity: area) { grey in
      for i in 0..<area {
        let sum =
          19595 * UInt32(source[i]) + 38470 * UInt32(source[area + i]) + 7471 * UInt32(source[2 * area + i]) + 0x8000
        grey.append(UInt8(truncatingIfNeeded: sum >> 16))
      }
    }
  }

  /// The picture without colour: three planes of the luminance.
  public func greyscale() -> ColourImage {
    let grey = luminance()
    return ColourImage(height: height, width: width, pixels: grey + grey + grey)
  }

  /// Real numbers for a network: (byte / 255 − mean) / standard deviation, one mean and one standard deviation for each of R, G and B.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func normalised<Scalar: RealScalar>(mean: [Double], standardDeviation: [Double]) -> [Scalar] {
    require(
      mean.count == 3 && standardDeviation.count == 3,
      "3 means and 3 standard deviations are needed, not \(mean.count) and \(standardDeviation.count)")
    // There are only 256 bytes, so each is normalised once for each plane.
    return (0..<3).flatMap { plane in
      let levels = (0..<256).map { (Scalar($0) / 255 - Scalar(mean[plane])) / Scalar(standardDeviation[plane]) }
      return pixels[plane * area..<(plane + 1) * area].map { levels[Int($0)] }
    }
  }
}
