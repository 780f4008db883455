// The rounding errors of the assignment loss and of the class heads, forward and backward.
// Tests    OracleTests/TrackedNumberTests.swift, OracleTests/LossCasesTests.swift
import Kernels
import Networks
import TwoStage

extension MutualInformationLoss<Double> {
  /// What ``MutualInformationLoss/evaluate(first:second:)`` returns, with its errors.
  struct Tracked {
    var loss: TrackedNumber
    var information: TrackedNumber
    var joint: TrackedMatrix
    var firstGradient: TrackedMatrix
    var secondGradient: TrackedMatrix
  }

  /// The loss of two views' probabilities with its errors.
  func tracked(first: TrackedMatrix, second: TrackedMatrix) -> Tracked {
    func symmetric(_ matrix: TrackedMatrix) -> TrackedMatrix {
      symmetrised ? (matrix + matrix.transposed).map { $0.scaledExactly(by: 0.5) } : matrix
    }
    let sums = symmetric(first.transposed.multiplied(by: second))
    let total = TrackedNumber.sum(sums.values)
    let joint = sums.map { $0 / total }
    let (loss, information, gradient) = terms(joint)
    let mean = TrackedNumber.dot(joint.values, gradient.values)
    let pulled = symmetric(gradient.map { ($0 - mean) / total })
    return Tracked(
      loss: loss, information: information, joint: joint, firstGradient: second.multiplied(byTransposed: pulled),
      secondGradient: first.multiplied(by: pulled))
  }

  /// L, I and ∂L/∂P at a joint distribution; what is below the floor is the floor, a constant.
  private func terms(_ joint: TrackedMatrix) -> (TrackedNumber, TrackedNumber, TrackedMatrix) {
    let classes = joint.rows
    let rowSums = (0..<classes).map { TrackedNumber.sum(joint.row($0)) }
    let columnSums = (0..<classes).map { TrackedNumber.sum(joint.transposed.row($0)) }
    let weight = TrackedNumber(rounded: marginalEntropyWeight)
    func clamped(_ x: TrackedNumber) -> TrackedNumber { x.value < floor ? TrackedNumber(exact: floor) : x }
    let cells = joint.map(clamped)
    let (rows, columns) = (rowSums.map(clamped), columnSums.map(clamped))
    func slope(_ sum: TrackedNumber, _ clampedSum: TrackedNumber, _ parts: [TrackedNumber]) -> TrackedNumber {
      sum.value < floor ? TrackedNumber(exact: 0) : weight * (TrackedNumber.sum(parts) / clampedSum)
    }
    let rowSlopes = (0..<classes).map { slope(rowSums[$0], rows[$0], cells.row($0)) }
    let columnSlopes = (0..<classes).map { slope(columnSums[$0], columns[$0], cells.transposed.row($0)) }
    var (losses, shares, gradient) = ([TrackedNumber](), [TrackedNumber](), joint)
    for (i, cell) in cells.values.enumerated() {
      let (r, q, logP) = (i / classes, i % classes, TrackedNumber.log(cell))
      let (logR, logQ) = (TrackedNumber.log(rows[r]), TrackedNumber.log(columns[q]))
      let difference = logP - weight * logR - weight * logQ
      losses.append(-(cell * difference))
      shares.append(cell * (logP - logR - logQ))
      var slopes = [rowSlopes[r], columnSlopes[q]]
      if joint.values[i].value >= floor { slopes.append(-difference - TrackedNumber(exact: 1)) }
      gradient.values[i] = TrackedNumber.sum(slopes)
    }
    return (TrackedNumber.sum(losses), TrackedNumber.sum(shares), gradient)
  }
}

/// One class head with its errors.
struct TrackedHead {
  /// W̄, features × classes.
  let directions: TrackedMatrix
  /// y, views × classes.
  let probabilities: TrackedMatrix
  let temperature: TrackedNumber
  /// The length that each entry of W was divided by, row-major.
  private let lengths: [TrackedNumber]
  private let vectors: [[Int]]

  /// The head's answer to embeddings.
  init(weight: Tensor<Double>, embeddings: TrackedMatrix, temperature: Double, axis: ClusterHeadAxis) {
    let (features, classes) = (weight.rows, weight.columns)
    let w = TrackedMatrix(exact: weight)
    vectors =
      axis == .classes
      ? (0..<classes).map { k in (0..<features).map { $0 * classes + k } }
      : (0..<features).map { d in (0..<classes).map { d * classes + $0 } }
    var lengths = w.values
    for vector in vectors {
      let parts = vector.map { w.values[$0] }
      let length = TrackedNumber.dot(parts, parts).squareRoot
      for i in vector { lengths[i] = length.value < 1e-12 ? TrackedNumber(rounded: 1e-12) : length }
    }
    self.lengths = lengths
    directions = TrackedMatrix(rows: features, columns: classes, values: zip(w.values, lengths).map { $0 / $1 })
    self.temperature = TrackedNumber(rounded: temperature)
    let logits = embeddings.multiplied(by: directions).map { [temperature = self.temperature] in $0 / temperature }
    let rows = (0..<logits.rows).flatMap { a -> [TrackedNumber] in
      let row = logits.row(a)
      let logSumExp = TrackedNumber.logSumExp(row)
      return row.map { TrackedNumber.exp($0 - logSumExp) }
    }
    probabilities = TrackedMatrix(rows: logits.rows, columns: classes, values: rows)
  }

  /// ∂L/∂(V W̄) of ∂L/∂y.
  func scoresGradient(of gradient: TrackedMatrix) -> TrackedMatrix {
    var result = gradient
    for a in 0..<gradient.rows {
      let mean = TrackedNumber.dot(gradient.row(a), probabilities.row(a))
      for i in a * gradient.columns..<(a + 1) * gradient.columns {
        result.values[i] = probabilities.values[i] * (gradient.values[i] - mean) / temperature
      }
    }
    return result
  }

  /// ∂L/∂W of ∂L/∂(V W̄).
  func weightGradient(ofScores gradient: TrackedMatrix, embeddings: TrackedMatrix) -> TrackedMatrix {
    var result = embeddings.transposed.multiplied(by: gradient)
    let pulled = result.values
    for vector in vectors {
      // Below the smallest divisor that is a constant; a vector of zeros has no gradient by definition.
      guard vector.contains(where: { lengths[$0].value > 1e-12 }) else {
        for i in vector {
          let isZero = vector.allSatisfy { directions.values[$0].value == 0 }
          result.values[i] = isZero ? TrackedNumber(exact: 0) : pulled[i] / lengths[i]
        }
        continue
      }
      let along = TrackedNumber.dot(vector.map { pulled[$0] }, vector.map { directions.values[$0] })
      for i in vector { result.values[i] = (pulled[i] - directions.values[i] * along) / lengths[i] }
    }
    return result
  }
}
