import Testing

@testable import Kernels

@Suite("Softmax of others")
struct SoftmaxOfOthersTests {
  // z = (0, 9, ln 3) without column 1: m = ln 3, d = (−ln 3, ·, 0), S = 4/3, p = (1/4, 0, 3/4), D = −(ln 3) / 4,
  // entropy = ln 4 − (3/4) ln 3.   Gradient with a = 8, b = 4, c = 0, w = 1/2:  8 p + 2 p d = (2 − (ln 3) / 2, 0, 6).
  @Test func workedExample() {
    let log3 = 1.0986122886681098
    var row = [0, 9, log3]
    let softmax = othersOf(&row, own: 1)
    #expect(row == [0, 9, log3])
    #expect(softmax.own == 1 && softmax.shift == log3 && abs(softmax.total - 4.0 / 3) < 1e-15)
    #expect(softmax.probability(1, logit: 9) == 0 && abs(softmax.probability(2, logit: log3) - 0.75) < 1e-15)
    #expect(abs(softmax.shiftedMean + 0.25 * log3) < 1e-15 && abs(softmax.entropy - 0.5623351446188083) < 1e-15)
    replaceByGradient(&row, softmax, scaledBy: 8, entropy: EntropyGradient(factor: 4, offset: 0), weight: 0.5)
    for (found, expected) in zip(row, [2 - 0.5 * log3, 0, 6]) { #expect(abs(found - expected) < 1e-14) }
  }

  // No digit depends on the size of the logits: only their differences count.
  @Test(arguments: [0, 10, 100.1, 999.9, -3e4]) func invariantOfTheLogitsSize(size: Double) {
    var single = [7, size, size, size].map(Float.init)
    let softmax = othersOf(&single, own: 0)
    #expect(Float(softmax.entropy) == Float(1.0986122886681098))
    replaceByGradient(
      &single, softmax, scaledBy: 0, entropy: EntropyGradient(factor: -1, offset: Float(softmax.shiftedMean)), weight: 1
    )
    #expect(single == [0, 0, 0, 0])
  }

  // The twins store the row of probabilities.
  @Test(arguments: [1, 2, 17, 4096, 4097, 9000]) func invariantEqualsTwin(columns: Int) {
    for own in [0, columns / 2, columns - 1] {
      check(columns, own, Float.self)
      check(columns, own, Double.self)
    }
  }

  private func check<Scalar: RealScalar>(_ columns: Int, _ own: Int, _ type: Scalar.Type) {
    let row = ReductionsTests.values(columns, seed: 8, as: type)
    var others = row
    others[own] = -.infinity
    let shift = columns == 1 ? 0 : others.reduce(-Scalar.infinity, max)
    let shifted = others.indices.map { $0 == own ? 0 : others[$0] - shift }
    let exponentials = others.indices.map { $0 == own ? 0 : Scalar.exp(shifted[$0]) }
    let total = orderedSum(exponentials.map { Double($0) })
    let mean = columns == 1 ? 0 : orderedSum(zip(exponentials, shifted).map { Double($0) * Double($1) }) / total
    let inverse = columns == 1 ? 0 : Scalar(1 / total)
    let probabilities = exponentials.map { $0 * inverse }
    let entropy = EntropyGradient<Scalar>(factor: -0.7, offset: 0.3)

    var (plain, combined) = (row, row)
    let softmax = othersOf(&plain, own: own)
    let stored = softmax.probabilities(of: row.span)
    replaceByGradient(&plain, softmax, scaledBy: 0.9, entropy: nil, weight: 0)
    replaceByGradient(&combined, softmax, scaledBy: 0.9, entropy: entropy, weight: 0.2)
    #expect(softmax.shift == shift && softmax.total == total && softmax.shiftedMean == mean && stored == probabilities)
    #expect(row.indices.allSatisfy { softmax.probability($0, logit: row[$0]) == probabilities[$0] })
    let factor: Scalar = 0.9
    #expect(plain == probabilities.map { $0 * factor })
    let (weight, entropyFactor, offset): (Scalar, Scalar, Scalar) = (0.2, -0.7, 0.3)
    let sums = row.indices.map {
      probabilities[$0] * factor + weight * (probabilities[$0] * (entropyFactor * (row[$0] - shift - offset)))
    }
    #expect(combined == sums)
  }

  @Test func stopsOnColumnOutOfRange() async {
    await #expect(processExitsWith: .failure) {
      var row: [Float] = [1, 2]
      _ = othersOf(&row, own: 2)
    }
  }
}

private func othersOf<Scalar: RealScalar>(_ row: inout [Scalar], own: Int) -> SoftmaxOfOthers<Scalar> {
  var span = row.mutableSpan
  return SoftmaxOfOthers(of: &span, own: own)
}

private func replaceByGradient<Scalar: RealScalar>(
  _ row: inout [Scalar], _ softmax: SoftmaxOfOthers<Scalar>, scaledBy scale: Scalar, entropy: EntropyGradient<Scalar>?,
  weight: Scalar
) {
  var span = row.mutableSpan
  softmax.replaceByGradient(&span, scaledBy: scale, entropy: entropy, weight: weight)
}
