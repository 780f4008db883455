// A convolution with neighbouring pixels in the lanes of a vector.
//
// | loop      | over                                       | what stays where                                          |
// | --------- | ------------------------------------------ | --------------------------------------------------------- |
// | 1 groups  | a few images, in parallel                  | their zero-padded copy stays in L2                        |
// | 2 chunks  | stripsPerChunk strips of tileColumns pixels|                                                           |
// | 3 depth   | some channels, in order                    | what the chunk reads of the images, in L2                 |
// | 4 rows    | row panels of the weights (Tile.swift)     | the panel's weights in L1, one tile of the target in registers |
//
// Tiles read panels [depth][tileColumns] gathered from the padded image, aligned as its rows are not. Few row panels do not pay
// for that: where pixels lie side by side for whole vectors and every tile is whole, they read the image as it lies
// (TableTile.swift). A chunk may run over several small images, or over pixels that do not lie side by side in the target; its
// tiles are computed aside and copied out. Tests    KernelsTests/ConvolutionTests.swift

/// Pixels that one group of images should have at least, so that a group is worth a thread's while.
private let groupPixels = 256
/// Strips that share one pass over the weights.
private let stripsPerChunk = 8
/// Row panels from which gathering pays.
private let gatheringPanels = 8

/// Runs every gather over every image, pixels in lanes.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func convolveStrips<Scalar: RealScalar>(_ job: GatherJob<Scalar>) {
  let first = job.gathers[0]
  let groupSize = max(1, groupPixels / first.bases.count)
  let paddedImage = first.channels * first.paddedPlane
  let tileColumns = Scalar.tileColumns
  let weightOffsets = job.weightsOfGathers
  let panelCount = job.gathers.map { $0.channelBlock * $0.taps.count }.max() ?? 0
  Parallel.forEachBlock((job.batch + groupSize - 1) / groupSize) { group in
    let images = group * groupSize..<min(job.batch, (group + 1) * groupSize)
    unsafe withScratch(of: Scalar.self, count: first.isPadded ? images.count * paddedImage : 0) { padded in
      let source = unsafe job.source + images.lowerBound * job.sourceImage
      if first.isPadded {
        for number in images.indices.map({ $0 - images.lowerBound }) {
          unsafe padImage(source + number * job.sourceImage, first, into: padded + number * paddedImage)
        }
      }
      let planes = unsafe first.isPadded ? UnsafePointer(padded) : source
      let chunk = stripsPerChunk * tileColumns
      unsafe withScratch(of: Scalar.self, count: (panelCount + job.panels * tileRows) * chunk) { panel in
        for (gather, offset) in zip(job.gathers, weightOffsets) {
          unsafe runChunks(
            job, gather, planes, images: images, weights: job.weights + offset, panel: panel,
            aside: panel + panelCount * chunk)
        }
      }
    }
  }
}

/// All strips of one group of images, chunk after chunk.
@inline(__always)
private func runChunks<Scalar: RealScalar>(
  _ job: GatherJob<Scalar>, _ gather: ConvolutionGather, _ planes: UnsafePointer<Scalar>, images: Range<Int>,
  weights: UnsafePointer<Scalar>, panel: UnsafeMutablePointer<Scalar>, aside: UnsafeMutablePointer<Scalar>
) {
  let tileColumns = Scalar.tileColumns
  let chunk = stripsPerChunk * tileColumns
  let pixels = images.count * gather.bases.count
  unsafe withUnsafeTemporaryAllocation(of: Int.self, capacity: 2 * chunk) { memory in
    let bases = unsafe memory.baseAddress.unsafelyUnwrapped
    let targets = unsafe bases + chunk
    for start in stride(from: 0, to: pixels, by: chunk) {
      let present = min(chunk, pixels - start)
      let strips = (present + tileColumns - 1) / tileColumns
      unsafe findPlaces(job, gather, images: images, from: start, present: present, bases: bases, targets: targets)
      let isContiguous = (1..<present).allSatisfy { unsafe targets[$0] == targets[0] + $0 }
      let corner = unsafe isContiguous ? job.target + targets[0] : aside
      let (stride, columns) = isContiguous ? (job.targetPlane, present) : (chunk, strips * tileColumns)
      let isDone =
        unsafe job.panels < gatheringPanels
        && multiplyDirectly(
          job, gather, planes, weights: weights, bases: bases, strips: strips, into: corner, stride: stride,
          columns: columns)
      if !isDone {
        unsafe multiplyGathered(
          job, gather, planes, weights: weights, bases: bases, strips: strips, panel: panel, into: corner,
          stride: stride, columns: columns)
      }
      if !isContiguous {
        for m in 0..<job.rows {
          let (from, to) = unsafe (aside + m * chunk, job.target + m * job.targetPlane)
          for lane in 0..<present { unsafe to[targets[lane]] = from[lane] }
        }
      }
    }
  }
}

/// For each lane of a chunk the place that its pixel starts from, and its place in the target.
@inline(__always)
private func findPlaces<Scalar: RealScalar>(
  _ job: GatherJob<Scalar>, _ gather: ConvolutionGather, images: Range<Int>, from start: Int, present: Int,
  bases: UnsafeMutablePointer<Int>, targets: UnsafeMutablePointer<Int>
) {
  let pixels = gather.bases.count
  let imageStride = gather.channels * gather.paddedPlane
  var (image, pixel) = (start / pixels, start % pixels)
  for lane in 0..<stripsPerChunk * Scalar.tileColumns {
    // Lanes past the last pixel repeat the first one; nobody looks at them.
    unsafe bases[lane] = lane < present ? image * imageStride + gather.bases[pixel] : bases[0]
    unsafe targets[lane] =
      lane < present
      ? (images.lowerBound + image) * job.rows * job.targetPlane + gather.targets[pixel] : targets[0]
    pixel += 1
    if pixel == pixels { (image, pixel) = (image + 1, 0) }
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

/// Multiplies straight from the padded images where pixels lie side by side for whole vectors and every tile is whole;
/// otherwise does nothing and returns false.
@inline(__always)
private func multiplyDirectly<Scalar: RealScalar>(
  _ job: GatherJob<Scalar>, _ gather: ConvolutionGather, _ planes: UnsafePointer<Scalar>,
  weights: UnsafePointer<Scalar>, bases: UnsafePointer<Int>, strips: Int, into c: UnsafeMutablePointer<Scalar>,
  stride: Int, columns: Int
) -> Bool {
  let (tileColumns, vector) = (Scalar.tileColumns, Scalar.Vector.scalarCount)
  guard job.rows % tileRows == 0 && columns == strips * tileColumns,
    (0..<columns).allSatisfy({ unsafe bases[$0] == bases[$0 / vector * vector] + $0 % vector })
  else { return false }
  let table = gather.offsets.enumerated().map { TableStep(a: Int32($0 * tileRows), b: Int32($1)) }
  unsafe table.withUnsafeBufferPointer { table in
    guard let steps = table.baseAddress else { return }
    for strip in 0..<strips {
      for panel in 0..<job.panels {
        let base = unsafe bases[strip * tileColumns]
        let strides = TableStrides(
          row: 1, outerA: gather.taps.count * tileRows, outerB: gather.paddedPlane,
          second: unsafe bases[strip * tileColumns + vector] - base, c: stride)
        unsafe multiplyTableTile(
          weights + panel * tileRows * gather.depth, planes + base, steps, steps: table.count, outer: gather.channels,
          strides, into: c + panel * tileRows * stride + strip * tileColumns, columns: tileColumns, isContinued: false)
      }
    }
  }
  return !table.isEmpty
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
