import Kernels
import Testing

@Suite("Softmax of others")
struct SoftmaxOfOthersTests {
  // z = (0, 9, ln 3) without column 1: L = ln 4, p = (1/4, 0, 3/4), mean = 3/4 ln 3.
  // Gradient with a = 8, b = 4, c = 0, w = 1/2:  8 p + 2 p z = (2, 0, 6 + 3/2 ln 3).
  @Test func workedExample() {
    let log3 = 1.0986122886681098
    var row = [0, 9, log3]
    let softmax = othersOf(&row, own: 1)
    #expect(row == [0, 9, log3])
    #expect(softmax.own == 1 && abs(softmax.logSumExp - 1.3862943611198906) < 1e-15)
    #expect(softmax.probability(1, logit: 9) == 0 && abs(softmax.probability(2, logit: log3) - 0.75) < 1e-15)
    let mean = softmax.mean(of: row.span)
    #expect(abs(mean - 0.75 * log3) < 1e-15)
    replaceByGradient(&row, softmax, scaledBy: 8, entropy: EntropyGradient(factor: 4, offset: 0), weight: 0.5)
    for (found, expected) in zip(row, [2, 0, 6 + 1.5 * log3]) { #expect(abs(found - expected) < 1e-14) }
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
    let logSumExp = referenceLogSumExpOfRows(others, columns: columns)[0]
    let probabilities = others.indices.map { $0 == own ? 0 : Scalar.exp(others[$0] - logSumExp) }
    let entropy = EntropyGradient<Scalar>(factor: -0.7, offset: 0.3)

    var (plain, combined) = (row, row)
    let softmax = othersOf(&plain, own: own)
    let (mean, stored) = (softmax.mean(of: row.span), softmax.probabilities(of: row.span))
    replaceByGradient(&plain, softmax, scaledBy: 0.9, entropy: nil, weight: 0)
    replaceByGradient(&combined, softmax, scaledBy: 0.9, entropy: entropy, weight: 0.2)
    #expect(softmax.logSumExp == logSumExp && stored == probabilities)
    #expect(row.indices.allSatisfy { softmax.probability($0, logit: row[$0]) == probabilities[$0] })
    #expect(mean == referenceDotProduct(probabilities, row))
    let factor: Scalar = 0.9
    #expect(plain == probabilities.map { $0 * factor })
    let (weight, entropyFactor, offset): (Scalar, Scalar, Scalar) = (0.2, -0.7, 0.3)
    let sums = row.indices.map {
      probabilities[$0] * factor + weight * (probabilities[$0] * (entropyFactor * (row[$0] - offset)))
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
