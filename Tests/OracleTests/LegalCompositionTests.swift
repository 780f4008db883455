import Files
import Kernels
import Networks
import Oracle
import Testing

@Suite("Compositions in every legal way")
struct LegalCompositionTests {
  private static let families = [
    "batch-norm", "batch-norm-sequence", "l2-normalisation", "softmax-of-rows", "log-softmax-of-rows",
    "log-sum-exp-of-rows",
    "entropy-of-rows",
  ]

  @Test(arguments: families) func floatInAnyGroupingStaysInsideItsBound(family: String) throws {
    let casePrompts = try layerPrompts().filter { $0.prompt.operation == family }
    let ways = 1 + 240 / casePrompts.count
    var (tried, worst) = (0, 0.0)
    for casePrompt in casePrompts {
      let (right, scales) = (try casePrompt.answer(as: Double.self), try casePrompt.scales())
      for way in 0..<ways {
        var arithmetic = LegalArithmetic(seed: UInt32(way))
        let answer =
          switch family {
          case "batch-norm": try Self.batchNorm(casePrompt.prompt, &arithmetic)
          case "batch-norm-sequence": try Self.sequence(casePrompt.prompt, &arithmetic)
          case "l2-normalisation": try Self.unitRows(casePrompt.prompt, &arithmetic)
          default: try Self.rows(casePrompt.prompt, &arithmetic)
          }
        let (ratio, name) = worstRatio(answer, right, scales)
        #expect(ratio <= 1, "\(casePrompt.slug), way \(way): \(name) is \(ratio) bounds away")
        worst = max(worst, ratio)
        tried += 1
      }
    }
    #expect(tried >= 200)
    // Not loose beyond reason: some way comes within a factor of fifty of a bound.
    #expect(worst >= 0.02, "\(family): \(worst)")
  }

  private static func batchNorm(
    _ prompt: Prompt, _ arithmetic: inout LegalArithmetic
  ) throws -> [String: TensorValue] {
    let (x, g): (Tensor<Float>, Tensor<Float>) = (try prompt.tensor("x"), try prompt.tensor("y.cotangent"))
    let (gamma, beta): (Tensor<Float>, Tensor<Float>) = (try prompt.tensor("weight"), try prompt.tensor("bias"))
    var (means, variances): (Tensor<Float>, Tensor<Float>) = (
      try prompt.tensor("runningMean"), try prompt.tensor("runningVariance")
    )
    let withReLU = try prompt.bool("rectified", default: false)
    let training = try prompt.string("mode", default: "training") == "training"
    let epsilon = Float(try prompt.number("epsilon", default: 1e-5))
    let momentum = Float(try prompt.number("momentum", default: 0.1))
    var (y, xGradient, gammaGradient, betaGradient) = (x, x, gamma, beta)
    let (channels, pixels) = (x.shape[1], x.shape[2] * x.shape[3])
    for c in 0..<channels {
      let indices = x.values.indices.filter { $0 / pixels % channels == c }
      var norm = LegalChannelNorm(x: indices.map { x.values[$0] }, gamma: gamma.values[c], beta: beta.values[c])
      (norm.mean, norm.variance) = (means.values[c], variances.values[c])
      if training { norm.learn(momentum: momentum, &means.values[c], &variances.values[c], &arithmetic) }
      let output = norm.forward(epsilon: epsilon, &arithmetic).map { withReLU ? max(0, $0) : $0 }
      let gradient = indices.indices.map { withReLU && output[$0] <= 0 ? 0 : g.values[indices[$0]] }
      let found = norm.backward(gradient, training: training, &arithmetic)
      (gammaGradient.values[c], betaGradient.values[c]) = (found.gamma, found.beta)
      for (k, i) in indices.enumerated() { (y.values[i], xGradient.values[i]) = (output[k], found.x[k]) }
    }
    return [
      "y": .real(y), "x.gradient": .real(xGradient), "weight.gradient": .real(gammaGradient),
      "bias.gradient": .real(betaGradient), "runningMean.new": .real(means), "runningVariance.new": .real(variances),
    ]
  }

  private static func sequence(
    _ prompt: Prompt, _ arithmetic: inout LegalArithmetic
  ) throws -> [String: TensorValue] {
    let x: Tensor<Float> = try prompt.tensor("x")
    let (gamma, beta): (Tensor<Float>, Tensor<Float>) = (try prompt.tensor("weight"), try prompt.tensor("bias"))
    var (means, variances): (Tensor<Float>, Tensor<Float>) = (
      try prompt.tensor("runningMean"), try prompt.tensor("runningVariance")
    )
    let momentum = Float(try prompt.number("momentum", default: 0.1))
    guard case .array(let modes)? = prompt.parameters["modes"] else { return [:] }
    var (y, allMeans, allVariances): (Tensor<Float>, [Float], [Float]) = (x, [], [])
    let (channels, pixels, size) = (x.shape[2], x.shape[3] * x.shape[4], x.columns)
    for (step, mode) in modes.enumerated() {
      for c in 0..<channels {
        let indices = (step * size..<(step + 1) * size).filter { $0 / pixels % channels == c }
        var norm = LegalChannelNorm(x: indices.map { x.values[$0] }, gamma: gamma.values[c], beta: beta.values[c])
        (norm.mean, norm.variance) = (means.values[c], variances.values[c])
        if mode == .string("training") {
          norm.learn(momentum: momentum, &means.values[c], &variances.values[c], &arithmetic)
        }
        for (i, value) in zip(indices, norm.forward(epsilon: 1e-5, &arithmetic)) { y.values[i] = value }
      }
      allMeans += means.values
      allVariances += variances.values
    }
    let shape = [modes.count, channels]
    return [
      "y": .real(y), "runningMeans": .real(Tensor<Float>(shape: shape, values: allMeans)),
      "runningVariances": .real(Tensor<Float>(shape: shape, values: allVariances)),
    ]
  }

  private static func unitRows(
    _ prompt: Prompt, _ arithmetic: inout LegalArithmetic
  ) throws -> [String: TensorValue] {
    let (x, g): (Tensor<Float>, Tensor<Float>) = (try prompt.tensor("x"), try prompt.tensor("y.cotangent"))
    let epsilon = Float(try prompt.number("epsilon", default: 1e-12))
    var (y, gradient) = (x, x)
    for a in 0..<x.rows {
      let indices = a * x.columns..<(a + 1) * x.columns
      let norm = arithmetic.sum(indices.map { (x.values[$0], x.values[$0]) }).squareRoot()
      let divisor = max(norm, epsilon)
      for i in indices { y.values[i] = arithmetic.quotient(x.values[i], divisor) }
      let along = norm > epsilon ? arithmetic.sum(indices.map { (g.values[$0], y.values[$0]) }) : 0
      for i in indices {
        gradient.values[i] = norm == 0 ? 0 : arithmetic.quotient(g.values[i] - y.values[i] * along, divisor)
      }
    }
    return ["y": .real(y), "x.gradient": .real(gradient)]
  }

  private static func rows(_ prompt: Prompt, _ arithmetic: inout LegalArithmetic) throws -> [String: TensorValue] {
    let (x, g): (Tensor<Float>, Tensor<Float>) = (try prompt.tensor("x"), try prompt.tensor("y.cotangent"))
    let absent = prompt.inputs["absent"] == nil ? x.values.map { _ in 0 } : try prompt.integers("absent")
    var (y, gradient): ([Float], [Float]) = ([], [])
    for a in 0..<x.rows {
      let z = (a * x.columns..<(a + 1) * x.columns).map { absent[$0] == 1 ? -Float.infinity : x.values[$0] }
      let m = z.max() ?? 0
      let exponentials = z.map { arithmetic.exponential($0 - m) }
      let total = arithmetic.sum(exponentials)
      let logSum = m + arithmetic.logarithm(total)
      var p = exponentials.map { arithmetic.quotient($0, total) }
      // The maximum or the rounded log-sum-exp may be subtracted, but not in an entropy.
      if prompt.operation != "entropy-of-rows" && arithmetic.flip() {
        p = z.map { arithmetic.exponential($0 - logSum) }
      }
      let logarithms = z.map { ($0 - m) - arithmetic.logarithm(total) }
      switch prompt.operation {
      case "softmax-of-rows":
        let mean = arithmetic.sum(zip(g.row(a), p).map { ($0, $1) })
        y += p
        gradient += zip(g.row(a), p).map { $1 * ($0 - mean) }
      case "log-softmax-of-rows":
        let sum = arithmetic.sum(Array(g.row(a)))
        y += arithmetic.flip() ? logarithms : z.map { $0 - logSum }
        gradient += zip(g.row(a), p).map { $0 - $1 * sum }
      case "log-sum-exp-of-rows":
        y.append(logSum)
        gradient += p.map { g.values[a] * $0 }
      default:
        let h =
          arithmetic.flip()
          ? logSum - arithmetic.sum(zip(p, z).map { ($0, $1) }) : -arithmetic.sum(zip(p, logarithms).map { ($0, $1) })
        y.append(h)
        gradient += zip(p, logarithms).map { -g.values[a] * $0 * ($1 + h) }
      }
    }
    return [
      "y": .real(Tensor(shape: g.shape, values: y)), "x.gradient": .real(Tensor(shape: x.shape, values: gradient)),
    ]
  }
}

/// The batch norm of one channel, in one of the ways in which it may be written.
private struct LegalChannelNorm {
  let x: [Float]
  let gamma: Float
  let beta: Float
  var mean: Float = 0
  var variance: Float = 0
  private var inverse: Float = 0

  init(x: [Float], gamma: Float, beta: Float) { (self.x, self.gamma, self.beta) = (x, gamma, beta) }

  /// The batch's moments, and the running ones as weighed averages or as steps.
  mutating func learn(
    momentum: Float, _ runningMean: inout Float, _ runningVariance: inout Float, _ arithmetic: inout LegalArithmetic
  ) {
    let n = Float(x.count)
    let m = arithmetic.quotient(arithmetic.sum(x), n)
    let v = arithmetic.quotient(arithmetic.sum(x.map { ($0 - m, $0 - m) }), n)
    let steps = arithmetic.flip()
    func moved(_ old: Float, _ new: Float) -> Float {
      steps ? old + momentum * (new - old) : (1 - momentum) * old + momentum * new
    }
    (runningMean, runningVariance) = (moved(runningMean, m), moved(runningVariance, v * (n / (n - 1))))
    (mean, variance) = (m, v)
  }

  /// (x − m) / sqrt(v + ε) γ + β, or x a + (β − m a).
  mutating func forward(epsilon: Float, _ arithmetic: inout LegalArithmetic) -> [Float] {
    let q = variance + epsilon
    inverse = arithmetic.flip() ? 1 / q.squareRoot() : (1 / q).squareRoot()
    let (scale, offset) = (gamma * inverse, beta - mean * (gamma * inverse))
    return arithmetic.flip() ? x.map { $0 * scale + offset } : x.map { ($0 - mean) * inverse * gamma + beta }
  }

  /// The three gradients, from the output's.
  func backward(
    _ g: [Float], training: Bool, _ arithmetic: inout LegalArithmetic
  ) -> (x: [Float], gamma: Float, beta: Float) {
    let (n, scale, grouped) = (Float(x.count), gamma * inverse, arithmetic.flip())
    let product = arithmetic.sum(g.indices.map { (g[$0], x[$0] - mean) })
    let total = arithmetic.sum(g)
    let gammaGradient = product * inverse
    guard training else { return (g.map { grouped ? $0 * scale : $0 * gamma * inverse }, gammaGradient, total) }
    let (slope, offset) = (arithmetic.quotient(product, n) * inverse * inverse, arithmetic.quotient(total, n))
    let input = g.indices.map { i in
      grouped
        ? (g[i] - (x[i] - mean) * slope - offset) * scale
        : scale * (g[i] - total / n - (x[i] - mean) * inverse * (gammaGradient / n))
    }
    return (input, gammaGradient, total)
  }
}
