// Random views of colour pictures as the paper makes them: a random resized crop, a jitter of the colours in random
// order, now and then no colour, now and then mirrored. Distributions are torchvision's; the random numbers are ours.
//
// A view depends on (seed, epoch, image, view) alone. Its stream gives 32 words, each with a fixed meaning whatever is used.
// What the numbers do to pixels: ColourViewParameters.swift.
// Tests    ImagesTests/ColourAugmentationTests.swift    Fixture  Fixtures/images/colour-views.json
import Kernels

/// The distribution of random views of colour pictures.
///
/// Order of the draws (each is one word of the stream):
///
/// | Words    | Meaning                                                                                     |
/// | -------- | ------------------------------------------------------------------------------------------- |
/// | 0 … 21   | ten times the crop's (area, ratio), then its left and top, as in ``Augmentation``           |
/// | 22       | whether the colours are jittered                                                            |
/// | 23 … 25  | their order: of 0, 1, 2, 3 places 3, 2, 1 are swapped with one at or below, ⌊u (place + 1)⌋ |
/// | 26 … 29  | brightness, contrast, saturation, hue                                                       |
/// | 30, 31   | whether the view is grey; whether it is mirrored                                            |
public struct ColourAugmentation: Codable, Sendable, Equatable {
  /// The random resized crop, in the paper of area 0.2...1 and ratio 3/4...4/3; nil for the whole picture.
  public var crop: Augmentation.Crop? = Augmentation.Crop(area: 0.2...1)
  /// The probability that colours are jittered; the paper always does, SimCLR in 0.8 of all views.
  public var jitterProbability = 1.0
  /// The factor of the brightness, uniform; within 0...1000; in the paper 1 ± 0.4.
  public var brightness = 0.6...1.4
  /// The factor of the contrast, uniform; within 0...1000; in the paper 1 ± 0.4.
  public var contrast = 0.6...1.4
  /// The factor of the saturation, uniform; within 0...1000; in the paper 1 ± 0.4.
  public var saturation = 0.6...1.4
  /// The shift of the hue in turns, uniform; within −0.5...0.5; in the paper ± 0.4.
  public var hue = -0.4...0.4
  /// The probability of a view without colour; in the paper 0.2.
  public var greyscaleProbability = 0.2
  /// The probability of mirroring left to right; the paper's, 0.5, is right where mirrored pictures keep their class.
  public var flipProbability = 0.5

  /// The paper's views, whose properties may then be changed.
  public init() {}

  /// The first value that is out of its range as a sentence; nil if all are in range.
  ///
  /// It is asked for before every draw.
  public var problem: String? {
    // A value that is not a number becomes infinity, which no range allows.
    func point(_ value: Double) -> ClosedRange<Double> { value.isNaN ? .infinity ... .infinity : value...value }
    let checks: [(name: String, value: ClosedRange<Double>?, allowed: ClosedRange<Double>)] = [
      ("crop.area", crop?.area, 0.01...1), ("crop.ratio", crop?.ratio, 0.1...10),
      ("jitterProbability", point(jitterProbability), 0...1), ("brightness", brightness, ColourImage.factors),
      ("contrast", contrast, ColourImage.factors), ("saturation", saturation, ColourImage.factors),
      ("hue", hue, ColourImage.hueShifts), ("greyscaleProbability", point(greyscaleProbability), 0...1),
      ("flipProbability", point(flipProbability), 0...1),
    ]
    for (name, value, allowed) in checks {
      guard let value else { continue }
      for end in [value.lowerBound, value.upperBound] where !allowed.contains(end) {
        return "\(name) must be in \(allowed), not \(end)"
      }
    }
    return nil
  }

  /// Draws what makes view number `view` of image number `image` in `epoch`, for pictures of the given size.
  ///
  /// Stops if a property is out of its range. The parameters are those of
  /// ``RandAugmentation/parameters(seed:epoch:image:view:height:width:)``.
  public func parameters(
    seed: UInt32, epoch: Int, image: Int, view: Int, height: Int, width: Int
  ) -> ColourViewParameters {
    if let problem { require(false, problem) }
    require(height > 0 && width > 0, "a picture must have pixels, not \(width) x \(height)")
    var stream = RandomStream(seed: seed, purpose: .augmentation, epoch: epoch, image: image, view: view)
    let whole = ViewParameters.Box(left: 0, top: 0, width: width, height: height)
    let drawnBox = (crop ?? Augmentation.Crop(area: 1...1)).box(height: height, width: width, from: &stream)
    let isJittered = stream.uniform() < jitterProbability
    var order = ColourViewParameters.Jitter.Operation.allCases
    for last in [3, 2, 1] { order.swapAt(last, stream.whole(below: last + 1)) }
    let factors = [brightness, contrast, saturation, hue].map { stream.uniform($0.lowerBound, $0.upperBound) }
    let jitter = ColourViewParameters.Jitter(
      order: order, brightness: factors[0], contrast: factors[1], saturation: factors[2], hue: factors[3])
    let isGrey = stream.uniform() < greyscaleProbability
    return ColourViewParameters(
      box: crop == nil ? whole : drawnBox, jitter: isJittered ? jitter : nil, isGrey: isGrey,
      isFlipped: stream.uniform() < flipProbability)
  }
}
