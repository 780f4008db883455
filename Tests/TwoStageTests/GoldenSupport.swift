// What the golden tests share: comparing counts before values, and the inputs of stage 1's fixture.
import Kernels
import Networks
import TestSupport
import Testing
import TwoStage

/// Expects the same shape, and every value within `tolerance` · max(1, largest expected magnitude).
///
/// The largest magnitude is the scale because a gradient's small components are differences of larger terms.
func expectClose<Scalar: RealScalar>(
  _ actual: Tensor<Scalar>, _ expected: Tensor<Double>, tolerance: Double,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(actual.shape == expected.shape, sourceLocation: sourceLocation)
  guard actual.shape == expected.shape else { return }
  let scale = expected.values.reduce(1) { max($0, abs($1)) }
  let distances = zip(actual.values, expected.values).map { abs(Double($0) - $1) / scale }
  let worst = distances.indices.max { !(distances[$0] >= distances[$1]) } ?? 0
  #expect(
    distances.allSatisfy { $0 <= tolerance },
    "value \(worst) is \(actual.values[worst]), not \(expected.values[worst])", sourceLocation: sourceLocation)
}

/// Expects a number within `tolerance` · max(1, |expected|), or · |expected| if `relative`.
func expectClose<Scalar: RealScalar>(
  _ actual: Scalar, _ expected: Double, tolerance: Double, relative: Bool = false,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let bound = tolerance * (relative ? abs(expected) : max(1, abs(expected)))
  #expect(
    abs(Double(actual) - expected) <= bound, "\(actual) is not within \(bound) of \(expected)",
    sourceLocation: sourceLocation)
}

/// Section A of the golden file in the scalar of a test.
struct StageOneFixture<Scalar: RealScalar> {
  let golden: GoldenValues
  let bank: MemoryBank<Scalar>
  let embeddings: Tensor<Scalar>
  let images: [Int]

  init(viewPolicy: MemoryBank<Scalar>.ViewPolicy = .second) throws {
    golden = try GoldenValues()
    bank = MemoryBank(
      rows: try golden.matrix("A_stage1", "M").converted(), temperature: 0.5, momentum: 0.5, viewPolicy: viewPolicy)
    embeddings = try golden.matrix("A_stage1", "V").converted()
    images = try golden.integers("A_stage1", "y")
  }

  func neighbourhoods(_ count: Int = 1) throws -> Neighbourhoods {
    Neighbourhoods(
      imageCount: 12, anchors: try golden.integers("A_stage1", "anchors_k\(count)"),
      neighbours: try golden.integerLists("A_stage1", "neigh_k\(count)"))
  }

  var distribution: BankDistribution<Scalar> {
    BankDistribution(logits: bank.logits(of: embeddings), images: images + images)
  }
}

/// How far a loss may be from its float64 value, by scalar.
///
/// Double: 10⁻⁹, a thousand times the accuracy to which the golden values were confirmed. Float: every fixture has rows of
/// D ≤ 8 features and at most C = 12 columns, and eps = 2⁻²³.
/// - An inner product of unit vectors is off by (D + 2) eps at most (D roundings, and one for each rounded input). Divided
///   by τ, with one more rounding: a similarity s is off by (D + 3) eps / τ.
/// - A log-sum-exp and a log-softmax move by at most twice the largest error of their similarities, plus C + 4 roundings
///   of terms below max |s| + log C ≤ 1/τ + 3.
/// - A row of the batch loss sums C such terms with derivatives 1 + Σ Q / (1 − Q) ≤ 1 + C in s; a gradient divides
///   by τ once more.
/// So a loss is within C · (2 (D + 3) / τ + (C + 4)(1/τ + 3)) eps ≤ C · (38/τ + 48) eps, and a gradient within 1/τ of that.
func lossTolerance<Scalar: RealScalar>(
  _ type: Scalar.Type, temperature: Double, columns: Double = 12, gradient: Bool = false
) -> Double {
  guard type == Float.self else { return 1e-9 }
  let loss = columns * (38 / temperature + 48) * 0x1p-23
  return gradient ? loss / temperature : loss
}

/// The rows of a matrix, as the definitions take them.
func arrays(_ matrix: Tensor<Double>) -> [[Double]] { (0..<matrix.rows).map { Array(matrix.row($0)) } }
