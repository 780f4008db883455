// Wrong schedules of a whole run: what restarts with a round or a stage and goes on counting, or the other way round.
// Tests    OracleTests/MutantsTests.swift, OracleTests/RunScheduleOperationTests.swift
import Files
import Kernels
import Networks
import TwoStage

private let run = "run-schedule"

/// The epochs of a run as the right answer lists them.
private struct Epochs {
  let stages: [Int], rounds: [Int], epochs: [Int], streamEpochs: [Int], rates: Tensor<Double>

  init(_ question: Question) throws {
    func list(_ name: String) throws -> [Int] {
      guard case .integers(let numbers, _)? = question.right[name] else { throw OracleError("no output \(name)") }
      return numbers
    }
    (stages, rounds, epochs) = (try list("stages"), try list("rounds"), try list("epochs"))
    (streamEpochs, rates) = (try list("streamEpochs"), try question.output("rates"))
  }

  /// The rates of a stage replaced, by the place of the epoch in the run.
  func rates(ofStage stage: Int, _ rate: (Int) -> Double) -> [String: TensorValue] {
    let wrong: Tensor<Double> = rates.mapped { stages[$0] == stage ? rate($0) : $1 }
    return ["rates": .real(wrong)]
  }
}

/// Another number for the random streams' epoch.
private func streamEpochs(_ mistake: Mistake, _ number: @escaping @Sendable (Epochs, Int) -> Int) -> Mutation {
  Mutation(mistake, run) { question in
    let epochs = try Epochs(question)
    return ["streamEpochs": .listOf(epochs.stages.indices.map { number(epochs, $0) })]
  }
}

private func schedule(_ prompt: Prompt, _ name: String) throws -> LearningRateSchedule {
  LearningRateSchedule(rawValue: try prompt.string(name, default: "paper")) ?? .released
}

let runScheduleMutations: [Mutation] = [
  Mutation(
    Mistake(
      "schedule.rate-over-all-rounds", "a rate that does not restart with a round",
      right: "the learning rate restarts with every round of stage 1"), run
  ) { question in
    let (epochs, prompt) = (try Epochs(question), question.prompt)
    let (base, rule) = (try prompt.number("stageOneRate", default: 0.03), try schedule(prompt, "stageOneSchedule"))
    let count = try prompt.integer("rounds") * prompt.integer("epochsPerRound")
    return epochs.rates(ofStage: 1) { rule.rate(epoch: $0, of: count, base: base) }
  },
  Mutation(
    Mistake(
      "schedule.rate-through-both-stages", "a rate that does not restart with stage 2",
      right: "stage 2 counts its own epochs for its learning rate"), run
  ) { question in
    let (epochs, prompt) = (try Epochs(question), question.prompt)
    let (base, rule) = (try prompt.number("stageTwoRate", default: 0.01), try schedule(prompt, "stageTwoSchedule"))
    return epochs.rates(ofStage: 2) { rule.rate(epoch: $0, of: epochs.stages.count, base: base) }
  },
  .asking(
    Mistake(
      "schedule.rates-of-stages-swapped", "the rates of the stages swapped", right: "each stage has a rate of its own"),
    run
  ) { prompt in
    let (one, two) = (
      try prompt.number("stageOneRate", default: 0.03), try prompt.number("stageTwoRate", default: 0.01)
    )
    (prompt.parameters["stageOneRate"], prompt.parameters["stageTwoRate"]) = (.number(two), .number(one))
    return one != two
  },
  streamEpochs(
    Mistake(
      "schedule.streams-restart-with-rounds", "the streams' epoch counted in the round",
      right: "the epoch of a stream's key counts over the whole run: every round has views and orders of its own")
  ) { epochs, i in
    epochs.stages[i] == 1 ? epochs.epochs[i] : epochs.streamEpochs[i]
  },
  streamEpochs(
    Mistake(
      "schedule.streams-restart-with-stage-two", "the streams' epoch counted in stage 2",
      right: "the epoch of a stream's key goes on counting in stage 2")
  ) { epochs, i in
    epochs.stages[i] == 2 ? epochs.epochs[i] : epochs.streamEpochs[i]
  },
  .taking(
    Mistake("schedule.entropy-over-all-rounds", "epochs counted over all rounds"), run, "entropyWeightSchedule",
    .string("allEpochs"), unless: .string("paper")
  ) { ($0.parameters["entropyWeightSchedule"] ?? .string("paper")) == .string("paper") },
  .taking(
    Mistake("schedule.entropy-inside-round", "epochs counted in the round"), run, "entropyWeightSchedule",
    .string("paper"), unless: .string("paper")
  ) { $0.parameters["entropyWeightSchedule"] == .string("allEpochs") },
]
