// Everything that a network is made of, one operation at a time: what the drawings of the area "op" share, and the
// layers without parameters.
//
// Every mistake that a case names is a wrong implementation among the tests' mutants, and is seen ten bounds away or
// more.
// Tests    OracleTests/LayerOperationsTests.swift, OracleTests/MutantsTests.swift
import Kernels
import Networks

/// The cases of the area "op", and those of the area "edge" that ask its operations.
enum LayerCases {
  /// All of them.
  static func all() throws(OracleError) -> [CaseRecipe] {
    MatrixCases.all() + ConvolutionCases.all() + (try BatchNormCases.all()) + (try layers()) + RowCases.all()
      + OperationEdgeCases.all()
  }

  private static func layers() throws(OracleError) -> [CaseRecipe] {
    (try rectifiers()) + pools() + normalisations()
  }

  private static func rectifiers() throws(OracleError) -> [CaseRecipe] {
    let cases: [(slug: String, shape: [Int], residual: Bool, catches: [String])] = [
      ("maps", [2, 3, 4, 5], false, ["leak of 0.01 below zero", "gradient not stopped below zero"]),
      ("vector", [131], false, ["last elements of a vector loop lost", "gradient not stopped below zero"]),
      ("residual", [3, 2, 3, 4], true, ["rectified before the sum", "gradient of the residual lost"]),
      ("residual-rows", [5, 7], true, ["rectified before the sum", "leak of 0.01 below zero"]),
    ]
    return try cases.enumerated().map { index, item throws(OracleError) in
      let prompt = try NetworkDrawing.first(from: 30_000 + 1000 * UInt32(index)) { drawing in
        var inputs = ["x": drawing.tensor(item.shape, 0), "y.cotangent": drawing.tensor(item.shape, 1)]
        if item.residual { inputs["residual"] = drawing.tensor(item.shape, 2) }
        return Prompt(operation: "relu", inputs: inputs)
      }
      return CaseRecipe(
        area: "op", slug: "relu-" + item.slug, summary: "\(item.shape)" + (item.residual ? " after a sum" : ""),
        catches: item.catches, prompt: prompt)
    }
  }

  private static func pools() -> [CaseRecipe] {
    let cases: [(slug: String, shape: [Int], catches: [String])] = [
      ("maps", [3, 4, 5, 6], ["sum instead of mean", "gradient not divided by the pixels"]),
      ("row-of-pixels", [2, 7, 1, 9], ["mean over the height alone"]),
      ("window", [2, 3, 8, 6], ["fixed window of 4 × 4", "gradient not divided by the pixels"]),
      ("tall", [1, 5, 33, 2], ["sum instead of mean", "mean over the height alone"]),
      ("odd", [2, 2, 17, 13], ["last pixel lost", "input read as channels last"]),
    ]
    return cases.enumerated().map { index, item in
      let drawing = NetworkDrawing(seed: 36_000 + UInt32(index))
      return CaseRecipe(
        area: "op", slug: "global-average-pool-" + item.slug, summary: "\(item.shape)", catches: item.catches,
        prompt: Prompt(
          operation: "global-average-pool",
          inputs: [
            "x": drawing.tensor(item.shape, 0, mean: 0.25),
            "y.cotangent": drawing.tensor(Array(item.shape.prefix(2)), 1),
          ]))
    }
  }

  private static func normalisations() -> [CaseRecipe] {
    let cases: [(slug: String, shape: [Int], scale: Double, epsilon: Double?, catches: [String])] = [
      ("rows", [4, 5], 2, nil, ["columns normalised instead of rows", "gradient not projected"]),
      ("square", [6, 6], 0.5, nil, ["columns normalised instead of rows", "sum of magnitudes instead of squares"]),
      ("one-row", [1, 9], 3, nil, ["gradient not divided by the norm", "gradient not projected"]),
      ("embedding", [3, 128], 1, nil, ["gradient not projected", "sum of magnitudes instead of squares"]),
      ("tall", [17, 3], 0.25, nil, ["columns normalised instead of rows", "gradient not divided by the norm"]),
      (
        "large-epsilon", [5, 4], 4, 0.5,
        ["epsilon added to the norm", "epsilon squared added to the sum of squares"]
      ),
    ]
    return cases.enumerated().map { index, item in
      let drawing = NetworkDrawing(seed: 37_000 + UInt32(index))
      return CaseRecipe(
        area: "op", slug: "l2-normalisation-" + item.slug,
        summary: "\(item.shape[0]) rows of \(item.shape[1])" + (item.epsilon.map { ", ε \($0)" } ?? ""),
        catches: item.catches,
        prompt: Prompt(
          operation: "l2-normalisation", parameters: item.epsilon.map { ["epsilon": .number($0)] } ?? [:],
          inputs: [
            "x": drawing.tensor(item.shape, 0, scale: item.scale), "y.cotangent": drawing.tensor(item.shape, 1),
          ]))
    }
  }
}
