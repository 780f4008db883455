// What goes wrong in the released program, as a port of it may copy: a softmax of the heads over the batch, exponentials that overflow,
// and the partner's term added and subtracted again, which is no number where the partner has all of the probability.
// Tests    OracleTests/MutantsTests.swift, OracleTests/ReleasedMutantsTests.swift
import Files
import Kernels
import Networks
import TwoStage

private let losses = ["relation-loss", "stage-one-loss", "stage-two-loss"]
private let steps = ["stage-one-step", "stage-two-step"]
private let batchLoss: Set<String> = ["batch-loss", "batch-loss-gradient"]

private let overBatch = Mistake(
  "head.softmax-over-batch", "softmax over the batch instead of the classes",
  right: "every view's probabilities of the classes sum to 1")
private let overflowing = Mistake(
  "loss.overflow", "exponentials without subtracting the maximum",
  right: "the row's largest logit is subtracted before the exponential: exp(1 / 0.01) is infinite in float32")
private let partnerSubtracted = Mistake(
  "aug.partner-subtracted", "the partner's log(1 − Q) summed with the others and subtracted again",
  right: "the sum of log(1 − Q) is over the negatives alone: where the partner's Q is 1 the difference is no number")

/// Those inside steps and the losses of both stages.
let releasedMistakes: [NodeMistake] = [
  inside(overBatch, ["softmax", "softmax-gradient"], in: ["stage-two-loss", "stage-two-step"]) { step in
    guard let first = step.input(0) else { return nil }
    if step.site.operation == "softmax" { return softmaxOfColumns(first) }
    guard let y = step.input(1) else { return nil }
    return softmaxOfColumnsGradient(of: first, y)
  },
  inside(overflowing, batchLoss, in: losses + steps) { step in
    let temperature = try? step.prompt.number(.temperature, as: Double.self)
    guard let cosines = step.input(0), let temperature, overflows(cosines, over: temperature) else { return nil }
    return step.site.value.mapped { _, _ in .nan }
  },
  inside(partnerSubtracted, batchLoss, in: losses + steps) { step in
    guard let cosines = step.input(0), (try? partnerHasAll(cosines, step.prompt)) == true else { return nil }
    return step.site.value.mapped { _, _ in .nan }
  },
]

/// Those of the losses of logits and of rows alone, as far as exponentials overflow.
let overflowMutations: [Mutation] =
  ["instance-neighbourhood", "unification-entropy"].map { operation in
    Mutation(overflowing.again, operation) { question in
      overflows(try question.input("logits")) ? notNumbers(question) : nil
    }
  } + [
    Mutation(overflowing.again, "batch-loss") { question in
      let rows = try question.input("rows")
      let temperature = try question.prompt.number(.temperature, as: Double.self)
      return overflows(rows.multiplied(by: rows, otherTransposed: true), over: temperature) ? notNumbers(question) : nil
    }
  ]

let releasedMutations: [Mutation] = [
  Mutation(partnerSubtracted.again, "batch-loss") { question in
    let rows = try question.input("rows")
    let products = rows.multiplied(by: rows, otherTransposed: true)
    return try partnerHasAll(products, question.prompt) ? notNumbers(question) : nil
  },
  Mutation(overBatch.again, "cluster-heads") { question in
    let (views, cotangent) = (try question.input("embeddings"), try question.input("probabilities.cotangent"))
    let heads = try NetworkPrompt(prompt: question.prompt).finiteHeads(features: views.columns, as: Double.self)
    var (probabilities, gradient) = ([Double](), Tensor<Double>(shape: views.shape))
    for h in 0..<heads.headCount {
      let scores = views.multiplied(by: heads.directions(of: h))
      let y = softmaxOfColumns(scores.mapped { $1 / heads.temperature })
      let g = Tensor<Double>(shape: y.shape, values: Array(cotangent.row(h)))
      let pulled = softmaxOfColumnsGradient(of: g, y).mapped { $1 / heads.temperature }
        .multiplied(by: heads.directions(of: h), otherTransposed: true)
      for i in pulled.values.indices { gradient.values[i] += pulled.values[i] }
      probabilities += y.values
    }
    return [
      "probabilities": .real(Tensor<Double>(shape: cotangent.shape, values: probabilities)),
      "embeddings.gradient": .real(gradient),
    ]
  },
]

extension Mistake {
  /// The same mistake in a further operation; what is right is said once.
  fileprivate var again: Mistake { Mistake(name, wrong) }
}

/// All real outputs, none of them a number.
private func notNumbers(_ question: Question) -> [String: TensorValue] { question.scaled(by: .nan) }

/// Whether an exponential leaves Float's range, or all of a row's exponentials vanish in it.
private func overflows(_ logits: Tensor<Double>, over temperature: Double = 1) -> Bool {
  (0..<logits.rows).contains { a in
    let powers = logits.row(a).map { Float.exp(Float($0 / temperature)) }
    return powers.contains(.infinity) || powers.allSatisfy { $0 == 0 }
  }
}

/// Whether a partner's share of all other rows rounds to 1 in Float, where a prompt asks for the released denominator.
private func partnerHasAll(_ products: Tensor<Double>, _ prompt: Prompt) throws -> Bool {
  let (count, temperature) = (products.rows, try prompt.number(.temperature, as: Double.self))
  // Two rows have no negatives.
  guard count > 2, isReleased(prompt) else { return false }
  return (0..<count).contains { a in
    let s = products.row(a).map { $0 / temperature }
    let partner = (a + count / 2) % count
    let others = s.indices.reduce(0) { $1 == a || $1 == partner ? $0 : $0 + Double.exp(s[$1] - s[partner]) }
    return Float(1 / (1 + others)) == 1
  }
}

/// Every column over its sum of exponentials.
private func softmaxOfColumns(_ x: Tensor<Double>) -> Tensor<Double> {
  Tensor<Double>(shape: [x.columns, x.rows], values: softmaxOfRows(x.transposed.values, columns: x.rows)).transposed
}

/// ∂x = y (g − Σ g y), the sum over the rows.
private func softmaxOfColumnsGradient(of g: Tensor<Double>, _ y: Tensor<Double>) -> Tensor<Double> {
  var means = [Double](repeating: 0, count: y.columns)
  for i in y.values.indices { means[i % y.columns] += g.values[i] * y.values[i] }
  return y.mapped { $1 * (g.values[$0] - means[$0 % y.columns]) }
}
