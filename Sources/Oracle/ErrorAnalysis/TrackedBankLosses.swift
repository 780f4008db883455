// The rounding errors of the two losses against the bank, from logits to their gradient.
//
// Every probability is formed in a way that keeps its relative accuracy near 0 and near 1:
//     L_AND   −log q = log(1 + e^{outside − inside}),   1 − q = e^{outside − all},   inside, outside: log-sum-exps of S and of the rest
//     L_UE    log p̃ = z − L',   H = −Σ p̃ log p̃
// Tests    OracleTests/TrackedNumberTests.swift, OracleTests/LossCasesTests.swift
import Kernels
import Networks
import TwoStage

/// A loss and the gradient of its matrix.
struct TrackedLoss {
  var loss: TrackedNumber
  var gradient: TrackedMatrix

  /// Rows reduced to one number.
  init(rows: [(loss: TrackedNumber, gradient: [TrackedNumber])], columns: Int, factor: TrackedNumber) {
    loss = factor * TrackedNumber.sum(rows.map(\.loss))
    gradient = TrackedMatrix(
      rows: rows.count, columns: columns, values: rows.flatMap { $0.gradient.map { factor * $0 } })
  }

  init(loss: TrackedNumber, gradient: TrackedMatrix) { (self.loss, self.gradient) = (loss, gradient) }
}

extension Reduction {
  /// What every row is multiplied by.
  func trackedFactor(rows: Int) -> TrackedNumber {
    self == .mean && rows > 1 ? TrackedNumber(rounded: 1 / Double(rows)) : TrackedNumber(exact: 1)
  }
}

extension InstanceNeighbourhoodLoss<Double> {
  /// The loss with its errors.
  func tracked(_ logits: TrackedMatrix, images: [Int], neighbourhoods: Neighbourhoods) -> TrackedLoss {
    let rows = images.enumerated().map { a, image in
      Self.tracked(logits.row(a), members: Set(neighbourhoods.members(of: image)))
    }
    return TrackedLoss(rows: rows, columns: logits.columns, factor: reduction.trackedFactor(rows: logits.rows))
  }

  private static func tracked(
    _ z: [TrackedNumber], members: Set<Int>
  ) -> (loss: TrackedNumber, gradient: [TrackedNumber]) {
    let rest = z.indices.filter { !members.contains($0) }.map { z[$0] }
    // A neighbourhood of everyone has q = 1: what is left of 1 − Σ p is a rounding of 1, and with it the gradient.
    guard !rest.isEmpty else {
      let all = TrackedNumber.logSumExp(z)
      return (
        TrackedNumber(value: 0, rounding: 1),
        z.map { TrackedNumber(value: 0, rounding: TrackedNumber.exp($0 - all).value) }
      )
    }
    let inside = TrackedNumber.logSumExp(z.indices.filter { members.contains($0) }.map { z[$0] })
    let (outside, all) = (TrackedNumber.logSumExp(rest), TrackedNumber.logSumExp(z))
    let missed = TrackedNumber.exp(outside - all)
    let gradient = z.indices.map { j in
      members.contains(j) ? -(TrackedNumber.exp(z[j] - inside) * missed) : TrackedNumber.exp(z[j] - all)
    }
    return (TrackedNumber.softplus(outside - inside), gradient)
  }
}

extension UnificationEntropyLoss<Double> {
  /// The loss with its errors.
  func tracked(_ logits: TrackedMatrix, images: [Int]) -> TrackedLoss {
    let rows = images.enumerated().map { a, image in tracked(logits.row(a), own: image) }
    return TrackedLoss(rows: rows, columns: logits.columns, factor: reduction.trackedFactor(rows: logits.rows))
  }

  private func tracked(_ z: [TrackedNumber], own: Int) -> (loss: TrackedNumber, gradient: [TrackedNumber]) {
    var (z, others) = (z, Array(z.indices))
    if let ownLogit { z[own] = TrackedNumber(rounded: ownLogit) } else { others.remove(at: own) }
    var gradient = z.map { _ in TrackedNumber(exact: 0) }
    // A bank of one image has no other, and the loss is 0 by definition.
    guard z.count > 1 else { return (TrackedNumber(exact: 0), gradient) }
    let (entropy, logarithms) = TrackedNumber.entropy(others.map { z[$0] })
    // log p̃ + H = z − (L' − H): whoever forms L' − H first errs by its size, automatic differentiation by that of the 1 in
    // the derivative of p log p.
    let offset = TrackedNumber.logSumExp(others.map { z[$0] }) - entropy
    let one = TrackedNumber(value: 0, rounding: 1)
    for (j, logarithm) in zip(others, logarithms) where j != own {
      gradient[j] = TrackedNumber.exp(logarithm) * (offset - z[j] + one)
    }
    return (entropy, gradient)
  }
}

extension TrackedNumber {
  /// The entropy of softmax(z), and the logarithms of its probabilities.
  static func entropy(_ z: [TrackedNumber]) -> (entropy: TrackedNumber, logarithms: [TrackedNumber]) {
    let logSumExp = logSumExp(z)
    let logarithms = z.map { $0 - logSumExp }
    return (-dot(logarithms.map(exp), logarithms), logarithms)
  }
}
