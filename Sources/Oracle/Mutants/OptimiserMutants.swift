// Wrong optimisers and schedules.
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

/// The epochs of a schedule's question.
private func epochs(_ prompt: Prompt) throws -> [Int] { try prompt.numbers("epochs").map { Int($0) } }

private func rates(_ prompt: Prompt, _ drops: (Int) -> Int) throws -> [String: TensorValue] {
  let base = try prompt.number("base")
  let values = try epochs(prompt).map { epoch in
    (0..<max(0, drops(epoch))).reduce(base) { rate, _ in rate * 0.1 }
  }
  return ["rates": .real(Tensor<Double>(shape: [values.count], values: values))]
}

let scheduleMutations: [Mutation] = [
  .taking(
    Mistake(
      "schedule.first-drop-at-80", "first drop at epoch 80 instead of 120",
      right: "the released schedule drops first at epoch 120"), "learning-rate", "schedule",
    .string("paperFromEpoch80"), unless: .string("paper")
  ) { ($0.parameters["schedule"] ?? .string("paper")) == .string("paper") },
  .taking(
    Mistake(
      "schedule.first-drop-at-120", "first drop at epoch 120 instead of 80",
      right: "schedule paperFromEpoch80 drops at epoch 80"), "learning-rate", "schedule",
    .string("paper"),
    unless: .string("paper")
  ) { $0.parameters["schedule"] == .string("paperFromEpoch80") },
  .taking(
    Mistake("schedule.falls", "a rate that falls", right: "schedule constant does not fall"), "learning-rate",
    "schedule", .string("fractions")
  ) { $0.parameters["schedule"] == .string("constant") },
  .asking(
    Mistake("schedule.one-epoch-late", "borders one epoch late", right: "the rate drops in the epoch of the border"),
    "learning-rate"
  ) { prompt in
    prompt.parameters["epochs"] = .array(try epochs(prompt).map { .integer(max(0, $0 - 1)) })
    return true
  },
  Mutation(
    Mistake(
      "schedule.two-drops-at-most", "drops that stop after two", right: "the rate goes on dropping every 40 epochs"),
    "learning-rate"
  ) { question in
    guard (question.prompt.parameters["schedule"] ?? .string("paper")) == .string("paper") else { return nil }
    return try rates(question.prompt) { min(2, ($0 - 80) / 40) }
  },
  Mutation(
    Mistake("schedule.rate-halved", "a factor of 0.5 instead of 0.1", right: "each drop multiplies the rate by 0.1"),
    "learning-rate"
  ) { question in
    let base = try question.prompt.number("base")
    return try question.changed("rates") { _, rate in
      // A rate that is 0 by underflow has fallen at least 300 times.
      let drops = rate > 0 ? Int(((Double.log(base) - Double.log(rate)) / Double.log(10)).rounded()) : 300
      return (0..<max(0, drops)).reduce(base) { rate, _ in rate / 2 }
    }
  },
  .taking(
    Mistake(
      "schedule.entropy-over-all-rounds", "epochs counted over all rounds",
      right: "the weight restarts with every round"), "entropy-weight", "schedule",
    .string("allEpochs"), unless: .string("paper")
  ) { ($0.parameters["schedule"] ?? .string("paper")) == .string("paper") },
  .taking(
    Mistake(
      "schedule.entropy-inside-round", "epochs counted in the round",
      right: "schedule allEpochs counts epochs over all rounds"), "entropy-weight", "schedule", .string("paper"),
    unless: .string("paper")
  ) { $0.parameters["schedule"] == .string("allEpochs") },
  .asking(
    Mistake(
      "schedule.entropy-one-epoch-late", "borders one epoch late",
      right: "the weight rises in the first epoch past the border"), "entropy-weight"
  ) { prompt in
    prompt.parameters["epochs"] = .array(try epochs(prompt).map { .integer(max(0, $0 - 1)) })
    return true
  },
  anchors(
    Mistake(
      "schedule.anchors-truncated", "products such as 90 · 0.7 = 62.99… cut",
      right: "10⁻⁹ is added before rounding down, so that 90 · 0.7 is 63")
  ) { images, rate, round in
    min(images, Int(Double(images) * rate * Double(round)))
  },
  anchors(Mistake("schedule.anchors-rounded", "rounded to the nearest", right: "the number of anchors is rounded down"))
  { images, rate, round in
    min(images, Int((Double(images) * rate * Double(round)).rounded()))
  },
  anchors(
    Mistake(
      "schedule.anchors-unbounded", "more anchors than images", right: "there are at most as many anchors as images")
  ) { images, rate, round in
    Int(Double(images) * rate * Double(round) + 1e-9)
  },
  anchors(Mistake("schedule.anchors-from-next-round", "rounds counted from 1", right: "round 0 has no anchors")) {
    images, rate, round in
    min(images, Int(Double(images) * rate * Double(round + 1) + 1e-9))
  },
]

private func anchors(
  _ mistake: Mistake, _ count: @escaping @Sendable (_ images: Int, _ rate: Double, _ round: Int) -> Int
) -> Mutation {
  Mutation(mistake, "anchor-count") { question in
    let (images, rate) = (
      try question.prompt.integer("imageCount"), try question.prompt.number("rate", default: 0.25)
    )
    return ["counts": .listOf(try question.prompt.numbers("rounds").map { count(images, rate, Int($0)) })]
  }
}
