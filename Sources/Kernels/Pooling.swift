// Global average pooling: each plane (one channel of one image) becomes its mean.
//
// A plane is added pixel by pixel in order in Double, then divided by the number of pixels and rounded once.
// Tests    KernelsTests/PoolingTests.swift

/// The mean of every plane.
///
/// - Parameters:
///   - input: planes × pixels.
///   - pixels: The size of a plane.
/// - Returns: One number per plane.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func planeMeans<Scalar: RealScalar>(_ input: [Scalar], pixels: Int) -> [Scalar] {
  require(pixels > 0 && input.count % pixels == 0, "\(input.count) values are not planes of \(pixels) pixels")
  let planes = input.count / pixels
  let planesPerBlock = max(1, 8192 / pixels)
  return unsafe [Scalar](unsafeUninitializedCapacity: planes) { means, count in
    count = planes
    unsafe input.withUnsafeBufferPointer { input in
      nonisolated(unsafe) let (x, y) = unsafe (input, means)
      Parallel.forEachBlock((planes + planesPerBlock - 1) / planesPerBlock) { block in
        for plane in block * planesPerBlock..<min(planes, (block + 1) * planesPerBlock) {
          var total = 0.0
          for i in plane * pixels..<(plane + 1) * pixels { total += widened(unsafe x[i]) }
          unsafe y[plane] = Scalar(total / Double(pixels))
        }
      }
    }
  }
}

/// The gradient of ``planeMeans(_:pixels:)``: each plane's gradient over the number of pixels, at every pixel.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func planeMeansGradient<Scalar: RealScalar>(outputGradient: [Scalar], pixels: Int) -> [Scalar] {
  let planes = outputGradient.count
  let planesPerBlock = max(1, 8192 / pixels)
  return unsafe [Scalar](unsafeUninitializedCapacity: planes * pixels) { result, count in
    count = planes * pixels
    unsafe outputGradient.withUnsafeBufferPointer { gradient in
      nonisolated(unsafe) let (g, y) = unsafe (gradient, result)
      Parallel.forEachBlock((planes + planesPerBlock - 1) / planesPerBlock) { block in
        for plane in block * planesPerBlock..<min(planes, (block + 1) * planesPerBlock) {
          let share = unsafe g[plane] / Scalar(pixels)
          for i in plane * pixels..<(plane + 1) * pixels { unsafe y[i] = share }
        }
      }
    }
  }
}

/// The value as a Double. (The generic conversion of the standard library is a call per number.)
@inline(__always)
private func widened<Scalar: RealScalar>(_ value: Scalar) -> Double {
  if Scalar.self == Float.self { return Double(unsafe unsafeBitCast(value, to: Float.self)) }
  if Scalar.self == Double.self { return unsafe unsafeBitCast(value, to: Double.self) }
  return Double(value)
}
