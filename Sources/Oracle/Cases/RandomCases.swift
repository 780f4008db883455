// Random numbers: Random123's known answers, and streams of all kinds and lengths.
// Tests    OracleTests/ShallowCasesTests.swift
import Kernels
import Networks

/// The cases of the area "rng".
enum RandomCases {
  /// All of them.
  static func all() -> [CaseRecipe] { philox() + draws() }

  private static func philox() -> [CaseRecipe] {
    let ones = Int(UInt32.max)
    return [
      block(
        "known-answers", "Random123's known answers",
        [[0, 0, 0, 0], [ones, ones, ones, ones], [0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344]],
        [[0, 0], [ones, ones], [0xA409_3822, 0x299F_31D0]], "rounds, multipliers or words in the wrong order"),
      block(
        "single-bits", "one bit of the counter or the key at a time",
        [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 0, 0], [0, 0, 0, 0]],
        [[0, 0], [0, 0], [0, 0], [0, 0], [1, 0], [0, 1]], "words of counter or key swapped"),
      block(
        "counting", "neighbouring counters up to the carry",
        [[ones - 1, 7, 8, 9], [ones, 7, 8, 9], [0, 8, 8, 9]], [[5, 6], [5, 6], [5, 6]], "64-bit lanes"),
    ]
  }

  private static func block(
    _ slug: String, _ summary: String, _ counters: [[Int]], _ keys: [[Int]], _ catches: String
  ) -> CaseRecipe {
    CaseRecipe(
      area: "rng", slug: "philox-" + slug, summary: summary, catches: [catches],
      prompt: Prompt(
        operation: "philox",
        inputs: [
          "counters": .integers(counters.flatMap { $0 }, shape: [counters.count, 4]),
          "keys": .integers(keys.flatMap { $0 }, shape: [keys.count, 2]),
        ]))
  }

  /// slug, operation, seed, purpose, epoch, image, view, count, bound.
  private static func draws() -> [CaseRecipe] {
    let cases: [(String, String, Int, Int, Int, Int, Int, Int, Int?, String)] = [
      ("first", "uniform", 1, 0, 0, 0, 0, 9, nil, "32 instead of 24 bits"),
      ("augmentation", "uniform", 7, 5, 3, 11, 1, 10, nil, "epoch, image and view in the wrong words"),
      ("large-keys", "uniform", 4_294_967_295, 5, 1_000_000, 4_000_000_000, 3, 5, nil, "keys cut to 31 bits"),
      ("second-view", "uniform", 7, 5, 3, 11, 0, 10, nil, "both views from one stream"),
      ("first", "normal", 1, 0, 0, 0, 0, 8, nil, "the second number of a pair kept"),
      ("heads", "normal", 5, 3, 0, 2, 0, 20, nil, "Box and Muller's method"),
      ("weights", "normal", 3, 1, 0, 17, 0, 12, nil, "logarithm of base 2"),
      ("1", "permutation", 42, 4, 0, 0, 0, 1, nil, "a draw for a single place"),
      ("2", "permutation", 42, 4, 1, 0, 0, 2, nil, "a draw for the last place"),
      ("3", "permutation", 42, 4, 2, 0, 0, 3, nil, "shuffled from the first place up"),
      ("12", "permutation", 42, 4, 2, 0, 0, 12, nil, "shuffled from the first place up"),
      ("100", "permutation", 0, 4, 5, 0, 0, 100, nil, "bias by remainders"),
      ("257", "permutation", 9, 4, 17, 0, 0, 257, nil, "the epoch left out of the key"),
      ("bound-1", "integers", 1, 0, 0, 0, 0, 5, 1, "a bound of 1 refused"),
      ("bound-2", "integers", 1, 0, 0, 0, 0, 33, 2, "the lowest instead of the highest bit"),
      ("bound-10", "integers", 1, 0, 0, 0, 0, 30, 10, "remainder instead of multiplication"),
      ("bound-3000000000", "integers", 1, 0, 0, 0, 0, 12, 3_000_000_000, "no rejection"),
      ("bound-largest", "integers", 2, 6, 0, 0, 4, 8, 4_294_967_295, "bound cut to 31 bits"),
    ]
    return cases.map { slug, operation, seed, purpose, epoch, image, view, count, bound, catches in
      var parameters: [String: ParameterValue] = [
        "seed": .integer(seed), "purpose": .integer(purpose), "epoch": .integer(epoch), "image": .integer(image),
        "view": .integer(view), "count": .integer(count),
      ]
      if let bound { parameters["bound"] = .integer(bound) }
      return CaseRecipe(
        area: "rng", slug: "\(operation)-\(slug)",
        summary: "\(count) of stream (\(seed), \(purpose), \(epoch), \(image), \(view))",
        catches: [catches], prompt: Prompt(operation: operation, parameters: parameters, inputs: [:]))
    }
  }
}
