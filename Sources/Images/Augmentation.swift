// Random views of images: the ranges, and the draws.
//
// Paper    Two random views of every image are what stage 1 learns to embed alike and stage 2 to classify alike.
// A view depends on (seed, epoch, image, view) alone, through a counter-based random stream; so no batch order, thread
// or restart changes it. The draws have one fixed order, made also where a feature is off: switching one feature leaves
// the others as they were. What a draw does to pixels: ViewParameters.swift.
// Tests    ImagesTests/AugmentationTests.swift
import Kernels

/// The distribution of a data set's random views.
///
/// Order of the draws (each is one word of the stream): rotation, shear, zoom, stretch, shift x, shift y, flip, contrast,
/// brightness, erase (whether, width, height, left, top), then ten times the crop's (area, ratio), then its left and top.
public struct Augmentation: Codable, Sendable, Equatable {
  /// A random resized crop: torchvision's, which draws a box of whole pixels and stretches it to the full size.
  public struct Crop: Codable, Sendable, Equatable {
    /// The box' part of the image's area, uniform; within 0.01...1.
    public var area: ClosedRange<Double>
    /// Width over height of the box, log-uniform; within 0.1...10.
    public var ratio: ClosedRange<Double>

    /// A crop of given ranges; the default ratio is torchvision's.
    public init(area: ClosedRange<Double>, ratio: ClosedRange<Double> = 3 / 4...4 / 3) {
      (self.area, self.ratio) = (area, ratio)
    }
  }

  /// The brightness is added only to pixels above this, so that a black background stays black.
  public static let brightnessThreshold = 0.05

  /// Rotation, uniform in ± this many degrees; 0...180.
  public var rotationDegrees = 0.0
  /// Shear, uniform in ± this; 0...1.
  public var shear = 0.0
  /// Zoom, log-uniform; within 0.1...10; above 1 enlarges.
  public var zoom = 1.0...1.0
  /// a: the picture is stretched by r in x and 1/r in y, r = exp(U(−ln a, ln a)/2); 1...4.
  public var aspect = 1.0
  /// Shift in x and in y, each uniform in ± this many pixels; 0...64.
  public var shiftPixels = 0.0
  /// The random resized crop; nil for none.
  public var crop: Crop?
  /// The probability of mirroring left to right; 0...1.
  public var flipProbability = 0.0
  /// Multiplies every pixel of [0, 1], uniform; within 0...4; nothing is clamped.
  public var contrast = 1.0...1.0
  /// Added to every pixel above 0.05, uniform in ± this; 0...1.
  public var brightness = 0.0
  /// The probability of setting a box to 0; 0...1.
  public var eraseProbability = 0.0
  /// Width and height of that box in pixels, each uniform; within 1...256; a side longer than the image's is shortened.
  public var eraseSides = 1...1

  /// Views that are the image itself, until properties are changed.
  public init() {}

  /// The first value that is out of its range as a sentence; nil if all are in range.
  ///
  /// It is asked for before every draw.
  public var problem: String? {
    let sides = Double(eraseSides.lowerBound)...Double(eraseSides.upperBound)
    let checks: [(name: String, value: ClosedRange<Double>?, allowed: ClosedRange<Double>)] = [
      ("rotationDegrees", point(rotationDegrees), 0...180), ("shear", point(shear), 0...1), ("zoom", zoom, 0.1...10),
      ("aspect", point(aspect), 1...4), ("shiftPixels", point(shiftPixels), 0...64),
      ("crop.area", crop?.area, 0.01...1), ("crop.ratio", crop?.ratio, 0.1...10),
      ("flipProbability", point(flipProbability), 0...1), ("contrast", contrast, 0...4),
      ("brightness", point(brightness), 0...1), ("eraseProbability", point(eraseProbability), 0...1),
      ("eraseSides", sides, 1...256),
    ]
    for (name, value, allowed) in checks {
      guard let value else { continue }
      for end in [value.lowerBound, value.upperBound] where !allowed.contains(end) {
        return "\(name) must be in \(allowed), not \(end)"
      }
    }
    return nil
  }

  /// A range of one value; a value that is not a number becomes infinity, which no range allows.
  private func point(_ value: Double) -> ClosedRange<Double> { value.isNaN ? .infinity ... .infinity : value...value }

  /// Draws what makes view number `view` of image number `image` in `epoch`, for images of the given size.
  ///
  /// Stops if a property is out of its range. The parameters are those of
  /// ``RandAugmentation/parameters(seed:epoch:image:view:height:width:)``.
  public func parameters(
    seed: UInt32, epoch: Int, image: Int, view: Int, height: Int, width: Int
  ) -> ViewParameters {
    if let problem { require(false, problem) }
    var stream = RandomStream(seed: seed, purpose: .augmentation, epoch: epoch, image: image, view: view)
    var parameters = ViewParameters()
    parameters.rotationDegrees = stream.uniform(-rotationDegrees, rotationDegrees)
    parameters.shear = stream.uniform(-shear, shear)
    parameters.zoom = stream.logUniform(zoom)
    let logAspect = Double.log(aspect)
    parameters.stretch = Double.exp(stream.uniform(-logAspect, logAspect) / 2)
    parameters.shiftX = stream.uniform(-shiftPixels, shiftPixels)
    parameters.shiftY = stream.uniform(-shiftPixels, shiftPixels)
    parameters.isFlipped = stream.uniform() < flipProbability
    parameters.contrast = stream.uniform(contrast.lowerBound, contrast.upperBound)
    parameters.brightness = stream.uniform(-brightness, brightness)

    let isErased = stream.uniform() < eraseProbability
    let eraseWidth = min(width, eraseSides.lowerBound + stream.whole(below: eraseSides.count))
    let eraseHeight = min(height, eraseSides.lowerBound + stream.whole(below: eraseSides.count))
    let (eraseLeft, eraseTop) = (
      stream.whole(below: width - eraseWidth + 1), stream.whole(below: height - eraseHeight + 1)
    )
    if isErased {
      parameters.erased = .init(left: eraseLeft, top: eraseTop, width: eraseWidth, height: eraseHeight)
    }
    parameters.crop = crop?.box(height: height, width: width, from: &stream)
    return parameters
  }
}

extension Augmentation.Crop {
  /// The first of ten random boxes that fits the image, at a random place; if none fits, the largest central box of an
  /// allowed ratio.
  func box(height: Int, width: Int, from stream: inout RandomStream) -> ViewParameters.Box {
    var size: (width: Int, height: Int)?
    for _ in 0..<10 {
      let part = stream.uniform(area.lowerBound, area.upperBound) * Double(height * width)
      let ratio = stream.logUniform(ratio)
      let boxWidth = Int((part * ratio).squareRoot().rounded(.toNearestOrEven))
      let boxHeight = Int((part / ratio).squareRoot().rounded(.toNearestOrEven))
      if size == nil && (1...width).contains(boxWidth) && (1...height).contains(boxHeight) {
        size = (boxWidth, boxHeight)
      }
    }
    let (u, v) = (stream.uniform(), stream.uniform())
    if let size {
      return .init(
        left: Int(u * Double(width - size.width + 1)), top: Int(v * Double(height - size.height + 1)),
        width: size.width, height: size.height)
    }
    let own = Double(width) / Double(height)
    let boxWidth =
      own > ratio.upperBound
      ? min(width, max(1, Int((Double(height) * ratio.upperBound).rounded(.toNearestOrEven)))) : width
    let boxHeight =
      own < ratio.lowerBound
      ? min(height, max(1, Int((Double(width) / ratio.lowerBound).rounded(.toNearestOrEven)))) : height
    return .init(
      left: (width - boxWidth) / 2, top: (height - boxHeight) / 2, width: boxWidth, height: boxHeight)
  }
}

extension RandomStream {
  /// exp of a uniform number between the logarithms of both ends; exactly 1 for the range 1...1.
  fileprivate mutating func logUniform(_ range: ClosedRange<Double>) -> Double {
    Double.exp(uniform(Double.log(range.lowerBound), Double.log(range.upperBound)))
  }

  /// A whole number in 0..<bound from exactly one word, uniform up to bound / 2²⁴ (a rejection would shift later draws).
  mutating func whole(below bound: Int) -> Int { Int(uniform() * Double(bound)) }
}
