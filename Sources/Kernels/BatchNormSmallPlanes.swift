// Batch normalisation of planes of at most 16 pixels, where a plane is shorter than a vector.
//
// Images are rows and every pixel of every channel is a column. The one order of every sum: each column is added over
// the images in order, in Double; then a channel's columns are added in the order of its pixels. So the inner loop runs
// along the row through many channels at once, whatever the size of a plane.
// Tests    KernelsTests/BatchNormKernelsTests.swift (bit for bit against ReferenceBatchNorm.swift)

extension ChannelShape {
  /// Whether the functions of this file apply.
  var hasSmallPlanes: Bool { pixels <= 16 }

  private var channelsPerBlock: Int { max(1, 256 / pixels) }
  fileprivate var smallBlockCount: Int { (channels + channelsPerBlock - 1) / channelsPerBlock }
  fileprivate func smallChannelRange(_ block: Int) -> Range<Int> {
    block * channelsPerBlock..<min(channels, (block + 1) * channelsPerBlock)
  }
  fileprivate var rowLength: Int { channels * pixels }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func smallPlaneMoments<Scalar: RealScalar>(
  _ input: [Scalar], shape: ChannelShape
) -> (mean: [Scalar], variance: [Scalar]) {
  var mean = [Scalar](repeating: 0, count: shape.channels)
  var variance = mean
  unsafe input.withUnsafeBufferPointer { input in
    unsafe mean.withUnsafeMutableBufferPointer { mean in
      unsafe variance.withUnsafeMutableBufferPointer { variance in
        nonisolated(unsafe) let (x, mean, variance) = unsafe (input.baseAddress!, mean, variance)
        Parallel.forEachBlock(shape.smallBlockCount, inParallel: shape.isLarge) { block in
          let range = shape.smallChannelRange(block)
          let columns = range.count * shape.pixels
          let totals = UnsafeMutablePointer<Double>.allocate(capacity: columns)
          let means = UnsafeMutablePointer<Scalar>.allocate(capacity: columns)
          defer {
            unsafe totals.deallocate()
            unsafe means.deallocate()
          }
          for j in 0..<columns { unsafe totals[j] = 0 }
          for n in 0..<shape.batch {
            let row = unsafe x + (n * shape.rowLength + range.lowerBound * shape.pixels)
            for j in 0..<columns { unsafe totals[j] += widened(row[j]) }
          }
          for c in 0..<range.count {
            let value: Scalar = unsafe channelMean(totals + c * shape.pixels, shape)
            unsafe mean[range.lowerBound + c] = value
            for p in 0..<shape.pixels { unsafe means[c * shape.pixels + p] = value }
          }
          for j in 0..<columns { unsafe totals[j] = 0 }
          for n in 0..<shape.batch {
            let row = unsafe x + (n * shape.rowLength + range.lowerBound * shape.pixels)
            for j in 0..<columns {
              let distance = unsafe widened(row[j] - means[j])
              unsafe totals[j] = totals[j] + distance * distance
            }
          }
          for c in 0..<range.count {
            unsafe variance[range.lowerBound + c] = channelMean(totals + c * shape.pixels, shape)
          }
        }
      }
    }
  }
  return (mean, variance)
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func smallPlaneGradients<Scalar: RealScalar>(
  outputGradient: [Scalar], input: [Scalar], by normalisation: ChannelNormalisation<Scalar>, shape: ChannelShape,
  batchStatistics: Bool
) -> (input: [Scalar], weight: [Scalar], bias: [Scalar]) {
  var weightGradient = [Scalar](repeating: 0, count: shape.channels)
  var biasGradient = weightGradient
  let inputGradient = unsafe [Scalar](unsafeUninitializedCapacity: shape.count) { result, count in
    count = shape.count
    unsafe input.withUnsafeBufferPointer { input in
      unsafe outputGradient.withUnsafeBufferPointer { gradient in
        unsafe weightGradient.withUnsafeMutableBufferPointer { weightGradient in
          unsafe biasGradient.withUnsafeMutableBufferPointer { biasGradient in
            nonisolated(unsafe) let (x, g) = (input.baseAddress!, gradient.baseAddress!)
            nonisolated(unsafe) let (dx, dw, db) = unsafe (result.baseAddress!, weightGradient, biasGradient)
            Parallel.forEachBlock(shape.smallBlockCount, inParallel: shape.isLarge) { block in
              unsafe gradientsOfBlock(
                shape.smallChannelRange(block), g, x, dx, dw, db, normalisation, shape, batchStatistics)
            }
          }
        }
      }
    }
  }
  return (inputGradient, weightGradient, biasGradient)
}

@inline(__always)
private func gradientsOfBlock<Scalar: RealScalar>(
  _ range: Range<Int>, _ g: UnsafePointer<Scalar>, _ x: UnsafePointer<Scalar>, _ dx: UnsafeMutablePointer<Scalar>,
  _ dw: UnsafeMutableBufferPointer<Scalar>, _ db: UnsafeMutableBufferPointer<Scalar>,
  _ normalisation: ChannelNormalisation<Scalar>, _ shape: ChannelShape, _ batchStatistics: Bool
) {
  let (pixels, columns) = (shape.pixels, range.count * shape.pixels)
  let sums = UnsafeMutablePointer<Double>.allocate(capacity: 2 * columns)
  let constants = UnsafeMutablePointer<Scalar>.allocate(capacity: 5 * columns)
  defer {
    unsafe sums.deallocate()
    unsafe constants.deallocate()
  }
  let products = unsafe sums + columns
  let (mean, bias, scale) = unsafe (constants, constants + columns, constants + 2 * columns)
  let (slope, constant) = unsafe (constants + 3 * columns, constants + 4 * columns)
  for j in 0..<columns {
    let c = range.lowerBound + j / pixels
    unsafe (sums[j], products[j]) = (0, 0)
    unsafe (mean[j], bias[j]) = (normalisation.mean[c], normalisation.bias[c])
    unsafe scale[j] = normalisation.weight[c] * normalisation.inverseDeviation[c]
  }
  for n in 0..<shape.batch {
    let first = n * shape.rowLength + range.lowerBound * pixels
    let (x, g, masked) = unsafe (x + first, g + first, dx + first)
    if normalisation.withReLU {
      for j in 0..<columns {
        let gradient = unsafe g[j]
        unsafe masked[j] = (bias[j] + (x[j] - mean[j]) * scale[j]) <= 0 ? 0 : gradient
      }
    } else {
      for j in 0..<columns { unsafe masked[j] = g[j] }
    }
    for j in 0..<columns {
      let gradient = unsafe widened(masked[j])
      unsafe sums[j] += gradient
      unsafe products[j] = products[j] + gradient * widened(x[j] - mean[j])
    }
  }
  for c in range {
    let first = (c - range.lowerBound) * pixels
    let sum = unsafe columnTotal(sums + first, pixels)
    let product = unsafe columnTotal(products + first, pixels)
    let inverse = widened(normalisation.inverseDeviation[c])
    unsafe (db[c], dw[c]) = (Scalar(sum), Scalar(product * inverse))
    let perValue = unsafe -widened(scale[first]) / Double(shape.valuesPerChannel)
    for j in first..<first + pixels {
      unsafe slope[j] = batchStatistics ? Scalar(perValue * inverse * inverse * product) : 0
      unsafe constant[j] = batchStatistics ? Scalar(perValue * sum) : 0
    }
  }
  for n in 0..<shape.batch {
    let first = n * shape.rowLength + range.lowerBound * pixels
    let (x, dx) = unsafe (x + first, dx + first)
    for j in 0..<columns { unsafe dx[j] = constant[j] + slope[j] * (x[j] - mean[j]) + scale[j] * dx[j] }
  }
}

@inline(__always)
private func columnTotal(_ totals: UnsafePointer<Double>, _ pixels: Int) -> Double {
  var total = 0.0
  for p in 0..<pixels { unsafe total += totals[p] }
  return total
}

@inline(__always)
private func channelMean<Scalar: RealScalar>(_ totals: UnsafePointer<Double>, _ shape: ChannelShape) -> Scalar {
  Scalar(unsafe columnTotal(totals, shape.pixels) / Double(shape.valuesPerChannel))
}

/// The value as a Double. (The generic conversion of the standard library is a call per number.)
@inline(__always)
private func widened<Scalar: RealScalar>(_ value: Scalar) -> Double {
  if Scalar.self == Float.self { return Double(unsafe unsafeBitCast(value, to: Float.self)) }
  if Scalar.self == Double.self { return unsafe unsafeBitCast(value, to: Double.self) }
  return Double(value)
}
