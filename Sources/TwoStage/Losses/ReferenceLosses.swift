// The losses as their equations stand in the papers: one loop for each sum, no thought for digits or speed.
//
// Rows are arrays, so that r[a] is row a. Every gradient is the textbook derivative, derived in TwoStage.docc/Derivations.md.
// The fast forms beside this file are tested against these; where probabilities come near 0 or 1 only the fast forms keep
// their digits.
// Tests    Losses/ReferenceLossesTests.swift
import Kernels
import Networks

/// A loss L, and ∂L/∂(its argument), row by row.
public typealias ReferenceLoss<Scalar> = (loss: Scalar, gradient: [[Scalar]])

/// The batch loss of unit rows r, the first views above the second ones; the definition of ``BatchLoss``.
///
///     Q_ab = exp(s_ab) / Z_a,   s_ab = ⟨r_a, r_b⟩ / τ_b,   Z_a = exp(s_aπ) + ω Σ_n exp(s_an)
///     L    = (1/R) Σ_a [−log Q_aπ − ω Σ_n log(1 − Q_an)],   n over the rows other than a and its partner π
public func referenceBatchLoss<Scalar: RealScalar>(
  _ r: [[Scalar]], temperature: Scalar, negativeWeight ω: Scalar = 1, stopsGradient: Bool = true
) -> ReferenceLoss<Scalar> {
  let R = r.count
  var L: Scalar = 0
  var g = r.map { _ in [Scalar](repeating: 0, count: R) }  // g[a][b] = ∂L/∂⟨r_a, r_b⟩
  for a in 0..<R {
    let π = (a + R / 2) % R
    let negatives = (0..<R).filter { $0 != a && $0 != π }
    let exponentials = r.map { Scalar.exp(inner(r[a], $0) / temperature) }
    let Z = exponentials[π] + ω * negatives.reduce(0) { $0 + exponentials[$1] }
    let Q = exponentials.map { $0 / Z }
    L += -Scalar.log(Q[π]) - ω * negatives.reduce(0) { $0 + Scalar.log(1 - Q[$1]) }
    // With the odds O_n = Q_n / (1 − Q_n) and A = Σ_n O_n:  ∂l/∂s_b = w_b Q_b (1 − ω A) − [b = π] + ω [b ∈ n] O_b
    let A = negatives.reduce(0) { $0 + Q[$1] / (1 - Q[$1]) }
    g[a][π] = Q[π] * (1 - ω * A) - 1
    for n in negatives { g[a][n] = ω * Q[n] * (1 - ω * A) + ω * Q[n] / (1 - Q[n]) }
  }
  let scale = 1 / (Scalar(R) * temperature)
  // The key r_b is a constant for the query r_a; without the stop-gradient r_a also learns as the key of other rows.
  let gradient = (0..<R).map { a in
    weightedSum(r) { b in scale * (stopsGradient ? g[a][b] : g[a][b] + g[b][a]) }
  }
  return (L / Scalar(R), gradient)
}

/// The value of the paper's equations 10 and 11, in which the originals, the query included, are the keys.
///
/// The definition of ``BatchLossDenominator/paper``.
///
///     L = (1/B) Σ_i [−log P(i | x̂_i) − Σ_{j≠i} log(1 − P(i | x_j))],   P(i | x) = exp(⟨r_i, r_x⟩ / τ_b) / Σ_k exp(⟨r_k, r_x⟩ / τ_b)
public func referencePaperBatchLoss<Scalar: RealScalar>(_ r: [[Scalar]], temperature: Scalar) -> Scalar {
  let B = r.count / 2
  func P(_ i: Int, given x: Int) -> Scalar {
    let exponentials = (0..<B).map { k in Scalar.exp(inner(r[k], r[x]) / temperature) }
    return exponentials[i] / exponentials.reduce(0, +)
  }
  var L: Scalar = 0
  for i in 0..<B {
    L -= Scalar.log(P(i, given: B + i))
    for j in 0..<B where j != i { L -= Scalar.log(1 - P(i, given: j)) }
  }
  return L / Scalar(B)
}

/// L_AND of logits z, where S[a] is the own image of row a with its neighbours; the definition of ``InstanceNeighbourhoodLoss``.
///
///     L = −(1/R) Σ_a log q_a,   q_a = Σ_{j∈S_a} p_aj,   p_a = softmax(z_a),   ∂L/∂z_aj = (p_aj − [j ∈ S_a] p_aj / q_a) / R
public func referenceInstanceNeighbourhoodLoss<Scalar: RealScalar>(
  _ z: [[Scalar]], neighbourhoods S: [Set<Int>]
) -> ReferenceLoss<Scalar> {
  let R = Scalar(z.count)
  var L: Scalar = 0
  var gradient: [[Scalar]] = []
  for a in z.indices {
    let p = softmax(z[a])
    let q = S[a].sorted().reduce(0) { $0 + p[$1] }
    L -= Scalar.log(q) / R
    gradient.append(p.indices.map { j in (p[j] - (S[a].contains(j) ? p[j] / q : 0)) / R })
  }
  return (L, gradient)
}

/// L_UE of logits z, where own[a] is the image of row a; the definition of ``UnificationEntropyLoss``.
///
///     L = (1/R) Σ_a H_a,   H_a = −Σ_{j≠own} p̃_aj log p̃_aj,   p̃_a the softmax over j ≠ own,   ∂L/∂z_aj = −p̃_aj (log p̃_aj + H_a) / R
public func referenceUnificationEntropyLoss<Scalar: RealScalar>(
  _ z: [[Scalar]], images own: [Int]
) -> ReferenceLoss<Scalar> {
  let R = Scalar(z.count)
  var L: Scalar = 0
  var gradient: [[Scalar]] = []
  for a in z.indices {
    let others = z[a].indices.filter { $0 != own[a] }
    let p = softmax(others.map { z[a][$0] })
    let H = -p.reduce(0) { $0 + $1 * Scalar.log($1) }
    L += H / R
    var row = [Scalar](repeating: 0, count: z[a].count)
    for (j, p) in zip(others, p) { row[j] = -p * (Scalar.log(p) + H) / R }
    gradient.append(row)
  }
  return (L, gradient)
}

/// L_AUG of embeddings v and a memory bank M, given the batch loss; the definition of ``RelationLoss``.
///
///     r_a = z_a / ‖z_a‖,   z_a = M v_a,   L = batch loss of r,   ∂L/∂v_a = Mᵀ (∂r_a − r_a ⟨r_a, ∂r_a⟩) / ‖z_a‖
public func referenceRelationLoss<Scalar: RealScalar>(
  _ v: [[Scalar]], bank M: [[Scalar]], batchLoss: ([[Scalar]]) -> ReferenceLoss<Scalar>
) -> ReferenceLoss<Scalar> {
  let z = v.map { v in M.map { inner($0, v) } }
  let lengths = z.map { inner($0, $0).squareRoot() }
  let r = zip(z, lengths).map { z, length in z.map { $0 / length } }
  let (L, rGradient) = batchLoss(r)
  let gradient = r.indices.map { a in
    let along = inner(r[a], rGradient[a])
    return weightedSum(M) { j in (rGradient[a][j] - r[a][j] * along) / lengths[a] }
  }
  return (L, gradient)
}

/// L_assign of one head's class probabilities of both views, and its gradients; the definition of ``MutualInformationLoss``.
///
///     P = P_s / Σ P_s,   P_s = (P_0 + P_0ᵀ) / 2,   P_0 = Y₁ᵀ Y₂,   r_c = Σ_d P_cd,   q_d = Σ_c P_cd
///     L = −Σ_cd P_cd (log P_cd − λ_m log r_c − λ_m log q_d)
///     ∂Y₁ = Y₂ Dᵀ,   ∂Y₂ = Y₁ D,   D = (G − Σ P∘G) / Σ P_s,   G_cd = −(log P_cd − λ_m log r_c − λ_m log q_d) − 1 + 2 λ_m
public func referenceMutualInformationLoss<Scalar: RealScalar>(
  _ Y1: [[Scalar]], _ Y2: [[Scalar]], marginalEntropyWeight λ: Scalar = 1
) -> (loss: Scalar, firstGradient: [[Scalar]], secondGradient: [[Scalar]]) {
  let classes = Y1[0].indices
  func P0(_ c: Int, _ d: Int) -> Scalar { zip(Y1, Y2).reduce(0) { $0 + $1.0[c] * $1.1[d] } }
  var P = classes.map { c in classes.map { d in (P0(c, d) + P0(d, c)) / 2 } }
  let total = P.reduce(0) { $0 + $1.reduce(0, +) }
  P = P.map { $0.map { $0 / total } }
  let r = classes.map { c in P[c].reduce(0, +) }
  let q = classes.map { d in P.reduce(0) { $0 + $1[d] } }
  let logarithms = classes.map { c in
    classes.map { d in Scalar.log(P[c][d]) - λ * Scalar.log(r[c]) - λ * Scalar.log(q[d]) }
  }
  let L = -zip(P, logarithms).reduce(0) { $0 + inner($1.0, $1.1) }
  let G = logarithms.map { $0.map { -$0 - 1 + 2 * λ } }
  let mean = zip(P, G).reduce(0) { $0 + inner($1.0, $1.1) }
  let D = G.map { $0.map { ($0 - mean) / total } }
  return (L, Y2.map { y in classes.map { c in inner(D[c], y) } }, Y1.map { y in weightedSum(D) { y[$0] } })
}

/// ⟨a, b⟩ = Σ_i a_i b_i.
func inner<Scalar: RealScalar>(_ a: [Scalar], _ b: [Scalar]) -> Scalar { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

/// Σ_b weight(b) r_b.
func weightedSum<Scalar: RealScalar>(_ r: [[Scalar]], by weight: (Int) -> Scalar) -> [Scalar] {
  r[0].indices.map { d in r.indices.reduce(0) { $0 + weight($1) * r[$1][d] } }
}

/// exp z_j / Σ_l exp z_l.
func softmax<Scalar: RealScalar>(_ z: [Scalar]) -> [Scalar] {
  let exponentials = z.map { Scalar.exp($0) }
  let total = exponentials.reduce(0, +)
  return exponentials.map { $0 / total }
}
