// Wrong augmentations of 8-bit pictures.
// Tests    OracleTests/MutantsTests.swift
import Files
import Images
import Kernels
import Networks

private let pictures = [
  "brightness", "contrast", "saturation", "hue", "greyscale", "flip", "rgb-to-hsv", "hsv-to-rgb", "resized-crop",
  "colour-view", "image-normalisation",
]

/// A picture whose bytes are computed from the question's.
private func picture(
  _ mistake: Mistake, _ operation: String,
  _ change: @escaping @Sendable (ColourImage, Prompt) throws -> [UInt8]?
) -> Mutation {
  Mutation(mistake, operation) { question in
    let image = try AugmentationPrompt(prompt: question.prompt).image()
    guard let pixels = try change(image, question.prompt) else { return nil }
    return ["y": .bytes(pixels, shape: [3, image.height, image.width])]
  }
}

/// y = d + factor (x − d) of every byte, cut to 0…255 and rounded by `rounded`.
private func blend(
  _ image: ColourImage, _ factor: Double, _ degenerate: (_ pixel: Int) -> Double,
  rounded: (Double) -> Double = { $0.rounded(.down) }
) -> [UInt8] {
  let area = image.height * image.width
  return image.pixels.enumerated().map { i, x in
    let d = degenerate(i % area)
    return UInt8(rounded(min(255, max(0, d + factor * (Double(x) - d)))))
  }
}

private func meanOfChannels(_ image: ColourImage) -> [Double] {
  let area = image.height * image.width
  return (0..<area).map { i in
    (Double(image.pixels[i]) + Double(image.pixels[area + i]) + Double(image.pixels[2 * area + i])) / 3
  }
}

private func reversedChannels(_ pixels: [UInt8]) -> [UInt8] {
  let area = pixels.count / 3
  return Array(pixels[(2 * area)...] + pixels[area..<2 * area] + pixels[..<area])
}

private let blends: [Mutation] = ["brightness", "contrast", "saturation"].flatMap { operation -> [Mutation] in
  [
    picture(
      Mistake(
        "jitter.blend-from-white", "blended with the wrong picture",
        right: "blends start from black, the mean luminance, or the pixel's luminance"), operation
    ) { image, prompt in
      blend(image, try prompt.number("factor"), { _ in 255 })
    },
    picture(
      Mistake("jitter.additive-factor", "the factor added as a share of 255", right: "brightness multiplies"), operation
    ) { image, prompt in
      let shift = 255 * (try prompt.number("factor") - 1)
      return image.pixels.map { UInt8(min(255, max(0, Double($0) + shift))) }
    },
    .asking(
      Mistake("jitter.inverse-factor", "divided by the factor", right: "the difference is multiplied by the factor"),
      operation
    ) { prompt in
      let factor = try prompt.number("factor")
      prompt.parameters["factor"] = .number(factor == 0 ? 1 : 1 / factor)
      return factor != 1
    },
  ]
}

private func jittering(
  _ mistake: Mistake, _ change: @escaping @Sendable (inout Prompt) throws -> Bool
) -> Mutation {
  .asking(mistake, "colour-view", change)
}

let augmentationMutations: [Mutation] =
  pictures.map { operation in
    Mutation(Mistake("augment.bgr", "channels read blue first", right: "planes are red, green, blue"), operation) {
      question in
      guard case .bytes(let pixels, let shape)? = question.prompt.inputs["image"] else { return nil }
      return try question.altered { $0.inputs["image"] = .bytes(reversedChannels(pixels), shape: shape) }.mapValues {
        if case .bytes(let pixels, let shape) = $0 { .bytes(reversedChannels(pixels), shape: shape) } else { $0 }
      }
    }
  } + blends + [
    picture(
      Mistake("jitter.rounded-blend", "fraction rounded instead of cut off", right: "the blend's fraction is cut off"),
      "brightness"
    ) { image, prompt in
      blend(image, try prompt.number("factor"), { _ in 0 }, rounded: { $0.rounded() })
    },
    picture(
      Mistake("jitter.wrapped-bytes", "bytes wrapped instead of cut to 255", right: "bytes are cut to 0…255"),
      "brightness"
    ) { image, prompt in
      let factor = try prompt.number("factor")
      return image.pixels.map { UInt8(truncatingIfNeeded: Int(factor * Double($0))) }
    },
    picture(
      Mistake(
        "jitter.contrast-about-grey", "contrast about 128 instead of the mean",
        right: "contrast is about the picture's mean luminance"), "contrast"
    ) { image, prompt in
      blend(image, try prompt.number("factor"), { _ in 128 })
    },
    picture(
      Mistake(
        "jitter.contrast-mean-of-channels", "mean of the colours instead of the luminance",
        right: "contrast is about the mean of the luminance, rounded"), "contrast"
    ) {
      image, prompt in
      let mean = (image.pixels.reduce(0) { $0 + Double($1) } / Double(image.pixels.count)).rounded()
      return blend(image, try prompt.number("factor"), { _ in mean })
    },
    picture(
      Mistake(
        "jitter.saturation-mean-of-channels", "grey as the mean of red, green and blue",
        right: "saturation blends with the luminance"), "saturation"
    ) {
      image, prompt in
      let grey = meanOfChannels(image).map { $0.rounded() }
      return blend(image, try prompt.number("factor"), { grey[$0] })
    },
    picture(
      Mistake("augment.grey-mean", "grey as the mean", right: "L = (19595 R + 38470 G + 7471 B + 2¹⁵) >> 16"),
      "greyscale"
    ) { image, _ in
      let grey = meanOfChannels(image).map { UInt8($0.rounded()) }
      return grey + grey + grey
    },
    picture(Mistake("augment.vertical-flip", "mirrored top to bottom", right: "left and right are exchanged"), "flip") {
      image, _ in
      image.pixels.indices.map { i in
        let (row, column) = (i / image.width, i % image.width)
        let plane = row / image.height
        return image.pixels[(2 * plane * image.height + image.height - 1 - row) * image.width + column]
      }
    },
    picture(Mistake("augment.never-flipped", "not mirrored", right: "the mirror is last"), "flip") { image, _ in
      image.pixels
    },
    .asking(
      Mistake(
        "jitter.hue-in-degrees", "hue in halves of degrees", right: "a shift is a share of the whole turn of 255 steps"),
      "hue"
    ) { prompt in
      let shift = try prompt.number("shift")
      prompt.parameters["shift"] = .number(shift * 180 / 255)
      return shift != 0
    },
    .asking(Mistake("jitter.hue-reversed", "hue turned the other way", right: "a positive shift raises the hue"), "hue")
    { prompt in
      let shift = try prompt.number("shift")
      prompt.parameters["shift"] = .number(-shift)
      return shift != 0
    },
    picture(
      Mistake(
        "jitter.hue-left-out", "8-bit HSV left out",
        right: "the picture passes through 8-bit HSV even where nothing is shifted"), "hue"
    ) { image, _ in image.pixels },
    Mutation(Mistake("jitter.hue-of-180", "hue of 0 to 179", right: "hue has 255 steps a turn"), "rgb-to-hsv") {
      question in
      guard case .bytes(let pixels, let shape)? = question.right["y"] else { return nil }
      let area = pixels.count / 3
      return ["y": .bytes(pixels.enumerated().map { $0 < area ? UInt8(Int($1) * 180 / 256) : $1 }, shape: shape)]
    },
    Mutation(Mistake("jitter.hue-of-180", "hue of 0 to 179"), "hsv-to-rgb") { question in
      guard case .bytes(let pixels, let shape)? = question.prompt.inputs["image"] else { return nil }
      let area = pixels.count / 3
      let turned = pixels.enumerated().map { $0 < area ? UInt8(min(255, Int($1) * 256 / 180)) : $1 }
      return try question.altered { $0.inputs["image"] = .bytes(turned, shape: shape) }
    },
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

/// A crop whose pixels are weighed along each axis by `weights`: the place of a view's pixel, counted from its centre, and
/// the scale give places in the box and their weights.
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
