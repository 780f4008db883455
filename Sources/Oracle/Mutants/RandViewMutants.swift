// Wrong views of RandAugment and wrong draws of them: orders, cutouts, words.
// Tests    OracleTests/MutantsTests.swift
import Files
import Images
import Kernels
import Networks

private let (view, draws) = ("rand-view", "rand-parameters")

/// A view of other parameters.
private func viewing(
  _ mistake: Mistake, _ change: @escaping @Sendable (inout RandViewParameters) -> Void
) -> Mutation {
  Mutation(mistake, view) { question in
    var (parameters, image, mean, deviation) = try RandViewOperation.inputs(question.prompt)
    change(&parameters)
    let values: [Double] = parameters.normalisedView(of: image, mean: mean, standardDeviation: deviation)
    return answer(parameters.view(of: image), values)
  }
}

/// A view whose bytes are changed at the end, its normalised numbers with them.
private func bytes(
  _ mistake: Mistake,
  _ change: @escaping @Sendable (ColourImage, RandViewParameters, ColourImage) -> [UInt8]?
) -> Mutation {
  Mutation(mistake, view) { question in
    let (parameters, image, mean, deviation) = try RandViewOperation.inputs(question.prompt)
    guard let pixels = change(parameters.view(of: image), parameters, image) else { return nil }
    let wrong = ColourImage(height: image.height, width: image.width, pixels: pixels)
    let values: [Double] = wrong.normalised(mean: mean, standardDeviation: deviation)
    return answer(wrong, values)
  }
}

private func answer(_ image: ColourImage, _ normalised: [Double]) -> [String: TensorValue] {
  [
    "y": image.tensor,
    "normalised": .real(Tensor<Double>(shape: [3, image.height, image.width], values: normalised)),
  ]
}

/// A picture with a byte in every place of a view's cutout.
private func filled(_ image: ColourImage, _ box: ViewParameters.Box, _ byte: UInt8) -> [UInt8] {
  image.pixels.enumerated().map { i, x in
    let (row, column) = (i / image.width % image.height, i % image.width)
    let isInside =
      (box.left..<box.left + box.width).contains(column) && (box.top..<box.top + box.height).contains(row)
    return isInside ? byte : x
  }
}

/// What other changes draw.
private func drawing(
  _ mistake: Mistake, _ change: @escaping @Sendable (inout RandChanges) -> Void
) -> Mutation {
  Mutation(mistake, draws) { question in
    let (keys, views, height, width) = try RandParametersOperation.inputs(question.prompt)
    var changes = RandChanges()
    change(&changes)
    let (n, count) = (keys.images.count, views.operationCount)
    let operations = keys.images.map {
      RandDraw(views, keys, image: $0, height: height, width: width, changes: changes).operations
    }
    return [
      "kinds": .integers(
        operations.flatMap { list in (0..<count).map { $0 < list.count ? list[$0].kind.number : -1 } },
        shape: [n, count]),
      "values": .real(
        Tensor<Double>(
          shape: [n, count],
          values: operations.flatMap { list in (0..<count).map { $0 < list.count ? list[$0].value : 0 } })),
    ]
  }
}

/// The cutouts, four numbers each, changed one by one.
private func cutouts(
  _ mistake: Mistake, _ variant: RandAugmentation.Variant,
  _ change: @escaping @Sendable (_ box: [Int], _ words: [Double], _ views: RandAugmentation, _ sides: [Int]) -> [Int]
) -> Mutation {
  Mutation(mistake, draws) { question in
    guard case .integers(let right, let shape)? = question.right["cutout"] else { return nil }
    let (keys, views, height, width) = try RandParametersOperation.inputs(question.prompt)
    guard views.variant == variant, views.cutoutSide > 0 else { return nil }
    let boxes = keys.images.enumerated().flatMap { index, image in
      change(
        Array(right[4 * index..<4 * index + 4]), keys.words(of: image), views, [width, height])
    }
    return ["cutout": .integers(boxes, shape: shape)]
  }
}

let randViewMutations: [Mutation] = [
  viewing(
    Mistake(
      "rand.reversed-operations", "operations in reverse",
      right: "operations are done in the order in which they are drawn")
  ) { $0.operations.reverse() },
  viewing(Mistake("rand.one-operation", "one operation only", right: "all operations are done, one after another")) {
    $0.operations = Array($0.operations.prefix(1))
  },
  viewing(
    Mistake(
      "rand.fixed-order", "operations in a fixed order",
      right: "operations are done in the order in which they are drawn")
  ) {
    $0.operations.sort { $0.kind.rawValue < $1.kind.rawValue }
  },
  viewing(Mistake("rand.never-mirrored", "not mirrored", right: "a flipped view is mirrored left to right")) {
    $0.isFlipped = false
  },
  viewing(Mistake("rand.grey-for-mean", "a grey cutout", right: "a cutout of the mean leaves the bytes")) {
    $0.cutout?.fill = .grey
  },
  viewing(Mistake("rand.mean-for-grey", "a cutout of the mean colour", right: "a grey cutout sets bytes to 127")) {
    $0.cutout?.fill = .mean
  },
  viewing(Mistake("rand.short-cutout", "the cutout one pixel short", right: "a cutout has its whole width and height"))
  { parameters in
    guard var box = parameters.cutout?.box, let fill = parameters.cutout?.fill else { return }
    (box.width, box.height) = (max(0, box.width - 1), max(0, box.height - 1))
    parameters.cutout = .init(box: box, fill: fill)
  },
  Mutation(
    Mistake("rand.cutout-sides-swapped", "width and height swapped", right: "a cutout is left, top, width, height"),
    view
  ) { question in
    try question.altered { prompt in
      let box = try prompt.numbers("cutout").map { Int($0) }
      prompt.parameters["cutout"] = .array([box[0], box[1], box[3], box[2]].map { .integer($0) })
    }
  },
  .asking(
    Mistake(
      "rand.crop-left-out", "the crop left out", right: "the crop is resized to the picture's size before all else"),
    view
  ) { prompt in
    let names = ["left", "top", "width", "height"]
    return names.reduce(false) { prompt.parameters.removeValue(forKey: $1) != nil || $0 }
  },
  bytes(Mistake("rand.mirrored-last", "mirrored after the operations", right: "the mirror comes before the operations"))
  { _, parameters, image in
    guard parameters.isFlipped, !parameters.operations.isEmpty else { return nil }
    var unflipped = parameters
    (unflipped.isFlipped, unflipped.cutout) = (false, nil)
    let last = unflipped.view(of: image).flipped()
    return parameters.cutout.map { filled(last, $0.box, $0.fill == .grey ? 127 : 0) } ?? last.pixels
  },
  bytes(Mistake("rand.cutout-first", "cutout before the operations", right: "the cutout comes last")) {
    _, parameters, image in
    guard let cutout = parameters.cutout, cutout.fill == .grey, !parameters.operations.isEmpty else { return nil }
    var first = parameters
    first.operations = []
    return parameters.operations.reduce(first.view(of: image)) { $1.applied(to: $0) }.pixels
  },
  bytes(Mistake("rand.black-cutout", "a black cutout", right: "a cutout is grey, 127, or 0 after normalisation")) {
    right, parameters, _ in
    parameters.cutout.map { filled(right, $0.box, 0) }
  },
  bytes(Mistake("rand.cutout-of-128", "a cutout of 128", right: "a grey cutout is 127")) { right, parameters, _ in
    parameters.cutout.flatMap { $0.fill == .grey ? filled(right, $0.box, 128) : nil }
  },
  Mutation(
    Mistake(
      "rand.emptied-bytes", "bytes emptied where normalised numbers are",
      right: "a cutout of the mean leaves the bytes and sets normalised numbers to 0"), view
  ) { question in
    let (parameters, image, _, _) = try RandViewOperation.inputs(question.prompt)
    guard let cutout = parameters.cutout, cutout.fill == .mean else { return nil }
    let right = parameters.view(of: image)
    return [
      "y": .bytes(filled(right, cutout.box, 0), shape: [3, image.height, image.width])
    ]
  },
  drawing(
    Mistake("rand.repeated-operations", "operations with repetition", right: "RUC draws each operation once at most")
  ) { $0.repeats = true },
  drawing(
    Mistake(
      "rand.unsigned", "magnitudes without a sign", right: "the sign of a rotation, shear or translation is drawn")
  ) { $0.isUnsigned = true },
  drawing(
    Mistake(
      "rand.sign-of-the-other-half", "the sign turned the other way", right: "the sign is negative where u is below ½")
  ) { $0.turnsSign = true },
  drawing(
    Mistake(
      "rand.skipped-words", "words skipped where an operation is not done",
      right: "every operation takes four words whether it is done or not")
  ) { $0.skipsWords = true },
  drawing(
    Mistake("rand.all-done", "every operation done", right: "an operation is done where u is below the probability")
  ) { $0.doesAll = true },
  .taking(
    Mistake("rand.one-stream", "both views from one stream", right: "the view is the second word of the counter"),
    draws, "view", .integer(0), unless: .integer(0)),
  cutouts(
    Mistake(
      "rand.exclusive-cutout", "the cutout's side one pixel short",
      right: "RUC's rectangle is drawn with its last column and row: side + 1 pixels"), .ruc
  ) { box, _, views, sides in
    [
      box[0], box[1], min(sides[0], box[0] + views.cutoutSide) - box[0],
      min(sides[1], box[1] + views.cutoutSide) - box[1],
    ]
  },
  cutouts(
    Mistake(
      "rand.cutout-outside", "the cutout's corner not cut at the border",
      right: "the corner is cut at 0 before the side is counted from it"), .ruc
  ) { _, u, views, sides in
    let half = Double(views.cutoutSide) / 2
    return [
      Int((u[24] * Double(sides[0]) - half).rounded(.down)), Int((u[25] * Double(sides[1]) - half).rounded(.down)),
      views.cutoutSide + 1, views.cutoutSide + 1,
    ]
  },
  cutouts(Mistake("rand.fixed-cutout", "the cutout's side fixed", right: "SCAN's side is 1 + ⌊u · largest⌋"), .scan) {
    _, u, views, sides in
    let half = views.cutoutSide / 2
    let centre = [Int(u[24] * Double(sides[0])), Int(u[25] * Double(sides[1]))]
    let starts = centre.map { max(0, $0 - half) }
    return starts + (0..<2).map { min(sides[$0], centre[$0] + half) - starts[$0] }
  },
  cutouts(
    Mistake(
      "rand.centre-for-corner", "the cutout's centre taken for its corner",
      right: "SCAN's cutout reaches half a side to both sides of its centre"), .scan
  ) { box, u, _, sides in
    [Int(u[24] * Double(sides[0])), Int(u[25] * Double(sides[1])), box[2], box[3]]
  },
  cutouts(
    Mistake("rand.cutout-corner-swapped", "left and top swapped", right: "word 24 is x and 25 is y of the cutout"),
    .scan
  ) { box, _, _, _ in
    [box[1], box[0], box[3], box[2]]
  },
  .asking(
    Mistake(
      "rand.other-side", "translations by the other side",
      right: "translateX is a share of the width, translateY of the height"), draws
  ) { prompt in
    let (height, width) = (prompt.parameters["height"], prompt.parameters["width"])
    (prompt.parameters["height"], prompt.parameters["width"]) = (width, height)
    return height != width
  },
]
