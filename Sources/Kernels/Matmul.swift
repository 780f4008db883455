/// C = op(A) op(B), or C += op(A) op(B) with `accumulate`; every C[i, j] is one chain over the depth in order.
///
/// - Parameters:
///   - a: rows × depth, or depth × rows with `transposeA`; row-major.
///   - b: depth × columns, or columns × depth with `transposeB`; row-major.
///   - c: rows × columns; row-major.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func multiplyMatrices<Scalar: RealScalar>(
  _ a: [Scalar], _ b: [Scalar], into c: inout [Scalar], rows: Int, columns: Int, depth: Int,
  transposeA: Bool = false, transposeB: Bool = false, accumulate: Bool = false
) {
  referenceMultiplyMatrices(
    a, b, into: &c, rows: rows, columns: columns, depth: depth, transposeA: transposeA, transposeB: transposeB,
    accumulate: accumulate)
}
