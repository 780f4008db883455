// Where operations break: zeros, single numbers, numbers far apart, and kernels larger than what they see.
//
// A batch norm of one value per channel in training has no case: it is refused.
// Tests    OracleTests/LayerOperationsTests.swift, OracleTests/MutantsTests.swift
import Kernels
import Networks

/// The cases of the area "edge" that ask the operations of the area "op".
enum OperationEdgeCases {
  /// All of them.
  static func all() -> [CaseRecipe] { rectifier() + batchNorms() + rows() + units() + images() }

  private static func edge(
    _ slug: String, _ summary: String, _ operation: String, _ inputs: [String: TensorValue],
    parameters: [String: ParameterValue] = [:], catches: [String]
  ) -> CaseRecipe {
    CaseRecipe(
      area: "edge", slug: slug, summary: summary, catches: catches,
      prompt: Prompt(operation: operation, parameters: parameters, inputs: inputs))
  }

  /// Rows of given numbers, each exactly a Float.
  private static func table(_ rows: [[Float]]) -> TensorValue { .real(Tensor<Float>(rows: rows)) }

  private static func rectifier() -> [CaseRecipe] {
    let drawing = NetworkDrawing(seed: 45_000)
    let x: [[Float]] = [[0, 1.5, -0.75, 0], [-0.0, 2.25, 0, -3]]
    return [
      edge(
        "relu-at-zero", "inputs of exactly 0 and −0", "relu",
        ["x": table(x), "y.cotangent": drawing.tensor([2, 4], 1)],
        catches: ["gradient 1 at zero", "gradient 1/2 at zero"]),
      edge(
        "relu-sum-of-opposites", "sums of exactly 0", "relu",
        [
          "x": table(x), "residual": table([[0, -2, 0.5, 1], [0.5, -2.25, 0, 3]]),
          "y.cotangent": drawing.tensor([2, 4], 2),
        ],
        catches: ["gradient 1 at zero", "gradient 1/2 at zero"]),
    ]
  }

  /// One batch norm whose x is `scale` · normal + mean of the channel.
  private static func norm(
    _ slug: String, _ summary: String, _ shape: [Int], scale: Double, means: [Double], seed: UInt32,
    parameters: [String: ParameterValue] = [:], weight: [Float]? = nil, catches: [String]
  ) -> CaseRecipe {
    let drawing = NetworkDrawing(seed: seed)
    var inputs = drawing.batchNorm(channels: shape[1])
    if case .real(let normal) = drawing.tensor(shape, 0) {
      let pixels = shape[2] * shape[3]
      let values = normal.values.enumerated().map {
        Float(means[$0 / pixels % shape[1]] + scale * $1)
      }
      inputs["x"] = .real(Tensor<Float>(shape: shape, values: values))
    }
    if let weight { inputs["weight"] = .real(Tensor<Float>(shape: [shape[1]], values: weight)) }
    inputs["y.cotangent"] = drawing.tensor(shape, 1)
    return edge(slug, summary, "batch-norm", inputs, parameters: parameters, catches: catches)
  }

  private static func batchNorms() -> [CaseRecipe] {
    let (root, constants) = ("epsilon outside the root", "statistics treated as constants in the gradient")
    return [
      norm(
        "batch-norm-tiny-variance", "variance far below ε", [3, 3, 2, 3], scale: 0x1p-10, means: [0, 0x1p-6, -0x1p-5],
        seed: 45_010, catches: [root, "epsilon of 1e-3"]),
      norm(
        "batch-norm-constant-channels", "variance 0", [3, 3, 2, 2], scale: 0, means: [0.1, -0.5, 0.75], seed: 45_011,
        catches: ["epsilon left out", "epsilon of 1e-3"]),
      norm(
        "batch-norm-far-mean", "means of 64 deviations", [3, 3, 2, 2], scale: 0.5, means: [32, -32, 24], seed: 45_012,
        catches: ["variance as E[x²] − E[x]² in float32"]),
      norm(
        "batch-norm-two-values", "n = 2: the running variance doubles the batch's", [2, 4, 1, 1], scale: 1,
        means: [0, 1, -1, 0.5], seed: 45_013,
        catches: ["running variance biased", "normalised by the variance of n − 1"]),
      norm(
        "batch-norm-one-pixel", "maps of 1 × 1", [5, 3, 1, 1], scale: 1, means: [0, 1, -1], seed: 45_014,
        catches: ["running variance biased", constants]),
      norm(
        "batch-norm-zero-weight", "γ = 0: y is β, and no gradient passes", [3, 3, 2, 3], scale: 1,
        means: [0.5, -0.5, 1], seed: 45_015, weight: [0, 1.25, 0], catches: ["x̂ recovered from y by a division by γ"]),
      norm(
        "batch-norm-momentum-0", "running statistics that stay", [3, 2, 3, 2], scale: 1, means: [1, -1], seed: 45_016,
        parameters: ["momentum": .number(0)], catches: ["momentum swapped", "momentum of 0.1 always"]),
      norm(
        "batch-norm-momentum-1", "running statistics that are the batch's", [3, 2, 3, 2], scale: 1, means: [1, -1],
        seed: 45_017, parameters: ["momentum": .number(1)], catches: ["momentum swapped", "running variance biased"]),
    ]
  }

  /// One operation on given rows.
  private static func row(
    _ slug: String, _ summary: String, _ operation: String, _ x: [[Float]], seed: UInt32, catches: [String]
  ) -> CaseRecipe {
    let drawing = NetworkDrawing(seed: seed)
    let reduces = operation.hasPrefix("log-sum") || operation.hasPrefix("entropy")
    return edge(
      slug, summary, operation,
      ["x": table(x), "y.cotangent": drawing.tensor(reduces ? [x.count] : [x.count, x[0].count], 1)], catches: catches)
  }

  /// Rows some of whose entries count as −∞, whatever number stands there.
  private static func absent(_ slug: String, _ operation: String, seed: UInt32) -> CaseRecipe {
    var recipe = row(
      slug, "logits that count as −∞", operation, [[50, 0.5, -1.25, 2], [1.5, 3, 0, -8], [-7, 0.25, -60, -6]],
      seed: seed, catches: ["absent entries counted as −10", "absent entries take part"])
    recipe.prompt.inputs["absent"] = .integers([1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0], shape: [3, 4])
    return recipe
  }

  private static func rows() -> [CaseRecipe] {
    let overflow = "exponentials without subtracting the maximum"
    let large: [[Float]] = [[200, 199.5, 201.25, 198], [-300, -302.5, -299, -301], [1000, 997.5, 1000.5, 999]]
    // Whoever computes log Σ − Σ p x loses digits to the size of the logits: hundreds would hide the entropy.
    let beyond: [[Float]] = [[110, 109.5, 111.25, 108], [-120, -122.5, -119, -121], [100, 97.5, 100.5, 99]]
    return [
      row("softmax-overflow", "logits of hundreds", "softmax-of-rows", large, seed: 45_020, catches: [overflow]),
      row(
        "log-softmax-overflow", "logits of hundreds", "log-softmax-of-rows", large, seed: 45_021, catches: [overflow]),
      row(
        "log-sum-exp-overflow", "logits of hundreds", "log-sum-exp-of-rows", large, seed: 45_022, catches: [overflow]),
      row("entropy-overflow", "logits beyond 100", "entropy-of-rows", beyond, seed: 45_023, catches: [overflow]),
      row(
        "log-softmax-underflow", "logits 120 to 400 apart", "log-softmax-of-rows",
        [[0, -120, 1.5, -250.5], [400, 0.5, 399, 398.25]], seed: 45_024,
        catches: ["logarithm of an underflown softmax"]),
      row(
        "entropy-underflow", "probabilities that underflow", "entropy-of-rows",
        [[0, -120, 1.5, -250.5], [130, 0.5, 129, 128.25], [90, -90, 0, -0.5]], seed: 45_025,
        catches: ["0 log 0"]),
      absent("softmax-absent-entries", "softmax-of-rows", seed: 45_026),
      absent("log-sum-exp-absent-entries", "log-sum-exp-of-rows", seed: 45_027),
      row(
        "softmax-one-column", "one class: 1, and no gradient", "softmax-of-rows", [[2.5], [-300], [0]], seed: 45_028,
        catches: [overflow]),
      row(
        "log-sum-exp-one-column", "a single entry comes back", "log-sum-exp-of-rows", [[2.5], [-300], [0.1]],
        seed: 45_029, catches: [overflow]),
      row(
        "entropy-equal-logits", "log of the number of columns, and no gradient", "entropy-of-rows",
        [[1.5, 1.5, 1.5, 1.5, 1.5], [-40, -40, -40, -40, -40]], seed: 45_030, catches: ["logarithm to base 2"]),
    ]
  }

  /// One normalisation of given rows.
  private static func unit(
    _ slug: String, _ summary: String, _ x: [[Float]], epsilon: Double? = nil, seed: UInt32, catches: [String]
  ) -> CaseRecipe {
    edge(
      slug, summary, "l2-normalisation",
      ["x": table(x), "y.cotangent": NetworkDrawing(seed: seed).tensor([x.count, x[0].count], 1)],
      parameters: epsilon.map { ["epsilon": .number($0)] } ?? [:], catches: catches)
  }

  private static func units() -> [CaseRecipe] {
    let (none, added) = ("division by the norm without epsilon", "epsilon added to the norm")
    let squared = "epsilon squared added to the sum of squares"
    return [
      unit(
        "l2-normalisation-zero-row", "a row of zeros stays, and its gradient is 0",
        [[0, 0, 0], [1.5, -2, 0.25], [0, -0.0, 0]], seed: 45_040,
        catches: [none, "gradient of a zero row over epsilon"]),
      unit(
        "l2-normalisation-below-epsilon", "norms of 1e-14: the divisor is ε",
        [[6e-15, -8e-15, 3e-15], [-1e-14, 2e-15, 5e-15]], seed: 45_041, catches: [none, added]),
      unit(
        "l2-normalisation-small-row", "norms of 1e-11, just above ε",
        [[6e-12, -8e-12, 3e-12], [-1e-11, 2e-12, 5e-12]], seed: 45_042, catches: [added]),
      unit(
        "l2-normalisation-around-epsilon", "ε = 0.5 between the norms",
        [[0.125, -0.25, 0.1875], [1.5, -0.5, 0.75], [-0.0625, 0.03125, 0.25]], epsilon: 0.5, seed: 45_043,
        catches: [none, added, squared]),
      unit(
        "l2-normalisation-large-row", "norms of 1e17", [[6e16, -8e16, 3e16], [-1e17, 2e16, 5e16]], seed: 45_044,
        catches: ["gradient not projected"]),
      unit(
        "l2-normalisation-one-column", "signs, and no gradient", [[2.5], [-0.125], [7]], seed: 45_045,
        catches: ["gradient not projected"]),
    ]
  }

  /// One convolution: batch, channels in and out, height, width, kernel height, kernel width, stride, padding.
  private static func convolution(
    _ slug: String, _ summary: String, _ s: [Int], seed: UInt32, catches: [String]
  ) -> CaseRecipe {
    let drawing = NetworkDrawing(seed: seed)
    let output = [5, 6].map { (s[$0 - 2] + 2 * s[8] - s[$0]) / s[7] + 1 }
    return edge(
      slug, summary, "convolution",
      [
        "x": drawing.tensor([s[0], s[1], s[3], s[4]], 0, mean: 0.25),
        "weight": drawing.tensor([s[2], s[1], s[5], s[6]], 1, scale: 0.5),
        "y.cotangent": drawing.tensor([s[0], s[2]] + output, 2),
      ], parameters: ["stride": .integer(s[7]), "padding": .integer(s[8])], catches: catches)
  }

  private static func images() -> [CaseRecipe] {
    let border = "padding by the border's values"
    let drawing = NetworkDrawing(seed: 45_060)
    let flat = Tensor<Float>(shape: [1, 3, 4, 5], values: (0..<60).map { [0.5, 1.25, -0.375][$0 / 20] })
    return [
      convolution(
        "convolution-one-pixel", "only the kernel's centre counts", [3, 2, 4, 1, 1, 3, 3, 1, 1], seed: 45_050,
        catches: [border, "weight read input channels first"]),
      convolution(
        "convolution-kernel-larger-than-image", "2 × 3 pixels under 5 × 5", [2, 3, 2, 2, 3, 5, 5, 1, 2], seed: 45_051,
        catches: [border, "kernel flipped: true convolution"]),
      convolution(
        "convolution-of-padding", "outputs that see nothing but padding", [2, 2, 3, 3, 4, 2, 2, 1, 2], seed: 45_052,
        catches: [border, "kernel flipped: true convolution"]),
      convolution(
        "convolution-unused-border", "a last row and column that no kernel reaches", [2, 3, 2, 6, 6, 3, 3, 2, 0],
        seed: 45_053, catches: ["kernel flipped: true convolution", "input gradient without the flip"]),
      convolution(
        "convolution-stride-over-kernel", "pixels between the kernels", [2, 3, 4, 7, 6, 2, 2, 3, 0], seed: 45_054,
        catches: ["kernel flipped: true convolution", "last row and column lost"]),
      edge(
        "global-average-pool-one-pixel", "maps of 1 × 1 pass unchanged", "global-average-pool",
        ["x": drawing.tensor([3, 4, 1, 1], 0), "y.cotangent": drawing.tensor([3, 4], 1)],
        catches: ["input read as channels last"]),
      edge(
        "sobel-one-pixel", "no edges in one pixel", "sobel",
        ["x": drawing.tensor([2, 3, 1, 1], 2), "y.cotangent": drawing.tensor([2, 2, 1, 1], 3)],
        catches: ["kernel's centre not 0"]),
      edge(
        "sobel-flat-image", "edges at the border alone, for outside is 0", "sobel",
        ["x": .real(flat), "y.cotangent": drawing.tensor([1, 2, 4, 5], 5)],
        catches: ["border repeated instead of zeros"]),
      edge(
        "matrix-product-single-numbers", "1 × 1 by 1 × 1", "matrix-product",
        [
          "a": table([[1.5]]), "b": table([[-2.25]]), "c": table([[0.625]]), "y.cotangent": drawing.tensor([1, 1], 6),
        ], parameters: ["accumulate": .truth(true)], catches: ["c overwritten instead of added to"]),
    ]
  }
}
