// Wrong running statistics over several batches: one sequence, right or wrong by its variant.
// Tests    OracleTests/MutantsTests.swift
import Files
import Kernels
import Networks

/// How a wrong sequence treats its running statistics.
private struct Variant: Sendable {
  /// The weight of the new value at the training step of a number, from the right one.
  var momentum: @Sendable (_ right: Double, _ step: Int) -> Double = { right, _ in right }
  var biased = false
  var movesInEvaluation = false
  var appliesBatchInEvaluation = false
}

private func sequence(_ mistake: Mistake, _ variant: Variant) -> Mutation {
  Mutation(mistake, "batch-norm-sequence") { question throws -> [String: TensorValue] in
    try runSequence(question, variant)
  }
}

private func runSequence(_ question: Question, _ variant: Variant) throws -> [String: TensorValue] {
  let (x, momentum) = (try question.input("x"), try question.prompt.number("momentum", default: 0.1))
  guard case .array(let modes)? = question.prompt.parameters["modes"] else { return [:] }
  var (mean, variance) = (try question.input("runningMean"), try question.input("runningVariance"))
  var (y, means, variances): ([Double], [Double], [Double]) = ([], [], [])
  var learnt = 0
  for (step, mode) in modes.enumerated() {
    let training = mode == .string("training")
    let batch = Tensor(shape: Array(x.shape.dropFirst()), values: Array(x.row(step)))
    let one = try Question(try batchNorm(question, batch))
    let (batchMean, batchVariance) = try one.moments()
    let (m, v) = training || variant.appliesBatchInEvaluation ? (batchMean, batchVariance) : (mean, variance)
    if case .real(let output)? = try one.applied(m, v)["y"] { y += output.values }
    if training || variant.movesInEvaluation {
      let (n, weight) = (try one.valuesPerChannel(), variant.momentum(momentum, learnt))
      mean = mean.mapped { (c: Int, old: Double) -> Double in (1 - weight) * old + weight * batchMean.values[c] }
      let factor = variant.biased ? 1 : n / (n - 1)
      variance = variance.mapped { (c: Int, old: Double) -> Double in
        (1 - weight) * old + weight * factor * batchVariance.values[c]
      }
      learnt += 1
    }
    means += mean.values
    variances += variance.values
  }
  let shape = [modes.count, mean.count]
  return [
    "y": .real(Tensor<Double>(shape: x.shape, values: y)),
    "runningMeans": .real(Tensor<Double>(shape: shape, values: means)),
    "runningVariances": .real(Tensor<Double>(shape: shape, values: variances)),
  ]
}

/// The question about one batch of a sequence.
private func batchNorm(_ question: Question, _ batch: Tensor<Double>) throws -> Prompt {
  var prompt = question.prompt
  prompt.operation = "batch-norm"
  prompt.parameters["modes"] = nil
  prompt.inputs["x"] = .real(batch)
  prompt.inputs["y.cotangent"] = .real(batch)
  return prompt
}

/// The right variant, to see that only a mistake makes a mutant.
let rightSequence = sequence(Mistake("batchnorm.none", "none"), Variant())

let sequenceMutations: [Mutation] = [
  sequence(Mistake("batchnorm.momentum-swapped", "momentum swapped"), Variant(momentum: { right, _ in 1 - right })),
  sequence(Mistake("batchnorm.biased-running-variance", "running variance biased"), Variant(biased: true)),
  sequence(
    Mistake(
      "batchnorm.cumulative-average", "cumulative average instead of a momentum",
      right: "running statistics move by a constant momentum, 0.1"),
    Variant(momentum: { _, step in 1 / Double(step + 1) })),
  sequence(
    Mistake("batchnorm.moves-in-evaluation", "running statistics moved in evaluation"), Variant(movesInEvaluation: true)
  ),
  sequence(
    Mistake("batchnorm.batch-statistics-in-evaluation", "batch statistics in evaluation"),
    Variant(appliesBatchInEvaluation: true)
  ),
]
