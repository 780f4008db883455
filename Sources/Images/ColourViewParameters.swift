// One random view of a colour picture as numbers, and the chain of 8-bit operations that they stand for:
// crop and resize, then the four jitter operations in their drawn order, then greyscale, then the mirror.
// Tests    ImagesTests/ColourAugmentationTests.swift    Fixture  Fixtures/images/colour-views.json
import Kernels

/// Everything that makes one view of a colour picture.
public struct ColourViewParameters: Codable, Sendable, Equatable {
  /// Brightness, contrast, saturation and hue, changed one after the other.
  public struct Jitter: Codable, Sendable, Equatable {
    /// One of the four operations; its number is what `order` is written with elsewhere.
    public enum Operation: Int, Codable, Sendable, CaseIterable {
      case brightness, contrast, saturation, hue
    }

    /// All four, in the order in which they happen.
    public var order: [Operation]
    /// The factor of the brightness, 1 for none; within ``ColourImage/factors``, as the next two.
    public var brightness: Double
    /// The factor of the contrast, 1 for none.
    public var contrast: Double
    /// The factor of the saturation, 1 for none.
    public var saturation: Double
    /// The shift of the hue, 0 for none; within ``ColourImage/hueShifts``.
    public var hue: Double

    /// The jitter of given numbers.
    public init(
      order: [Operation] = Operation.allCases, brightness: Double = 1, contrast: Double = 1, saturation: Double = 1,
      hue: Double = 0
    ) {
      (self.order, self.brightness, self.contrast) = (order, brightness, contrast)
      (self.saturation, self.hue) = (saturation, hue)
    }

    /// What is out of its range as a sentence; nil if nothing is.
    public var problem: String? {
      if order.count != 4 || Set(order).count != 4 {
        return "the order must name each of the four jitter operations once, not \(order.map(\.rawValue))"
      }
      for (name, factor) in [("brightness", brightness), ("contrast", contrast), ("saturation", saturation)]
      where !ColourImage.factors.contains(factor) {
        return "\(name) must be in \(ColourImage.factors), not \(factor)"
      }
      return ColourImage.hueShifts.contains(hue) ? nil : "hue must be in \(ColourImage.hueShifts), not \(hue)"
    }

    /// The picture after all four operations.
    public func applied(to image: ColourImage) -> ColourImage {
      if let problem { require(false, problem) }
      return order.reduce(image) { applied($1, to: $0) }
    }

    /// The picture after one of the four operations.
    package func applied(_ operation: Operation, to image: ColourImage) -> ColourImage {
      switch operation {
      case .brightness: image.brightnessAdjusted(by: brightness)
      case .contrast: image.contrastAdjusted(by: contrast)
      case .saturation: image.saturationAdjusted(by: saturation)
      case .hue: image.hueAdjusted(by: hue)
      }
    }
  }

  /// The part of the picture that is resized to the view.
  public var box: ViewParameters.Box
  /// The change of colours; nil for none.
  public var jitter: Jitter?
  /// Whether the view is without colour.
  public var isGrey: Bool
  /// Whether the view is mirrored left to right.
  public var isFlipped: Bool

  /// A view of given numbers.
  public init(box: ViewParameters.Box, jitter: Jitter? = nil, isGrey: Bool = false, isFlipped: Bool = false) {
    (self.box, self.jitter, self.isGrey, self.isFlipped) = (box, jitter, isGrey, isFlipped)
  }

  /// The view of a picture, `height` × `width` pixels.
  public func view(
    of image: ColourImage, height: Int, width: Int, passes: ColourImage.PassOrder = .automatic
  ) -> ColourImage {
    var view = image.resized(box, height: height, width: width, passes: passes)
    if let jitter { view = jitter.applied(to: view) }
    if isGrey { view = view.greyscale() }
    return isFlipped ? view.flipped() : view
  }
}
