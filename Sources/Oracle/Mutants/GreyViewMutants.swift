// Wrong grey views: maps that turn, stretch or sample otherwise, photometry in another order.
// Tests    OracleTests/MutantsTests.swift
import Files
import Images
import Kernels
import Networks

private let operation = "grey-view"

/// A view as a program with one deviation draws it.
private func variation(
  _ mistake: Mistake, _ change: @escaping @Sendable (inout TextbookGreyView) -> Void
) -> Mutation {
  Mutation(mistake, operation) { question in
    var view = try TextbookGreyView(question.prompt)
    change(&view)
    return view.answer
  }
}

/// A view of another finish.
private func finish(
  _ mistake: Mistake, _ change: @escaping @Sendable (TextbookGreyView) -> Tensor<Double>?
) -> Mutation {
  Mutation(mistake, operation) { question in
    change(try TextbookGreyView(question.prompt)).map { ["y": .real($0)] }
  }
}

/// A number that is taken for another.
private func number(
  _ mistake: Mistake, _ parameter: String, _ change: @escaping @Sendable (Double, Prompt) -> Double
) -> Mutation {
  .asking(mistake, operation) { prompt in
    guard prompt.parameters[parameter] != nil else { return false }
    prompt.parameters[parameter] = .number(change(try prompt.number(parameter), prompt))
    return true
  }
}

/// The map with one of its parts changed: half sizes, centre, turn and shear, scales, mirror, shift.
private struct Parts {
  var (halfX, halfY, centreX, centreY) = (1.0, 1.0, 0.0, 0.0)
  /// R K, row by row.
  var turn: [Double]
  var (scaleX, scaleY, mirror) = (1.0, 1.0, 1.0)
  var (shiftX, shiftY) = (0.0, 0.0)

  init(_ view: GreyViewPrompt) {
    let (p, width, height) = (view.parameters, Double(view.width), Double(view.height))
    let m = ViewParameters(rotationDegrees: p.rotationDegrees, shear: p.shear).matrix(height: 1, width: 1)
    turn = [m[0], m[1], m[3], m[4]]
    (scaleX, scaleY, mirror) = (1 / (p.zoom * p.stretch), p.stretch / p.zoom, p.isFlipped ? -1 : 1)
    (shiftX, shiftY) = (2 * p.shiftX / width, 2 * p.shiftY / height)
    guard let box = p.crop else { return }
    (halfX, halfY) = (Double(box.width) / width, Double(box.height) / height)
    (centreX, centreY) = (
      (2 * Double(box.left) + Double(box.width)) / width - 1, (2 * Double(box.top) + Double(box.height)) / height - 1
    )
  }

  var matrix: [Double] {
    [
      halfX * turn[0] * scaleX * mirror, halfX * turn[1] * scaleY, centreX + halfX * shiftX,
      halfY * turn[2] * scaleX * mirror, halfY * turn[3] * scaleY, centreY + halfY * shiftY,
    ]
  }
}

private func parts(
  _ mistake: Mistake, _ change: @escaping @Sendable (inout Parts, GreyViewPrompt) -> Void
) -> Mutation {
  variation(mistake) { view in
    var parts = Parts(view.view)
    change(&parts, view.view)
    view.matrix = parts.matrix
  }
}

/// The rotation alone and the shear alone.
private func turnAndShear(_ p: ViewParameters) -> (turn: [Double], shear: Double) {
  let m = ViewParameters(rotationDegrees: p.rotationDegrees).matrix(height: 1, width: 1)
  return ([m[0], m[1], m[3], m[4]], p.shear)
}

let greyViewMutations: [Mutation] = [
  number(
    Mistake("grey.turned-backward", "turned the other way", right: "places turn from x (right) to y (down)"),
    "rotationDegrees"
  ) { x, _ in -x },
  number(Mistake("grey.radians", "degrees taken for radians", right: "rotations are in degrees"), "rotationDegrees") {
    x, _ in
    (x * 180 / Double.pi).remainder(dividingBy: 360)
  },
  number(
    Mistake("grey.zoom-inverted", "zoom inverted", right: "a zoom above 1 enlarges: places are divided by it"), "zoom"
  ) { x, _ in 1 / x },
  number(Mistake("grey.stretch-inverted", "stretch inverted", right: "x is divided by z r, y by z / r"), "stretch") {
    x, _ in 1 / x
  },
  number(
    Mistake("grey.shifted-backward", "shifted the other way", right: "a positive shiftX samples further right"),
    "shiftX"
  ) { x, _ in -x },
  number(
    Mistake(
      "grey.normalised-shift", "shift in normalised coordinates",
      right: "shifts are in pixels: 2 dx/W in normalised coordinates"), "shiftX"
  ) { x, prompt in
    x * Double(prompt.shape(of: "image").last ?? 1) / 2
  },
  .asking(Mistake("grey.shift-swapped", "x and y swapped", right: "shiftX moves columns, shiftY rows"), operation) {
    prompt in
    let (x, y) = (prompt.parameters["shiftX"], prompt.parameters["shiftY"])
    (prompt.parameters["shiftX"], prompt.parameters["shiftY"]) = (y, x)
    return x != y
  },
  .asking(Mistake("grey.crop-left-out", "the crop left out", right: "the crop's box is what the view shows"), operation)
  { prompt in
    prompt.parameters.removeValue(forKey: "crop") != nil
  },
  .taking(
    Mistake("grey.never-mirrored", "not mirrored", right: "a flipped view samples (−x, y)"), operation, "flipped",
    .bool(false), unless: .bool(false)),
  parts(
    Mistake(
      "grey.pixel-turn", "turned in pixels instead of normalised coordinates",
      right: "the turn is in normalised coordinates, so that oblong images are distorted")
  ) { parts, view in
    let ratio = Double(view.height) / Double(view.width)
    (parts.turn[1], parts.turn[2]) = (parts.turn[1] * ratio, parts.turn[2] / ratio)
  },
  parts(Mistake("grey.shear-of-columns", "sheared along the other axis", right: "the shear adds k times y to x")) {
    parts, view in
    let (r, k) = turnAndShear(view.parameters)
    parts.turn = [r[0] + k * r[1], r[1], r[2] + k * r[3], r[3]]
  },
  parts(
    Mistake(
      "grey.shear-after-turn", "places sheared after the turn", right: "places are sheared first and turned then: R K")
  ) { parts, view in
    let (r, k) = turnAndShear(view.parameters)
    parts.turn = [r[0] + k * r[2], r[1] + k * r[3], r[2], r[3]]
  },
  parts(Mistake("grey.shift-before-turn", "shift before the turn", right: "the shift is added after the turn")) {
    parts, _ in
    let (x, y) = (parts.shiftX, parts.shiftY)
    (parts.shiftX, parts.shiftY) = (parts.turn[0] * x + parts.turn[1] * y, parts.turn[2] * x + parts.turn[3] * y)
  },
  parts(
    Mistake(
      "grey.one-axis-stretch", "stretched in one axis alone",
      right: "the picture is stretched by r in x and by 1/r in y")
  ) { parts, view in
    parts.scaleY = 1 / view.parameters.zoom
  },
  parts(
    Mistake(
      "grey.corner-for-centre", "the crop's corner taken for its centre",
      right: "a crop's centre is (2 left + width)/W − 1")
  ) { parts, view in
    guard let box = view.parameters.crop else { return }
    (parts.centreX, parts.centreY) = (
      2 * Double(box.left) / Double(view.width) - 1, 2 * Double(box.top) / Double(view.height) - 1
    )
  },
  parts(
    Mistake(
      "grey.mirrored-last", "mirrored after all else",
      right: "F is the innermost factor: places are mirrored before they are stretched, sheared and turned")
  ) { parts, _ in
    // −1 before the whole map instead of behind it.
    let mirror = parts.mirror
    parts.mirror = 1
    (parts.turn[0], parts.turn[1]) = (mirror * parts.turn[0], mirror * parts.turn[1])
    parts.shiftX *= mirror
  },
  variation(Mistake("grey.nearest-pixel", "the nearest pixel", right: "sampling is bilinear")) { $0.isNearest = true },
  variation(
    Mistake(
      "grey.corners-aligned", "the corners' pixels at −1 and 1",
      right: "−1 and 1 are the picture's edges: align_corners=False")
  ) { $0.alignsCorners = true },
  variation(Mistake("grey.repeated-border", "the border repeated outside", right: "zeros lie outside the image")) {
    $0.outside = .repeated
  },
  variation(Mistake("grey.mirrored-border", "the border mirrored outside", right: "zeros lie outside the image")) {
    $0.outside = .mirrored
  },
  variation(
    Mistake(
      "grey.bright-black", "brightness added to black",
      right: "brightness is added where a pixel is above 0.05 after the contrast")
  ) {
    $0.photometry = { x, p, _ in x * p.contrast + p.brightness }
  },
  variation(Mistake("grey.brightness-first", "brightness before contrast", right: "contrast comes before brightness")) {
    $0.photometry = { x, p, _ in
      (x > Augmentation.brightnessThreshold ? x + p.brightness : x) * p.contrast
    }
  },
  variation(Mistake("grey.clamped", "cut to 0…1", right: "nothing is cut to 0…1")) { view in
    let right = view.photometry
    view.photometry = { min(1, max(0, right($0, $1, $2))) }
  },
  variation(
    Mistake("grey.contrast-about-mean", "contrast about the mean", right: "contrast multiplies the pixel itself")
  ) {
    $0.photometry = { x, p, mean in
      let value = mean + p.contrast * (x - mean)
      return value > Augmentation.brightnessThreshold ? value + p.brightness : value
    }
  },
  finish(
    Mistake(
      "grey.erased-to-mean", "erased to 0 after standardisation",
      right: "the box becomes black, 0 before standardisation")
  ) { view in
    let right = view.finished(view.warped())
    return right.mapped { i, x in view.isErased(i) ? 0 : x }
  },
  finish(Mistake("grey.erased-first", "erased before the warp", right: "the box is erased from the finished view")) {
    view in
    view.finished(view.warped(view.view.image.mapped { i, x in view.isErased(i) ? 0 : x }), erases: false)
  },
  finish(
    Mistake(
      "grey.standardised-first", "standardised before the view",
      right: "the view is made of pixels of 0…1 and standardised at the end")
  ) { view in
    guard view.view.standardisation != nil else { return nil }
    let (warped, p) = (view.warped(view.standardised(view.view.image)), view.view.parameters)
    return warped.mapped { i, x in view.isErased(i) ? 0 : view.photometry(x, p, 0) }
  },
  .asking(
    Mistake("grey.one-mean", "one mean for all channels", right: "every channel has its own mean and deviation"),
    operation
  ) { prompt in
    for name in ["mean", "deviation"] where prompt.parameters[name] != nil {
      let numbers = try prompt.numbers(name)
      prompt.parameters[name] = .array(numbers.map { _ in .number(numbers[0]) })
    }
    return true
  },
  .asking(
    Mistake(
      "grey.first-channel", "every channel that of the first",
      right: "every channel is warped by the same map, each with its own pixels"), operation
  ) { prompt in
    let image: Tensor<Double> = try prompt.tensor("image")
    let area = image.columns
    prompt.inputs["image"] = .real(image.mapped { i, _ in image.values[i % area] })
    return true
  },
  .asking(Mistake("grey.erased-sides-swapped", "width and height swapped"), operation) { prompt in
    guard prompt.parameters["erased"] != nil else { return false }
    let box = try prompt.numbers("erased").map { Int($0) }
    prompt.parameters["erased"] = .array([box[0], box[1], box[3], box[2]].map { .integer($0) })
    return true
  },
]
