// Random parameters of views: ordinary ones, both views, crops that never fit, probabilities, keys of full width.
// Tests    OracleTests/AugmentationCasesTests.swift, OracleTests/ShallowCasesTests.swift
import Kernels
import Networks

/// The cases of the area "rng" that are about views.
enum ViewParameterCases {
  /// All of them.
  static func all() throws(OracleError) -> [CaseRecipe] { try crops() + jitters() }

  /// Some images, not in order; from a seed on, until no rounding and no comparison is near.
  static func recipe(
    _ operation: any OracleOperation, _ slug: String, _ catches: [String], seed: UInt32, epoch: Int, view: Int,
    images: [Int], _ parameters: [String: ParameterValue]
  ) throws(OracleError) -> CaseRecipe {
    for seed in seed..<seed + 200 {
      var parameters = parameters
      (parameters["seed"], parameters["epoch"]) = (.integer(Int(seed)), .integer(epoch))
      (parameters["view"], parameters["images"]) = (.integer(view), .list(images.map { .integer($0) }))
      let prompt = Prompt(operation: operation.name, parameters: parameters, inputs: [:])
      // Of a crop's corner, in pixels, less is enough.
      let isCrop = operation is CropParametersOperation
      if try operation.margins(prompt).allSatisfy({ $0.value >= (isCrop && $0.key == "place" ? 1e-4 : 1e-3) }) {
        return CaseRecipe(
          area: "rng", slug: "\(operation.name)-\(slug)",
          summary: "\(images.count) images in epoch \(epoch), view \(view)",
          catches: catches, prompt: prompt)
      }
    }
    throw OracleError("no seed keeps \(operation.name)-\(slug) away from its roundings")
  }

  static let images = [7, 0, 11, 3, 49_999, 12, 5, 1]

  static func range(_ least: Double, _ largest: Double) -> ParameterValue {
    .list([.number(least), .number(largest)])
  }

  private static func crops() throws(OracleError) -> [CaseRecipe] {
    let cases: [(String, Int, Int, Int, Int, (Double, Double), (Double, Double), String)] = [
      ("paper", 32, 32, 3, 0, (0.2, 1), (0.75, 1.3125), "the ratio drawn linearly"),
      ("second-view", 32, 32, 3, 1, (0.2, 1), (0.75, 1.3125), "both views from one stream"),
      ("next-epoch", 32, 32, 4, 0, (0.2, 1), (0.75, 1.3125), "the same views in every epoch"),
      ("oblong", 24, 41, 0, 0, (0.125, 0.75), (0.5, 2), "width and height, or left and top, swapped"),
      ("narrow-ratio", 96, 96, 17, 1, (0.25, 0.5), (0.9375, 1.0625), "the ratio applied to sides instead of the area"),
      ("often-too-large", 20, 26, 2, 0, (0.75, 1), (0.5, 2), "the second try's words taken from the end of the stream"),
      ("never-fits-wide", 6, 60, 1, 0, (0.875, 1), (0.75, 1.3125), "the whole image where no try fits"),
      (
        "never-fits-tall", 61, 5, 1, 1, (0.875, 1), (0.75, 1.3125), "the central crop off by one, or its ratio inverted"
      ),
      ("never-fits-square", 16, 16, 1, 0, (1, 1), (1.5, 2), "a fallback of ratio 1 where only wider boxes are allowed"),
      ("tiny", 2, 3, 1, 0, (0.25, 1), (0.75, 1.3125), "sides of 0"),
    ]
    return try cases.enumerated().map { index, item throws(OracleError) in
      try recipe(
        CropParametersOperation(), item.0, [item.7, "sides rounded up or down", "tries that do not fit not counted"],
        // The first three share their seed, so that only the key tells them apart.
        seed: index < 3 ? 1 : 300 * UInt32(index), epoch: item.3, view: item.4,
        images: item.0.hasPrefix("never") ? [49_999, 2] : images,
        [
          "height": .integer(item.1), "width": .integer(item.2), "area": range(item.5.0, item.5.1),
          "ratio": range(item.6.0, item.6.1),
        ])
    }
  }

  private static func jitters() throws(OracleError) -> [CaseRecipe] {
    let largest = Int(UInt32.max)
    let cases: [(String, UInt32, Int, Int, [Int], Double, (Double, Double), (Double, Double), [Double], String)] = [
      ("paper", 60, 3, 0, images, 1, (0.6, 1.4), (-0.4, 0.4), [0.2, 0.5], "the order drawn from the first place up"),
      ("second-view", 60, 3, 1, images, 1, (0.6, 1.4), (-0.4, 0.4), [0.2, 0.5], "both views from one stream"),
      (
        "sometimes", 5, 8, 0, images, 0.8, (0.2, 1.8), (-0.2, 0.2), [0.2, 0.5],
        "words skipped where nothing is jittered"
      ),
      (
        "never-flipped", 6, 0, 0, images, 0.5, (0.5, 2), (0, 0.25), [1, 0], "probabilities of 0 or 1 missed by one draw"
      ),
      (
        "large-keys", 4_294_967_000, largest, largest, [largest, 4_000_000_000], 1, (0.875, 1), (-0.5, 0), [0.25, 0.5],
        "keys cut to 31 bits"
      ),
    ]
    return try cases.map { item throws(OracleError) in
      try recipe(
        JitterParametersOperation(), item.0, [item.9, "one factor used for all", "hue's range not symmetric"],
        seed: item.1, epoch: item.2, view: item.3, images: item.4,
        [
          "jitterProbability": .number(item.5), "brightness": range(item.6.0, item.6.1),
          "contrast": range(item.6.0 / 2, item.6.1), "saturation": range(item.6.0, item.6.1 * 2),
          "hue": range(item.7.0, item.7.1), "greyscaleProbability": .number(item.8[0]),
          "flipProbability": .number(item.8[1]),
        ])
    }
  }
}
