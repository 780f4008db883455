import Kernels
import Testing

@Suite("Rows", .serialized)
struct SoftmaxOfRowsTests {
  // Row (0, ln 3): Σ exp = 1 + 3 = 4, log-sum-exp ln 4, softmax (1/4, 3/4). Row (5, 5): ln 2 + 5 and (1/2, 1/2).
  @Test func workedExampleTwoColumns() {
    let z = [0, 1.0986122886681098, 5, 5]
    let logSumExp = logSumExpOfRows(z, columns: 2)
    let softmax = softmaxOfRows(z, columns: 2)
    let logSoftmax = logSoftmaxOfRows(z, columns: 2)
    #expect(logSumExp.count == 2 && softmax.count == 4 && logSoftmax.count == 4)
    for (found, expected) in zip(logSumExp, [1.3862943611198906, 5.693147180559945]) {
      #expect(abs(found - expected) < 1e-15 * 8)
    }
    for (found, expected) in zip(softmax, [0.25, 0.75, 0.5, 0.5]) { #expect(abs(found - expected) < 2e-16) }
    for (found, expected) in zip(
      logSoftmax, [-1.3862943611198906, -0.2876820724517809, -0.6931471805599453, -0.6931471805599453])
    {
      #expect(abs(found - expected) < 4e-16)
    }
  }

  @Test func workedExampleInfinities() {
    let nothing = [Float](repeating: -.infinity, count: 3)
    #expect(logSumExpOfRows(nothing, columns: 3) == [-Float.infinity])
    #expect(softmaxOfRows(nothing, columns: 3).allSatisfy { $0.isNaN })
    #expect(logSoftmaxOfRows(nothing, columns: 3).allSatisfy { $0.isNaN })
    let one: [Float] = [-.infinity, 3.25, -.infinity]
    #expect(logSumExpOfRows(one, columns: 3) == [3.25])
    #expect(softmaxOfRows(one, columns: 3) == [0, 1, 0])
    #expect(logSoftmaxOfRows(one, columns: 3) == [-Float.infinity, 0, -Float.infinity])
    #expect(logSumExpOfRows([1, .infinity] as [Float], columns: 2) == [Float.infinity])
    let rows: [[Float]] = [[1, .nan], [.nan, 1], [.nan, -.infinity], [.nan, .infinity]]
    for row in rows {
      #expect(logSumExpOfRows(row, columns: 2)[0].isNaN)
      #expect(softmaxOfRows(row, columns: 2).allSatisfy { $0.isNaN })
    }
  }

  // A shift by the largest entry: no overflow at 10⁴, no underflow at −10⁴; one entry comes back unchanged.
  @Test func invariantNoOverflow() {
    #expect(logSumExpOfRows([1e4, 1e4] as [Float], columns: 2)[0] == 10_000.693)
    #expect(logSumExpOfRows([-1e4, -1e4] as [Float], columns: 2)[0] == -9_999.307)
    #expect(logSumExpOfRows([0.1, -7.7, 1e30] as [Float], columns: 1) == [0.1, -7.7, 1e30])
    #expect(softmaxOfRows([0.1, -7.7, 1e30] as [Float], columns: 1) == [1, 1, 1])
    #expect(logSumExpOfRows([Float](), columns: 4) == [] && softmaxOfRows([Float](), columns: 4) == [])
  }

  // Each of n probabilities is off by at most two roundings of its own size: their sum by two units of 1.
  @Test(arguments: [1, 2, 10, 100, 5000]) func invariantRowsSumToOne(columns: Int) {
    let z = ReductionsTests.values(3 * columns, seed: 5, as: Double.self)
    let rows = softmaxOfRows(z, columns: columns)
    for first in stride(from: 0, to: rows.count, by: columns) {
      #expect(abs(sum(Array(rows[first..<first + columns])) - 1) < 4 * Double.ulpOfOne)
    }
  }

  @Test(arguments: [
    (0, 3), (1, 1), (5, 1), (300, 10), (1, 15), (3, 16), (4, 17), (700, 33), (3, 4095), (3, 4096), (3, 4097), (2, 9000),
    (1, 40_000),
  ])
  func invariantEqualsTwin(rows: Int, columns: Int) {
    check(rows, columns, Float.self)
    check(rows, columns, Double.self)
  }

  private func check<Scalar: RealScalar>(_ rows: Int, _ columns: Int, _ type: Scalar.Type) {
    var z = ReductionsTests.values(rows * columns, seed: 6, as: type)
    for i in stride(from: 5, to: z.count, by: 11) { z[i] = -.infinity }
    let logSumExp = referenceLogSumExpOfRows(z, columns: columns)
    let softmax = referenceSoftmaxOfRows(z, columns: columns)
    let logSoftmax = referenceLogSoftmaxOfRows(z, columns: columns)
    let exponentials = z.map { Scalar.exp($0) }
    #expect(logSumExp.count == rows && softmax.count == z.count && logSoftmax.count == z.count)
    withThreadCounts { threads in
      #expect(logSumExpOfRows(z, columns: columns) == logSumExp, "\(rows) × \(columns), \(threads) threads")
      #expect(softmaxOfRows(z, columns: columns) == softmax, "\(rows) × \(columns), \(threads) threads")
      #expect(logSoftmaxOfRows(z, columns: columns) == logSoftmax, "\(rows) × \(columns), \(threads) threads")
      let finite = z.map { $0.isFinite ? $0 : -3 }
      #expect(
        entropiesOfRows(finite, columns: columns) == referenceEntropiesOfRows(finite, columns: columns),
        "\(rows) × \(columns), \(threads) threads")
      var replaced = z
      expInPlace(&replaced)
      #expect(replaced == exponentials, "\(rows) × \(columns), \(threads) threads")
      logInPlace(&replaced)
      #expect(replaced == exponentials.map { Scalar.log($0) }, "\(rows) × \(columns), \(threads) threads")
    }
  }

  // Float against Double: log-sum-exp is rounded once from a sum of faithful terms, so 1e-6 of its size is ample.
  @Test func invariantFloatNearDouble() {
    let z = ReductionsTests.values(100 * 77, seed: 7, as: Float.self)
    let narrow = logSumExpOfRows(z, columns: 77)
    let wide = logSumExpOfRows(z.map { Double($0) }, columns: 77)
    #expect(narrow.count == wide.count)
    for (found, expected) in zip(narrow, wide) {
      #expect(abs(Double(found) - expected) <= 1e-6 * max(1, abs(expected)))
    }
  }

  @Test func stopsOnPartialRows() async {
    await #expect(processExitsWith: .failure) { _ = logSumExpOfRows([1, 2, 3] as [Float], columns: 2) }
    await #expect(processExitsWith: .failure) { _ = softmaxOfRows([1, 2, 3] as [Float], columns: 0) }
    await #expect(processExitsWith: .failure) { _ = logSoftmaxOfRows([1, 2, 3] as [Float], columns: -3) }
  }
}
