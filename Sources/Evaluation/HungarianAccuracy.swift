// The accuracy of a clustering: clusters are matched one to one with classes so that most images agree.
//
// The assignment problem, by shortest augmenting paths (Kuhn 1955, Munkres 1957; the O(n³) form with potentials u, v):
// with costs c_pt = −n_pt, keep u_p + v_t ≤ c_pt with equality on matched pairs, and add one cluster at a time along the
// path of smallest reduced cost c_pt − u_p − v_t. A rectangular table is padded with zeros to a square one.
// Tests    EvaluationTests/ContingencyTableTests.swift
import Kernels

/// The best one-to-one map of clusters to classes.
public struct HungarianAccuracy: Sendable, Equatable {
  /// The share of images whose cluster maps to their class, 0 to 1.
  public let accuracy: Double
  /// The number of those images.
  public let matched: Int
  /// The class of each cluster; nil for clusters left over where there are more clusters than classes.
  public let mapping: [Int?]

  /// Solves the assignment; among equally good maps any may be returned, always the same one.
  ///
  /// - Parameter counts: clusters × classes, at least one of each, all rows equally long.
  public init(counts: [[Int]]) {
    let classes = counts.first?.count ?? 0
    require(
      classes > 0 && counts.allSatisfy { $0.count == classes },
      "an assignment needs a table with equal rows, not rows of \(counts.map(\.count))")
    let size = max(counts.count, classes)
    let assigned = Self.assignment(size: size) { p, t in
      p < counts.count && t < classes ? -counts[p][t] : 0
    }
    mapping = counts.indices.map { assigned[$0] < classes ? assigned[$0] : nil }
    matched = zip(counts, mapping).reduce(0) { sum, pair in sum + (pair.1.map { pair.0[$0] } ?? 0) }
    let total = counts.joined().reduce(0, +)
    accuracy = total == 0 ? 0 : Double(matched) / Double(total)
  }

  /// The column of each row in the assignment of least total cost.
  private static func assignment(size: Int, cost: (_ row: Int, _ column: Int) -> Int) -> [Int] {
    // Rows and columns count from 1; column 0 stands for "no column yet" and holds the row that is being added.
    var rowPotential = [Int](repeating: 0, count: size + 1)
    var columnPotential = rowPotential
    var rowOfColumn = rowPotential
    for row in 1...size {
      rowOfColumn[0] = row
      var column = 0
      var smallest = [Int](repeating: .max, count: size + 1)
      var previous = [Int](repeating: 0, count: size + 1)
      var reached = [Bool](repeating: false, count: size + 1)
      repeat {
        reached[column] = true
        let current = rowOfColumn[column]
        var (step, next) = (Int.max, 0)
        for other in 1...size where !reached[other] {
          let reduced = cost(current - 1, other - 1) - rowPotential[current] - columnPotential[other]
          if reduced < smallest[other] { (smallest[other], previous[other]) = (reduced, column) }
          if smallest[other] < step { (step, next) = (smallest[other], other) }
        }
        for other in 0...size {
          if reached[other] {
            rowPotential[rowOfColumn[other]] += step
            columnPotential[other] -= step
          } else {
            smallest[other] -= other == 0 ? 0 : step
          }
        }
        column = next
      } while rowOfColumn[column] != 0
      while column != 0 {
        rowOfColumn[column] = rowOfColumn[previous[column]]
        column = previous[column]
      }
    }
    var columnOfRow = [Int](repeating: 0, count: size)
    for column in 1...size { columnOfRow[rowOfColumn[column] - 1] = column - 1 }
    return columnOfRow
  }
}
