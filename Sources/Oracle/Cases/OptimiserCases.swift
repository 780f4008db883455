// The optimiser and the schedules, at the places where implementations differ.
// Tests    OracleTests/ShallowCasesTests.swift
import Kernels
import Networks

/// The cases of the areas "optimiser" and "schedule".
enum OptimiserCases {
  /// All of them.
  static func all() -> [CaseRecipe] { optimiser() + schedules() }

  /// rates, momentum, Nesterov, decay, whether there is a velocity, shape.
  private static func optimiser() -> [CaseRecipe] {
    let cases: [(String, [Double], Double, Bool, Double, Bool, [Int], String)] = [
      ("nesterov-falling-rate", [0.1, 0.01], 0.9, true, 0.0005, false, [7], "rate inside the velocity"),
      ("plain-falling-rate", [0.1, 0.01], 0.9, false, 0.0005, false, [7], "rate inside the velocity"),
      ("nesterov-rising-rate", [0.01, 0.5, 0.02], 0.9, true, 0, true, [5], "rate inside the velocity"),
      ("plain-rising-rate", [0.01, 0.5, 0.02], 0.9, false, 0, true, [5], "rate inside the velocity"),
      ("no-momentum", [0.3, 0.2], 0, false, 0, false, [6], "velocity kept without momentum"),
      ("no-momentum-decay", [0.3, 0.2], 0, false, 0.5, true, [6], "decay taken into the velocity alone"),
      ("nesterov-velocity", [0.25, 0.125], 0.9, true, 0.25, true, [3, 4], "first velocity zeroed"),
      ("plain-velocity", [0.25, 0.125], 0.9, false, 0.25, true, [3, 4], "gradient weighed by 1 − momentum"),
      ("strong-decay", [0.5, 0.25, 0.125], 0.75, false, 0.75, true, [9], "decay decoupled from the rate"),
      ("strong-decay-nesterov", [0.5, 0.25, 0.125], 0.75, true, 0.75, true, [9], "decay after the momentum"),
      ("rate-zero", [0.25, 0, 0.25], 0.875, true, 0.01, true, [4], "velocity not moved at rate 0"),
      ("paper", [0.03, 0.003, 0.0003], 0.9, true, 0.0005, true, [2, 3, 3, 3], "decay left out for some shapes"),
      ("long", [0.0625, 0.25], 0.9, true, 0.01, true, [131], "the last elements of a vector loop"),
      ("heavy", [0.125, 0.0625, 0.03125], 0.99, true, 0, false, [8], "momentum rounded or clipped"),
    ]
    return cases.enumerated().map { index, item in
      let drawing = NetworkDrawing(seed: 300 + UInt32(index))
      var inputs = [
        "parameter": drawing.tensor(item.6, 0), "gradients": drawing.tensor([item.1.count] + item.6, 1),
      ]
      if item.5 { inputs["velocity"] = drawing.tensor(item.6, 2, scale: 0.5) }
      return CaseRecipe(
        area: "optimiser", slug: "sgd-" + item.0, summary: "\(item.1.count) steps at rates \(item.1)",
        catches: [item.7],
        prompt: Prompt(
          operation: "sgd",
          parameters: [
            "rates": .list(item.1.map { .number($0) }), "momentum": .number(item.2), "nesterov": .truth(item.3),
            "weightDecay": .number(item.4),
          ], inputs: inputs))
    }
  }

  private static func schedules() -> [CaseRecipe] {
    let boundaries = [0, 1, 79, 80, 81, 119, 120, 121, 159, 160, 161, 199]
    let late = [0, 79, 80, 119, 120, 159, 160, 199, 200, 239, 240, 279, 280, 299]
    return [
      rate("paper", "paper", 0.03, 200, boundaries, "first drop at epoch 80 instead of 120"),
      rate("paper-stage-two", "paper", 0.01, 300, late, "drops that stop after two"),
      rate("epoch-80", "paperFromEpoch80", 0.03, 200, boundaries, "first drop at epoch 120 instead of 80"),
      rate("constant", "constant", 0.0625, 10, [0, 5, 9], "a rate that falls"),
      rate("fractions-5", "fractions", 0.1, 5, Array(0..<5), "0.6 · 5 rounded to above 3"),
      rate("fractions-7", "fractions", 0.1, 7, Array(0..<7), "borders of fractions rounded"),
      rate("fractions-10", "fractions", 0.3, 10, Array(0..<10), "borders one epoch late"),
      weight("paper", "paper", 0.2, 3, 200, boundaries, "epochs counted over all rounds"),
      weight("all-epochs", "allEpochs", 0.2, 2, 50, [0, 29, 30, 49], "epochs counted in the round"),
      weight("fractions-5", "fractions", 0.2, 1, 5, Array(0..<5), "borders of fractions rounded"),
      weight("fractions-8", "fractions", 0.125, 0, 8, Array(0..<8), "borders of fractions rounded"),
      anchors("paper", 50_000, 0.25, Array(0...5), "more anchors than images"),
      anchors("products-below-whole-numbers", 90, 0.7, [0, 1, 2], "90 · 0.7 = 62.99… cut to 62"),
      anchors("tenths", 10, 0.1, Array(0...12), "products such as 10 · 0.1 · 3 cut or rounded up"),
      anchors("odd", 1797, 0.25, Array(0...4), "rounded to the nearest"),
    ]
  }

  private static func epochs(_ length: Int, _ epochs: [Int]) -> [String: ParameterValue] {
    ["length": .integer(length), "epochs": .list(epochs.map { .integer($0) })]
  }

  private static func rate(
    _ slug: String, _ schedule: String, _ base: Double, _ length: Int, _ list: [Int], _ catches: String
  ) -> CaseRecipe {
    let parameters: [String: ParameterValue] = ["schedule": .text(schedule), "base": .number(base)]
    return CaseRecipe(
      area: "schedule", slug: "learning-rate-" + slug, summary: "base \(base), \(length) epochs", catches: [catches],
      prompt: Prompt(
        operation: "learning-rate", parameters: parameters.merging(epochs(length, list)) { $1 }, inputs: [:]))
  }

  private static func weight(
    _ slug: String, _ schedule: String, _ step: Double, _ round: Int, _ length: Int, _ list: [Int], _ catches: String
  ) -> CaseRecipe {
    let parameters: [String: ParameterValue] = [
      "schedule": .text(schedule), "step": .number(step), "round": .integer(round),
    ]
    return CaseRecipe(
      area: "schedule", slug: "entropy-weight-" + slug, summary: "step \(step), round \(round), \(length) epochs",
      catches: [catches],
      prompt: Prompt(
        operation: "entropy-weight", parameters: parameters.merging(epochs(length, list)) { $1 }, inputs: [:]))
  }

  private static func anchors(
    _ slug: String, _ images: Int, _ rate: Double, _ rounds: [Int], _ catches: String
  ) -> CaseRecipe {
    CaseRecipe(
      area: "schedule", slug: "anchor-count-" + slug, summary: "\(images) images at \(rate) a round",
      catches: [catches],
      prompt: Prompt(
        operation: "anchor-count",
        parameters: [
          "imageCount": .integer(images), "rate": .number(rate), "rounds": .list(rounds.map { .integer($0) }),
        ], inputs: [:]))
  }
}
