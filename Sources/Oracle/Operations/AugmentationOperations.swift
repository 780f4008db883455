// What a random view does to an 8-bit picture, under explicit parameters: bytes in, bytes out, equal to the byte.
// Tests    OracleTests/AugmentationCasesTests.swift
import Files
import Images
import Kernels
import Networks

/// The operations of the area "augment".
let augmentationOperations: [any OracleOperation] =
  [ResizedCropOperation(), ColourViewOperation(), ImageNormalisationOperation()]
  + PictureOperation.Kind.allCases.map { PictureOperation(kind: $0) }

/// A box of a picture, resized.
///
/// Output: y (3 × outputHeight × outputWidth bytes).
struct ResizedCropOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "resized-crop"
  let area = "augment"
  let parameters = ParameterDeclaration.crop
  let inputs: [InputDeclaration] = [.picture]
  let formula = """
    one axis at a time, from m to n, s = m/n: y_x = (Σ_i w_xi b_i + 2²¹) >> 22, cut to 0…255,
    w_xi = ⌊2²² t_xi / Σ_j t_xj + 1/2⌋, t_xi = max(0, 1 − |i + 1/2 − (x + 1/2) s| / max(s, 1))
    """

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let image = try AugmentationPrompt(prompt: prompt).image()
    let crop = try AugmentationPrompt(prompt: prompt).crop(of: image)
    return [
      "y": image.resized(crop.box, height: crop.height, width: crop.width, passes: crop.passes).tensor
    ]
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] { [:] }

  func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    let image = try AugmentationPrompt(prompt: prompt).image()
    let crop = try AugmentationPrompt(prompt: prompt).crop(of: image)
    return AugmentationMargins.ofResize(crop.box, height: crop.height, width: crop.width)
  }
}

/// One operation on the colours or the places of a picture.
///
/// Output: y (3 × H × W bytes).
struct PictureOperation: OracleOperation {
  let multipliesMatrices = false
  /// Which one.
  enum Kind: String, Sendable, CaseIterable {
    case brightness, contrast, saturation, hue, greyscale, flip
    case toHSV = "rgb-to-hsv"
    case fromHSV = "hsv-to-rgb"
  }
  let kind: Kind
  let area = "augment"
  let inputs: [InputDeclaration] = [.picture]
  var name: String { kind.rawValue }

  var parameters: [ParameterDeclaration] {
    switch kind {
    case .brightness, .contrast, .saturation: [.factor]
    case .hue: [.shift]
    case .greyscale, .flip, .toHSV, .fromHSV: []
    }
  }

  var formula: String {
    let blend = "y = ⌊d + factor (x − d)⌋ in Float, cut to 0…255, "
    switch kind {
    case .brightness: return blend + "d = 0"
    case .contrast: return blend + "d = ⌊mean of L + 1/2⌋"
    case .saturation: return blend + "d = L of the pixel"
    case .hue: return "y = RGB of (H + ⌊255 shift⌋ towards zero, modulo 256; S; V)"
    case .greyscale: return "L = (19595 R + 38470 G + 7471 B + 2¹⁵) >> 16 in all three planes"
    case .flip: return "y[c, i, j] = x[c, i, W − 1 − j]"
    case .toHSV:
      return "V = M, S = ⌊255 (M − m)/M⌋, H = ⌊255 (sixths/6 + 1 modulo 1)⌋; M, m the largest and smallest of R, G, B"
    case .fromHSV: return "sector ⌊6 H/255⌋ of V, p = V (1 − S), q = V (1 − S f), t = V (1 − S (1 − f)), rounded"
    }
  }

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let reader = AugmentationPrompt(prompt: prompt)
    let image = try reader.image()
    let result =
      switch kind {
      case .brightness: image.brightnessAdjusted(by: try prompt.number(.factor))
      case .contrast: image.contrastAdjusted(by: try prompt.number(.factor))
      case .saturation: image.saturationAdjusted(by: try prompt.number(.factor))
      case .hue: image.hueAdjusted(by: try prompt.number(.shift))
      case .greyscale: image.greyscale()
      case .flip: image.flipped()
      case .toHSV: image.hueSaturationValue()
      case .fromHSV: image.fromHueSaturationValue()
      }
    return ["y": result.tensor]
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] { [:] }

  func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    let reader = AugmentationPrompt(prompt: prompt)
    let image = try reader.image()
    switch kind {
    case .brightness, .contrast, .saturation:
      let factor: Double = try prompt.number(.factor)
      let operation: ColourViewParameters.Jitter.Operation =
        kind == .brightness ? .brightness : kind == .contrast ? .contrast : .saturation
      return AugmentationMargins.ofBlend(operation, of: image, factor: factor)
    case .hue: return AugmentationMargins.ofHue(try prompt.number(.shift))
    default: return [:]
    }
  }
}

/// A whole view: crop and resize, jitter, greyscale, mirror, with 8 bits after every operation.
///
/// Outputs: cropped, jittered (after crop and jitter) and y (after greyscale and mirror), all 3 × outputHeight ×
/// outputWidth.
struct ColourViewOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "colour-view"
  let area = "augment"
  let parameters = ParameterDeclaration.crop + ParameterDeclaration.jitter + [.greyscale, .flipped]
  let inputs: [InputDeclaration] = [.picture]
  let formula =
    "y = flip(greyscale(jitter(resize(crop(x))))), each rounded to bytes; the jitter's four parts in the given order"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let reader = AugmentationPrompt(prompt: prompt)
    let image = try reader.image()
    let (box, height, width, passes) = try reader.crop(of: image)
    var parameters = ColourViewParameters(box: box)
    let cropped = parameters.view(of: image, height: height, width: width, passes: passes)
    parameters.jitter = try reader.jitter()
    let jittered = parameters.view(of: image, height: height, width: width, passes: passes)
    (parameters.isGrey, parameters.isFlipped) = (try prompt.bool(.greyscale), try prompt.bool(.flipped))
    let view = parameters.view(of: image, height: height, width: width, passes: passes)
    return ["cropped": cropped.tensor, "jittered": jittered.tensor, "y": view.tensor]
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] { [:] }

  func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    let reader = AugmentationPrompt(prompt: prompt)
    let image = try reader.image()
    let (box, height, width, passes) = try reader.crop(of: image)
    var margins = AugmentationMargins.ofResize(box, height: height, width: width)
    if let jitter = try reader.jitter() {
      let cropped = image.resized(box, height: height, width: width, passes: passes)
      margins.merge(AugmentationMargins.ofJitter(jitter, of: cropped), uniquingKeysWith: min)
    }
    return margins
  }
}

/// A picture as real numbers.
///
/// Output: y (3 × H × W).
struct ImageNormalisationOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "image-normalisation"
  let area = "augment"
  let parameters: [ParameterDeclaration] = [.mean, .deviation]
  let inputs: [InputDeclaration] = [.picture]
  let formula = "y[c, i, j] = (x[c, i, j] / 255 − mean[c]) / deviation[c]"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let (image, mean, deviation) = try inputs(prompt)
    let values: [Scalar] = image.normalised(mean: mean, standardDeviation: deviation)
    return ["y": .real(Tensor(shape: [3, image.height, image.width], values: values))]
  }

  /// The byte's quotient and both constants round, then the difference, then its quotient.
  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let (image, mean, deviation) = try inputs(prompt)
    let area = image.height * image.width
    let values = image.pixels.enumerated().map { index, byte in
      let difference = RunningError(rounded: Double(byte) / 255) + RunningError(rounded: -mean[index / area])
      return (difference.scale + 2 * abs(difference.value)) / deviation[index / area]
    }
    return ["y": RoundingScale(values: Tensor(shape: [3, image.height, image.width], values: values), terms: 1)]
  }

  private func inputs(
    _ prompt: Prompt
  ) throws(OracleError) -> (image: ColourImage, mean: [Double], deviation: [Double]) {
    let (mean, deviation) = (try prompt.numbers(.mean), try prompt.numbers(.deviation))
    return (try AugmentationPrompt(prompt: prompt).image(), mean, deviation)
  }
}
