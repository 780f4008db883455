import Kernels
import Networks
import Testing

@Suite("Tensor")
struct TensorTests {
  private let matrix = Tensor<Double>(rows: [[1, 2, 3], [4, 5, 6]])

  @Test func workedExampleShape() {
    #expect(matrix.shape == [2, 3] && matrix.rows == 2 && matrix.columns == 3 && matrix.count == 6)
    #expect(matrix.values == [1, 2, 3, 4, 5, 6])
    #expect(Array(matrix.row(1)) == [4, 5, 6])
    #expect(Tensor<Float>(shape: [2, 2], repeating: 7).values == [7, 7, 7, 7])
    let empty = Tensor<Float>(shape: [0, 3, 2])
    #expect(empty.rows == 0 && empty.columns == 6 && empty.count == 0)
    #expect(Tensor<Float>(rows: []).shape == [0, 0])
  }

  @Test func workedExampleRows() {
    #expect(matrix.rows([1, 0, 1]) == Tensor(rows: [[4, 5, 6], [1, 2, 3], [4, 5, 6]]))
    #expect(matrix.rows(1..<2) == Tensor(rows: [[4, 5, 6]]))
    #expect(matrix.rows([]).shape == [0, 3])
    let images = Tensor<Float>(shape: [3, 1, 2, 2], values: (0..<12).map { Float($0) })
    #expect(images.rows([2]) == Tensor(shape: [1, 1, 2, 2], values: [8, 9, 10, 11]))
    #expect(images.reshaped(3, 4).row(1) == [4, 5, 6, 7])
  }

  // (1 2 3; 4 5 6)(1 0; 2 1; 0 1) = (5 5; 14 11), and the same with either factor handed over transposed.
  @Test func workedExampleProduct() {
    let other = Tensor<Double>(rows: [[1, 0], [2, 1], [0, 1]])
    let expected = Tensor<Double>(rows: [[5, 5], [14, 11]])
    #expect(matrix.multiplied(by: other) == expected)
    let transposed = Tensor<Double>(rows: [[1, 4], [2, 5], [3, 6]])
    #expect(transposed.multiplied(by: other, transposed: true) == expected)
    let otherTransposed = Tensor<Double>(rows: [[1, 2, 0], [0, 1, 1]])
    #expect(matrix.multiplied(by: otherTransposed, otherTransposed: true) == expected)
    #expect(transposed.multiplied(by: otherTransposed, transposed: true, otherTransposed: true) == expected)
  }

  // 0.1 as Float is 0.100000001490116…; widening is exact.
  @Test func workedExampleConversion() {
    #expect(Tensor<Float>(shape: [1], values: [0.1]).converted(to: Double.self).values == [0.10000000149011612])
    #expect(Tensor<Double>(shape: [1], values: [0.1]).converted(to: Float.self).values == [0.1])
  }

  @Test func stopsOnShapes() async {
    await #expect(processExitsWith: .failure) { _ = Tensor<Float>(shape: [2, 2], values: [1, 2, 3]) }
    await #expect(processExitsWith: .failure) { _ = Tensor<Float>(rows: [[1, 2], [3]]) }
    await #expect(processExitsWith: .failure) {
      _ = Tensor<Float>(shape: [2, 3]).multiplied(by: Tensor(shape: [2, 3]))
    }
    await #expect(processExitsWith: .failure) { _ = Tensor<Float>(shape: [6]).multiplied(by: Tensor(shape: [6])) }
    await #expect(processExitsWith: .failure) { _ = Tensor<Float>(shape: [6]).reshaped(4, 2) }
  }
}
