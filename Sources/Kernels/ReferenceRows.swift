// The row kernels and the sums as their definitions: plain loops in the written order. SoftmaxOfRows.swift and
// Reductions.swift must return the same bits.

/// The sum in the written order: lane i mod 16 of block i / 4096, a tree over the lanes, blocks in index order.
public func referenceSum<Scalar: RealScalar>(_ values: [Scalar]) -> Scalar {
  Scalar(orderedSum(values.map { Double($0) }))
}

/// The dot product in the written order; the reference implementation of ``dotProduct(_:_:)``.
public func referenceDotProduct<Scalar: RealScalar>(_ a: [Scalar], _ b: [Scalar]) -> Scalar {
  Scalar(orderedSum(zip(a, b).map { Double($0) * Double($1) }))
}

/// The reference implementation of ``dotProductsOfRows(_:_:columns:)``.
public func referenceDotProductsOfRows<Scalar: RealScalar>(_ a: [Scalar], _ b: [Scalar], columns: Int) -> [Scalar] {
  stride(from: 0, to: a.count, by: columns).map { first in
    referenceDotProduct(Array(a[first..<first + columns]), Array(b[first..<first + columns]))
  }
}

/// The reference implementation of ``logSumExpOfRows(_:columns:)``.
public func referenceLogSumExpOfRows<Scalar: RealScalar>(_ values: [Scalar], columns: Int) -> [Scalar] {
  stride(from: 0, to: values.count, by: columns).map { first in
    let (shift, _, total) = exponentialsOfRow(values[first..<first + columns])
    return Scalar(Double(shift) + Double.log(total))
  }
}

/// The reference implementation of ``softmaxOfRows(_:columns:)``.
public func referenceSoftmaxOfRows<Scalar: RealScalar>(_ values: [Scalar], columns: Int) -> [Scalar] {
  stride(from: 0, to: values.count, by: columns).flatMap { first in
    let (_, exponentials, total) = exponentialsOfRow(values[first..<first + columns])
    return exponentials.map { $0 / Scalar(total) }
  }
}

/// The reference implementation of ``logSoftmaxOfRows(_:columns:)``.
public func referenceLogSoftmaxOfRows<Scalar: RealScalar>(_ values: [Scalar], columns: Int) -> [Scalar] {
  stride(from: 0, to: values.count, by: columns).flatMap { first in
    let row = values[first..<first + columns]
    let (shift, _, total) = exponentialsOfRow(row)
    return row.map { Scalar((Double($0) - Double(shift)) - Double.log(total)) }
  }
}

/// The reference implementation of ``entropiesOfRows(_:columns:)``.
public func referenceEntropiesOfRows<Scalar: RealScalar>(_ values: [Scalar], columns: Int) -> [Scalar] {
  stride(from: 0, to: values.count, by: columns).map { first in
    let row = values[first..<first + columns]
    let (shift, exponentials, total) = exponentialsOfRow(row)
    let terms = zip(exponentials, row).map { Double($0) * Double($1 - shift) }
    return Scalar(Double.log(total) - orderedSum(terms) / total)
  }
}

/// The written order itself.
func orderedSum(_ terms: [Double]) -> Double {
  var total = 0.0
  for block in stride(from: 0, to: terms.count, by: 4096) {
    var lanes = [Double](repeating: 0, count: 16)
    for i in block..<min(block + 4096, terms.count) { lanes[(i - block) % 16] += terms[i] }
    for width in [8, 4, 2, 1] {
      for lane in 0..<width { lanes[lane] += lanes[lane + width] }
    }
    total += lanes[0]
  }
  return total
}

/// m, the exponentials exp(z − m) and their sum.
private func exponentialsOfRow<Scalar: RealScalar>(
  _ row: ArraySlice<Scalar>
) -> (shift: Scalar, exponentials: [Scalar], total: Double) {
  var largest = -Scalar.infinity
  for value in row where value > largest { largest = value }
  let shift = largest.isFinite ? largest : 0
  let exponentials = row.map { Scalar.exp($0 - shift) }
  return (shift, exponentials, orderedSum(exponentials.map { Double($0) }))
}
