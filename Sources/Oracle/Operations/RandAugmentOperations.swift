// RandAugment: its fourteen operations on bytes, and a whole view with its cutout.
// Tests    OracleTests/CoverageCasesTests.swift
import Files
import Images
import Kernels
import Networks

/// The operations about RandAugment.
let randAugmentOperations: [any OracleOperation] = [
  RandPictureOperation(), RandViewOperation(), RandParametersOperation(),
]

extension RandAugmentOperation.Kind {
  /// Its place among all, from 0, by which answers name it.
  var number: Int { Self.allCases.firstIndex(of: self) ?? -1 }

  /// The values that an operation may have; 0 alone of one that needs none.
  fileprivate var valueRange: ClosedRange<Double> {
    switch self {
    case .autoContrast, .equalize, .identity: 0...0
    case .brightness, .color, .contrast, .sharpness: ColourImage.factors
    case .posterize: Double(ColourImage.bits.lowerBound)...Double(ColourImage.bits.upperBound)
    case .rotate: ColourImage.rotations
    case .shearX, .shearY: ColourImage.shears
    case .solarize: 0...256
    case .translateX, .translateY: -4096...4096
    }
  }
}

extension NumberRange {
  /// The values of all of RandAugment's operations.
  fileprivate static let randValues = NumberRange.within(-4096...4096)
}

extension AugmentationPrompt {
  /// One of RandAugment's operations, its value, which a parameter of a name gives, in the range of its kind.
  func randOperation(
    _ kind: RandAugmentOperation.Kind, _ value: Double, of name: String
  ) throws(OracleError) -> RandAugmentOperation {
    let range = kind.valueRange
    guard range.contains(value), kind != .posterize || value == value.rounded() else {
      let wanted = kind == .posterize ? "a whole number" : "a number"
      throw prompt.fault(
        "the \"\(name)\" of \(kind.rawValue) must be \(wanted) \(NumberRange.within(range)), not \(value)")
    }
    return RandAugmentOperation(kind, value)
  }
}

extension AugmentationMargins {
  /// "truncation" and "mean" of blends; "place": how near a place comes to a whole number, or a step of fixed-point places to a
  /// half.
  ///
  /// Tone operations decide by whole numbers, or by quotients in Double whose order is the definition.
  static func ofRand(_ operation: RandAugmentOperation, on image: ColourImage) -> [String: Double] {
    let value = operation.value
    func fixed(_ entries: [Double]) -> [String: Double] {
      let distances = entries.map { abs(($0 * 65536) - ($0 * 65536).rounded(.down) - 0.5) }
      return distances.min().map { ["place": $0] } ?? [:]
    }
    switch operation.kind {
    case .brightness: return ofBlend(.brightness, of: image, factor: value)
    case .contrast: return ofBlend(.contrast, of: image, factor: value)
    case .color: return ofBlend(.saturation, of: image, factor: value)
    case .sharpness:
      let (smoothed, factor) = (image.smoothed().pixels, Double(Float(value)))
      let distances = zip(image.pixels, smoothed).map { byte, smooth in
        let blend = Double(smooth) + factor * (Double(byte) - Double(smooth))
        return abs(blend - min(255, max(1, blend.rounded())))
      }
      return ["truncation": distances.filter { $0 > 0 }.min() ?? 0.5]
    case .translateX, .translateY:
      let distance = abs(value + 0.5 - (value + 0.5).rounded())
      return distance > 0 ? ["place": distance] : [:]
    case .shearX where value != 0: return fixed([value, (1 + value) / 2])
    case .shearY where value != 0: return fixed([value, (1 + value) / 2])
    case .rotate where value != 0:
      let m = ViewParameters(rotationDegrees: value).matrix(height: 1, width: 1)
      let (cosine, sine) = (m[0], -m[3])
      let (x, y) = (Double(image.width) / 2, Double(image.height) / 2)
      return fixed([
        cosine, sine, cosine * (0.5 - x) + sine * (0.5 - y) + x, -sine * (0.5 - x) + cosine * (0.5 - y) + y,
      ])
    default: return [:]
    }
  }
}

/// One of RandAugment's operations.
///
/// Output: y (3 × H × W bytes).
struct RandPictureOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "rand-operation"
  let area = "augment"
  private static let kind = ParameterDeclaration.choice(
    "kind", of: RandAugmentOperation.Kind.self, "which operation")
  private static let value = ParameterDeclaration.number(
    "value", .randValues, absent: "0, for autoContrast, equalize and identity alone",
    "factor, bits, degrees, shear, threshold or pixels, in the range of the kind")
  let parameters = [Self.kind, Self.value]
  let inputs: [InputDeclaration] = [.picture]
  let formula = """
    autoContrast ⌊255 (x − low)/(high − low)⌋, equalize, posterize, solarize: a table for each channel;  brightness, color, contrast,
    sharpness: blends by the value;  rotate, shearX, shearY, translateX, translateY: the nearest pixel, black outside
    """

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let (operation, image) = try Self.inputs(prompt)
    return ["y": operation.applied(to: image).tensor]
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] { [:] }

  func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    let (operation, image) = try Self.inputs(prompt)
    return AugmentationMargins.ofRand(operation, on: image)
  }

  static func inputs(_ prompt: Prompt) throws(OracleError) -> (RandAugmentOperation, ColourImage) {
    let reader = AugmentationPrompt(prompt: prompt)
    let kind = try prompt.choice(Self.kind, as: RandAugmentOperation.Kind.self)
    let value = try prompt.numberIfGiven(Self.value, as: Double.self)
    guard value != nil || kind.valueRange == 0...0 else {
      let wanted = NumberRange.within(kind.valueRange)
      throw prompt.fault("\(kind.rawValue) needs the parameter \"value\", a number \(wanted)")
    }
    return (try reader.randOperation(kind, value ?? 0, of: "value"), try reader.image())
  }
}

/// A whole view of RandAugment: crop and resize to the image's size, mirror, the operations in order, the cutout.
///
/// Outputs: y (3 × H × W bytes), normalised (3 × H × W).
struct RandViewOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "rand-view"
  let area = "augment"
  private static let left = ParameterDeclaration.left.defaulting(to: .integer(0))
  private static let top = ParameterDeclaration.top.defaulting(to: .integer(0))
  private static let width = ParameterDeclaration.boxWidth.absent("the picture's")
  private static let height = ParameterDeclaration.boxHeight.absent("the picture's")
  private static let flipped = ParameterDeclaration.flipped.defaulting(to: .bool(false))
  private static let operations = ParameterDeclaration.words(
    "operations", RandAugmentOperation.Kind.allCases.map(\.rawValue), count: 0...14, "what is done, in order"
  ).defaulting(to: .array([]))
  private static let values = ParameterDeclaration.numbers(
    "values", .randValues, count: 0...14, "a number for each of the operations, as of rand-operation"
  ).defaulting(to: .array([]))
  private static let cutout = ParameterDeclaration.box(
    "cutout", "left, top, width and height of the box, inside the picture; it may be empty"
  ).absent("no cutout; fill needs it")
  private static let fill = ParameterDeclaration.choice(
    "fill", of: RandViewParameters.Cutout.Fill.self, "what stands in the cutout"
  ).absent("no cutout; cutout needs it")
  let parameters = [
    Self.left, Self.top, Self.width, Self.height, Self.flipped, Self.operations, Self.values, Self.cutout, Self.fill,
    .mean, .deviation,
  ]
  let inputs: [InputDeclaration] = [.picture]
  let formula = """
    y = cutout(operation_n(… operation_1(flip(resize(crop(x)))))), each rounded to bytes;  normalised = (y/255 − mean)/deviation;
    a cutout "grey" sets y to 127, "mean" leaves y and sets normalised to 0
    """

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let (view, image, mean, deviation) = try Self.inputs(prompt)
    let values: [Scalar] = view.normalisedView(of: image, mean: mean, standardDeviation: deviation)
    return [
      "y": view.view(of: image).tensor,
      "normalised": .real(Tensor(shape: [3, image.height, image.width], values: values)),
    ]
  }

  /// That of image-normalisation for the view's bytes; 0 in a cutout of the mean.
  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let (view, image, mean, deviation) = try Self.inputs(prompt)
    let bytes = Prompt(
      operation: "image-normalisation",
      parameters: ["mean": .array(mean.map { .number($0) }), "deviation": .array(deviation.map { .number($0) })],
      inputs: ["image": view.view(of: image).tensor])
    guard var scale = try ImageNormalisationOperation().scales(bytes)["y"] else { return [:] }
    if let cutout = view.cutout, cutout.fill == .mean {
      for plane in 0..<3 {
        for y in cutout.box.top..<cutout.box.top + cutout.box.height {
          for x in cutout.box.left..<cutout.box.left + cutout.box.width {
            scale.values.values[(plane * image.height + y) * image.width + x] = 0
          }
        }
      }
    }
    return ["normalised": scale]
  }

  func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    let (view, image, _, _) = try Self.inputs(prompt)
    var margins = AugmentationMargins.ofResize(view.box, height: image.height, width: image.width)
    var cropped = view
    (cropped.operations, cropped.cutout) = ([], nil)
    var picture = cropped.view(of: image)
    for operation in view.operations {
      margins.merge(AugmentationMargins.ofRand(operation, on: picture), uniquingKeysWith: min)
      picture = operation.applied(to: picture)
    }
    return margins
  }

  static func inputs(
    _ prompt: Prompt
  ) throws(OracleError) -> (view: RandViewParameters, image: ColourImage, mean: [Double], deviation: [Double]) {
    let reader = AugmentationPrompt(prompt: prompt)
    let image = try reader.image()
    let box = ViewParameters.Box(
      left: try prompt.integer(Self.left), top: try prompt.integer(Self.top),
      width: try prompt.integerIfGiven(Self.width) ?? image.width,
      height: try prompt.integerIfGiven(Self.height) ?? image.height)
    try reader.require(box, in: image, height: image.height, width: image.width)
    let kinds = try prompt.choices(Self.operations, as: RandAugmentOperation.Kind.self)
    let values = try prompt.numbers(Self.values)
    guard kinds.count == values.count else {
      throw prompt.fault(
        "\"values\" must hold a number for each of the \(kinds.count) \"operations\", not \(values.count)")
    }
    var operations: [RandAugmentOperation] = []
    for (kind, value) in zip(kinds, values) {
      operations.append(try reader.randOperation(kind, value, of: "values"))
    }
    return (
      RandViewParameters(
        box: box, isFlipped: try prompt.bool(Self.flipped), operations: operations,
        cutout: try cutout(prompt, in: image)), image, try prompt.numbers(.mean), try prompt.numbers(.deviation)
    )
  }

  private static func cutout(
    _ prompt: Prompt, in image: ColourImage
  ) throws(OracleError) -> RandViewParameters.Cutout? {
    let box = try AugmentationPrompt(prompt: prompt).box(
      cutout, height: image.height, width: image.width, leastSide: 0)
    guard let box else {
      guard !prompt.isGiven(fill) else { throw prompt.fault("\"fill\" needs a \"cutout\"") }
      return nil
    }
    guard prompt.isGiven(fill) else { throw prompt.fault("\"cutout\" needs a \"fill\", grey or mean") }
    return RandViewParameters.Cutout(box: box, fill: try prompt.choice(fill))
  }
}
