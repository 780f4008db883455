// Wrong optimisers.
// Tests    OracleTests/MutantsTests.swift
import Files
import Kernels
import Networks

private let sgd = "sgd"

/// The constants of a run of SGD, and its tensors.
private struct Descent {
  var rates: [Double]
  var momentum: Double
  var decay: Double
  var nesterov: Bool
  var start: [Double]
  var velocity: [Double]
  var hasVelocity: Bool
  var gradients: Tensor<Double>

  init(_ question: Question) throws {
    let prompt = question.prompt
    (rates, momentum) = (try prompt.numbers("rates"), try prompt.number(.momentum, as: Double.self))
    (decay, nesterov) = (try prompt.number(.weightDecay, as: Double.self), try prompt.bool(.nesterov))
    start = try question.input("parameter").values
    hasVelocity = prompt.inputs["velocity"] != nil
    velocity = hasVelocity ? try question.input("velocity").values : start.map { _ in 0 }
    gradients = try question.input("gradients")
  }

  /// Every step by a rule for one element that changes its weight and its velocity.
  func answer(
    _ rule: (_ w: inout Double, _ v: inout Double, _ gradient: Double, _ rate: Double, _ step: Int) -> Void
  ) -> [String: TensorValue] {
    var (weights, velocity) = (start, velocity)
    var (parameters, velocities): ([Double], [Double]) = ([], [])
    for (step, rate) in rates.enumerated() {
      for (i, gradient) in gradients.row(step).enumerated() { rule(&weights[i], &velocity[i], gradient, rate, step) }
      parameters += weights
      velocities += velocity
    }
    return [
      "parameters": .real(Tensor<Double>(shape: gradients.shape, values: parameters)),
      "velocities": .real(Tensor<Double>(shape: gradients.shape, values: velocities)),
    ]
  }
}

/// Which descents a mistake shows in.
private enum Kind {
  case momentum, decay, decayAndMomentum, decayAndNesterov, nesterov

  func holds(_ descent: Descent) -> Bool {
    switch self {
    case .momentum: descent.momentum > 0
    case .decay: descent.decay > 0
    case .decayAndMomentum: descent.decay > 0 && descent.momentum > 0
    case .decayAndNesterov: descent.decay > 0 && descent.nesterov
    case .nesterov: descent.nesterov
    }
  }
}

/// A wrong rule for one element.
private func rule(
  _ mistake: Mistake, for kind: Kind,
  _ rule:
    @escaping @Sendable (
      _ w: inout Double, _ v: inout Double, _ gradient: Double, _ rate: Double, _ step: Int, _ by: Descent
    ) -> Void
) -> Mutation {
  Mutation(mistake, sgd) { question in
    let descent = try Descent(question)
    guard kind.holds(descent) else { return nil }
    return descent.answer { rule(&$0, &$1, $2, $3, $4, descent) }
  }
}

let optimiserMutations: [Mutation] = [
  rule(
    Mistake(
      "sgd.rate-inside-velocity", "rate inside the velocity",
      right: "the rate multiplies the step, not what the velocity keeps"), for: .momentum
  ) { w, v, g, rate, _, by in
    let decayed = g + by.decay * w
    v = by.momentum * v + rate * decayed
    w -= by.nesterov ? rate * decayed + by.momentum * v : v
  },
  rule(
    Mistake(
      "sgd.dampened", "gradient weighed by 1 − momentum", right: "v ← m v + g: the gradient is not weighed by 1 − m"),
    for: .momentum
  ) { w, v, g, rate, _, by in
    let decayed = g + by.decay * w
    v = by.momentum * v + (1 - by.momentum) * decayed
    w -= rate * (by.nesterov ? decayed + by.momentum * v : v)
  },
  rule(
    Mistake(
      "sgd.first-step-dampened", "first velocity zeroed", right: "a velocity that exists is kept at the first step"),
    for: .momentum
  ) { w, v, g, rate, step, by in
    let decayed = g + by.decay * w
    v = step == 0 ? decayed : by.momentum * v + decayed
    w -= rate * (by.nesterov ? decayed + by.momentum * v : v)
  },
  rule(
    Mistake(
      "sgd.decoupled-decay", "decay decoupled from the rate",
      right: "the decay joins the gradient and so is scaled by the rate"), for: .decay
  ) { w, v, g, rate, _, by in
    v = by.momentum * v + g
    w -= rate * (by.nesterov ? g + by.momentum * v : v) + by.decay * w
  },
  rule(
    Mistake(
      "sgd.decay-after-momentum", "decay after the momentum", right: "the decay joins the gradient before the momentum"),
    for: .decayAndMomentum
  ) {
    w, v, g, rate, _, by in
    v = by.momentum * v + g
    w -= rate * ((by.nesterov ? g + by.momentum * v : v) + by.decay * w)
  },
  rule(
    Mistake(
      "sgd.decay-in-velocity-alone", "decay taken into the velocity alone",
      right: "Nesterov's step adds the decayed gradient"), for: .decayAndNesterov
  ) {
    w, v, g, rate, _, by in
    v = by.momentum * v + g + by.decay * w
    w -= rate * (g + by.momentum * v)
  },
  rule(
    Mistake(
      "sgd.sutskever-nesterov", "Nesterov's step from the new velocity alone",
      right: "the step is g + m v with the new v"), for: .nesterov
  ) {
    w, v, g, rate, _, by in
    let decayed = g + by.decay * w
    v = by.momentum * v + decayed
    w -= rate * (decayed + by.momentum * by.momentum * v)
  },
  .taking(
    Mistake("sgd.no-decay", "decay left out", right: "the gradient is g + decay w"), sgd, "weightDecay", .integer(0),
    unless: .integer(0)),
  .taking(
    Mistake(
      "sgd.no-decay-of-vectors", "decay left out of biases and batch norms",
      right: "biases and batch norms decay like all parameters"), sgd, "weightDecay", .integer(0),
    unless: .integer(0)
  ) { try $0.tensor("parameter", as: Double.self).shape.count == 1 },
  .asking(
    Mistake(
      "sgd.nesterov-swapped", "Nesterov's step and the plain one exchanged", right: "nesterov says which step is taken"),
    sgd
  ) { prompt in
    prompt.parameters["nesterov"] = .bool(!(try prompt.bool(.nesterov)))
    return try prompt.number(.momentum, as: Double.self) > 0
  },
  .asking(
    Mistake(
      "sgd.velocity-lost", "the velocity forgotten between steps", right: "the velocity is kept from step to step"), sgd
  ) { prompt in
    let momentum = try prompt.number(.momentum, as: Double.self)
    prompt.parameters["momentum"] = .integer(0)
    return momentum > 0
  },
  .asking(Mistake("sgd.default-momentum", "momentum of 0.9 always", right: "the momentum is a parameter"), sgd) {
    prompt in
    let momentum = try prompt.number(.momentum, as: Double.self)
    prompt.parameters["momentum"] = .number(0.9)
    return momentum != 0.9
  },
  .asking(Mistake("sgd.gradients-accumulated", "gradients not zeroed between steps"), sgd) { prompt in
    var gradients: Tensor<Double> = try prompt.tensor("gradients")
    let size = gradients.count / max(1, gradients.rows)
    for i in gradients.values.indices.dropFirst(size) { gradients.values[i] += gradients.values[i - size] }
    prompt.inputs["gradients"] = .real(gradients)
    return gradients.rows > 1
  },
  Mutation(
    Mistake(
      "sgd.vector-remainder", "the last elements of a vector loop",
      right: "elements beyond the last whole vector are updated too"), sgd
  ) { question in
    let descent = try Descent(question)
    let size = descent.start.count
    guard size % 8 != 0 else { return nil }
    let right = try question.output("parameters")
    return [
      "parameters": .real(right.mapped { $0 % size >= size & ~7 ? descent.start[$0 % size] : $1 })
    ]
  },
]
