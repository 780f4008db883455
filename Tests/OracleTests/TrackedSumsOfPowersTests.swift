import Kernels
import Testing

@testable import Oracle

@Suite("Tracked sums of powers")
struct TrackedSumsOfPowersTests {
  /// The same, every term formed by itself.
  private func termByTerm(_ x: TrackedNumber, _ y: [TrackedNumber], except place: Int? = nil) -> TrackedNumber {
    TrackedNumber.sum(y.indices.filter { $0 != place }.map { TrackedNumber.exp(x + y[$0]) })
  }

  // e^{−1} (e^{−1} + e^{−2}): the sums round by 2 and 3 of their powers, the exponentials by 2, the sum of both by
  // itself.
  @Test func workedExampleOfTwoPowers() {
    let y = [-1.0, -2].map { TrackedNumber(exact: $0) }
    let (powers, x) = (SumsOfPowers(y), TrackedNumber(exact: -1))
    let (first, second) = (Double.exp(-2), Double.exp(-3))
    let both = powers.times(x)
    #expect(abs(both.value - (first + second)) < 1e-16)
    #expect(abs(both.roundings.worst - (4 * first + 5 * second + first + second)) < 1e-15)
    // Without one of them there is no sum, and one term rounds.
    for (place, value, size) in [(0, second, 5.0), (1, first, 4)] {
      let one = powers.times(x, except: place)
      #expect(abs(one.value - value) < 1e-16 && abs(one.roundings.worst - size * value) < 1e-15)
      #expect(
        abs(one.roundings.deviation.meanSquare - (size - 2) * (size - 2) * value * value - 4 * value * value) < 1e-15)
    }
  }

  // e^800 is beyond Double and e^−800 below it: relative to the largest of those that are summed both are harmless.
  @Test func workedExampleOfAPowerBeyondTheRange() {
    let y = [800.0, -3, -4].map { TrackedNumber(exact: $0) }
    let powers = SumsOfPowers(y)
    let others = powers.times(TrackedNumber(exact: -1), except: 0)
    #expect(abs(others.value - Double.exp(-4) - Double.exp(-5)) < 1e-16)
    #expect(abs(powers.times(TrackedNumber(exact: -801), except: 1).value - Double.exp(-1)) < 1e-15)
    // So far down that nothing is left but what flushing to zero may lose.
    let none = powers.times(TrackedNumber(exact: -1e300))
    #expect(none.value == 0 && none.roundings.worst == 3 * TrackedNumber.smallest)
    #expect(abs(none.roundings.deviation.meanSquare.squareRoot() / TrackedNumber.smallest - 3.0.squareRoot()) < 1e-12)
  }

  // The value and the worst case of the definition; σ² with other random signs, so the mean over many of them.
  @Test(arguments: [0.1, 1, 6]) func invariantOfManyTerms(spread: Double) {
    var stream = RandomStream(seed: 12, purpose: .test)
    var (found, expected) = (0.0, 0.0)
    for _ in 0..<60 {
      let y = (0..<20).map { _ in TrackedNumber(rounded: -2 - spread * abs(stream.normal())) }
      let powers = SumsOfPowers(y)
      for place in [nil, 0, 7, 19] {
        let x = TrackedNumber(rounded: -spread * abs(stream.normal()))
        let (atOnce, one) = (powers.times(x, except: place), termByTerm(x, y, except: place))
        #expect(abs(atOnce.value - one.value) <= 1e-14 * one.value)
        #expect(abs(atOnce.roundings.worst - one.roundings.worst) <= 1e-13 * one.roundings.worst)
        found += atOnce.roundings.deviation.meanSquare / (one.value * one.value)
        expected += one.roundings.deviation.meanSquare / (one.value * one.value)
      }
    }
    #expect(abs(found / expected - 1) < 0.05, "\(found / expected)")
  }
}
