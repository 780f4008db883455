// The assignment loss: two views of an image should fall into the same class, and all classes should be used.
//
// Paper    Han et al., ECCV 2020, L_assign of stage 2 (one head); from Ji, Henriques, Vedaldi, "Invariant Information
//          Clustering" (IIC), ICCV 2019.
//     P = (Y₁ᵀ Y₂ + Y₂ᵀ Y₁) / 2, divided by its sum;   L = −Σ_cc' P_cc' (log P_cc' − λ_m log r_c − λ_m log q_c')
// Definition  referenceMutualInformationLoss in ReferenceLosses.swift
// Tests    Losses/MutualInformationLossTests.swift
// Fixture  Fixtures/method/method-golden.json, C_iic; Fixtures/method/losses.json
import Kernels
import Networks

/// Minus the mutual information of the classes of two views, for one head (L_assign).
///
///     r_c = Σ_c' P_cc',   q_c' = Σ_c P_cc',   L = −I(first; second) for λ_m = 1,   −log K ≤ L ≤ 0
///
/// | Paper  | Here                    | Shape or range               |
/// | ------ | ----------------------- | ---------------------------- |
/// | Y₁     | `first`                 | images × classes; rows sum to 1 |
/// | Y₂     | `second`                | images × classes; rows sum to 1 |
/// | λ_m    | `marginalEntropyWeight` | ≥ 0; 1. IIC's program calls it lamb; not the λ of L_cp |
///
/// λ_m above 1 asks more strongly for equally large classes: L = −I + (1 − λ_m)(H(r) + H(q)).
///
/// Where this differs from the paper: the paper's P is not made symmetric; the released program's is (`symmetrised`).
/// Entries of P, r and q below `floor` are replaced by it as constants, so that an empty class stays finite and takes
/// no gradient through them.
public struct MutualInformationLoss<Scalar: RealScalar>: Sendable {
  /// λ_m; 1 in the paper, 2 in the short recipes.
  public let marginalEntropyWeight: Scalar
  /// Whether P is made symmetric; true as in the released program.
  public let symmetrised: Bool
  /// The smallest probability that takes part; 2⁻⁵² as in the released program, for both scalars.
  public let floor: Scalar

  /// A loss; without arguments it is the released program's.
  public init(marginalEntropyWeight: Scalar = 1, symmetrised: Bool = true, floor: Scalar = 0x1p-52) {
    require(
      marginalEntropyWeight >= 0 && marginalEntropyWeight.isFinite,
      "the weight of the marginal entropies must not be negative: \(marginalEntropyWeight)")
    require(floor > 0 && floor < 1, "the smallest probability must be between 0 and 1, not \(floor)")
    self.marginalEntropyWeight = marginalEntropyWeight
    self.symmetrised = symmetrised
    self.floor = floor
  }

  /// The loss, what it is made of, and its gradients.
  public struct Evaluation: Sendable {
    /// L.
    public var loss: Scalar
    /// I(first; second): minus the loss that λ_m = 1 would have.
    public var mutualInformation: Scalar
    /// P: classes × classes, summing to 1, before the floor.
    public var joint: Tensor<Scalar>
    /// ∂L/∂Y₁: images × classes.
    public var firstGradient: Tensor<Scalar>
    /// ∂L/∂Y₂: images × classes.
    public var secondGradient: Tensor<Scalar>
  }

  /// The loss of every head, given its Y₁ and Y₂, images × classes; the heads are independent and share the threads.
  public func evaluate(heads: [(first: Tensor<Scalar>, second: Tensor<Scalar>)]) -> [Evaluation] {
    let probabilities = heads.reduce(0) { $0 + $1.first.count }
    return Parallel.map(heads.count, inParallel: probabilities >= Parallel.leastTerms) {
      evaluate(first: heads[$0].first, second: heads[$0].second)
    }
  }

  /// The loss of class probabilities Y₁ and Y₂, images × classes, of the same images' first and second views.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func evaluate(first: Tensor<Scalar>, second: Tensor<Scalar>) -> Evaluation {
    require(
      first.shape.count == 2 && first.shape == second.shape && first.count > 0,
      "two views need equally many probabilities, images × classes, not \(first.shape) and \(second.shape)")
    requireDistributions(first)
    requireDistributions(second)
    return evaluate(unchecked: first, second)
  }

  /// As ``evaluate(first:second:)``, of rows that need not be distributions: what another program took for such.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func evaluate(unchecked first: Tensor<Scalar>, _ second: Tensor<Scalar>) -> Evaluation {
    let classes = first.shape[1]
    var joint = first.multiplied(by: second, transposed: true)
    if symmetrised { joint.values = halfSumWithTranspose(joint.values, classes) }
    let total = joint.values.reduce(0, +)
    for i in joint.values.indices { joint.values[i] /= total }
    let terms = evaluate(joint.values, classes)

    // P = P_s / Σ P_s:  ∂L/∂P_s = (G − Σ P∘G) / Σ P_s,  symmetric where P_s is.  P_0 = Y₁ᵀ Y₂:  ∂Y₁ = Y₂ Dᵀ,  ∂Y₂ = Y₁ D.
    let mean = zip(joint.values, terms.gradient).reduce(0) { $0 + $1.0 * $1.1 }
    var gradient = terms.gradient.map { ($0 - mean) / total }
    if symmetrised { gradient = halfSumWithTranspose(gradient, classes) }
    let matrix = Tensor(shape: [classes, classes], values: gradient)
    return Evaluation(
      loss: terms.loss, mutualInformation: terms.information, joint: joint,
      firstGradient: second.multiplied(by: matrix, otherTransposed: true), secondGradient: first.multiplied(by: matrix))
  }

  /// L, I and G = ∂L/∂P at a joint distribution.
  private func evaluate(
    _ joint: [Scalar], _ classes: Int
  ) -> (loss: Scalar, information: Scalar, gradient: [Scalar]) {
    var rowSums = [Scalar](repeating: 0, count: classes)
    var columnSums = rowSums
    for i in joint.indices {
      rowSums[i / classes] += joint[i]
      columnSums[i % classes] += joint[i]
    }
    let clamped = joint.map { max($0, floor) }
    let (rows, columns) = (rowSums.map { max($0, floor) }, columnSums.map { max($0, floor) })
    let (logRows, logColumns) = (rows.map(Scalar.log), columns.map(Scalar.log))
    let weight = marginalEntropyWeight

    // L = −Σ P (log P − λ_m log r − λ_m log q), and with the clamped values taken for free variables
    //   ∂L/∂P_cc' = −(log P_cc' − λ_m log r_c − λ_m log q_c') − 1,   ∂L/∂r_c = λ_m Σ_c' P_cc' / r_c,   ∂L/∂q_c' = λ_m Σ_c P_cc' / q_c'
    var (loss, information): (Scalar, Scalar) = (0, 0)
    var gradient = [Scalar](repeating: 0, count: joint.count)
    var (clampedRowSums, clampedColumnSums) = (rowSums.map { _ in Scalar(0) }, rowSums.map { _ in Scalar(0) })
    for i in joint.indices {
      let (r, q, logP) = (i / classes, i % classes, Scalar.log(clamped[i]))
      let difference = logP - weight * logRows[r] - weight * logColumns[q]
      loss -= clamped[i] * difference
      information += clamped[i] * (logP - logRows[r] - logColumns[q])
      if joint[i] >= floor { gradient[i] = -difference - 1 }
      clampedRowSums[r] += clamped[i]
      clampedColumnSums[q] += clamped[i]
    }
    for i in joint.indices {
      let (r, q) = (i / classes, i % classes)
      if rowSums[r] >= floor { gradient[i] += weight * clampedRowSums[r] / rows[r] }
      if columnSums[q] >= floor { gradient[i] += weight * clampedColumnSums[q] / columns[q] }
    }
    return (loss, information, gradient)
  }

  private func halfSumWithTranspose(_ values: [Scalar], _ size: Int) -> [Scalar] {
    var halves = values
    for row in 0..<size {
      for column in 0..<size {
        halves[row * size + column] = (values[row * size + column] + values[column * size + row]) / 2
      }
    }
    return halves
  }

  private func requireDistributions(_ rows: Tensor<Scalar>) {
    let classes = rows.shape[1]
    for a in 0..<rows.shape[0] {
      // In Double: of many classes the roundings of Float alone would come to more than the tolerance.
      var sum = 0.0
      for i in a * classes..<(a + 1) * classes { sum += Double(rows.values[i]) }
      // A sum that is not finite passes: a run that has left the numbers is told by its loss, not stopped here.
      require(
        !(abs(sum - 1) > 1e-4), "row \(a) of the class probabilities must sum to 1, not \(sum): are these logits?")
    }
  }
}
