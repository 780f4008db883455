// The element-by-element passes as their definitions. Elementwise.swift must return the same bits.

/// The reference implementation of ``relu(_:)``.
public func referenceReLU<Scalar: RealScalar>(_ values: [Scalar]) -> [Scalar] { values.map { $0 < 0 ? 0 : $0 } }

/// The reference implementation of ``reluOfSum(_:_:)``.
public func referenceReLUOfSum<Scalar: RealScalar>(_ a: [Scalar], _ b: [Scalar]) -> [Scalar] {
  referenceReLU(zip(a, b).map { $0 + $1 })
}

/// The reference implementation of ``reluGradient(outputGradient:output:)``.
public func referenceReLUGradient<Scalar: RealScalar>(outputGradient: [Scalar], output: [Scalar]) -> [Scalar] {
  zip(outputGradient, output).map { $1 <= 0 ? 0 : $0 }
}

/// The reference implementation of ``add(_:scaledBy:into:)``.
public func referenceAdd<Scalar: RealScalar>(
  _ values: [Scalar], scaledBy scale: Scalar = 1, into accumulator: inout [Scalar]
) {
  for i in values.indices { accumulator[i] = accumulator[i] + scale * values[i] }
}

/// The reference implementation of ``sgdUpdate(_:gradient:velocity:learningRate:momentum:nesterov:weightDecay:)``.
public func referenceSGDUpdate<Scalar: RealScalar>(
  _ value: inout [Scalar], gradient: inout [Scalar], velocity: inout [Scalar], learningRate: Scalar, momentum: Scalar,
  nesterov: Bool, weightDecay: Scalar
) {
  for i in value.indices {
    let decayed = gradient[i] + weightDecay * value[i]
    velocity[i] = decayed + momentum * velocity[i]
    let direction = nesterov ? decayed + momentum * velocity[i] : velocity[i]
    value[i] = value[i] - learningRate * direction
    gradient[i] = 0
  }
}

/// The reference implementation of ``planeMeans(_:pixels:)``.
public func referencePlaneMeans<Scalar: RealScalar>(_ input: [Scalar], pixels: Int) -> [Scalar] {
  stride(from: 0, to: input.count, by: pixels).map { first in
    var total = 0.0
    for i in first..<first + pixels { total += Double(input[i]) }
    return Scalar(total / Double(pixels))
  }
}

/// The reference implementation of ``planeMeansGradient(outputGradient:pixels:)``.
public func referencePlaneMeansGradient<Scalar: RealScalar>(outputGradient: [Scalar], pixels: Int) -> [Scalar] {
  outputGradient.flatMap { Array(repeating: $0 / Scalar(pixels), count: pixels) }
}
