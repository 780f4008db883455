import Kernels
import Networks
import Oracle
import Testing

@Suite("Compositions in every legal way")
struct LegalCompositionTests {
  private static let families = [
    "batch-norm", "l2-normalisation", "softmax-of-rows", "log-softmax-of-rows", "log-sum-exp-of-rows",
    "entropy-of-rows",
  ]

  @Test(arguments: families) func floatInAnyGroupingStaysInsideItsBound(family: String) throws {
    let recipes = try layerRecipes().filter { $0.prompt.operation == family }
    let ways = 1 + 240 / recipes.count
    var (tried, worst) = (0, 0.0)
    for recipe in recipes {
      let (right, scales) = (try recipe.answer(as: Double.self), try recipe.scales())
      for way in 0..<ways {
        var arithmetic = LegalArithmetic(seed: UInt32(way))
        let answer =
          switch family {
          case "batch-norm": try Self.batchNorm(recipe.prompt, &arithmetic)
          case "l2-normalisation": try Self.unitRows(recipe.prompt, &arithmetic)
          default: try Self.rows(recipe.prompt, &arithmetic)
          }
        let (ratio, name) = worstRatio(answer, right, scales)
        #expect(ratio <= 1, "\(recipe.slug), way \(way): \(name) is \(ratio) bounds away")
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
    let (epsilon, momentum) = (
      Float(try prompt.number("epsilon", default: 1e-5)), Float(try prompt.number("momentum", default: 0.1))
    )
    let (training, rectified) = (
      try prompt.text("mode", default: "training") == "training", try prompt.truth("rectified", default: false)
    )
    var (y, xGradient) = (x, x)
    var (gammaGradient, betaGradient) = (gamma, beta)
    let (channels, pixels) = (x.shape[1], x.shape[2] * x.shape[3])
    for c in 0..<channels {
      let places = x.values.indices.filter { $0 / pixels % channels == c }
      let n = Float(places.count)
      var (m, v) = (means.values[c], variances.values[c])
      if training {
        m = arithmetic.quotient(arithmetic.sum(places.map { x.values[$0] }), n)
        v = arithmetic.quotient(arithmetic.sum(places.map { (x.values[$0] - m, x.values[$0] - m) }), n)
        let steps = arithmetic.flip()
        func moved(_ old: Float, _ new: Float) -> Float {
          steps ? old + momentum * (new - old) : (1 - momentum) * old + momentum * new
        }
        // A step that rounds new − old is as good as weighing both, save where the momentum is 1 and old is large.
        means.values[c] = moved(means.values[c], m)
        variances.values[c] = moved(variances.values[c], v * (n / (n - 1)))
      }
      let inverse = arithmetic.flip() ? 1 / (v + epsilon).squareRoot() : (1 / (v + epsilon)).squareRoot()
      let (scale, offset) = (gamma.values[c] * inverse, beta.values[c] - m * (gamma.values[c] * inverse))
      let (affine, grouped) = (arithmetic.flip(), arithmetic.flip())
      for i in places {
        let value =
          affine ? x.values[i] * scale + offset : (x.values[i] - m) * inverse * gamma.values[c] + beta.values[c]
        y.values[i] = rectified ? max(0, value) : value
      }
      let masked = places.map { rectified && y.values[$0] <= 0 ? 0 : g.values[$0] }
      let product = arithmetic.sum(places.indices.map { (masked[$0], x.values[places[$0]] - m) })
      let total = arithmetic.sum(masked)
      gammaGradient.values[c] = product * inverse
      betaGradient.values[c] = total
      for (k, i) in places.enumerated() {
        let unit = (x.values[i] - m) * inverse
        if !training {
          xGradient.values[i] = grouped ? masked[k] * scale : masked[k] * gamma.values[c] * inverse
        } else if grouped {
          let slope = arithmetic.quotient(product, n) * inverse * inverse
          xGradient.values[i] = (masked[k] - (x.values[i] - m) * slope - arithmetic.quotient(total, n)) * scale
        } else {
          xGradient.values[i] = scale * (masked[k] - total / n - unit * (gammaGradient.values[c] / n))
        }
      }
    }
    return [
      "y": .real(y), "x.gradient": .real(xGradient), "weight.gradient": .real(gammaGradient),
      "bias.gradient": .real(betaGradient), "runningMean.new": .real(means), "runningVariance.new": .real(variances),
    ]
  }

  private static func unitRows(
    _ prompt: Prompt, _ arithmetic: inout LegalArithmetic
  ) throws -> [String: TensorValue] {
    let (x, g): (Tensor<Float>, Tensor<Float>) = (try prompt.tensor("x"), try prompt.tensor("y.cotangent"))
    let epsilon = Float(try prompt.number("epsilon", default: 1e-12))
    var (y, gradient) = (x, x)
    for a in 0..<x.rows {
      let places = a * x.columns..<(a + 1) * x.columns
      let norm = arithmetic.sum(places.map { (x.values[$0], x.values[$0]) }).squareRoot()
      let divisor = max(norm, epsilon)
      for i in places { y.values[i] = arithmetic.quotient(x.values[i], divisor) }
      let along = norm > epsilon ? arithmetic.sum(places.map { (g.values[$0], y.values[$0]) }) : 0
      for i in places {
        gradient.values[i] = norm == 0 ? 0 : arithmetic.quotient(g.values[i] - y.values[i] * along, divisor)
      }
    }
    return ["y": .real(y), "x.gradient": .real(gradient)]
  }

  private static func rows(_ prompt: Prompt, _ arithmetic: inout LegalArithmetic) throws -> [String: TensorValue] {
    let (x, g): (Tensor<Float>, Tensor<Float>) = (try prompt.tensor("x"), try prompt.tensor("y.cotangent"))
    var (y, gradient): ([Float], [Float]) = ([], [])
    for a in 0..<x.rows {
      let z = Array(x.row(a))
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
