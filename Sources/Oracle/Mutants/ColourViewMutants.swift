// Wrong crops, colour views and normalisations: what is made of the operations on an 8-bit image.
// Tests    OracleTests/MutantsTests.swift
import Files
import Images
import Kernels
import Networks

private func jittering(
  _ mistake: Mistake, _ change: @escaping @Sendable (inout Prompt) throws -> Bool
) -> Mutation {
  .asking(mistake, "colour-view", change)
}

let colourViewMutations: [Mutation] = [
  .asking(
    Mistake("crop.corner-swapped", "left and top swapped", right: "left counts columns, top rows"), "resized-crop"
  ) { prompt in
    (prompt.parameters["left"], prompt.parameters["top"]) = (prompt.parameters["top"], prompt.parameters["left"])
    return true
  },
  Mutation(
    Mistake("resize.nearest", "the nearest pixel instead of weights", right: "pixels are weighed by triangles"),
    "resized-crop"
  ) { question in
    let image = try AugmentationPrompt(prompt: question.prompt).image()
    return try sampled(image, question.prompt) { index, scale in [(Int((index * scale).rounded(.down)), 1)] }
  },
  Mutation(
    Mistake(
      "resize.no-antialias", "shrinking without antialiasing",
      right: "the triangle widens with the scale where a picture shrinks"), "resized-crop"
  ) { question in
    let image = try AugmentationPrompt(prompt: question.prompt).image()
    return try sampled(image, question.prompt) { index, scale in
      let centre = index * scale - 0.5
      let low = centre.rounded(.down)
      return [(Int(low), 1 - (centre - low)), (Int(low) + 1, centre - low)]
    }
  },
  Mutation(
    Mistake(
      "resize.aligned-corners", "corners aligned instead of pixel areas",
      right: "pixels are areas: centres at (x + 1/2) s"), "resized-crop"
  ) { question in
    let image = try AugmentationPrompt(prompt: question.prompt).image()
    return try sampled(image, question.prompt) { index, scale in
      let centre = (index - 0.5) * scale
      let low = centre.rounded(.down)
      return [(Int(low), 1 - (centre - low)), (Int(low) + 1, centre - low)]
    }
  },
  jittering(
    Mistake("jitter.fixed-order", "jitter in a fixed order", right: "the four operations run in the drawn order")
  ) { prompt in
    let order = prompt.parameters["order"]
    prompt.parameters["order"] = .array((0..<4).map { .integer($0) })
    return order != nil && order != prompt.parameters["order"]
  },
  jittering(
    Mistake("jitter.reversed-order", "jitter in the opposite order", right: "the first of the order is applied first")
  ) { prompt in
    guard case .array(let order)? = prompt.parameters["order"] else { return false }
    prompt.parameters["order"] = .array(order.reversed())
    return true
  },
  jittering(Mistake("jitter.left-out", "jitter left out", right: "a jittered view is jittered")) { prompt in
    let jittered = try prompt.bool("jittered", default: true)
    prompt.parameters["jittered"] = .bool(false)
    return jittered
  },
  jittering(Mistake("augment.never-flipped", "not mirrored")) { prompt in
    let flipped = try prompt.bool("flipped")
    prompt.parameters["flipped"] = .bool(false)
    return flipped
  },
  jittering(Mistake("augment.greyscale-lost", "greyscale left out", right: "greyscale comes after the jitter")) {
    prompt in
    let grey = try prompt.bool("greyscale")
    prompt.parameters["greyscale"] = .bool(false)
    return grey
  },
  .asking(
    Mistake("normalise.variance", "variance instead of the deviation", right: "the divisor is the deviation"),
    "image-normalisation"
  ) { prompt in
    prompt.parameters["deviation"] = .array(try prompt.numbers("deviation").map { .number($0 * $0) })
    return true
  },
  .asking(
    Mistake("normalise.swapped", "mean and deviation swapped", right: "(x / 255 − mean) / deviation"),
    "image-normalisation"
  ) { prompt in
    (prompt.parameters["mean"], prompt.parameters["deviation"]) = (
      prompt.parameters["deviation"], prompt.parameters["mean"]
    )
    return try prompt.numbers("deviation").allSatisfy { $0 > 1e-6 }
  },
  .asking(
    Mistake("normalise.imagenet", "ImageNet's constants", right: "the constants are the data set's"),
    "image-normalisation"
  ) { prompt in
    let mean: JSON = .array([.number(0.485), .number(0.456), .number(0.406)])
    let deviation: JSON = .array([.number(0.229), .number(0.224), .number(0.225)])
    let isOther = prompt.parameters["mean"] != mean
    (prompt.parameters["mean"], prompt.parameters["deviation"]) = (mean, deviation)
    return isOther
  },
  Mutation(
    Mistake("normalise.by-256", "bytes divided by 256", right: "bytes are divided by 255"), "image-normalisation"
  ) { question in
    let (mean, deviation) = (try question.prompt.numbers("mean"), try question.prompt.numbers("deviation"))
    let y = try question.output("y")
    let area = y.count / 3
    return [
      "y": .real(
        y.mapped { i, v in
          let c = i / area
          return ((v * deviation[c] + mean[c]) * 255 / 256 - mean[c]) / deviation[c]
        })
    ]
  },
]

/// A crop whose pixels are weighed along each axis by `weights`: the position of a view's pixel centre and the
/// scale give indices in the box and their weights.
private func sampled(
  _ image: ColourImage, _ prompt: Prompt, _ weights: (_ index: Double, _ scale: Double) -> [(Int, Double)]
) throws -> [String: TensorValue] {
  let crop = try AugmentationPrompt(prompt: prompt).crop(of: image)
  let area = image.height * image.width
  func axis(_ count: Int, _ size: Int) -> [[(Int, Double)]] {
    (0..<count).map { x in
      weights(Double(x) + 0.5, Double(size) / Double(count)).map { (min(max($0.0, 0), size - 1), $0.1) }
    }
  }
  let (rows, columns) = (axis(crop.height, crop.box.height), axis(crop.width, crop.box.width))
  var pixels: [UInt8] = []
  for plane in 0..<3 {
    for row in rows {
      for column in columns {
        var sum = 0.0
        for (y, v) in row {
          for (x, u) in column {
            let index = (crop.box.top + y) * image.width + crop.box.left + x
            sum += u * v * Double(image.pixels[plane * area + index])
          }
        }
        pixels.append(UInt8(min(255, max(0, sum.rounded()))))
      }
    }
  }
  return ["y": .bytes(pixels, shape: [3, crop.height, crop.width])]
}
