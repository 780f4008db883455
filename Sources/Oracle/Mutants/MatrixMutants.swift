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
  Mutation(
    Mistake(
      "precision.tensor-float", "factors rounded to TF32",
      right: "float32 multiplies factors of 24 bits; switch TF32 off or claim the profile tf32"), operation
  ) { question in
    try question.altered { prompt in
      for name in inputs { prompt.inputs[name] = .real(try question.input(name).mapped { tf32($1) }) }
    }
  }
}

let matrixMutations: [Mutation] = [
  tf32Mutant("matrix-product", ["a", "b", "y.cotangent"]),
  Mutation(
    Mistake(
      "matmul.last-depth-step", "last step of the depth lost",
      right: "the last step of a depth that no unrolling divides counts"), "matrix-product"
  ) { question in
    let (shape, transposed) = (try question.input("a").shape, try question.prompt.bool("transposeA"))
    return try question.altered("a") { i, v in
      (transposed ? i / shape[1] == shape[0] - 1 : i % shape[1] == shape[1] - 1) ? 0 : v
    }
  },
  Mutation(
    Mistake("matmul.depth-cut", "depth cut at 512", right: "products of any depth are summed to the end"),
    "matrix-product"
  ) { question in
    let columns = try question.input("a").shape[1]
    return try question.altered("a") { i, v in i % columns < 512 ? v : 0 }
  },
  Mutation(
    Mistake("matmul.transposition-ignored", "transposition ignored", right: "each factor is transposed where asked"),
    "matrix-product"
  ) { question in
    try question.altered {
      $0.parameters["transposeA"] = .bool(false)
      $0.parameters["transposeB"] = .bool(false)
    }
  },
  Mutation(
    Mistake("matmul.gradients-swapped", "gradients of the factors swapped", right: "∂A = g Bᵀ and ∂B = Aᵀ g"),
    "matrix-product"
  ) { question in
    ["a.gradient": .real(try question.output("b.gradient")), "b.gradient": .real(try question.output("a.gradient"))]
  },
  Mutation(
    Mistake("matmul.overwrites", "c overwritten instead of added to", right: "accumulate adds to what is there"),
    "matrix-product"
  ) { question in
    try question.altered {
      $0.parameters["accumulate"] = .bool(false)
      $0.inputs["c"] = nil
    }
  },
  Mutation(
    Mistake(
      "matmul.partial-tile", "last row and column of a partial tile lost",
      right: "rows and columns beyond the last whole tile are computed too"), "matrix-product"
  ) { question in
    let shape = try question.output("y").shape
    return try question.changed("y") { i, v in i / shape[1] == shape[0] - 1 || i % shape[1] == shape[1] - 1 ? 0 : v }
  },
  tf32Mutant("linear", ["x", "weight", "y.cotangent"]),
  Mutation(Mistake("linear.no-bias", "bias left out", right: "y = x Wᵀ + b"), "linear") {
    try $0.altered("bias") { _, _ in 0 }
  },
  Mutation(
    Mistake(
      "linear.mean-bias-gradient", "bias gradient averaged over the rows",
      right: "the bias gradient is a sum over the rows"), "linear"
  ) { question in
    let rows = Double(try question.input("x").rows)
    return try question.changed("bias.gradient") { $1 / rows }
  },
  Mutation(
    Mistake(
      "linear.mean-weight-gradient", "weight gradient averaged over the rows",
      right: "the weight gradient is a sum over the rows"), "linear"
  ) { question in
    let rows = Double(try question.input("x").rows)
    return try question.changed("weight.gradient") { $1 / rows }
  },
  Mutation(
    Mistake("linear.transposed-weight", "weight stored inputs × outputs", right: "the weight is outputs × inputs"),
    "linear"
  ) { question in
    let weight = try question.input("weight")
    return try question.altered("weight") { i, _ in weight.values[i % weight.columns * weight.rows + i / weight.columns]
    }
  },
]
