// The softmax of a row without one of its columns, never stored: every pass works the exponentials out anew.
//
//     L = log Σ_{j≠own} exp z_j            p_j = exp(z_j − L) for j ≠ own, and p_own = 0
//
// | pass over the row        | result                                 |
// | ------------------------ | -------------------------------------- |
// | largest entry, then sum  | L                                      |
// | mean                     | Σ_j p_j z_j                            |
// | gradient                 | z_j ← a p_j + w p_j (b (z_j − c))      |
//
// From the first pass to the last a row of a large memory bank (200 kB) stays in the second-level cache, and the
// probabilities of one block at a time in the first. A matrix of them would travel to memory and back, which takes
// longer than its exponentials. Tests    KernelsTests/SoftmaxOfOthersTests.swift

/// The softmax of a row z over all columns but one; the row itself is handed to each function again.
public struct SoftmaxOfOthers<Scalar: RealScalar>: Sendable {
  /// The column that is left out.
  public let own: Int
  /// L: the log-sum-exp of the other columns; minus infinity where there are none.
  public let logSumExp: Scalar

  /// A softmax whose L is known.
  public init(own: Int, logSumExp: Scalar) {
    self.own = own
    self.logSumExp = logSumExp
  }

  /// The softmax of `row`, which is the same again afterwards; L has the bits of ``logSumExpOfRows(_:columns:)`` with −∞
  /// in the own column.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public init(of row: inout MutableSpan<Scalar>, own: Int) {
    require((0..<row.count).contains(own), "column \(own) cannot be left out of \(row.count)")
    let ownLogit = row[own]
    row[own] = -.infinity
    var scratch = [Scalar](repeating: 0, count: min(row.count, summationBlock))
    let (shift, total) = unsafe row.span.withUnsafeBufferPointer { row in
      unsafe shiftAndTotal(row, scratch: &scratch)
    }
    row[own] = ownLogit
    self.init(own: own, logSumExp: Scalar(Double(shift) + Double.log(total)))
  }

  /// p_j, given z_j.
  public func probability(_ column: Int, logit: Scalar) -> Scalar {
    column == own ? 0 : Scalar.exp(logit - logSumExp)
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

  /// Σ_j p_j z_j, with the bits of ``dotProductsOfRows(_:_:columns:)``.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func mean(of row: Span<Scalar>) -> Scalar {
    unsafe row.withUnsafeBufferPointer { row in
      guard let start = row.baseAddress else { return 0 }
      return unsafe withScratch(of: Scalar.self, count: summationBlock) { probabilities in
        var total = 0.0
        for first in stride(from: 0, to: row.count, by: summationBlock) {
          let count = min(summationBlock, row.count - first)
          unsafe writeProbabilities(of: start, first: first, count: count, into: probabilities)
          unsafe total += dotProductOfBlock(probabilities, start + first, count: count)
        }
        return Scalar(total)
      }
    }
  }

  /// Replaces every z_j by a p_j, plus w p_j (b (z_j − c)) if there is an entropy.
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
              unsafe logits[j] = p * scale + weight * entropy.value(probability: p, logit: logits[j])
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
    unsafe exponentiate(probabilities, minus: logSumExp, count: count)
    if (first..<first + count).contains(own) { unsafe probabilities[own - first] = 0 }
  }
}

/// The gradient of a softmax's entropy with respect to logit j: p_j (b (z_j − c)).
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

  /// p_j (b (z_j − c)).
  @inline(__always)
  public func value(probability: Scalar, logit: Scalar) -> Scalar { probability * (factor * (logit - offset)) }
}
