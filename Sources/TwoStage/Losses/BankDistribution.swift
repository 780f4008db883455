// The softmax that the two losses against the memory bank share: each view's distribution over the *other* images.
//
// Paper    Han et al., ECCV 2020, stage 1: z = V Mᵀ / τ, rows × images. With i the image of row a:
//     p̃_aj = exp z_aj / Σ_{l≠i} exp z_al for j ≠ i, and 0 for j = i
// The own column joins by two numbers a row, without another pass over the images and without cancellation:
//     p_ai = exp z_ai / (exp z_ai + Σ_{l≠i} exp z_al)     p_aj = (1 − p_ai) p̃_aj for j ≠ i
// Tests  Losses/InstanceNeighbourhoodLossTests.swift, Losses/UnificationEntropyLossTests.swift
import Kernels
import Networks

/// Each row's distribution over the images of the memory bank other than its own.
///
/// One pass of exponentials serves ``InstanceNeighbourhoodLoss`` and ``UnificationEntropyLoss``.
public struct BankDistribution<Scalar: RealScalar>: Sendable {
  /// z: rows × images.
  public let logits: Tensor<Scalar>
  /// i: the image that each row is a view of, in 0..<images; an image may own several rows.
  public let images: [Int]
  /// One a row: the sums of its exponentials over the other images.
  public let others: [SoftmaxOfOthers<Scalar>]
  /// p̃: rows × images; zero in the own column.
  public let probabilities: Tensor<Scalar>

  /// Evaluates the distribution; stops if there is not one image in range for every row.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public init(logits: Tensor<Scalar>, images: [Int]) {
    require(logits.shape.count == 2, "the logits must be rows × images, not \(logits.shape)")
    require(
      images.count == logits.rows, "\(logits.rows) rows of logits need as many image indices, not \(images.count)")
    let columns = logits.shape[1]
    require(
      images.allSatisfy { (0..<columns).contains($0) },
      "image indices must be below \(columns), the bank's size, but reach from \(images.min() ?? 0) to \(images.max() ?? 0)"
    )
    self.logits = logits
    self.images = images
    guard columns > 0 else {
      others = []
      probabilities = Tensor(shape: logits.shape)
      return
    }
    var values = logits.values
    let isLarge = values.count >= Parallel.leastTerms
    others = Parallel.mapBlocks(of: &values, blockSize: columns, inParallel: isLarge) { a, row in
      SoftmaxOfOthers(of: &row, own: images[a])
    }
    probabilities = Tensor(
      shape: logits.shape,
      values: others.enumerated().flatMap { a, others in
        others.probabilities(of: logits.values.span.extracting(a * columns..<(a + 1) * columns))
      })
  }
}
