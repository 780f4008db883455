// Wrong schedules: learning rates, the weight of the entropy, the number of anchors.
// Tests    OracleTests/MutantsTests.swift
import Files
import Kernels
import Networks

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
  .taking(
    Mistake(
      "schedule.isif-as-paper", "three drops to a tenth instead of isif's factors",
      right: "isif multiplies the rate by 0.1 from epoch 120, by 0.05 from 160 and by 0.01 from 200"), "learning-rate",
    "schedule", .string("paper")
  ) { $0.parameters["schedule"] == .string("isif") },
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
  .asking(
    Mistake("schedule.counted-from-1", "epochs counted from 1", right: "the first epoch is epoch 0"), "learning-rate"
  ) { prompt in
    prompt.parameters["epochs"] = .array(try epochs(prompt).map { .integer($0 + 1) })
    return true
  },
  .asking(Mistake("schedule.counted-from-1", "epochs counted from 1"), "entropy-weight") { prompt in
    let last = try prompt.integer("length", default: 200) - 1
    prompt.parameters["epochs"] = .array(try epochs(prompt).map { .integer(min(last, $0 + 1)) })
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
