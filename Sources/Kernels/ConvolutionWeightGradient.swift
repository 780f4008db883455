// The weight gradient of a convolution: a matrix product over pixels, bit-equal to seven nested loops.
//
//     ∂w[o, c, r, s] = Σ over (n, i, j) of ∂y[n, o, i, j] · x[n, c, i t + r − p, j t + s − p]
//
// Every (o, c, r, s) is one chain over all pixels of all images in order. A tile has one tap (r, s):
//
//     rows     channels c, read where they lie in the images: only pixels that the tap meets, so nothing is padded
//     columns  output channels o, from a transposed copy of ∂y, [o panel][image][pixel][o in the panel]
//
// | loop     | over                                   | what stays where                                             |
// | -------- | -------------------------------------- | ------------------------------------------------------------ |
// | 1 groups | images, in order                       | the transposed ∂y of the group, in L2                        |
// | 2 pack   | images of the group, in parallel       |                                                              |
// | 3 tiles  | (c panel, o panel, taps), in parallel  | a tile of ∂w in registers over the group's pixels (TableTile.swift) |
// | 4 order  | (c panel, o panel), in parallel        | the tiles of all taps, which become [o][c][r, s]             |
//
// A term that is left out is ∂y · 0, which changes no chain while ∂y is finite; where it is not, the nested loops do the work.
// Few input channels would leave most rows of a tile empty: ConvolutionPatches.swift. Tests    KernelsTests/ConvolutionTests.swift
import Synchronization

/// Scalars that the transposed ∂y of one group of images may take: 1 MiB of Float.
private let groupScalars = 1 << 18

/// The gradient of a convolution's weight.
///
/// - Parameters:
///   - outputGradient: ∂L/∂y: batch × outputChannels × outputHeight × outputWidth.
///   - input: x: batch × inputChannels × height × width.
///   - shape: All sizes, stride and padding.
/// - Returns: ∂L/∂w: outputChannels × inputChannels × kernelHeight × kernelWidth.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func convolutionWeightGradient<Scalar: RealScalar>(
  outputGradient: [Scalar], input: [Scalar], shape: ConvolutionShape
) -> [Scalar] {
  require(
    outputGradient.count == shape.outputCount,
    "a convolution's output gradient holds \(outputGradient.count) values, not \(shape.outputCount)")
  require(input.count == shape.inputCount, "a convolution's input holds \(input.count) values, not \(shape.inputCount)")
  let gradient: [Scalar]? = unsafe outputGradient.withUnsafeBufferPointer { outputGradient in
    unsafe input.withUnsafeBufferPointer { input in
      let (start, pixels) = unsafe (outputGradient.baseAddress.unsafelyUnwrapped, input.baseAddress.unsafelyUnwrapped)
      return shape.inputChannels < tileRows
        ? unsafe weightGradientOfPatches(start, pixels, shape) : unsafe weightGradientOfPlanes(start, pixels, shape)
    }
  }
  return gradient
    ?? referenceConvolutionWeightGradient(outputGradient: outputGradient, input: input, shape: shape)
}

/// For each tap the pixels of the output whose partner lies in the image: its place in a plane of x, and in ∂y's copy.
private func pixelTables(_ shape: ConvolutionShape, lanes: Int) -> [[TableStep]] {
  (0..<shape.kernelHeight * shape.kernelWidth).map { tap in
    let (r, s) = (tap / shape.kernelWidth, tap % shape.kernelWidth)
    return (0..<shape.outputHeight * shape.outputWidth).compactMap { pixel in
      let h = pixel / shape.outputWidth * shape.stride + r - shape.padding
      let w = pixel % shape.outputWidth * shape.stride + s - shape.padding
      guard (0..<shape.height).contains(h) && (0..<shape.width).contains(w) else { return nil }
      return TableStep(a: Int32(h * shape.width + w), b: Int32(pixel * lanes))
    }
  }
}

/// The gradient with planes of x as rows, for at least tileRows input channels; nil if ∂y is not finite.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func weightGradientOfPlanes<Scalar: RealScalar>(
  _ outputGradient: UnsafePointer<Scalar>, _ input: UnsafePointer<Scalar>, _ shape: ConvolutionShape
) -> [Scalar]? {
  let vector = Scalar.Vector.scalarCount
  let (channels, outputChannels) = (shape.inputChannels, shape.outputChannels)
  let (plane, pixels) = (shape.height * shape.width, shape.outputHeight * shape.outputWidth)
  // One vector is wide enough for few output channels.
  let width = outputChannels <= vector ? vector : Scalar.tileColumns
  let (panels, columnPanels) = ((channels + tileRows - 1) / tileRows, (outputChannels + width - 1) / width)
  let tables = pixelTables(shape, lanes: width)
  let groupSize = min(shape.batch, max(1, groupScalars / (pixels * columnPanels * width)))
  let groups = (shape.batch + groupSize - 1) / groupSize
  let units = panels * columnPanels
  // Enough blocks for many threads, few enough to hand out.
  let tapGroups = units < 16 ? tables.count : 1
  let tapsPerGroup = tables.count / tapGroups
  let (copyScalars, tileScalars) = (pixels * width, tileRows * width)
  let strides = TableStrides(row: plane, outerA: channels * plane, outerB: copyScalars, second: vector, c: width)
  let counts =
    (0..<2 * groups).map { phase in
      phase % 2 == 0 ? min(groupSize, shape.batch - phase / 2 * groupSize) : units * tapGroups
    } + [units]
  let allFinite = Atomic<Bool>(true)
  let gradient = unsafe withScratch(of: Scalar.self, count: columnPanels * groupSize * copyScalars) { copies in
    unsafe withScratch(of: Scalar.self, count: units * tables.count * tileScalars) { sums in
      unsafe [Scalar](unsafeUninitializedCapacity: shape.weightCount) { gradient, initialized in
        nonisolated(unsafe) let (outputGradient, input, copies, sums) = unsafe (outputGradient, input, copies, sums)
        nonisolated(unsafe) let target = unsafe gradient.baseAddress.unsafelyUnwrapped
        Parallel.forEachBlock(inPhases: counts, inParallel: shape.isLarge) { phase, block in
          let firstImage = phase / 2 * groupSize
          // The last panel overlaps the one before it, where the channels are no multiple of the tile's rows.
          let unit = phase == 2 * groups ? block : block / tapGroups
          let (panel, columnPanel) = (unit / columnPanels, unit % columnPanels)
          let channel = min(panel * tileRows, channels - tileRows)
          let tiles = unsafe sums + unit * tables.count * tileScalars
          if phase == 2 * groups {
            let (new, o) = (panel * tileRows, columnPanel * width)
            unsafe transposeLines(
              tiles,
              starts: (new - channel..<tileRows).flatMap { row in tables.indices.map { ($0 * tileRows + row) * width }
              },
              columns: min(width, outputChannels - o), into: target + (o * channels + new) * tables.count,
              lanes: (channel + tileRows - new) * tables.count, stride: channels * tables.count)
          } else if phase % 2 == 0 {
            for columnPanel in 0..<columnPanels {
              let copy = unsafe copies + (columnPanel * groupSize + block) * copyScalars
              let o = columnPanel * width
              unsafe packPanel(
                outputGradient + ((firstImage + block) * outputChannels + o) * pixels, lineStride: pixels,
                stepStride: 1, present: min(width, outputChannels - o), lanes: width, depth: pixels, into: copy)
              if unsafe !isFinite(copy, count: copyScalars) { allFinite.store(false, ordering: .relaxed) }
            }
          } else {
            let planes = unsafe input + (firstImage * channels + channel) * plane
            let first = block % tapGroups * tapsPerGroup
            for tap in first..<first + tapsPerGroup {
              unsafe addTile(
                planes, copies + columnPanel * groupSize * copyScalars, tables[tap], images: counts[phase - 1], strides,
                into: tiles + tap * tileScalars, width: width, isContinued: firstImage > 0)
            }
          }
        }
        initialized = shape.weightCount
      }
    }
  }
  return allFinite.load(ordering: .relaxed) ? gradient : nil
}

/// One tile over the pixels of a group; a tap that meets no pixel leaves zeros.
@inline(__always)
private func addTile<Scalar: RealScalar>(
  _ planes: UnsafePointer<Scalar>, _ copies: UnsafePointer<Scalar>, _ table: [TableStep], images: Int,
  _ strides: TableStrides, into tile: UnsafeMutablePointer<Scalar>, width: Int, isContinued: Bool
) {
  unsafe table.withUnsafeBufferPointer { table in
    guard let steps = table.baseAddress, !table.isEmpty else {
      unsafe tile.update(repeating: 0, count: tileRows * width)
      return
    }
    unsafe multiplyTableTile(
      planes, copies, steps, steps: table.count, outer: images, strides, into: tile, columns: width,
      isContinued: isContinued)
  }
}
