// RandAugment: strong random views for methods that refine clusters once they are found. No preset uses it; either stage can
// (--stage-two.views.kind randAugment).
//
// Paper    Cubuk et al., "RandAugment", CVPR workshops 2020; here in the two forms of programs that follow this method:
//          RUC (Park et al., CVPR 2021) and SCAN (Van Gansbeke et al., ECCV 2020).
// A view depends on (seed, epoch, image, view) alone, as in ColourAugmentation.
// Tests    ImagesTests/RandAugmentationTests.swift    Fixture  Fixtures/images/rand-augment.json
import Kernels

/// The distribution of RandAugment's views.
///
/// Order of the draws (each is one word of the stream):
///
/// | Words         | Meaning                                                                        |
/// | ------------- | ------------------------------------------------------------------------------ |
/// | 0 … 21        | the crop, as in ``ColourAugmentation``                                         |
/// | 22            | whether the view is mirrored                                                   |
/// | 23 … 25       | the cutout's side, then its centre's x and y                                   |
/// | 26 + 4k …     | operation k: which, its magnitude, whether it is done, whether its sign is turned |
public struct RandAugmentation: Codable, Sendable, Equatable {
  /// Whose program draws like this.
  public enum Variant: String, Codable, Sendable, CaseIterable {
    /// Operations without repetition, whole magnitudes, a grey cutout of 17 × 17 pixels that reaches to the right.
    case ruc
    /// Operations with repetition, magnitudes uniform in their ranges, a cutout of zeros after normalisation.
    case scan
  }

  /// Whose program.
  public var variant: Variant
  /// RandAugment's N, the number of operations: RUC 2, SCAN 4; 1...14.
  public var operationCount: Int
  /// RandAugment's M as RUC means it, 2...10: each operation is done at a whole level of 1 ..< M, of 10.
  ///
  /// RUC has 2, so that the level is always 1. SCAN draws from ranges of its own and has none.
  public var magnitude = 2
  /// The probability of doing a drawn operation: RUC 0.5, SCAN 1.
  public var probability: Double
  /// The random resized crop, in RUC of area 0.2...1; nil for the whole picture.
  public var crop: Augmentation.Crop?
  /// The probability of mirroring left to right.
  public var flipProbability = 0.5
  /// The cutout's side (RUC) or largest side (SCAN; 32 for pictures of 96 × 96), 0 for none; at most 256.
  public var cutoutSide = 16

  /// The views of a program, whose properties may then be changed.
  public init(_ variant: Variant) {
    self.variant = variant
    operationCount = variant == .ruc ? 2 : 4
    probability = variant == .ruc ? 0.5 : 1
    crop = variant == .ruc ? Augmentation.Crop(area: 0.2...1) : nil
  }

  /// The first value that is out of its range as a sentence; nil if all are in range.
  ///
  /// It is asked for before every draw.
  public var problem: String? {
    for (name, value, allowed) in [
      ("operationCount", operationCount, 1...14), ("magnitude", magnitude, 2...10),
      ("cutoutSide", cutoutSide, 0...256),
    ] where !allowed.contains(value) { return "\(name) must be in \(allowed), not \(value)" }
    for (name, value) in [("probability", probability), ("flipProbability", flipProbability)]
    where !(0...1).contains(value) { return "\(name) must be in 0.0...1.0, not \(value)" }
    var colours = ColourAugmentation()
    colours.crop = crop
    return colours.problem
  }

  /// What keeps views from being made of images of a size, as a sentence; nil if nothing does.
  func problem(size: ImageSize) -> String? {
    let (shorter, longer) = (min(size.height, size.width), max(size.height, size.width))
    if cutoutSide >= shorter {
      return "cutoutSide must be below \(shorter), the images' shorter side, not \(cutoutSide): it would empty "
        + "whole views"
    }
    return longer < ColourImage.largestSide
      ? nil : "kind randAugment needs images with sides below \(ColourImage.largestSide), not \(longer)"
  }

  /// Draws what makes view number `view` of image number `image` in `epoch`, for pictures of the given size.
  ///
  /// - Parameters:
  ///   - seed: The run's seed.
  ///   - epoch: Counts over the whole run.
  ///   - image: The image's number in its set.
  ///   - view: 0 or 1 for the two views of a training step.
  ///   - height: Of the picture; views have the same size.
  ///   - width: Of the picture.
  /// - Returns: The crop, the flip, the operations with their magnitudes, and the cutout.
  public func parameters(
    seed: UInt32, epoch: Int, image: Int, view: Int, height: Int, width: Int
  ) -> RandViewParameters {
    if let problem { require(false, problem) }
    require(height > 0 && width > 0, "a picture must have pixels, not \(width) x \(height)")
    var stream = RandomStream(seed: seed, purpose: .augmentation, epoch: epoch, image: image, view: view)
    let whole = ViewParameters.Box(left: 0, top: 0, width: width, height: height)
    let drawnBox = (crop ?? Augmentation.Crop(area: 1...1)).box(height: height, width: width, from: &stream)
    let isFlipped = stream.uniform() < flipProbability
    let cutout = cutout(height: height, width: width, from: &stream)
    var kinds = RandAugmentOperation.Kind.allCases
    var operations: [RandAugmentOperation] = []
    for _ in 0..<operationCount {
      let index = stream.whole(below: kinds.count)
      let kind = variant == .ruc ? kinds.remove(at: index) : kinds[index]
      let strength = stream.uniform()
      let isDone = stream.uniform() < probability
      let sign: Double = kind.isGeometric && stream.uniform() < 0.5 ? -1 : 1
      if !kind.isGeometric { _ = stream.uniform() }
      guard isDone else { continue }
      let size = kind == .translateY ? height : width
      operations.append(
        .init(
          kind,
          variant == .ruc
            ? rucValue(kind, level: 1 + Int(strength * Double(magnitude - 1)), sign: sign, size: size)
            : scanValue(kind, strength, sign: sign, size: size)))
    }
    return RandViewParameters(
      box: crop == nil ? whole : drawnBox, isFlipped: isFlipped, operations: operations, cutout: cutout)
  }

  /// RUC: level · range / 10 + bias, where whole numbers are wanted cut to one before the bias is added.
  private func rucValue(_ kind: RandAugmentOperation.Kind, level: Int, sign: Double, size: Int) -> Double {
    let level = Double(level)
    switch kind {
    case .autoContrast, .equalize, .identity: return 0
    case .brightness, .color, .contrast, .sharpness: return level * 0.99 / 10 + 0.01
    case .posterize: return (level / 10).rounded(.towardZero) + 8
    case .rotate: return sign * ((level * 45 / 10).rounded(.towardZero) - 45)
    case .shearX, .shearY: return sign * (level * 0.3 / 10 - 0.3)
    case .solarize: return 256 - (level * 256 / 10).rounded(.towardZero)
    case .translateX, .translateY: return (sign * (level * 0.3 / 10 - 0.3) * Double(size)).rounded(.towardZero)
    }
  }

  /// SCAN: uniform in a range.
  private func scanValue(_ kind: RandAugmentOperation.Kind, _ u: Double, sign: Double, size: Int) -> Double {
    func between(_ low: Double, _ high: Double) -> Double { u * (high - low) + low }
    switch kind {
    case .autoContrast, .equalize, .identity: return 0
    case .brightness, .color, .contrast, .sharpness: return between(0.05, 0.95)
    case .posterize: return between(4, 8).rounded(.towardZero)
    case .rotate: return sign * between(-30, 30)
    case .shearX, .shearY: return sign * between(-0.1, 0.1)
    case .solarize: return between(0, 256)
    case .translateX, .translateY: return sign * between(-0.1, 0.1) * Double(size)
    }
  }

  /// The box that is cut out; nil for none.
  private func cutout(height: Int, width: Int, from stream: inout RandomStream) -> RandViewParameters.Cutout? {
    let (side, x, y) = (stream.uniform(), stream.uniform(), stream.uniform())
    guard cutoutSide > 0 else { return nil }
    func box(_ left: Int, _ top: Int, _ right: Int, _ bottom: Int) -> ViewParameters.Box {
      .init(left: left, top: top, width: max(0, right - left), height: max(0, bottom - top))
    }
    switch variant {
    case .ruc:
      // The corner is half a side from a real centre; a whole side further the last column is still drawn.
      let half = Double(cutoutSide) / 2
      let (left, top) = (Int(max(0, x * Double(width) - half)), Int(max(0, y * Double(height) - half)))
      return .init(
        box: box(left, top, min(width, left + cutoutSide + 1), min(height, top + cutoutSide + 1)), fill: .grey)
    case .scan:
      let half = (1 + Int(side * Double(cutoutSide))) / 2
      let (column, row) = (Int(x * Double(width)), Int(y * Double(height)))
      return .init(
        box: box(max(0, column - half), max(0, row - half), min(width, column + half), min(height, row + half)),
        fill: .mean)
    }
  }
}
