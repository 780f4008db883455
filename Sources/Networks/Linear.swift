// The fully connected layer, as PyTorch's Linear.
//
//     Y = X Wᵀ + b,   ∂X = G W,   ∂W = Gᵀ X,   ∂b = Σ over rows of G
//
// Tests    NetworksTests/LinearTests.swift
import Kernels

/// A linear map of rows with a bias.
public struct Linear<Scalar: RealScalar>: Module, Sendable {
  /// outputs × inputs.
  public var weight: Parameter<Scalar>
  /// outputs.
  public var bias: Parameter<Scalar>

  /// What the backward pass needs.
  public struct Cache: Sendable {
    /// rows × inputs.
    let input: Tensor<Scalar>
  }

  /// A linear map with PyTorch's default initialisation; the weight is drawn first, then the bias.
  public init(inputs: Int, outputs: Int, initialisation: inout Initialisation) {
    weight = initialisation.uniform([outputs, inputs], fanIn: inputs)
    bias = initialisation.uniform([outputs], fanIn: inputs)
  }

  /// Maps rows × inputs to rows × outputs; the mode changes nothing.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func forward(
    _ input: Tensor<Scalar>, mode: Mode = .training
  ) -> (output: Tensor<Scalar>, cache: Cache) {
    require(
      input.shape.count == 2 && input.shape[1] == weight.value.shape[1],
      "an input of shape \(input.shape) for a linear layer of shape \(weight.value.shape)")
    var output = input.multiplied(by: weight.value, otherTransposed: true)
    let outputs = bias.value.count
    for a in 0..<output.rows {
      for j in 0..<outputs { output.values[a * outputs + j] += bias.value.values[j] }
    }
    return (output, Cache(input: input))
  }

  /// Adds to the parameters' gradients and returns the input's gradient, rows × inputs.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func backward(_ outputGradient: Tensor<Scalar>, cache: Cache) -> Tensor<Scalar> {
    let (outputs, inputs) = (weight.value.shape[0], weight.value.shape[1])
    require(
      outputGradient.shape == [cache.input.rows, outputs],
      "a gradient of shape \(outputGradient.shape) for \(cache.input.rows) rows of \(outputs) outputs")
    multiplyMatrices(
      outputGradient.values, cache.input.values, into: &weight.gradient.values, rows: outputs, columns: inputs,
      depth: outputGradient.rows, transposeA: true, accumulate: true)
    for a in 0..<outputGradient.rows {
      for j in 0..<outputs { bias.gradient.values[j] += outputGradient.values[a * outputs + j] }
    }
    return outputGradient.multiplied(by: weight.value)
  }

  /// Visits "weight" and "bias".
  public mutating func forEachParameter(
    prefix: String = "", _ body: (String, inout Parameter<Scalar>) throws -> Void
  ) rethrows {
    try body(prefix + "weight", &weight)
    try body(prefix + "bias", &bias)
  }
}
