// Wrong grey views: maps that turn, stretch or sample otherwise, photometry in another order.
// Tests    OracleTests/MutantsTests.swift
import Files
import Images
import Kernels
import Networks

private let operation = "grey-view"

/// A view by a program of other variant.
private func variation(
  _ name: String, _ mistake: String, _ change: @escaping @Sendable (inout TextbookGreyView) -> Void
) -> Mutation {
  Mutation(name, mistake, operation) { question in
    var view = try TextbookGreyView(question.prompt)
    change(&view)
    return view.answer
  }
}

/// A view of another finish.
private func finish(
  _ name: String, _ mistake: String, _ change: @escaping @Sendable (TextbookGreyView) -> Tensor<Double>?
) -> Mutation {
  Mutation(name, mistake, operation) { question in
    change(try TextbookGreyView(question.prompt)).map { ["y": .real($0)] }
  }
}

/// A number that is taken for another.
private func number(
  _ name: String, _ mistake: String, _ parameter: String, _ change: @escaping @Sendable (Double, Prompt) -> Double
) -> Mutation {
  .asking(name, mistake, operation) { prompt in
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
  _ name: String, _ mistake: String, _ change: @escaping @Sendable (inout Parts, GreyViewPrompt) -> Void
) -> Mutation {
  variation(name, mistake) { view in
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
  number("grey.turned-backward", "turned the other way", "rotationDegrees") { x, _ in -x },
  number("grey.radians", "degrees taken for radians", "rotationDegrees") { x, _ in
    (x * 180 / Double.pi).remainder(dividingBy: 360)
  },
  number("grey.zoom-inverted", "zoom inverted", "zoom") { x, _ in 1 / x },
  number("grey.stretch-inverted", "stretch inverted", "stretch") { x, _ in 1 / x },
  number("grey.shifted-backward", "shifted the other way", "shiftX") { x, _ in -x },
  number("grey.normalised-shift", "shift in normalised coordinates", "shiftX") { x, prompt in
    x * Double(prompt.shape(of: "image").last ?? 1) / 2
  },
  .asking("grey.shift-swapped", "x and y swapped", operation) { prompt in
    let (x, y) = (prompt.parameters["shiftX"], prompt.parameters["shiftY"])
    (prompt.parameters["shiftX"], prompt.parameters["shiftY"]) = (y, x)
    return x != y
  },
  .asking("grey.crop-left-out", "the crop left out", operation) { prompt in
    prompt.parameters.removeValue(forKey: "crop") != nil
  },
  .taking("grey.never-mirrored", "not mirrored", operation, "flipped", .bool(false), unless: .bool(false)),
  parts("grey.pixel-turn", "turned in pixels instead of normalised coordinates") { parts, view in
    let ratio = Double(view.height) / Double(view.width)
    (parts.turn[1], parts.turn[2]) = (parts.turn[1] * ratio, parts.turn[2] / ratio)
  },
  parts("grey.shear-of-columns", "sheared along the other axis") { parts, view in
    let (r, k) = turnAndShear(view.parameters)
    parts.turn = [r[0] + k * r[1], r[1], r[2] + k * r[3], r[3]]
  },
  parts("grey.shear-after-turn", "places sheared after the turn") { parts, view in
    let (r, k) = turnAndShear(view.parameters)
    parts.turn = [r[0] + k * r[2], r[1] + k * r[3], r[2], r[3]]
  },
  parts("grey.shift-before-turn", "shift before the turn") { parts, _ in
    let (x, y) = (parts.shiftX, parts.shiftY)
    (parts.shiftX, parts.shiftY) = (parts.turn[0] * x + parts.turn[1] * y, parts.turn[2] * x + parts.turn[3] * y)
  },
  parts("grey.one-axis-stretch", "stretched in one axis alone") { parts, view in
    parts.scaleY = 1 / view.parameters.zoom
  },
  parts("grey.corner-for-centre", "the crop's corner taken for its centre") { parts, view in
    guard let box = view.parameters.crop else { return }
    (parts.centreX, parts.centreY) = (
      2 * Double(box.left) / Double(view.width) - 1, 2 * Double(box.top) / Double(view.height) - 1
    )
  },
  parts("grey.mirrored-last", "mirrored after all else") { parts, _ in
    // −1 before the whole map instead of behind it.
    let mirror = parts.mirror
    parts.mirror = 1
    (parts.turn[0], parts.turn[1]) = (mirror * parts.turn[0], mirror * parts.turn[1])
    parts.shiftX *= mirror
  },
  variation("grey.nearest-pixel", "the nearest pixel") { $0.isNearest = true },
  variation("grey.corners-aligned", "the corners' pixels at −1 and 1") { $0.alignsCorners = true },
  variation("grey.repeated-border", "the border repeated outside") { $0.outside = .repeated },
  variation("grey.mirrored-border", "the border mirrored outside") { $0.outside = .mirrored },
  variation("grey.bright-black", "brightness added to black") {
    $0.photometry = { x, p, _ in x * p.contrast + p.brightness }
  },
  variation("grey.brightness-first", "brightness before contrast") {
    $0.photometry = { x, p, _ in
      (x > Augmentation.brightnessThreshold ? x + p.brightness : x) * p.contrast
    }
  },
  variation("grey.clamped", "cut to 0…1") { view in
    let right = view.photometry
    view.photometry = { min(1, max(0, right($0, $1, $2))) }
  },
  variation("grey.contrast-about-mean", "contrast about the mean") {
    $0.photometry = { x, p, mean in
      let value = mean + p.contrast * (x - mean)
      return value > Augmentation.brightnessThreshold ? value + p.brightness : value
    }
  },
  finish("grey.erased-to-mean", "erased to 0 after standardisation") { view in
    let right = view.finished(view.warped())
    return right.mapped { i, x in view.isErased(i) ? 0 : x }
  },
  finish("grey.erased-first", "erased before the warp") { view in
    view.finished(view.warped(view.view.image.mapped { i, x in view.isErased(i) ? 0 : x }), erases: false)
  },
  finish("grey.standardised-first", "standardised before the view") { view in
    guard view.view.standardisation != nil else { return nil }
    let (warped, p) = (view.warped(view.standardised(view.view.image)), view.view.parameters)
    return warped.mapped { i, x in view.isErased(i) ? 0 : view.photometry(x, p, 0) }
  },
  .asking("grey.one-mean", "one mean for all channels", operation) { prompt in
    for name in ["mean", "deviation"] where prompt.parameters[name] != nil {
      let numbers = try prompt.numbers(name)
      prompt.parameters[name] = .array(numbers.map { _ in .number(numbers[0]) })
    }
    return true
  },
  .asking("grey.first-channel", "every channel that of the first", operation) { prompt in
    let image: Tensor<Double> = try prompt.tensor("image")
    let area = image.columns
    prompt.inputs["image"] = .real(image.mapped { i, _ in image.values[i % area] })
    return true
  },
  .asking("grey.erased-sides-swapped", "width and height swapped", operation) { prompt in
    guard prompt.parameters["erased"] != nil else { return false }
    let box = try prompt.numbers("erased").map { Int($0) }
    prompt.parameters["erased"] = .array([box[0], box[1], box[3], box[2]].map { .integer($0) })
    return true
  },
]
