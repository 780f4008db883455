// Wrong softmaxes and their kin, each under the words by which cases name it.
import Kernels
import Networks
import Oracle

private let softmax = "softmax-of-rows"
private let logSoftmax = "log-softmax-of-rows"
private let logSumExp = "log-sum-exp-of-rows"
private let entropy = "entropy-of-rows"

extension CaseRecipe {
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

  /// y worked out of each row in Float.
  fileprivate func inFloat(_ row: ([Float]) -> [Float]) throws -> [String: TensorValue] {
    let x: Tensor<Float> = try prompt.tensor("x")
    let values = (0..<x.rows).flatMap { row(Array(x.row($0))) }
    return ["y": .real(Tensor<Float>(shape: try right("y").shape, values: values))]
  }
}

/// Exponentials of the entries as they are.
private func overflow(_ operation: String, _ row: @escaping @Sendable ([Float], Float) -> [Float]) -> LayerMutant {
  LayerMutant("exponentials without subtracting the maximum", operation) { recipe in
    try recipe.inFloat { x in row(x, x.reduce(0) { $0 + Float.exp($1) }) }
  }
}

private func base2(_ name: String, _ operation: String) -> LayerMutant {
  LayerMutant(name, operation) { try $0.changed("y") { $1 / Double.log(2) } }
}

private func transposed(_ operation: String) -> LayerMutant {
  LayerMutant("normalised over the columns' axis", operation) { recipe in
    func turned(_ tensor: Tensor<Double>) -> Tensor<Double> {
      let (rows, columns) = (tensor.rows, tensor.columns)
      return Tensor(
        shape: [columns, rows], values: (0..<tensor.count).map { tensor.values[$0 % rows * columns + $0 / rows] })
    }
    let answer = try recipe.altered {
      $0.inputs["x"] = .real(turned(try recipe.input("x")))
      $0.inputs["y.cotangent"] = .real(turned(try recipe.input("y.cotangent")))
    }
    return answer.mapValues { if case .real(let tensor) = $0 { .real(turned(tensor)) } else { $0 } }
  }
}

/// Absent entries that count as another number; nil leaves the number that stands there.
private func absent(_ name: String, _ operation: String, as number: Double?) -> LayerMutant {
  LayerMutant(name, operation) { recipe in
    let (x, absent) = (try recipe.input("x"), try recipe.prompt.integers("absent"))
    return try recipe.altered { (prompt: inout Prompt) in
      prompt.inputs["x"] = .real(x.mapped { absent[$0] == 1 ? number ?? $1 : $1 })
      prompt.inputs["absent"] = nil
    }
  }
}

let rowMutants: [LayerMutant] = [
  transposed(softmax), transposed(logSoftmax),
  absent("absent entries counted as −10", softmax, as: -10),
  absent("absent entries counted as −10", logSumExp, as: -10),
  absent("absent entries take part", softmax, as: nil), absent("absent entries take part", logSumExp, as: nil),
  base2("logarithm to base 2", logSoftmax), base2("logarithm to base 2", logSumExp),
  base2("logarithm to base 2", entropy),
  LayerMutant("softmax to base 2", softmax) { try $0.altered("x") { $1 * Double.log(2) } },
  LayerMutant("gradient of the diagonal alone", softmax) { recipe in
    let (p, g) = (try recipe.right("y"), try recipe.input("y.cotangent"))
    return ["x.gradient": .real(p.mapped { g.values[$0] * $1 * (1 - $1) })]
  },
  LayerMutant("cotangents not summed", logSoftmax) { recipe in
    let (p, g) = (try recipe.rows(softmax), try recipe.input("y.cotangent"))
    return ["x.gradient": .real(p.mapped { g.values[$0] * (1 - $1) })]
  },
  LayerMutant("mean instead of sum", logSumExp) { recipe in
    let columns = Double(try recipe.input("x").columns)
    return try recipe.changed("y") { $1 - Double.log(columns) }
  },
  LayerMutant("last column lost", logSumExp) { recipe in
    let columns = try recipe.input("x").columns
    let absent = try recipe.input("x").values.indices.map { $0 % columns == columns - 1 ? 1 : 0 }
    return try recipe.altered { $0.inputs["absent"] = .integers(absent, shape: [absent.count / columns, columns]) }
  },
  LayerMutant("sign of the entropy", entropy) { try $0.changed("y") { -$1 } },
  LayerMutant("gradient without the entropy", entropy) { recipe in
    let (p, logarithms) = (try recipe.rows(softmax), try recipe.rows(logSoftmax))
    let g = try recipe.input("y.cotangent")
    return ["x.gradient": .real(p.mapped { -g.values[$0 / p.columns] * $1 * (logarithms.values[$0] + 1) })]
  },
  overflow(softmax) { x, total in x.map { Float.exp($0) / total } },
  overflow(logSoftmax) { x, total in x.map { $0 - Float.log(total) } },
  overflow(logSumExp) { _, total in [Float.log(total)] },
  overflow(entropy) { x, total in [-x.reduce(0) { $0 + Float.exp($1) / total * ($1 - Float.log(total)) }] },
  LayerMutant("logarithm of an underflown softmax", logSoftmax) { recipe in
    try recipe.inFloat { x in softmaxOfRows(x, columns: x.count).map { Float.log($0) } }
  },
  LayerMutant("0 log 0", entropy) { recipe in
    try recipe.inFloat { x in [-softmaxOfRows(x, columns: x.count).reduce(0) { $0 + $1 * Float.log($1) }] }
  },
]
