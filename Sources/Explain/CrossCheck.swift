// What an explanation has computed beside what the library says, and gradients beside central differences.
//
// Worked out are plain sums of a few terms in Double: both sides round a few dozen times, so 1e-12 of the larger is far
// more than they may differ by and far less than any mistake changes. For gradients with a step h = 1e-5 the truncation
// is h² f‴ / 6 (1e-9 for the temperatures here) and the rounding eps |f| / h = 1e-10: 1e-7 separates both from a wrong term.
// Tests    ExplainTests/ExplainTests.swift
import Commands
import Kernels
import Networks

/// The same numbers from two sides.
package struct CrossCheck: Sendable, Equatable {
  /// What they are: "L", or "z, 4 × 4 numbers".
  let what: String
  /// Worked out in the explanation.
  package let worked: [Double]
  /// From the library.
  package let library: [Double]
  /// The function of the library.
  let function: String

  init(_ what: String, _ worked: [Double], _ library: [Double], by function: String) {
    (self.what, self.worked, self.library, self.function) = (what, worked, library, function)
  }

  init(_ what: String, _ worked: [Double], _ library: Tensor<Double>, by function: String) {
    self.init(what, worked, library.values, by: function)
  }

  /// The largest difference, relative to numbers above 1; infinite if their counts differ.
  var deviation: Double {
    guard worked.count == library.count, !worked.isEmpty else { return .infinity }
    return zip(worked, library).reduce(0) { largest, pair in
      let distance = abs(pair.0 - pair.1) / max(1, abs(pair.1))
      return distance.isNaN ? .infinity : max(largest, distance)
    }
  }

  /// Whether both sides say the same.
  var holds: Bool { deviation <= 1e-12 }

  var lines: [String] {
    let verdict = holds ? "they agree" : "THEY DISAGREE"
    guard worked.count == 1, library.count == 1 else {
      return ["\(what): as \(function) has them; largest difference \(magnitude(deviation)), \(verdict)"]
    }
    let names = ["\(what), computed above", "\(what), by \(function)"]
    let width = names.map(\.count).max() ?? 0
    let numbers = [worked[0], library[0]].map { formatted("%.12f", $0) }
    return zip(names, zip(numbers, ["", ", \(verdict)"])).map { $0.filled(to: width) + "  " + $1.0 + $1.1 }
  }
}

/// A gradient of the library beside central differences of the loss.
package struct GradientCheck: Sendable, Equatable {
  /// What it is a gradient of: "∂L/∂z".
  let what: String
  /// The library's, derived by hand.
  package let claimed: Tensor<Double>
  /// (L(x + h) − L(x − h)) / 2h for one element at a time.
  package let measured: Tensor<Double>
  /// The names of the rows.
  let names: [String]
  /// The names of the columns.
  let columns: [String]

  /// h.
  static let step = 1e-5

  /// Measures the gradient of `loss` at `point`, a matrix, or a vector as a single row.
  init(
    _ what: String, _ claimed: Tensor<Double>, at point: Tensor<Double>, names: [String], columns: [String],
    loss: (Tensor<Double>) -> Double
  ) {
    (self.what, self.claimed, self.names, self.columns) = (what, claimed, names, columns)
    var slopes = point
    for i in point.values.indices {
      var (forth, back) = (point, point)
      forth.values[i] += Self.step
      back.values[i] -= Self.step
      slopes.values[i] = (loss(forth) - loss(back)) / (2 * Self.step)
    }
    measured = slopes
  }

  /// The largest difference as a share of the largest element.
  var deviation: Double {
    guard claimed.count == measured.count, claimed.count > 0 else { return .infinity }
    let largest = claimed.values.reduce(1e-3) { max($0, abs($1)) }
    return zip(claimed.values, measured.values).reduce(0) { worst, pair in
      let distance = abs(pair.0 - pair.1) / largest
      return distance.isNaN ? .infinity : max(worst, distance)
    }
  }

  /// Whether the gradient is right.
  var holds: Bool { deviation <= 1e-7 }

  var lines: [String] {
    let width = columns.count
    var rows: [(String, [NumberTable.Cell])] = []
    for (a, name) in names.enumerated() {
      let range = a * width..<(a + 1) * width
      guard range.upperBound <= claimed.count, range.upperBound <= measured.count else { continue }
      let (hand, difference) = (Array(claimed.values[range]), Array(measured.values[range]))
      rows.append(("\(name)  library", hand.map { .number($0) }))
      rows.append(("".filled(to: name.count) + "  differences", difference.map { .number($0) }))
    }
    let table = NumberTable(
      "\(what), by the library and by differences of ±\(magnitude(Self.step))", columns: columns, rows: rows)
    let verdict = holds ? "they agree" : "THEY DISAGREE"
    return table.lines + ["largest difference, of the largest element: \(magnitude(deviation)), \(verdict)"]
  }
}
