// Wrong batch norms, each under the words by which cases name it.
import Files
import Kernels
import Networks

extension Question {
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

  /// N · height · width.
  func valuesPerChannel() throws -> Double {
    let shape = try input("x").shape
    return Double(shape[0] * shape[2] * shape[3])
  }

  /// The batch's mean and biased variance: what a momentum of 1 leaves.
  func moments() throws -> (mean: Tensor<Double>, variance: Tensor<Double>) {
    let whole = try altered { $0.parameters["momentum"] = .integer(1) }
    guard case .real(let mean)? = whole["runningMean.new"], case .real(let unbiased)? = whole["runningVariance.new"]
    else {
      throw OracleError("no moments")
    }
    let n = try valuesPerChannel()
    return (mean, unbiased.mapped { $1 * (n - 1) / n })
  }

  /// The answer of evaluation with other statistics.
  func applied(_ mean: Tensor<Double>, _ variance: Tensor<Double>) throws -> [String: TensorValue] {
    try altered {
      $0.parameters["mode"] = .string("evaluation")
      $0.inputs["runningMean"] = .real(mean)
      $0.inputs["runningVariance"] = .real(variance)
    }
  }

  /// y of parts of the batch, each normalised by itself.
  fileprivate func separately(_ parts: Int) throws -> [String: TensorValue] {
    let (x, g) = (try input("x"), try input("y.cotangent"))
    guard parts > 1, x.rows % parts == 0, try prompt.string(.mode) == "training" else { return [:] }
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

private func parameter(_ mistake: Mistake, _ parameter: String, _ value: Double, only outputs: [String])
  -> Mutation
{
  Mutation(mistake, "batch-norm") { question in
    try question.altered { $0.parameters[parameter] = .number(value) }.filter { outputs.contains($0.key) }
  }
}

private let running = ["runningMean.new", "runningVariance.new"]

let batchNormMutations: [Mutation] = [
  Mutation(
    Mistake("batchnorm.momentum-swapped", "momentum swapped", right: "new = (1 − m) old + m batch, with m = 0.1"),
    "batch-norm"
  ) { question in
    let momentum = try question.prompt.number("momentum", default: 0.1)
    return try question.altered { $0.parameters["momentum"] = .number(1 - momentum) }
  },
  parameter(
    Mistake("batchnorm.fixed-momentum", "momentum of 0.1 always", right: "the momentum is a parameter, 0.1 by default"),
    "momentum", 0.1, only: running),
  parameter(
    Mistake("batchnorm.fixed-epsilon", "epsilon of 1e-5 always", right: "ε is a parameter, 1e-5 by default"), "epsilon",
    1e-5, only: ["y"]),
  parameter(
    Mistake("batchnorm.large-epsilon", "epsilon of 1e-3", right: "ε is 1e-5, not 1e-3"), "epsilon", 1e-3,
    only: ["y", "x.gradient"]),
  Mutation(
    Mistake("batchnorm.no-epsilon", "epsilon left out", right: "ε is added to the variance under the root"),
    "batch-norm"
  ) { question in
    let ((mean, variance), x) = (try question.moments(), try question.input("x"))
    let (channel, gamma, beta) = (try question.channel(), try question.input("weight"), try question.input("bias"))
    let y = x.mapped { (i: Int, v: Double) -> Double in
      let c = channel(i)
      return (v - mean.values[c]) / variance.values[c].squareRoot() * gamma.values[c] + beta.values[c]
    }
    return ["y": .real(y)]
  },
  Mutation(
    Mistake(
      "batchnorm.biased-running-variance", "running variance biased",
      right: "the running variance takes the batch's times n / (n − 1); y uses the biased one"), "batch-norm"
  ) { question in
    let (n, momentum) = (try question.valuesPerChannel(), try question.prompt.number("momentum", default: 0.1))
    let old = try question.input("runningVariance")
    return try question.changed("runningVariance.new") { c, v in
      let kept = (1 - momentum) * old.values[c]
      return kept + (v - kept) * (n - 1) / n
    }
  },
  Mutation(
    Mistake(
      "batchnorm.constant-statistics", "statistics treated as constants in the gradient",
      right: "in training the gradient also flows through mean and variance"), "batch-norm"
  ) {
    question in
    let (mean, variance) = try question.moments()
    return try question.applied(mean, variance).filter { $0.key == "x.gradient" }
  },
  Mutation(
    Mistake(
      "batchnorm.unbiased-normalisation", "normalised by the variance of n − 1",
      right: "y is normalised by the biased variance, Σ (x − mean)² / n"), "batch-norm"
  ) { question in
    let ((mean, variance), n) = (try question.moments(), try question.valuesPerChannel())
    return try question.applied(mean, variance.mapped { $1 * n / (n - 1) }).filter { $0.key == "y" }
  },
  Mutation(
    Mistake("batchnorm.epsilon-outside-root", "epsilon outside the root", right: "x̂ = (x − mean) / sqrt(variance + ε)"),
    "batch-norm"
  ) { question in
    let epsilon = try question.prompt.number("epsilon", default: 1e-5)
    let evaluates = try question.prompt.string(.mode) == "evaluation"
    let given = (try question.input("runningMean"), try question.input("runningVariance"))
    let (mean, variance) = evaluates ? given : try question.moments()
    // sqrt(v') = sqrt(v) + ε, less the ε that evaluation adds.
    let moved = variance.mapped { max(0, ($1.squareRoot() + epsilon) * ($1.squareRoot() + epsilon) - epsilon) }
    return try question.applied(mean, moved).filter { $0.key == "y" }
  },
  Mutation(
    Mistake(
      "batchnorm.per-image-statistics", "statistics of each image by itself",
      right: "one mean and variance per channel for the whole batch"), "batch-norm"
  ) {
    try $0.separately(try $0.input("x").rows)
  },
  Mutation(
    Mistake(
      "batchnorm.per-view-statistics", "statistics of each view by itself",
      right: "both views pass the encoder in one batch and share their statistics"), "batch-norm"
  ) { try $0.separately(2) },
  Mutation(
    Mistake(
      "batchnorm.channels-last", "input read as channels last",
      right: "statistics are over batch and pixels of batch × channels × height × width"), "batch-norm"
  ) { question in
    try question.altered { $0.inputs["x"] = .real(try question.input("x").readAsChannelsLast) }
  },
  Mutation(
    Mistake(
      "batchnorm.gamma-lost", "gamma lost in the input's gradient", right: "the input's gradient has the factor γ"),
    "batch-norm"
  ) { question in
    let (gamma, channel) = (try question.input("weight"), try question.channel())
    return try question.changed("x.gradient") { $1 / gamma.values[channel($0)] }
  },
  Mutation(
    Mistake(
      "batchnorm.raw-weight-gradient", "weight gradient of x instead of x̂", right: "∂γ = Σ g x̂, with the normalised x̂"),
    "batch-norm"
  ) { question in
    let (x, g) = (try question.input("x"), try question.input("y.cotangent"))
    let sums = try question.channelSums { g.values[$0] * x.values[$0] }
    return ["weight.gradient": .real(Tensor<Double>(shape: [sums.count], values: sums))]
  },
  Mutation(
    Mistake(
      "batchnorm.recovered-input", "x̂ recovered from y by a division by γ",
      right: "x̂ comes from x and the statistics; dividing y − β by γ loses it where γ is small"), "batch-norm"
  ) { question in
    let (y, g, channel) = (try question.output("y"), try question.input("y.cotangent"), try question.channel())
    let (gamma, beta) = (try question.input("weight"), try question.input("bias"))
    let sums = try question.channelSums { i in
      g.values[i] * (y.values[i] - beta.values[channel(i)]) / gamma.values[channel(i)]
    }
    return ["weight.gradient": .real(Tensor<Double>(shape: [sums.count], values: sums))]
  },
  Mutation(
    Mistake(
      "batchnorm.mask-lost", "rectifier's mask left out of the gradient",
      right: "behind a rectifier the cotangent is masked before everything else"), "batch-norm"
  ) { question in
    try question.altered { $0.parameters["rectified"] = .bool(false) }.filter { $0.key == "x.gradient" }
  },
  Mutation(
    Mistake(
      "batchnorm.batch-statistics-in-evaluation", "batch statistics in evaluation",
      right: "evaluation normalises by the running statistics"), "batch-norm"
  ) { question in
    try question.altered { $0.parameters["mode"] = .string("training") }.filter { $0.key == "y" }
  },
  Mutation(
    Mistake(
      "batchnorm.moves-in-evaluation", "running statistics moved in evaluation",
      right: "evaluation leaves the running statistics alone"), "batch-norm"
  ) { question in
    try question.altered { $0.parameters["mode"] = .string("training") }.filter { running.contains($0.key) }
  },
  Mutation(
    Mistake(
      "batchnorm.evaluation-gradient", "gradient through statistics in evaluation",
      right: "in evaluation statistics are constants: ∂x = γ g / sqrt(variance + ε)"), "batch-norm"
  ) { question in
    let (x, n, channel) = (try question.input("x"), try question.valuesPerChannel(), try question.channel())
    let (mean, variance) = (try question.input("runningMean"), try question.input("runningVariance"))
    let (bias, weight) = (try question.output("bias.gradient"), try question.output("weight.gradient"))
    let gamma = try question.input("weight")
    return try question.changed("x.gradient") { i, v in
      let c = channel(i)
      let inverse = 1 / (variance.values[c] + 1e-5).squareRoot()
      let unit = (x.values[i] - mean.values[c]) * inverse
      return v - gamma.values[c] * inverse * (bias.values[c] + unit * weight.values[c]) / n
    }
  },
  Mutation(
    Mistake(
      "batchnorm.single-pass-variance", "variance as E[x²] − E[x]² in float32",
      right: "the variance is the mean of (x − mean)², in two passes"), "batch-norm"
  ) { question in
    let (x, n) = (try question.input("x"), Float(try question.valuesPerChannel()))
    let (channel, old) = (try question.channel(), try question.input("runningVariance"))
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
