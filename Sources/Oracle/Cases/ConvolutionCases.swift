// Convolutions of every kernel, stride and padding that tells implementations apart; the edge filter.
// Tests    OracleTests/LayerOperationsTests.swift, OracleTests/LegalRoundingTests.swift,
//          OracleTests/MutantsTests.swift
import Kernels
import Networks

/// The cases of the operations "convolution" and "sobel".
enum ConvolutionCases {
  /// All of them.
  static func all() -> [CaseRecipe] { convolutions() + filters() }

  /// One convolution before its inputs are drawn.
  private struct Layer {
    var slug: String
    /// batch, input channels, output channels, height, width, kernel height, kernel width.
    var sizes: [Int]
    var (stride, padding, bias) = (1, 0, false)
    var catches: [String]

    init(
      _ slug: String, _ sizes: [Int], stride: Int = 1, padding: Int = 0, bias: Bool = false, _ catches: [String]
    ) {
      (self.slug, self.sizes, self.catches) = (slug, sizes, catches)
      (self.stride, self.padding, self.bias) = (stride, padding, bias)
    }
  }

  private static func convolutions() -> [CaseRecipe] {
    layers.enumerated().map { index, item in
      let (drawing, s) = (NetworkDrawing(seed: 42_000 + UInt32(index)), item.sizes)
      let output = [5, 6].map { (s[$0 - 2] + 2 * item.padding - s[$0]) / item.stride + 1 }
      var inputs = [
        "x": drawing.tensor([s[0], s[1], s[3], s[4]], 0, mean: 0.25),
        "weight": drawing.tensor([s[2], s[1], s[5], s[6]], 1, scale: 0.5),
        "y.cotangent": drawing.tensor([s[0], s[2]] + output, 2),
      ]
      if item.bias { inputs["bias"] = drawing.tensor([s[2]], 3) }
      return CaseRecipe(
        area: "op", slug: "convolution-" + item.slug,
        summary: "\(s[0]) × \(s[1]) × \(s[3]) × \(s[4]) to \(s[2]) channels, kernel \(s[5]) × \(s[6]), stride "
          + "\(item.stride), padding \(item.padding)",
        catches: item.catches,
        prompt: Prompt(
          operation: "convolution",
          parameters: ["stride": .integer(item.stride), "padding": .integer(item.padding)], inputs: inputs))
    }
  }

  private static let layers: [Layer] = {
    let (flip, again) = ("kernel flipped: true convolution", "input gradient without the flip")
    let (uneven, last) = ("asymmetric padding at stride 2", "last row and column lost")
    let (layout, turned) = ("weight read input channels first", "kernel rows and columns swapped")
    let (border, tf32) = ("padding by the border's values", "factors rounded to TF32")
    let (means, biasMean) = ("weight gradient averaged over the batch", "bias gradient averaged over the batch")
    return [
      Layer("3x3", [2, 3, 4, 5, 6, 3, 3], padding: 1, [flip, again, border, layout, turned]),
      Layer("3x3-one-image", [1, 4, 3, 6, 5, 3, 3], padding: 1, [flip, again, border, layout]),
      Layer("3x3-five-images", [5, 2, 3, 4, 3, 3, 3], padding: 1, [means, again, border]),
      Layer("3x3-no-padding", [2, 3, 4, 6, 5, 3, 3], [flip, again, turned, last]),
      Layer("3x3-padding-2", [2, 2, 3, 4, 5, 3, 3], padding: 2, [flip, again, border]),
      Layer("3x3-stride-2-even", [2, 3, 4, 6, 8, 3, 3], stride: 2, padding: 1, [uneven, flip, again]),
      Layer("3x3-stride-2-odd", [2, 3, 5, 7, 5, 3, 3], stride: 2, padding: 1, [last, flip, again]),
      Layer("3x3-stride-2-even-odd", [2, 2, 3, 6, 7, 3, 3], stride: 2, padding: 1, [last, flip, again]),
      Layer("3x3-stride-2-channels", [1, 7, 9, 4, 6, 3, 3], stride: 2, padding: 1, [uneven, layout]),
      Layer("3x3-stride-3", [2, 2, 3, 8, 7, 3, 3], stride: 3, padding: 1, [last, flip, again]),
      Layer("1x1", [3, 5, 4, 4, 3, 1, 1], [layout, tf32, means, "input read as channels last"]),
      Layer("1x1-stride-2-odd", [2, 4, 6, 5, 7, 1, 1], stride: 2, [layout, last]),
      Layer("1x1-stride-2-even", [2, 4, 6, 4, 6, 1, 1], stride: 2, [layout, "pixels of the other parity taken"]),
      Layer("2x2", [2, 3, 4, 5, 6, 2, 2], [flip, again, turned]),
      Layer("2x2-stride-2", [2, 3, 2, 6, 4, 2, 2], stride: 2, [flip, again, means]),
      Layer("4x4-stride-2", [2, 2, 3, 6, 8, 4, 4], stride: 2, padding: 1, [flip, again, border]),
      Layer("5x5", [2, 2, 3, 7, 6, 5, 5], padding: 2, [flip, again, border, turned]),
      Layer("7x7-stride-2", [1, 3, 4, 11, 9, 7, 7], stride: 2, padding: 3, [flip, last, border]),
      Layer("3x1", [2, 3, 4, 6, 5, 3, 1], [flip, again]),
      Layer("1x3", [2, 3, 4, 5, 6, 1, 3], [flip, again]),
      Layer("2x3", [2, 3, 4, 5, 4, 2, 3], padding: 1, [flip, again, turned, border]),
      Layer("bias", [3, 3, 4, 5, 4, 3, 3], padding: 1, bias: true, ["bias left out", biasMean, flip]),
      Layer("bias-stride-2", [5, 2, 3, 6, 7, 3, 3], stride: 2, padding: 1, bias: true, ["bias left out", biasMean]),
      Layer("one-channel-in", [2, 1, 5, 6, 5, 3, 3], padding: 1, [flip, turned]),
      Layer("one-channel-out", [2, 5, 1, 5, 6, 3, 3], padding: 1, [flip, again]),
      Layer("channels-17-to-9", [1, 17, 9, 4, 5, 3, 3], padding: 1, [layout, last]),
      Layer("channels-7-to-33", [1, 7, 33, 3, 4, 3, 3], padding: 1, [layout, last]),
      Layer("wide-image", [1, 2, 3, 4, 33, 3, 3], padding: 1, [last, border]),
      Layer("tall-image", [1, 2, 3, 35, 3, 3, 3], padding: 1, [last, border]),
      Layer("narrow", [2, 3, 4, 1, 2, 1, 1], [tf32, layout]),
    ]
  }()

  private static func filters() -> [CaseRecipe] {
    let (luma, sum) = ("grey by luma weights", "channels summed instead of averaged")
    let (flip, swapped) = ("true convolution instead of correlation", "the two filters swapped")
    let border = "border repeated instead of zeros"
    let cases: [(slug: String, shape: [Int], catches: [String])] = [
      ("colour", [2, 3, 5, 6], [luma, sum, flip, swapped, border]), ("odd", [1, 3, 7, 4], [luma, flip, border]),
      ("grey", [2, 1, 6, 5], [flip, swapped, border]), ("four-channels", [1, 4, 5, 7], [sum, flip, swapped]),
      ("wide", [1, 3, 3, 33], [luma, border, "filters divided by 8"]),
    ]
    return cases.enumerated().map { index, item in
      let (drawing, s) = (NetworkDrawing(seed: 43_000 + UInt32(index)), item.shape)
      return CaseRecipe(
        area: "op", slug: "sobel-" + item.slug, summary: "\(s)", catches: item.catches,
        prompt: Prompt(
          operation: "sobel",
          inputs: [
            "x": drawing.tensor(s, 0, mean: 0.5), "y.cotangent": drawing.tensor([s[0], 2, s[2], s[3]], 1),
          ]))
    }
  }
}
