// The blocked, packed, threaded matrix product returns the bits of three nested loops.
import Kernels
import Testing

@Suite("Matrix product", .serialized)
struct MatmulTests {
  /// Sizes around one tile (6 or 8 rows; 8, 16 or 32 columns), and one block of rows (96).
  static let sizes = [1, 2, 5, 6, 7, 8, 9, 15, 16, 17, 31, 32, 33, 95, 97]

  @Test func workedExampleOfTwoByTwo() {
    // [1 2; 3 4] [5 6; 7 8] = [1·5+2·7  1·6+2·8; 3·5+4·7  3·6+4·8] = [19 22; 43 50]; added to [1 1; 1 1]: one more each.
    var product = [Float](repeating: 1, count: 4)
    multiplyMatrices([1, 2, 3, 4], [5, 6, 7, 8], into: &product, rows: 2, columns: 2, depth: 2)
    #expect(product == [19, 22, 43, 50])
    product = [1, 1, 1, 1]
    multiplyMatrices([1, 2, 3, 4], [5, 6, 7, 8], into: &product, rows: 2, columns: 2, depth: 2, accumulate: true)
    #expect(product == [20, 23, 44, 51])
    // Aᵀ B = [1 3; 2 4] [5 6; 7 8] and A Bᵀ = [1 2; 3 4] [5 7; 6 8].
    multiplyMatrices([1, 2, 3, 4], [5, 6, 7, 8], into: &product, rows: 2, columns: 2, depth: 2, transposeA: true)
    #expect(product == [26, 30, 38, 44])
    multiplyMatrices([1, 2, 3, 4], [5, 6, 7, 8], into: &product, rows: 2, columns: 2, depth: 2, transposeB: true)
    #expect(product == [17, 23, 39, 53])
  }

  @Test func workedExampleOfNoDepth() {
    var product: [Double] = [1, 2]
    multiplyMatrices([], [], into: &product, rows: 1, columns: 2, depth: 0, accumulate: true)
    #expect(product == [1, 2])
    multiplyMatrices([], [], into: &product, rows: 1, columns: 2, depth: 0)
    #expect(product == [0, 0])
  }

  @Test func invariantBitsOfTheNaiveTwin() {
    for (number, rows) in Self.sizes.enumerated() {
      for (offset, columns) in Self.sizes.enumerated() {
        // Every pair of rows and columns; the depth runs through the sizes too, and past one stretch (512) now and then.
        let depth = (number + offset) % 9 == 0 ? 512 + columns : Self.sizes[(3 * number + offset) % Self.sizes.count]
        for variant in 0..<8 where (variant + number + offset) % 3 == 0 {
          expectTwins(Float.self, rows, columns, depth, variant: variant)
          expectTwins(Double.self, rows, columns, depth, variant: 7 - variant)
        }
      }
    }
  }

  @Test(arguments: 0..<8)
  func invariantBitsInEveryVariantAboveTheParallelThreshold(variant: Int) {
    expectTwins(Float.self, 197, 83, 521, variant: variant)
    expectTwins(Double.self, 101, 165, 257, variant: variant)
    expectTwins(Float.self, 7, 700, 64, variant: variant)
  }

  @Test func stopsAtAWrongSize() async {
    await #expect(processExitsWith: .failure) {
      var product: [Float] = [0]
      multiplyMatrices([1, 2], [1], into: &product, rows: 1, columns: 1, depth: 1)
    }
  }

  /// Variant bits: 1 transposes A, 2 transposes B, 4 accumulates.
  private func expectTwins<Scalar: RealScalar>(
    _: Scalar.Type, _ rows: Int, _ columns: Int, _ depth: Int, variant: Int
  ) {
    var stream = RandomStream(seed: UInt32(variant), purpose: .test, epoch: rows, image: columns, view: depth)
    let a = stream.scalars(rows * depth, of: Scalar.self)
    let b = stream.scalars(depth * columns, of: Scalar.self)
    var expected = stream.scalars(rows * columns, of: Scalar.self)
    let start = expected
    let (first, second, third) = (variant & 1 != 0, variant & 2 != 0, variant & 4 != 0)
    referenceMultiplyMatrices(
      a, b, into: &expected, rows: rows, columns: columns, depth: depth, transposeA: first, transposeB: second,
      accumulate: third)
    for threads in [1, 2, 3, 7] {
      withThreads(threads) {
        var product = start
        multiplyMatrices(
          a, b, into: &product, rows: rows, columns: columns, depth: depth, transposeA: first, transposeB: second,
          accumulate: third)
        #expect(product == expected, "\(Scalar.self) \(rows) x \(columns) x \(depth), variant \(variant), \(threads)")
        if third { return }
        let fresh = matrixProduct(
          a, b, rows: rows, columns: columns, depth: depth, transposeA: first, transposeB: second)
        #expect(fresh == expected, "\(Scalar.self) \(rows) x \(columns) x \(depth), variant \(variant), \(threads)")
      }
    }
  }
}
