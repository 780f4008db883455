// `tsuc explain schedule` and `w`: what changes from epoch to epoch.
// Tests    ExplainTests/ExplainTests.swift
import Networks
import TwoStage

/// Epochs before and after the changes of a round of 200.
package struct ScheduleExample: Sendable {
  /// The rate of the first epoch.
  package let base: Double
  /// What every rise adds to w.
  package let step: Double
  /// The number of epochs of a round.
  package let length = 200
  /// The round's number from 0.
  package let round = 1
  /// The epochs to look at.
  package let epochs = [0, 79, 80, 119, 120, 159, 160, 199]

  /// The inputs, moved as the example says.
  package init(_ example: Example) { (base, step) = (example.constant(0.03), example.constant(0.2)) }
}

/// 0.1 to a power, by products.
private func tenth(to power: Int) -> Double { (0..<power).reduce(1) { value, _ in value * 0.1 } }

extension Explanation {
  static let schedule = Explanation(
    name: "schedule", aliases: ["lr", "rate"],
    title: "how the learning rate falls inside a round of stage 1, or inside stage 2",
    references: References(
      sources: [("Sources/Networks/LearningRateSchedule.swift", "LearningRateSchedule")],
      tests: ["Tests/NetworksTests/LearningRateScheduleTests.swift"],
      golden: ["schedule/learning-rate-paper", "schedule/learning-rate-epoch-80"])
  ) { example in
    let given = ScheduleExample(example)
    let (base, epochs, length) = (given.base, given.epochs, given.length)
    let powers: [(schedule: LearningRateSchedule, drops: (Int) -> Int)] = [
      (.released, { max(0, $0 - 80) / 40 }), (.supplement, { $0 < 80 ? 0 : ($0 - 80) / 40 + 1 }),
      (.fractions, { Double($0) < 0.6 * Double(length) ? 0 : Double($0) < 0.8 * Double(length) ? 1 : 2 }),
      (.constant, { _ in 0 }),
    ]
    let rates = powers.map { _, drops in epochs.map { base * tenth(to: drops($0)) } }
    let library = powers.map { power in epochs.map { power.schedule.rate(epoch: $0, of: length, base: base) } }
    return [
      .prose(
        """
        Epochs count from 0 and start again with every round, and so does the rate; the velocities of the optimiser go on. The \
        released program computes the power of its first drop as zero, so the rate first falls at epoch 120, not at 80 as the \
        supplement says. The schedule `released` does as the program did.
        """),
      .heading("Formula, t the epoch inside the round, E its number of epochs"),
      .formula(
        """
        released           base · 0.1^⌊(t − 80) / 40⌋ for t ≥ 80, base before
        supplement         base · 0.1^(⌊(t − 80) / 40⌋ + 1) for t ≥ 80, base before
        fractions          base for t < 0.6 E, base / 10 for t < 0.8 E, base / 100 after
        """),
      .heading("Example: a round of 200 epochs"),
      .constants([.init("base", base)]),
      .table(
        NumberTable(
          "the rate in epoch t", columns: powers.map(\.schedule.rawValue),
          rows: epochs.indices.map { e in ("t = \(epochs[e])", rates.map { .number($0[e]) }) })),
    ]
      + zip(powers, zip(rates, library)).map { power, pair in
        .agreement(CrossCheck(power.schedule.rawValue, pair.0, pair.1, by: "LearningRateSchedule.rate"))
      }
  }

  static let entropyWeight = Explanation(
    name: "w", aliases: ["w(t)"],
    title: "the weight of L_UE, which rises inside every round of stage 1",
    references: References(
      sources: [("Sources/TwoStage/Configuration.swift", "EntropyWeightSchedule")],
      tests: ["Tests/TwoStageTests/ConfigurationTests.swift"],
      golden: ["schedule/entropy-weight-paper", "schedule/entropy-weight-all-epochs"])
  ) { example in
    let given = ScheduleExample(example)
    let (step, epochs, length, round) = (given.step, given.epochs, given.length, given.round)
    let rules: [(schedule: EntropyWeightSchedule, steps: (Int) -> Int)] = [
      (.released, { $0 / 80 }), (.fractions, { Int(Double($0) / (0.4 * Double(length))) }),
      (.allEpochs, { (round * length + $0) / 80 }),
    ]
    let weights = rules.map { _, steps in epochs.map { step * Double(steps($0)) } }
    let library = rules.map { rule in
      epochs.map { rule.schedule.weight(round: round, epoch: $0, of: length, step: step) }
    }
    return [
      .prose(
        """
        At first an image's distribution over the others means little, so its entropy has no weight and is not even computed. Later \
        it weighs more. The weight starts again with every round, as the learning rate does: the authors' log shows an entropy of \
        zero in the first 80 epochs of every round. The paper's words could also mean a count over all rounds; that is allEpochs.
        """),
      .heading("Formula, t the epoch inside round r, E its number of epochs"),
      .formula(
        """
        paper       w = step · ⌊t / 80⌋
        fractions   w = step · ⌊t / (0.4 E)⌋
        allEpochs   w = step · ⌊(r E + t) / 80⌋
        """),
      .heading("Example: round \(round), counted from 0, of 200 epochs"),
      .constants([.init("step", step)]),
      .table(
        NumberTable(
          "w in epoch t", columns: rules.map(\.schedule.rawValue),
          rows: epochs.indices.map { e in ("t = \(epochs[e])", weights.map { .number($0[e]) }) })),
    ]
      + zip(rules, zip(weights, library)).map { rule, pair in
        .agreement(CrossCheck(rule.schedule.rawValue, pair.0, pair.1, by: "EntropyWeightSchedule.weight"))
      }
  }
}
