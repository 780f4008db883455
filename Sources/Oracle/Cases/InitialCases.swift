// Starting values: single parameters, whole encoders, banks and heads, also of full-width keys.
// Tests    OracleTests/CoverageCasesTests.swift
import Kernels
import Networks

/// The cases of the area "rng" about starting values.
enum InitialCases {
  /// All of them.
  static func all() throws(OracleError) -> [CaseRecipe] { weights() + encoders() + banks() + (try heads()) }

  private static func recipe(_ given: LossCase, _ operation: String) -> CaseRecipe {
    given.recipe("rng", operation, [:])
  }

  private static func weights() -> [CaseRecipe] {
    let cases: [(String, seed: Int, place: Int, shape: [Int], fanIn: Int, catches: [String])] = [
      ("convolution", 1, 0, [4, 3, 3, 3], 27, ["fan-out instead of fan-in", "He's bound √(6/fanIn)"]),
      ("linear", 1, 5, [4, 7], 7, ["Glorot's bound", "normal instead of uniform"]),
      ("bias", 1, 6, [4], 7, ["biases of 0", "fan-in of a bias taken for its length"]),
      ("next-seed", 2, 5, [4, 7], 7, ["the seed ignored"]),
      ("large-keys", 4_294_967_295, 61, [3, 5, 1, 1], 5, ["keys cut to 31 bits", "every parameter from one stream"]),
    ]
    return cases.map { slug, seed, place, shape, fanIn, catches in
      recipe(
        LossCase(
          slug: slug, summary: "parameter \(place), \(shape), fan-in \(fanIn)",
          parameters: [
            "seed": .integer(seed), "place": .integer(place), "shape": .list(shape.map { .integer($0) }),
            "fanIn": .integer(fanIn),
          ], catches: catches), "initial-weights")
    }
  }

  private static func encoders() -> [CaseRecipe] {
    let cases: [(String, seed: Int, channels: Int, EncoderConfiguration, [String])] = [
      (
        "plain", 3, 3, .small(streams: [.plain], widths: [2, 3], blocks: [1, 1]),
        ["constants not counted", "one stream for all parameters", "biases of 0"]
      ),
      (
        "two-streams", 3, 3, .small(widths: [2, 3], blocks: [1, 1]),
        ["both streams start alike", "Sobel's two channels taken for three", "linear of one stream's features"]
      ),
      (
        "two-blocks", 8, 1, .small(channels: 1, streams: [.sobel], widths: [2, 3], blocks: [2, 1], embeddingSize: 3),
        ["shortcuts drawn before the block's convolutions"]
      ),
    ]
    return cases.map { slug, seed, channels, configuration, catches in
      let parameters: [String: ParameterValue] = ["seed": .integer(seed), "channels": .integer(channels)]
      return recipe(
        LossCase(
          slug: slug, summary: "\(configuration.streams.count) streams of widths \(configuration.widths)",
          parameters: parameters.merging(configuration.parameters) { $1 }, catches: catches), "initial-encoder")
    }
  }

  private static func banks() -> [CaseRecipe] {
    let cases: [(String, seed: Int, images: Int, features: Int, isNormalised: Bool, catches: [String])] = [
      ("released", 1, 5, 8, false, ["rows normalised", "the bound 1/√D"]),
      ("normalised", 1, 5, 8, true, ["rows not normalised", "columns normalised"]),
      ("wide", 9, 3, 37, false, ["one stream for all rows", "normal instead of uniform"]),
      ("large-keys", 4_294_967_295, 2, 6, true, ["keys cut to 31 bits", "the image in the view's place"]),
    ]
    return cases.map { slug, seed, images, features, isNormalised, catches in
      var parameters: [String: ParameterValue] = [
        "seed": .integer(seed), "images": .integer(images), "features": .integer(features),
      ]
      if isNormalised { parameters["normalised"] = .truth(true) }
      return recipe(
        LossCase(
          slug: slug, summary: "\(images) rows of \(features)\(isNormalised ? ", of length 1" : "")",
          parameters: parameters, catches: catches), "initial-bank")
    }
  }

  private static func heads() throws(OracleError) -> [CaseRecipe] {
    let cases: [(String, seed: Int, heads: Int, features: Int, classes: Int, catches: [String])] = [
      ("three", 1, 3, 5, 4, ["class by class instead of feature by feature", "one stream for all heads"]),
      ("wide", 5, 2, 9, 3, ["both numbers of a pair kept", "uniform instead of normal"]),
      ("large-keys", 4_294_967_200, 2, 4, 6, ["heads in reverse", "class vectors of length 1"]),
    ]
    return try cases.map { slug, seed, heads, features, classes, catches throws(OracleError) in
      for seed in seed..<seed + 90 {
        let given = LossCase(
          slug: slug, summary: "\(heads) heads of \(features) × \(classes)",
          parameters: [
            "seed": .integer(seed), "heads": .integer(heads), "features": .integer(features),
            "classes": .integer(classes),
          ], catches: catches)
        let drawn = recipe(given, "initial-heads")
        if try InitialHeadsOperation().margins(drawn.prompt).values.allSatisfy({ $0 >= 1e-3 }) { return drawn }
      }
      throw OracleError("no seed keeps initial-heads-\(slug) away from its roundings")
    }
  }
}
