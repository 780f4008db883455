// Wrong softmaxes and their kin, each under the words by which cases name it.
import Kernels
import Networks

private let softmax = "softmax-of-rows"
private let logSoftmax = "log-softmax-of-rows"
private let logSumExp = "log-sum-exp-of-rows"
private let entropy = "entropy-of-rows"

extension Question {
  /// Another operation's y on the same rows.
  fileprivate func rows(_ operation: String) throws -> Tensor<Double> {
    let x = try input("x")
    let reduces = operation == logSumExp || operation == entropy
    let answer = try altered {
      $0.operation = operation
      $0.inputs["y.cotangent"] = .real(Tensor<Double>(shape: reduces ? [x.rows] : x.shape))
    }
    guard case .real(let y)? = answer["y"] else { throw OracleError("no y") }
    return y
  }

  /// y computed of each row in Float.
  fileprivate func inFloat(_ row: ([Float]) -> [Float]) throws -> [String: TensorValue] {
    let x: Tensor<Float> = try prompt.tensor("x")
    let values = (0..<x.rows).flatMap { row(Array(x.row($0))) }
    return ["y": .real(Tensor<Float>(shape: try output("y").shape, values: values))]
  }
}

/// Exponentials of the entries as they are.
private func overflow(_ operation: String, _ row: @escaping @Sendable ([Float], Float) -> [Float]) -> Mutation {
  Mutation(
    Mistake(
      "softmax.overflow", "exponentials without subtracting the maximum",
      right: "the row's largest entry is subtracted before the exponential"), operation
  ) { question in
    try question.inFloat { x in row(x, x.reduce(0) { $0 + Float.exp($1) }) }
  }
}

private func base2(_ mistake: Mistake, _ operation: String) -> Mutation {
  Mutation(mistake, operation) { try $0.changed("y") { $1 / Double.log(2) } }
}

private func transposed(_ operation: String) -> Mutation {
  Mutation(
    Mistake(
      "softmax.wrong-axis", "normalised over the columns' axis", right: "each row is a distribution over its columns"),
    operation
  ) { question in
    func turned(_ tensor: Tensor<Double>) -> Tensor<Double> {
      let (rows, columns) = (tensor.rows, tensor.columns)
      return Tensor(
        shape: [columns, rows], values: (0..<tensor.count).map { tensor.values[$0 % rows * columns + $0 / rows] })
    }
    let answer = try question.altered {
      $0.inputs["x"] = .real(turned(try question.input("x")))
      $0.inputs["y.cotangent"] = .real(turned(try question.input("y.cotangent")))
    }
    return answer.mapValues { if case .real(let tensor) = $0 { .real(turned(tensor)) } else { $0 } }
  }
}

/// Absent entries that count as another number; nil leaves the number that stands there.
private func absent(_ mistake: Mistake, _ operation: String, as number: Double?) -> Mutation {
  Mutation(mistake, operation) { question in
    let (x, absent) = (try question.input("x"), try question.prompt.integers("absent"))
    return try question.altered { (prompt: inout Prompt) in
      prompt.inputs["x"] = .real(x.mapped { absent[$0] == 1 ? number ?? $1 : $1 })
      prompt.inputs["absent"] = nil
    }
  }
}

let rowMutations: [Mutation] = [
  transposed(softmax), transposed(logSoftmax),
  absent(
    Mistake(
      "softmax.finite-mask", "absent entries counted as −10", right: "an absent entry has logit −∞ and takes no part"),
    softmax, as: -10),
  absent(Mistake("softmax.finite-mask", "absent entries counted as −10"), logSumExp, as: -10),
  absent(
    Mistake("softmax.mask-ignored", "absent entries take part", right: "absent entries take no part"), softmax, as: nil),
  absent(Mistake("softmax.mask-ignored", "absent entries take part"), logSumExp, as: nil),
  base2(Mistake("softmax.binary-logarithm", "logarithm to base 2", right: "logarithms are natural"), logSoftmax),
  base2(Mistake("softmax.binary-logarithm", "logarithm to base 2"), logSumExp),
  base2(Mistake("softmax.binary-logarithm", "logarithm to base 2"), entropy),
  Mutation(Mistake("softmax.base-two", "softmax to base 2", right: "exponentials are of base e"), softmax) {
    try $0.altered("x") { $1 * Double.log(2) }
  },
  Mutation(
    Mistake(
      "softmax.diagonal-gradient", "gradient of the diagonal alone", right: "∂x = y (g − Σ g y): all columns take part"),
    softmax
  ) { question in
    let (p, g) = (try question.output("y"), try question.input("y.cotangent"))
    return ["x.gradient": .real(p.mapped { g.values[$0] * $1 * (1 - $1) })]
  },
  Mutation(
    Mistake("softmax.cotangents-not-summed", "cotangents not summed", right: "∂x = g − softmax(x) Σ g"), logSoftmax
  ) { question in
    let (p, g) = (try question.rows(softmax), try question.input("y.cotangent"))
    return ["x.gradient": .real(p.mapped { g.values[$0] * (1 - $1) })]
  },
  Mutation(
    Mistake("softmax.log-mean-exp", "mean instead of sum", right: "the logarithm of the sum, not of the mean"),
    logSumExp
  ) { question in
    let columns = Double(try question.input("x").columns)
    return try question.changed("y") { $1 - Double.log(columns) }
  },
  Mutation(Mistake("softmax.last-column", "last column lost", right: "all columns are summed"), logSumExp) { question in
    let columns = try question.input("x").columns
    let absent = try question.input("x").values.indices.map { $0 % columns == columns - 1 ? 1 : 0 }
    return try question.altered { $0.inputs["absent"] = .integers(absent, shape: [absent.count / columns, columns]) }
  },
  Mutation(Mistake("entropy.sign", "sign of the entropy", right: "H = −Σ p log p"), entropy) {
    try $0.changed("y") { -$1 }
  },
  Mutation(
    Mistake("entropy.gradient-without-entropy", "gradient without the entropy", right: "∂H/∂x = −p (log p + H)"),
    entropy
  ) { question in
    let (p, logarithms) = (try question.rows(softmax), try question.rows(logSoftmax))
    let g = try question.input("y.cotangent")
    return ["x.gradient": .real(p.mapped { -g.values[$0 / p.columns] * $1 * (logarithms.values[$0] + 1) })]
  },
  overflow(softmax) { x, total in x.map { Float.exp($0) / total } },
  overflow(logSoftmax) { x, total in x.map { $0 - Float.log(total) } },
  overflow(logSumExp) { _, total in [Float.log(total)] },
  overflow(entropy) { x, total in [-x.reduce(0) { $0 + Float.exp($1) / total * ($1 - Float.log(total)) }] },
  Mutation(
    Mistake(
      "softmax.logarithm-of-underflow", "logarithm of an underflown softmax",
      right: "log softmax = x − log Σ exp x, never the logarithm of the quotient"), logSoftmax
  ) { question in
    try question.inFloat { x in softmaxOfRows(x, columns: x.count).map { Float.log($0) } }
  },
  Mutation(Mistake("entropy.zero-log-zero", "0 log 0", right: "0 log 0 is 0"), entropy) { question in
    try question.inFloat { x in [-softmaxOfRows(x, columns: x.count).reduce(0) { $0 + $1 * Float.log($1) }] }
  },
]
