// What a relation expects of answers, claim by claim, and the worst of each kind of claims.
// Tests    OracleTests/RelationTests.swift
import Kernels

/// The claims of a relation and how far they are from holding.
struct RelationJudgement {
  private var reports: [String: TensorReport] = [:]

  /// The kinds of claims in alphabetical order.
  var tensors: [TensorReport] { reports.values.sorted { $0.name < $1.name } }

  /// Two numbers are equal as far as their errors let them.
  mutating func expect(_ name: String, _ a: BoundedNumber, equals b: BoundedNumber, at index: [Int] = []) {
    meet(name, a, b, index, apart: abs(a.value - b.value))
  }

  /// All numbers of one output are those of another.
  mutating func expect(_ name: String, _ a: [BoundedNumber], equals b: [BoundedNumber]) {
    require(a.count == b.count, "\(a.count) and \(b.count) numbers of \(name)")
    for i in a.indices { expect(name, a[i], equals: b[i], at: [i]) }
  }

  /// A number is not below another.
  mutating func expect(_ name: String, _ a: BoundedNumber, atLeast b: BoundedNumber, at index: [Int] = []) {
    meet(name, a, b, index, apart: max(0, b.value - a.value))
  }

  private mutating func meet(
    _ name: String, _ a: BoundedNumber, _ b: BoundedNumber, _ index: [Int], apart: Double
  ) {
    let ratio = apart == 0 ? 0 : apart / (a.error + b.error)
    // Written so that a ratio that is NaN counts as the worst of all.
    if let known = reports[name], ratio <= known.ratio { return }
    reports[name] = TensorReport(
      name: name, verdict: ratio <= 1 ? .ok : .fail, worst: (index, a.value, b.value),
      ratio: ratio.isNaN ? .infinity : ratio, note: "")
  }
}
