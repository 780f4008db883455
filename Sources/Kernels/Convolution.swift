// The convolution and its input gradient as an implicit matrix product, bit-equal to seven nested loops.
//
// | loop      | over                                | what stays where                                              |
// | --------- | ----------------------------------- | ------------------------------------------------------------- |
// | 1 weights | row panels, once per call           | packed [depth][tileRows] for all images                       |
// | 2 groups  | a few images, in parallel           | their zero-padded copy stays in L2                            |
// | 3 strips  | tileColumns pixels of the group     | the strip's panel [depth][tileColumns], gathered once         |
// | 4 rows    | row panels (Tile.swift)             | one tile of the target stays in registers over the whole depth |
//
// A strip may run over several small images; its tiles are then worked out aside and copied out image by image.
// Tests    KernelsTests/ConvolutionTests.swift

/// Pixels that one group of images should have at least, so that a group is worth a thread's while.
private let groupPixels = 256

/// y = x * w (cross-correlation).
///
/// - Parameters:
///   - input: batch × inputChannels × height × width.
///   - weight: outputChannels × inputChannels × kernelHeight × kernelWidth.
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
    targetPlane: shape.outputHeight * shape.outputWidth
  ) { _, m, z, tap in
    weight[(m * shape.inputChannels + z) * taps + tap]
  }
}

/// The gradient of the input, shaped like the input.
///
/// - Parameters:
///   - outputGradient: batch × outputChannels × outputHeight × outputWidth.
///   - weight: outputChannels × inputChannels × kernelHeight × kernelWidth.
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
    targetPlane: shape.height * shape.width
  ) { gather, m, z, tap in
    let (r, s) = gather.taps[tap]
    return weight[(z * shape.inputChannels + m) * taps + r * shape.kernelWidth + s]
  }
}

/// Runs every gather over every image; `factor(gather, m, z, tap)` is A[m, (z, tap)].
@inline(__always)
private func gatherProducts<Scalar: RealScalar>(
  _ source: [Scalar], _ gathers: [ConvolutionGather], batch: Int, rows: Int, targetPlane: Int,
  factor: (ConvolutionGather, _ m: Int, _ z: Int, _ tap: Int) -> Scalar
) -> [Scalar] {
  let panels = (rows + tileRows - 1) / tileRows
  let depth = gathers.reduce(0) { $0 + $1.depth }
  return unsafe withScratch(of: Scalar.self, count: panels * tileRows * depth) { packed in
    var place = unsafe packed
    for gather in gathers {
      for panel in 0..<panels {
        for z in 0..<gather.channels {
          for tap in gather.taps.indices {
            for lane in 0..<tileRows {
              let m = panel * tileRows + lane
              unsafe place[lane] = m < rows ? factor(gather, m, z, tap) : 0
            }
            unsafe place += tileRows
          }
        }
      }
    }
    return unsafe source.withUnsafeBufferPointer { source in
      let count = batch * rows * targetPlane
      return unsafe [Scalar](unsafeUninitializedCapacity: count) { target, initialized in
        unsafe runGroups(
          source.baseAddress.unsafelyUnwrapped, gathers, batch: batch, rows: rows, targetPlane: targetPlane,
          weights: packed, into: target.baseAddress.unsafelyUnwrapped)
        initialized = count
      }
    }
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func runGroups<Scalar: RealScalar>(
  _ source: UnsafePointer<Scalar>, _ gathers: [ConvolutionGather], batch: Int, rows: Int, targetPlane: Int,
  weights: UnsafePointer<Scalar>, into target: UnsafeMutablePointer<Scalar>
) {
  nonisolated(unsafe) let (source, weights, target) = unsafe (source, weights, target)
  let first = gathers[0]
  let groupSize = max(1, groupPixels / first.bases.count)
  let sourceImage = first.channels * first.height * first.width
  let paddedImage = first.channels * first.paddedPlane
  let panelDepth = gathers.map(\.depth).max() ?? 0
  let tileColumns = Scalar.tileColumns
  let panels = (rows + tileRows - 1) / tileRows
  Parallel.forEachBlock((batch + groupSize - 1) / groupSize) { group in
    let images = group * groupSize..<min(batch, (group + 1) * groupSize)
    unsafe withScratch(of: Scalar.self, count: first.isPadded ? images.count * paddedImage : 0) { padded in
      if first.isPadded {
        for (number, image) in images.enumerated() {
          unsafe padImage(source + image * sourceImage, first, into: padded + number * paddedImage)
        }
      }
      let planes = unsafe first.isPadded ? UnsafePointer(padded) : source + images.lowerBound * sourceImage
      unsafe withScratch(of: Scalar.self, count: (panelDepth + panels * tileRows) * tileColumns) { panel in
        var packed = unsafe weights
        for gather in gathers {
          unsafe runStrips(
            planes, gather, images: images, rows: rows, targetPlane: targetPlane, weights: packed, panel: panel,
            aside: panel + panelDepth * tileColumns, into: target)
          unsafe packed += panels * tileRows * gather.depth
        }
      }
    }
  }
}

/// All strips of one group of images.
@inline(__always)
private func runStrips<Scalar: RealScalar>(
  _ planes: UnsafePointer<Scalar>, _ gather: ConvolutionGather, images: Range<Int>, rows: Int, targetPlane: Int,
  weights: UnsafePointer<Scalar>, panel: UnsafeMutablePointer<Scalar>, aside: UnsafeMutablePointer<Scalar>,
  into target: UnsafeMutablePointer<Scalar>
) {
  let tileColumns = Scalar.tileColumns
  let panels = (rows + tileRows - 1) / tileRows
  let pixels = gather.bases.count
  let imageStride = gather.channels * gather.paddedPlane
  unsafe withUnsafeTemporaryAllocation(of: Int.self, capacity: 2 * tileColumns) { places in
    let bases = unsafe places.baseAddress.unsafelyUnwrapped
    let targets = unsafe bases + tileColumns
    for start in stride(from: 0, to: images.count * pixels, by: tileColumns) {
      let present = min(tileColumns, images.count * pixels - start)
      var (image, pixel) = (start / pixels, start % pixels)
      for lane in 0..<tileColumns {
        unsafe bases[lane] = lane < present ? image * imageStride + gather.bases[pixel] : bases[0]
        unsafe targets[lane] =
          lane < present ? (images.lowerBound + image) * rows * targetPlane + gather.targets[pixel] : targets[0]
        pixel += 1
        if pixel == pixels { (image, pixel) = (image + 1, 0) }
      }
      unsafe gatherPanel(planes, gather, bases: bases, into: panel)
      let isContiguous = (1..<present).allSatisfy { unsafe targets[$0] == targets[0] + $0 }
      let corner = unsafe isContiguous ? target + targets[0] : aside
      unsafe multiplyTiles(
        .packed(weights, depth: gather.depth), panels: 0..<panels, panel, into: corner,
        stride: isContiguous ? targetPlane : tileColumns, rows: rows, columns: isContiguous ? present : tileColumns,
        depth: gather.depth, isContinued: false)
      if !isContiguous {
        for m in 0..<rows {
          let (from, to) = unsafe (aside + m * tileColumns, target + m * targetPlane)
          for lane in 0..<present { unsafe to[targets[lane]] = from[lane] }
        }
      }
    }
  }
}

/// Gathers the panel [depth][tileColumns] of one strip, in the longest runs that its pixels allow.
@inline(__always)
private func gatherPanel<Scalar: RealScalar>(
  _ planes: UnsafePointer<Scalar>, _ gather: ConvolutionGather, bases: UnsafePointer<Int>,
  into panel: UnsafeMutablePointer<Scalar>
) {
  let tileColumns = Scalar.tileColumns
  func hasRuns(of length: Int) -> Bool {
    (0..<tileColumns).allSatisfy { unsafe bases[$0] == bases[$0 / length * length] + $0 % length }
  }
  if tileColumns % 8 == 0 && hasRuns(of: 8) {
    unsafe gatherRuns(planes, gather, bases: bases, into: panel, as: SIMD8<Scalar>.self)
  } else if hasRuns(of: 4) {
    unsafe gatherRuns(planes, gather, bases: bases, into: panel, as: SIMD4<Scalar>.self)
  } else if hasRuns(of: 2) {
    unsafe gatherRuns(planes, gather, bases: bases, into: panel, as: SIMD2<Scalar>.self)
  } else {
    var to = unsafe panel
    for z in 0..<gather.channels {
      for offset in gather.offsets {
        let from = unsafe planes + z * gather.paddedPlane + offset
        for lane in 0..<tileColumns { unsafe to[lane] = from[bases[lane]] }
        unsafe to += tileColumns
      }
    }
  }
}

@inline(__always)
private func gatherRuns<Run: SIMD>(
  _ planes: UnsafePointer<Run.Scalar>, _ gather: ConvolutionGather, bases: UnsafePointer<Int>,
  into panel: UnsafeMutablePointer<Run.Scalar>, as _: Run.Type
) where Run.Scalar: RealScalar {
  let lanes = Run.scalarCount
  let runs = Run.Scalar.tileColumns / lanes
  var to = UnsafeMutableRawPointer(panel)
  for z in 0..<gather.channels {
    for offset in gather.offsets {
      let from = unsafe planes + z * gather.paddedPlane + offset
      for run in 0..<runs {
        let values = unsafe UnsafeRawPointer(from + bases[run * lanes]).loadUnaligned(as: Run.self)
        unsafe to.storeBytes(of: values, as: Run.self)
        unsafe to += MemoryLayout<Run>.stride
      }
    }
  }
}
