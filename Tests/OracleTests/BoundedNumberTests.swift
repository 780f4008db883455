import Testing

@testable import Oracle

@Suite("Numbers with bounds")
struct BoundedNumberTests {
  // By hand: 3 ± 1/4 and 2 ± 1/8; the results are exact but for the 2⁻⁵³ that every operation adds.
  @Test func workedExampleOfErrors() {
    let (a, b) = (BoundedNumber(3, error: 0.25), BoundedNumber(2, error: 0.125))
    #expect((a + b).value == 5 && (a + b).error == 0.375 + 5 * 0x1p-53)
    #expect((a - b).value == 1 && (a - b).error == 0.375 + 0x1p-53)
    #expect((a * b).value == 6 && (a * b).error == 3 * 0.125 + 2 * 0.25 + 0.25 * 0.125 + 6 * 0x1p-53)
    #expect((-4 * b).value == -8 && (-4 * b).error == 0.5 + 8 * 0x1p-53)
    #expect(BoundedNumber.sum([a, b, b]).value == 7 && BoundedNumber.sum([a, b, b]).error >= 0.5)
    let sum = BoundedNumber.sum([2, -1], times: [a, b])
    #expect(sum.value == 4 && sum.error >= 0.625 && sum.error < 0.6251)
  }

  @Test func workedExampleOfClaims() {
    var judgement = RelationJudgement()
    judgement.expect("x", BoundedNumber(1, error: 0.5), equals: BoundedNumber(2, error: 0.5), at: [0])
    #expect(judgement.tensors.map(\.verdict) == [.ok] && judgement.tensors[0].ratio == 1)
    judgement.expect("x", BoundedNumber(1, error: 0.25), equals: BoundedNumber(2, error: 0.25), at: [1])
    judgement.expect("x", BoundedNumber(1, error: 0.5), equals: BoundedNumber(1, error: 0), at: [2])
    #expect(judgement.tensors.map(\.verdict) == [.fail] && judgement.tensors[0].worst?.index == [1])
    judgement.expect("y", BoundedNumber(1), atLeast: BoundedNumber(0.5))
    #expect(judgement.tensors.map(\.verdict) == [.fail, .ok])
    judgement.expect("y", BoundedNumber(1), atLeast: BoundedNumber(1.5))
    judgement.expect("z", BoundedNumber(.nan), equals: BoundedNumber(.nan))
    #expect(judgement.tensors.map(\.verdict) == [.fail, .fail, .fail])
  }
}
