// Wrong matrix products and linear layers.
// Tests    OracleTests/MutantsTests.swift
import Files
import Kernels
import Networks

/// A Float rounded to the 11 significant bits of TF32.
private func tf32(_ x: Double) -> Double {
  Double(Float(bitPattern: (Float(x).bitPattern &+ 0x0fff &+ (Float(x).bitPattern >> 13 & 1)) & ~0x1fff))
}

func tf32Mutant(_ operation: String, _ inputs: [String]) -> Mutation {
  Mutation("precision.tensor-float", "factors rounded to TF32", operation) { question in
    try question.altered { prompt in
      for name in inputs { prompt.inputs[name] = .real(try question.input(name).mapped { tf32($1) }) }
    }
  }
}

let matrixMutations: [Mutation] = [
  tf32Mutant("matrix-product", ["a", "b", "y.cotangent"]),
  Mutation("matmul.last-depth-step", "last step of the depth lost", "matrix-product") { question in
    let (shape, transposed) = (try question.input("a").shape, try question.prompt.bool("transposeA"))
    return try question.altered("a") { i, v in
      (transposed ? i / shape[1] == shape[0] - 1 : i % shape[1] == shape[1] - 1) ? 0 : v
    }
  },
  Mutation("matmul.depth-cut", "depth cut at 512", "matrix-product") { question in
    let columns = try question.input("a").shape[1]
    return try question.altered("a") { i, v in i % columns < 512 ? v : 0 }
  },
  Mutation("matmul.transposition-ignored", "transposition ignored", "matrix-product") { question in
    try question.altered {
      $0.parameters["transposeA"] = .bool(false)
      $0.parameters["transposeB"] = .bool(false)
    }
  },
  Mutation("matmul.gradients-swapped", "gradients of the factors swapped", "matrix-product") { question in
    ["a.gradient": .real(try question.output("b.gradient")), "b.gradient": .real(try question.output("a.gradient"))]
  },
  Mutation("matmul.overwrites", "c overwritten instead of added to", "matrix-product") { question in
    try question.altered {
      $0.parameters["accumulate"] = .bool(false)
      $0.inputs["c"] = nil
    }
  },
  Mutation("matmul.partial-tile", "last row and column of a partial tile lost", "matrix-product") { question in
    let shape = try question.output("y").shape
    return try question.changed("y") { i, v in i / shape[1] == shape[0] - 1 || i % shape[1] == shape[1] - 1 ? 0 : v }
  },
  tf32Mutant("linear", ["x", "weight", "y.cotangent"]),
  Mutation("linear.no-bias", "bias left out", "linear") { try $0.altered("bias") { _, _ in 0 } },
  Mutation("linear.mean-bias-gradient", "bias gradient averaged over the rows", "linear") { question in
    let rows = Double(try question.input("x").rows)
    return try question.changed("bias.gradient") { $1 / rows }
  },
  Mutation("linear.mean-weight-gradient", "weight gradient averaged over the rows", "linear") { question in
    let rows = Double(try question.input("x").rows)
    return try question.changed("weight.gradient") { $1 / rows }
  },
  Mutation("linear.transposed-weight", "weight stored inputs × outputs", "linear") { question in
    let weight = try question.input("weight")
    return try question.altered("weight") { i, _ in weight.values[i % weight.columns * weight.rows + i / weight.columns]
    }
  },
]
