// The softmax that the two losses against the memory bank share: each view's distribution over the *other* images.
//
// Paper    Han et al., ECCV 2020, stage 1: z = V Mᵀ / τ, rows × images. With i the image of row a:
//     L'_a = log Σ_{l≠i} exp z_al        p̃_aj = exp(z_aj − L'_a) for j ≠ i, and 0 for j = i
// The own column joins by two numbers a row, without another pass over the images and without cancellation:
//     L_a = log(exp L'_a + exp z_ai)     p_ai = exp(z_ai − L_a)     p_aj = exp(L'_a − L_a) p̃_aj for j ≠ i
// Tests  Losses/InstanceNeighbourhoodTests.swift, Losses/UnificationEntropyTests.swift
import Kernels
import Networks

/// Each row's distribution over the images of the memory bank other than its own.
///
/// One pass of exponentials serves ``InstanceNeighbourhood`` and ``UnificationEntropy``.
public struct BankDistribution<Scalar: RealScalar>: Sendable {
  /// z: rows × images.
  public let logits: Tensor<Scalar>
  /// i: the image that each row is a view of, in 0..<images; an image may own several rows.
  public let images: [Int]
  /// L': the log-sum-exp over the other images, one a row; minus infinity where there is no other image.
  public let logSumExpOfOthers: [Scalar]
  /// p̃: rows × images; zero in the own column.
  public let others: Tensor<Scalar>

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
    guard columns > 1, logits.rows > 0 else {
      logSumExpOfOthers = Array(repeating: -.infinity, count: logits.rows)
      others = Tensor(shape: logits.shape)
      return
    }
    var values = logits.values
    for (a, i) in images.enumerated() { values[a * columns + i] = -.infinity }
    let logSumExp = logSumExpOfRows(values, columns: columns)
    Parallel.forEachBlock(of: &values, blockSize: columns) { a, row in
      let shift = logSumExp[a]
      for j in row.indices { row[j] -= shift }
    }
    exponentiate(&values)
    logSumExpOfOthers = logSumExp
    others = Tensor(shape: logits.shape, values: values)
  }

  /// z_ai, the logit of row a's own image.
  public func ownLogit(_ a: Int) -> Scalar { logits.values[a * logits.shape[1] + images[a]] }
}
