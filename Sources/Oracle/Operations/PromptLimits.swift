// What a prompt may ask for: a few bytes can name sizes whose products no memory holds.
//
//     numbers on the way     2²⁷, as 1,024 rows against a bank of 131,072: 1 GiB in Double
//     comparisons            2³⁴, as a bank of 131,072 against itself, chunk by chunk: about a minute
//     tracked numbers        2²¹ for scales, each of which carries 128 deviations: 2 GiB
//
// Tests    OracleTests/PromptLimitsTests.swift
import Kernels
import Networks

/// How many numbers are too many.
enum PromptLimits {
  static let numbers = 1 << 27
  static let comparisons = 1 << 34
  static let tracked = 1 << 21

  /// The product of lengths; nil if one is negative or no number can say it.
  static func product(_ lengths: [Int]) -> Int? {
    lengths.reduce(Optional(1)) { product, length in
      guard let (partial, overflow) = product?.multipliedReportingOverflow(by: length), !overflow, length >= 0
      else { return nil }
      return partial
    }
  }
}

/// The logarithm of base 2.
func binaryLogarithm(_ x: Double) -> Double { Double.log(x) / Double.log(2) }

extension NetworkPrompt {
  /// Stops a prompt whose answer needs more numbers at once than are allowed; `lengths` are those of the axes.
  func requireRoom(
    _ what: String, _ lengths: [Int], most: Int = PromptLimits.numbers
  ) throws(OracleError) {
    guard let product = PromptLimits.product(lengths), product <= most else {
      let sizes = lengths.map { "\($0)" }.joined(separator: " × ")
      throw fault("\(what) would be \(sizes) numbers, and at most \(most) are allowed")
    }
  }

  /// Stops a prompt that compares more pairs of rows than are allowed.
  func requireComparable(_ rows: Int, _ others: Int) throws(OracleError) {
    try requireRoom("the comparisons of rows", [rows, others], most: PromptLimits.comparisons)
  }

  /// As ``requireRoom(_:_:most:)``, for scales: the answer can be given, but no bound for another's.
  func requireTrackable(_ what: String, _ lengths: [Int]) throws(OracleError) {
    try requireRoom("to find the bounds of answers, \(what)", lengths, most: PromptLimits.tracked)
  }

  /// Stops a prompt whose inner products of rows leave the range of `Scalar`: sums that are infinite, and products that lose digits.
  ///
  /// What becomes of them may be whole numbers, such as the nearest rows, which say nothing of it.
  func requireProducts<Scalar: RealScalar>(
    _ what: String, _ rows: Tensor<Scalar>, _ others: Tensor<Scalar>
  ) throws(OracleError) {
    let largest = [rows, others].map { Double($0.values.reduce(0) { max($0, abs($1)) }) }
    guard largest.allSatisfy({ $0 > 0 && $0.isFinite }) else { return }
    let exponent = binaryLogarithm(largest[0]) + binaryLogarithm(largest[1])
    let digits = Double(Scalar.significandBitCount)
    let least = Double(Scalar.leastNormalMagnitude.exponent) + digits
    let most = Double(Scalar.greatestFiniteMagnitude.exponent) - binaryLogarithm(Double(rows.columns))
    guard exponent < least || exponent > most else { return }
    let precision = Scalar.self == Float.self ? "float" : "double"
    throw fault(
      "\(what) leave \(precision)'s range: the largest numbers are \(largest[0]) and \(largest[1]), and their product "
        + "must lie between 2^\(Int(least.rounded(.up))) and 2^\(Int(most.rounded(.down)))")
  }
}
