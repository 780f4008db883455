// Stochastic gradient descent with momentum and weight decay, exactly as PyTorch's.
//
//     g ← gradient + weightDecay · value           every parameter is decayed, batch norms and biases too
//     velocity ← momentum · velocity + g           the first step's velocity is g
//     value ← value − rate · (nesterov ? g + momentum · velocity : velocity)
//
// The rate stands outside the velocity: when the rate falls, old gradients are scaled down with it at once.
// Tests    NetworksTests/SGDTests.swift
import Kernels

/// The optimiser and its memory.
public struct SGD<Scalar: RealScalar>: Sendable {
  /// How much of the velocity survives a step; 0.9 in the paper's program.
  public let momentum: Scalar
  /// Whether the step looks ahead along the velocity; true in the paper's program.
  public let nesterov: Bool
  /// The weight of the squared norm of all parameters, times 2; 5e-4 in the paper's program.
  public let weightDecay: Scalar
  /// The velocity of each parameter, by its visited name; empty before the first step.
  public var velocities: [String: Tensor<Scalar>] = [:]

  /// An optimiser that has not moved yet.
  public init(momentum: Scalar = 0.9, nesterov: Bool = true, weightDecay: Scalar = 5e-4) {
    require(
      momentum >= 0 && weightDecay >= 0, "momentum and weight decay must not be negative: \(momentum), \(weightDecay)")
    require(!nesterov || momentum > 0, "Nesterov's step needs a momentum above 0")
    self.momentum = momentum
    self.nesterov = nesterov
    self.weightDecay = weightDecay
  }

  /// Updates every parameter of the module, then zeroes its gradient.
  public mutating func stepAndZeroGradients<M: Module>(_ module: inout M, learningRate: Double)
  where M.Scalar == Scalar {
    module.forEachParameter(prefix: "") { name, parameter in
      var velocity = velocities.removeValue(forKey: name) ?? Tensor(shape: parameter.value.shape)
      require(
        velocity.shape == parameter.value.shape,
        "a velocity of shape \(velocity.shape) for \(name) of shape \(parameter.value.shape)")
      sgdUpdate(
        &parameter.value.values, gradient: &parameter.gradient.values, velocity: &velocity.values,
        learningRate: Scalar(learningRate), momentum: momentum, nesterov: nesterov, weightDecay: weightDecay)
      velocities[name] = velocity
    }
  }
}
