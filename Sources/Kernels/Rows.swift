/// Replaces every value by its exponential.
public func exponentiate<Scalar: RealScalar>(_ values: inout [Scalar]) { values = values.map(Scalar.exp) }

/// Replaces every value by its natural logarithm.
public func takeLogarithms<Scalar: RealScalar>(_ values: inout [Scalar]) { values = values.map(Scalar.log) }

/// The log-sum-exp of every row: log Σ_j exp(z[i, j]).
///
/// - Parameter values: rows × columns, row-major.
public func logSumExpOfRows<Scalar: RealScalar>(_ values: [Scalar], columns: Int) -> [Scalar] {
  stride(from: 0, to: values.count, by: columns).map { first in
    let row = values[first..<first + columns]
    let largest = row.max()!
    return largest + Scalar.log(row.reduce(0) { $0 + Scalar.exp($1 - largest) })
  }
}

/// The softmax of every row: exp(z[i, j]) / Σ_j exp(z[i, j]).
public func softmaxOfRows<Scalar: RealScalar>(_ values: [Scalar], columns: Int) -> [Scalar] {
  let logSumExp = logSumExpOfRows(values, columns: columns)
  return values.indices.map { Scalar.exp(values[$0] - logSumExp[$0 / columns]) }
}

/// The sum of all values in the package's one order.
public func sum<Scalar: RealScalar>(_ values: [Scalar]) -> Scalar { values.reduce(0, +) }

/// Σ a[i] b[i] in the package's one order.
public func dotProduct<Scalar: RealScalar>(_ a: [Scalar], _ b: [Scalar]) -> Scalar {
  zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
}

/// The dot product of row i of `a` with row i of `b`, for every i (`dotProductsOfRows(a, a)` gives squared norms).
public func dotProductsOfRows<Scalar: RealScalar>(_ a: [Scalar], _ b: [Scalar], columns: Int) -> [Scalar] {
  stride(from: 0, to: a.count, by: columns).map { first in
    (first..<first + columns).reduce(0) { $0 + a[$1] * b[$1] }
  }
}
