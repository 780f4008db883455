// The rounding errors of the batch loss and of the relation loss, from rows to their gradient.
//
// What a row's loss is made of is in TrackedBatchLossRow.swift. Rows come and go one at a time: a matrix of the
// products of all pairs of 1,024 rows, each with its deviations, would be a gigabyte, and there would be six of them.
// Tests    OracleTests/TrackedNumberTests.swift, OracleTests/LossCasesTests.swift
import Kernels
import Networks
import TwoStage

extension BatchLoss<Double> {
  /// The loss with its errors, and of every row a of the gradient by the products r_a·r_b what `pull` makes of it.
  ///
  /// - Parameters:
  ///   - count: The number of rows.
  ///   - cosines: The products of a row with all rows.
  ///   - pull: Receives a row's index, its products and its gradient: the factors of r_b in the gradient of r_a.
  /// - Returns: The loss, and what was made of the rows, in their order.
  fileprivate func tracked<Pulled: Sendable>(
    count: Int, cosines: @Sendable (Int) -> [TrackedNumber],
    pull: @Sendable (_ a: Int, _ cosines: [TrackedNumber], _ gradient: [TrackedNumber]) -> Pulled
  ) -> (loss: TrackedNumber, pulled: [Pulled]) {
    let factor = reduction.trackedFactor(rows: denominator == .released ? count : count / 2)
    let temperature = TrackedNumber(rounded: temperature)
    /// A row with the second factor of every product a constant.
    @Sendable func oneSided(_ a: Int, _ cosines: [TrackedNumber]) -> (loss: TrackedNumber, gradient: [TrackedNumber]) {
      let found = row(a, of: count).evaluate(cosines.map { $0 / temperature })
      return (found.loss, found.gradient.map { factor * $0 / temperature })
    }
    var (losses, pulled): ([TrackedNumber], [Pulled])
    if stopsGradient {
      let rows = Parallel.map(count) { a in
        let products = cosines(a)
        let (loss, gradient) = oneSided(a, products)
        return (loss, pull(a, products, gradient))
      }
      (losses, pulled) = (rows.map(\.0), rows.map(\.1))
    } else {
      let rows = Parallel.map(count) { oneSided($0, cosines($0)) }
      losses = rows.map(\.loss)
      pulled = Parallel.map(count) { a in
        pull(a, cosines(a), (0..<count).map { rows[a].gradient[$0] + rows[$0].gradient[a] })
      }
    }
    return (factor * TrackedNumber.sum(losses), pulled)
  }

  /// The loss of rows with its errors.
  func tracked(_ rows: TrackedMatrix) -> TrackedLoss {
    let rounding = ProductRounding.ofMatrices
    let (all, columns) = ((0..<rows.rows).map(rows.row), (0..<rows.columns).map(rows.transposed.row))
    let found = tracked(count: rows.rows) { a in
      all.map { TrackedNumber.dot(all[a], $0, rounding: rounding) }
    } pull: { _, _, gradient in
      columns.map { TrackedNumber.dot(gradient, $0, rounding: rounding) }
    }
    return TrackedLoss(
      loss: found.loss,
      gradient: TrackedMatrix(rows: rows.rows, columns: rows.columns, values: found.pulled.flatMap { $0 }))
  }

  /// Which part every other row plays in the loss of row a.
  func row(_ a: Int, of count: Int) -> TrackedBatchLossRow {
    let (partner, weight) = ((a + count / 2) % count, TrackedNumber(rounded: negativeWeight))
    let originals = 0..<count / 2
    switch denominator {
    case .released:
      let negatives = (0..<count).filter { $0 != a && $0 != partner }
      return TrackedBatchLossRow(positive: partner, negatives: negatives, denominatorOnly: [], weight: weight)
    case .paper where a < count / 2:
      return TrackedBatchLossRow(
        positive: nil, negatives: originals.filter { $0 != a }, denominatorOnly: [a], weight: weight)
    case .paper:
      return TrackedBatchLossRow(
        positive: partner, negatives: [], denominatorOnly: originals.filter { $0 != partner }, weight: weight)
    }
  }
}

extension RelationLoss<Double> {
  /// The loss of embeddings and a bank with its errors, in the Gram form.
  ///
  /// The Gram form forms Σ |v||M|ᵀ|M||v| where the direct form adds |z||z|, which is smaller: its errors bound both.
  func tracked(embeddings: TrackedMatrix, bank: TrackedMatrix) -> TrackedLoss {
    let gram = bank.transposed.multiplied(by: bank)
    var (pulled, scaled) = (embeddings.multiplied(by: gram), embeddings)
    let (rows, columns) = (embeddings.rows, embeddings.columns)
    let inverses = (0..<rows).map { a -> TrackedNumber in
      let square = TrackedNumber.dot(pulled.row(a), embeddings.row(a))
      return square.value > 1e-24 ? TrackedNumber(exact: 1) / square.squareRoot : TrackedNumber(exact: 0)
    }
    for i in scaled.values.indices {
      pulled.values[i] = pulled.values[i] * inverses[i / columns]
      scaled.values[i] = scaled.values[i] * inverses[i / columns]
    }
    let (pulledRows, scaledRows) = ((0..<rows).map(pulled.row), (0..<rows).map(scaled.row))
    let (pulledColumns, rounding) = ((0..<columns).map(pulled.transposed.row), ProductRounding.ofMatrices)
    let found = batchLoss.tracked(count: rows) { a in
      scaledRows.map { TrackedNumber.dot(pulledRows[a], $0, rounding: rounding) }
    } pull: { a, cosines, gradient in
      let along = TrackedNumber.dot(gradient, cosines)
      return (0..<columns).map { i in
        let sum = TrackedNumber.dot(gradient, pulledColumns[i], rounding: rounding)
        return inverses[a] * (sum - along * pulledRows[a][i])
      }
    }
    return TrackedLoss(
      loss: found.loss, gradient: TrackedMatrix(rows: rows, columns: columns, values: found.pulled.flatMap { $0 }))
  }
}
