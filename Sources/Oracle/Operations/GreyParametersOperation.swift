// What is drawn for a grey view: 36 words of its stream, each in its place.
// Tests    OracleTests/CoverageCasesTests.swift
import Files
import Images
import Kernels
import Networks

/// The random parameters of grey views.
///
/// Outputs: numbers (n × 8: rotationDegrees, shear, zoom, stretch, shiftX, shiftY, contrast, brightness), flipped (n whole numbers,
/// 0 or 1), erased and crop (n × 4 whole numbers: left, top, width, height; of no erased box 0, of no crop the whole image).
struct GreyParametersOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "grey-parameters"
  let area = "rng"
  private static let rotation = ParameterDeclaration.number(
    "rotationDegrees", .within(0...180), default: 0, "drawn from ± this")
  private static let shear = ParameterDeclaration.number("shear", .within(0...1), default: 0, "drawn from ± this")
  private static let zoom = range("zoom", 0.1...10)
  private static let aspect = ParameterDeclaration.number(
    "aspect", .within(1...4), default: 1, "a of the stretch exp(U(−ln a, ln a) / 2)")
  private static let shift = ParameterDeclaration.number(
    "shiftPixels", .within(0...64), default: 0, "both shifts are drawn from ± this")
  private static let flipProbability = ParameterDeclaration.number(
    "flipProbability", .probabilities, default: 0, "of a mirrored view")
  private static let contrast = range("contrast", 0...4)
  private static let brightness = ParameterDeclaration.number(
    "brightness", .within(0...1), default: 0, "drawn from ± this")
  private static let eraseProbability = ParameterDeclaration.number(
    "eraseProbability", .probabilities, default: 0, "of an erased box")
  private static let eraseSides = range(
    "eraseSides", 1...256, "whole numbers: its least and its largest side, in pixels")
  let parameters =
    ParameterDeclaration.keys + [.pictureHeight, .pictureWidth] + [
      Self.rotation, Self.shear, Self.zoom, Self.aspect, Self.shift, .cropArea, .cropRatio, Self.flipProbability,
      Self.contrast, Self.brightness, Self.eraseProbability, Self.eraseSides,
    ]
  let inputs: [InputDeclaration] = []

  /// The ends of a range, by default 1 and 1.
  private static func range(
    _ name: String, _ allowed: ClosedRange<Double>, _ summary: String = "the least and the largest"
  ) -> ParameterDeclaration {
    .numbers(name, .within(allowed), count: 2...2, summary).defaulting(to: .array([.integer(1), .integer(1)]))
  }
  let formula = """
    words of stream (seed, 5, epoch, image, view): 0 rotation ±, 1 shear ±, 2 zoom, 3 stretch, 4 and 5 shift ±, 6 flipped = u < p,
    7 contrast, 8 brightness ±, 9 erased = u < p, 10 and 11 its width and height, 12 and 13 its left and top, 14…35 the crop
    """

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let (keys, views, height, width) = try Self.inputs(prompt)
    let n = keys.images.count
    let drawn = keys.images.map {
      views.parameters(
        seed: keys.seed, epoch: keys.epoch, image: $0, view: keys.view, height: height, width: width)
    }
    func boxes(_ box: (ViewParameters) -> ViewParameters.Box?) -> TensorValue {
      .integers(
        drawn.flatMap { p in box(p).map { [$0.left, $0.top, $0.width, $0.height] } ?? [0, 0, 0, 0] }, shape: [n, 4])
    }
    let whole = ViewParameters.Box(left: 0, top: 0, width: width, height: height)
    return [
      "numbers": .real(
        Tensor(
          shape: [n, 8],
          values: drawn.flatMap {
            [$0.rotationDegrees, $0.shear, $0.zoom, $0.stretch, $0.shiftX, $0.shiftY, $0.contrast, $0.brightness]
              .map { Scalar($0) }
          })),
      "flipped": .integers(drawn.map { $0.isFlipped ? 1 : 0 }, shape: [n]), "erased": boxes(\.erased),
      "crop": boxes { $0.crop ?? whole },
    ]
  }

  /// Of least + (largest − least) u both ends round and every operation; a logarithm by a unit in the last place, and an exponential
  /// by that and by the error of its exponent.
  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let (keys, views, _, _) = try Self.inputs(prompt)
    func ends(_ end: Double, _ u: Double) -> Double {
      RunningError.uniform(RunningError(rounded: -end), RunningError(rounded: end), u).scale
    }
    let values = keys.images.flatMap { image -> [Double] in
      let u = keys.words(of: image)
      let logAspect = RunningError.logarithm(of: views.aspect)
      let stretch = RunningError.uniform(-logAspect, logAspect, u[3])
      return [
        ends(views.rotationDegrees, u[0]), ends(views.shear, u[1]),
        views.zoom == 1...1
          ? 0
          : RunningError.uniform(
            .logarithm(of: views.zoom.lowerBound), .logarithm(of: views.zoom.upperBound), u[2]
          ).exponential.scale,
        views.aspect == 1 ? 0 : RunningError(value: stretch.value / 2, scale: stretch.scale / 2).exponential.scale,
        ends(views.shiftPixels, u[4]), ends(views.shiftPixels, u[5]),
        RunningError.uniform(
          RunningError(rounded: views.contrast.lowerBound), RunningError(rounded: views.contrast.upperBound), u[7]
        ).scale,
        ends(views.brightness, u[8]),
      ]
    }
    return ["numbers": RoundingScale(values: Tensor(shape: [keys.images.count, 8], values: values), terms: 1)]
  }

  /// The real numbers decide nothing.
  func outputs(settledDespite margin: String) -> Set<String> {
    margin == "side" ? ["numbers", "flipped", "erased"] : ["numbers"]
  }

  /// "probability": how near a uniform number comes to the probability that it is compared with; "place": how near a number comes to
  /// the whole number to which it would be cut; "side" as of crop-parameters.
  func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double] { try comparisons(prompt).margins }

  func marginRoundings(_ prompt: Prompt) throws(OracleError) -> [String: Double] { try comparisons(prompt).roundings }

  private func comparisons(_ prompt: Prompt) throws(OracleError) -> Comparisons {
    let (keys, views, height, width) = try Self.inputs(prompt)
    var comparisons = Comparisons()
    for image in keys.images {
      let u = keys.words(of: image)
      comparisons.add(u[6], probability: views.flipProbability)
      comparisons.add(u[9], probability: views.eraseProbability)
      if u[9] < views.eraseProbability {
        let drawn = views.parameters(
          seed: keys.seed, epoch: keys.epoch, image: image, view: keys.view, height: height, width: width)
        let sides = drawn.erased.map { ($0.width, $0.height) } ?? (1, 1)
        let bounds = [views.eraseSides.count, views.eraseSides.count, width - sides.0 + 1, height - sides.1 + 1]
        for (word, bound) in zip(10..., bounds) { comparisons.add(u[word], below: bound) }
      }
      guard let crop = views.crop else { continue }
      var stream = keys.stream(image)
      for _ in 0..<14 { _ = stream.uniform() }
      comparisons.add(CropParametersOperation.comparisons(of: crop, height: height, width: width, from: &stream))
    }
    return comparisons
  }

  static func inputs(
    _ prompt: Prompt
  ) throws(OracleError) -> (keys: ViewKeys, views: Augmentation, height: Int, width: Int) {
    let reader = AugmentationPrompt(prompt: prompt)
    var views = Augmentation()
    (views.rotationDegrees, views.shear) = (try prompt.number(Self.rotation), try prompt.number(Self.shear))
    (views.zoom, views.aspect) = (try prompt.range(Self.zoom), try prompt.number(Self.aspect))
    (views.shiftPixels, views.crop) = (try prompt.number(Self.shift), try reader.randomCrop())
    views.flipProbability = try prompt.number(Self.flipProbability)
    (views.contrast, views.brightness) = (try prompt.range(Self.contrast), try prompt.number(Self.brightness))
    views.eraseProbability = try prompt.number(Self.eraseProbability)
    let sides = try prompt.range(Self.eraseSides)
    guard let least = Int(exactly: sides.lowerBound), let largest = Int(exactly: sides.upperBound) else {
      throw prompt.fault("\"eraseSides\" must hold whole numbers, not \(sides.lowerBound) and \(sides.upperBound)")
    }
    views.eraseSides = least...largest
    let (height, width) = (try prompt.integer(.pictureHeight), try prompt.integer(.pictureWidth))
    return (try reader.keys(), views, height, width)
  }
}
