// Top-k accuracy: whether the right class is among the k classes of the highest scores.
//
// Equal scores are settled by the lower class, as in ``WeightedNearestNeighbours``; k beyond the number of classes means all.
// Tests    EvaluationTests/TopClassesTests.swift
import Kernels
import Networks

/// Which rows of scores have the right class among their k highest.
public struct TopClasses: Sendable, Equatable {
  /// Whether each row has.
  public let hits: [Bool]

  /// Looks at rows of scores, rows × classes; stops if the classes do not fit.
  public init<Scalar: RealScalar>(_ count: Int = 5, of scores: Tensor<Scalar>, targets: [Int]) {
    require(count > 0, "the highest \(count) scores hold no class")
    require(scores.rows == targets.count, "\(scores.rows) rows of scores with \(targets.count) classes")
    hits = targets.enumerated().map { a, target in
      let row = Array(scores.row(a))
      require(row.indices.contains(target), "class \(target) is not one of \(row.count)")
      return row.indices.count { row[$0] > row[target] || row[$0] == row[target] && $0 < target } < count
    }
  }

  /// The number of hits.
  public var matched: Int { hits.count { $0 } }
  /// The share of hits, 0 to 1; 0 of no rows.
  public var accuracy: Double { Double(matched) / Double(max(1, hits.count)) }
}
