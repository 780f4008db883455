import Evaluation
import Networks
import Testing

@Suite("Top-k accuracy")
struct TopClassesTests {
  // The third score is the second highest; of two equal ones the lower class comes first.
  @Test func workedExampleOfRanksAndTies() {
    let scores = Tensor<Double>(rows: [[0.5, 0.125, 0.25], [1, 2, 2], [1, 2, 2]])
    func hits(_ count: Int) -> [Bool] { TopClasses(count, of: scores, targets: [2, 1, 2]).hits }
    #expect(hits(1) == [false, true, false])
    #expect(hits(2) == [true, true, true])
    #expect(TopClasses(1, of: scores, targets: [2, 1, 2]).accuracy == 1.0 / 3)
  }

  // Five of three classes are all of them.
  @Test func edgeOfFewClasses() {
    let found = TopClasses(of: Tensor<Float>(rows: [[0, 1, 2], [2, 1, 0]]), targets: [0, 2])
    #expect(found.matched == 2 && found.accuracy == 1)
  }
}
