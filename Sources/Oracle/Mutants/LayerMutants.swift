// Wrong ReLUs, pools and unit rows, each under the words by which cases name it.
import Kernels
import Networks

/// x + residual, or x.
private func sums(_ question: Question) throws -> Tensor<Double> {
  let x = try question.input("x")
  guard question.prompt.inputs["residual"] != nil else { return x }
  let residual = try question.input("residual")
  return x.mapped { $1 + residual.values[$0] }
}

/// A gradient that counts zero as a share of positive.
private func gradientAtZero(_ mistake: Mistake, _ share: Double) -> Mutation {
  Mutation(mistake, "relu") { question in
    let (sums, g) = (try sums(question), try question.input("y.cotangent"))
    return try question.changed("x.gradient") { i, v in sums.values[i] == 0 ? share * g.values[i] : v }
  }
}

let rectifierMutations: [Mutation] = [
  gradientAtZero(Mistake("relu.gradient-one-at-zero", "gradient 1 at zero", right: "the gradient at 0 is 0"), 1),
  gradientAtZero(Mistake("relu.gradient-half-at-zero", "gradient 1/2 at zero", right: "the gradient at 0 is 0"), 0.5),
  Mutation(Mistake("relu.leak", "leak of 0.01 below zero", right: "below zero y is 0"), "relu") { question in
    let sums = try sums(question)
    return try question.changed("y") { i, _ in sums.values[i] < 0 ? 0.01 * sums.values[i] : sums.values[i] }
  },
  Mutation(
    Mistake("relu.gradient-unmasked", "gradient not stopped below zero", right: "where y is 0 the gradient is 0"),
    "relu"
  ) { question in
    ["x.gradient": .real(try question.input("y.cotangent"))]
  },
  Mutation(
    Mistake(
      "relu.vector-remainder", "last elements of a vector loop lost",
      right: "elements beyond the last whole vector are computed too"), "relu"
  ) { question in
    let count = try question.input("x").count
    return try question.changed("y") { $0 < count & ~7 ? $1 : 0 }
  },
  Mutation(
    Mistake("relu.before-sum", "rectified before the sum", right: "the sum is rectified, not its first part"), "relu"
  ) { question in
    let (x, residual) = (try question.input("x"), try question.input("residual"))
    return ["y": .real(x.mapped { max(0, $1) + residual.values[$0] })]
  },
  Mutation(
    Mistake(
      "relu.residual-gradient-lost", "gradient of the residual lost",
      right: "both parts of the sum take the same gradient"), "relu"
  ) {
    try $0.changed("residual.gradient") { _, _ in 0 }
  },
]

/// A pool whose output is computed of each plane, height × width.
private func pool(
  _ mistake: Mistake, _ mean: @escaping @Sendable (_ plane: [Double], _ width: Int) -> Double
)
  -> Mutation
{
  Mutation(mistake, "global-average-pool") { question in
    let x = try question.input("x")
    let pixels = x.shape[2] * x.shape[3]
    return try question.changed("y") { i, _ in mean(Array(x.values[i * pixels..<(i + 1) * pixels]), x.shape[3]) }
  }
}

let poolMutations: [Mutation] = [
  pool(Mistake("pool.sum", "sum instead of mean", right: "the pool divides by the pixels")) { plane, _ in
    plane.reduce(0, +)
  },
  pool(Mistake("pool.last-pixel", "last pixel lost", right: "every pixel counts")) { plane, _ in
    plane.dropLast().reduce(0, +) / Double(plane.count)
  },
  pool(Mistake("pool.height-mean", "mean over the height alone", right: "the mean is over both axes")) { plane, width in
    stride(from: 0, to: plane.count, by: width).reduce(0) { $0 + plane[$1] } / Double(plane.count / width)
  },
  pool(
    Mistake("pool.fixed-window", "fixed window of 4 × 4", right: "the mean is over the whole map, whatever its size")
  ) { plane, width in
    plane.indices.filter { $0 / width < 4 && $0 % width < 4 }.reduce(0.0) { $0 + plane[$1] } / 16
  },
  Mutation(
    Mistake(
      "pool.gradient-undivided", "gradient not divided by the pixels", right: "each pixel's gradient is g / pixels"),
    "global-average-pool"
  ) { question in
    let x = try question.input("x")
    return try question.changed("x.gradient") { $1 * Double(x.shape[2] * x.shape[3]) }
  },
  Mutation(
    Mistake(
      "pool.channels-last", "input read as channels last",
      right: "the mean is over height and width of batch × channels × height × width"), "global-average-pool"
  ) { question in
    let x = try question.input("x")
    // Maps of one pixel are the same bytes in both layouts; what is lost there is which axis is the batch.
    if x.shape[2] * x.shape[3] == 1 {
      return try question.changed("y") { i, _ in x.values[i % x.shape[0] * x.shape[1] + i / x.shape[0]] }
    }
    return try question.altered { $0.inputs["x"] = .real(x.readAsChannelsLast) }
  },
]

/// A normalisation that divides row by row by something else than max(norm, ε).
private func divisor(
  _ mistake: Mistake, _ divisor: @escaping @Sendable (_ norm: Double, _ epsilon: Double) -> Double
)
  -> Mutation
{
  Mutation(mistake, "l2-normalisation") { question in
    let (x, norms) = (try question.input("x"), try norms(question))
    let epsilon = try question.prompt.number("epsilon", default: 1e-12)
    return ["y": .real(x.mapped { $1 / divisor(norms[$0 / x.columns], epsilon) })]
  }
}

private func norms(_ question: Question) throws -> [Double] {
  let x = try question.input("x")
  return (0..<x.rows).map { a in x.row(a).reduce(0) { $0 + $1 * $1 }.squareRoot() }
}

let unitRowMutations: [Mutation] = [
  divisor(Mistake("l2norm.epsilon-added", "epsilon added to the norm", right: "the divisor is max(‖x‖, ε)")) {
    $0 + $1
  },
  divisor(
    Mistake(
      "l2norm.epsilon-inside-root", "epsilon squared added to the sum of squares",
      right: "the divisor is max(‖x‖, ε), without ε under the root")
  ) {
    ($0 * $0 + $1 * $1).squareRoot()
  },
  divisor(
    Mistake(
      "l2norm.no-epsilon", "division by the norm without epsilon",
      right: "the divisor is at least ε, so that a zero row stays zero")
  ) { norm, _ in norm },
  Mutation(
    Mistake(
      "l2norm.magnitudes", "sum of magnitudes instead of squares", right: "the length is the root of the sum of squares"
    ), "l2-normalisation"
  ) { question in
    let x = try question.input("x")
    return ["y": .real(x.mapped { i, v in v / x.row(i / x.columns).reduce(0) { $0 + abs($1) } })]
  },
  Mutation(
    Mistake(
      "l2norm.columns", "columns normalised instead of rows",
      right: "rows are normalised, each image's features by themselves"), "l2-normalisation"
  ) { question in
    let x = try question.input("x")
    return [
      "y": .real(
        x.mapped { i, v in
          let squares = stride(from: i % x.columns, to: x.count, by: x.columns).reduce(0) {
            $0 + x.values[$1] * x.values[$1]
          }
          return v / squares.squareRoot()
        })
    ]
  },
  Mutation(
    Mistake(
      "l2norm.gradient-unprojected", "gradient not projected",
      right: "the part of g along y is taken off: ∂x = (g − y ⟨y, g⟩) / ‖x‖"), "l2-normalisation"
  ) { question in
    let (g, norms) = (try question.input("y.cotangent"), try norms(question))
    return ["x.gradient": .real(g.mapped { $1 / norms[$0 / g.columns] })]
  },
  Mutation(
    Mistake("l2norm.gradient-undivided", "gradient not divided by the norm", right: "∂x = (g − y ⟨y, g⟩) / ‖x‖"),
    "l2-normalisation"
  ) { question in
    let norms = try norms(question)
    let columns = try question.input("x").columns
    return try question.changed("x.gradient") { $1 * norms[$0 / columns] }
  },
  Mutation(
    Mistake(
      "l2norm.zero-row-gradient", "gradient of a zero row over epsilon",
      right: "see the case for the gradient of a row shorter than ε"), "l2-normalisation"
  ) { question in
    let (g, norms) = (try question.input("y.cotangent"), try norms(question))
    return try question.changed("x.gradient") { norms[$0 / g.columns] == 0 ? g.values[$0] / 1e-12 : $1 }
  },
]
