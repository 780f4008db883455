// Residual blocks and encoders.
// Tests    OracleTests/RecordedCasesTests.swift
import Kernels
import Networks

/// The cases of the areas "block" and "encoder".
enum NetworkCases {
  /// All of them.
  static func all() throws(OracleError) -> [CaseRecipe] { try blocks() + encoders() + [resNet18()] }

  private static let wrongStreams = ["streams swapped or shared", "gradient of one stream lost"]

  /// batch, channels in and out, height, width, stride, mode.
  private struct Block {
    var slug: String
    var sizes: [Int]
    var mode = "training"
    /// The smallest margin of a rectifier.
    var margin = NetworkDrawing.smallestMargin
    var catches: [String]
  }

  private static func blocks() throws(OracleError) -> [CaseRecipe] {
    let wrongStatistics = [
      "statistics treated as constants in the gradient", "running variance biased", "momentum swapped",
    ]
    let blocks = [
      Block(
        slug: "identity", sizes: [3, 4, 4, 5, 3, 1], catches: ["gradient around the block lost"] + wrongStatistics),
      Block(slug: "projection", sizes: [3, 3, 5, 4, 5, 1], catches: ["no projection where only the width changes"]),
      Block(
        slug: "stride-2-even", sizes: [2, 3, 5, 6, 4, 2],
        catches: ["asymmetric padding at stride 2", "stride on the wrong convolution"]),
      Block(slug: "stride-2-odd", sizes: [2, 3, 4, 7, 5, 2], catches: ["last row or column lost at stride 2"]),
      Block(
        slug: "stride-2-same-width", sizes: [3, 4, 4, 5, 6, 2], catches: ["no projection where only the stride changes"]
      ),
      Block(slug: "stride-3", sizes: [3, 2, 3, 7, 6, 3], catches: ["output size of odd strides"]),
      Block(
        slug: "few-values", sizes: [2, 3, 3, 2, 3, 1], catches: ["running variance not multiplied by n / (n − 1)"]),
      Block(
        slug: "one-pixel", sizes: [5, 3, 4, 1, 1, 1],
        catches: ["padding that counts at 1 × 1", "variance over pixels alone"]),
      Block(slug: "narrow", sizes: [3, 1, 2, 3, 5, 1], catches: ["one channel broadcast"]),
      Block(
        slug: "identity-evaluation", sizes: [3, 4, 4, 5, 3, 1], mode: "evaluation",
        catches: ["batch statistics in evaluation", "gradient through statistics in evaluation"]),
      Block(
        slug: "stride-2-evaluation", sizes: [2, 3, 5, 5, 4, 2], mode: "evaluation",
        catches: ["batch statistics in evaluation of the shortcut"]),
      Block(
        slug: "one-image-evaluation", sizes: [1, 3, 4, 4, 3, 1], mode: "evaluation",
        catches: ["a batch of one refused in evaluation"]),
      Block(
        slug: "apart", sizes: [2, 2, 2, 3, 2, 1], margin: NetworkDrawing.wideMargin,
        catches: ["gradient around the block lost"] + wrongStatistics),
    ]
    return try blocks.enumerated().map { index, block throws(OracleError) in
      let s = block.sizes
      let prompt = try NetworkDrawing.first(from: 1000 * UInt32(index + 1), atLeast: block.margin) { drawing in
        var initialisation = Initialisation(seed: 0)
        let layers = ResidualBlock<Float>(
          inputChannels: s[1], outputChannels: s[2], stride: s[5], initialisation: &initialisation)
        var inputs = drawing.tensors(of: layers)
        inputs["x"] = drawing.tensor([s[0], s[1], s[3], s[4]], 0, mean: 0.25)
        inputs["y.cotangent"] = drawing.tensor(
          [s[0], s[2], (s[3] + s[5] - 1) / s[5], (s[4] + s[5] - 1) / s[5]], 1)
        return Prompt(
          operation: "residual-block", parameters: ["stride": .integer(s[5]), "mode": .text(block.mode)], inputs: inputs
        )
      }
      return CaseRecipe(
        area: "block", slug: "residual-block-" + block.slug,
        summary: "\(s[0]) × \(s[1]) × \(s[3]) × \(s[4]) to \(s[2]) channels, stride \(s[5]), \(block.mode)",
        catches: block.catches, prompt: prompt)
    }
  }

  private static func encoders() throws(OracleError) -> [CaseRecipe] {
    let cases: [(slug: String, encoder: EncoderConfiguration, images: [Int], mode: String, catches: [String])] = [
      (
        "two-streams", .small(), [3, 4, 5], "training",
        ["streams swapped or shared", "Sobel transposed or of the wrong sign"]
      ),
      ("two-streams-evaluation", .small(), [3, 4, 5], "evaluation", ["batch statistics in evaluation"]),
      (
        "plain", .small(streams: [.plain]), [3, 6, 5], "training",
        ["names with a stream's prefix where there is one stream"]
      ),
      ("plain-evaluation", .small(streams: [.plain]), [3, 5, 6], "evaluation", ["batch statistics in evaluation"]),
      (
        "sobel", .small(streams: [.sobel]), [3, 5, 4], "training",
        ["grey by luma weights", "true convolution instead of correlation"]
      ),
      ("grey", .small(channels: 1), [1, 5, 4], "training", ["three channels assumed"]),
      (
        "stem-stride-2", .small(streams: [.plain], stemStride: 2), [3, 7, 6], "training", ["stride of the stem ignored"]
      ),
      (
        "two-blocks", .small(streams: [.plain], widths: [2, 3], blocks: [2, 2]), [3, 4, 5], "training",
        ["stride in every block of a stage"]
      ),
      (
        "three-stages", .small(streams: [.plain], widths: [2, 3, 4], blocks: [1, 1, 1], strides: [1, 2, 2]), [3, 5, 7],
        "training", ["strides of later stages"]
      ),
      (
        "wide-embedding", .small(streams: [.plain, .sobel], widths: [3], blocks: [1], strides: [1], embeddingSize: 9),
        [3, 4, 3], "training", ["linear layer transposed", "rows normalised along the wrong axis"]
      ),
      ("steady-two-streams", .small(widths: [2, 3]), [3, 4, 5], "training", wrongStreams),
      (
        "steady-stem-stride-2", .small(streams: [.plain], stemStride: 2), [3, 7, 6], "training",
        ["stride of the stem ignored"]
      ),
      (
        "apart-two-streams", .small(widths: [2], blocks: [1], strides: [1]), [3, 2, 2], "training", wrongStreams
      ),
    ]
    return try cases.enumerated().map { index, item throws(OracleError) in
      let isWide = item.slug.hasPrefix("steady") || item.slug.hasPrefix("apart")
      let prompt = try NetworkDrawing.first(
        from: 20_000 + 1000 * UInt32(index), steady: item.slug.hasPrefix("steady"),
        atLeast: isWide ? NetworkDrawing.wideMargin : NetworkDrawing.smallestMargin
      ) { drawing in
        var inputs = drawing.tensors(of: ImageEncoder<Float>(item.encoder, seed: 0))
        inputs["images"] = drawing.tensor([3] + item.images, 0, mean: 0.25)
        inputs["embeddings.cotangent"] = drawing.tensor([3, item.encoder.embeddingSize], 1)
        var parameters = item.encoder.parameters
        parameters["mode"] = .text(item.mode)
        return Prompt(operation: "encoder", parameters: parameters, inputs: inputs)
      }
      return CaseRecipe(
        area: "encoder", slug: "encoder-" + item.slug,
        summary: "3 images of \(item.images) to \(item.encoder.embeddingSize) numbers, \(item.mode)",
        catches: item.catches, prompt: prompt)
    }
  }

  /// The full trunk of ResNet-18 on two small images; its convolutions are given by their recipes.
  private static func resNet18() throws(OracleError) -> CaseRecipe {
    let encoder = EncoderConfiguration(
      inputChannels: 3, streams: [.plain], widths: [64, 128, 256, 512], blocks: [2, 2, 2, 2], strides: [1, 2, 2, 2],
      stemStride: 1, embeddingSize: 128)
    let drawing = NetworkDrawing(seed: 18, steady: true)
    // The batch norms are drawn for the trunk's shape alone; the large tensors are replaced by recipes.
    var module = ImageEncoder<Float>(encoder, seed: 0)
    var (inputs, generated, image) = ([String: TensorValue](), [String: GeneratedTensor](), 1000)
    let small = drawing.tensors(of: SmallTensors(module))
    module.forEachParameter { name, parameter in
      let shape = parameter.value.shape
      if shape.count > 1 {
        let fanIn = Double(shape.dropFirst().reduce(1, *))
        generated[name] = GeneratedTensor(shape: shape, seed: 18, image: image, scale: 1.4 / fanIn.squareRoot())
        image += 1
      }
    }
    inputs.merge(small) { $1 }
    for (name, recipe) in generated { inputs[name] = .real(recipe.tensor) }
    inputs["images"] = drawing.tensor([2, 3, 12, 8], 0, mean: 0.25)
    inputs["embeddings.cotangent"] = drawing.tensor([2, 128], 1)
    var parameters = encoder.parameters
    parameters["mode"] = .text("training")
    parameters["probes"] = .truth(true)
    return CaseRecipe(
      area: "encoder", slug: "encoder-resnet-18",
      summary: "2 images of [3, 12, 8] through the trunk of ResNet-18; of every gradient its norm and eight elements",
      catches: ["a layer missing, doubled or misnamed in a full-size network", "errors that only wide layers show"],
      prompt: Prompt(operation: "encoder", parameters: parameters, inputs: inputs), generated: generated)
  }
}

/// The vectors of a module: batch norms, biases and running statistics.
private struct SmallTensors: Module {
  var module: ImageEncoder<Float>

  init(_ module: ImageEncoder<Float>) { self.module = module }

  mutating func forEachParameter(
    prefix: String, _ body: (String, inout Parameter<Float>) throws -> Void
  ) rethrows {
    try module.forEachParameter(prefix: prefix) { name, parameter in
      if parameter.value.shape.count == 1 { try body(name, &parameter) }
    }
  }

  mutating func forEachBuffer(prefix: String, _ body: (String, inout Tensor<Float>) throws -> Void) rethrows {
    try module.forEachBuffer(prefix: prefix, body)
  }
}
