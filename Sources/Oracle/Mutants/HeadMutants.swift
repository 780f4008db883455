// Wrong implementations of the class heads.
// Tests    OracleTests/MutantsTests.swift
import Files
import Kernels
import Networks

private let heads = "cluster-heads"

/// Heads normalised along the other axis, in an operation that has heads.
func headAxisMutations(_ operation: String) -> [Mutation] {
  [
    .taking(
      Mistake(
        "normfc.feature-axis", "normalised along the features",
        right: "each class's vector has unit length, over the features"), operation, "axis", .string("feature"),
      unless: .string("class")),
    .taking(
      Mistake(
        "normfc.class-axis", "normalised along the classes though it should not be", right: "axis feature was asked for"
      ), operation, "axis", .string("class"),
      unless: .string("class")),
  ]
}

let headMutations: [Mutation] =
  headAxisMutations(heads) + [
    .asking(
      Mistake("head.temperature-twice", "temperature applied twice", right: "scores are divided by τ_c once"), heads
    ) { prompt in
      let temperature = try prompt.number(.headTemperature, as: Double.self)
      prompt.parameters["headTemperature"] = .number(temperature * temperature)
      return true
    },
    .asking(
      Mistake(
        "head.last-gradient-only", "the gradient of the last head alone", right: "the gradients of all heads are added"),
      heads
    ) { prompt in
      var cotangent: Tensor<Double> = try prompt.tensor("probabilities.cotangent")
      for i in 0..<cotangent.count - cotangent.columns { cotangent.values[i] = 0 }
      prompt.inputs["probabilities.cotangent"] = .real(cotangent)
      return cotangent.rows > 1
    },
    Mutation(
      Mistake("head.not-normalised", "the weight not normalised", right: "the class vectors are of unit length"), heads
    ) { question in
      try textbookHeads(question, normalises: false, subtractsMean: true)
    },
    Mutation(
      Mistake(
        "head.diagonal-softmax-gradient", "the mean over classes not subtracted",
        right: "∂x = y (g − Σ g y): all classes take part"), heads
    ) { question in
      try textbookHeads(question, normalises: true, subtractsMean: false)
    },
    Mutation(
      Mistake(
        "head.gradient-without-temperature", "the temperature missing in the gradient",
        right: "the gradient of the scores is divided by τ_c"), heads
    ) { question in
      question.scaled(by: try question.prompt.number(.headTemperature, as: Double.self), ["embeddings.gradient"])
    },
  ]

/// Frozen heads by class, with mistakes.
private func textbookHeads(
  _ question: Question, normalises: Bool, subtractsMean: Bool
) throws -> [String: TensorValue]? {
  let prompt = question.prompt
  guard prompt.parameters["axis"] == nil else { return nil }
  let (heads, views) = (try question.input("heads"), try question.input("embeddings"))
  let (cotangent, tau) = (
    try question.input("probabilities.cotangent"), try prompt.number(.headTemperature, as: Double.self)
  )
  let (features, classes) = (heads.shape[1], heads.shape[2])
  var (probabilities, gradient) = ([Double](), Tensor<Double>(shape: views.shape))
  for h in 0..<heads.rows {
    var weight = Tensor<Double>(shape: [features, classes], values: Array(heads.row(h)))
    if normalises {
      for k in 0..<classes {
        let length = (0..<features).reduce(0) { $0 + weight.values[$1 * classes + k] * weight.values[$1 * classes + k] }
          .squareRoot()
        for d in 0..<features { weight.values[d * classes + k] /= length }
      }
    }
    let y = softmaxOfRows(views.multiplied(by: weight).values.map { $0 / tau }, columns: classes)
    let g = Array(cotangent.row(h))
    let x = y.indices.map { i in
      let row = i / classes * classes..<(i / classes + 1) * classes
      return y[i] * (g[i] - (subtractsMean ? row.reduce(0) { $0 + y[$1] * g[$1] } : 0)) / tau
    }
    let pulled = Tensor<Double>(shape: [views.rows, classes], values: x).multiplied(by: weight, otherTransposed: true)
    for i in pulled.values.indices { gradient.values[i] += pulled.values[i] }
    probabilities += y
  }
  return [
    "probabilities": .real(Tensor<Double>(shape: [heads.rows, views.rows, classes], values: probabilities)),
    "embeddings.gradient": .real(gradient),
  ]
}
