// The random parameters of views of colour pictures: where they stand in a stream, and what they become.
// Tests    OracleTests/AugmentationCasesTests.swift, OracleTests/ShallowCasesTests.swift
import Images
import Kernels
import Networks

/// The part of the area "rng" that is about views.
let viewParameterOperations: [any OracleOperation] = [CropParametersOperation(), JitterParametersOperation()]

/// The boxes of random resized crops.
///
/// Output: boxes (n × 4 whole numbers: left, top, width, height).
struct CropParametersOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "crop-parameters"
  let area = "rng"
  static let part = ParameterDeclaration.numbers(
    "area", .cropAreas, count: 2...2, "the least and the largest part of the picture")
  static let ratio = ParameterDeclaration.numbers(
    "ratio", .cropRatios, count: 2...2, "the least and the largest width over height")
  let parameters = ParameterDeclaration.keys + [.pictureHeight, .pictureWidth, Self.part, Self.ratio]
  let inputs: [InputDeclaration] = []
  let formula = """
    words 2t, 2t + 1 of stream (seed, 5, epoch, image, view), t = 0…9: part = U(area) H W, r = exp U(ln ratio),
    box = round(√(part r)) × round(√(part / r)), ties to even, the first that fits; word 20: left = ⌊u (W − w + 1)⌋; word 21: top;
    if none fits: the largest central box of an allowed ratio
    """

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let (keys, augmentation, height, width) = try inputs(prompt)
    let boxes = keys.images.flatMap { image in
      let box = augmentation.parameters(
        seed: keys.seed, epoch: keys.epoch, image: image, view: keys.view, height: height, width: width
      ).box
      return [box.left, box.top, box.width, box.height]
    }
    return ["boxes": .integers(boxes, shape: [keys.images.count, 4])]
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] { [:] }

  /// How near a side, before it is rounded, comes to a half, relative to the side; over all tries up to the first that fits.
  func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    let (keys, augmentation, height, width) = try inputs(prompt)
    guard let crop = augmentation.crop else { return [:] }
    var nearest = 0.5
    for image in keys.images {
      var stream = keys.stream(image)
      nearest = min(nearest, Self.sideMargin(of: crop, height: height, width: width, from: &stream))
    }
    return ["side": nearest]
  }

  /// The margin of one view, from the start of its stream.
  static func sideMargin(
    of crop: Augmentation.Crop, height: Int, width: Int, from stream: inout RandomStream
  ) -> Double {
    let logarithms = (Double.log(crop.ratio.lowerBound), Double.log(crop.ratio.upperBound))
    var nearest = 0.5
    for _ in 0..<10 {
      let part = stream.uniform(crop.area.lowerBound, crop.area.upperBound) * Double(height * width)
      let ratio = Double.exp(stream.uniform(logarithms.0, logarithms.1))
      let sides = [(part * ratio).squareRoot(), (part / ratio).squareRoot()]
      for side in sides { nearest = min(nearest, abs(side - side.rounded(.down) - 0.5) / max(side, 0.5)) }
      let (w, h) = (sides[0].rounded(.toNearestOrEven), sides[1].rounded(.toNearestOrEven))
      if (1...Double(width)).contains(w) && (1...Double(height)).contains(h) { break }
    }
    return nearest
  }

  private func inputs(
    _ prompt: Prompt
  ) throws(OracleError) -> (
    keys: ViewKeys, augmentation: ColourAugmentation, height: Int, width: Int
  ) {
    let reader = AugmentationPrompt(prompt: prompt)
    var augmentation = ColourAugmentation()
    augmentation.crop = Augmentation.Crop(area: try prompt.range(Self.part), ratio: try prompt.range(Self.ratio))
    let (height, width) = (try prompt.integer(.pictureHeight), try prompt.integer(.pictureWidth))
    return (try reader.keys(), augmentation, height, width)
  }
}

/// The random changes of colours, and whether views are grey or mirrored.
///
/// Outputs: order (n × 4 whole numbers), factors (n × 4: brightness, contrast, saturation, hue), jittered, greyscale
/// and flipped (n whole numbers, 0 or 1).
struct JitterParametersOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "jitter-parameters"
  let area = "rng"
  private static let brightness = Self.range("brightness", ColourImage.factors)
  private static let contrast = Self.range("contrast", ColourImage.factors)
  private static let saturation = Self.range("saturation", ColourImage.factors)
  static let hue = Self.range("hue", ColourImage.hueShifts)
  private static let jitterProbability = Self.probability("jitterProbability", "of changed colours")
  private static let greyscaleProbability = Self.probability("greyscaleProbability", "of a grey view")
  private static let flipProbability = Self.probability("flipProbability", "of a mirrored view")
  let parameters =
    ParameterDeclaration.keys + [
      Self.brightness, Self.contrast, Self.saturation, Self.hue, Self.jitterProbability, Self.greyscaleProbability,
      Self.flipProbability,
    ]
  let inputs: [InputDeclaration] = []

  private static func range(_ name: String, _ allowed: ClosedRange<Double>) -> ParameterDeclaration {
    .numbers(name, .within(allowed), count: 2...2, "the least and the largest")
  }

  private static func probability(_ name: String, _ summary: String) -> ParameterDeclaration {
    .number(name, .probabilities, summary)
  }
  let formula = """
    words 22…31 of stream (seed, 5, epoch, image, view): 22 jittered = u < p; 23, 24, 25: order 0 1 2 3, for last = 3, 2, 1:
    swap(last, ⌊u (last + 1)⌋); 26…29: least + (largest − least) u of brightness, contrast, saturation, hue; 30 greyscale; 31 flipped
    """

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let (keys, augmentation) = try inputs(prompt)
    // Order and factors are told also where they are not used: each word has its meaning whatever another decides.
    var always = augmentation
    always.jitterProbability = 1
    func draw(_ augmentation: ColourAugmentation) -> [ColourViewParameters] {
      keys.images.map {
        augmentation.parameters(seed: keys.seed, epoch: keys.epoch, image: $0, view: keys.view, height: 1, width: 1)
      }
    }
    let (views, jitters, n) = (draw(augmentation), draw(always).compactMap(\.jitter), keys.images.count)
    let factors = jitters.flatMap { [$0.brightness, $0.contrast, $0.saturation, $0.hue].map { Scalar($0) } }
    func flags(_ holds: (ColourViewParameters) -> Bool) -> TensorValue {
      .integers(views.map { holds($0) ? 1 : 0 }, shape: [n])
    }
    return [
      "order": .integers(jitters.flatMap { $0.order.map(\.rawValue) }, shape: [n, 4]),
      "factors": .real(Tensor(shape: [n, 4], values: factors)), "jittered": flags { $0.jitter != nil },
      "greyscale": flags(\.isGrey), "flipped": flags(\.isFlipped),
    ]
  }

  /// The ends of a range round, and every operation of least + (largest − least) u.
  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let (keys, augmentation) = try inputs(prompt)
    let ranges = [augmentation.brightness, augmentation.contrast, augmentation.saturation, augmentation.hue]
    let values = keys.images.flatMap { image in
      let u = keys.words(of: image)
      return ranges.enumerated().map { i, range in
        RunningError.uniform(
          RunningError(rounded: range.lowerBound), RunningError(rounded: range.upperBound), u[26 + i]
        ).scale
      }
    }
    return ["factors": RoundingScale(values: Tensor(shape: [keys.images.count, 4], values: values), terms: 1)]
  }

  /// How near a uniform number comes to the probability that it is compared with.
  func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    let (keys, augmentation) = try inputs(prompt)
    let probabilities = [
      (22, augmentation.jitterProbability), (30, augmentation.greyscaleProbability), (31, augmentation.flipProbability),
    ]
    // Below 0 or at 1 and above no uniform number lies, so such a comparison has no margin.
    let distances = keys.images.flatMap { image in
      let u = keys.words(of: image)
      return probabilities.filter { 0 < $0.1 && $0.1 < 1 }.map { abs(u[$0.0] - $0.1) }
    }
    return distances.min().map { ["probability": $0] } ?? [:]
  }

  private func inputs(
    _ prompt: Prompt
  ) throws(OracleError) -> (keys: ViewKeys, augmentation: ColourAugmentation) {
    let reader = AugmentationPrompt(prompt: prompt)
    var augmentation = ColourAugmentation()
    (augmentation.brightness, augmentation.contrast) = (
      try prompt.range(Self.brightness), try prompt.range(Self.contrast)
    )
    (augmentation.saturation, augmentation.hue) = (try prompt.range(Self.saturation), try prompt.range(Self.hue))
    augmentation.jitterProbability = try prompt.number(Self.jitterProbability)
    augmentation.greyscaleProbability = try prompt.number(Self.greyscaleProbability)
    augmentation.flipProbability = try prompt.number(Self.flipProbability)
    return (try reader.keys(), augmentation)
  }
}
