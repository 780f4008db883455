import Kernels
import Testing

@Suite("Reductions", .serialized)
struct ReductionsTests {
  static let lengths = [0, 1, 2, 15, 16, 17, 31, 32, 33, 100, 4095, 4096, 4097, 8192, 12_289, 140_000]

  static func values<Scalar: RealScalar>(_ count: Int, seed: UInt32, as type: Scalar.Type) -> [Scalar] {
    var stream = RandomStream(seed: seed, purpose: .test)
    return (0..<count).map { _ in Scalar(stream.normal() * Double.exp(stream.uniform(-5, 5))) }
  }

  // 2⁶⁰ and −2⁶⁰ at places 0 and 16 share lane 0: lane 0 = (2⁶⁰ + −2⁶⁰) + 1 = 1, so nothing is lost. At places 0 and 1 they are
  // lanes 0 and 1, which meet only in the tree's last step: there 1 + 2⁶⁰ = 2⁶⁰ loses the 1 of lane 8 in the first.
  @Test func workedExampleOrder() {
    var together = [Double](repeating: 0, count: 33)
    (together[0], together[16], together[32]) = (0x1p60, -0x1p60, 1)
    #expect(sum(together) == 1)
    var apart = [Double](repeating: 0, count: 33)
    (apart[0], apart[1], apart[8]) = (0x1p60, -0x1p60, 1)
    #expect(sum(apart) == 0)
    // Lane 1's partner in the first step is lane 9: −2⁶⁰ + 2⁶⁰ = 0 there, and the 1 in lane 0 survives.
    var partners = [Double](repeating: 0, count: 33)
    (partners[1], partners[9], partners[0]) = (0x1p60, -0x1p60, 1)
    #expect(sum(partners) == 1)
    // Blocks: 2⁶⁰ in block 0, 1 in block 1, −2⁶⁰ in block 2: (2⁶⁰ + 1) − 2⁶⁰ = 0.
    var blocks = [Double](repeating: 0, count: 3 * 4096)
    (blocks[0], blocks[4096], blocks[8192]) = (0x1p60, 1, -0x1p60)
    #expect(sum(blocks) == 0)
  }

  @Test func workedExampleSmall() {
    #expect(sum([Float]()) == 0)
    #expect(sum([1, 2, 3.5] as [Float]) == 6.5)
    #expect(dotProduct([1, 2, 3] as [Float], [4, 5, 6]) == 32)
    #expect(dotProductsOfRows([1, 2, 3, 4] as [Double], [5, 6, 7, 8], columns: 2) == [17, 53])
    #expect(dotProductsOfRows([Double](), [], columns: 3) == [])
    // Float data are summed in Double: 2²⁴ + 1 + 1 is 2²⁴ + 2, and not 2²⁴ as in Float.
    var large = [Float](repeating: 0, count: 33)
    (large[0], large[16], large[32]) = (0x1p24, 1, 1)
    #expect(sum(large) == 0x1p24 + 2)
  }

  @Test(arguments: lengths) func invariantEqualsTwin(count: Int) {
    checkSums(count, Float.self)
    checkSums(count, Double.self)
  }

  private func checkSums<Scalar: RealScalar>(_ count: Int, _ type: Scalar.Type) {
    let a = Self.values(count, seed: 1, as: type)
    let b = Self.values(count, seed: 2, as: type)
    let (total, product) = (referenceSum(a), referenceDotProduct(a, b))
    withThreadCounts { threads in
      #expect(sum(a) == total, "\(count) values, \(threads) threads")
      #expect(dotProduct(a, b) == product, "\(count) values, \(threads) threads")
    }
  }

  @Test(arguments: [(0, 3), (1, 1), (5, 1), (1, 15), (3, 16), (4, 17), (700, 33), (3, 4096), (3, 4097), (2, 9000)])
  func invariantRowsEqualTwin(rows: Int, columns: Int) {
    checkRows(rows, columns, Float.self)
    checkRows(rows, columns, Double.self)
  }

  private func checkRows<Scalar: RealScalar>(_ rows: Int, _ columns: Int, _ type: Scalar.Type) {
    let a = Self.values(rows * columns, seed: 3, as: type)
    let b = Self.values(rows * columns, seed: 4, as: type)
    let expected = referenceDotProductsOfRows(a, b, columns: columns)
    #expect(expected.count == rows)
    withThreadCounts { threads in
      #expect(dotProductsOfRows(a, b, columns: columns) == expected, "\(rows) × \(columns), \(threads) threads")
    }
  }

  @Test func stopsOnDifferentCounts() async {
    await #expect(processExitsWith: .failure) { _ = dotProduct([1, 2] as [Float], [1]) }
    await #expect(processExitsWith: .failure) { _ = dotProductsOfRows([1, 2, 3] as [Float], [1, 2, 3], columns: 2) }
    await #expect(processExitsWith: .failure) { _ = dotProductsOfRows([1, 2] as [Float], [1], columns: 1) }
  }
}

/// Runs `body` with 1, 2, 3 and 7 threads.
///
/// Other suites may change the number meanwhile: no bit depends on it.
func withThreadCounts(_ body: (_ threads: Int) -> Void) {
  let before = Parallel.threadCount
  defer { Parallel.threadCount = before }
  for threads in [1, 2, 3, 7] {
    Parallel.threadCount = threads
    body(threads)
  }
}
