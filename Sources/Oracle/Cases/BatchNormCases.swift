// Batch normalisation in training and evaluation, where momentum, bias and axes tell implementations apart.
// Tests    OracleTests/LayerOperationsTests.swift, OracleTests/MutantsTests.swift
import Kernels
import Networks

/// The cases of the operations "batch-norm" and "batch-norm-sequence".
enum BatchNormCases {
  /// All of them.
  static func all() throws(OracleError) -> [CaseRecipe] { try layers() + sequences() }

  private struct Layer {
    var slug: String
    /// batch, channels, height, width.
    var shape: [Int]
    var mode = "training"
    var parameters: [String: ParameterValue] = [:]
    /// How far the mean of the second half of the batch lies from that of the first.
    var apart = 0.0
    var catches: [String]
  }

  private static func layers() throws(OracleError) -> [CaseRecipe] {
    try (training + evaluation).enumerated().map { index, item throws(OracleError) in
      let prompt = try NetworkDrawing.first(from: 50_000 + 1000 * UInt32(index)) { drawing in
        var parameters = item.parameters
        parameters["mode"] = .text(item.mode)
        var inputs = drawing.batchNorm(channels: item.shape[1])
        inputs["x"] = drawing.halves(item.shape, apart: item.apart)
        inputs["y.cotangent"] = drawing.tensor(item.shape, 1)
        return Prompt(operation: "batch-norm", parameters: parameters, inputs: inputs)
      }
      return CaseRecipe(
        area: "op", slug: "batch-norm-" + item.slug,
        summary: "\(item.shape), \(item.mode)" + (item.parameters["rectified"] == nil ? "" : ", rectified"),
        catches: item.catches, prompt: prompt)
    }
  }

  private static let (swapped, biased) = ("momentum swapped", "running variance biased")
  private static let (constants, root) = ("statistics treated as constants in the gradient", "epsilon outside the root")
  private static let (unbiased, images) = ("normalised by the variance of n − 1", "statistics of each image by itself")
  private static let (last, gamma) = ("input read as channels last", "gamma lost in the input's gradient")
  private static let mask = "rectifier's mask left out of the gradient"

  private static let training = [
    Layer(slug: "plain", shape: [3, 4, 5, 4], catches: [swapped, biased, constants, unbiased, images, gamma]),
    Layer(slug: "odd", shape: [5, 3, 3, 7], catches: [swapped, biased, constants, last]),
    Layer(slug: "few-values", shape: [2, 3, 2, 1], catches: [biased, unbiased, constants]),
    Layer(slug: "one-image", shape: [1, 3, 4, 5], catches: [swapped, biased, last, constants]),
    Layer(slug: "rows", shape: [9, 5, 1, 1], catches: [biased, constants, "weight gradient of x instead of x̂"]),
    Layer(slug: "many-channels", shape: [2, 17, 3, 2], catches: [last, images, biased]),
    Layer(slug: "planes-of-16", shape: [3, 2, 4, 4], catches: [swapped, biased, constants]),
    Layer(slug: "planes-of-17", shape: [3, 2, 1, 17], catches: [swapped, biased, constants]),
    Layer(slug: "planes-of-63", shape: [2, 3, 9, 7], catches: [swapped, biased, images]),
    Layer(slug: "large-plane", shape: [1, 2, 7, 19], catches: [swapped, constants, gamma]),
    Layer(
      slug: "momentum-quarter", shape: [4, 3, 3, 2], parameters: ["momentum": .number(0.25)],
      catches: [swapped, biased, "momentum of 0.1 always"]),
    Layer(
      slug: "momentum-three-quarters", shape: [4, 3, 3, 2], parameters: ["momentum": .number(0.75)],
      catches: [swapped, biased, "momentum of 0.1 always"]),
    Layer(
      slug: "epsilon-half", shape: [3, 4, 3, 4], parameters: ["epsilon": .number(0.5)],
      catches: [root, "epsilon of 1e-5 always", constants]),
    Layer(
      slug: "two-views", shape: [6, 3, 3, 4], apart: 2,
      catches: ["statistics of each view by itself", images, constants]),
    Layer(
      slug: "rectified", shape: [3, 4, 4, 5], parameters: ["rectified": .truth(true)],
      catches: [mask, constants, swapped]),
    Layer(
      slug: "rectified-small", shape: [4, 3, 2, 3], parameters: ["rectified": .truth(true)],
      catches: [mask, constants, biased]),
    Layer(
      slug: "rectified-planes-of-35", shape: [2, 3, 5, 7], parameters: ["rectified": .truth(true)],
      catches: [mask, gamma, swapped]),
  ]

  private static let evaluation = [
    Layer(
      slug: "evaluation", shape: [3, 4, 5, 4], mode: "evaluation",
      catches: [
        "batch statistics in evaluation", "running statistics moved in evaluation",
        "gradient through statistics in evaluation",
      ]),
    Layer(
      slug: "evaluation-one-value", shape: [1, 3, 1, 1], mode: "evaluation", catches: [root, gamma]),
    Layer(
      slug: "evaluation-epsilon-half", shape: [2, 3, 4, 3], mode: "evaluation", parameters: ["epsilon": .number(0.5)],
      catches: [root, "epsilon of 1e-5 always"]),
    Layer(
      slug: "evaluation-rectified", shape: [3, 4, 4, 3], mode: "evaluation",
      parameters: ["rectified": .truth(true)],
      catches: [mask, "batch statistics in evaluation", "gradient through statistics in evaluation"]),
    Layer(
      slug: "evaluation-large-plane", shape: [1, 2, 7, 19], mode: "evaluation",
      catches: ["running statistics moved in evaluation", "weight gradient of x instead of x̂"]),
  ]

  private static func sequences() -> [CaseRecipe] {
    let (moved, batch) = ("running statistics moved in evaluation", "batch statistics in evaluation")
    let average = "cumulative average instead of a momentum"
    let cases: [(slug: String, modes: [String], momentum: Double, catches: [String])] = [
      ("three-steps", ["training", "training", "training"], 0.1, [swapped, biased, average]),
      ("evaluation-between", ["training", "evaluation", "training", "evaluation"], 0.25, [moved, batch, biased]),
      ("evaluation-first", ["evaluation", "training", "evaluation"], 0.1, [moved, batch, swapped]),
      ("heavy-momentum", ["training", "training", "evaluation"], 0.75, [swapped, biased, batch]),
    ]
    return cases.enumerated().map { index, item in
      let drawing = NetworkDrawing(seed: 49_000 + UInt32(index))
      var inputs = drawing.batchNorm(channels: 3)
      inputs["x"] = drawing.halves([item.modes.count, 3, 3, 2, 4], apart: 1.5)
      return CaseRecipe(
        area: "op", slug: "batch-norm-sequence-" + item.slug, summary: item.modes.joined(separator: ", "),
        catches: item.catches,
        prompt: Prompt(
          operation: "batch-norm-sequence",
          parameters: ["modes": .list(item.modes.map { .text($0) }), "momentum": .number(item.momentum)],
          inputs: inputs))
    }
  }
}

extension NetworkDrawing {
  /// Gamma of both signs, beta, and running statistics far from a batch's own.
  func batchNorm(channels: Int) -> [String: TensorValue] {
    guard case .real(let normal) = tensor([channels], 13, scale: 0.5) else { return [:] }
    let variances = normal.values.map { Float(0.5 + abs($0)) }
    return [
      "weight": tensor([channels], 10, scale: 0.5, mean: 0.75), "bias": tensor([channels], 11, scale: 0.5),
      "runningMean": tensor([channels], 12, scale: 0.75),
      "runningVariance": .real(Tensor<Float>(shape: [channels], values: variances)),
    ]
  }

  /// Normal numbers of mean 0.5, the second half of them (along the first axis) further up by `apart`.
  func halves(_ shape: [Int], apart: Double) -> TensorValue {
    guard case .real(let normal) = tensor(shape, 0, mean: 0.5) else { return tensor(shape, 0) }
    let values = normal.values.enumerated().map { Float($1 + (2 * $0 >= normal.count ? apart : 0)) }
    return .real(Tensor<Float>(shape: shape, values: values))
  }
}
