// Global average pooling: the mean over all pixels of each channel.
//
// Where this differs: the authors' program pools with a 4 × 4 window, which is the same thing for 32 × 32 images and
// does not fit other sizes.
// Tests    NetworksTests/GlobalAveragePoolTests.swift
import Kernels

/// The mean of each channel of each image.
public struct GlobalAveragePool<Scalar: RealScalar>: Sendable {
  /// What the backward pass needs: the shape of the input.
  public struct Cache: Sendable {
    let shape: [Int]
  }

  /// A pool; it has no parameters.
  public init() {}

  /// batch × channels × height × width to batch × channels.
  public func forward(_ input: Tensor<Scalar>) -> (output: Tensor<Scalar>, cache: Cache) {
    let shape = input.shape
    require(shape.count == 4, "average pooling needs batch × channels × height × width, not \(shape)")
    let means = planeMeans(input.values, pixels: shape[2] * shape[3])
    return (Tensor(shape: [shape[0], shape[1]], values: means), Cache(shape: shape))
  }

  /// The input's gradient: each pixel receives its channel's gradient over the number of pixels.
  public func backward(_ outputGradient: Tensor<Scalar>, cache: Cache) -> Tensor<Scalar> {
    require(
      outputGradient.shape == Array(cache.shape.prefix(2)),
      "a gradient of shape \(outputGradient.shape) for the pooled shape \(cache.shape)")
    return Tensor(
      shape: cache.shape,
      values: planeMeansGradient(outputGradient: outputGradient.values, pixels: cache.shape[2] * cache.shape[3]))
  }
}
