// Wrong colour operations and flips of an 8-bit image.
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
  ]
