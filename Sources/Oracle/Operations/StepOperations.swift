// One whole step of each stage, with everything on the way and the graph that connects it.
// Tests    OracleTests/StepTracerTests.swift, OracleTests/TracedCasesTests.swift
import Files
import Kernels
import Networks
import TwoStage

/// The operations of the area "step".
let stepOperations: [any OracleOperation] = [StageOneStepOperation(), StageTwoStepOperation()]

/// One step of stage 1.
///
/// Outputs: every intermediate, "and", "ue", "aug", "total", gradients, and the state after: "NAME.new",
/// "NAME.velocity.new", "bank.new"; with "constants" also "sobel.weight.new" of every Sobel stream.
struct StageOneStepOperation: TracedOperation {
  let name = "stage-one-step"
  let area = "step"
  let parameters = ParameterDeclaration.stageOneStep + [.constants]
  let inputs = InputDeclaration.stageOneStep
  let formula = "V = E(x¹ above x²),  L = L_AND + w L_UE + L_AUG,  M ← momentum of V,  E ← SGD(∂L/∂E)"

  func record<Scalar: RealScalar>(_ prompt: Prompt, in tracer: inout Tracer<Scalar>) throws(OracleError) {
    let reader = NetworkPrompt(prompt: prompt)
    let views: Tensor<Scalar> = try reader.maps("views")
    var state = try StageOneState<Scalar>(reader, views: views.shape)
    let images = try reader.batch(
      try prompt.integers("images"), count: views.shape[0] / 2, below: state.bank.rows.rows)
    state.step(views: views, images: images, in: &tracer)
    if try prompt.bool(.constants) { tracer.filters(of: state.shared.encoder) }
  }

  func isOutput(_ name: String, of prompt: Prompt) -> Bool { true }
}

/// One step of stage 2.
///
/// Outputs: every intermediate, "heads.0.loss", …, "assignment", "consistency", "total", gradients and the state after;
/// with "constants" also "heads.new", and "sobel.weight.new" of every Sobel stream.
struct StageTwoStepOperation: TracedOperation {
  let name = "stage-two-step"
  let area = "step"
  let parameters = ParameterDeclaration.stageTwoStep + [.constants]
  let inputs = InputDeclaration.stageTwoStep
  let formula = "V = E(x¹ above x²),  L = (1/H) Σ_h L_assign(h) + λ L_cp,  E ← SGD(∂L/∂E)"

  func record<Scalar: RealScalar>(_ prompt: Prompt, in tracer: inout Tracer<Scalar>) throws(OracleError) {
    let reader = NetworkPrompt(prompt: prompt)
    let views: Tensor<Scalar> = try reader.maps("views")
    var state = try StageTwoState<Scalar>(reader, views: views.shape)
    state.step(views: views, in: &tracer)
    if try prompt.bool(.constants) {
      tracer.filters(of: state.shared.encoder)
      tracer.keep(state.heads)
    }
  }

  func isOutput(_ name: String, of prompt: Prompt) -> Bool { true }
}

/// What the steps of both stages share.
struct EncoderState<Scalar: RealScalar> {
  var encoder: ImageEncoder<Scalar>
  var optimiser: SGD<Scalar>
  let learningRate: Double

  init(_ reader: NetworkPrompt, views: [Int]) throws(OracleError) {
    guard views[0] % 2 == 0 else {
      throw reader.fault("\"views\" needs two views of every image, not an odd number of rows: \(views[0])")
    }
    encoder = try reader.encoder(channels: views[1])
    try reader.requireLearnable(views, encoder.configuration, mode: .training)
    optimiser = try reader.optimiser(&encoder)
    learningRate = try reader.prompt.number(.learningRate)
  }

  /// Forward, a loss, backward and the update; the loss returns the gradient of the embeddings.
  mutating func step(
    views: Tensor<Scalar>, in tracer: inout Tracer<Scalar>,
    loss: (inout Tracer<Scalar>, Traced<Scalar>) -> Traced<Scalar>
  ) {
    let traced = tracer.encoder(Traced(name: "views", value: views), encoder, mode: .training)
    let gradient = loss(&tracer, traced.embeddings)
    tracer.encoderGradients(of: gradient, traced, encoder)
    tracer.update(&encoder, by: &optimiser, learningRate: learningRate)
  }
}

/// What stage 1 changes as it steps, with its constants.
struct StageOneState<Scalar: RealScalar> {
  var shared: EncoderState<Scalar>
  var bank: MemoryBank<Scalar>
  let loss: StageOneLoss<Scalar>
  let neighbourhoods: Neighbourhoods
  let entropyWeight: Scalar

  /// Reads everything but the views and the images.
  init(_ reader: NetworkPrompt, views: [Int]) throws(OracleError) {
    shared = try EncoderState(reader, views: views)
    bank = try reader.bank(features: shared.encoder.configuration.embeddingSize, as: Scalar.self)
    loss = try reader.stageOneLoss(as: Scalar.self)
    neighbourhoods = try reader.neighbourhoods(images: bank.rows.rows)
    entropyWeight = try reader.prompt.number(.entropyWeight)
  }

  /// One step.
  mutating func step(views: Tensor<Scalar>, images: [Int], in tracer: inout Tracer<Scalar>) {
    let before = self
    var updated = bank
    shared.step(views: views, in: &tracer) { tracer, embeddings in
      updated = tracer.update(before.bank, images: images, embeddings: embeddings)
      return tracer.stageOneLoss(
        embeddings, before.loss, bank: before.bank, images: images, neighbourhoods: before.neighbourhoods,
        entropyWeight: before.entropyWeight)
    }
    bank = updated
  }
}

/// What stage 2 changes as it steps, with its constants.
struct StageTwoState<Scalar: RealScalar> {
  var shared: EncoderState<Scalar>
  let heads: ClusterHeads<Scalar>
  let loss: StageTwoLoss<Scalar>

  /// Reads everything but the views.
  init(_ reader: NetworkPrompt, views: [Int]) throws(OracleError) {
    shared = try EncoderState(reader, views: views)
    heads = try reader.heads(features: shared.encoder.configuration.embeddingSize, as: Scalar.self)
    loss = try reader.stageTwoLoss(as: Scalar.self)
  }

  /// One step.
  mutating func step(views: Tensor<Scalar>, in tracer: inout Tracer<Scalar>) {
    let (loss, heads) = (loss, heads)
    shared.step(views: views, in: &tracer) { tracer, embeddings in
      tracer.stageTwoLoss(embeddings, loss, heads: heads)
    }
  }
}

extension ParameterDeclaration {
  private static let shared = encoder + [learningRate] + optimiser
  static let stageOneStep = shared + [bankMomentum, viewPolicy] + stageOneLoss
  static let stageTwoStep = shared + stageTwoLoss
}

extension InputDeclaration {
  private static let views = real("views", "2B × channels × height × width", "the first views above the second ones")
  static let stageOneState = [bank, neighbours] + encoderTensors + [velocities]
  static let stageTwoState = [heads] + encoderTensors + [velocities]
  static let stageOneStep = [views, integers("images", "B", "the image of every pair")] + stageOneState
  static let stageTwoStep = [views] + stageTwoState
}
