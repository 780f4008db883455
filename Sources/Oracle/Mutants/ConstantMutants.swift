// What a step must leave as it is, changed: heads, Sobel filters or the bank given to the optimiser.
// Tests    OracleTests/MutantsTests.swift, OracleTests/ConstantsTests.swift
import Files
import Kernels
import Networks
import TwoStage

private let steps = ["stage-one-step", "stage-two-step"]

let constantMutations: [Mutation] =
  steps.map { step in
    Mutation(
      Mistake(
        "sobel.trained", "the Sobel filters given to the optimiser",
        right: "the Sobel filters are constants: no gradient and no weight decay changes them"), step
    ) { try sobelTrained($0) }
  } + [
    Mutation(
      Mistake(
        "head.trained", "the heads given to the optimiser",
        right: "the heads are drawn once and never change; only the encoder is trained"), "stage-two-step"
    ) { question in
      ["heads.new": .real(try question.stepped(question.input("heads"), by: headsGradient(question)))]
    },
    Mutation(
      Mistake(
        "head.decayed", "weight decay on the heads", right: "heads take no part in a step, nor in its weight decay"),
      "stage-two-step"
    ) { question in
      let heads = try question.input("heads")
      return ["heads.new": .real(try question.stepped(heads, by: heads.mapped { _, _ in 0 }))]
    },
    Mutation(
      Mistake(
        "memory.trained", "the bank given to the optimiser",
        right: "the bank is a constant of the gradient; only its update writes the rows of the batch"), "stage-one-step"
    ) { question in
      let (bank, new) = (try question.input("bank"), try question.output("bank.new"))
      let trained = try question.stepped(bank, by: bankGradient(question))
      let written = Set(try question.prompt.integers("images"))
      return ["bank.new": .real(new.mapped { written.contains($0 / bank.columns) ? $1 : trained.values[$0] })]
    },
  ]

extension Question {
  /// A tensor after the step's optimiser, which had no velocity for it yet.
  fileprivate func stepped(_ tensor: Tensor<Double>, by gradient: Tensor<Double>) throws -> Tensor<Double> {
    let momentum = try prompt.number(.momentum, as: Double.self)
    let (rate, decay) = (
      try prompt.number(.learningRate, as: Double.self), try prompt.number(.weightDecay, as: Double.self)
    )
    let slope = rate * (try prompt.bool(.nesterov) ? 1 + momentum : 1)
    return tensor.mapped { $1 - slope * (gradient.values[$0] + decay * $1) }
  }
}

/// ∂L_assign/∂W of every head, from the gradients of its probabilities.
private func headsGradient(_ question: Question) throws -> Tensor<Double> {
  let embeddings = try question.output("embeddings")
  let given = try NetworkPrompt(prompt: question.prompt).finiteHeads(features: embeddings.columns, as: Double.self)
  var heads = ClusterHeads(
    weights: given.weights.map(\.value), temperature: given.temperature, axis: given.axis, isTrainable: true)
  let gradients = try (0..<heads.headCount).map { try question.output("heads.\($0).probabilities.gradient") }
  _ = heads.backward(gradients, cache: heads.forward(embeddings).cache)
  return Tensor<Double>(
    shape: try question.input("heads").shape, values: heads.weights.flatMap(\.gradient.values))
}

/// ∂(L_AND + w L_UE)/∂M = ∂zᵀ V / τ.
private func bankGradient(_ question: Question) throws -> Tensor<Double> {
  let weight = try question.prompt.number(.entropyWeight, as: Double.self)
  let logits = try question.output(weight > 0 ? "logits.gradient" : "and.logits.gradient")
  let temperature = try question.prompt.number(.bankTemperature, as: Double.self)
  return logits.multiplied(by: try question.output("embeddings"), transposed: true).mapped { $1 / temperature }
}

/// The filters of every Sobel stream after a step, by two questions: the gradient of the maps, then that of the filters.
private func sobelTrained(_ question: Question) throws -> [String: TensorValue]? {
  func ask(_ x: Tensor<Double>, _ weight: Tensor<Double>, _ g: Tensor<Double>, stride: Int) throws -> [String:
    TensorValue]
  {
    try Question(
      Prompt(
        operation: "convolution", parameters: ["padding": .integer(1), "stride": .integer(stride)],
        inputs: ["x": .real(x), "weight": .real(weight), "y.cotangent": .real(g)])
    ).right
  }
  let end = "sobel.weight.new"
  var wrong: [String: TensorValue] = [:]
  for name in question.right.keys where name.hasSuffix(end) {
    let (stream, filters) = (String(name.dropLast(end.count)), try question.output(name))
    let stem = try ask(
      try question.output(stream + "sobel"), try question.input(stream + "conv1.weight"),
      try question.output(stream + "conv1.output.gradient"),
      stride: try question.prompt.integer("stemStride", default: 1))
    guard case .real(let maps)? = stem["x.gradient"] else { return nil }
    let found = try ask(try question.input("views"), filters, maps, stride: 1)
    guard case .real(let gradient)? = found["weight.gradient"] else { return nil }
    wrong[name] = .real(try question.stepped(filters, by: gradient))
  }
  return wrong
}
