// Inputs of relations: numbers of few bits, so that what one prompt makes of another's inputs is exactly a Float again.
// Tests    OracleTests/RelationDrawingTests.swift
import Kernels
import Networks

/// The inputs of one relation at one size.
struct RelationDrawing: Sendable {
  /// What the sizes of all tensors follow from; also the seed.
  let size: Int

  /// Images of a batch.
  var batch: Int { size }
  /// Numbers of an embedding; never less than the 4 that a rotation mixes.
  var features: Int { size + 2 }
  /// Rows of the bank, more than a batch has.
  var images: Int { 2 * size + 1 }
  /// Classes, not more than there are images in a batch.
  var classes: Int { max(2, size / 2) }

  /// Normal numbers of a deviation, as multiples of 2⁻¹² below 8 in magnitude: 15 bits and a sign.
  func grid(_ shape: [Int], _ image: Int, deviation: Double = 1) -> Tensor<Double> {
    var stream = stream(image)
    let values = (0..<shape.reduce(1, *)).map { _ in
      max(-7.5, min(7.5, (deviation * stream.normal() * 4096).rounded() / 4096))
    }
    return Tensor(shape: shape, values: values)
  }

  /// Rows of the features' length, of length about 1.
  func rows(_ count: Int, _ image: Int) -> Tensor<Double> {
    grid([count, features], image, deviation: 1 / Double(features).squareRoot())
  }

  /// Rows of probabilities, each a Float.
  func distributions(_ rows: Int, _ image: Int, sharpness: Double = 1) -> Tensor<Double> {
    let logits = grid([rows, classes], image, deviation: sharpness)
    return Tensor(
      shape: logits.shape,
      values: softmaxOfRows(logits.values, columns: classes).map { Double(Float($0)) })
  }

  /// An order of `count` things that moves the last, for the last is what is lost most often.
  func permutation(_ count: Int, _ image: Int) -> [Int] {
    var stream = stream(image)
    let order = stream.permutation(of: count)
    return order.last == count - 1 ? order.suffix(1) + order.dropLast() : order
  }

  /// Different images of the bank, one for each place of the batch.
  var batchImages: [Int] { Array(permutation(images, 90).prefix(batch)) }

  private func stream(_ image: Int) -> RandomStream {
    RandomStream(seed: UInt32(truncatingIfNeeded: size), purpose: .test, epoch: 0x7265, image: image)
  }
}

extension Tensor<Double> {
  /// Rows in another order: row i of the result is row order[i].
  func reordered(_ order: [Int]) -> Tensor {
    Tensor(shape: [order.count] + shape.dropFirst(), values: order.flatMap { Array(row($0)) })
  }

  /// Columns of a matrix in another order.
  func reorderedColumns(_ order: [Int]) -> Tensor {
    Tensor(shape: [rows, order.count], values: (0..<rows).flatMap { i in order.map { values[i * columns + $0] } })
  }

  /// The rows again, below themselves.
  var doubled: Tensor { Tensor(shape: [2 * shape[0]] + shape.dropFirst(), values: values + values) }

  /// Rows and columns of a matrix exchanged.
  var transposedMatrix: Tensor {
    let (rows, columns) = (shape[0], shape[1])
    return Tensor(
      shape: [columns, rows], values: (0..<columns).flatMap { j in (0..<rows).map { values[$0 * columns + j] } })
  }
}
