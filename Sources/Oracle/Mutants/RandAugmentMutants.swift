// Wrong operations of RandAugment on bytes.
// Tests    OracleTests/MutantsTests.swift
import Files
import Images
import Kernels
import Networks

private let operation = "rand-operation"
private typealias Kind = RandAugmentOperation.Kind

/// A picture by another operation, for some kinds.
private func picture(
  _ mistake: Mistake, _ kinds: [RandAugmentOperation.Kind],
  _ change: @escaping @Sendable (ColourImage, RandAugmentOperation) throws -> [UInt8]?
) -> Mutation {
  Mutation(mistake, operation) { question in
    let (step, image) = try RandPictureOperation.inputs(question.prompt)
    guard kinds.contains(step.kind), let pixels = try change(image, step) else { return nil }
    return ["y": .bytes(pixels, shape: [3, image.height, image.width])]
  }
}

/// The same operation by another value.
private func value(
  _ mistake: Mistake, _ kinds: [RandAugmentOperation.Kind],
  _ change: @escaping @Sendable (Double) -> Double
) -> Mutation {
  .asking(mistake, operation) { prompt in
    guard kinds.map(\.rawValue).contains(try prompt.string("kind")) else { return false }
    let old = try prompt.number("value")
    prompt.parameters["value"] = .number(change(old))
    return change(old) != old
  }
}

/// Every plane's bytes through one table of all planes.
private func jointly(_ image: ColourImage, _ operation: RandAugmentOperation) -> [UInt8] {
  // Three times the same plane of all pixels has the joint histogram in each channel.
  let all = ColourImage(
    height: 1, width: image.pixels.count, pixels: image.pixels + image.pixels + image.pixels)
  return Array(operation.applied(to: all).pixels.prefix(image.pixels.count))
}

/// Every pixel from the place that a map (a, b, c, d, e, f) of pixel centres names; nil outside.
private func mapped(
  _ image: ColourImage, _ m: [Double], _ pixel: (_ plane: Int, _ x: Double, _ y: Double) -> UInt8
) -> [UInt8] {
  image.pixels.indices.map { i in
    let (plane, row, column) = (i / (image.width * image.height), i / image.width % image.height, i % image.width)
    let (x, y) = (Double(column) + 0.5, Double(row) + 0.5)
    return pixel(plane, m[0] * x + m[1] * y + m[2], m[3] * x + m[4] * y + m[5])
  }
}

extension ColourImage {
  /// The byte at a column and row; `outside` beyond the edges.
  fileprivate func byte(_ plane: Int, _ column: Int, _ row: Int, outside: UInt8 = 0) -> UInt8 {
    guard (0..<width).contains(column), (0..<height).contains(row) else { return outside }
    return pixels[(plane * height + row) * width + column]
  }
}

/// The rotation about a point of pixel edges.
private func rotation(_ degrees: Double, about x: Double, _ y: Double) -> [Double] {
  let m = ViewParameters(rotationDegrees: degrees).matrix(height: 1, width: 1)
  let (c, s) = (m[0], -m[3])
  return [c, s, x - c * x - s * y, -s, c, y + s * x - c * y]
}

/// The map of a geometric operation; `about` moves what stays in place to the middle.
private func map(_ operation: RandAugmentOperation, _ image: ColourImage, about middle: Bool = false) -> [Double] {
  let (v, x, y) = (operation.value, Double(image.width) / 2, Double(image.height) / 2)
  switch operation.kind {
  case .rotate: return rotation(v, about: x, y)
  case .shearX: return [1, v, middle ? -v * y : 0, 0, 1, 0]
  case .shearY: return [1, 0, 0, v, 1, middle ? -v * x : 0]
  case .translateX: return [1, 0, v, 0, 1, 0]
  default: return [1, 0, 0, 0, 1, v]
  }
}

private let geometric: [RandAugmentOperation.Kind] = [.rotate, .shearX, .shearY, .translateX, .translateY]

/// The 3 × 3 means of weights 1 around `centre`, over their sum; the outermost pixels too, from repeated ones, on request.
private func smoothed(_ image: ColourImage, centre: Double, border: Bool) -> ColourImage {
  let pixels = image.pixels.indices.map { i -> UInt8 in
    let (plane, row, column) = (i / (image.width * image.height), i / image.width % image.height, i % image.width)
    let isInner = (1..<image.width - 1).contains(column) && (1..<max(2, image.height - 1)).contains(row)
    guard border || isInner && image.height >= 3 else { return image.pixels[i] }
    var sum = 0.0
    for r in row - 1...row + 1 {
      for c in column - 1...column + 1 {
        let byte = image.byte(plane, min(max(c, 0), image.width - 1), min(max(r, 0), image.height - 1))
        sum += (r == row && c == column ? centre : 1) * Double(byte)
      }
    }
    return UInt8((sum / (8 + centre) + 0.5).rounded(.down))
  }
  return ColourImage(height: image.height, width: image.width, pixels: pixels)
}

/// d + factor (x − d), cut to bytes.
private func blend(_ image: ColourImage, _ factor: Double, _ degenerate: (Int) -> Double) -> [UInt8] {
  image.pixels.enumerated().map { i, x in
    UInt8(min(255, max(0, degenerate(i) + factor * (Double(x) - degenerate(i)))))
  }
}

let randAugmentMutations: [Mutation] = [
  picture(
    Mistake("rand.joint-histogram", "one histogram for all channels", right: "every channel has its own histogram"),
    [.autoContrast, .equalize]
  ) { image, step in
    jointly(image, step)
  },
  picture(
    Mistake("rand.rounded-stretch", "stretched bytes rounded", right: "autoContrast cuts the fraction off"),
    [.autoContrast]
  ) { image, _ in
    let area = image.width * image.height
    return image.pixels.enumerated().map { i, x in
      let plane = image.pixels[i / area * area..<(i / area + 1) * area]
      let (low, high) = (Double(plane.min() ?? 0), Double(plane.max() ?? 0))
      return high > low ? UInt8((255 * (Double(x) - low) / (high - low)).rounded()) : x
    }
  },
  picture(
    Mistake(
      "rand.plain-equalisation", "equalised by the plain cumulative share",
      right: "equalize is Pillow's: ⌊(⌊q/2⌋ + pixels darker) / q⌋, q = ⌊(pixels − those of the brightest) / 255⌋"),
    [.equalize]
  ) { image, _ in
    let area = image.width * image.height
    return image.pixels.enumerated().map { i, x in
      let plane = image.pixels[i / area * area..<(i / area + 1) * area]
      return UInt8((255 * Double(plane.count { $0 <= x }) / Double(area)).rounded())
    }
  },
  picture(
    Mistake(
      "rand.black-identity", "black for an operation without a value",
      right: "identity, autoContrast and equalize have no value"), [.identity]
  ) { image, _ in
    image.pixels.map { _ in 0 }
  },
  picture(
    Mistake(
      "rand.bits-that-go", "the bits that go taken for those that stay",
      right: "posterize keeps the value's highest bits"), [.posterize]
  ) { image, step in
    image.pixels.map { $0 & ~(UInt8.max >> UInt8(8 - Int(step.value))) }
  },
  picture(
    Mistake(
      "rand.inverted-below", "inverted below the threshold", right: "solarize inverts at and above the threshold"),
    [.solarize]
  ) { image, step in
    image.pixels.map { Double($0) < step.value ? 255 - $0 : $0 }
  },
  picture(
    Mistake("rand.threshold-kept", "the threshold itself not inverted", right: "a byte at the threshold is inverted"),
    [.solarize]
  ) { image, step in
    image.pixels.map { Double($0) <= step.value ? $0 : 255 - $0 }
  },
  value(
    Mistake(
      "rand.whole-threshold", "the threshold cut to a whole number",
      right: "a byte is compared with the threshold as it is"), [.solarize]
  ) { $0.rounded(.down) },
  value(
    Mistake(
      "rand.magnitude-for-factor", "magnitudes of 0 for the picture itself",
      right: "the factor 1 is the picture itself, 0 the poorer one"), [.brightness, .color, .contrast, .sharpness]
  ) { 1 + $0 },
  value(
    Mistake("rand.smoother-for-sharper", "smoothed where it should be sharper", right: "a factor above 1 sharpens"),
    [.sharpness]
  ) { max(0, 2 - $0) },
  picture(Mistake("rand.grey-mean", "grey as the mean", right: "color blends with the luminance"), [.color]) {
    image, step in
    let area = image.width * image.height
    return blend(image, step.value) { i in
      ((0..<3).reduce(0) { $0 + Double(image.pixels[$1 * area + i % area]) } / 3).rounded()
    }
  },
  picture(
    Mistake("rand.contrast-about-128", "contrast about 128", right: "contrast is about the mean luminance, rounded"),
    [.contrast]
  ) { image, step in
    blend(image, step.value) { _ in 128 }
  },
  picture(
    Mistake("rand.smoothed-border", "the border smoothed too", right: "the outermost pixels are not smoothed"),
    [.sharpness]
  ) { image, step in
    let other = smoothed(image, centre: 5, border: true).pixels
    return blend(image, step.value) { Double(other[$0]) }
  },
  picture(
    Mistake(
      "rand.nine-equal-weights", "smoothed by nine equal weights",
      right: "the smoothing weighs the centre by 5, the others by 1"), [.sharpness]
  ) { image, step in
    let other = smoothed(image, centre: 1, border: false).pixels
    return blend(image, step.value) { Double(other[$0]) }
  },
  value(
    Mistake(
      "rand.other-way", "geometry the other way",
      right: "a positive value turns counterclockwise, shears and moves to the left or up"), geometric
  ) { -$0 },
  .asking(Mistake("rand.other-axis", "along the other axis", right: "X moves along rows, Y along columns"), operation) {
    prompt in
    let others = [
      "shearX": "shearY", "shearY": "shearX", "translateX": "translateY", "translateY": "translateX",
    ]
    guard let other = others[try prompt.string("kind")] else { return false }
    prompt.parameters["kind"] = .string(other)
    return true
  },
  picture(
    Mistake("rand.grey-outside", "grey outside instead of black", right: "pixels from outside the picture are black"),
    geometric
  ) { image, step in
    let white = ColourImage(
      height: image.height, width: image.width, pixels: image.pixels.map { _ in 255 })
    return zip(step.applied(to: image).pixels, step.applied(to: white).pixels).map { $1 == 0 ? 127 : $0 }
  },
  picture(
    Mistake(
      "rand.interpolated", "interpolated instead of the nearest pixel", right: "geometry takes the nearest pixel"),
    geometric
  ) { image, step in
    mapped(image, map(step, image)) { plane, x, y in
      let (left, top) = ((x - 0.5).rounded(.down), (y - 0.5).rounded(.down))
      let (u, v, c, r) = (x - 0.5 - left, y - 0.5 - top, Int(left), Int(top))
      let upper = Double(image.byte(plane, c, r)) * (1 - u) + Double(image.byte(plane, c + 1, r)) * u
      let lower = Double(image.byte(plane, c, r + 1)) * (1 - u) + Double(image.byte(plane, c + 1, r + 1)) * u
      return UInt8((upper * (1 - v) + lower * v).rounded())
    }
  },
  picture(
    Mistake(
      "rand.about-a-pixel", "turned about a pixel instead of the centre",
      right: "a picture turns about (W/2, H/2) of pixel edges"), [.rotate]
  ) { image, step in
    mapped(image, rotation(step.value, about: Double(image.width / 2), Double(image.height / 2))) { plane, x, y in
      image.byte(plane, Int((x).rounded(.down)), Int((y).rounded(.down)))
    }
  },
  picture(
    Mistake(
      "rand.shear-about-centre", "sheared about the centre",
      right: "a shear keeps the first row, or column, in its place"), [.shearX, .shearY]
  ) { image, step in
    mapped(image, map(step, image, about: true)) { plane, x, y in
      image.byte(plane, Int(x.rounded(.down)), Int(y.rounded(.down)))
    }
  },
  value(
    Mistake(
      "rand.whole-pixels", "moved by a whole pixel at least",
      right: "a translation moves by parts of a pixel, and the nearest pixel is taken"), [.translateX, .translateY]
  ) {
    $0.rounded(.awayFromZero)
  },
  picture(
    Mistake(
      "rand.wrapped-around", "wrapped around instead of black", right: "pixels from outside the picture are black"),
    [.translateX, .translateY]
  ) { image, step in
    mapped(image, map(step, image)) { plane, x, y in
      let (c, r) = (Int(x.rounded(.down)), Int(y.rounded(.down)))
      return image.byte(
        plane, (c % image.width + image.width) % image.width, (r % image.height + image.height) % image.height)
    }
  },
]
