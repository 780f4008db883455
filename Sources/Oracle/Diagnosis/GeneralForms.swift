// What a wrong tensor is of the right one, whatever the mistake: a multiple, a shift, another order of its elements.
//
// A form is named only where it fits every element, within 4 bounds, and eight times better than the right tensor does. A single
// number is a multiple of any other, so of one the factor must be −1, 2 or ½.
// Tests    OracleTests/GeneralFormsTests.swift
import Kernels
import Networks

extension CorpusCase {
  /// The forms of the tensors that failed, in a few words each: "y is 2.0 times the right tensor".
  func generalForms(
    _ answers: [String: StoredTensor], failing: Set<String>, profile: Profile
  ) -> [String] {
    failing.sorted().compactMap { name in
      guard case .real(let given)? = answers[name]?.value, case .real(let right)? = expected[name],
        given.shape == right.shape, let type = answers[name]?.type
      else { return nil }
      let form = FormFinder(given: given, right: right) { i in
        self.bound(stored: right.values[i], self.scales[name], element: i, profile, type)
          + profile.rounding(multipliesMatrices: self.multipliesMatrices) * abs(given.values[i])
      }
      return form.found.map { "\(name) \($0)" }
    }
  }
}

/// Looks for the form of one tensor.
private struct FormFinder {
  let given: [Double]
  let right: [Double]
  let shape: [Int]
  let bounds: [Double]
  /// The largest |given − right| in bounds.
  let miss: Double

  init(given: Tensor<Double>, right: Tensor<Double>, bound: (Int) -> Double) {
    (self.given, self.right, shape) = (given.values, right.values, right.shape)
    bounds = right.values.indices.map(bound)
    miss = zip(zip(given.values, right.values), bounds).reduce(0) { max($0, abs($1.0.0 - $1.0.1) / $1.1) }
  }

  /// What is said of the tensor; nil where no form fits.
  var found: String? {
    let bad = given.count { !$0.isFinite }
    if bad > 0 { return "is not finite in \(bad) of \(given.count) elements" }
    if given.allSatisfy({ $0 == 0 }) { return "is 0 throughout" }
    if let factor, fits(right.map { factor * $0 }, by: max(1, abs(factor))) {
      return "is \(Self.short(factor)) times the right tensor"
    }
    if let offset, fits(right.map { $0 + offset }) { return "is the right tensor plus \(Self.short(offset))" }
    return orders.first { fits($0.values) }?.name
  }

  private func fits(_ form: [Double], by size: Double = 1) -> Bool {
    let largest = zip(zip(given, form), bounds).reduce(0) { max($0, abs($1.0.0 - $1.0.1) / (size * $1.1)) }
    return largest <= min(4, miss / 8)
  }

  /// The factor of the least squares in bounds.
  private var factor: Double? {
    var (product, square, count) = (0.0, 0.0, 0)
    for (i, value) in right.enumerated() where value != 0 {
      product += given[i] / bounds[i] * (value / bounds[i])
      square += value / bounds[i] * (value / bounds[i])
      count += 1
    }
    guard square > 0, square.isFinite, product.isFinite else { return nil }
    let factor = product / square
    guard abs(factor - 1) >= 1e-4 else { return nil }
    guard count > 2 || [-1, 2, 0.5].contains(where: { abs(factor - $0) < 1e-3 }) else { return nil }
    return factor
  }

  /// The mean difference; nil of fewer than three elements.
  private var offset: Double? {
    given.count < 3 ? nil : zip(given, right).reduce(0) { $0 + ($1.0 - $1.1) } / Double(given.count)
  }

  /// The right elements in other orders.
  private var orders: [(name: String, values: [Double])] {
    var orders: [(String, [Double])] = []
    if shape.count == 2, shape[0] == shape[1] {
      let n = shape[0]
      orders.append(("is the right tensor transposed", right.indices.map { right[$0 % n * n + $0 / n] }))
    }
    for (axis, length) in shape.enumerated() where length > 1 {
      let inner = shape[(axis + 1)...].reduce(1, *)
      func reordered(_ order: (Int) -> Int) -> [Double] {
        right.indices.map { i in
          let position = i / inner % length
          return right[i + (order(position) - position) * inner]
        }
      }
      orders.append(("is the right tensor reversed along axis \(axis)", reordered { length - 1 - $0 }))
      if length % 2 == 0 {
        let half = length / 2
        orders.append(("has the halves of axis \(axis) swapped", reordered { ($0 + half) % length }))
        orders.append(("has axis \(axis) interleaved", reordered { $0 % 2 * half + $0 / 2 }))
      }
    }
    return orders
  }

  /// Four significant digits.
  private static func short(_ number: Double) -> String {
    guard number != 0 else { return "0" }
    var (scale, size) = (1.0, abs(number))
    while size < 1000 && scale < 1e12 { (size, scale) = (size * 10, scale * 10) }
    return "\((number * scale).rounded() / scale)"
  }
}
