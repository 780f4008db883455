// The views of the default run, of real numbers: what explicit parameters do to an image.
// Tests    OracleTests/CoverageCasesTests.swift
import Files
import Images
import Kernels
import Networks

/// The operations about grey views.
let greyViewOperations: [any OracleOperation] = [GreyViewOperation(), GreyParametersOperation()]

/// A view of an image of real numbers under explicit parameters.
///
/// Output: y (channels × H × W).
struct GreyViewOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "grey-view"
  let area = "augment"
  let parameters = GreyViewPrompt.parameters
  let inputs: [InputDeclaration] = [
    .real("image", "channels × height × width", "numbers from −1000 to 1000; no axis above 4096")
  ]
  let formula = """
    y(x̂, ŷ) = bilinear image, 0 outside, at box centre + box half-size · (R K D F (x̂, ŷ) + shift), pixel j of W at (2 j + 1)/W − 1;
    y ← contrast y;  y ← y + brightness where y > 0.05;  y ← 0 in the erased box;  y ← (y − mean) / deviation
    """

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let view = try GreyViewPrompt(prompt: prompt)
    let image: Tensor<Scalar> = view.image.converted(to: Scalar.self)
    var values = view.parameters.view(
      of: image.values, channels: view.channels, height: view.height, width: view.width)
    if let standardisation = view.standardisation {
      let area = view.height * view.width
      for i in values.indices {
        let (mean, deviation) = standardisation[i / area]
        values[i] = (values[i] - Scalar(mean)) / Scalar(deviation)
      }
    }
    return ["y": .real(Tensor(shape: image.shape, values: values))]
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let view = try GreyViewPrompt(prompt: prompt)
    return ["y": RoundingScale(values: GreyViewErrors(view).scale, terms: 1)]
  }

  /// "threshold": how near a pixel comes to 0.05, above which the brightness is added; none where that is 0.
  func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double] { try comparisons(prompt).margins }

  func marginRoundings(_ prompt: Prompt) throws(OracleError) -> [String: Double] { try comparisons(prompt).roundings }

  private func comparisons(_ prompt: Prompt) throws(OracleError) -> Comparisons {
    let view = try GreyViewPrompt(prompt: prompt)
    var comparisons = Comparisons()
    guard view.parameters.brightness != 0 else { return comparisons }
    let before = view.beforeBrightness
    let values = before.parameters.view(
      of: view.image.values, channels: view.channels, height: view.height, width: view.width)
    let threshold = Augmentation.brightnessThreshold
    for (value, scale) in zip(values, GreyViewErrors(before).scale.values) {
      comparisons.add("threshold", abs(value - threshold) / threshold, scale: scale / threshold + 1)
    }
    return comparisons
  }
}

/// The image and the parameters of a prompt about one grey view, checked.
struct GreyViewPrompt {
  private static let rotation = ParameterDeclaration.number(
    "rotationDegrees", .within(-180...180), default: 0, "the angle of R, which turns the places that are sampled")
  private static let shear = ParameterDeclaration.number(
    "shear", .within(-1...1), default: 0, "of K, which adds so many times y to x")
  private static let zoom = ParameterDeclaration.number(
    "zoom", .within(0.1...10), default: 1, "z of D = diag(1/(z r), r/z); above 1 enlarges")
  private static let stretch = ParameterDeclaration.number(
    "stretch", .within(0.5...2), default: 1, "r of D; above 1 is wider and lower")
  private static let shiftX = ParameterDeclaration.number(
    "shiftX", .within(-64...64), default: 0, "in pixels; what is sampled lies so much further right")
  private static let shiftY = ParameterDeclaration.number(
    "shiftY", .within(-64...64), default: 0, "in pixels; what is sampled lies so much further down")
  private static let crop = ParameterDeclaration.box(
    "crop", "left, top, width and height of the box, inside the image"
  ).absent("the whole image")
  private static let flipped = ParameterDeclaration.bool(
    "flipped", default: false, "whether F mirrors left to right")
  private static let contrast = ParameterDeclaration.number(
    "contrast", .within(0...4), default: 1, "multiplies every pixel")
  private static let brightness = ParameterDeclaration.number(
    "brightness", .within(-1...1), default: 0, "added to what is above 0.05 after the contrast")
  private static let erased = ParameterDeclaration.box(
    "erased", "left, top, width and height of the box that is set to 0, inside the image"
  ).absent("nothing is erased")
  private static let mean = ParameterDeclaration.numbers(
    "mean", .means, count: AugmentationPrompt.sides, "of each channel; given with deviation"
  ).absent("not standardised")
  private static let deviation = ParameterDeclaration.numbers(
    "deviation", .deviations, count: AugmentationPrompt.sides, "of each channel; given with mean"
  ).absent("not standardised")
  static let parameters = [
    rotation, shear, zoom, stretch, shiftX, shiftY, crop, flipped, contrast, brightness, erased, mean, deviation,
  ]

  let image: Tensor<Double>
  var parameters: ViewParameters
  var standardisation: [(mean: Double, deviation: Double)]?
  var channels: Int { image.shape[0] }
  var height: Int { image.shape[1] }
  var width: Int { image.shape[2] }

  /// The view up to its contrast.
  var beforeBrightness: Self {
    var view = self
    (view.parameters.brightness, view.parameters.erased, view.standardisation) = (0, nil, nil)
    return view
  }

  init(prompt: Prompt) throws(OracleError) {
    let reader = AugmentationPrompt(prompt: prompt)
    let image: Tensor<Double> = try prompt.tensor("image")
    guard image.shape.count == 3, image.shape.allSatisfy({ AugmentationPrompt.sides.contains($0) }) else {
      throw prompt.fault(
        "\"image\" must be channels × height × width of 1 to \(AugmentationPrompt.sides.upperBound), not "
          + "(\(image.shape.inWords))")
    }
    if let index = image.values.firstIndex(where: { !(-1000...1000).contains($0) }) {
      throw prompt.fault(
        "\"image\" must hold numbers from −1000 to 1000, but its element \(index) is \(image.values[index])")
    }
    func box(_ declaration: ParameterDeclaration) throws(OracleError) -> ViewParameters.Box? {
      try reader.box(declaration, height: image.shape[1], width: image.shape[2])
    }
    self.image = image
    parameters = ViewParameters(
      rotationDegrees: try prompt.number(Self.rotation), shear: try prompt.number(Self.shear),
      zoom: try prompt.number(Self.zoom), stretch: try prompt.number(Self.stretch),
      shiftX: try prompt.number(Self.shiftX), shiftY: try prompt.number(Self.shiftY), crop: try box(Self.crop),
      isFlipped: try prompt.bool(Self.flipped), contrast: try prompt.number(Self.contrast),
      brightness: try prompt.number(Self.brightness), erased: try box(Self.erased))
    guard prompt.isGiven(Self.mean) || prompt.isGiven(Self.deviation) else {
      standardisation = nil
      return
    }
    let (mean, deviation) = (try prompt.numbers(Self.mean), try prompt.numbers(Self.deviation))
    guard mean.count == image.shape[0], deviation.count == mean.count else {
      throw prompt.fault(
        "\"mean\" and \"deviation\" must hold a number for each of \(image.shape[0]) channels, not \(mean.count) and "
          + "\(deviation.count)")
    }
    standardisation = Array(zip(mean, deviation))
  }
}
