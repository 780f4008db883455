// What a wrong tensor is of the right one, whatever the mistake: a multiple, a shift, another order of its elements, lost digits.
//
// A form is named only where it fits every element, within 4 bounds, and eight times better than the right tensor does. A single
// number is a multiple of any other, so of one the factor must be −1, 2 or ½. Digits are lost where every element errs by a small
// share of the sizes on its way, at most 2⁻⁶, and the errors do not follow the right values: a wrong constant's would.
// Tests    OracleTests/GeneralFormsTests.swift
import Foundation
import Kernels
import Networks

extension CorpusCase {
  /// The forms of the tensors that failed, in a few words each: "y is 2.0 times the right tensor".
  func generalForms(
    _ answers: [String: StoredTensor], failing: Set<String>, profile: Profile
  ) -> [String] {
    failing.sorted().compactMap { name in
      guard let answer = answers[name], let right = expected[name], answer.value.shape == right.shape else {
        return nil
      }
      if let kept = keptInput(name, answer.value) { return "\(name) is \(kept) as it was: not updated" }
      let form: String?
      switch (answer.value, right) {
      case (.real(let given), .real(let right)):
        form =
          FormFinder(given: given, right: right, sizes: scales[name]?.values.values) { i in
            self.bound(stored: right.values[i], self.scales[name], element: i, profile, answer.type)
              + profile.rounding(multipliesMatrices: self.multipliesMatrices) * abs(given.values[i])
          }.found
      case (.bytes(let given, _), .bytes(let right, _)): form = Self.differences(given, right)
      case (.integers(let given, _), .integers(let right, _)): form = Self.differences(given, right)
      default: form = nil
      }
      return form.map { "\(name) \($0)" }
    }
  }

  /// Those of the tensors that failed which are states that were not updated.
  func keptStates(_ answers: [String: StoredTensor], failing: Set<String>) -> [String] {
    failing.sorted().compactMap { name in
      answers[name].flatMap { keptInput(name, $0.value) }.map { "\(name) is \($0) as it was: not updated" }
    }
  }

  /// The input that a state after the operation is equal to, bit for bit in Float.
  private func keptInput(_ name: String, _ answer: TensorValue) -> String? {
    guard name.hasSuffix(".new"), case .real(let given) = answer else { return nil }
    let input = String(name.dropLast(4))
    guard case .real(let before)? = prompt.inputs[input], before.shape == given.shape,
      zip(given.values, before.values).allSatisfy({ Float($0) == Float($1) })
    else { return nil }
    return input
  }

  /// How many whole numbers differ, and by how much; of bytes within one of each other that this is rounding.
  private static func differences<Whole: FixedWidthInteger>(_ given: [Whole], _ right: [Whole]) -> String {
    let apart = zip(given, right).map { abs(Double($0) - Double($1)) }
    let (count, largest) = (apart.count { $0 > 0 }, apart.reduce(0, max))
    let rounding = Whole.self == UInt8.self && largest == 1 ? ": a convention of rounding or cutting" : ""
    return
      "differs in \(count) of \(apart.count) elements, by at most \(Int(exactly: largest)?.description ?? "\(largest)")"
      + rounding
  }
}

/// Looks for the form of one tensor.
struct FormFinder {
  private let given: [Double]
  private let right: [Double]
  private let shape: [Int]
  private let bounds: [Double]
  /// The sizes on the way of every element, which roundings are a share of; nil where they are not known.
  private let sizes: [Double]?
  /// The largest |given − right| in bounds.
  private let miss: Double

  init(given: Tensor<Double>, right: Tensor<Double>, sizes: [Double]?, bound: (Int) -> Double) {
    (self.given, self.right, shape, self.sizes) = (given.values, right.values, right.shape, sizes)
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
    return orders.first { fits($0.values) }?.name ?? lossOfDigits
  }

  /// How the form ends that is no formula's.
  static let lostDigits = "as where digits are lost, or a formula is wrong by little"

  /// That the errors are a small share of the sizes and have no order; nil where they are large, or few, or a function of the right
  /// values: along those their sign changes seldom.
  private var lossOfDigits: String? {
    // Of a few elements signs tell nothing.
    guard let sizes, given.count >= 16 else { return nil }
    var (largest, sum, product, errors, squares) = (0.0, 0.0, 0.0, 0.0, 0.0)
    var signed: [(value: Double, isAbove: Bool)] = []
    for (i, value) in right.enumerated() where given[i] != value {
      guard sizes[i] > 0 else { return nil }
      let (error, share) = ((given[i] - value) / sizes[i], value / sizes[i])
      largest = max(largest, abs(error))
      sum += error
      product += error * share
      errors += error * error
      squares += share * share
      signed.append((value, error > 0))
    }
    signed.sort { $0.value < $1.value }
    let changes = zip(signed, signed.dropFirst()).count { $0.isAbove != $1.isAbove }
    guard largest <= 0x1p-6, abs(product) <= 0.5 * (errors * squares).squareRoot(),
      abs(sum) <= 0.5 * (errors * Double(signed.count)).squareRoot(), 4 * changes >= signed.count - 1
    else { return nil }
    // To the next power of ten, so that cases of one mistake read alike.
    var limit = largest > 0.01 ? 0x1p-6 : 0.01
    while limit / 10 >= largest && limit > 1e-12 { limit /= 10 }
    return "errs without order by at most \(Self.short(limit)) of the sizes on its way: \(Self.lostDigits)"
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
    // Nearer to 1 it may be anything: an ε, lost digits. Of a tensor that is almost 0 any is a huge multiple.
    guard abs(factor - 1) >= 1e-3, (1e-6...1e6).contains(abs(factor)) else { return nil }
    // Of one or two numbers any factor would do.
    return count > 2 ? factor : [-1, 2, 0.5].first { abs(factor - $0) < 1e-3 }
  }

  /// The mean difference; nil of fewer than three elements.
  private var offset: Double? {
    given.count < 3 ? nil : zip(given, right).reduce(0) { $0 + ($1.0 - $1.1) } / Double(given.count)
  }

  /// The right elements without their signs, or in other orders.
  private var orders: [(name: String, values: [Double])] {
    var orders: [(String, [Double])] = [
      ("is the right tensor with 0 for what is negative", right.map { max(0, $0) }),
      ("is the right tensor without its signs", right.map { abs($0) }),
    ]
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
  static func short(_ number: Double) -> String { "\(number.rounded(significantDigits: 4))" }
}

extension Double {
  /// The nearest number that so many decimal digits say.
  func rounded(significantDigits digits: Int) -> Double {
    Double(String(format: "%.\(digits - 1)e", self)) ?? self
  }
}
