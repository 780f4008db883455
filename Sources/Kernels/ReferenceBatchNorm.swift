// Batch normalisation as its definition, one number at a time. BatchNormKernels.swift and BatchNormGradients.swift must
// return the same bits.

/// The reference implementation of ``channelMoments(_:shape:)``.
public func referenceChannelMoments<Scalar: RealScalar>(
  _ input: [Scalar], shape: ChannelShape
) -> (mean: [Scalar], variance: [Scalar]) {
  var (mean, variance): ([Scalar], [Scalar]) = ([], [])
  for c in 0..<shape.channels {
    let sum = channelTotal(shape, c) { (input[$0], 1) }
    mean.append(Scalar(sum / Double(shape.valuesPerChannel)))
    let squares = channelTotal(shape, c) { (input[$0] - mean[c], input[$0] - mean[c]) }
    variance.append(Scalar(squares / Double(shape.valuesPerChannel)))
  }
  return (mean, variance)
}

/// The reference implementation of ``batchNormalise(_:by:shape:)``.
public func referenceBatchNormalise<Scalar: RealScalar>(
  _ input: [Scalar], by normalisation: ChannelNormalisation<Scalar>, shape: ChannelShape
) -> [Scalar] {
  input.indices.map { i in
    let c = i / shape.pixels % shape.channels
    let scale = normalisation.weight[c] * normalisation.inverseDeviation[c]
    let value = normalisation.bias[c] + (input[i] - normalisation.mean[c]) * scale
    return normalisation.withReLU && value < 0 ? 0 : value
  }
}

/// The reference implementation of ``batchNormaliseGradients(outputGradient:input:by:shape:batchStatistics:)``.
public func referenceBatchNormaliseGradients<Scalar: RealScalar>(
  outputGradient: [Scalar], input: [Scalar], by normalisation: ChannelNormalisation<Scalar>, shape: ChannelShape,
  batchStatistics: Bool
) -> (input: [Scalar], weight: [Scalar], bias: [Scalar]) {
  let output = referenceBatchNormalise(input, by: normalisation, shape: shape)
  let gradient = input.indices.map { normalisation.withReLU && output[$0] <= 0 ? 0 : outputGradient[$0] }
  var inputGradient = [Scalar](repeating: 0, count: input.count)
  var (weightGradient, biasGradient): ([Scalar], [Scalar]) = ([], [])
  for c in 0..<shape.channels {
    let mean = normalisation.mean[c]
    let sum = channelTotal(shape, c) { (gradient[$0], 1) }
    let product = channelTotal(shape, c) { (gradient[$0], input[$0] - mean) }
    let inverse = Double(normalisation.inverseDeviation[c])
    biasGradient.append(Scalar(sum))
    weightGradient.append(Scalar(product * inverse))
    let scale = normalisation.weight[c] * normalisation.inverseDeviation[c]
    let perValue = -Double(scale) / Double(shape.valuesPerChannel)
    let slope: Scalar = batchStatistics ? Scalar(perValue * inverse * inverse * product) : 0
    let constant: Scalar = batchStatistics ? Scalar(perValue * sum) : 0
    for n in 0..<shape.batch {
      for pixel in 0..<shape.pixels {
        let i = (n * shape.channels + c) * shape.pixels + pixel
        inputGradient[i] = constant + slope * (input[i] - mean) + scale * gradient[i]
      }
    }
  }
  return (inputGradient, weightGradient, biasGradient)
}

/// The sum over one channel of the products of two factors, which `factors` gives for element i.
///
/// Its orders are those that BatchNormPlaneSums.swift and, for planes of at most 16 pixels, BatchNormSmallPlanes.swift state.
private func channelTotal<Scalar: RealScalar>(
  _ shape: ChannelShape, _ c: Int, _ factors: (_ i: Int) -> (Scalar, Scalar)
) -> Double {
  var columns = [Double](repeating: 0, count: shape.pixels)
  var total = 0.0
  for n in 0..<shape.batch {
    var lanes = [Scalar](repeating: 0, count: 16)
    for pixel in 0..<shape.pixels {
      let (a, b) = factors((n * shape.channels + c) * shape.pixels + pixel)
      columns[pixel] = columns[pixel] + Double(a) * Double(b)
      lanes[pixel % 16] = lanes[pixel % 16] + a * b
    }
    for half in [8, 4, 2, 1] {
      for lane in 0..<half { lanes[lane] += lanes[lane + half] }
    }
    total += Double(lanes[0])
  }
  return shape.pixels <= 16 ? columns.reduce(0, +) : total
}
