import Kernels
import Testing

@testable import Oracle

@Suite("Tracked sums of all terms but one")
struct TrackedSumsOfOthersTests {
  // 1, 2 and 4, each off by a tenth of itself: without 2 the sum is 5, inherits 0.5 and rounds by 5.
  @Test func workedExampleOfThreeTerms() {
    let terms = [1.0, 2, 4].map { TrackedNumber(value: $0, rounding: 0.1 * $0) }
    let sums = TrackedNumber.sumsOfOthers(terms, count: 3)
    #expect(sums.map(\.value) == [6, 5, 3])
    for (found, worst) in zip(sums, [6.6, 5.5, 3.3]) { #expect(abs(found.roundings.worst - worst) < 1e-14) }
    // In the place of a term stands something else; then all three round.
    let stays = TrackedNumber.sumsOfOthers(terms, count: 2, stays: [-terms[0], terms[1].scaledExactly(by: 0.5)])
    #expect(stays.map(\.value) == [5, 6])
    for (found, worst) in zip(stays, [7 + 0.7, 6 + 0.6]) { #expect(abs(found.roundings.worst - worst) < 1e-14) }
  }

  // A sum of all minus the one would be 0, with the errors of 1e30.
  @Test func workedExampleOfATermThatDwarfsTheOthers() {
    let terms = [1e30, 1, 2].map { TrackedNumber(rounded: $0) }
    let sums = TrackedNumber.sumsOfOthers(terms, count: 3)
    #expect(sums[0].value == 3 && sums[0].roundings.worst == 6)
    #expect(sums[1].value == 1e30 && sums[2].value == 1e30)
  }

  // One other term is that term, and nothing is rounded; of a single one nothing is left.
  @Test func workedExampleOfFewTerms() {
    let terms = [3.0, 5].map { TrackedNumber(rounded: $0) }
    let sums = TrackedNumber.sumsOfOthers(terms, count: 2)
    #expect(sums.map(\.value) == [5, 3] && sums.map(\.roundings.worst) == [5, 3])
    let none = TrackedNumber.sumsOfOthers([terms[0]], count: 1)[0]
    #expect(none.value == 0 && none.roundings.worst == 0)
    #expect(TrackedNumber.sumsOfOthers(terms, count: 0).isEmpty)
  }

  // What each sum inherits is, lane by lane, what a sum over the others alone inherits.
  @Test func invariantEachIsTheSumOfTheOthers() {
    var stream = RandomStream(seed: 11, purpose: .test)
    let terms = (0..<9).map { _ in
      TrackedNumber.exp(TrackedNumber(rounded: stream.normal()) * TrackedNumber(rounded: 4 * stream.normal()))
    }
    for (i, found) in TrackedNumber.sumsOfOthers(terms, count: 9).enumerated() {
      let others = TrackedNumber.sum(terms.indices.filter { $0 != i }.map { terms[$0] })
      #expect(abs(found.value - others.value) <= 1e-15 * others.value)
      #expect(abs(found.roundings.worst - others.roundings.worst) <= 1e-14 * others.roundings.worst)
      // The sums' own roundings have signs of their own.
      for lane in 0..<64 {
        let inherited = [found, others].map { sum in
          sum.roundings.deviation[lane] - (sum.key >> UInt64(lane) & 1 == 1 ? -sum.value : sum.value)
        }
        #expect(abs(inherited[0] - inherited[1]) <= 1e-13 * others.roundings.worst)
      }
    }
    let keys = Set(TrackedNumber.sumsOfOthers(terms, count: 9).map(\.key))
    #expect(keys.count == 9)
  }
}
