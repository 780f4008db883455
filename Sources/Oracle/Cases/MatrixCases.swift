// Matrix products of every orientation and around the sizes of tiles; fully connected layers.
// Tests    OracleTests/LayerOperationsTests.swift, OracleTests/LegalRoundingTests.swift,
//          OracleTests/MutantsTests.swift
import Kernels
import Networks

/// The cases of the operations "matrix-product" and "linear".
enum MatrixCases {
  /// All of them.
  static func all() -> [CaseRecipe] { products() + layers() }

  /// One product before its inputs are drawn.
  private struct Product {
    var slug: String
    /// rows, depth, columns.
    var sizes: [Int]
    var (transposeA, transposeB, accumulate) = (false, false, false)
    var catches: [String]

    init(_ slug: String, _ sizes: [Int], a: Bool = false, b: Bool = false, plus: Bool = false, _ catches: [String]) {
      (self.slug, self.sizes, self.catches) = (slug, sizes, catches)
      (transposeA, transposeB, accumulate) = (a, b, plus)
    }
  }

  private static func products() -> [CaseRecipe] {
    let (ignored, edge) = ("transposition ignored", "last row and column of a partial tile lost")
    let (overwritten, tf32) = ("c overwritten instead of added to", "factors rounded to TF32")
    let products = [
      Product("plain", [5, 7, 4], [tf32, "last step of the depth lost"]),
      Product("transposed-a", [5, 7, 4], a: true, [tf32, "last step of the depth lost"]),
      Product("transposed-b", [5, 7, 4], b: true, [tf32, "last step of the depth lost"]),
      Product("transposed-both", [5, 7, 4], a: true, b: true, [tf32, "last step of the depth lost"]),
      Product("accumulate", [6, 5, 9], plus: true, [overwritten]),
      Product("accumulate-transposed-a", [6, 5, 9], a: true, plus: true, [overwritten]),
      Product("accumulate-transposed-b", [6, 5, 9], b: true, plus: true, [overwritten]),
      Product("accumulate-transposed-both", [6, 5, 9], a: true, b: true, plus: true, [overwritten]),
      Product("square-transposed-a", [6, 6, 6], a: true, [ignored, "gradients of the factors swapped"]),
      Product("square-transposed-b", [7, 7, 7], b: true, [ignored, "gradients of the factors swapped"]),
      Product("tile-7-17-33", [7, 17, 33], [edge]),
      Product("tile-17-49-7", [17, 49, 7], a: true, [edge]),
      Product("tile-33-7-49", [33, 7, 49], b: true, [edge]),
      Product("tile-49-33-17", [49, 33, 17], a: true, b: true, plus: true, [edge, overwritten]),
      Product("tile-97-3-9", [97, 3, 9], [edge]),
      Product("tile-6-16-16", [6, 16, 16], [tf32, "last step of the depth lost"]),
      Product("one-row", [1, 19, 23], [edge]),
      Product("one-column", [23, 19, 1], [edge]),
      Product("outer", [9, 1, 11], ["factors rounded to TF32", edge]),
      Product("deep", [3, 517, 5], [edge, "depth cut at 512"]),
    ]
    return products.enumerated().map { index, item in
      let (drawing, s) = (NetworkDrawing(seed: 40_000 + UInt32(index)), item.sizes)
      var inputs = [
        "a": drawing.tensor(item.transposeA ? [s[1], s[0]] : [s[0], s[1]], 0),
        "b": drawing.tensor(item.transposeB ? [s[2], s[1]] : [s[1], s[2]], 1),
        "y.cotangent": drawing.tensor([s[0], s[2]], 2),
      ]
      if item.accumulate { inputs["c"] = drawing.tensor([s[0], s[2]], 3, scale: 2) }
      return CaseRecipe(
        area: "op", slug: "matrix-product-" + item.slug, summary: "\(s[0]) × \(s[1]) by \(s[1]) × \(s[2])",
        catches: item.catches,
        prompt: Prompt(
          operation: "matrix-product",
          parameters: [
            "transposeA": .truth(item.transposeA), "transposeB": .truth(item.transposeB),
            "accumulate": .truth(item.accumulate),
          ], inputs: inputs))
    }
  }

  private static func layers() -> [CaseRecipe] {
    // rows, inputs, outputs.
    let cases: [(slug: String, sizes: [Int], catches: [String])] = [
      ("plain", [5, 7, 4], ["bias left out", "bias gradient averaged over the rows", "factors rounded to TF32"]),
      ("square", [5, 6, 6], ["weight stored inputs × outputs", "weight gradient averaged over the rows"]),
      ("one-output", [7, 9, 1], ["bias left out", "weight gradient averaged over the rows"]),
      ("one-row", [1, 12, 5], ["bias left out", "factors rounded to TF32"]),
      ("wide", [3, 33, 17], ["bias gradient averaged over the rows", "factors rounded to TF32"]),
      ("many-rows", [49, 5, 3], ["bias gradient averaged over the rows", "weight gradient averaged over the rows"]),
    ]
    return cases.enumerated().map { index, item in
      let (drawing, s) = (NetworkDrawing(seed: 41_000 + UInt32(index)), item.sizes)
      return CaseRecipe(
        area: "op", slug: "linear-" + item.slug, summary: "\(s[0]) rows, \(s[1]) to \(s[2]) numbers",
        catches: item.catches,
        prompt: Prompt(
          operation: "linear",
          inputs: [
            "x": drawing.tensor([s[0], s[1]], 0), "weight": drawing.tensor([s[2], s[1]], 1, scale: 0.5),
            "bias": drawing.tensor([s[2]], 2), "y.cotangent": drawing.tensor([s[0], s[2]], 3),
          ]))
    }
  }
}
