// Brings a picture to a size without distorting it: resized, antialiased, until it just covers the size, then its centre.
//
// For a square this is what the paper evaluates with, torchvision's Resize(side) and CenterCrop(side): the shorter side
// becomes `side`, the longer one is cut off to whole pixels, the crop's place rounds halves to even.
// Tests    ImagesTests/ImageFittingTests.swift    Fixture  Fixtures/images/formats/fitting.json
import Kernels

extension ColourImage {
  /// The size before the crop: both sides at least those of `size`, one of them equal.
  static func covering(_ size: ImageSize, height: Int, width: Int) -> ImageSize {
    // Which side is met exactly? The one that needs the larger factor: size.height / height against size.width / width.
    if size.height * width >= size.width * height {
      return ImageSize(height: size.height, width: max(size.width, size.height * width / height))
    }
    return ImageSize(height: max(size.height, size.width * height / width), width: size.width)
  }

  /// Why a picture cannot be brought to a size; nil if it can.
  static func fittingProblem(_ size: ImageSize, height: Int, width: Int) -> String? {
    guard ImageSize.sides.contains(size.height) && ImageSize.sides.contains(size.width) else {
      return "images can be brought to sides of \(ImageSize.sides.lowerBound) to \(ImageSize.sides.upperBound) pixels, "
        + "not to \(size)"
    }
    let covering = covering(size, height: height, width: width)
    guard max(covering.height, covering.width) <= largestSide else {
      return "a picture of \(height) x \(width) pixels is too long and narrow to be brought to \(size)"
    }
    return nil
  }

  /// The picture at another size: resized until it covers it, then its centre.
  func fitted(to size: ImageSize) -> ColourImage {
    if size.height == height && size.width == width { return self }
    let covering = Self.covering(size, height: height, width: width)
    let whole = ViewParameters.Box(left: 0, top: 0, width: width, height: height)
    let resized = resized(whole, height: covering.height, width: covering.width)
    let box = ViewParameters.Box(
      left: Self.margin(covering.width - size.width), top: Self.margin(covering.height - size.height),
      width: size.width, height: size.height)
    return resized.resized(box, height: size.height, width: size.width)
  }

  /// Half of what is cut off, halves to even.
  private static func margin(_ excess: Int) -> Int { Int((Double(excess) / 2).rounded(.toNearestOrEven)) }
}

/// Images of one size that come one after the other, fitted to another size if one is asked for.
struct ImageCollector {
  let channels: Int
  let size: ImageSize
  private(set) var pixels: [UInt8] = []
  private let given: ImageSize

  /// A collector of images of a given size.
  ///
  /// - Parameters:
  ///   - channels: 1 or 3.
  ///   - given: The size that the images have.
  ///   - request: The size to fit the images to, if any, and the memory that they may take.
  ///   - count: How many will come.
  ///   - path: Names their file in errors.
  /// - Throws: ``ImageSetError`` if images of the given size cannot be brought to the other.
  init(
    channels: Int, given: ImageSize, request: ImageRequest, count: Int, path: String
  ) throws(ImageSetError) {
    if let problem = request.problem(of: given, count: count, channels: channels) {
      throw ImageSetError(path: path, problem: problem)
    }
    let size = request.size
    if let size, let problem = ColourImage.fittingProblem(size, height: given.height, width: given.width) {
      throw ImageSetError(path: path, problem: problem)
    }
    (self.channels, self.given, self.size) = (channels, given, size ?? given)
    pixels.reserveCapacity(count * channels * self.size.height * self.size.width)
  }

  /// Takes one image, channels × height × width.
  mutating func append(_ planes: ArraySlice<UInt8>) {
    require(
      planes.count == channels * given.height * given.width,
      "\(planes.count) pixels for an image of \(channels) x \(given)")
    if given == size { pixels += planes } else { pixels += Self.fit(planes, channels, given, to: size) }
  }

  /// The pixels of a grey or coloured image at another size.
  static func fit(_ planes: ArraySlice<UInt8>, _ channels: Int, _ given: ImageSize, to size: ImageSize) -> [UInt8] {
    let colours = channels == 3 ? Array(planes) : Array(planes + planes + planes)
    let fitted = ColourImage(height: given.height, width: given.width, pixels: colours).fitted(to: size).pixels
    return channels == 3 ? fitted : Array(fitted[..<(size.height * size.width)])
  }
}
