// RandAugment: every operation, whole views with either cutout, and the draws of RUC and SCAN.
// Tests    OracleTests/CoverageCasesTests.swift
import Images
import Kernels
import Networks

/// The cases about RandAugment.
enum RandAugmentCases {
  /// All of them.
  static func all() throws(OracleError) -> [CaseRecipe] { operations() + views() + (try draws()) }

  /// Random bytes in a part of the range, another in each channel.
  private static func dim(_ height: Int, _ width: Int, seed: UInt32) -> TensorValue {
    var stream = RandomStream(seed: seed, purpose: .test)
    let pixels: [UInt8] = (0..<3).flatMap { c in
      (0..<height * width).map { _ in UInt8(40 + 30 * c + stream.integer(below: 256) / (4 + 8 * c)) }
    }
    return .bytes(pixels, shape: [3, height, width])
  }

  private static func operations() -> [CaseRecipe] {
    let cases: [(String, String, Double?, [String])] = [
      ("autoContrast", "dim", nil, ["one stretch for all channels", "stretched bytes rounded"]),
      ("equalize", "dim", nil, ["one histogram for all channels", "equalised by the plain cumulative share"]),
      ("identity", "", nil, ["black for an operation without a value"]),
      ("posterize", "five-bits", 5, ["the bits that go taken for those that stay"]),
      ("posterize", "eight-bits", 8, ["a byte of eight bits emptied"]),
      ("solarize", "middle", 128, ["inverted below the threshold", "the threshold itself not inverted"]),
      ("solarize", "fraction", 12.4, ["the threshold cut to a whole number"]),
      ("brightness", "half", 0.546875, ["magnitudes of 0 for the picture itself"]),
      ("color", "half", 0.453125, ["grey as the mean"]),
      ("contrast", "half", 0.671875, ["contrast about 128"]),
      ("sharpness", "smoother", 0.328125, ["the border smoothed too", "smoothed by nine equal weights"]),
      ("sharpness", "sharper", 2.640625, ["smoothed where it should be sharper"]),
      ("sharpness", "narrow", 0.328125, ["pictures below 3 × 3 smoothed"]),
      ("rotate", "left", 17.3, ["turned clockwise", "interpolated instead of the nearest pixel"]),
      ("rotate", "right", -41, ["grey outside instead of black", "turned about a pixel instead of the centre"]),
      ("shearX", "left", 0.27, ["sheared the other way", "sheared about the centre"]),
      ("shearX", "right", -0.1, ["sheared along the other axis"]),
      ("shearY", "up", 0.3, ["sheared the other way"]),
      ("translateX", "left", 3, ["moved the other way", "moved along the other axis"]),
      ("translateX", "half-a-pixel", -0.3, ["moved by a whole pixel at least"]),
      ("translateY", "down", -2, ["wrapped around instead of black"]),
    ]
    return cases.enumerated().map { index, item in
      var parameters: [String: ParameterValue] = ["kind": .text(item.0)]
      if let value = item.2 { parameters["value"] = .number(value) }
      // Names in lower case with hyphens: autoContrast is auto-contrast.
      let words = item.0.reduce(into: "") { $0 += $1.isUppercase ? "-" + $1.lowercased() : String($1) }
      let seed = 940 + UInt32(index)
      let image =
        item.1 == "dim"
        ? dim(9, 11, seed: seed)
        : item.1 == "narrow"
          ? AugmentationCases.picture(2, 7, seed: seed)
          : AugmentationCases.picture(10 - index % 3, 9 + index % 4, seed: seed, ramps: index % 4 == 3)
      return LossCase(
        slug: item.1.isEmpty ? words : words + "-" + item.1,
        summary: item.0 + (item.2.map { " by \($0)" } ?? ""), parameters: parameters, catches: item.3
      ).recipe("augment", "rand-operation", ["image": image])
    }
  }

  private static func views() -> [CaseRecipe] {
    typealias Step = (String, Double)
    let cases: [(String, Int, Int, crop: [Int]?, Bool, [Step], cutout: [Int]?, String, [String])] = [
      (
        "ruc", 16, 16, [2, 1, 11, 13], true, [("shearX", -0.27), ("solarize", 231)], [5, 9, 11, 7], "grey",
        ["mirrored after the operations", "cutout before the operations", "a black cutout"]
      ),
      (
        "scan", 14, 17, nil, false, [("rotate", 12.5), ("color", 0.578125), ("translateY", -1.4), ("posterize", 6)],
        [0, 3, 6, 9], "mean", ["operations in reverse", "a black cutout"]
      ),
      (
        "forward", 12, 12, nil, false, [("brightness", 0.640625), ("solarize", 100), ("translateX", 2)], nil, "",
        ["operations in reverse", "one operation only"]
      ),
      (
        "backward", 12, 12, nil, false, [("translateX", 2), ("solarize", 100), ("brightness", 0.640625)], nil, "",
        ["operations in a fixed order"]
      ),
      (
        "grey-cutout", 9, 10, nil, false, [], [3, 2, 5, 4], "grey",
        ["a cutout of 128", "the cutout one pixel short", "width and height swapped"]
      ),
      (
        "mean-cutout", 9, 10, nil, true, [], [3, 2, 5, 4], "mean",
        ["bytes emptied where normalised numbers are", "a grey cutout"]
      ),
      ("plain", 7, 8, [0, 2, 5, 5], false, [], nil, "", ["the crop left out"]),
    ]
    return cases.enumerated().map { index, item in
      var parameters: [String: ParameterValue] = [
        "flipped": .truth(item.4), "operations": .list(item.5.map { .text($0.0) }),
        "values": .list(item.5.map { .number($0.1) }),
        "mean": .list([.number(0.4914), .number(0.4822), .number(0.4465)]),
        "deviation": .list([.number(0.2023), .number(0.1994), .number(0.201)]),
      ]
      if let crop = item.crop {
        for (name, side) in zip(["left", "top", "width", "height"], crop) { parameters[name] = .integer(side) }
      }
      if let cutout = item.cutout {
        (parameters["cutout"], parameters["fill"]) = (.list(cutout.map { .integer($0) }), .text(item.7))
      }
      // The pictures of both orders are one.
      return LossCase(
        slug: item.0, summary: "\(item.5.count) operations on \(item.2) × \(item.1)", parameters: parameters,
        catches: item.8
      ).recipe(
        "augment", "rand-view",
        ["image": AugmentationCases.picture(item.1, item.2, seed: 980 + UInt32(index == 3 ? 2 : index))])
    }
  }

  private static func draws() throws(OracleError) -> [CaseRecipe] {
    let crop: ParameterValue = ViewParameterCases.range(0.2, 1)
    let cases: [(String, seed: UInt32, view: Int, Int, Int, [String: ParameterValue], [String])] = [
      (
        "ruc", 10, 0, 32, 32, ["variant": .text("ruc"), "cropArea": crop],
        ["the cutout's side one pixel short", "the cutout's corner not cut at the border"]
      ),
      ("ruc-second-view", 10, 1, 32, 32, ["variant": .text("ruc"), "cropArea": crop], ["both views from one stream"]),
      (
        "ruc-ten-levels", 50, 0, 32, 32,
        [
          "variant": .text("ruc"), "magnitude": .integer(10), "operationCount": .integer(5), "probability": .integer(1),
        ],
        ["operations with repetition", "magnitudes without a sign"]
      ),
      (
        "ruc-oblong", 90, 0, 21, 33,
        [
          "variant": .text("ruc"), "magnitude": .integer(6), "probability": .number(0.7), "operationCount": .integer(3),
          "cutoutSide": .integer(5), "cropArea": ViewParameterCases.range(0.4, 0.9),
          "cropRatio": ViewParameterCases.range(0.5, 2), "flipProbability": .number(0.25),
        ], ["words skipped where an operation is not done", "width and height swapped"]
      ),
      (
        "scan", 130, 0, 32, 32, ["variant": .text("scan")],
        ["the sign turned the other way", "the cutout's side fixed"]
      ),
      (
        "scan-oblong", 170, 1, 40, 25, ["variant": .text("scan"), "cutoutSide": .integer(20)],
        ["translations by the other side", "the cutout's centre taken for its corner"]
      ),
      (
        "scan-sometimes", 210, 0, 28, 28,
        ["variant": .text("scan"), "probability": .number(0.5), "cutoutSide": .integer(0)],
        ["every operation done", "a cutout of no side drawn"]
      ),
    ]
    return try cases.map { item throws(OracleError) in
      try ViewParameterCases.recipe(
        RandParametersOperation(), item.0, item.6, seed: item.seed, epoch: 3, view: item.view,
        images: [7, 0, 11, 49_999, 5],
        item.5.merging(["height": .integer(item.3), "width": .integer(item.4)]) { $1 })
    }
  }
}
