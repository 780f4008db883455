// Wrong random parameters of views: boxes of crops, factors and orders of the jitter.
// Tests    OracleTests/MutantsTests.swift
import Files
import Images
import Kernels
import Networks

/// The boxes of a question, four numbers each, changed one by one.
private func boxes(
  _ mistake: Mistake,
  _ change: @escaping @Sendable (_ box: [Int], _ height: Int, _ width: Int) -> [Int]
) -> Mutation {
  Mutation(mistake, "crop-parameters") { question in
    guard case .integers(let right, let shape)? = question.right["boxes"] else { return nil }
    let (height, width) = (try question.prompt.integer("height"), try question.prompt.integer("width"))
    return [
      "boxes": .integers(
        (0..<shape[0]).flatMap { change(Array(right[4 * $0..<4 * $0 + 4]), height, width) }, shape: shape)
    ]
  }
}

/// Boxes drawn by another rule: the sides of try t from its two uniform numbers; where none fits, the whole picture.
private func drawnBoxes(
  _ mistake: Mistake, countsTries: Bool = true,
  _ sides: @escaping @Sendable (_ part: Double, _ u: Double, _ ratio: ClosedRange<Double>) -> (Double, Double)
) -> Mutation {
  Mutation(mistake, "crop-parameters") { question in
    let reader = AugmentationPrompt(prompt: question.prompt)
    let (keys, area, ratio) = (
      try reader.keys(), try question.prompt.range(CropParametersOperation.part),
      try question.prompt.range(CropParametersOperation.ratio)
    )
    let (height, width) = (try question.prompt.integer("height"), try question.prompt.integer("width"))
    let boxes = keys.images.flatMap { image -> [Int] in
      let u = keys.words(of: image)
      for t in 0..<(countsTries ? 10 : 1) {
        let part = (area.lowerBound + (area.upperBound - area.lowerBound) * u[2 * t]) * Double(height * width)
        let (w, h) = sides(part, u[2 * t + 1], ratio)
        guard (1...Double(width)).contains(w), (1...Double(height)).contains(h) else { continue }
        return [
          Int(u[20] * Double(width - Int(w) + 1)), Int(u[21] * Double(height - Int(h) + 1)), Int(w), Int(h),
        ]
      }
      return [0, 0, width, height]
    }
    return ["boxes": .integers(boxes, shape: [keys.images.count, 4])]
  }
}

private func logUniform(_ u: Double, _ ratio: ClosedRange<Double>) -> Double {
  Double.exp(
    Double.log(ratio.lowerBound) + (Double.log(ratio.upperBound) - Double.log(ratio.lowerBound)) * u)
}

/// A draw of the jitter with its constants changed, or its answer.
private func jitter(
  _ mistake: Mistake, _ output: String, _ change: @escaping @Sendable ([Int]) -> [Int]
) -> Mutation {
  Mutation(mistake, "jitter-parameters") { question in
    guard case .integers(let right, let shape)? = question.right[output] else { return nil }
    return [output: .integers(change(right), shape: shape)]
  }
}

let viewParameterMutations: [Mutation] = [
  boxes(Mistake("crop.sides-swapped", "width and height swapped", right: "a box is left, top, width, height")) {
    box, _, _ in [box[0], box[1], box[3], box[2]]
  },
  boxes(Mistake("crop.corner-swapped", "left and top swapped")) { box, _, _ in [box[1], box[0], box[2], box[3]] },
  boxes(Mistake("crop.always-central", "the box always central", right: "left and top are drawn too")) {
    box, height, width in
    [(width - box[2]) / 2, (height - box[3]) / 2, box[2], box[3]]
  },
  boxes(
    Mistake(
      "crop.ends-for-sides", "right and bottom instead of width and height", right: "a box is left, top, width, height")
  ) { box, _, _ in
    [box[0], box[1], box[0] + box[2], box[1] + box[3]]
  },
  drawnBoxes(Mistake("crop.linear-aspect", "the ratio drawn linearly", right: "the ratio's logarithm is uniform")) {
    part, u, ratio in
    let r = ratio.lowerBound + (ratio.upperBound - ratio.lowerBound) * u
    return ((part * r).squareRoot().rounded(.toNearestOrEven), (part / r).squareRoot().rounded(.toNearestOrEven))
  },
  drawnBoxes(Mistake("crop.sides-cut", "sides rounded down", right: "sides are rounded to the nearest, ties to even")) {
    part, u, ratio in
    let r = logUniform(u, ratio)
    return ((part * r).squareRoot().rounded(.down), (part / r).squareRoot().rounded(.down))
  },
  drawnBoxes(Mistake("crop.ratio-inverted", "the ratio inverted", right: "the ratio is width over height")) {
    part, u, ratio in
    let r = logUniform(u, ratio)
    return ((part / r).squareRoot().rounded(.toNearestOrEven), (part * r).squareRoot().rounded(.toNearestOrEven))
  },
  drawnBoxes(
    Mistake(
      "crop.ratio-on-sides", "the ratio applied to sides instead of the area",
      right: "sides are √(part r) and √(part / r)")
  ) { part, u, ratio in
    let r = logUniform(u, ratio)
    return ((part.squareRoot() * r).rounded(.toNearestOrEven), (part.squareRoot() / r).rounded(.toNearestOrEven))
  },
  drawnBoxes(
    Mistake(
      "crop.whole-image-fallback", "the whole image where no try fits",
      right: "where no try fits: the largest central box of an allowed ratio")
  ) { part, u, ratio in
    let r = logUniform(u, ratio)
    return ((part * r).squareRoot().rounded(.toNearestOrEven), (part / r).squareRoot().rounded(.toNearestOrEven))
  },
  drawnBoxes(
    Mistake("crop.one-try", "one try instead of ten", right: "ten tries before the central crop"), countsTries: false
  ) { part, u, ratio in
    let r = logUniform(u, ratio)
    return ((part * r).squareRoot().rounded(.toNearestOrEven), (part / r).squareRoot().rounded(.toNearestOrEven))
  },
  jitter(Mistake("jitter.fixed-order", "jitter in a fixed order"), "order") { $0.indices.map { $0 % 4 } },
  jitter(
    Mistake("jitter.flip-inverted", "mirrored where it should not be", right: "flipped where u < probability"),
    "flipped"
  ) { $0.map { 1 - $0 } },
  jitter(
    Mistake(
      "jitter.always-jittered", "jittered whatever the probability",
      right: "a view is jittered with the given probability"), "jittered"
  ) { $0.map { _ in 1 } },
  jitter(Mistake("jitter.greyscale-lost", "greyscale left out", right: "greyscale is drawn too"), "greyscale") {
    $0.map { _ in 0 }
  },
  Mutation(
    Mistake("jitter.one-factor", "one factor used for all", right: "each factor is drawn by itself"),
    "jitter-parameters"
  ) { question in
    let factors = try question.output("factors")
    return ["factors": .real(factors.mapped { i, v in i % 4 == 3 ? v : factors.values[i / 4 * 4] })]
  },
  .asking(
    Mistake(
      "jitter.absolute-hue", "hue's range not symmetric",
      right: "the hue's range is the one given, symmetric by default"), "jitter-parameters"
  ) { prompt in
    let hue = try prompt.range(JitterParametersOperation.hue)
    prompt.parameters["hue"] = .array([.integer(0), .number(max(abs(hue.lowerBound), abs(hue.upperBound)))])
    return hue.lowerBound < 0
  },
]
