// The matrix product as its definition: three nested loops. Matmul.swift must return the same bits.

/// C = A B or C += A B by three nested loops; the reference implementation of ``multiplyMatrices(_:_:into:rows:columns:depth:transposeA:transposeB:accumulate:)``.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func referenceMultiplyMatrices<Scalar: RealScalar>(
  _ a: [Scalar], _ b: [Scalar], into c: inout [Scalar], rows: Int, columns: Int, depth: Int,
  transposeA: Bool = false, transposeB: Bool = false, accumulate: Bool = false
) {
  for i in 0..<rows {
    for j in 0..<columns {
      var sum = accumulate ? c[i * columns + j] : 0
      for k in 0..<depth {
        sum = chained(
          sum, transposeA ? a[k * rows + i] : a[i * depth + k], transposeB ? b[j * depth + k] : b[k * columns + j])
      }
      c[i * columns + j] = sum
    }
  }
}
