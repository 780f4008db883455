// The views of the default run, of real numbers: what explicit parameters do to an image, and how they are drawn.
// Tests    OracleTests/CoverageCasesTests.swift
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
  func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    let view = try GreyViewPrompt(prompt: prompt)
    guard view.parameters.brightness != 0 else { return [:] }
    var before = view.parameters
    (before.brightness, before.erased) = (0, nil)
    let values = before.view(of: view.image.values, channels: view.channels, height: view.height, width: view.width)
    let threshold = Augmentation.brightnessThreshold
    return ["threshold": values.reduce(Double.infinity) { min($0, abs($1 - threshold) / threshold) }]
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
  private static let flipped = ParameterDeclaration.truth(
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
  let parameters: ViewParameters
  let standardisation: [(mean: Double, deviation: Double)]?
  var channels: Int { image.shape[0] }
  var height: Int { image.shape[1] }
  var width: Int { image.shape[2] }

  init(prompt: Prompt) throws(OracleError) {
    let reader = AugmentationPrompt(prompt: prompt)
    let image: Tensor<Double> = try prompt.tensor("image")
    guard image.shape.count == 3, image.shape.allSatisfy({ AugmentationPrompt.sides.contains($0) }) else {
      throw prompt.fault(
        "\"image\" must be channels × height × width of 1 to \(AugmentationPrompt.sides.upperBound), not "
          + "(\(image.shape.inWords))")
    }
    if let place = image.values.firstIndex(where: { !(-1000...1000).contains($0) }) {
      throw prompt.fault(
        "\"image\" must hold numbers from −1000 to 1000, but its number \(place) is \(image.values[place])")
    }
    func box(_ declaration: ParameterDeclaration) throws(OracleError) -> ViewParameters.Box? {
      try reader.box(declaration, height: image.shape[1], width: image.shape[2])
    }
    self.image = image
    parameters = ViewParameters(
      rotationDegrees: try prompt.number(Self.rotation), shear: try prompt.number(Self.shear),
      zoom: try prompt.number(Self.zoom), stretch: try prompt.number(Self.stretch),
      shiftX: try prompt.number(Self.shiftX), shiftY: try prompt.number(Self.shiftY), crop: try box(Self.crop),
      isFlipped: try prompt.truth(Self.flipped), contrast: try prompt.number(Self.contrast),
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

/// Running errors of one view, for programs that work all out in one precision: the place of every pixel by the matrix and
/// normalised coordinates, as PyTorch's affine_grid and grid_sample, or in pixels about the centre, as this package.
///
/// A bilinear image is continuous, so an error of the place moves the value by at most the steepest slope near it.
struct GreyViewErrors {
  private let view: GreyViewPrompt
  private let matrix: [RunningError]

  init(_ view: GreyViewPrompt) {
    self.view = view
    let (p, width, height) = (view.parameters, Double(view.width), Double(view.height))
    let angle = abs(p.rotationDegrees) * Double.pi / 180
    let upright = ViewParameters(rotationDegrees: p.rotationDegrees).matrix(height: 1, width: 1)
    // The angle in radians rounds twice, a sine or cosine by a unit in the last place.
    let cosine = RunningError(value: upright[0], scale: 2 * angle * abs(upright[3]) + 2 * abs(upright[0]))
    let sine = RunningError(value: upright[3], scale: 2 * angle * abs(upright[0]) + 2 * abs(upright[3]))
    let minusSine = RunningError(value: -sine.value, scale: sine.scale)
    func quotient(_ value: Double, _ roundings: Double = 1) -> RunningError {
      RunningError(value: value, scale: roundings * abs(value))
    }
    // z and r are rounded, and so are their product and the quotient.
    let (scaleX, scaleY) = (
      quotient(p.isFlipped ? -1 / (p.zoom * p.stretch) : 1 / (p.zoom * p.stretch), 4), quotient(p.stretch / p.zoom, 3)
    )
    let shear = RunningError(rounded: p.shear)
    let (halfX, halfY) = (
      quotient((p.crop.map { Double($0.width) } ?? width) / width),
      quotient((p.crop.map { Double($0.height) } ?? height) / height)
    )
    func centre(_ box: (Int, Int)?, _ side: Double) -> RunningError {
      box.map { quotient((2 * Double($0.0) + Double($0.1)) / side) + RunningError(exact: -1) } ?? RunningError(exact: 0)
    }
    let (shiftX, shiftY) = (quotient(2 * p.shiftX / width, 2), quotient(2 * p.shiftY / height, 2))
    matrix = [
      halfX * (cosine * scaleX), halfX * ((shear * cosine + minusSine) * scaleY),
      centre(p.crop.map { ($0.left, $0.width) }, width) + halfX * shiftX,
      halfY * (sine * scaleX), halfY * ((shear * sine + cosine) * scaleY),
      centre(p.crop.map { ($0.top, $0.height) }, height) + halfY * shiftY,
    ]
  }

  /// The scale of every value of the view.
  var scale: Tensor<Double> {
    let (p, area) = (view.parameters, view.height * view.width)
    var scales = [Double](repeating: 0, count: view.image.count)
    for place in 0..<area {
      let (row, column) = (place / view.width, place % view.width)
      let (x, y) = (source(0, column, row), source(1, column, row))
      for channel in 0..<view.channels {
        var value = sampled(channel, x, y)
        value = value * RunningError(rounded: p.contrast)
        if value.value > Augmentation.brightnessThreshold { value = value + RunningError(rounded: p.brightness) }
        if let box = p.erased, (box.left..<box.left + box.width).contains(column),
          (box.top..<box.top + box.height).contains(row)
        {
          value = RunningError(exact: 0)
        }
        if let (mean, deviation) = view.standardisation?[channel] {
          value = value + RunningError(rounded: -mean)
          value = value * RunningError(value: 1 / deviation, scale: 1 / deviation)
        }
        scales[channel * area + place] = value.scale
      }
    }
    return Tensor(shape: view.image.shape, values: scales)
  }

  /// One coordinate of the place that a pixel samples, in pixels from the image's first one's centre.
  private func source(_ axis: Int, _ column: Int, _ row: Int) -> RunningError {
    let (width, height) = (Double(view.width), Double(view.height))
    let side = axis == 0 ? width : height
    func centre(_ i: Int, _ n: Double) -> RunningError {
      let value = (2 * Double(i) + 1) / n - 1
      return RunningError(value: value, scale: (2 * Double(i) + 1) / n + abs(value))
    }
    let m = matrix[3 * axis..<3 * axis + 3].map { $0 }
    let normalised = m[0] * centre(column, width) + m[1] * centre(row, height) + m[2]
    // ((x̂ + 1) W − 1) / 2
    let byGrid =
      (normalised + RunningError(exact: 1)) * RunningError(exact: side) + RunningError(exact: -1)
    // The same about the centre: its terms have the matrix's errors, and a few roundings of their own.
    let (fromX, fromY) = (Double(column) - (width - 1) / 2, Double(row) - (height - 1) / 2)
    func step(_ entry: RunningError, _ ratio: Double) -> RunningError {
      entry * RunningError(value: ratio, scale: ratio == 1 ? 0 : ratio)
    }
    let first = step(m[0], axis == 0 ? 1 : height / width) * RunningError(exact: fromX)
    let second = step(m[1], axis == 0 ? width / height : 1) * RunningError(exact: fromY)
    let start = m[2] * RunningError(exact: side / 2) + RunningError(exact: (side - 1) / 2 + 1)
    let byCentre = first + (second + start)
    return RunningError(value: byGrid.value / 2, scale: max(byGrid.scale / 2, byCentre.scale))
  }

  /// The value at a place; a weight rounds once, a product twice, and four products make three sums.
  private func sampled(_ channel: Int, _ x: RunningError, _ y: RunningError) -> RunningError {
    // A little more than a pixel outside no rounding leads back.
    guard (-1.001...Double(view.width) + 0.001).contains(x.value),
      (-1.001...Double(view.height) + 0.001).contains(y.value)
    else { return RunningError(exact: 0) }
    let (column, row) = (Int(x.value.rounded(.down)), Int(y.value.rounded(.down)))
    let (u, v) = (x.value - Double(column), y.value - Double(row))
    func pixel(_ column: Int, _ row: Int) -> Double {
      guard (0..<view.width).contains(column), (0..<view.height).contains(row) else { return 0 }
      return view.image.values[(channel * view.height + row) * view.width + column]
    }
    let corners = [
      (pixel(column, row), (1 - u) * (1 - v)), (pixel(column + 1, row), u * (1 - v)),
      (pixel(column, row + 1), (1 - u) * v), (pixel(column + 1, row + 1), u * v),
    ]
    let value = corners.reduce(0) { $0 + $1.0 * $1.1 }
    let size = corners.reduce(0) { $0 + abs($1.0) * $1.1 }
    // The slopes of this cell and its neighbours, into which a rounding may lead.
    var (slopeX, slopeY) = (0.0, 0.0)
    for r in row - 1...row + 2 {
      for c in column - 1...column + 2 {
        slopeX = max(slopeX, abs(pixel(c + 1, r) - pixel(c, r)))
        slopeY = max(slopeY, abs(pixel(c, r + 1) - pixel(c, r)))
      }
    }
    return RunningError(value: value, scale: 7 * size + slopeX * (x.scale + 1) + slopeY * (y.scale + 1))
  }
}

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
    .numbers(name, .within(allowed), count: 2...2, summary).defaulting(to: .list([.integer(1), .integer(1)]))
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
    func uniform(_ least: RunningError, _ largest: RunningError, _ u: Double) -> RunningError {
      least + (largest + RunningError(value: -least.value, scale: least.scale)) * RunningError(exact: u)
    }
    func ends(_ end: Double, _ u: Double) -> Double {
      uniform(RunningError(rounded: -end), RunningError(rounded: end), u).scale
    }
    func logarithm(_ x: Double) -> RunningError {
      RunningError(value: Double.log(x), scale: 1 + 2 * abs(Double.log(x)))
    }
    func exponential(_ x: RunningError) -> Double { Double.exp(x.value) * (x.scale + 2) }
    let values = keys.images.flatMap { image -> [Double] in
      let u = Self.words(keys, image)
      let logAspect = logarithm(views.aspect)
      let stretch = uniform(RunningError(value: -logAspect.value, scale: logAspect.scale), logAspect, u[3])
      return [
        ends(views.rotationDegrees, u[0]), ends(views.shear, u[1]),
        views.zoom == 1...1
          ? 0 : exponential(uniform(logarithm(views.zoom.lowerBound), logarithm(views.zoom.upperBound), u[2])),
        views.aspect == 1 ? 0 : exponential(RunningError(value: stretch.value / 2, scale: stretch.scale / 2)),
        ends(views.shiftPixels, u[4]), ends(views.shiftPixels, u[5]),
        uniform(
          RunningError(rounded: views.contrast.lowerBound), RunningError(rounded: views.contrast.upperBound), u[7]
        ).scale,
        ends(views.brightness, u[8]),
      ]
    }
    return ["numbers": RoundingScale(values: Tensor(shape: [keys.images.count, 8], values: values), terms: 1)]
  }

  /// "probability": how near a uniform number comes to the probability that it is compared with; "place": how near a number comes to
  /// the whole number to which it would be cut; "side" as of crop-parameters.
  func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    let (keys, views, height, width) = try Self.inputs(prompt)
    var margins: [String: Double] = [:]
    func add(_ name: String, _ margin: Double) { margins[name] = min(margins[name] ?? .infinity, margin) }
    for image in keys.images {
      let u = Self.words(keys, image)
      for (word, p) in [(6, views.flipProbability), (9, views.eraseProbability)] where 0 < p && p < 1 {
        add("probability", abs(u[word] - p))
      }
      if u[9] < views.eraseProbability {
        let drawn = views.parameters(
          seed: keys.seed, epoch: keys.epoch, image: image, view: keys.view, height: height, width: width)
        let sides = drawn.erased.map { ($0.width, $0.height) } ?? (1, 1)
        let bounds = [views.eraseSides.count, views.eraseSides.count, width - sides.0 + 1, height - sides.1 + 1]
        for (word, bound) in zip(10..., bounds) where bound > 1 {
          add("place", abs(u[word] * Double(bound) - (u[word] * Double(bound)).rounded()))
        }
      }
      guard let crop = views.crop else { continue }
      var stream = RandomStream(
        seed: keys.seed, purpose: .augmentation, epoch: keys.epoch, image: image, view: keys.view)
      for _ in 0..<14 { _ = stream.uniform() }
      add("side", CropParametersOperation.sideMargin(of: crop, height: height, width: width, from: &stream))
    }
    return margins
  }

  typealias Keys = (seed: UInt32, epoch: Int, view: Int, images: [Int])

  /// The 36 uniform numbers of a view.
  static func words(_ keys: Keys, _ image: Int) -> [Double] {
    var stream = RandomStream(
      seed: keys.seed, purpose: .augmentation, epoch: keys.epoch, image: image, view: keys.view)
    return (0..<36).map { _ in stream.uniform() }
  }

  static func inputs(
    _ prompt: Prompt
  ) throws(OracleError) -> (keys: Keys, views: Augmentation, height: Int, width: Int) {
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
