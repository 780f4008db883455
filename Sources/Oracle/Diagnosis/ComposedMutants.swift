// A mutant of one operation, made wherever a composition has that operation: a flipped kernel in every convolution of an encoder, a
// wrong sign of the entropy inside the loss of stage 1.
//
// A mutant that changes values alone is made in two ways: as it stands, which is a mistake in a forward pass written by hand, and
// with the gradients of what it computes, which is what automatic differentiation makes of it.
// Tests    OracleTests/ComposedMutantsTests.swift
import Kernels
import Networks

/// A way to be wrong, for a diagnosis: a mutant as it is declared, or inside a composition.
struct Suspicion {
  let mutant: Mutant
  /// What such a program answers; nil where the mistake makes no difference.
  let answer: (Question) -> [String: TensorValue]?

  /// A mutant of the operation itself.
  init(_ mutant: Mutant) { (self.mutant, answer) = (mutant, mutant.answer) }

  /// A mutant of an operation that a composition has; `carriesGradients` where the composition differentiates it.
  init(_ mutant: Mutant, carriesGradients: Bool) {
    self.mutant = mutant
    answer = { question in
      guard let trace = DiagnosticTrace(question.prompt) else { return nil }
      var isChanged = false
      let outputs = trace.outputs { site, recorded in
        let step = TraceStep(prompt: question.prompt, site: site, recorded: recorded)
        guard let wrong = step.answer(of: mutant, carriesGradients: carriesGradients), wrong != site.value else {
          return nil
        }
        isChanged = true
        return wrong
      }
      guard isChanged, let outputs else { return nil }
      return question.right.merging(outputs.filter { question.right[$0.key]?.shape == $0.value.shape }) { $1 }
    }
  }

  /// Every mutant of an operation, and of those that it is composed of.
  static func all(_ operation: String) -> [Suspicion] {
    let own = Mutants.of(operation).map { Suspicion($0) }
    guard let parts = parts[operation] else { return own }
    let inner = Mutants.all.filter { mutant in mutant.mutations.contains { parts.contains($0.operation) } }
    let carries = operation.hasSuffix("loss") ? [false, true] : [false]
    return own + inner.flatMap { mutant in carries.map { Suspicion(mutant, carriesGradients: $0) } }
  }

  /// What the compositions are made of, but for steps: their own tensors tell where they went wrong.
  private static let parts: [String: Set<String>] = [
    "stage-one-loss": [
      "memory-logits", "instance-neighbourhood", "unification-entropy", "batch-loss", "relation-loss",
    ],
    "stage-two-loss": ["softmax-of-rows", "mutual-information", "batch-loss"],
    "relation-loss": ["batch-loss"],
    "residual-block": ["convolution", "batch-norm", "relu"],
    "encoder": [
      "convolution", "batch-norm", "relu", "global-average-pool", "linear", "l2-normalisation", "sobel",
    ],
  ]
}

extension TraceStep {
  /// What a mutant of this operation makes of what it read; nil where it has nothing to say about it.
  func answer(of mutant: Mutant, carriesGradients: Bool) -> Tensor<Double>? {
    if let mistake = batchLossMistakes.first(where: { $0.mistake.name == mutant.name }) {
      return ofPairs(mistake.wrong)
    }
    guard let asked = elementary, mutant.mutations.contains(where: { $0.operation == asked.prompt.operation }),
      let question = try? Question(asked.prompt), let wrong = mutant.answer(question)
    else { return nil }
    if carriesGradients, let carried = carriedGradient(asked, question, mutant, wrong) { return carried }
    return asked.tensor(in: wrong, like: site.value.shape)
  }

  /// The batch loss of products of rows with a mistake in its sums, or the matrix of its gradient.
  func ofPairs(_ mistake: WrongBatchLoss.Mistake) -> Tensor<Double>? {
    guard ["batch-loss", "batch-loss-gradient"].contains(site.operation), let products = input(0),
      let loss = try? WrongBatchLoss(prompt, rows: products.rows, mistake: mistake)
    else { return nil }
    let found = loss.evaluate(products: products)
    return site.operation == "batch-loss" ? Tensor(shape: [], values: [found.loss]) : found.pairs
  }

  /// The gradient of what a mutant computes, by differences; nil where this is no gradient, or the mutant says what it is.
  private func carriedGradient(
    _ asked: ElementaryQuestion, _ question: Question, _ mutant: Mutant, _ wrong: [String: TensorValue]
  ) -> Tensor<Double>? {
    guard asked.outputs.allSatisfy({ $0.hasSuffix(".gradient") && wrong[$0] == question.right[$0] }),
      CarriedGradients.changesValue(wrong, from: question)
    else { return nil }
    var (carried, values) = (CarriedGradients(question), [Double]())
    for output in asked.outputs {
      let input = String(output.dropLast(".gradient".count))
      guard let gradient = carried.gradient(of: input, mutant.answer) else { return nil }
      values += gradient.map { $0 / asked.divisor }
    }
    return values.count == site.value.count ? Tensor(shape: site.value.shape, values: values) : nil
  }
}
