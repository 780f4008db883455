// The convolution and its input gradient as an implicit matrix product, bit-equal to seven nested loops.
//
//     target[n, m, q]  =  Σ over z, tap of  A[m, (z, tap)] · source[n, z, base(q) + offset(tap)]        ConvolutionGather.swift
//
// | what lies in the lanes of a vector       | when                              | file                       |
// | ---------------------------------------- | --------------------------------- | -------------------------- |
// | neighbouring pixels of one image         | planes of many pixels             | ConvolutionStrips.swift    |
// | one pixel of many images                 | small planes, where padding is a  | ConvolutionImages.swift    |
// |                                          | large part: its terms are skipped |                            |
//
// Every target value is one chain over (z, tap) in order, so neither the choice nor the threads change a bit, but for one:
// where padding is skipped, the sign of a zero that underflow has left.
// Tests    KernelsTests/ConvolutionTests.swift

/// y = x * w (cross-correlation).
///
/// - Parameters:
///   - input: batch × inputChannels × height × width.
///   - weight: outputChannels × inputChannels × kernelHeight × kernelWidth.
///   - shape: All sizes, stride and padding.
/// - Returns: batch × outputChannels × outputHeight × outputWidth.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func convolve<Scalar: RealScalar>(_ input: [Scalar], weight: [Scalar], shape: ConvolutionShape) -> [Scalar] {
  require(input.count == shape.inputCount, "a convolution's input holds \(input.count) values, not \(shape.inputCount)")
  require(
    weight.count == shape.weightCount, "a convolution's weight holds \(weight.count) values, not \(shape.weightCount)")
  let taps = shape.kernelHeight * shape.kernelWidth
  return gatherProducts(
    input, [ConvolutionGather.forward(shape)], batch: shape.batch, rows: shape.outputChannels,
    targetPlane: shape.outputHeight * shape.outputWidth, weight: weight,
    layout: WeightLayout(row: shape.inputChannels * taps, channel: taps, kernelWidth: shape.kernelWidth))
}

/// The gradient of a convolution's input.
///
/// - Parameters:
///   - outputGradient: ∂L/∂y: batch × outputChannels × outputHeight × outputWidth.
///   - weight: w: outputChannels × inputChannels × kernelHeight × kernelWidth.
///   - shape: All sizes, stride and padding.
/// - Returns: ∂L/∂x: batch × inputChannels × height × width.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func convolutionInputGradient<Scalar: RealScalar>(
  outputGradient: [Scalar], weight: [Scalar], shape: ConvolutionShape
) -> [Scalar] {
  require(
    outputGradient.count == shape.outputCount,
    "a convolution's output gradient holds \(outputGradient.count) values, not \(shape.outputCount)")
  require(
    weight.count == shape.weightCount, "a convolution's weight holds \(weight.count) values, not \(shape.weightCount)")
  let taps = shape.kernelHeight * shape.kernelWidth
  return gatherProducts(
    outputGradient, ConvolutionGather.inputGradient(shape), batch: shape.batch, rows: shape.inputChannels,
    targetPlane: shape.height * shape.width, weight: weight,
    layout: WeightLayout(row: taps, channel: shape.inputChannels * taps, kernelWidth: shape.kernelWidth))
}

/// Where A[m, (z, tap)] lies among the weights.
struct WeightLayout: Sendable {
  /// Scalars from one m, and from one z, to the next.
  let row: Int
  let channel: Int
  let kernelWidth: Int
}

/// What both ways of laying out the lanes work on: pointers that threads share, each writing its own part of the target.
@safe struct GatherJob<Scalar: RealScalar>: @unchecked Sendable {
  let source: UnsafePointer<Scalar>
  /// For each gather after the other: row panels [channels][taps][tileRows].
  let weights: UnsafePointer<Scalar>
  let target: UnsafeMutablePointer<Scalar>
  let gathers: [ConvolutionGather]
  let batch: Int
  /// Channels of the target.
  let rows: Int
  let targetPlane: Int

  var panels: Int { (rows + tileRows - 1) / tileRows }
  /// Whether threads are worth being called.
  var isLarge: Bool {
    batch * rows * gathers.reduce(0) { $0 + $1.bases.count * $1.depth } >= Parallel.leastMultiplyAdds
  }
  var sourceImage: Int { gathers[0].channels * gathers[0].height * gathers[0].width }

  /// The packed weights of each gather.
  var weightsOfGathers: [Int] {
    gathers.reduce(into: [0]) { $0.append($0[$0.count - 1] + panels * tileRows * $1.depth) }
  }
}

/// Runs every gather over every image.
@inline(__always)
private func gatherProducts<Scalar: RealScalar>(
  _ source: [Scalar], _ gathers: [ConvolutionGather], batch: Int, rows: Int, targetPlane: Int, weight: [Scalar],
  layout: WeightLayout
) -> [Scalar] {
  let packedRows = (rows + tileRows - 1) / tileRows * tileRows
  let count = batch * rows * targetPlane
  return unsafe withScratch(of: Scalar.self, count: packedRows * gathers.reduce(0) { $0 + $1.depth }) { packed in
    unsafe source.withUnsafeBufferPointer { source in
      unsafe weight.withUnsafeBufferPointer { weight in
        unsafe [Scalar](unsafeUninitializedCapacity: count) { target, initialized in
          let job = unsafe GatherJob(
            source: source.baseAddress.unsafelyUnwrapped, weights: packed, target: target.baseAddress.unsafelyUnwrapped,
            gathers: gathers, batch: batch, rows: rows, targetPlane: targetPlane)
          let weightOffsets = job.weightsOfGathers
          for (gather, offset) in zip(gathers, weightOffsets) {
            unsafe packWeights(weight.baseAddress.unsafelyUnwrapped, layout, gather, rows: rows, into: packed + offset)
          }
          let isFiniteWeight = unsafe isFinite(packed, count: weightOffsets[gathers.count])
          if isFiniteWeight && prefersImageLanes(job, lanes: Scalar.tileColumns) {
            convolveImages(job)
          } else {
            convolveStrips(job)
          }
          initialized = count
        }
      }
    }
  }
}

/// Packs A into row panels [channels][taps][tileRows], in parallel; missing rows are zeros.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func packWeights<Scalar: RealScalar>(
  _ weight: UnsafePointer<Scalar>, _ layout: WeightLayout, _ gather: ConvolutionGather, rows: Int,
  into packed: UnsafeMutablePointer<Scalar>
) {
  nonisolated(unsafe) let (weight, packed) = unsafe (weight, packed)
  let indices = gather.taps.map { $0.row * layout.kernelWidth + $0.column }
  let isWholeKernel = indices == Array(0..<indices.count) && !indices.isEmpty
  let panels = (rows + tileRows - 1) / tileRows
  let isLarge = panels * tileRows * gather.depth >= Parallel.leastScalars
  if isWholeKernel && layout.channel == indices.count {
    // Forward: a row of A is contiguous over all channels and taps.
    Parallel.forEachBlock(panels, inParallel: isLarge) { panel in
      unsafe packPanel(
        weight + panel * tileRows * layout.row, lineStride: layout.row, stepStride: 1,
        present: min(tileRows, rows - panel * tileRows), lanes: tileRows, depth: gather.depth,
        into: packed + panel * tileRows * gather.depth)
    }
    return
  }
  // Channel by channel: what lies together is read together, and each panel grows from front to back.
  let channelsPerBlock = max(1, 16384 / max(1, panels * tileRows * indices.count))
  let blocks = (gather.channels + channelsPerBlock - 1) / channelsPerBlock
  Parallel.forEachBlock(blocks, inParallel: isLarge) { block in
    for z in block * channelsPerBlock..<min(gather.channels, (block + 1) * channelsPerBlock) {
      for panel in 0..<panels {
        var to = unsafe packed + (panel * gather.depth + z * indices.count) * tileRows
        let from = unsafe weight + z * layout.channel + panel * tileRows * layout.row
        let present = min(tileRows, rows - panel * tileRows)
        if isWholeKernel && present == tileRows {
          unsafe transpose(
            from, rows: tileRows, columns: indices.count, stride: layout.row, into: to, stride: tileRows)
          continue
        }
        for index in indices {
          for lane in 0..<present { unsafe to[lane] = from[lane * layout.row + index] }
          for lane in present..<tileRows { unsafe to[lane] = 0 }
          unsafe to += tileRows
        }
      }
    }
  }
}

/// Whether all values are finite: x · 0 is 0 for a finite x and NaN otherwise.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func isFinite<Scalar: RealScalar>(_ values: UnsafePointer<Scalar>, count: Int) -> Bool {
  var zeros = SIMD16<Scalar>()
  let whole = count / 16 * 16
  for i in stride(from: 0, to: whole, by: 16) {
    unsafe zeros += UnsafeRawPointer(values + i).loadUnaligned(as: SIMD16<Scalar>.self) * 0
  }
  var rest: Scalar = 0
  for i in whole..<count { unsafe rest += values[i] * 0 }
  return zeros.sum() + rest == 0
}
