// The starting values of a network's parameters: PyTorch's defaults.
//
//     convolution and linear weights, linear biases   uniform in ±1/sqrt(fan-in)
//     batch-norm weight (gamma) and bias (beta)       1 and 0
//
// A convolution's fan-in is inputChannels × kernelHeight × kernelWidth; a linear layer's its number of inputs. PyTorch
// reaches the same bound as kaiming_uniform with a = sqrt 5.
// Tests    NetworksTests/InitialisationTests.swift
import Kernels

/// Draws the starting values of one parameter after another, in the order in which the network visits them.
///
/// Parameter number i of the visiting order comes from `RandomStream(seed:, purpose: .weights, image: i)`; constants
/// take a number too. So a parameter's values depend on its place in the network, not on the sizes of the others.
public struct Initialisation: Sendable {
  private let seed: UInt32
  private var index: Int

  /// Begins at the first parameter, or at another index of the visiting order.
  public init(seed: UInt32, index: Int = 0) { (self.seed, self.index) = (seed, index) }

  /// The next parameter, uniform in ±1/sqrt(fanIn).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func uniform<Scalar: RealScalar>(_ shape: [Int], fanIn: Int) -> Parameter<Scalar> {
    require(fanIn > 0, "the fan-in must be positive, not \(fanIn)")
    var stream = RandomStream(seed: seed, purpose: .weights, image: index)
    index += 1
    let bound = 1 / Double(fanIn).squareRoot()
    let values = (0..<shape.reduce(1, *)).map { _ in Scalar(stream.uniform(-bound, bound)) }
    return Parameter(Tensor(shape: shape, values: values))
  }

  /// The next parameter, one repeated value.
  public mutating func constant<Scalar: RealScalar>(_ shape: [Int], _ value: Scalar) -> Parameter<Scalar> {
    index += 1
    return Parameter(Tensor(shape: shape, repeating: value))
  }
}
