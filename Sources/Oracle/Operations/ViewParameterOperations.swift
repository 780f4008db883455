// The random parameters of views of colour pictures: where they stand in a stream, and what they become.
// Tests    OracleTests/AugmentationCasesTests.swift, OracleTests/ShallowCasesTests.swift
import Files
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

  /// "side": how near a side, before it is rounded, comes to a half, relative to the side, over all tries up to the first that fits;
  /// "place": how near the corner comes to the whole number to which it would be cut.
  func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double] { try comparisons(prompt).margins }

  func marginRoundings(_ prompt: Prompt) throws(OracleError) -> [String: Double] { try comparisons(prompt).roundings }

  private func comparisons(_ prompt: Prompt) throws(OracleError) -> Comparisons {
    let (keys, augmentation, height, width) = try inputs(prompt)
    var comparisons = Comparisons()
    guard let crop = augmentation.crop else { return comparisons }
    for image in keys.images {
      var stream = keys.stream(image)
      comparisons.add(Self.comparisons(of: crop, height: height, width: width, from: &stream))
    }
    return comparisons
  }

  /// Those of one view, from the first of its crop's 22 words on.
  static func comparisons(
    of crop: Augmentation.Crop, height: Int, width: Int, from stream: inout RandomStream
  ) -> Comparisons {
    let u = (0..<22).map { _ in stream.uniform() }
    func ends(_ range: ClosedRange<Double>, _ end: (Double) -> RunningError, _ u: Double) -> RunningError {
      .uniform(end(range.lowerBound), end(range.upperBound), u)
    }
    var comparisons = Comparisons()
    func side(_ side: RunningError) -> Double {
      let size = max(side.value, 0.5)
      comparisons.add("side", abs(side.value - side.value.rounded(.down) - 0.5) / size, scale: side.scale / size)
      return side.value.rounded(.toNearestOrEven)
    }
    for t in 0..<10 {
      let part = ends(crop.area, RunningError.init(rounded:), u[2 * t]) * RunningError(exact: Double(height * width))
      let ratio = ends(crop.ratio, RunningError.logarithm(of:), u[2 * t + 1]).exponential
      let (w, h) = (side((part * ratio).squareRoot), side((part / ratio).squareRoot))
      guard (1...Double(width)).contains(w) && (1...Double(height)).contains(h) else { continue }
      comparisons.add(u[20], below: width - Int(w) + 1)
      comparisons.add(u[21], below: height - Int(h) + 1)
      return comparisons
    }
    // No try fits: one side of the central box is a whole side times or over an end of the ratio.
    let own = Double(width) / Double(height)
    if own > crop.ratio.upperBound {
      _ = side(RunningError(exact: Double(height)) * RunningError(rounded: crop.ratio.upperBound))
    } else if own < crop.ratio.lowerBound {
      _ = side(RunningError(exact: Double(width)) / RunningError(rounded: crop.ratio.lowerBound))
    }
    return comparisons
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

  /// A probability decides none of these.
  func outputs(settledDespite margin: String) -> Set<String> { ["order", "factors"] }

  /// How near a uniform number comes to the probability that it is compared with.
  ///
  /// The order has no margin: u is k / 2²⁴; 2 u and 4 u are exact, and of all 3 k only 2²⁵ − 1, which 3 does not divide, would round up
  /// to a whole u.
  func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double] { try comparisons(prompt).margins }

  func marginRoundings(_ prompt: Prompt) throws(OracleError) -> [String: Double] { try comparisons(prompt).roundings }

  private func comparisons(_ prompt: Prompt) throws(OracleError) -> Comparisons {
    let (keys, augmentation) = try inputs(prompt)
    var comparisons = Comparisons()
    for image in keys.images {
      let u = keys.words(of: image)
      comparisons.add(u[22], probability: augmentation.jitterProbability)
      comparisons.add(u[30], probability: augmentation.greyscaleProbability)
      comparisons.add(u[31], probability: augmentation.flipProbability)
    }
    return comparisons
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
