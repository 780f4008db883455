// A convolution with one pixel of many images in the lanes of a vector: for small planes.
//
//     source [image][z][pixel]   →   [z][pixel][image]  ──tiles──▶  [m][pixel][image]   →   target [image][m][pixel]
//
// All lanes of a tile have the same pixel, so taps that fall on padding are left out for the whole tile: of a 4 × 4 plane under a
// 3 × 3 kernel nearly a third. Nothing is padded or gathered; the two transpositions are cheap because the planes are small.
//
// | loop      | over                                      | what stays where                                         |
// | --------- | ----------------------------------------- | -------------------------------------------------------- |
// | 1 lanes   | tileColumns images, in parallel           |                                                          |
// | 2 rows    | panelsPerBlock row panels, in parallel    |                                                          |
// | 3 depth   | some channels, in order                   | their pixels of all images in L2                         |
// | 4 panels  | row panels of the weights                 | the panel's weights in L1                                |
// | 5 pixels  | pixels of the target (TableTile.swift)    | one tile of the target in registers                      |
//
// Tests    KernelsTests/ConvolutionTests.swift

/// Row panels of one block.
private let panelsPerBlock = 8
/// Pixels of a plane above which the transpositions cost more than the skipped padding saves.
private let pixelLimit = 100

/// Whether images in lanes take fewer multiply-adds than pixels in lanes.
func prefersImageLanes<Scalar: RealScalar>(_ job: GatherJob<Scalar>, lanes: Int) -> Bool {
  let pixels = job.gathers.reduce(0) { $0 + $1.bases.count }
  guard pixels <= pixelLimit && job.gathers[0].isPadded else { return false }
  let all = job.gathers.reduce(0) { $0 + $1.bases.count * $1.taps.count }
  let inside = job.gathers.reduce(0) { $0 + $1.insideTaps.reduce(0) { $0 + $1.count } }
  // Lanes without an image work for nothing.
  let padded = (job.batch + lanes - 1) / lanes * lanes
  return inside * padded < all * job.batch
}

extension ConvolutionGather {
  /// For each target pixel the taps that meet the image, with the place of the pixel that each meets in the unpadded plane.
  var insideTaps: [[(tap: Int, index: Int)]] {
    bases.map { base in
      offsets.indices.compactMap { tap in
        let index = base + offsets[tap]
        let (row, column) = (index / paddedWidth, index % paddedWidth)
        // Undo the sorting by phases.
        let w = column % phaseWidth * columnPhases + column / phaseWidth - before
        let h = row - before
        return (0..<height).contains(h) && (0..<width).contains(w) ? (tap, h * width + w) : nil
      }
    }
  }
}

/// The terms of one target pixel's chains within one channel.
private struct PixelTable {
  let target: Int
  let steps: Range<Int>
}

/// Runs every gather over every image, images in lanes; all weights must be finite.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func convolveImages<Scalar: RealScalar>(_ job: GatherJob<Scalar>) {
  let lanes = Scalar.tileColumns
  let first = job.gathers[0]
  let (channels, plane) = (first.channels, first.height * first.width)
  let imagePanels = (job.batch + lanes - 1) / lanes
  let (sourceCount, targetCount) = (channels * plane * lanes, job.panels * tileRows * job.targetPlane * lanes)
  let rowBlocks = (job.panels + panelsPerBlock - 1) / panelsPerBlock
  let channelGroup = max(1, 4096 / (plane * lanes))
  let channelGroups = (channels + channelGroup - 1) / channelGroup
  let rowGroup = max(1, 4096 / (job.targetPlane * lanes))
  let rowGroups = (job.rows + rowGroup - 1) / rowGroup
  let (tables, steps) = pixelTables(job.gathers)
  let weightOffsets = job.weightsOfGathers
  unsafe withScratch(of: Scalar.self, count: imagePanels * (sourceCount + targetCount)) { memory in
    nonisolated(unsafe) let (sources, targets) = unsafe (memory, memory + imagePanels * sourceCount)
    let phases = [imagePanels * channelGroups, imagePanels * rowBlocks, imagePanels * rowGroups]
    Parallel.forEachBlock(inPhases: phases, inParallel: job.isLarge) { phase, block in
      let imagePanel = block % imagePanels
      let images = imagePanel * lanes..<min(job.batch, (imagePanel + 1) * lanes)
      let (source, target) = unsafe (sources + imagePanel * sourceCount, targets + imagePanel * targetCount)
      let group = block / imagePanels
      switch phase {
      case 0:
        let z = group * channelGroup
        unsafe packPanel(
          job.source + (images.lowerBound * channels + z) * plane, lineStride: channels * plane, stepStride: 1,
          present: images.count, lanes: lanes, depth: min(channelGroup, channels - z) * plane,
          into: source + z * plane * lanes)
      case 1:
        let panels = group * panelsPerBlock..<min(job.panels, (group + 1) * panelsPerBlock)
        for (number, gather) in job.gathers.enumerated() {
          unsafe multiplyPixels(
            job, gather, tables[number], steps, source: source, weights: job.weights + weightOffsets[number],
            panels: panels,
            into: target)
        }
      default:
        let m = group * rowGroup
        unsafe transpose(
          target + m * job.targetPlane * lanes, rows: min(rowGroup, job.rows - m) * job.targetPlane,
          columns: images.count, stride: lanes, into: job.target + (images.lowerBound * job.rows + m) * job.targetPlane,
          stride: job.rows * job.targetPlane)
      }
    }
  }
}

/// One list of steps for all pixels of all gathers.
private func pixelTables(_ gathers: [ConvolutionGather]) -> (tables: [[PixelTable]], steps: [(tap: Int, index: Int)]) {
  var steps: [(tap: Int, index: Int)] = []
  let tables = gathers.map { gather in
    zip(gather.insideTaps, gather.targets).map { taps, target in
      steps += taps
      return PixelTable(target: target, steps: steps.count - taps.count..<steps.count)
    }
  }
  return (tables, steps)
}

/// Every pixel of the target for some row panels.
@inline(__always)
private func multiplyPixels<Scalar: RealScalar>(
  _ job: GatherJob<Scalar>, _ gather: ConvolutionGather, _ tables: [PixelTable], _ steps: [(tap: Int, index: Int)],
  source: UnsafePointer<Scalar>, weights: UnsafePointer<Scalar>, panels: Range<Int>,
  into target: UnsafeMutablePointer<Scalar>
) {
  let (lanes, taps, plane) = (Scalar.tileColumns, gather.taps.count, gather.height * gather.width)
  let table = steps.map { TableStep(a: Int32($0.tap * tileRows), b: Int32($0.index * lanes)) }
  let strides = TableStrides(
    row: 1, outerA: taps * tileRows, outerB: plane * lanes, second: Scalar.Vector.scalarCount,
    c: job.targetPlane * lanes)
  let block = gather.channelBlock
  unsafe table.withUnsafeBufferPointer { table in
    // An empty table has no address, and no step is read.
    let start =
      unsafe table.baseAddress ?? UnsafePointer(bitPattern: MemoryLayout<TableStep>.alignment).unsafelyUnwrapped
    for z in stride(from: 0, to: gather.channels, by: block) {
      for panel in panels {
        for pixel in tables {
          unsafe multiplyTableTile(
            weights + (panel * gather.depth + z * taps) * tileRows, source + z * plane * lanes,
            start + pixel.steps.lowerBound, steps: pixel.steps.count, outer: min(block, gather.channels - z), strides,
            into: target + (panel * tileRows * job.targetPlane + pixel.target) * lanes, columns: lanes,
            isContinued: z > 0)
        }
      }
    }
  }
}
