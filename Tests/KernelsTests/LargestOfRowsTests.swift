// The largest values of each row against a sorted list.
import Testing

@testable import Kernels

@Suite("Largest of rows")
struct LargestOfRowsTests {
  @Test func workedExample() {
    // Row 0 without column 1: 4 (column 3), then the first of the two 2s. Row 1 without column 0: −1, −2.
    let values: [Float] = [2, 9, 2, 4, 7, -1, -3, -2]
    #expect(largestOfRows(2, values, columns: 4, excluding: [1, 0]) == [3, 0, 1, 3])
  }

  @Test(arguments: [(3, 5, 1), (4, 16, 3), (2, 17, 16), (5, 33, 2), (3, 200, 1), (2, 1000, 10)])
  func invariantEqualsSorting(rows: Int, columns: Int, count: Int) {
    check(rows, columns, count, Float.self)
    check(rows, columns, count, Double.self)
  }

  private func check<Scalar: RealScalar>(_ rows: Int, _ columns: Int, _ count: Int, _: Scalar.Type) {
    // Rounded to halves, so that ties are many.
    let values = ReductionsTests.values(rows * columns, seed: 8, as: Scalar.self).map { ($0 * 2).rounded() / 2 }
    let excluded = (0..<rows).map { $0 * 7 % columns }
    let sorted = (0..<rows).flatMap { row in
      (0..<columns).filter { $0 != excluded[row] }
        .sorted { (-values[row * columns + $0], $0) < (-values[row * columns + $1], $1) }.prefix(count)
    }
    withThreadCounts { threads in
      #expect(
        largestOfRows(count, values, columns: columns, excluding: excluded) == sorted,
        "\(count) of \(rows) × \(columns), \(threads) threads")
    }
  }

  @Test func edgeInfinityAndNotANumber() {
    let values: [Double] = [-.infinity, .nan, 1, .infinity, -.infinity, 0]
    #expect(largestOfRows(2, values, columns: 6, excluding: [5]) == [3, 2])
    #expect(largestOfRows(1, [-.infinity, -.infinity, -.infinity] as [Float], columns: 3, excluding: [0]) == [1])
  }
}
