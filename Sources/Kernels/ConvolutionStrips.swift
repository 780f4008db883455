// A convolution with neighbouring pixels in the lanes of a vector.
//
// | loop      | over                                       | what stays where                                          |
// | --------- | ------------------------------------------ | --------------------------------------------------------- |
// | 1 groups  | a few images, in parallel                  | their zero-padded copy stays in L2                        |
// | 2 chunks  | stripsPerChunk strips of tileColumns pixels|                                                           |
// | 3 depth   | some channels, in order                    | what the chunk reads of the images, in L2                 |
// | 4 rows    | row panels of the weights (Tile.swift)     | the panel's weights in L1, one tile of the target in registers |
//
// Where pixels lie side by side for whole vectors and every tile is whole, tiles read the padded image as it lies
// (TapTile.swift; TableTile.swift where the taps form no grid and few row panels share them): then a strip's rows of the image
// stay in L1 while all row panels pass by. Otherwise pixels are gathered into panels [depth][tileColumns] first. A chunk may run
// over several small images, or over pixels that do not lie side by side in the target; its tiles are computed aside and copied
// out. Tests    KernelsTests/ConvolutionTests.swift

/// Pixels that one group of images should have at least, so that a group is worth a thread's while.
private let groupPixels = 256
/// Strips that share one pass over the weights.
private let stripsPerChunk = 8
/// Row panels from which gathering pays where the taps form no grid.
private let gatheringPanels = 8

/// Strips that are computed together; every group of as many images has the same.
private struct Chunk: Sendable {
  /// For each lane the place in the padded planes of the group that its pixel starts from.
  ///
  /// Lanes past the last pixel repeat the first one; nobody looks at them.
  let bases: [Int]
  /// For each pixel its place in the target, from the group's first image on.
  let targets: [Int]
  let strips: Int
  /// Whether the pixels lie side by side in the target.
  let isContiguous: Bool
  /// Whether tiles can read the padded planes as they lie.
  let isDirect: Bool

  /// - Parameters:
  ///   - gather: Where the pixels of one image start from, and where they go.
  ///   - pixels: The chunk's, among those of all images of a group.
  ///   - rows: Channels of the target.
  ///   - targetImage: Scalars from image to image of the target.
  ///   - vector: Lanes of a vector; a strip has twice as many.
  init(_ gather: ConvolutionGather, pixels: Range<Int>, rows: Int, targetImage: Int, vector: Int) {
    let (plane, image) = (gather.bases.count, gather.channels * gather.paddedPlane)
    let starts = pixels.map { $0 / plane * image + gather.bases[$0 % plane] }
    let places = pixels.map { $0 / plane * targetImage + gather.targets[$0 % plane] }
    let strips = (pixels.count + 2 * vector - 1) / (2 * vector)
    let isContiguous = places.indices.allSatisfy { places[$0] == places[0] + $0 }
    let lanes = starts + Array(repeating: starts[0], count: 2 * vector * strips - pixels.count)
    // Of all lanes: a vector that is only partly of pixels would be read past the end of the planes.
    isDirect =
      rows % tileRows == 0 && (!isContiguous || pixels.count == lanes.count)
      && lanes.indices.allSatisfy { lanes[$0] == lanes[$0 / vector * vector] + $0 % vector }
    (bases, targets, self.strips, self.isContiguous) = (lanes, places, strips, isContiguous)
  }
}

/// What the groups of a gather share.
private struct StripPlan: Sendable {
  let grid: TapGrid?
  /// The chunks of a group, and of the last one where that has fewer images.
  let chunks: [Chunk]
  let lastChunks: [Chunk]

  init<Scalar: RealScalar>(_ job: GatherJob<Scalar>, _ gather: ConvolutionGather, groupSize: Int) {
    let (rows, targetImage, vector) = (job.rows, job.rows * job.targetPlane, Scalar.Vector.scalarCount)
    func chunks(images: Int) -> [Chunk] {
      let (pixels, length) = (images * gather.bases.count, 2 * vector * stripsPerChunk)
      return stride(from: 0, to: pixels, by: length).map {
        Chunk(
          gather, pixels: $0..<min(pixels, $0 + length), rows: rows, targetImage: targetImage, vector: vector)
      }
    }
    grid = gather.grid
    self.chunks = chunks(images: groupSize)
    lastChunks = chunks(images: job.batch % groupSize)
  }
}

/// Runs every gather over every image, pixels in lanes.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func convolveStrips<Scalar: RealScalar>(_ job: GatherJob<Scalar>) {
  let first = job.gathers[0]
  let groupSize = min(job.batch, max(1, groupPixels / first.bases.count))
  let paddedImage = first.channels * first.paddedPlane
  let weightOffsets = job.weightsOfGathers
  let panelCount = job.gathers.map { $0.channelBlock * $0.taps.count }.max() ?? 0
  let plans = job.gathers.map { StripPlan(job, $0, groupSize: groupSize) }
  Parallel.forEachBlock((job.batch + groupSize - 1) / groupSize, inParallel: job.isLarge) { group in
    let images = group * groupSize..<min(job.batch, (group + 1) * groupSize)
    unsafe withScratch(of: Scalar.self, count: first.isPadded ? images.count * paddedImage : 0) { padded in
      let source = unsafe job.source + images.lowerBound * job.sourceImage
      if first.isPadded {
        for number in images.indices.map({ $0 - images.lowerBound }) {
          unsafe padImage(source + number * job.sourceImage, first, into: padded + number * paddedImage)
        }
      }
      let planes = unsafe first.isPadded ? UnsafePointer(padded) : source
      let width = stripsPerChunk * Scalar.tileColumns
      unsafe withScratch(of: Scalar.self, count: (panelCount + job.panels * tileRows) * width) { panel in
        for (number, plan) in plans.enumerated() {
          for chunk in images.count == groupSize ? plan.chunks : plan.lastChunks {
            unsafe run(
              chunk, job, job.gathers[number], plan.grid, planes, weights: job.weights + weightOffsets[number],
              panel: panel, aside: panel + panelCount * width,
              into: job.target + images.lowerBound * job.rows * job.targetPlane)
          }
        }
      }
    }
  }
}

/// One chunk of one group of images, whose part of the target begins at `target`.
@inline(__always)
private func run<Scalar: RealScalar>(
  _ chunk: Chunk, _ job: GatherJob<Scalar>, _ gather: ConvolutionGather, _ grid: TapGrid?,
  _ planes: UnsafePointer<Scalar>, weights: UnsafePointer<Scalar>, panel: UnsafeMutablePointer<Scalar>,
  aside: UnsafeMutablePointer<Scalar>, into target: UnsafeMutablePointer<Scalar>
) {
  let width = stripsPerChunk * Scalar.tileColumns
  let corner = unsafe chunk.isContiguous ? target + chunk.targets[0] : aside
  let (stride, columns) =
    chunk.isContiguous
    ? (job.targetPlane, chunk.targets.count) : (width, chunk.strips * Scalar.tileColumns)
  unsafe chunk.bases.withUnsafeBufferPointer { bases in
    let bases = unsafe bases.baseAddress.unsafelyUnwrapped
    if chunk.isDirect, let grid {
      unsafe multiplyTaps(
        job, gather, grid, planes, weights: weights, bases: bases, strips: chunk.strips, into: corner, stride: stride)
    } else if chunk.isDirect && job.panels < gatheringPanels {
      unsafe multiplyTable(
        job, gather, planes, weights: weights, bases: bases, strips: chunk.strips, into: corner, stride: stride)
    } else {
      unsafe multiplyGathered(
        job, gather, planes, weights: weights, bases: bases, strips: chunk.strips, panel: panel, into: corner,
        stride: stride, columns: columns)
    }
  }
  if chunk.isContiguous { return }
  for m in 0..<job.rows {
    let (from, to) = unsafe (aside + m * width, target + m * job.targetPlane)
    for (lane, place) in chunk.targets.enumerated() { unsafe to[place] = from[lane] }
  }
}

/// Multiplies straight from the padded images, whose taps form a grid, one stretch of the channels after the other.
@inline(__always)
private func multiplyTaps<Scalar: RealScalar>(
  _ job: GatherJob<Scalar>, _ gather: ConvolutionGather, _ grid: TapGrid, _ planes: UnsafePointer<Scalar>,
  weights: UnsafePointer<Scalar>, bases: UnsafePointer<Int>, strips: Int, into c: UnsafeMutablePointer<Scalar>,
  stride: Int
) {
  let (tileColumns, plane, depth) = (Scalar.tileColumns, gather.paddedPlane, gather.depth)
  for z in Swift.stride(from: 0, to: gather.channels, by: gather.channelBlock) {
    for strip in 0..<strips {
      let start = unsafe bases + strip * tileColumns
      let second = unsafe start[Scalar.Vector.scalarCount] - start[0]
      for panel in 0..<job.panels {
        unsafe multiplyTapTile(
          weights + (panel * depth + z * gather.taps.count) * tileRows, planes + start[0] + z * plane, second: second,
          grid, channels: min(gather.channelBlock, gather.channels - z), plane: plane,
          into: c + panel * tileRows * stride + strip * tileColumns, stride: stride, isContinued: z > 0)
      }
    }
  }
}

/// Multiplies straight from the padded images, whose taps lie anywhere.
@inline(__always)
private func multiplyTable<Scalar: RealScalar>(
  _ job: GatherJob<Scalar>, _ gather: ConvolutionGather, _ planes: UnsafePointer<Scalar>,
  weights: UnsafePointer<Scalar>, bases: UnsafePointer<Int>, strips: Int, into c: UnsafeMutablePointer<Scalar>,
  stride: Int
) {
  let tileColumns = Scalar.tileColumns
  let table = gather.offsets.enumerated().map { TableStep(a: Int32($0 * tileRows), b: Int32($1)) }
  unsafe table.withUnsafeBufferPointer { table in
    // An empty table has no address, and no step is read.
    let steps =
      unsafe table.baseAddress ?? UnsafePointer(bitPattern: MemoryLayout<TableStep>.alignment).unsafelyUnwrapped
    for strip in 0..<strips {
      let start = unsafe bases + strip * tileColumns
      let strides = unsafe TableStrides(
        row: 1, outerA: gather.taps.count * tileRows, outerB: gather.paddedPlane,
        second: start[Scalar.Vector.scalarCount] - start[0], c: stride)
      for panel in 0..<job.panels {
        unsafe multiplyTableTile(
          weights + panel * tileRows * gather.depth, planes + start[0], steps, steps: table.count,
          outer: gather.channels, strides, into: c + panel * tileRows * stride + strip * tileColumns,
          columns: tileColumns, isContinued: false)
      }
    }
  }
}

/// Multiplies gathered panels of the chunk, one stretch of the channels after the other.
@inline(__always)
private func multiplyGathered<Scalar: RealScalar>(
  _ job: GatherJob<Scalar>, _ gather: ConvolutionGather, _ planes: UnsafePointer<Scalar>,
  weights: UnsafePointer<Scalar>, bases: UnsafePointer<Int>, strips: Int, panel: UnsafeMutablePointer<Scalar>,
  into c: UnsafeMutablePointer<Scalar>, stride: Int, columns: Int
) {
  let (tileColumns, taps, block) = (Scalar.tileColumns, gather.taps.count, gather.channelBlock)
  for z in Swift.stride(from: 0, to: gather.channels, by: block) {
    let channels = z..<min(gather.channels, z + block)
    let depth = channels.count * taps
    for strip in 0..<strips {
      unsafe gatherPanel(
        planes, gather, channels: channels, bases: bases + strip * tileColumns,
        into: panel + strip * tileColumns * depth)
    }
    let source = unsafe TileRowSource(
      start: weights + z * taps * tileRows, rowStride: 1, stepStride: tileRows, panelStride: tileRows * gather.depth)
    unsafe multiplyTiles(
      source, rowPanels: 0..<job.panels, .packed(panel, depth: depth), columnPanels: strips, into: c, stride: stride,
      rows: job.rows, columns: columns, depth: depth, isContinued: z > 0)
  }
}

/// Gathers the panel [depth][tileColumns] of one strip over some channels, in the longest runs that its pixels allow.
@inline(__always)
private func gatherPanel<Scalar: RealScalar>(
  _ planes: UnsafePointer<Scalar>, _ gather: ConvolutionGather, channels: Range<Int>, bases: UnsafePointer<Int>,
  into panel: UnsafeMutablePointer<Scalar>
) {
  let tileColumns = Scalar.tileColumns
  func hasRuns(of length: Int) -> Bool {
    tileColumns % length == 0
      && (0..<tileColumns).allSatisfy { unsafe bases[$0] == bases[$0 / length * length] + $0 % length }
  }
  if hasRuns(of: 16) {
    unsafe gatherRuns(planes, gather, channels: channels, bases: bases, into: panel, as: SIMD16<Scalar>.self)
  } else if hasRuns(of: 8) {
    unsafe gatherRuns(planes, gather, channels: channels, bases: bases, into: panel, as: SIMD8<Scalar>.self)
  } else if hasRuns(of: 4) {
    unsafe gatherRuns(planes, gather, channels: channels, bases: bases, into: panel, as: SIMD4<Scalar>.self)
  } else if hasRuns(of: 2) {
    unsafe gatherRuns(planes, gather, channels: channels, bases: bases, into: panel, as: SIMD2<Scalar>.self)
  } else {
    var to = unsafe panel
    for z in channels {
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
  _ planes: UnsafePointer<Run.Scalar>, _ gather: ConvolutionGather, channels: Range<Int>, bases: UnsafePointer<Int>,
  into panel: UnsafeMutablePointer<Run.Scalar>, as _: Run.Type
) where Run.Scalar: RealScalar {
  let lanes = Run.scalarCount
  let runs = Run.Scalar.tileColumns / lanes
  var to = UnsafeMutableRawPointer(panel)
  for z in channels {
    for offset in gather.offsets {
      let from = unsafe planes + z * gather.paddedPlane + offset
      for run in 0..<runs {
        let values = unsafe UnsafeRawPointer(from + bases[run * lanes]).loadUnaligned(as: Run.self)
        unsafe to.storeBytes(of: values, as: Run.self)
        unsafe to += MemoryLayout<Unaligned<Run>>.stride
      }
    }
  }
}
