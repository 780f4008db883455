// What a prompt may ask for: a few bytes can name sizes whose products no memory holds.
//
//     numbers on the way     2²⁷, as 1,024 rows against a bank of 131,072: 1 GiB in Double
//     comparisons            2³⁴, as a bank of 131,072 against itself, chunk by chunk: about a minute
//     tracked numbers        2²¹ for scales, each of which carries 128 deviations: 2 GiB for every copy on the way
//
// Tests    OracleTests/PromptLimitsTests.swift
import Foundation
import Kernels
import Networks

/// How many numbers are too many.
enum PromptLimits {
  static let numbers = 1 << 27
  static let comparisons = 1 << 34
  static let tracked = 1 << 21

}

extension NetworkPrompt {
  /// Stops a prompt whose answer needs more numbers at once than are allowed; `lengths` are those of the axes.
  func requireRoom(
    _ what: String, _ lengths: [Int], most: Int = PromptLimits.numbers
  ) throws(OracleError) {
    guard let product = TensorValue.count(of: lengths), product <= most else {
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
    guard let (row, other) = largest(rows, others) else { return }
    let exponent = log2(row) + log2(other)
    let least = Double(Scalar.leastNormalMagnitude.exponent) + Double(Scalar.significandBitCount)
    let most = Double(Scalar.greatestFiniteMagnitude.exponent) - log2(Double(rows.columns))
    guard exponent < least || exponent > most else { return }
    throw fault(
      "\(what) leave \(Self.name(of: Scalar.self))'s range: the largest numbers are \(row) and \(other), and their product "
        + "must lie between 2^\(Int(least.rounded(.up))) and 2^\(Int(most.rounded(.down)))")
  }

  /// Stops a prompt where ‖M v‖² would leave the range of `Scalar`: it is at most |v|² |M|² features² images of the largest numbers.
  func requireRelations<Scalar: RealScalar>(
    _ embeddings: Tensor<Scalar>, _ bank: Tensor<Scalar>
  ) throws(OracleError) {
    guard let (v, m) = largest(embeddings, bank) else { return }
    let exponent = 2 * (log2(v) + log2(m) + log2(Double(embeddings.columns))) + log2(Double(bank.rows))
    guard exponent > Double(Scalar.greatestFiniteMagnitude.exponent) else { return }
    throw fault(
      "the squares of \"bank\" times \"embeddings\" leave \(Self.name(of: Scalar.self))'s range: their largest numbers are \(m) "
        + "and \(v)")
  }

  /// The largest magnitudes of two matrices; nil where one holds nothing but zeros.
  private func largest<Scalar: RealScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> (Double, Double)? {
    let (x, y) = (a.values.reduce(0) { max($0, abs($1)) }, b.values.reduce(0) { max($0, abs($1)) })
    return x > 0 && y > 0 ? (Double(x), Double(y)) : nil
  }

  private static func name<Scalar: RealScalar>(of _: Scalar.Type) -> String {
    Scalar.self == Float.self ? "float" : "double"
  }
}
