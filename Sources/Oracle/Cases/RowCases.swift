// The softmax family at ordinary logits.
// Tests    OracleTests/LayerOperationsTests.swift, OracleTests/MutantsTests.swift
import Kernels
import Networks

/// The cases of the operations on rows.
enum RowCases {
  /// All of them.
  static func all() -> [CaseRecipe] {
    let shapes: [(slug: String, shape: [Int], scale: Double)] = [
      ("rows", [4, 5], 1), ("square", [6, 6], 2), ("one-row", [1, 10], 1.5), ("sharp", [5, 7], 8),
      ("wide", [2, 131], 3),
    ]
    return kinds.enumerated().flatMap { k, kind in
      shapes.enumerated().map { index, item in
        let drawing = NetworkDrawing(seed: 44_000 + UInt32(10 * k + index))
        return CaseRecipe(
          area: "op", slug: "\(kind.operation)-\(item.slug)",
          summary: "\(item.shape[0]) rows of \(item.shape[1]), deviation \(item.scale)",
          catches: item.shape[0] == 1 ? kind.catches : kind.catches + kind.catchesOfRows,
          prompt: Prompt(
            operation: kind.operation,
            inputs: [
              "x": drawing.tensor(item.shape, 0, scale: item.scale),
              "y.cotangent": drawing.tensor(kind.reduces ? [item.shape[0]] : item.shape, 1),
            ]))
      }
    }
  }

  private static let kinds: [(operation: String, reduces: Bool, catches: [String], catchesOfRows: [String])] = [
    (
      "softmax-of-rows", false, ["gradient of the diagonal alone", "softmax to base 2"],
      ["normalised over the columns' axis"]
    ),
    (
      "log-softmax-of-rows", false, ["logarithm to base 2", "cotangents not summed"],
      ["normalised over the columns' axis"]
    ),
    ("log-sum-exp-of-rows", true, ["logarithm to base 2", "mean instead of sum"], ["last column lost"]),
    ("entropy-of-rows", true, ["logarithm to base 2", "gradient without the entropy"], ["sign of the entropy"]),
  ]
}
