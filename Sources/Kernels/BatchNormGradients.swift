// The gradients of batch normalisation, with ReLU's mask in the same pass where ReLU followed.
//
// Planes of at most 16 pixels go to BatchNormSmallPlanes.swift; the sums of all others have the order of BatchNormKernels.swift.
// A block of channels is walked through twice: for the sums Σ g and Σ g (x − mean), then for ∂x, which needs both.
// Paper    Ioffe and Szegedy, ICML 2015.
// Tests    KernelsTests/BatchNormKernelsTests.swift (bit for bit against ReferenceBatchNorm.swift)

/// The gradients of ``batchNormalise(_:by:shape:)``, from the gradient g of its output.
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
///   - batchStatistics: Whether mean and standard deviation were computed from this input.
/// - Returns: The gradients of the input (shaped like it), the weight and the bias (one per channel).
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func batchNormaliseGradients<Scalar: RealScalar>(
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
  let withReLU = normalisation.withReLU
  let inputGradient = unsafe [Scalar](unsafeUninitializedCapacity: shape.count) { result, count in
    count = shape.count
    unsafe input.withUnsafeBufferPointer { input in
      unsafe outputGradient.withUnsafeBufferPointer { gradient in
        unsafe weightGradient.withUnsafeMutableBufferPointer { weightGradient in
          unsafe biasGradient.withUnsafeMutableBufferPointer { biasGradient in
            nonisolated(unsafe) let (x, g) = (input.baseAddress!, gradient.baseAddress!)
            nonisolated(unsafe) let (dx, dw, db) = unsafe (result.baseAddress!, weightGradient, biasGradient)
            Parallel.forEachBlock(shape.blockCount, inParallel: shape.isLarge) { block in
              let range = shape.channelRange(block)
              var totals = [SIMD2<Double>](repeating: .zero, count: range.count)
              for n in 0..<shape.batch {
                for c in range {
                  let first = (n * shape.channels + c) * shape.pixels
                  let channel = ChannelConstants(normalisation, c)
                  if withReLU { unsafe planeMask(g + first, x + first, dx + first, shape.pixels, channel) }
                  let masked = unsafe withReLU ? UnsafePointer(dx) : g
                  totals[c - range.lowerBound] +=
                    unsafe planeGradientSums(masked + first, x + first, shape.pixels, mean: channel.mean)
                }
              }
              for c in range {
                let total = totals[c - range.lowerBound]
                unsafe db[c] = Scalar(total[0])
                unsafe dw[c] = Scalar(total[1] * Double(normalisation.inverseDeviation[c]))
              }
              let slopes = range.map { c in
                batchStatistics
                  ? ChannelConstants(normalisation, c).slope(totals[c - range.lowerBound], shape) : (0, 0)
              }
              for n in 0..<shape.batch {
                for c in range {
                  let first = (n * shape.channels + c) * shape.pixels
                  let channel = ChannelConstants(normalisation, c)
                  let slope = slopes[c - range.lowerBound]
                  let masked = unsafe withReLU ? UnsafePointer(dx) : g
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
    let perValue = -Double(scale) / Double(shape.valuesPerChannel)
    let inverse = Double(inverseDeviation)
    return (Scalar(perValue * inverse * inverse * total[1]), Scalar(perValue * total[0]))
  }
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

/// ∂x of one plane.
@inline(__always)
private func planeInputGradient<Scalar: RealScalar>(
  _ g: UnsafePointer<Scalar>, _ x: UnsafePointer<Scalar>, _ result: UnsafeMutablePointer<Scalar>, _ count: Int,
  _ channel: ChannelConstants<Scalar>, _ slope: (Scalar, Scalar)
) {
  for i in 0..<count {
    unsafe result[i] = slope.1 + slope.0 * (x[i] - channel.mean) + channel.scale * g[i]
  }
}
