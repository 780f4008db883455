// Batch normalisation over batch × channels × pixels, forward: moments, and normalisation with ReLU in the same pass.
//
// Planes of at most 16 pixels go to BatchNormSmallPlanes.swift. The one order of every other sum: a plane (one channel of one
// image) is added as BatchNormPlaneSums.swift says, and a channel's planes are added in Double in the order of the images,
// all by one thread. The gradients are in BatchNormGradients.swift.
// Paper    Ioffe and Szegedy, ICML 2015.
// Tests    KernelsTests/BatchNormKernelsTests.swift (bit for bit against ReferenceBatchNorm.swift)

/// The mean and the biased variance of every channel, in two passes: Σ x / n, then Σ (x − mean)² / n.
///
/// - Parameters:
///   - input: batch × channels × pixels.
///   - shape: Its sizes.
/// - Returns: two arrays of `channels` numbers.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func channelMoments<Scalar: RealScalar>(
  _ input: [Scalar], shape: ChannelShape
) -> (mean: [Scalar], variance: [Scalar]) {
  require(input.count == shape.count, "\(input.count) values for the shape \(shape)")
  if shape.hasSmallPlanes { return smallPlaneMoments(input, shape: shape) }
  var mean = [Scalar](repeating: 0, count: shape.channels)
  var variance = mean
  let divisor = Double(shape.valuesPerChannel)
  unsafe input.withUnsafeBufferPointer { input in
    unsafe mean.withUnsafeMutableBufferPointer { mean in
      unsafe variance.withUnsafeMutableBufferPointer { variance in
        nonisolated(unsafe) let (x, mean, variance) = unsafe (input.baseAddress!, mean, variance)
        Parallel.forEachBlock(shape.blockCount, inParallel: shape.isLarge) { block in
          let range = shape.channelRange(block)
          var totals = [Double](repeating: 0, count: range.count)
          for n in 0..<shape.batch {
            for c in range {
              let plane = unsafe x + (n * shape.channels + c) * shape.pixels
              totals[c - range.lowerBound] += unsafe planeSum(plane, shape.pixels)
            }
          }
          for c in range { unsafe mean[c] = Scalar(totals[c - range.lowerBound] / divisor) }
          for i in totals.indices { totals[i] = 0 }
          for n in 0..<shape.batch {
            for c in range {
              let plane = unsafe x + (n * shape.channels + c) * shape.pixels
              totals[c - range.lowerBound] += unsafe planeSquares(plane, shape.pixels, mean: mean[c])
            }
          }
          for c in range { unsafe variance[c] = Scalar(totals[c - range.lowerBound] / divisor) }
        }
      }
    }
  }
  return (mean, variance)
}

/// Every channel normalised: y = (x − mean) · (weight · inverseDeviation) + bias, then ReLU if asked for.
///
/// - Parameters:
///   - input: x: batch × channels × pixels.
///   - normalisation: One number of each kind for each channel.
///   - shape: The sizes of the input.
/// - Returns: y: batch × channels × pixels.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func batchNormalise<Scalar: RealScalar>(
  _ input: [Scalar], by normalisation: ChannelNormalisation<Scalar>, shape: ChannelShape
) -> [Scalar] {
  require(
    input.count == shape.count && normalisation.mean.count == shape.channels,
    "\(input.count) values and \(normalisation.mean.count) channels for the shape \(shape)")
  let planesPerBlock = max(1, 8192 / shape.pixels)
  let planes = shape.batch * shape.channels
  return unsafe [Scalar](unsafeUninitializedCapacity: shape.count) { output, count in
    count = shape.count
    unsafe input.withUnsafeBufferPointer { input in
      nonisolated(unsafe) let (x, y) = (input.baseAddress!, output.baseAddress!)
      Parallel.forEachBlock((planes + planesPerBlock - 1) / planesPerBlock) { block in
        for plane in block * planesPerBlock..<min(planes, (block + 1) * planesPerBlock) {
          let c = plane % shape.channels
          let (mean, bias) = (normalisation.mean[c], normalisation.bias[c])
          let scale = normalisation.weight[c] * normalisation.inverseDeviation[c]
          let first = plane * shape.pixels
          if normalisation.withReLU {
            for i in first..<first + shape.pixels {
              let value = unsafe bias + (x[i] - mean) * scale
              unsafe y[i] = value < 0 ? 0 : value
            }
          } else {
            for i in first..<first + shape.pixels { unsafe y[i] = bias + (x[i] - mean) * scale }
          }
        }
      }
    }
  }
}
