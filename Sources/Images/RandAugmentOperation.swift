// The fourteen operations of RandAugment, as values.
// Tests    ImagesTests/RandAugmentationTests.swift    Fixture  Fixtures/images/rand-augment.json
import Kernels

/// One operation with what it is done by.
public struct RandAugmentOperation: Codable, Sendable, Equatable {
  /// What is done, in the order in which they are drawn.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    case autoContrast, brightness, color, contrast, equalize, identity, posterize, rotate, sharpness, shearX, shearY,
      solarize, translateX, translateY

    /// Whether the value's sign is drawn.
    package var isGeometric: Bool { [.rotate, .shearX, .shearY, .translateX, .translateY].contains(self) }
  }

  /// What is done.
  public var kind: Kind
  /// A factor (brightness, color, contrast, sharpness), the bits that stay (posterize), degrees counterclockwise (rotate),
  /// pixels for each pixel of the other axis (shear), a threshold (solarize), or pixels (translate); others have none.
  public var value: Double

  /// An operation of given numbers.
  public init(_ kind: Kind, _ value: Double = 0) { (self.kind, self.value) = (kind, value) }

  /// The picture after the operation.
  public func applied(to image: ColourImage) -> ColourImage {
    switch kind {
    case .autoContrast: image.autoContrasted()
    case .brightness: image.brightnessAdjusted(by: value)
    case .color: image.saturationAdjusted(by: value)
    case .contrast: image.contrastAdjusted(by: value)
    case .equalize: image.equalized()
    case .identity: image
    case .posterize: image.posterized(bits: Int(value))
    case .rotate: image.rotated(degrees: value)
    case .sharpness: image.sharpnessAdjusted(by: value)
    case .shearX: image.shearedHorizontally(by: value)
    case .shearY: image.shearedVertically(by: value)
    case .solarize: image.solarized(threshold: value)
    case .translateX: image.translated(x: value, y: 0)
    case .translateY: image.translated(x: 0, y: value)
    }
  }
}
