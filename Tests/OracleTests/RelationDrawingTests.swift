import Kernels
import Networks
import Testing

@testable import Oracle

@Suite("Inputs of relations")
struct RelationDrawingTests {
  @Test(arguments: [2, 3, 6, 13]) func invariantRotationsAreOrthogonalAndExact(size: Int) {
    let d = RelationDrawing(size: size)
    var identity = Tensor<Double>(shape: [d.features, d.features])
    for i in 0..<d.features { identity.values[i * d.features + i] = 1 }
    let matrix = d.turned(identity)
    #expect(matrix.multiplied(by: matrix, otherTransposed: true) == identity && matrix != identity)
    let (rows, turned) = (d.embeddings, d.turned(d.embeddings))
    #expect(turned == rows.multiplied(by: matrix) && turned.values.allSatisfy { Double(Float($0)) == $0 })
  }

  @Test(arguments: [2, 3, 4, 5, 6, 7, 8, 9, 64]) func invariantOrdersMoveTheLast(size: Int) {
    let d = RelationDrawing(size: size)
    for count in [d.batch, d.classes, d.images] {
      let order = d.permutation(count, 1)
      #expect(order.sorted() == Array(0..<count) && order.last != count - 1)
    }
    #expect(Set(d.batchImages).count == d.batch && d.batchImages.allSatisfy { $0 < d.images })
  }

  @Test func workedExampleOfReordering() {
    let matrix = Tensor<Double>(rows: [[1, 2, 3], [4, 5, 6]])
    #expect(matrix.reordered([1, 0]) == Tensor<Double>(rows: [[4, 5, 6], [1, 2, 3]]))
    #expect(matrix.reorderedColumns([2, 0, 1]) == Tensor<Double>(rows: [[3, 1, 2], [6, 4, 5]]))
    #expect(matrix.transposedMatrix == Tensor<Double>(rows: [[1, 4], [2, 5], [3, 6]]))
    #expect(matrix.doubled == Tensor<Double>(rows: [[1, 2, 3], [4, 5, 6], [1, 2, 3], [4, 5, 6]]))
  }
}
