// The softmax of a row without one of its columns, never stored: every pass computes the exponentials again.
//
//     t = max_{j≠own} z_j     d_j = z_j − t ≤ 0     T = Σ_{j≠own} exp d_j     p_j = exp(d_j) / T, and p_own = 0
//     d̄ = Σ_j p_j d_j         entropy = −Σ_j p_j log p_j = log T − d̄
//
// Only differences of logits are ever rounded, and log T and −d̄ are both at least 0. The form L − Σ_j p_j z_j with
// L = t + log T is the same number, but there every p_j inherits the rounding of L, u |z|, and is multiplied by z_j again:
// an error of u z², 10 % of the entropy at logits of 1000 in Float.
//
// | pass over the row             | result                                 |
// | ----------------------------- | -------------------------------------- |
// | largest entry, then both sums | t, T and d̄                             |
// | gradient                      | z_j ← a p_j + w p_j (b (d_j − c))      |
//
// From the first pass to the last a row of a large memory bank (200 kB) stays in the second-level cache, and the
// probabilities of one block at a time in the first. A matrix of them would travel to memory and back, which takes
// longer than its exponentials. Tests    KernelsTests/SoftmaxOfOthersTests.swift

/// The softmax of a row z over all columns but one; the row itself is handed to each function again.
public struct SoftmaxOfOthers<Scalar: RealScalar>: Sendable {
  /// The column that is left out.
  public let own: Int
  /// t: the largest of the other columns; 0 where there are none, or where it is infinite.
  public let shift: Scalar
  /// T, at least 1; 0 where there are no other columns.
  public let total: Double
  /// d̄ ≤ 0: the mean of d_j; 0 where there are no other columns.
  public let shiftedMean: Double
  /// 1 / T, by which an exponential becomes a probability; 0 where there are no other columns.
  private let inverse: Scalar

  /// The softmax of `row`, which is the same again afterwards.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public init(of row: inout MutableSpan<Scalar>, own: Int) {
    require((0..<row.count).contains(own), "column \(own) cannot be left out of \(row.count)")
    let ownLogit = row[own]
    row[own] = -.infinity
    let sums = unsafe row.span.withUnsafeBufferPointer { row in
      unsafe withScratch(of: Scalar.self, count: ShiftedSums<Scalar>.scratch(row.count)) { scratch in
        unsafe ShiftedSums(of: row, without: own, scratch: scratch)
      }
    }
    row[own] = ownLogit
    self.own = own
    shift = sums.shift
    total = sums.total
    shiftedMean = sums.total == 0 ? 0 : sums.weighted / sums.total
    inverse = sums.total == 0 ? 0 : Scalar(1 / sums.total)
  }

  /// −Σ_j p_j log p_j, from 0 to the logarithm of the number of other columns; 0 where there are none.
  public var entropy: Double { total == 0 ? 0 : Double.log(total) - shiftedMean }

  /// p_j, given z_j.
  public func probability(_ column: Int, logit: Scalar) -> Scalar {
    column == own ? 0 : Scalar.exp(logit - shift) * inverse
  }

  /// p: one probability a column.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func probabilities(of row: Span<Scalar>) -> [Scalar] {
    let columns = row.count
    return unsafe [Scalar](unsafeUninitializedCapacity: columns) { probabilities, count in
      unsafe row.withUnsafeBufferPointer { row in
        guard let start = row.baseAddress, let target = probabilities.baseAddress else { return }
        unsafe writeProbabilities(of: start, first: 0, count: columns, into: target)
        count = columns
      }
    }
  }

  /// Replaces every z_j by a p_j, plus w p_j (b (d_j − c)) if there is an entropy.
  ///
  /// - Parameters:
  ///   - row: z; afterwards its gradient.
  ///   - scale: a.
  ///   - entropy: b and c.
  ///   - weight: w.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func replaceByGradient(
    _ row: inout MutableSpan<Scalar>, scaledBy scale: Scalar, entropy: EntropyGradient<Scalar>?, weight: Scalar
  ) {
    let columns = row.count
    unsafe row.withUnsafeMutableBufferPointer { row in
      guard let start = row.baseAddress else { return }
      unsafe withScratch(of: Scalar.self, count: summationBlock) { probabilities in
        for first in stride(from: 0, to: columns, by: summationBlock) {
          let count = min(summationBlock, columns - first)
          let logits = unsafe start + first
          unsafe writeProbabilities(of: start, first: first, count: count, into: probabilities)
          if let entropy {
            for j in 0..<count {
              let p = unsafe probabilities[j]
              unsafe logits[j] = p * scale + weight * entropy.value(probability: p, shiftedLogit: logits[j] - shift)
            }
          } else {
            for j in 0..<count { unsafe logits[j] = probabilities[j] * scale }
          }
        }
      }
    }
  }

  /// The probabilities of `count` columns from `first` on.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func writeProbabilities(
    of row: UnsafePointer<Scalar>, first: Int, count: Int, into probabilities: UnsafeMutablePointer<Scalar>
  ) {
    unsafe probabilities.update(from: row + first, count: count)
    unsafe expInPlace(probabilities, minus: shift, count: count)
    for j in 0..<count { unsafe probabilities[j] *= inverse }
    if (first..<first + count).contains(own) { unsafe probabilities[own - first] = 0 }
  }
}

/// The gradient of a softmax's entropy with respect to logit j, p_j (b (d_j − c)); of the plain entropy b = −1 and c = D.
public struct EntropyGradient<Scalar: RealScalar>: Sendable {
  /// b.
  public let factor: Scalar
  /// c.
  public let offset: Scalar

  /// The gradient of given b and c.
  public init(factor: Scalar, offset: Scalar) {
    self.factor = factor
    self.offset = offset
  }

  /// p_j (b (d_j − c)).
  @inline(__always)
  public func value(probability: Scalar, shiftedLogit: Scalar) -> Scalar {
    probability * (factor * (shiftedLogit - offset))
  }
}
