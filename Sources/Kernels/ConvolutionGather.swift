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
// Forward with stride t, the columns of a padded plane lie sorted by column mod t: neighbouring pixels then start from
// neighbouring places, as they do with stride 1.

/// About how many terms of the chains lie between two visits to the target.
private let kc = 512

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
  /// t where the columns of a padded plane are sorted by column mod t, otherwise 1.
  let columnPhases: Int
  /// Kernel positions (row, column) that take part, in chain order.
  let taps: [(row: Int, column: Int)]
  /// Place of each tap in a padded plane, relative to a pixel's base.
  let offsets: [Int]
  /// For each target pixel that is computed: its base in a padded plane, and its place in the target plane.
  let bases: [Int]
  let targets: [Int]

  /// The columns of one phase; the last of a phase may be one that no tap reaches.
  var phaseWidth: Int { (width + before + afterColumns + columnPhases - 1) / columnPhases }
  var paddedWidth: Int { columnPhases * phaseWidth }
  var paddedHeight: Int { height + before + afterRows }
  var paddedPlane: Int { paddedWidth * paddedHeight }
  var isPadded: Bool { before + afterRows + afterColumns > 0 }
  /// Terms of each chain.
  var depth: Int { channels * taps.count }

  /// The taps as a grid, where they form one.
  var grid: TapGrid? {
    TapGrid(offsets: offsets, columns: Set(taps.map(\.column)).count)
  }

  /// Channels of one stretch of the depth: all stretches are about equally long.
  var channelBlock: Int {
    let stretches = max(1, (depth + kc / 2) / kc)
    return max(1, (channels + stretches - 1) / stretches)
  }

  /// The forward convolution.
  static func forward(_ shape: ConvolutionShape) -> ConvolutionGather {
    // Without padding the image is read as it lies.
    let phases = shape.padding > 0 ? shape.stride : 1
    let phaseWidth = (shape.width + 2 * shape.padding + phases - 1) / phases
    let (width, step) = (phases * phaseWidth, shape.stride / phases)
    let taps = (0..<shape.kernelHeight).flatMap { r in (0..<shape.kernelWidth).map { (row: r, column: $0) } }
    return ConvolutionGather(
      channels: shape.inputChannels, height: shape.height, width: shape.width, before: shape.padding,
      afterRows: shape.padding, afterColumns: shape.padding, columnPhases: phases, taps: taps,
      offsets: taps.map { $0.row * width + $0.column % phases * phaseWidth + $0.column / phases },
      bases: (0..<shape.outputHeight).flatMap { i in
        (0..<shape.outputWidth).map { i * shape.stride * width + $0 * step }
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
            afterRows: afterRows, afterColumns: afterColumns, columnPhases: 1, taps: taps,
            offsets: taps.map { -(($0.row - r0) / t * width + ($0.column - s0) / t) },
            bases: pixels.map { h, w in ((h + p - r0) / t + before) * width + (w + p - s0) / t + before },
            targets: pixels.map { h, w in h * shape.width + w }))
      }
    }
    return phases
  }
}

/// Copies one image into `padded`, channels × paddedHeight × paddedWidth, with zeros around each plane.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func padImage<Scalar: RealScalar>(
  _ source: UnsafePointer<Scalar>, _ gather: ConvolutionGather, into padded: UnsafeMutablePointer<Scalar>
) {
  let (height, width, paddedWidth) = (gather.height, gather.width, gather.paddedWidth)
  if gather.columnPhases > 1 {
    unsafe padImageByPhases(source, gather, into: padded)
    return
  }
  // The zeros between two rows are those right of the first and left of the second.
  let between = paddedWidth - width
  var (from, to) = unsafe (source, padded)
  for _ in 0..<gather.channels {
    unsafe clear(&to, gather.before * paddedWidth + gather.before)
    for row in 0..<height {
      unsafe copyRow(from, to, count: width)
      unsafe to += width
      unsafe from += width
      if row < height - 1 && width >= 8 && between <= 8 {
        // More zeros than are wanted: the next row is written over the rest.
        unsafe UnsafeMutableRawPointer(to).storeBytes(of: .zero, as: SIMD8<Scalar>.self)
        unsafe to += between
      } else {
        unsafe clear(&to, row < height - 1 ? between : gather.afterColumns + gather.afterRows * paddedWidth)
      }
    }
  }
}

/// Writes zeros and moves on.
///
/// Rows are short: a call into the C library for each would cost more than the copy.
@inline(__always)
private func clear<Scalar: RealScalar>(_ pointer: inout UnsafeMutablePointer<Scalar>, _ count: Int) {
  var rest = count
  while rest >= 8 {
    unsafe UnsafeMutableRawPointer(pointer).storeBytes(of: .zero, as: SIMD8<Scalar>.self)
    unsafe pointer += 8
    rest &-= 8
  }
  while rest > 0 {
    unsafe pointer.pointee = 0
    unsafe pointer += 1
    rest &-= 1
  }
}

@inline(__always)
private func copyRow<Scalar: RealScalar>(
  _ from: UnsafePointer<Scalar>, _ to: UnsafeMutablePointer<Scalar>, count: Int
) {
  var w = 0
  while w &+ 16 <= count {
    let values = unsafe UnsafeRawPointer(from + w).loadUnaligned(as: SIMD16<Scalar>.self)
    unsafe UnsafeMutableRawPointer(to + w).storeBytes(of: values, as: SIMD16<Scalar>.self)
    w &+= 16
  }
  if w &+ 8 <= count {
    let values = unsafe UnsafeRawPointer(from + w).loadUnaligned(as: SIMD8<Scalar>.self)
    unsafe UnsafeMutableRawPointer(to + w).storeBytes(of: values, as: SIMD8<Scalar>.self)
    w &+= 8
  }
  while w < count {
    unsafe to[w] = from[w]
    w &+= 1
  }
}

/// The same with the columns sorted by their phase.
@inline(__always)
private func padImageByPhases<Scalar: RealScalar>(
  _ source: UnsafePointer<Scalar>, _ gather: ConvolutionGather, into padded: UnsafeMutablePointer<Scalar>
) {
  let (phases, phaseWidth, paddedWidth) = (gather.columnPhases, gather.phaseWidth, gather.paddedWidth)
  unsafe padded.update(repeating: 0, count: gather.channels * gather.paddedPlane)
  for z in 0..<gather.channels {
    for row in 0..<gather.height {
      let from = unsafe source + (z * gather.height + row) * gather.width
      let to = unsafe padded + z * gather.paddedPlane + (row + gather.before) * paddedWidth
      // Where an image column goes: to its phase, at its place there.
      func target(_ w: Int) -> UnsafeMutablePointer<Scalar> {
        unsafe to + (w + gather.before) % phases * phaseWidth + (w + gather.before) / phases
      }
      var w = 0
      if phases == 2 {
        while w + 16 <= gather.width {
          let values = unsafe UnsafeRawPointer(from + w).loadUnaligned(as: SIMD16<Scalar>.self)
          unsafe UnsafeMutableRawPointer(target(w)).storeBytes(of: values.evenHalf, as: SIMD8<Scalar>.self)
          unsafe UnsafeMutableRawPointer(target(w + 1)).storeBytes(of: values.oddHalf, as: SIMD8<Scalar>.self)
          w += 16
        }
      }
      while w < gather.width {
        unsafe target(w).pointee = from[w]
        w += 1
      }
    }
  }
}
