// The memory bank, the neighbourhoods and the heads as their equations stand in the papers; the fast forms are tested against these.
// Tests    ReferenceStagesTests.swift
import Kernels
import Networks

/// z_aj = ⟨v_a, m_j⟩ / τ: the definition of ``MemoryBank/logits(of:)``.
public func referenceBankLogits<Scalar: RealScalar>(
  _ v: [[Scalar]], bank M: [[Scalar]], temperature τ: Scalar
) -> [[Scalar]] {
  v.map { v in M.map { m in inner(v, m) / τ } }
}

/// m_i ← normalise(ρ m_i + (1 − ρ) v_a), a the view of image i that is kept; the definition of
/// ``MemoryBank/update(images:embeddings:)`` for one view of each image.
public func referenceBankUpdate<Scalar: RealScalar>(
  _ M: [[Scalar]], images: [Int], views v: [[Scalar]], momentum ρ: Scalar
) -> [[Scalar]] {
  var updated = M
  for (a, i) in images.enumerated() {
    let row = zip(M[i], v[a]).map { m, v in ρ * m + (1 - ρ) * v }
    let length = inner(row, row).squareRoot()
    updated[i] = row.map { $0 / length }
  }
  return updated
}

/// The anchors and neighbours of a round; the definition of ``NeighbourhoodDiscovery/discover(in:round:)``.
///
///     h_i = −Σ_j p_ij log p_ij,   p_i = softmax_j(⟨m_i, m_j⟩ / τ)
///     anchors: the n images of the smallest h_i;   neighbours of i: the k images j ≠ i of the largest ⟨m_i, m_j⟩
public func referenceDiscovery<Scalar: RealScalar>(
  _ M: [[Scalar]], temperature τ: Scalar, anchors n: Int, neighbours k: Int
) -> (anchors: [Int], neighbours: [[Int]]) {
  let products = M.map { m in M.map { inner(m, $0) } }
  let h = products.map { row in
    -softmax(row.map { $0 / τ }).reduce(0) { $0 + $1 * Scalar.log($1) }
  }
  let anchors = Array(M.indices.sorted { (h[$0], $0) < (h[$1], $1) }.prefix(n))
  let neighbours = anchors.map { i in
    Array(M.indices.filter { $0 != i }.sorted { (-products[i][$0], $0) < (-products[i][$1], $1) }.prefix(k))
  }
  return (anchors, neighbours)
}

/// y_a = softmax_k(⟨v_a, w̄_k⟩ / τ_c), w̄_k = w_k / ‖w_k‖, of one head whose class vectors are w; the definition of
/// ``ClusterHeads/forward(_:)``.
///
/// The gradient of L with g = ∂L/∂y:  ∂v_a = Σ_k y_ak (g_ak − ⟨g_a, y_a⟩) w̄_k / τ_c.
public func referenceHead<Scalar: RealScalar>(
  _ v: [[Scalar]], classVectors w: [[Scalar]], temperature τ: Scalar
) -> (probabilities: [[Scalar]], gradient: (_ g: [[Scalar]]) -> [[Scalar]]) {
  let directions = w.map { w in w.map { $0 / inner(w, w).squareRoot() } }
  let y = v.map { v in softmax(directions.map { inner(v, $0) / τ }) }
  return (
    y,
    { g in
      y.indices.map { a in
        let along = inner(g[a], y[a])
        return weightedSum(directions) { k in y[a][k] * (g[a][k] - along) / τ }
      }
    }
  )
}
