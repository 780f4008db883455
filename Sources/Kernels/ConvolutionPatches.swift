// The weight gradient of a convolution with few input channels, where whole patches fit into the lanes of a vector.
//
//     ∂w[o, (c, r, s)] = Σ over (n, pixel) of ∂y[n, o, pixel] · patch[n, pixel, (c, r, s)]
//
// A tile's rows are output channels, read where they lie in ∂y; its columns are entries of the patches, which are written down
// for a group of images at a time: [image][pixel][(c, r, s)], padding as zeros. Tests    KernelsTests/ConvolutionTests.swift

/// Scalars that the patches of one group of images may take: 512 KiB of Float.
private let groupScalars = 1 << 17

/// The gradient of the weight by patches, of arguments and with a result as those of `convolutionWeightGradient`.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func weightGradientOfPatches<Scalar: RealScalar>(
  _ outputGradient: UnsafePointer<Scalar>, _ input: UnsafePointer<Scalar>, _ shape: ConvolutionShape
) -> [Scalar] {
  let gather = ConvolutionGather.forward(shape)
  let (vector, width) = (Scalar.Vector.scalarCount, Scalar.tileColumns)
  let (pixels, outputChannels, depth) = (gather.bases.count, shape.outputChannels, gather.depth)
  let lanes = (depth + vector - 1) / vector * vector
  let panels = (outputChannels + tileRows - 1) / tileRows
  let columnPanels = (lanes + width - 1) / width
  // Fewer output channels than a tile's rows: the rows are copied, and zeros added.
  let copiedRows = outputChannels < tileRows ? tileRows : 0
  let imageScalars = pixels * (lanes + copiedRows)
  let groupSize = min(shape.batch, max(1, groupScalars / imageScalars))
  let groups = (shape.batch + groupSize - 1) / groupSize
  let table = (0..<pixels).map { TableStep(a: Int32($0), b: Int32($0 * lanes)) }
  let strides = TableStrides(
    row: pixels, outerA: copiedRows > 0 ? imageScalars : outputChannels * pixels, outerB: imageScalars, second: vector,
    c: lanes)
  let sourceImage = shape.inputChannels * shape.height * shape.width
  return unsafe withScratch(of: Scalar.self, count: groupSize * imageScalars) { memory in
    unsafe withScratch(of: Scalar.self, count: panels * tileRows * lanes) { sums in
      nonisolated(unsafe) let (outputGradient, input, memory, sums) = unsafe (outputGradient, input, memory, sums)
      let counts = (0..<2 * groups).map { phase in
        phase % 2 == 0 ? min(groupSize, shape.batch - phase / 2 * groupSize) : panels * columnPanels
      }
      Parallel.forEachBlock(inPhases: counts, inParallel: shape.isLarge) { phase, block in
        let firstImage = phase / 2 * groupSize
        if phase % 2 == 0 {
          let image = firstImage + block
          let (patches, rows) = unsafe (memory + block * imageScalars, memory + block * imageScalars + pixels * lanes)
          unsafe writePatches(input + image * sourceImage, gather, outputWidth: shape.outputWidth, lanes, into: patches)
          if copiedRows > 0 {
            unsafe rows.update(
              from: outputGradient + image * outputChannels * pixels, count: outputChannels * pixels)
            unsafe (rows + outputChannels * pixels).update(
              repeating: 0, count: (copiedRows - outputChannels) * pixels)
          }
          return
        }
        let (panel, column) = (block / columnPanels, block % columnPanels * width)
        // The last panel overlaps the one before it, where the channels are no multiple of the tile's rows.
        let first = max(0, min(panel * tileRows, outputChannels - tileRows))
        let rows =
          unsafe copiedRows > 0
          ? UnsafePointer(memory + pixels * lanes) : outputGradient + (firstImage * outputChannels + first) * pixels
        unsafe table.withUnsafeBufferPointer { table in
          unsafe multiplyTableTile(
            rows, memory + column, table.baseAddress.unsafelyUnwrapped, steps: pixels, outer: counts[phase - 1],
            strides, into: sums + panel * tileRows * lanes + column, columns: min(width, lanes - column),
            isContinued: firstImage > 0)
        }
      }
      return unsafe [Scalar](unsafeUninitializedCapacity: shape.weightCount) { gradient, initialized in
        for o in 0..<outputChannels {
          let panel = o / tileRows
          let row = o - max(0, min(panel * tileRows, outputChannels - tileRows))
          let from = unsafe sums + (panel * tileRows + row) * lanes
          for k in 0..<depth { unsafe gradient[o * depth + k] = from[k] }
        }
        initialized = shape.weightCount
      }
    }
  }
}

/// Writes the patches of one image: pixels × lanes, zeros past the last entry.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func writePatches<Scalar: RealScalar>(
  _ image: UnsafePointer<Scalar>, _ gather: ConvolutionGather, outputWidth: Int, _ lanes: Int,
  into patches: UnsafeMutablePointer<Scalar>
) {
  unsafe withScratch(of: Scalar.self, count: gather.isPadded ? gather.channels * gather.paddedPlane : 0) { padded in
    if gather.isPadded { unsafe padImage(image, gather, into: padded) }
    let planes = unsafe gather.isPadded ? UnsafePointer(padded) : image
    let starts = (0..<gather.depth).map { k in
      k / gather.taps.count * gather.paddedPlane + gather.offsets[k % gather.taps.count]
    }
    let isContiguous = outputWidth == 1 || gather.bases[1] == gather.bases[0] + 1
    let run = isContiguous ? outputWidth : 1
    for pixel in stride(from: 0, to: gather.bases.count, by: run) {
      unsafe transposeLines(
        planes + gather.bases[pixel], starts: starts, columns: run, into: patches + pixel * lanes, lanes: lanes,
        stride: lanes)
    }
  }
}
