// Brightness, contrast and saturation: a picture is moved away from, or towards, a poorer version of itself.
//
//     y = degenerate + factor (x − degenerate),  in Float, cut to 0...255, the fraction cut off
//     degenerate: black (brightness), the mean luminance, rounded (contrast), the luminance of each pixel (saturation)
//
// Where the fraction is cut off, one rounding decides a byte; so the difference, the product and the sum are Float
// operations of their own, never fused.
// Tests    ImagesTests/ColourBlendsTests.swift    Fixture  Fixtures/images/colour-views.json
import Kernels

extension ColourImage {
  /// The factors that a blend accepts: 0 is the degenerate picture, 1 the picture itself.
  public static let factors = 0.0...1000.0

  /// The picture brighter (factor above 1) or darker; 0 is black.
  public func brightnessAdjusted(by factor: Double) -> ColourImage { blended(with: 0, factor: factor) }

  /// The picture with more contrast (factor above 1) or less; 0 is one grey.
  public func contrastAdjusted(by factor: Double) -> ColourImage { blended(with: meanLuminance, factor: factor) }

  /// The mean of the luminance, rounded, halves up.
  public var meanLuminance: UInt8 {
    let sum = luminance().reduce(0) { $0 + Int($1) }
    return UInt8((2 * sum + area) / (2 * area))
  }

  /// The picture with more colour (factor above 1) or less; 0 is its grey version.
  public func saturationAdjusted(by factor: Double) -> ColourImage {
    let (factor, grey) = (Self.checked(factor), luminance())
    var result = [UInt8](repeating: 0, count: 3 * area)
    var target = result.mutableSpan
    let (source, degenerate) = (pixels.span, grey.span)
    for plane in 0..<3 {
      let own = source.extracting(plane * area..<(plane + 1) * area)
      for i in 0..<area { target[plane * area + i] = Self.blend(degenerate[i], own[i], factor) }
    }
    return ColourImage(height: height, width: width, pixels: result)
  }

  /// Every byte blended with the same one: there are only 256 results.
  private func blended(with degenerate: UInt8, factor: Double) -> ColourImage {
    var result = self
    let factor = Self.checked(factor)
    var levels = [256 of UInt8](repeating: 0)
    for i in levels.indices { levels[i] = Self.blend(degenerate, UInt8(truncatingIfNeeded: i), factor) }
    var target = result.pixels.mutableSpan
    for i in target.indices { target[i] = levels[Int(target[i])] }
    return result
  }

  /// Every byte blended with that of another picture of the same size.
  func blended(with degenerate: ColourImage, factor: Double) -> ColourImage {
    require(
      degenerate.height == height && degenerate.width == width,
      "\(width) x \(height) pixels cannot be blended with \(degenerate.width) x \(degenerate.height)")
    var result = self
    let factor = Self.checked(factor)
    let other = degenerate.pixels.span
    var target = result.pixels.mutableSpan
    for i in target.indices { target[i] = Self.blend(other[i], target[i], factor) }
    return result
  }

  private static func checked(_ factor: Double) -> Float {
    require(factors.contains(factor), "a factor must be in \(factors), not \(factor)")
    return Float(factor)
  }

  /// degenerate + factor (byte − degenerate), cut to a byte.
  @inline(__always)
  private static func blend(_ degenerate: UInt8, _ byte: UInt8, _ factor: Float) -> UInt8 {
    let value = Float(degenerate) + factor * Float(Int32(byte) - Int32(degenerate))
    let upper: Float = value > 255 ? 255 : value
    let cut: Float = upper < 0 ? 0 : upper
    // The whole part without the checks of a conversion, which would keep the loop from using vectors: a number above 2²³ has
    // no fraction, so adding 2²³ rounds, and its lowest bits are then the whole number.
    let nearest = cut + 0x1p23 - 0x1p23
    let whole = nearest > cut ? nearest - 1 : nearest
    return UInt8(truncatingIfNeeded: (whole + 0x1p23).bitPattern)
  }
}
