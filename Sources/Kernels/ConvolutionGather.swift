// Where a convolution finds its pixels: an implicit matrix product that never writes the big matrix down.
//
// Forward and input gradient have one form. With channels z and taps (r, s) of the source,
//     target[n, m, q] = Σ over z, tap of A[m, (z, tap)] · source[n, z, base(q) + offset(tap)]       chain over (z, tap)
// where base(q) is the place in the padded plane that pixel q starts from:
//
//     padded plane            pixel q          taps of a 3 × 3 kernel, as offsets
//     0 0 0 0 0 0             base(q) ─┐        0        1        2
//     0 x x x x 0                      ▼        width    width+1  width+2
//     0 x x x x 0             + offset(tap)     2 width  …
//     0 0 0 0 0 0
//
// With stride t the input gradient falls into t × t phases, each a convolution of its own with the taps that exist there.

/// One implicit product over every image of a batch.
struct ConvolutionGather: Sendable {
  /// Channels of the source.
  let channels: Int
  /// Rows and columns of a source plane as it lies in memory.
  let height: Int
  let width: Int
  /// Zeros around a source plane: above, and below, left and right alike in the columns.
  let before: Int
  let afterRows: Int
  let afterColumns: Int
  /// Kernel positions (row, column) that take part, in chain order.
  let taps: [(row: Int, column: Int)]
  /// Place of each tap in a padded plane, relative to a pixel's base.
  let offsets: [Int]
  /// For each target pixel that is computed: its base in a padded plane, and its place in the target plane.
  let bases: [Int]
  let targets: [Int]

  var paddedWidth: Int { width + before + afterColumns }
  var paddedHeight: Int { height + before + afterRows }
  var paddedPlane: Int { paddedWidth * paddedHeight }
  var isPadded: Bool { before + afterRows + afterColumns > 0 }
  /// Terms of each chain.
  var depth: Int { channels * taps.count }

  /// The forward convolution.
  static func forward(_ shape: ConvolutionShape) -> ConvolutionGather {
    let width = shape.width + 2 * shape.padding
    let taps = (0..<shape.kernelHeight).flatMap { r in (0..<shape.kernelWidth).map { (row: r, column: $0) } }
    return ConvolutionGather(
      channels: shape.inputChannels, height: shape.height, width: shape.width, before: shape.padding,
      afterRows: shape.padding, afterColumns: shape.padding, taps: taps,
      offsets: taps.map { $0.row * width + $0.column },
      bases: (0..<shape.outputHeight).flatMap { i in
        (0..<shape.outputWidth).map { (i * width + $0) * shape.stride }
      },
      targets: Array(0..<shape.outputHeight * shape.outputWidth))
  }

  /// The input gradient, one gather for each phase of the stride; all share one padded source.
  static func inputGradient(_ shape: ConvolutionShape) -> [ConvolutionGather] {
    // Pixel h meets tap r in output row (h + p − r) / t: as early as −before, as late as (height − 1 + p) / t.
    let (t, p) = (shape.stride, shape.padding)
    let reach = max(shape.kernelHeight, shape.kernelWidth) - 1 - p
    let before = max(0, (reach + t - 1) / t)
    let afterRows = max(0, (shape.height - 1 + p) / t - (shape.outputHeight - 1))
    let afterColumns = max(0, (shape.width - 1 + p) / t - (shape.outputWidth - 1))
    let width = shape.outputWidth + before + afterColumns
    var phases: [ConvolutionGather] = []
    for firstRow in 0..<min(t, shape.height) {
      for firstColumn in 0..<min(t, shape.width) {
        let (r0, s0) = ((firstRow + p) % t, (firstColumn + p) % t)
        let taps = stride(from: r0, to: shape.kernelHeight, by: t).flatMap { r in
          stride(from: s0, to: shape.kernelWidth, by: t).map { (row: r, column: $0) }
        }
        let pixels = stride(from: firstRow, to: shape.height, by: t).flatMap { h in
          stride(from: firstColumn, to: shape.width, by: t).map { (h, $0) }
        }
        phases.append(
          ConvolutionGather(
            channels: shape.outputChannels, height: shape.outputHeight, width: shape.outputWidth, before: before,
            afterRows: afterRows, afterColumns: afterColumns, taps: taps,
            offsets: taps.map { -(($0.row - r0) / t * width + ($0.column - s0) / t) },
            bases: pixels.map { h, w in ((h + p - r0) / t + before) * width + (w + p - s0) / t + before },
            targets: pixels.map { h, w in h * shape.width + w }))
      }
    }
    return phases
  }
}

/// Copies image `image` of a batch into `padded`, channels × paddedHeight × paddedWidth, with zeros around each plane.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func padImage<Scalar: RealScalar>(
  _ source: UnsafePointer<Scalar>, _ gather: ConvolutionGather, into padded: UnsafeMutablePointer<Scalar>
) {
  let (height, width, paddedWidth) = (gather.height, gather.width, gather.paddedWidth)
  let plane = gather.paddedPlane
  unsafe padded.update(repeating: 0, count: gather.channels * plane)
  for z in 0..<gather.channels {
    var to = unsafe padded + z * plane + gather.before * paddedWidth + gather.before
    var from = unsafe source + z * height * width
    for _ in 0..<height {
      var w = 0
      while w + 8 <= width {
        let values = unsafe UnsafeRawPointer(from + w).loadUnaligned(as: SIMD8<Scalar>.self)
        unsafe UnsafeMutableRawPointer(to + w).storeBytes(of: values, as: SIMD8<Scalar>.self)
        w += 8
      }
      while w < width {
        unsafe to[w] = from[w]
        w += 1
      }
      unsafe to += paddedWidth
      unsafe from += width
    }
  }
}
