// How near 8-bit arithmetic comes to a place where a rounding would decide a byte.
//
// Sums that are whole numbers exactly are left out: every precision has them exactly. The conversions to and from HSV have
// no margin, because bytes fall on whole numbers there all the time: what Float makes of them is the definition.
// Tests    OracleTests/AugmentationCasesTests.swift
import Images

/// Margins of the operations on pictures.
enum AugmentationMargins {
  /// "weight": the distance of a weight of a resize from a rounding half, in units of 2⁻²².
  static func ofResize(_ box: ViewParameters.Box, height: Int, width: Int) -> [String: Double] {
    let axes = [(box.width, width), (box.height, height)].filter { $0 != $1 }
    let nearest = axes.map { ResizeWeights(from: $0, to: $1).margin }.min()
    return nearest.map { ["weight": $0] } ?? [:]
  }

  /// "truncation": the distance of a blend from the whole numbers 1 to 255, in bytes; of contrast also "mean", the distance of
  /// the mean luminance from a half.
  static func ofBlend(
    _ operation: ColourViewParameters.Jitter.Operation, of image: ColourImage, factor: Double
  ) -> [String: Double] {
    let grey = image.luminance()
    var margins: [String: Double] = [:]
    if operation == .contrast {
      let mean = Double(grey.reduce(0) { $0 + Int($1) }) / Double(grey.count)
      margins["mean"] = abs(mean - mean.rounded(.down) - 0.5)
    }
    // Float factors and bytes: product and sum are exact in Double.
    let (exact, mean) = (Double(Float(factor)), Double(image.meanLuminance))
    var nearest = 0.5
    for (index, byte) in image.pixels.enumerated() {
      let degenerate =
        operation == .brightness ? 0 : operation == .contrast ? mean : Double(grey[index % grey.count])
      let value = degenerate + exact * (Double(byte) - degenerate)
      let distance = abs(value - min(255, max(1, value.rounded())))
      if distance > 0 { nearest = min(nearest, distance) }
    }
    margins["truncation"] = nearest
    return margins
  }

  /// "shift": the distance of 255 · shift from a whole number.
  static func ofHue(_ shift: Double) -> [String: Double] {
    let distance = abs(255 * shift - (255 * shift).rounded())
    return distance > 0 ? ["shift": distance] : [:]
  }

  /// The smallest margins of a jitter's four operations.
  static func ofJitter(_ jitter: ColourViewParameters.Jitter, of image: ColourImage) -> [String: Double] {
    var (image, margins) = (image, ofHue(jitter.hue))
    for operation in jitter.order {
      switch operation {
      case .brightness:
        margins.merge(ofBlend(operation, of: image, factor: jitter.brightness), uniquingKeysWith: min)
        image = image.brightnessAdjusted(by: jitter.brightness)
      case .contrast:
        margins.merge(ofBlend(operation, of: image, factor: jitter.contrast), uniquingKeysWith: min)
        image = image.contrastAdjusted(by: jitter.contrast)
      case .saturation:
        margins.merge(ofBlend(operation, of: image, factor: jitter.saturation), uniquingKeysWith: min)
        image = image.saturationAdjusted(by: jitter.saturation)
      case .hue: image = image.hueAdjusted(by: jitter.hue)
      }
    }
    return margins
  }
}
