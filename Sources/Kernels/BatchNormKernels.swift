// Batch normalisation over batch × channels × pixels: moments, normalisation (with ReLU in the same pass), gradients.
//
// Planes of at most 16 pixels go to BatchNormSmallPlanes.swift. The one order of every other sum: inside a plane (one
// channel of one image) pixel i belongs to lane i mod 16, each lane adds its pixels in order, and the lanes are added as
// a tree (l and l + 8, then + 4, + 2, + 1). A channel's planes are added in Double in the order of the images, all by one
// thread. Paper: Ioffe and Szegedy, ICML 2015. Tests: KernelsTests/BatchNormKernelsTests.swift, bit for bit.

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
        Parallel.forEachBlock(shape.blockCount) { block in
          let range = shape.channelRange(block)
          var totals = [Double](repeating: 0, count: range.count)
          for n in 0..<shape.batch {
            for c in range {
              let plane = unsafe x + (n * shape.channels + c) * shape.pixels
              totals[c - range.lowerBound] += widened(unsafe planeSum(plane, shape.pixels))
            }
          }
          for c in range { unsafe mean[c] = Scalar(totals[c - range.lowerBound] / divisor) }
          for i in totals.indices { totals[i] = 0 }
          for n in 0..<shape.batch {
            for c in range {
              let plane = unsafe x + (n * shape.channels + c) * shape.pixels
              totals[c - range.lowerBound] += widened(unsafe planeSquares(plane, shape.pixels, mean: mean[c]))
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
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func normaliseChannels<Scalar: RealScalar>(
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
          if normalisation.rectified {
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

/// The gradients of ``normaliseChannels(_:by:shape:)``, from the gradient g of its output.
///
/// With x̂ = (x − mean) · inverseDeviation and g already zero where ReLU was:
///
///     ∂weight = Σ g x̂,   ∂bias = Σ g
///     constant statistics:  ∂x = weight · inverseDeviation · g
///     batch statistics:     ∂x = weight · inverseDeviation · (g − ∂bias / n − x̂ ∂weight / n)
///
/// - Parameters:
///   - outputGradient: ∂L/∂y: batch × channels × pixels.
///   - input: x: batch × channels × pixels.
///   - normalisation: What made y of x.
///   - shape: Their sizes.
///   - batchStatistics: Whether mean and deviation were computed from this input.
/// - Returns: The gradients of the input (shaped like it), the weight and the bias (one per channel).
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func normaliseChannelsGradients<Scalar: RealScalar>(
  outputGradient: [Scalar], input: [Scalar], by normalisation: ChannelNormalisation<Scalar>, shape: ChannelShape,
  batchStatistics: Bool
) -> (input: [Scalar], weight: [Scalar], bias: [Scalar]) {
  require(
    outputGradient.count == shape.count && input.count == shape.count
      && normalisation.mean.count == shape.channels,
    "\(outputGradient.count) gradients, \(input.count) values and \(normalisation.mean.count) channels for \(shape)")
  if shape.hasSmallPlanes {
    return smallPlaneGradients(
      outputGradient: outputGradient, input: input, by: normalisation, shape: shape, batchStatistics: batchStatistics)
  }
  var weightGradient = [Scalar](repeating: 0, count: shape.channels)
  var biasGradient = weightGradient
  let rectified = normalisation.rectified
  let inputGradient = unsafe [Scalar](unsafeUninitializedCapacity: shape.count) { result, count in
    count = shape.count
    unsafe input.withUnsafeBufferPointer { input in
      unsafe outputGradient.withUnsafeBufferPointer { gradient in
        unsafe weightGradient.withUnsafeMutableBufferPointer { weightGradient in
          unsafe biasGradient.withUnsafeMutableBufferPointer { biasGradient in
            nonisolated(unsafe) let (x, g) = (input.baseAddress!, gradient.baseAddress!)
            nonisolated(unsafe) let (dx, dw, db) = unsafe (result.baseAddress!, weightGradient, biasGradient)
            Parallel.forEachBlock(shape.blockCount) { block in
              let range = shape.channelRange(block)
              var totals = [SIMD2<Double>](repeating: .zero, count: range.count)
              for n in 0..<shape.batch {
                for c in range {
                  let first = (n * shape.channels + c) * shape.pixels
                  let channel = ChannelConstants(normalisation, c)
                  if rectified { unsafe planeMask(g + first, x + first, dx + first, shape.pixels, channel) }
                  let masked = unsafe rectified ? UnsafePointer(dx) : g
                  totals[c - range.lowerBound] +=
                    unsafe planeGradientSums(masked + first, x + first, shape.pixels, mean: channel.mean)
                }
              }
              for c in range {
                let total = totals[c - range.lowerBound]
                unsafe db[c] = Scalar(total[0])
                unsafe dw[c] = Scalar(total[1] * widened(normalisation.inverseDeviation[c]))
              }
              for n in 0..<shape.batch {
                for c in range {
                  let first = (n * shape.channels + c) * shape.pixels
                  let channel = ChannelConstants(normalisation, c)
                  let slope = batchStatistics ? channel.slope(totals[c - range.lowerBound], shape) : (0, 0)
                  let masked = unsafe rectified ? UnsafePointer(dx) : g
                  unsafe planeInputGradient(masked + first, x + first, dx + first, shape.pixels, channel, slope)
                }
              }
            }
          }
        }
      }
    }
  }
  return (inputGradient, weightGradient, biasGradient)
}

/// One channel's numbers.
private struct ChannelConstants<Scalar: RealScalar> {
  let mean: Scalar
  let scale: Scalar
  let bias: Scalar
  let inverseDeviation: Scalar

  @inline(__always)
  init(_ normalisation: ChannelNormalisation<Scalar>, _ c: Int) {
    mean = normalisation.mean[c]
    bias = normalisation.bias[c]
    inverseDeviation = normalisation.inverseDeviation[c]
    scale = normalisation.weight[c] * inverseDeviation
  }

  /// (b, c) of ∂x = scale · g + b (x − mean) + c, from the sums of g and of g (x − mean).
  @inline(__always)
  func slope(_ total: SIMD2<Double>, _ shape: ChannelShape) -> (Scalar, Scalar) {
    let perValue = -widened(scale) / Double(shape.valuesPerChannel)
    let inverse = widened(inverseDeviation)
    return (Scalar(perValue * inverse * inverse * total[1]), Scalar(perValue * total[0]))
  }
}

// MARK: - One plane

@inline(__always)
private func planeSum<Scalar: RealScalar>(_ x: UnsafePointer<Scalar>, _ count: Int) -> Scalar {
  var lanes = SIMD16<Scalar>.zero
  var i = 0
  while i + 16 <= count {
    unsafe lanes += load(x + i)
    i += 16
  }
  if i < count { unsafe lanes += loadRest(x + i, count - i, padding: 0) }
  return treeSum(lanes)
}

@inline(__always)
private func planeSquares<Scalar: RealScalar>(_ x: UnsafePointer<Scalar>, _ count: Int, mean: Scalar) -> Scalar {
  var lanes = SIMD16<Scalar>.zero
  var i = 0
  while i + 16 <= count {
    let distance = unsafe load(x + i) - mean
    lanes = lanes + distance * distance
    i += 16
  }
  if i < count {
    let distance = unsafe loadRest(x + i, count - i, padding: mean) - mean
    lanes = lanes + distance * distance
  }
  return treeSum(lanes)
}

/// The gradient g before ReLU: the output's gradient where the output is positive. (A comparison of SIMD vectors does not
/// compile to vector instructions here, a plain loop does; so the mask is applied before the sums, not among them.)
@inline(__always)
private func planeMask<Scalar: RealScalar>(
  _ g: UnsafePointer<Scalar>, _ x: UnsafePointer<Scalar>, _ masked: UnsafeMutablePointer<Scalar>, _ count: Int,
  _ channel: ChannelConstants<Scalar>
) {
  for i in 0..<count {
    let gradient = unsafe g[i]
    unsafe masked[i] = (channel.bias + (x[i] - channel.mean) * channel.scale) <= 0 ? 0 : gradient
  }
}

/// Σ g and Σ g (x − mean) of one plane.
@inline(__always)
private func planeGradientSums<Scalar: RealScalar>(
  _ g: UnsafePointer<Scalar>, _ x: UnsafePointer<Scalar>, _ count: Int, mean: Scalar
) -> SIMD2<Double> {
  var sums = SIMD16<Scalar>.zero
  var products = SIMD16<Scalar>.zero
  var i = 0
  while i + 16 <= count {
    let gradient = unsafe load(g + i)
    sums += gradient
    products = unsafe products + gradient * (load(x + i) - mean)
    i += 16
  }
  if i < count {
    let gradient = unsafe loadRest(g + i, count - i, padding: 0)
    sums += gradient
    products = unsafe products + gradient * (loadRest(x + i, count - i, padding: mean) - mean)
  }
  return SIMD2(widened(treeSum(sums)), widened(treeSum(products)))
}

@inline(__always)
private func planeInputGradient<Scalar: RealScalar>(
  _ g: UnsafePointer<Scalar>, _ x: UnsafePointer<Scalar>, _ result: UnsafeMutablePointer<Scalar>, _ count: Int,
  _ channel: ChannelConstants<Scalar>, _ slope: (Scalar, Scalar)
) {
  for i in 0..<count {
    unsafe result[i] = slope.1 + slope.0 * (x[i] - channel.mean) + channel.scale * g[i]
  }
}

@inline(__always)
private func load<Scalar: RealScalar>(_ x: UnsafePointer<Scalar>) -> SIMD16<Scalar> {
  unsafe UnsafeRawPointer(x).loadUnaligned(as: SIMD16<Scalar>.self)
}

/// The first `count` < 16 values, and `padding` in the other lanes.
@inline(__always)
private func loadRest<Scalar: RealScalar>(
  _ x: UnsafePointer<Scalar>, _ count: Int, padding: Scalar
) -> SIMD16<Scalar> {
  let empty = SIMD4(repeating: padding)
  var quads = (empty, empty, empty, empty)
  if count >= 4 { quads.0 = unsafe UnsafeRawPointer(x).loadUnaligned(as: SIMD4<Scalar>.self) }
  if count >= 8 { quads.1 = unsafe UnsafeRawPointer(x + 4).loadUnaligned(as: SIMD4<Scalar>.self) }
  if count >= 12 { quads.2 = unsafe UnsafeRawPointer(x + 8).loadUnaligned(as: SIMD4<Scalar>.self) }
  let single = count & 3
  if single > 0 {
    let rest = unsafe x + (count - single)
    let last = unsafe SIMD4(rest[0], single > 1 ? rest[1] : padding, single > 2 ? rest[2] : padding, padding)
    switch count >> 2 {
    case 0: quads.0 = last
    case 1: quads.1 = last
    case 2: quads.2 = last
    default: quads.3 = last
    }
  }
  return SIMD16(
    lowHalf: SIMD8(lowHalf: quads.0, highHalf: quads.1), highHalf: SIMD8(lowHalf: quads.2, highHalf: quads.3))
}

@inline(__always)
private func treeSum<Scalar: RealScalar>(_ lanes: SIMD16<Scalar>) -> Scalar {
  let eight = lanes.lowHalf + lanes.highHalf
  let four = eight.lowHalf + eight.highHalf
  return (four[0] + four[2]) + (four[1] + four[3])
}

/// The value as a Double. (The generic conversion of the standard library is a call per number.)
@inline(__always)
private func widened<Scalar: RealScalar>(_ value: Scalar) -> Double {
  if Scalar.self == Float.self { return Double(unsafe unsafeBitCast(value, to: Float.self)) }
  if Scalar.self == Double.self { return unsafe unsafeBitCast(value, to: Double.self) }
  return Double(value)
}
