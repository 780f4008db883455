// The ReLU: y = max(0, x), with gradient g where y > 0 and zero elsewhere (zero at x = 0, as in PyTorch).
//
// After a batch norm it runs in the batch norm's own pass; after a residual sum it runs in the sum's pass.
// Tests    NetworksTests/ReLUTests.swift
import Kernels

/// The ReLU max(0, x), element by element; a NaN stays a NaN.
public struct ReLU<Scalar: RealScalar>: Sendable {
  /// What the backward pass needs.
  public struct Cache: Sendable {
    /// Shaped like the input; tells where the input was positive.
    let output: Tensor<Scalar>
  }

  /// A ReLU; it has no parameters.
  public init() {}

  /// max(0, input).
  public func forward(_ input: Tensor<Scalar>) -> (output: Tensor<Scalar>, cache: Cache) {
    let output = Tensor(shape: input.shape, values: relu(input.values))
    return (output, Cache(output: output))
  }

  /// max(0, input + residual), the end of a residual block.
  public func forward(
    _ input: Tensor<Scalar>, plus residual: Tensor<Scalar>
  ) -> (output: Tensor<Scalar>, cache: Cache) {
    require(input.shape == residual.shape, "a sum of shapes \(input.shape) and \(residual.shape)")
    let output = Tensor(shape: input.shape, values: reluOfSum(input.values, residual.values))
    return (output, Cache(output: output))
  }

  /// The gradient of the input (and of the residual, which has the same).
  public func backward(_ outputGradient: Tensor<Scalar>, cache: Cache) -> Tensor<Scalar> {
    require(
      outputGradient.shape == cache.output.shape,
      "a gradient of shape \(outputGradient.shape) for an output of shape \(cache.output.shape)")
    return Tensor(
      shape: outputGradient.shape,
      values: reluGradient(outputGradient: outputGradient.values, output: cache.output.values))
  }
}
