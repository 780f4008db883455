// The scales of batch normalisation's rounding errors, computed to first order, and to second where the first is 0.
//
// With a = γ / sqrt(v + ε), in units u · `terms`, for a batch of n values per channel; w is the weight of a sum of n
// terms:
//
//     m      n − 1 sums and a division                       M = (w + 2) Σ |x| / n
//     v      Σ d² / n, d = x − m: no first-order part of m's error is left, for Σ d = 0; but its square is, and is all
//            there is where a channel is constant. For a profile whose factor g · `terms` is f:    V = (w + 4) v + f M²
//     a      relatively R = (V + ε + q) / 2 q + 2, q = v + ε: half of q's, the root, the quotient
//     y      (x − m) a + β or x a + (β − m a)               |a| ((R + 1) |x − m| + 3 (|x| + |m|) + M) + 2 |β|
//     x̂      (x − m) / sqrt q                                X = (M + (R + 2) |x − m|) / sqrt q
//     ∂γ     Σ g x̂; the mean errs alike for all x           P = (M |Σ g| + Σ |g| (R + 2 + w) |x − m|) / sqrt q
//     ∂x     a (g − ∂β / n − x̂ ∂γ / n)                      see `inputGradient`
//
// A channel whose squares leave Double's range is measured as BatchNorm computes it: multiplied by a power of two, with ε by
// its square.
//
// Tests    OracleTests/LayerOperationsTests.swift
import Kernels
import Networks

/// One batch norm's values and the scales of their errors.
struct BatchNormErrors {
  private let x: Tensor<Double>
  private let layer: BatchNorm<Double>
  private let shape: ChannelShape
  private let isTraining: Bool
  private let withReLU: Bool
  private let sums: SharedTerms
  /// Each channel's power of two.
  private let factors: [Double]
  /// f; 0 without a profile.
  private let secondOrder: Double
  /// m, 1 / sqrt(v + ε), M, R; one per channel, of x times its factor.
  private let (mean, inverse, meanError, relativeError): ([Double], [Double], [Double], [Double])
  /// The scales of the running statistics after the batch.
  let (runningMean, runningVariance): ([Double], [Double])

  /// The errors of a layer's pass over x.
  ///
  /// `runningErrors` are the scales of the running statistics before the batch, zero where these are given.
  init(
    _ x: Tensor<Double>, _ layer: BatchNorm<Double>, mode: Mode, withReLU: Bool,
    runningErrors: (mean: [Double], variance: [Double])? = nil, profile: Profile? = nil
  ) {
    shape = ChannelShape(batch: x.shape[0], channels: x.shape[1], pixels: x.shape[2] * x.shape[3])
    (self.layer, self.withReLU, isTraining) = (layer, withReLU, mode == .training)
    sums = SharedTerms(shape.valuesPerChannel)
    secondOrder = profile?.factor(terms: sums.terms) ?? 0
    let w = sums.weight
    let (oldMean, oldVariance) = (layer.runningMean.values, layer.runningVariance.values)
    let (zeros, n) = (oldMean.map { _ in 0.0 }, Double(shape.valuesPerChannel))
    let before = runningErrors ?? (zeros, zeros)
    guard isTraining else {
      self.x = x
      factors = oldMean.map { _ in 1 }
      (mean, meanError) = (oldMean, before.mean)
      let q = oldVariance.map { $0 + layer.epsilon }
      inverse = q.map { 1 / $0.squareRoot() }
      relativeError = q.indices.map { (before.variance[$0] + layer.epsilon + q[$0]) / (2 * q[$0]) + 2 }
      runningMean = oldMean.indices.map { max(before.mean[$0], abs(oldMean[$0])) }
      runningVariance = oldMean.indices.map { max(before.variance[$0], oldVariance[$0]) }
      return
    }
    let scaled = InRangeChannels(x.values, shape: shape)
    let (found, scales) = (scaled.moments, scaled.factors ?? oldMean.map { _ in 1 })
    self.x = Tensor(shape: x.shape, values: scaled.values)
    factors = scales
    mean = found.mean
    let meanError = channelMoments(self.x.magnitudes.values, shape: shape).mean.map { (w + 2) * $0 }
    self.meanError = meanError
    let epsilons = scales.map { layer.epsilon * $0 * $0 }
    let q = found.variance.indices.map { found.variance[$0] + epsilons[$0] }
    inverse = q.map { 1 / $0.squareRoot() }
    let seconds = meanError.map { [secondOrder] in secondOrder * $0 * $0 }
    relativeError = q.indices.map { (c: Int) -> Double in
      let variance: Double = (w + 4) * found.variance[c] + seconds[c]
      return (variance + epsilons[c] + q[c]) / (2 * q[c]) + 2
    }
    // running = (1 − μ) old + μ new: μ and 1 − μ round, so do both products and the sum.
    let (momentum, unbiased) = (layer.momentum, n / (n - 1))
    runningMean = oldMean.indices.map { (c: Int) -> Double in
      let new: Double = 4 * abs(found.mean[c]) + meanError[c]
      return (1 - momentum) * before.mean[c] + 3 * abs(oldMean[c]) + momentum * new / scales[c]
    }
    runningVariance = oldMean.indices.map { (c: Int) -> Double in
      let new: Double = unbiased * ((w + 10) * found.variance[c] + seconds[c])
      return (1 - momentum) * before.variance[c] + 3 * oldVariance[c] + momentum * new / scales[c] / scales[c]
    }
  }

  /// 1 where given statistics are applied, and nothing is summed.
  private var terms: Int { isTraining ? sums.terms : 1 }

  /// The scale of y.
  var output: RoundingScale {
    let (gamma, beta) = (layer.weight.value.values, layer.bias.value.values)
    let scales = x.values.indices.map { (i: Int) -> Double in
      let c = channel(i)
      let (a, d) = (gamma[c] * inverse[c], x.values[i] - mean[c])
      if withReLU && d * a + beta[c] <= 0 { return 0 }
      let centred: Double = (relativeError[c] + 1) * abs(d) + 3 * magnitude(i) + meanError[c]
      return abs(a) * centred + 2 * abs(beta[c])
    }
    return RoundingScale(values: Tensor(shape: x.shape, values: scales), terms: terms)
  }

  /// The scales of the statistics after the batch.
  var runningStatistics: [String: RoundingScale] {
    let count = [shape.channels]
    return [
      "runningMean.new": RoundingScale(values: Tensor(shape: count, values: runningMean), terms: terms),
      "runningVariance.new": RoundingScale(values: Tensor(shape: count, values: runningVariance), terms: terms),
    ]
  }

  /// The scales of the three gradients.
  func gradients(of cotangent: Tensor<Double>) -> [String: RoundingScale] {
    let (gamma, beta) = (layer.weight.value.values, layer.bias.value.values)
    let g = x.values.indices.map { (i: Int) -> Double in
      let c = channel(i)
      let y: Double = unit(i) * gamma[c] + beta[c]
      return withReLU && y <= 0 ? 0 : cotangent.values[i]
    }
    let count = [shape.channels]
    let sizes = channelSums { abs(g[$0]) }
    let (totals, w) = (channelSums { g[$0] }, sums.weight)
    let spread = channelSums { (i: Int) -> Double in
      abs(g[i]) * (relativeError[channel(i)] + 2 + w) * abs(x.values[i] - mean[channel(i)])
    }
    let weightErrors = totals.indices.map { inverse[$0] * (meanError[$0] * abs(totals[$0]) + spread[$0]) }
    return [
      "x.gradient": RoundingScale(
        values: Tensor(shape: x.shape, values: inputGradient(g, sizes, weightErrors)), terms: terms),
      "weight.gradient": RoundingScale(values: Tensor(shape: count, values: weightErrors), terms: sums.terms),
      "bias.gradient": RoundingScale(values: Tensor(shape: count, values: sizes), terms: shape.valuesPerChannel),
    ]
  }

  /// a (g − ∂β / n − x̂ ∂γ / n): the errors of a, ∂β, ∂γ and x̂, and one for each product, quotient and sum.
  private func inputGradient(_ g: [Double], _ sizes: [Double], _ weightErrors: [Double]) -> [Double] {
    let (gamma, n) = (layer.weight.value.values, Double(shape.valuesPerChannel))
    let bias = channelSums { g[$0] }
    let weight = channelSums { g[$0] * unit($0) }
    return x.values.indices.map { (i: Int) -> Double in
      let c = channel(i)
      let a = abs(gamma[c] * inverse[c]) * factors[c]
      guard isTraining else { return a * (relativeError[c] + 2) * abs(g[i]) }
      let (offset, slope) = (bias[c] / n, weight[c] / n)
      let inner: Double = (relativeError[c] + 2) * abs(g[i] - offset - unit(i) * slope)
      let own: Double = 3 * (abs(g[i]) + abs(offset)) + 5 * abs(unit(i) * slope)
      let shared: Double = sums.weight * sizes[c] / n + unitError(i) * abs(slope) + abs(unit(i)) * weightErrors[c] / n
      let second: Double = secondOrder * unitError(i) * weightErrors[c] / n
      return a * (inner + own + shared + second)
    }
  }

  private func channel(_ i: Int) -> Int { i / shape.pixels % shape.channels }
  /// |x| + |m|.
  private func magnitude(_ i: Int) -> Double { abs(x.values[i]) + abs(mean[channel(i)]) }
  /// x̂.
  private func unit(_ i: Int) -> Double { (x.values[i] - mean[channel(i)]) * inverse[channel(i)] }
  /// X.
  private func unitError(_ i: Int) -> Double {
    let c = channel(i)
    let centred: Double = (relativeError[c] + 2) * abs(x.values[i] - mean[c])
    return inverse[c] * (meanError[c] + centred)
  }

  private func channelSums(_ term: (Int) -> Double) -> [Double] {
    x.values.indices.reduce(into: [Double](repeating: 0, count: shape.channels)) { $0[channel($1)] += term($1) }
  }
}
