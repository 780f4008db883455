// Steps of SGD, the schedules and the scores of a clustering, line by line.
// Tests    OracleTests/DefinitionTraceTests.swift
import Evaluation
import Kernels
import Networks
import TwoStage

extension SGDOperation: DefinedOperation {
  package var takesSteps: Bool { true }

  package var lines: [DefinitionLine] {
    [
      DefinitionLine("decayed", "steps × parameter's shape", "g = gradient + decay w, w the parameter before the step")
      {
        line in
        try Self.steps(&line, reads: ["gradients", "parameter"], \.decayed)
      },
      .output("velocities", "v ← momentum v + g; without a velocity the first is g", reads: ["decayed", "velocity"]),
      DefinitionLine(
        "directions", "steps × parameter's shape", "g + momentum v, the new v; without Nesterov's momentum v"
      ) {
        line in
        try Self.steps(&line, reads: ["decayed", "velocities"], \.directions)
      },
      .output("parameters", "w ← w − rate · direction", reads: ["directions", "parameter"]),
    ]
  }

  private struct Steps {
    var (decayed, directions): ([TrackedNumber], [TrackedNumber]) = ([], [])
  }

  /// Every step from the state that the one before left.
  private static func steps(
    _ line: inout LineReader, reads: [String], _ wanted: KeyPath<Steps, [TrackedNumber]>
  ) throws -> LineValue {
    var reader = line
    line.note(reads)
    let optimiser: SGD<Double> = try line.network.optimiserConstants()
    let (momentum, decay) = (TrackedNumber(rounded: optimiser.momentum), TrackedNumber(rounded: optimiser.weightDecay))
    var (weights, gradients) = (try reader.list("parameter"), try reader.matrix("gradients"))
    var velocity = line.holds("velocity") ? try reader.list("velocity") : weights.map { _ in TrackedNumber(exact: 0) }
    var steps = Steps()
    for (step, rate) in try line.prompt.numbers(rates).enumerated() {
      let decayed = zip(gradients.row(step), weights).map { $0 + decay * $1 }
      velocity = zip(decayed, velocity).map { $0 + momentum * $1 }
      let directions = optimiser.nesterov ? zip(decayed, velocity).map { $0 + momentum * $1 } : velocity
      weights = zip(weights, directions).map { $0 - TrackedNumber(rounded: rate) * $1 }
      steps.decayed += decayed
      steps.directions += directions
    }
    // Sums of two.
    return .real(steps[keyPath: wanted], shape: line.shape("gradients"), terms: 2)
  }
}

extension LearningRateOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      DefinitionLine("factors", "epochs", "rate / base: 0.1^⌊(t − 80) / 40⌋ from epoch 80 of the schedule \"paper\"") {
        line in
        // As of the rates themselves: each factor of 0.1 and each product rounds, or a power errs by four units.
        .list(
          try LearningRateOperation().rates(line.prompt, base: 1).map { factor in
            let roundings = 6 + (factor < 1 ? -2 * Double.log(factor) / Double.log(10) : 0)
            return TrackedNumber(value: factor, rounding: roundings * factor)
          })
      },
      .output("rates", "base · factor", reads: ["factors"]),
    ]
  }
}

extension EntropyWeightOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      DefinitionLine("factors", "epochs", "w / step: ⌊t / 80⌋ of the schedule \"paper\", t the epoch inside the round")
      { line in
        .list(
          try EntropyWeightOperation().weights(line.prompt, step: 1).map { TrackedNumber(value: $0, rounding: $0) })
      },
      .output("weights", "w = step · factor", reads: ["factors"]),
    ]
  }
}

extension AnchorCountOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      DefinitionLine("products", "rounds", "N · rate · r") { line in
        let images = TrackedNumber(exact: Double(try line.prompt.integer(Self.imageCount)))
        let rate = TrackedNumber(rounded: try line.prompt.number(.rate))
        return .list(try line.prompt.integers(Self.rounds).map { images * rate * TrackedNumber(exact: Double($0)) })
      },
      .output("counts", "min(N, ⌊product + 10⁻⁹⌋)", reads: ["products"]),
    ]
  }
}

extension ClusterScoresOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      DefinitionLine("counts", "clusters × classes", "how many images of each cluster have each class") { line in
        line.note(["predictions", "targets"])
        let counts = try ClusterScoresOperation().table(line.prompt).counts
        return .integers(counts.flatMap { $0 }, [counts.count, counts.first?.count ?? 0])
      },
      .output("matched", "the largest Σ counts over one-to-one maps of clusters to classes", reads: ["counts"]),
      .output("accuracy", "matched / n", reads: ["matched"]),
      .output("nmi", "2 I / (H_p + H_t) of the counts", reads: ["counts"]),
      .output("ari", "(RI − E RI) / (max RI − E RI) of the counts", reads: ["counts"]),
    ]
  }
}
