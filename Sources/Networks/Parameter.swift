// What an optimiser changes: a value with its gradient.
import Kernels

/// A trainable tensor and the gradient that backward passes have added up for it.
public struct Parameter<Scalar: RealScalar>: Sendable, Equatable {
  /// The trained values.
  public var value: Tensor<Scalar>
  /// The sum of the gradients since the last optimiser step, shaped like the value.
  public var gradient: Tensor<Scalar>

  /// A parameter with a zero gradient.
  public init(_ value: Tensor<Scalar>) {
    self.value = value
    self.gradient = Tensor(shape: value.shape)
  }
}

/// Whether a layer learns from the batch (batch norm uses and records its statistics) or applies what it has learnt.
public enum Mode: Sendable {
  case training, evaluation
}

/// A part of a network that owns parameters and buffers, visited in a fixed order under PyTorch's names.
public protocol Module {
  associatedtype Scalar: RealScalar
  /// Visits every parameter; `prefix` is the name's beginning, such as "layer1.0.".
  mutating func forEachParameter(prefix: String, _ body: (String, inout Parameter<Scalar>) throws -> Void) rethrows
  /// Visits every buffer (running statistics), which no optimiser touches.
  mutating func forEachBuffer(prefix: String, _ body: (String, inout Tensor<Scalar>) throws -> Void) rethrows
}

extension Module {
  /// Visits nothing: most parts have no buffers.
  public mutating func forEachBuffer(prefix: String, _ body: (String, inout Tensor<Scalar>) throws -> Void) rethrows {}
}
