// An array of scalars with a shape; row-major, the last axis fastest. Images are batch × channels × height × width.
// Tests    NetworksTests/TensorTests.swift
import Kernels

/// Scalars in row-major order together with their shape.
public struct Tensor<Scalar: RealScalar>: Sendable, Equatable {
  /// The length of each axis, outermost first.
  public let shape: [Int]
  /// The scalars in row-major order; as many as the product of the shape.
  public var values: [Scalar]

  /// A tensor of given values; stops if their number is not the product of the shape.
  public init(shape: [Int], values: [Scalar]) {
    require(
      values.count == shape.reduce(1, *),
      "a tensor of shape \(shape) holds \(shape.reduce(1, *)) values, not \(values.count)")
    self.shape = shape
    self.values = values
  }

  /// A tensor of one repeated value.
  public init(shape: [Int], repeating value: Scalar = 0) {
    self.init(shape: shape, values: Array(repeating: value, count: shape.reduce(1, *)))
  }

  /// A matrix from its rows, which must be equally long.
  public init(rows: [[Scalar]]) {
    let columns = rows.first?.count ?? 0
    require(rows.allSatisfy { $0.count == columns }, "a matrix's rows must all have \(columns) columns")
    self.init(shape: [rows.count, columns], values: rows.flatMap { $0 })
  }

  /// The length of the first axis.
  public var rows: Int { shape[0] }
  /// The number of values for each index of the first axis.
  public var columns: Int { shape[0] == 0 ? shape.dropFirst().reduce(1, *) : values.count / shape[0] }
  /// The number of values.
  public var count: Int { values.count }
  /// Whether no value is infinite or NaN.
  public var isFinite: Bool {
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    get { values.allSatisfy { $0.isFinite } }
  }

  /// The values at one index of the first axis.
  public func row(_ index: Int) -> ArraySlice<Scalar> { values[index * columns..<(index + 1) * columns] }

  /// The tensor made of the given indices of the first axis, in that order.
  public func rows(_ indices: [Int]) -> Tensor {
    var gathered: [Scalar] = []
    gathered.reserveCapacity(indices.count * columns)
    for index in indices { gathered += row(index) }
    return Tensor(shape: [indices.count] + shape.dropFirst(), values: gathered)
  }

  /// A range of the first axis.
  public func rows(_ range: Range<Int>) -> Tensor {
    Tensor(
      shape: [range.count] + shape.dropFirst(),
      values: Array(values[range.lowerBound * columns..<range.upperBound * columns]))
  }

  /// The same values under another shape of the same size.
  public func reshaped(_ shape: Int...) -> Tensor { Tensor(shape: shape, values: values) }

  /// The values in another precision.
  @specialized(where Scalar == Float, Other == Double)
  @specialized(where Scalar == Double, Other == Float)
  @specialized(where Scalar == Double, Other == Double)
  @specialized(where Scalar == Float, Other == Float)
  public func converted<Other: RealScalar>(to type: Other.Type = Other.self) -> Tensor<Other> {
    Tensor<Other>(shape: shape, values: values.map { Other($0) })
  }

  /// A matrix with rows and columns exchanged.
  public var transposed: Tensor {
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    get {
      require(shape.count == 2, "only a matrix can be transposed, not a tensor of shape \(shape)")
      let (rows, columns) = (shape[0], shape[1])
      return Tensor(
        shape: [columns, rows],
        values: (0..<columns).flatMap { j in (0..<rows).map { i in values[i * columns + j] } })
    }
  }

  /// The product of two matrices, with either transposed on request.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func multiplied(
    by other: Tensor, transposed: Bool = false, otherTransposed: Bool = false
  ) -> Tensor {
    require(
      shape.count == 2 && other.shape.count == 2, "a matrix product needs two matrices, not \(shape) and \(other.shape)"
    )
    let (m, k) = transposed ? (shape[1], shape[0]) : (shape[0], shape[1])
    let (otherK, n) = otherTransposed ? (other.shape[1], other.shape[0]) : (other.shape[0], other.shape[1])
    require(k == otherK, "a matrix product's inner lengths differ: \(k) and \(otherK)")
    return Tensor(
      shape: [m, n],
      values: matrixProduct(
        values, other.values, rows: m, columns: n, depth: k, transposeA: transposed, transposeB: otherTransposed))
  }
}
