// RandAugment: its fourteen operations on bytes, a whole view with its cutout, and what is drawn for one.
// Tests    OracleTests/CoverageCasesTests.swift
import Images
import Kernels
import Networks

/// The operations about RandAugment.
let randAugmentOperations: [any OracleOperation] = [
  RandPictureOperation(), RandViewOperation(), RandParametersOperation(),
]

extension AugmentationPrompt {
  /// One of RandAugment's operations, its value in the range of its kind.
  func randOperation(_ name: String, value: Double?) throws(OracleError) -> RandAugmentOperation {
    guard let kind = RandAugmentOperation.Kind(rawValue: name) else {
      let all = RandAugmentOperation.Kind.allCases.map(\.rawValue).joined(separator: ", ")
      throw fault("an operation is one of \(all), not \(name)")
    }
    let range: ClosedRange<Double>
    switch kind {
    case .autoContrast, .equalize, .identity: range = 0...0
    case .brightness, .color, .contrast, .sharpness: range = ColourImage.factors
    case .posterize: range = Double(ColourImage.bits.lowerBound)...Double(ColourImage.bits.upperBound)
    case .rotate: range = ColourImage.rotations
    case .shearX, .shearY: range = ColourImage.shears
    case .solarize: range = 0...256
    case .translateX, .translateY: range = -4096...4096
    }
    guard let value else {
      guard range == 0...0 else {
        throw fault("\(name) needs a \"value\" from \(range.lowerBound) to \(range.upperBound)")
      }
      return RandAugmentOperation(kind)
    }
    guard range.contains(value), kind != .posterize || value == value.rounded() else {
      throw fault("the value of \(name) must be from \(range.lowerBound) to \(range.upperBound), not \(value)")
    }
    return RandAugmentOperation(kind, value)
  }

  /// A box of the parameters of four names; nil if its width or height is 0.
  func cutout(in image: ColourImage) throws(OracleError) -> RandViewParameters.Cutout? {
    guard prompt.parameters["fill"] != nil else {
      guard prompt.parameters["cutout"] == nil else { throw fault("\"cutout\" needs a \"fill\", grey or mean") }
      return nil
    }
    let text = try prompt.text("fill")
    guard let fill = RandViewParameters.Cutout.Fill(rawValue: text) else {
      throw fault("\"fill\" must be grey or mean, not \(text)")
    }
    let box = try NetworkPrompt(prompt: prompt).integers("cutout", 0...Self.sides.upperBound)
    guard box.count == 4, box[0] + box[2] <= image.width, box[1] + box[3] <= image.height else {
      throw fault(
        "\"cutout\" must be left, top, width and height of a box inside \(image.width) × \(image.height), not \(box)")
    }
    return .init(box: .init(left: box[0], top: box[1], width: box[2], height: box[3]), fill: fill)
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
/// Parameters: kind (a name), value (none of autoContrast, equalize and identity). Input: image (3 × H × W bytes). Output: y (3 × H × W
/// bytes).
struct RandPictureOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "rand-operation"
  let area = "augment"
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
    let value = prompt.parameters["value"] == nil ? nil : try prompt.number("value")
    return (try reader.randOperation(try prompt.text("kind"), value: value), try reader.image())
  }
}

/// A whole view of RandAugment: crop and resize to the image's size, mirror, the operations in order, the cutout.
///
/// Parameters: left, top, width, height (the crop; default the whole image), flipped (default false), operations (a list of names,
/// default none), values (a number for each), cutout (a list left, top, width, height) and fill (grey or mean; default no cutout), mean
/// and deviation (lists of 3 numbers). Input: image (3 × H × W bytes). Outputs: y (3 × H × W bytes), normalised (3 × H × W).
struct RandViewOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "rand-view"
  let area = "augment"
  let formula = """
    y = cutout(operation_n(… operation_1(flip(resize(crop(x)))))), each rounded to bytes;  normalised = (y/255 − mean)/deviation;
    a cutout "grey" sets y to 127, "mean" leaves y and sets normalised to 0
    """

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let (view, image, mean, deviation) = try Self.inputs(prompt)
    let values: [Scalar] = view.normalisedView(of: image, mean: mean, deviation: deviation)
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
      parameters: ["mean": .list(mean.map { .number($0) }), "deviation": .list(deviation.map { .number($0) })],
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
    var walked = view
    (walked.operations, walked.cutout) = ([], nil)
    var picture = walked.view(of: image)
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
      left: try prompt.integer("left", default: 0), top: try prompt.integer("top", default: 0),
      width: try prompt.integer("width", default: image.width),
      height: try prompt.integer("height", default: image.height))
    if let problem = image.problem(of: box, height: image.height, width: image.width) { throw reader.fault(problem) }
    var names: [String] = []
    switch prompt.parameters["operations"] {
    case nil: break
    case .list(let list)?:
      for element in list {
        guard case .text(let name) = element else {
          throw reader.fault("\"operations\" must be a list of names, but holds \(element)")
        }
        names.append(name)
      }
    case let other?: throw reader.fault("\"operations\" must be a list of names, not \(other)")
    }
    let values = names.isEmpty && prompt.parameters["values"] == nil ? [] : try prompt.numbers("values")
    guard names.count == values.count, names.count <= 14 else {
      throw reader.fault(
        "\"values\" must hold a number for each of at most 14 \"operations\", not \(values.count) for \(names.count)")
    }
    var operations: [RandAugmentOperation] = []
    for (name, value) in zip(names, values) { operations.append(try reader.randOperation(name, value: value)) }
    let (mean, deviation) = (try prompt.numbers("mean"), try prompt.numbers("deviation"))
    guard mean.count == 3, deviation.count == 3, mean.allSatisfy({ abs($0) <= 1000 }),
      deviation.allSatisfy({ (1e-6...1000).contains($0) })
    else {
      throw reader.fault(
        "\"mean\" must hold 3 numbers of −1000 to 1000 and \"deviation\" 3 of 1e-6 to 1000, not \(mean.count) and "
          + "\(deviation.count), or others")
    }
    return (
      RandViewParameters(
        box: box, isFlipped: try prompt.truth("flipped", default: false), operations: operations,
        cutout: try reader.cutout(in: image)), image, mean, deviation
    )
  }
}

/// The random parameters of RandAugment's views.
///
/// Parameters: variant (ruc or scan), seed, epoch and view (default 0), images (a list of n), height and width of the image;
/// operationCount, magnitude, probability, flipProbability, cutoutSide (defaults those of the variant), cropArea and cropRatio (lists;
/// default no crop, and ¾ and 4/3). Outputs: crop (n × 4 whole numbers: left, top, width, height), flipped (n, 0 or 1), kinds (n ×
/// operationCount: the numbers of the operations that are done, in order, then −1), values (n × operationCount; 0 without a kind),
/// cutout (n × 4).
struct RandParametersOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "rand-parameters"
  let area = "rng"
  let formula = """
    words of stream (seed, 5, epoch, image, view): 0…21 the crop, 22 flipped = u < p, 23 the cutout's side, 24 and 25 its centre; for
    operation k: 26 + 4 k which, 27 + 4 k its magnitude, 28 + 4 k done = u < p, 29 + 4 k the sign, negative if u < ½
    """

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let (keys, views, height, width) = try Self.inputs(prompt)
    let drawn = keys.images.map {
      views.parameters(
        seed: keys.seed, epoch: keys.epoch, image: $0, view: keys.view, height: height, width: width)
    }
    let (n, count) = (keys.images.count, views.operationCount)
    func list(_ box: ViewParameters.Box?) -> [Int] {
      box.map { [$0.left, $0.top, $0.width, $0.height] } ?? [0, 0, 0, 0]
    }
    let kinds = drawn.flatMap { view in
      (0..<count).map { k in
        k < view.operations.count
          ? RandAugmentOperation.Kind.allCases.firstIndex(of: view.operations[k].kind) ?? -1 : -1
      }
    }
    let values = drawn.flatMap { view in
      (0..<count).map { k in k < view.operations.count ? Scalar(view.operations[k].value) : 0 }
    }
    return [
      "crop": .integers(drawn.flatMap { list($0.box) }, shape: [n, 4]),
      "flipped": .integers(drawn.map { $0.isFlipped ? 1 : 0 }, shape: [n]),
      "kinds": .integers(kinds, shape: [n, count]), "values": .real(Tensor(shape: [n, count], values: values)),
      "cutout": .integers(drawn.flatMap { list($0.cutout?.box) }, shape: [n, 4]),
    ]
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let (keys, views, height, width) = try Self.inputs(prompt)
    let values = keys.images.flatMap { image -> [Double] in
      let draw = RandDraw(views, keys, image: image, height: height, width: width)
      return (0..<views.operationCount).map { k in k < draw.operations.count ? draw.operations[k].scale : 0 }
    }
    return [
      "values": RoundingScale(
        values: Tensor(shape: [keys.images.count, views.operationCount], values: values), terms: 1)
    ]
  }

  /// "probability": how near a uniform number comes to what it is compared with; "place": how near a number comes to the whole number to
  /// which it would be cut; "side" as of crop-parameters.
  func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    let (keys, views, height, width) = try Self.inputs(prompt)
    var margins: [String: Double] = [:]
    for image in keys.images {
      let draw = RandDraw(views, keys, image: image, height: height, width: width)
      margins.merge(draw.margins, uniquingKeysWith: min)
      guard let crop = views.crop else { continue }
      var stream = RandomStream(
        seed: keys.seed, purpose: .augmentation, epoch: keys.epoch, image: image, view: keys.view)
      let side = CropParametersOperation.sideMargin(of: crop, height: height, width: width, from: &stream)
      margins["side"] = min(margins["side"] ?? .infinity, side)
    }
    return margins
  }

  static func inputs(
    _ prompt: Prompt
  ) throws(OracleError) -> (
    keys: GreyParametersOperation.Keys, views: RandAugmentation, height: Int, width: Int
  ) {
    let reader = AugmentationPrompt(prompt: prompt)
    let text = try prompt.text("variant")
    guard let variant = RandAugmentation.Variant(rawValue: text) else {
      throw reader.fault("\"variant\" must be ruc or scan, not \(text)")
    }
    var views = RandAugmentation(variant)
    views.operationCount = try prompt.integer("operationCount", default: views.operationCount)
    views.magnitude = try prompt.integer("magnitude", default: views.magnitude)
    views.probability = try prompt.number("probability", default: views.probability)
    views.flipProbability = try prompt.number("flipProbability", default: views.flipProbability)
    views.cutoutSide = try prompt.integer("cutoutSide", default: views.cutoutSide)
    views.crop = nil
    if prompt.parameters["cropArea"] != nil {
      let ratio = prompt.parameters["cropRatio"] == nil ? 3 / 4...4 / 3 : try reader.range("cropRatio")
      views.crop = Augmentation.Crop(area: try reader.range("cropArea"), ratio: ratio)
    } else if prompt.parameters["cropRatio"] != nil {
      throw reader.fault("\"cropRatio\" has no meaning without \"cropArea\"")
    }
    if let problem = views.problem {
      throw reader.fault(problem.replacing("crop.area", with: "cropArea").replacing("crop.ratio", with: "cropRatio"))
    }
    let (height, width) = (
      try reader.integer("height", in: AugmentationPrompt.sides),
      try reader.integer("width", in: AugmentationPrompt.sides)
    )
    return (try reader.keys(), views, height, width)
  }
}
