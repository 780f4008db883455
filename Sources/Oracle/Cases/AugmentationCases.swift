// Small pictures under every operation of a view. Most factors are multiples of 1/64, so that no blend comes near a whole
// number without being one; the slugs that end in "-single" are about those that do.
// Tests    OracleTests/AugmentationCasesTests.swift
import Images
import Kernels
import Networks

/// The cases of the area "augment".
enum AugmentationCases {
  /// All of them.
  static func all() -> [CaseRecipe] { crops() + blends() + hues() + conversions() + views() + normalisations() }

  /// A picture of random bytes, or one of ramps: planes in space of slopes 3 to 9, that start again at 256.
  static func picture(_ height: Int, _ width: Int, seed: UInt32, ramps: Bool = false) -> TensorValue {
    var stream = RandomStream(seed: seed, purpose: .test)
    let pixels: [UInt8] = (0..<3).flatMap { _ in
      let (start, x, y) = (stream.integer(below: 256), 3 + stream.integer(below: 7), 3 + stream.integer(below: 7))
      return (0..<height * width).map { i in
        ramps
          ? UInt8(truncatingIfNeeded: start + x * (i % width) + y * (i / width)) : UInt8(stream.integer(below: 256))
      }
    }
    return .bytes(pixels, shape: [3, height, width])
  }

  private static func recipe(
    _ operation: String, _ slug: String, _ summary: String, _ catches: [String],
    _ parameters: [String: ParameterValue], _ image: TensorValue
  ) -> CaseRecipe {
    CaseRecipe(
      area: "augment", slug: slug.isEmpty ? operation : "\(operation)-\(slug)", summary: summary, catches: catches,
      prompt: Prompt(operation: operation, parameters: parameters, inputs: ["image": image]))
  }

  /// The parameters of a crop: left, top, width and height of the box, height and width of the view.
  private static func crop(
    _ box: [Int], _ height: Int, _ width: Int, _ passes: ColourImage.PassOrder
  ) -> [String: ParameterValue] {
    [
      "left": .integer(box[0]), "top": .integer(box[1]), "width": .integer(box[2]), "height": .integer(box[3]),
      "outputHeight": .integer(height), "outputWidth": .integer(width), "passes": .text(passes.rawValue),
    ]
  }

  private static func crops() -> [CaseRecipe] {
    let sampled = "shrinking without antialiasing"
    let cases: [(String, Int, Int, [Int], Int, Int, ColourImage.PassOrder, String)] = [
      ("no-resize", 9, 7, [2, 3, 4, 5], 5, 4, .automatic, "left and top, or width and height, swapped"),
      ("larger", 9, 7, [1, 2, 5, 6], 11, 8, .automatic, "corners aligned instead of pixel areas"),
      ("wider", 6, 8, [3, 1, 4, 5], 5, 9, .automatic, "an axis of equal length resized all the same"),
      ("taller", 6, 8, [1, 0, 6, 3], 8, 6, .automatic, "an axis of equal length resized all the same"),
      ("smaller", 21, 26, [3, 2, 22, 17], 7, 9, .automatic, sampled),
      ("smaller-rows-first", 40, 13, [1, 2, 11, 37], 9, 7, .rowsFirst, "columns before rows"),
      ("smaller-columns-first", 40, 13, [1, 2, 11, 37], 9, 7, .automatic, "rows before columns"),
      ("wider-and-lower", 24, 9, [2, 1, 6, 22], 10, 11, .automatic, "rows before columns"),
      ("wider-and-lower-rows-first", 24, 9, [2, 1, 6, 22], 10, 11, .rowsFirst, "columns before rows"),
      ("to-one-pixel", 11, 14, [1, 1, 13, 10], 1, 1, .automatic, "bytes cut instead of rounded"),
      ("of-one-pixel", 5, 6, [4, 2, 1, 1], 4, 3, .automatic, "zeros outside the box"),
      ("paper", 32, 32, [5, 9, 21, 19], 32, 32, .automatic, "pixels outside the box taken in at its edge"),
    ]
    return cases.enumerated().map { index, item in
      recipe(
        "resized-crop", item.0, "box \(item.3) of \(item.2) × \(item.1) to \(item.5) × \(item.4), \(item.6.rawValue)",
        [
          item.7, "weights or pixels not in fixed point",
          "three real channels resized without rounding between the axes",
        ],
        crop(item.3, item.4, item.5, item.6), picture(item.1, item.2, seed: 800 + UInt32(index), ramps: index % 4 == 3))
    }
  }

  private static func blends() -> [CaseRecipe] {
    let rounded = "fraction rounded instead of cut off"
    let cases: [(String, String, Double, String)] = [
      ("brightness", "darker", 0.640625, rounded),
      ("brightness", "brighter", 1.390625, "bytes wrapped instead of cut to 255"),
      ("brightness", "black", 0, "a factor of 0 refused"),
      ("brightness", "single", 1.33333333, "the product in Double"),
      ("contrast", "less", 0.609375, rounded),
      ("contrast", "more", 1.359375, "mean of the colours instead of the luminance"),
      ("contrast", "grey", 0, "the mean luminance cut instead of rounded"),
      ("contrast", "single", 0.6666667, "the sum fused or in Double"),
      ("saturation", "less", 0.671875, rounded),
      ("saturation", "more", 1.328125, "grey as the mean of red, green and blue"),
      ("saturation", "none", 0, "grey by other weights"),
      ("saturation", "single", 1.3333333, "the sum fused or in Double"),
      ("saturation", "strong", 3.171875, "factors above 2 refused or negative results wrapped"),
    ]
    let blends = cases.enumerated().map { index, item in
      recipe(
        item.0, item.1, "\(item.0) by \(item.2)", [item.3, "blended with the wrong picture"],
        ["factor": .number(item.2)],
        picture(7, 10, seed: 830 + UInt32(index), ramps: index % 3 == 2))
    }
    // Luminances 10 and 11: the mean is a half, which rounds up.
    let half = recipe(
      "contrast", "mean-of-a-half", "mean luminance 10.5", ["mean luminance rounded down or to even"],
      ["factor": .number(0.25)], .bytes([10, 11, 10, 11, 10, 11], shape: [3, 1, 2]))
    return blends + [half]
  }

  private static func hues() -> [CaseRecipe] {
    let cases: [(String, Double, String)] = [
      ("forward", 0.3, "shift rounded instead of cut"), ("backward", -0.3, "negative shifts cut downwards"),
      ("half-turn", 0.5, "shift of 128 instead of 127"),
      ("half-turn-backward", -0.5, "cut at 0 or 255 instead of wrapped"),
      ("slight", 0.003, "hue moved though less than one step"),
      ("none", 0, "8-bit HSV left out where nothing is shifted"),
    ]
    return cases.enumerated().map { index, item in
      recipe(
        "hue", item.0, "hue shifted by \(item.1) of a turn",
        [item.2, "hue in degrees or in halves of degrees", "hue in real numbers"],
        ["shift": .number(item.1)], picture(8, 9, seed: 860 + UInt32(index), ramps: index % 2 == 1))
    }
  }

  private static func conversions() -> [CaseRecipe] {
    // Primaries, secondaries, greys, and pairs of equal largest channels.
    let corners: [[UInt8]] = [
      [255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0], [0, 255, 255], [255, 0, 255], [0, 0, 0], [255, 255, 255],
      [128, 128, 128], [1, 0, 0], [0, 0, 1], [200, 200, 199], [199, 200, 200], [200, 199, 200], [255, 76, 1],
      [255, 1, 76],
    ]
    let special = TensorValue.bytes((0..<3).flatMap { c in corners.map { $0[c] } }, shape: [3, 4, 4])
    // Every hue at one saturation and value; the last is a whole turn.
    let circle = TensorValue.bytes(
      (0..<256).map { UInt8($0) } + [UInt8](repeating: 179, count: 256) + [UInt8](repeating: 201, count: 256),
      shape: [3, 16, 16])
    return [
      recipe(
        "greyscale", "", "three planes of luminance", ["grey as the mean", "luminance cut instead of rounded"], [:],
        picture(9, 11, seed: 880)),
      recipe("flip", "odd", "an odd width", ["mirrored top to bottom"], [:], picture(4, 7, seed: 881)),
      recipe("flip", "even", "an even width", ["channels mirrored"], [:], picture(5, 8, seed: 882)),
      recipe(
        "rgb-to-hsv", "", "random colours", ["hue or saturation rounded", "quotients in Double"], [:],
        picture(16, 17, seed: 883)),
      recipe(
        "rgb-to-hsv", "special", "primaries, greys, equal largest channels",
        ["the wrong sector where two channels are largest", "hue of grey not 0"], [:], special),
      recipe("hsv-to-rgb", "", "random planes", ["p, q or t cut instead of rounded"], [:], picture(16, 17, seed: 884)),
      recipe(
        "hsv-to-rgb", "circle", "every hue once", ["sectors of 256 instead of 255", "hue 255 not a whole turn"], [:],
        circle),
    ]
  }

  private static func views() -> [CaseRecipe] {
    let cases: [(String, Int, Int, [Int], Int, Int, [Int]?, [Double], Bool, Bool)] = [
      (
        "order-0123", 12, 15, [2, 1, 10, 9], 13, 11, [0, 1, 2, 3], [1.265625, 0.671875, 1.390625, 0.13], false, false
      ),
      (
        "order-3210", 12, 15, [2, 1, 10, 9], 13, 11, [3, 2, 1, 0], [1.265625, 0.671875, 1.390625, 0.13], false, false
      ),
      ("order-2031", 17, 9, [0, 3, 7, 13], 9, 10, [2, 0, 3, 1], [0.734375, 1.328125, 0.640625, -0.37], false, true),
      ("order-1302", 9, 17, [5, 0, 12, 8], 10, 9, [1, 3, 0, 2], [1.109375, 1.234375, 0.859375, -0.21], true, true),
      ("no-jitter", 9, 17, [5, 0, 12, 8], 10, 9, nil, [], true, false),
      ("paper", 32, 32, [7, 4, 20, 24], 32, 32, [2, 3, 1, 0], [0.703125, 1.296875, 1.171875, 0.29], false, true),
    ]
    return cases.enumerated().map { index, item in
      var parameters = crop(item.3, item.4, item.5, .automatic)
      parameters["jittered"] = .truth(item.6 != nil)
      if let order = item.6 {
        parameters["order"] = .list(order.map { .integer($0) })
        for (name, value) in zip(["brightness", "contrast", "saturation", "hue"], item.7) {
          parameters[name] = .number(value)
        }
      }
      (parameters["greyscale"], parameters["flipped"]) = (.truth(item.8), .truth(item.9))
      return recipe(
        "colour-view", item.0, "a whole view of \(item.2) × \(item.1)",
        [
          "jitter in a fixed order", "no rounding to bytes between operations", "contrast's mean taken before the crop",
        ],
        parameters, picture(item.1, item.2, seed: 900 + UInt32(index / 2), ramps: index % 4 > 1))
    }
  }

  private static func normalisations() -> [CaseRecipe] {
    let cases: [(String, [Double], [Double], String)] = [
      (
        "cifar10", [0.4914, 0.4822, 0.4465], [0.2023, 0.1994, 0.2010],
        "ImageNet's constants, or one mean for all channels"
      ),
      (
        "distinct", [0.125, 0.5, 0.875], [0.25, 0.5, 2], "mean and deviation swapped, channels reversed, divided by 256"
      ),
    ]
    return cases.enumerated().map { index, item in
      recipe(
        "image-normalisation", item.0, "mean \(item.1), deviation \(item.2)",
        [item.3, "variance instead of the deviation"],
        ["mean": .list(item.1.map { .number($0) }), "deviation": .list(item.2.map { .number($0) })],
        picture(5, 6, seed: 920 + UInt32(index)))
    }
  }
}
