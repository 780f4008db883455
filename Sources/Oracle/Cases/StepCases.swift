// Whole steps of both stages, and many of them one after another.
// Tests    OracleTests/RecordedCasesTests.swift
import Kernels
import Networks

/// The cases of the areas "step" and "trajectory".
enum StepCases {
  /// All of them.
  static func all() throws(OracleError) -> [CaseRecipe] { try steps() + trajectories() }

  /// What a step differs in from the others.
  struct Step {
    var slug: String
    var summary: String
    var parameters: [String: ParameterValue] = [:]
    var encoder = EncoderConfiguration.small(streams: [.plain], widths: [2, 3])
    var velocities = true
    var neighbours = true
    /// Whether rectifiers are far from their kinks, so that the case decides in tf32 and bfloat16 too.
    var steady = false
    var catches: [String]
  }

  private static let stageOne: [Step] = [
    Step(
      slug: "two-streams", summary: "two streams, all three losses", encoder: .small(widths: [2, 3]),
      catches: ["streams joined in the wrong order", "gradient of one stream lost"]),
    Step(
      slug: "one-stream", summary: "one stream, all three losses",
      catches: ["bank updated before the loss", "bank written by the wrong view", "gradient leaks into the bank"]),
    Step(
      slug: "first", summary: "the first step: no velocity, no neighbours, no entropy",
      parameters: ["entropyWeight": .integer(0)],
      velocities: false, neighbours: false,
      catches: ["first velocity not the gradient", "entropy computed where its weight is 0"]),
    Step(
      slug: "embedding-space", summary: "L_AUG of embeddings", parameters: ["augmentationSpace": .text("embedding")],
      catches: ["relations where embeddings were asked for"]),
    Step(
      slug: "own-logit", summary: "L_UE with the own logit −10", parameters: ["ownLogit": .integer(-10)],
      catches: ["own logit left out although a constant was asked for"]),
    Step(
      slug: "first-view", summary: "the bank keeps first views",
      parameters: ["viewPolicy": .text("first"), "bankMomentum": .number(0.25)],
      catches: ["bank's momentum swapped", "second view written"]),
    Step(
      slug: "mean-view", summary: "the bank keeps the mean of both views",
      parameters: ["viewPolicy": .text("mean"), "bankMomentum": .number(0.75)],
      catches: ["bank's momentum swapped", "row not normalised again"]),
    Step(
      slug: "full-gradient", summary: "L_AUG with the gradient of both factors",
      parameters: ["stopsGradient": .truth(false), "nesterov": .truth(false)],
      catches: ["second factor of products detached", "Nesterov's step where the plain one was asked for"]),
    Step(
      slug: "sums", summary: "sums instead of means",
      parameters: ["reduction": .text("sum"), "learningRate": .number(0.0078125)],
      catches: ["divided by the rows", "weights of the losses compared on the wrong scale"]),
    Step(
      slug: "steady", summary: "two streams, rectifiers far from their kinks: for coarse products too",
      encoder: .small(widths: [2, 3]), steady: true, catches: ["streams joined in the wrong order"]),
  ]

  private static let stageTwo: [Step] = [
    Step(
      slug: "two-streams", summary: "two streams, three heads", encoder: .small(widths: [2, 3]),
      catches: ["streams joined in the wrong order"]),
    Step(
      slug: "one-stream", summary: "one stream, three heads",
      catches: ["heads summed instead of averaged", "only the last head's gradient", "heads trained or decayed"]),
    Step(
      slug: "first", summary: "the first step: no velocity", velocities: false,
      catches: ["first velocity not the gradient"]),
    Step(
      slug: "feature-axis", summary: "heads normalised by feature",
      parameters: ["axis": .text("feature"), "headTemperature": .number(0.5)],
      catches: ["heads normalised along the other axis"]),
    Step(
      slug: "weights", summary: "λ 0.5, marginal entropies weighed by 2",
      parameters: ["consistencyWeight": .number(0.5), "marginalEntropyWeight": .integer(2)],
      catches: ["λ ignored", "weight on one marginal alone"]),
    Step(
      slug: "not-symmetrised", summary: "the joint as the paper prints it", parameters: ["symmetrised": .truth(false)],
      catches: ["joint made symmetric"]),
    Step(
      slug: "steady", summary: "two streams, rectifiers far from their kinks: for coarse products too",
      encoder: .small(widths: [2, 3]), steady: true, catches: ["streams joined in the wrong order"]),
  ]

  /// The constants of all steps: temperatures at which no probability is near 0 or 1, none of them at its default.
  private static let constants: [String: ParameterValue] = [
    "learningRate": .number(0.0625), "momentum": .number(0.9), "nesterov": .truth(true), "weightDecay": .number(0.01),
    "temperature": .number(0.375),
  ]
  private static let stageOneConstants: [String: ParameterValue] = [
    "entropyWeight": .number(0.4), "bankTemperature": .number(0.25), "bankMomentum": .number(0.375),
  ]
  private static let stageTwoConstants: [String: ParameterValue] = ["headTemperature": .number(0.25)]

  private static func steps() throws(OracleError) -> [CaseRecipe] {
    var recipes: [CaseRecipe] = []
    for (stage, list) in [(1, stageOne), (2, stageTwo)] {
      for (index, step) in list.enumerated() {
        let seed = 100_000 * UInt32(stage) + 1000 * UInt32(index)
        let prompt = try NetworkDrawing.first(
          from: seed, steady: step.steady,
          atLeast: step.steady ? NetworkDrawing.wideMargin : NetworkDrawing.smallestMargin
        ) { drawing in
          self.prompt(stage, step, drawing, steps: nil)
        }
        recipes.append(
          CaseRecipe(
            area: "step", slug: "stage-\(stage == 1 ? "one" : "two")-step-\(step.slug)", summary: step.summary,
            catches: step.catches, prompt: prompt))
      }
    }
    return recipes
  }

  static func trajectories() throws(OracleError) -> [CaseRecipe] {
    var recipes: [CaseRecipe] = []
    let kept = ["velocity not kept", "bank not written", "running statistics used in training", "gradients not zeroed"]
    for (stage, steps, slug, parameters) in [
      (1, 10, "10", [:]), (1, 100, "100", ["learningRate": .number(0.00390625)]),
      (1, 10, "10-plain-momentum", ["nesterov": .truth(false), "momentum": .number(0.75)]),
      (2, 10, "10", [:]), (2, 100, "100", ["learningRate": .number(0.00390625)]),
      (2, 10, "10-no-momentum", ["nesterov": .truth(false), "momentum": .integer(0)]),
    ] as [(Int, Int, String, [String: ParameterValue])] {
      var constants: [String: ParameterValue] = ["learningRate": .number(0.015625)]
      constants.merge(parameters) { $1 }
      let step = Step(
        slug: slug, summary: "\(steps) steps", parameters: constants,
        encoder: .small(channels: 2, streams: [.plain], widths: [4], blocks: [1], strides: [1], embeddingSize: 3),
        catches: kept)
      let drawing = NetworkDrawing(seed: 7000 + UInt32(recipes.count), steady: true)
      let views = GeneratedTensor(shape: [steps, 6, 2, 3, 4], seed: drawing.seed, image: 0, scale: 1)
      recipes.append(
        CaseRecipe(
          area: "trajectory", slug: "stage-\(stage == 1 ? "one" : "two")-trajectory-\(slug)", summary: "\(steps) steps",
          catches: kept, prompt: prompt(stage, step, drawing, steps: views), generated: ["views": views]))
    }
    return recipes
  }

  /// A step's prompt, or that of many steps on generated views.
  static func prompt(
    _ stage: Int, _ step: Step, _ drawing: NetworkDrawing, steps: GeneratedTensor?
  ) -> Prompt {
    let (encoder, size) = (step.encoder, step.encoder.embeddingSize)
    var inputs = drawing.tensors(of: ImageEncoder<Float>(encoder, seed: 0), velocities: step.velocities)
    let count = steps?.shape[0] ?? 1
    inputs["views"] = steps.map { .real($0.tensor) } ?? drawing.tensor([6, encoder.inputChannels, 4, 5], 0)
    var parameters = constants
    if stage == 1 {
      parameters.merge(stageOneConstants) { $1 }
      inputs["bank"] = drawing.unitRows([7, size], 1)
      let batches = (0..<count).flatMap { [[5, 0, 3], [1, 6, 4], [2, 3, 6]][$0 % 3] }
      inputs["images"] = .integers(batches, shape: steps == nil ? [3] : [count, 3])
      if step.neighbours {
        // Images 0, 3, 5 and 6 are anchors; image 5's two neighbours are one.
        let table = [2, 4, -1, -1, -1, -1, 6, 1, -1, -1, 2, 2, 0, -1]
        inputs["neighbours"] = .integers(table, shape: [7, 2])
      }
    } else {
      parameters.merge(stageTwoConstants) { $1 }
      inputs["heads"] = drawing.tensor([3, size, 5], 1)
    }
    parameters.merge(step.parameters) { $1 }
    parameters.merge(encoder.parameters) { $1 }
    if steps != nil { parameters["steps"] = .integer(count) }
    let name = "stage-\(stage == 1 ? "one" : "two")-" + (steps == nil ? "step" : "trajectory")
    return Prompt(operation: name, parameters: parameters, inputs: inputs)
  }
}
