// Wrong batch norms, each under the words by which cases name it.
import Kernels
import Networks
import Oracle

extension CaseRecipe {
  /// The channel of a place.
  fileprivate func channel() throws -> (Int) -> Int {
    let shape = try input("x").shape
    return { $0 / (shape[2] * shape[3]) % shape[1] }
  }

  /// Σ over a channel.
  fileprivate func channelSums(_ term: (Int) -> Double) throws -> [Double] {
    let (x, channel) = (try input("x"), try channel())
    return x.values.indices.reduce(into: Array(repeating: 0, count: x.shape[1])) { $0[channel($1)] += term($1) }
  }

  fileprivate func valuesPerChannel() throws -> Double {
    let shape = try input("x").shape
    return Double(shape[0] * shape[2] * shape[3])
  }

  /// The batch's mean and biased variance: what a momentum of 1 leaves.
  fileprivate func moments() throws -> (mean: Tensor<Double>, variance: Tensor<Double>) {
    let whole = try altered { $0.parameters["momentum"] = .integer(1) }
    guard case .real(let mean)? = whole["runningMean.new"], case .real(let unbiased)? = whole["runningVariance.new"]
    else {
      throw OracleError("no moments")
    }
    let n = try valuesPerChannel()
    return (mean, unbiased.mapped { $1 * (n - 1) / n })
  }

  /// What evaluation with other statistics answers.
  fileprivate func applied(_ mean: Tensor<Double>, _ variance: Tensor<Double>) throws -> [String: TensorValue] {
    try altered {
      $0.parameters["mode"] = .text("evaluation")
      $0.inputs["runningMean"] = .real(mean)
      $0.inputs["runningVariance"] = .real(variance)
    }
  }

  /// y of parts of the batch, each normalised by itself.
  fileprivate func separately(_ parts: Int) throws -> [String: TensorValue] {
    let (x, g) = (try input("x"), try input("y.cotangent"))
    let size = x.rows / parts
    var values: [Double] = []
    for part in 0..<parts {
      let images = part * size..<(part + 1) * size
      let (own, gradient): (Tensor<Double>, Tensor<Double>) = (x.rows(images), g.rows(images))
      let answer = try altered { (prompt: inout Prompt) in
        prompt.inputs["x"] = TensorValue.real(own)
        prompt.inputs["y.cotangent"] = TensorValue.real(gradient)
      }
      if case .real(let y)? = answer["y"] { values += y.values }
    }
    let y = Tensor<Double>(shape: x.shape, values: values)
    return ["y": .real(y)]
  }
}

private func parameter(_ name: String, _ parameter: String, _ value: Double, only outputs: [String]) -> LayerMutant {
  LayerMutant(name, "batch-norm") { recipe in
    try recipe.altered { $0.parameters[parameter] = .number(value) }.filter { outputs.contains($0.key) }
  }
}

private let running = ["runningMean.new", "runningVariance.new"]

let batchNormMutants: [LayerMutant] = [
  LayerMutant("momentum swapped", "batch-norm") { recipe in
    let momentum = try recipe.prompt.number("momentum", default: 0.1)
    return try recipe.altered { $0.parameters["momentum"] = .number(1 - momentum) }
  },
  parameter("momentum of 0.1 always", "momentum", 0.1, only: running),
  parameter("epsilon of 1e-5 always", "epsilon", 1e-5, only: ["y"]),
  parameter("epsilon of 1e-3", "epsilon", 1e-3, only: ["y", "x.gradient"]),
  LayerMutant("epsilon left out", "batch-norm") { recipe in
    let ((mean, variance), x) = (try recipe.moments(), try recipe.input("x"))
    let (channel, gamma, beta) = (try recipe.channel(), try recipe.input("weight"), try recipe.input("bias"))
    let y = x.mapped { (i: Int, v: Double) -> Double in
      let c = channel(i)
      return (v - mean.values[c]) / variance.values[c].squareRoot() * gamma.values[c] + beta.values[c]
    }
    return ["y": .real(y)]
  },
  LayerMutant("running variance biased", "batch-norm") { recipe in
    let (n, momentum) = (try recipe.valuesPerChannel(), try recipe.prompt.number("momentum", default: 0.1))
    let old = try recipe.input("runningVariance")
    return try recipe.changed("runningVariance.new") { c, v in
      let kept = (1 - momentum) * old.values[c]
      return kept + (v - kept) * (n - 1) / n
    }
  },
  LayerMutant("statistics treated as constants in the gradient", "batch-norm") { recipe in
    let (mean, variance) = try recipe.moments()
    return try recipe.applied(mean, variance).filter { $0.key == "x.gradient" }
  },
  LayerMutant("normalised by the variance of n − 1", "batch-norm") { recipe in
    let ((mean, variance), n) = (try recipe.moments(), try recipe.valuesPerChannel())
    return try recipe.applied(mean, variance.mapped { $1 * n / (n - 1) }).filter { $0.key == "y" }
  },
  LayerMutant("epsilon outside the root", "batch-norm") { recipe in
    let epsilon = try recipe.prompt.number("epsilon", default: 1e-5)
    let evaluates = try recipe.prompt.text("mode", default: "training") == "evaluation"
    let given = (try recipe.input("runningMean"), try recipe.input("runningVariance"))
    let (mean, variance) = evaluates ? given : try recipe.moments()
    // sqrt(v') = sqrt(v) + ε, less the ε that evaluation adds.
    let moved = variance.mapped { max(0, ($1.squareRoot() + epsilon) * ($1.squareRoot() + epsilon) - epsilon) }
    return try recipe.applied(mean, moved).filter { $0.key == "y" }
  },
  LayerMutant("statistics of each image by itself", "batch-norm") { try $0.separately(try $0.input("x").rows) },
  LayerMutant("statistics of each view by itself", "batch-norm") { try $0.separately(2) },
  LayerMutant("input read as channels last", "batch-norm") { recipe in
    try recipe.altered { $0.inputs["x"] = .real(try recipe.input("x").readAsChannelsLast) }
  },
  LayerMutant("gamma lost in the input's gradient", "batch-norm") { recipe in
    let (gamma, channel) = (try recipe.input("weight"), try recipe.channel())
    return try recipe.changed("x.gradient") { $1 / gamma.values[channel($0)] }
  },
  LayerMutant("weight gradient of x instead of x̂", "batch-norm") { recipe in
    let (x, g) = (try recipe.input("x"), try recipe.input("y.cotangent"))
    let sums = try recipe.channelSums { g.values[$0] * x.values[$0] }
    return ["weight.gradient": .real(Tensor<Double>(shape: [sums.count], values: sums))]
  },
  LayerMutant("x̂ recovered from y by a division by γ", "batch-norm") { recipe in
    let (y, g, channel) = (try recipe.right("y"), try recipe.input("y.cotangent"), try recipe.channel())
    let (gamma, beta) = (try recipe.input("weight"), try recipe.input("bias"))
    let sums = try recipe.channelSums { i in
      g.values[i] * (y.values[i] - beta.values[channel(i)]) / gamma.values[channel(i)]
    }
    return ["weight.gradient": .real(Tensor<Double>(shape: [sums.count], values: sums))]
  },
  LayerMutant("rectifier's mask left out of the gradient", "batch-norm") { recipe in
    try recipe.altered { $0.parameters["rectified"] = .truth(false) }.filter { $0.key == "x.gradient" }
  },
  LayerMutant("batch statistics in evaluation", "batch-norm") { recipe in
    try recipe.altered { $0.parameters["mode"] = .text("training") }.filter { $0.key == "y" }
  },
  LayerMutant("running statistics moved in evaluation", "batch-norm") { recipe in
    try recipe.altered { $0.parameters["mode"] = .text("training") }.filter { running.contains($0.key) }
  },
  LayerMutant("gradient through statistics in evaluation", "batch-norm") { recipe in
    let (x, n, channel) = (try recipe.input("x"), try recipe.valuesPerChannel(), try recipe.channel())
    let (mean, variance) = (try recipe.input("runningMean"), try recipe.input("runningVariance"))
    let (bias, weight) = (try recipe.right("bias.gradient"), try recipe.right("weight.gradient"))
    let gamma = try recipe.input("weight")
    return try recipe.changed("x.gradient") { i, v in
      let c = channel(i)
      let inverse = 1 / (variance.values[c] + 1e-5).squareRoot()
      let unit = (x.values[i] - mean.values[c]) * inverse
      return v - gamma.values[c] * inverse * (bias.values[c] + unit * weight.values[c]) / n
    }
  },
  LayerMutant("variance as E[x²] − E[x]² in float32", "batch-norm") { recipe in
    let (x, n) = (try recipe.input("x"), Float(try recipe.valuesPerChannel()))
    let (channel, old) = (try recipe.channel(), try recipe.input("runningVariance"))
    var (sums, squares) = (old.values.map { _ in Float(0) }, old.values.map { _ in Float(0) })
    for (i, v) in x.values.enumerated() {
      sums[channel(i)] += Float(v)
      squares[channel(i)] += Float(v) * Float(v)
    }
    let new = old.mapped { (c: Int, v: Double) -> Double in
      let mean = sums[c] / n
      let variance: Float = (squares[c] / n - mean * mean) * (n / (n - 1))
      return 0.9 * v + 0.1 * Double(variance)
    }
    return ["runningVariance.new": .real(new)]
  },
]

/// How a wrong sequence treats its running statistics.
private struct Habits: Sendable {
  /// The weight of the new value at the training step of a number, from the right one.
  var momentum: @Sendable (_ right: Double, _ step: Int) -> Double = { right, _ in right }
  var biased = false
  var movesInEvaluation = false
  var appliesBatchInEvaluation = false
}

private func sequence(_ name: String, _ habits: Habits) -> LayerMutant {
  LayerMutant(name, "batch-norm-sequence") { recipe throws -> [String: TensorValue] in try walk(recipe, habits) }
}

private func walk(_ recipe: CaseRecipe, _ habits: Habits) throws -> [String: TensorValue] {
  let (x, momentum) = (try recipe.input("x"), try recipe.prompt.number("momentum", default: 0.1))
  guard case .list(let modes)? = recipe.prompt.parameters["modes"] else { return [:] }
  var (mean, variance) = (try recipe.input("runningMean"), try recipe.input("runningVariance"))
  var (y, means, variances): ([Double], [Double], [Double]) = ([], [], [])
  var learnt = 0
  for (step, mode) in modes.enumerated() {
    let training = mode == .text("training")
    let batch = Tensor(shape: Array(x.shape.dropFirst()), values: Array(x.row(step)))
    let one = CaseRecipe(
      area: "op", slug: recipe.slug, summary: "", catches: [], prompt: try batchNorm(recipe, batch))
    let (batchMean, batchVariance) = try one.moments()
    let (m, v) = training || habits.appliesBatchInEvaluation ? (batchMean, batchVariance) : (mean, variance)
    if case .real(let output)? = try one.applied(m, v)["y"] { y += output.values }
    if training || habits.movesInEvaluation {
      let (n, weight) = (try one.valuesPerChannel(), habits.momentum(momentum, learnt))
      mean = mean.mapped { (c: Int, old: Double) -> Double in (1 - weight) * old + weight * batchMean.values[c] }
      let factor = habits.biased ? 1 : n / (n - 1)
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
private func batchNorm(_ recipe: CaseRecipe, _ batch: Tensor<Double>) throws -> Prompt {
  var prompt = recipe.prompt
  prompt.operation = "batch-norm"
  prompt.parameters["modes"] = nil
  prompt.inputs["x"] = .real(batch)
  prompt.inputs["y.cotangent"] = .real(batch)
  return prompt
}

/// The right habits, to see that only a mistake makes a mutant.
let rightSequence = sequence("none", Habits())

let sequenceMutants: [LayerMutant] = [
  sequence("momentum swapped", Habits(momentum: { right, _ in 1 - right })),
  sequence("running variance biased", Habits(biased: true)),
  sequence("cumulative average instead of a momentum", Habits(momentum: { _, step in 1 / Double(step + 1) })),
  sequence("running statistics moved in evaluation", Habits(movesInEvaluation: true)),
  sequence("batch statistics in evaluation", Habits(appliesBatchInEvaluation: true)),
]
