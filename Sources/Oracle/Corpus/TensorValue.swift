// What a case of the corpus is given and what it answers: named tensors of numbers, whole numbers or bytes.
// Tests    OracleTests/PromptTests.swift
import Kernels
import Networks

/// Why a prompt, a case or a response cannot be used: what was expected, what was found, and where.
public struct OracleError: Error, CustomStringConvertible, Equatable {
  /// One sentence.
  public let description: String

  /// An error of one sentence.
  public init(_ description: String) { self.description = description }
}

/// One tensor of a prompt or an answer.
public enum TensorValue: Sendable, Equatable {
  /// Real numbers; a Float path hands over its values exactly.
  case real(Tensor<Double>)
  /// Whole numbers: indices, counts, random words.
  case integers([Int], shape: [Int])
  /// Bytes: pixels.
  case bytes([UInt8], shape: [Int])

  /// The sizes, outermost first; empty for a single number.
  public var shape: [Int] {
    switch self {
    case .real(let tensor): tensor.shape
    case .integers(_, let shape), .bytes(_, let shape): shape
    }
  }

  /// How many values there are.
  var count: Int {
    switch self {
    case .real(let tensor): tensor.count
    case .integers(let integers, _): integers.count
    case .bytes(let bytes, _): bytes.count
    }
  }

  /// Whether there are as many values as the shape says.
  var fillsShape: Bool { Self.count(of: shape) == count }

  /// The product of lengths; nil if one is negative or no number can say it.
  static func count(of lengths: [Int]) -> Int? {
    lengths.reduce(Optional(1)) { product, length in
      guard let (partial, overflow) = product?.multipliedReportingOverflow(by: length), !overflow, length >= 0
      else { return nil }
      return partial
    }
  }

  /// Real numbers of any precision.
  public static func real<Scalar: RealScalar>(_ tensor: Tensor<Scalar>) -> TensorValue {
    .real(tensor.converted(to: Double.self))
  }

  /// One real number.
  public static func number<Scalar: RealScalar>(_ number: Scalar) -> TensorValue {
    .real(Tensor<Double>(shape: [], values: [Double(number)]))
  }

  /// A list of whole numbers.
  static func listOf(_ numbers: [Int]) -> TensorValue { .integers(numbers, shape: [numbers.count]) }

  /// A matrix of given rows.
  static func rows(_ rows: [[Double]]) -> TensorValue { .real(Tensor<Double>(rows: rows)) }
}

extension Tensor where Scalar == Double {
  /// Every element changed by its place and value.
  func mapped(_ change: (Int, Double) -> Double) -> Tensor {
    Tensor(shape: shape, values: values.enumerated().map { change($0, $1) })
  }
}
