// Wrong draws of grey views: other words, other distributions.
// Tests    OracleTests/MutantsTests.swift
import Files
import Images
import Kernels
import Networks

private let operation = "grey-parameters"

/// One output recomputed from the 36 words of every image, row by row.
private func redrawn(
  _ mistake: Mistake, _ output: String,
  _ row:
    @escaping @Sendable (_ words: [Double], _ views: Augmentation, _ height: Int, _ width: Int, _ right: [Int])
    throws -> [Int]?
) -> Mutation {
  Mutation(mistake, operation) { question in
    guard case .integers(let right, let shape)? = question.right[output] else { return nil }
    let (keys, views, height, width) = try GreyParametersOperation.inputs(question.prompt)
    var rows: [Int] = []
    for (index, image) in keys.images.enumerated() {
      let columns = right.count / keys.images.count
      let old = Array(right[index * columns..<(index + 1) * columns])
      rows += try row(keys.words(of: image), views, height, width, old) ?? old
    }
    return [output: .integers(rows, shape: shape)]
  }
}

/// One of the eight numbers recomputed from the words.
private func renumbered(
  _ mistake: Mistake, _ column: Int, _ value: @escaping @Sendable ([Double], Augmentation) -> Double
) -> Mutation {
  Mutation(mistake, operation) { question in
    let (keys, views, _, _) = try GreyParametersOperation.inputs(question.prompt)
    return try question.changed("numbers") { i, x in
      i % 8 == column ? value(keys.words(of: keys.images[i / 8]), views) : x
    }
  }
}

/// The first box of ten tries that fits, from 22 words.
private func box(_ u: ArraySlice<Double>, _ crop: Augmentation.Crop, _ height: Int, _ width: Int) -> [Int] {
  let u = Array(u)
  func between(_ range: ClosedRange<Double>, _ u: Double) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * u
  }
  for t in 0..<10 {
    let part = between(crop.area, u[2 * t]) * Double(height * width)
    let r = Double.exp(between(Double.log(crop.ratio.lowerBound)...Double.log(crop.ratio.upperBound), u[2 * t + 1]))
    let (w, h) = (Int((part * r).squareRoot().rounded()), Int((part / r).squareRoot().rounded()))
    if (1...width).contains(w) && (1...height).contains(h) {
      return [Int(u[20] * Double(width - w + 1)), Int(u[21] * Double(height - h + 1)), w, h]
    }
  }
  return [0, 0, width, height]
}

let greyDrawMutations: [Mutation] = [
  renumbered(Mistake("grey.linear-zoom", "zoom drawn linearly", right: "the zoom is log-uniform"), 2) { u, views in
    views.zoom.lowerBound + (views.zoom.upperBound - views.zoom.lowerBound) * u[2]
  },
  renumbered(
    Mistake("grey.whole-stretch", "the stretch not halved in the exponent", right: "r = exp(U(−ln a, ln a)/2)"), 3
  ) { u, views in
    Double.exp(Double.log(views.aspect) * (2 * u[3] - 1))
  },
  renumbered(
    Mistake(
      "grey.positive-rotation", "ranges from 0 instead of both ways", right: "a rotation is uniform in ± its range"), 0
  ) { u, views in
    views.rotationDegrees * u[0]
  },
  renumbered(
    Mistake("grey.one-shift", "both shifts from one word", right: "word 4 is the shift in x, word 5 that in y"), 5
  ) { u, views in views.shiftPixels * (2 * u[4] - 1) },
  .taking(
    Mistake("grey.one-stream", "both views from one stream", right: "the view is the second word of the counter"),
    operation, "view", .integer(0), unless: .integer(0)),
  .taking(
    Mistake("grey.epoch-ignored", "the same views in every epoch", right: "the epoch is the last word of the counter"),
    operation, "epoch", .integer(3), unless: .integer(0)),
  redrawn(
    Mistake("grey.crop-first", "the crop drawn first", right: "the crop's words come last, from word 14 on"), "crop"
  ) { u, views, height, width, _ in
    views.crop.map { box(u[0..<22], $0, height, width) }
  },
  redrawn(
    Mistake(
      "grey.words-skipped", "words skipped where nothing is erased",
      right: "every word has its place whether it is used or not"), "crop"
  ) { u, views, height, width, _ in
    u[9] < views.eraseProbability ? nil : views.crop.map { box(u[10..<32], $0, height, width) }
  },
  redrawn(
    Mistake(
      "grey.long-boxes", "erased sides longer than the image kept",
      right: "an erased side longer than the image's is shortened before the corner is drawn"), "erased"
  ) { u, views, height, width, right in
    guard right[2] > 0 else { return nil }
    let sides = [u[10], u[11]].map { views.eraseSides.lowerBound + Int($0 * Double(views.eraseSides.count)) }
    return [right[0], right[1], sides[0], sides[1]]
  },
  redrawn(
    Mistake(
      "grey.erased-sides-swapped", "width and height of the erased box swapped",
      right: "word 10 is the box's width, word 11 its height"), "erased"
  ) { _, _, _, _, right in
    [right[0], right[1], right[3], right[2]]
  },
  redrawn(
    Mistake(
      "grey.always-erased", "erased whatever the probability",
      right: "a box is erased only where u is below eraseProbability"), "erased"
  ) { u, views, height, width, right in
    guard right[2] == 0 else { return nil }
    let sides = [u[10], u[11]].map { views.eraseSides.lowerBound + Int($0 * Double(views.eraseSides.count)) }
    let (w, h) = (min(width, sides[0]), min(height, sides[1]))
    return [Int(u[12] * Double(width - w + 1)), Int(u[13] * Double(height - h + 1)), w, h]
  },
  redrawn(
    Mistake("grey.flip-of-seventh", "a word too late", right: "word 6 decides the mirror, and 7 is the contrast"),
    "flipped"
  ) { u, views, _, _, _ in
    [u[7] < views.flipProbability ? 1 : 0]
  },
  .asking(
    Mistake(
      "grey.digits-everywhere", "ranges of the digits where none are given",
      right: "a range that is not given is that of the identity"), operation
  ) { prompt in
    guard prompt.parameters["rotationDegrees"] == nil else { return false }
    prompt.parameters["rotationDegrees"] = .number(15)
    return true
  },
]
