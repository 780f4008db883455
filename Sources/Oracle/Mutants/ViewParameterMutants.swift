// Wrong random parameters of views: boxes of crops, factors and orders of the jitter.
// Tests    OracleTests/MutantsTests.swift
import Files
import Images
import Kernels
import Networks

/// The boxes of a question, four numbers each, changed one by one.
private func boxes(
  _ name: String, _ mistake: String,
  _ change: @escaping @Sendable (_ box: [Int], _ height: Int, _ width: Int) -> [Int]
) -> Mutation {
  Mutation(name, mistake, "crop-parameters") { question in
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
  _ name: String, _ mistake: String, countsTries: Bool = true,
  _ sides: @escaping @Sendable (_ part: Double, _ u: Double, _ ratio: ClosedRange<Double>) -> (Double, Double)
) -> Mutation {
  Mutation(name, mistake, "crop-parameters") { question in
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
  _ name: String, _ mistake: String, _ output: String, _ change: @escaping @Sendable ([Int]) -> [Int]
) -> Mutation {
  Mutation(name, mistake, "jitter-parameters") { question in
    guard case .integers(let right, let shape)? = question.right[output] else { return nil }
    return [output: .integers(change(right), shape: shape)]
  }
}

let viewParameterMutations: [Mutation] = [
  boxes("crop.sides-swapped", "width and height swapped") { box, _, _ in [box[0], box[1], box[3], box[2]] },
  boxes("crop.corner-swapped", "left and top swapped") { box, _, _ in [box[1], box[0], box[2], box[3]] },
  boxes("crop.always-central", "the box always central") { box, height, width in
    [(width - box[2]) / 2, (height - box[3]) / 2, box[2], box[3]]
  },
  boxes("crop.ends-for-sides", "right and bottom instead of width and height") { box, _, _ in
    [box[0], box[1], box[0] + box[2], box[1] + box[3]]
  },
  drawnBoxes("crop.linear-aspect", "the ratio drawn linearly") { part, u, ratio in
    let r = ratio.lowerBound + (ratio.upperBound - ratio.lowerBound) * u
    return ((part * r).squareRoot().rounded(.toNearestOrEven), (part / r).squareRoot().rounded(.toNearestOrEven))
  },
  drawnBoxes("crop.sides-cut", "sides rounded down") { part, u, ratio in
    let r = logUniform(u, ratio)
    return ((part * r).squareRoot().rounded(.down), (part / r).squareRoot().rounded(.down))
  },
  drawnBoxes("crop.ratio-inverted", "the ratio inverted") { part, u, ratio in
    let r = logUniform(u, ratio)
    return ((part / r).squareRoot().rounded(.toNearestOrEven), (part * r).squareRoot().rounded(.toNearestOrEven))
  },
  drawnBoxes("crop.ratio-on-sides", "the ratio applied to sides instead of the area") { part, u, ratio in
    let r = logUniform(u, ratio)
    return ((part.squareRoot() * r).rounded(.toNearestOrEven), (part.squareRoot() / r).rounded(.toNearestOrEven))
  },
  drawnBoxes("crop.whole-image-fallback", "the whole image where no try fits") { part, u, ratio in
    let r = logUniform(u, ratio)
    return ((part * r).squareRoot().rounded(.toNearestOrEven), (part / r).squareRoot().rounded(.toNearestOrEven))
  },
  drawnBoxes("crop.one-try", "one try instead of ten", countsTries: false) { part, u, ratio in
    let r = logUniform(u, ratio)
    return ((part * r).squareRoot().rounded(.toNearestOrEven), (part / r).squareRoot().rounded(.toNearestOrEven))
  },
  jitter("jitter.fixed-order", "jitter in a fixed order", "order") { $0.indices.map { $0 % 4 } },
  jitter("jitter.flip-inverted", "mirrored where it should not be", "flipped") { $0.map { 1 - $0 } },
  jitter("jitter.always-jittered", "jittered whatever the probability", "jittered") { $0.map { _ in 1 } },
  jitter("jitter.greyscale-lost", "greyscale left out", "greyscale") { $0.map { _ in 0 } },
  Mutation("jitter.one-factor", "one factor used for all", "jitter-parameters") { question in
    let factors = try question.output("factors")
    return ["factors": .real(factors.mapped { i, v in i % 4 == 3 ? v : factors.values[i / 4 * 4] })]
  },
  .asking("jitter.absolute-hue", "hue's range not symmetric", "jitter-parameters") { prompt in
    let hue = try prompt.range(JitterParametersOperation.hue)
    prompt.parameters["hue"] = .array([.integer(0), .number(max(abs(hue.lowerBound), abs(hue.upperBound)))])
    return hue.lowerBound < 0
  },
]
