// The weight gradient of a convolution: a matrix product over pixels, bit-equal to seven nested loops.
//
//     ∂w[o, k] = Σ over (n, i, j) of ∂y[n, o, i, j] · x[n, c, i t + r − p, j t + s − p],   k = (c, r, s)
//
// The vector lanes run over output channels o, from a transposed copy of ∂y ([pixel][o]); the rows of a tile are taps k,
// read where they lie in the padded image. Every (k, o) is one chain over all pixels of all images.
//
// | loop     | over                               | what stays where                                    |
// | -------- | ---------------------------------- | --------------------------------------------------- |
// | 1 groups | images, in order                   | padded x and transposed ∂y of the group, in L2 / L3 |
// | 2 pack   | images of the group, in parallel   |                                                     |
// | 3 tiles  | (taps, channels), in parallel      | one tile of ∂wᵀ in registers over the group's pixels |
//
// Tests    KernelsTests/ConvolutionTests.swift

/// Scalars that the packed copies of one group of images may take: two MiB of Float.
private let groupScalars = 1 << 19

/// The gradient of the weight, shaped like the weight.
///
/// - Parameters:
///   - outputGradient: batch × outputChannels × outputHeight × outputWidth.
///   - input: batch × inputChannels × height × width.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func convolutionWeightGradient<Scalar: RealScalar>(
  outputGradient: [Scalar], input: [Scalar], shape: ConvolutionShape
) -> [Scalar] {
  require(
    outputGradient.count == shape.outputCount,
    "a convolution's output gradient holds \(outputGradient.count) values, not \(shape.outputCount)")
  require(input.count == shape.inputCount, "a convolution's input holds \(input.count) values, not \(shape.inputCount)")
  let gather = ConvolutionGather.forward(shape)
  let taps = (shape.weightCount / shape.outputChannels + tileRows - 1) / tileRows * tileRows
  let vector = Scalar.Vector.scalarCount
  let lanes = (shape.outputChannels + vector - 1) / vector * vector
  let offsets = (0..<taps).map { k in
    // Rows past the last tap read some pixel of the image; what they sum up is dropped.
    let k = min(k, gather.depth - 1)
    return k / gather.taps.count * gather.paddedPlane + gather.offsets[k % gather.taps.count]
  }
  return unsafe withScratch(of: Scalar.self, count: taps * lanes) { transposed in
    unsafe transposed.update(repeating: 0, count: taps * lanes)
    unsafe outputGradient.withUnsafeBufferPointer { outputGradient in
      unsafe input.withUnsafeBufferPointer { input in
        unsafe addGroups(
          outputGradient.baseAddress.unsafelyUnwrapped, input.baseAddress.unsafelyUnwrapped, gather, offsets: offsets,
          batch: shape.batch, outputChannels: shape.outputChannels, lanes: lanes, into: transposed)
      }
    }
    return unsafe [Scalar](unsafeUninitializedCapacity: shape.weightCount) { gradient, initialized in
      for o in 0..<shape.outputChannels {
        for k in 0..<gather.depth { unsafe gradient[o * gather.depth + k] = transposed[k * lanes + o] }
      }
      initialized = shape.weightCount
    }
  }
}

/// Continues the chains of ∂wᵀ, taps × lanes, over every image in order.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func addGroups<Scalar: RealScalar>(
  _ outputGradient: UnsafePointer<Scalar>, _ input: UnsafePointer<Scalar>, _ gather: ConvolutionGather,
  offsets: [Int], batch: Int, outputChannels: Int, lanes: Int, into transposed: UnsafeMutablePointer<Scalar>
) {
  let pixels = gather.bases.count
  let paddedImage = gather.channels * gather.paddedPlane
  let groupSize = min(batch, max(1, groupScalars / (paddedImage + pixels * lanes)))
  let bases = (0..<groupSize).flatMap { image in gather.bases.map { Int32(image * paddedImage + $0) } }
  let tileColumns = Scalar.tileColumns
  let columnPanels = (lanes + tileColumns - 1) / tileColumns
  let rowPanels = offsets.count / tileRows
  // A handful of tiles is one unit of work: enough units for any number of threads, few enough to hand out.
  let unit = max(1, rowPanels / 64)
  let units = (rowPanels + unit - 1) / unit
  unsafe withScratch(of: Scalar.self, count: groupSize * (paddedImage + pixels * lanes)) { memory in
    nonisolated(unsafe) let (padded, columns) = unsafe (memory, memory + groupSize * paddedImage)
    nonisolated(unsafe) let (outputGradient, input, transposed) = unsafe (outputGradient, input, transposed)
    // Two phases for each group of images: pack it, then continue the chains of every tile.
    let groups = (batch + groupSize - 1) / groupSize
    let counts = (0..<2 * groups).map { phase in
      phase % 2 == 0 ? min(groupSize, batch - phase / 2 * groupSize) : units * columnPanels
    }
    Parallel.forEachBlock(inPhases: counts) { phase, block in
      let firstImage = phase / 2 * groupSize
      if phase % 2 == 0 {
        let image = firstImage + block
        unsafe padImage(
          input + image * gather.channels * gather.height * gather.width, gather, into: padded + block * paddedImage)
        unsafe packPanel(
          outputGradient + image * outputChannels * pixels, lineStride: pixels, stepStride: 1, present: outputChannels,
          lanes: lanes, depth: pixels, into: columns + block * pixels * lanes)
        return
      }
      let column = block / units * tileColumns
      let first = block % units * unit
      unsafe offsets.withUnsafeBufferPointer { offsets in
        unsafe bases.withUnsafeBufferPointer { bases in
          for row in first..<min(rowPanels, first + unit) {
            unsafe correlateTiles(
              padded, offsets: offsets.baseAddress.unsafelyUnwrapped + row * tileRows,
              bases: bases.baseAddress.unsafelyUnwrapped, columns + column, bStride: lanes,
              into: transposed + row * tileRows * lanes + column, cStride: lanes,
              columns: min(tileColumns, lanes - column), depth: min(groupSize, batch - firstImage) * pixels)
          }
        }
      }
    }
  }
}
