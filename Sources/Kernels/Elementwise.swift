// Passes over whole arrays, one element at a time: ReLU, sums, the optimiser's update.
//
// Each reads and writes every array once, because these passes are bound by memory, not arithmetic. No element depends
// on another, so blocks and vectors change no bit.
// Tests    KernelsTests/ElementwiseTests.swift (bit for bit against ReferenceElementwise.swift)

/// Elements that one thread takes at once: 64 kB of Float.
private let blockSize = 16384

/// ReLU: max(0, x).
///
/// A NaN stays a NaN, so that a broken run is seen.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func relu<Scalar: RealScalar>(_ values: [Scalar]) -> [Scalar] {
  let total = values.count
  return unsafe [Scalar](unsafeUninitializedCapacity: total) { result, count in
    count = total
    unsafe values.withUnsafeBufferPointer { values in
      nonisolated(unsafe) let (x, y) = unsafe (values, result)
      Parallel.forEachBlock((total + blockSize - 1) / blockSize) { block in
        for i in block * blockSize..<min(total, (block + 1) * blockSize) { unsafe y[i] = x[i] < 0 ? 0 : x[i] }
      }
    }
  }
}

/// ReLU of a sum of as many values: max(0, a + b).
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func reluOfSum<Scalar: RealScalar>(_ a: [Scalar], _ b: [Scalar]) -> [Scalar] {
  require(a.count == b.count, "combining \(a.count) values with \(b.count)")
  let total = a.count
  return unsafe [Scalar](unsafeUninitializedCapacity: total) { result, count in
    count = total
    unsafe a.withUnsafeBufferPointer { a in
      unsafe b.withUnsafeBufferPointer { b in
        nonisolated(unsafe) let (x, y, z) = unsafe (a, b, result)
        Parallel.forEachBlock((total + blockSize - 1) / blockSize) { block in
          for i in block * blockSize..<min(total, (block + 1) * blockSize) {
            let sum = unsafe x[i] + y[i]
            unsafe z[i] = sum < 0 ? 0 : sum
          }
        }
      }
    }
  }
}

/// The gradient of ReLU's input: the output's gradient where the output is positive, else zero.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func reluGradient<Scalar: RealScalar>(outputGradient: [Scalar], output: [Scalar]) -> [Scalar] {
  require(outputGradient.count == output.count, "combining \(outputGradient.count) values with \(output.count)")
  let total = outputGradient.count
  return unsafe [Scalar](unsafeUninitializedCapacity: total) { result, count in
    count = total
    unsafe outputGradient.withUnsafeBufferPointer { outputGradient in
      unsafe output.withUnsafeBufferPointer { output in
        nonisolated(unsafe) let (x, y, z) = unsafe (outputGradient, output, result)
        Parallel.forEachBlock((total + blockSize - 1) / blockSize) { block in
          for i in block * blockSize..<min(total, (block + 1) * blockSize) {
            let gradient = unsafe x[i]
            unsafe z[i] = y[i] <= 0 ? 0 : gradient
          }
        }
      }
    }
  }
}

/// Adds to as many values: accumulator += scale · values.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func add<Scalar: RealScalar>(_ values: [Scalar], scaledBy scale: Scalar = 1, into accumulator: inout [Scalar]) {
  require(values.count == accumulator.count, "adding \(values.count) values into \(accumulator.count)")
  let count = values.count
  unsafe values.withUnsafeBufferPointer { values in
    unsafe accumulator.withUnsafeMutableBufferPointer { accumulator in
      nonisolated(unsafe) let (x, y) = unsafe (values, accumulator)
      Parallel.forEachBlock((count + blockSize - 1) / blockSize) { block in
        for i in block * blockSize..<min(count, (block + 1) * blockSize) { unsafe y[i] = y[i] + scale * x[i] }
      }
    }
  }
}

/// One step of stochastic gradient descent with momentum, as PyTorch's, in one pass.
///
///     g = gradient + weightDecay · value
///     velocity = momentum · velocity + g
///     value −= learningRate · (nesterov ? g + momentum · velocity : velocity)
///     gradient = 0
///
/// All arrays are equally long; the gradient is zeroed for the next step. A velocity of zeros makes the first step's
/// velocity the gradient itself, as PyTorch does.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func sgdUpdate<Scalar: RealScalar>(
  _ value: inout [Scalar], gradient: inout [Scalar], velocity: inout [Scalar], learningRate: Scalar, momentum: Scalar,
  nesterov: Bool, weightDecay: Scalar
) {
  require(
    value.count == gradient.count && value.count == velocity.count,
    "a step with \(value.count) values, \(gradient.count) gradients and \(velocity.count) velocities")
  let count = value.count
  unsafe value.withUnsafeMutableBufferPointer { value in
    unsafe gradient.withUnsafeMutableBufferPointer { gradient in
      unsafe velocity.withUnsafeMutableBufferPointer { velocity in
        nonisolated(unsafe) let (w, g, v) = unsafe (value, gradient, velocity)
        Parallel.forEachBlock((count + blockSize - 1) / blockSize) { block in
          for i in block * blockSize..<min(count, (block + 1) * blockSize) {
            let decayed = unsafe g[i] + weightDecay * w[i]
            let moved = unsafe decayed + momentum * v[i]
            let direction = nesterov ? decayed + momentum * moved : moved
            unsafe w[i] = w[i] - learningRate * direction
            unsafe v[i] = moved
            unsafe g[i] = 0
          }
        }
      }
    }
  }
}
