import Testing

@testable import Files

@Suite("Nearest names")
struct NearestNamesTests {
  // kitten → sitten → sittin → sitting; "sede" is "seed" with its last two letters swapped.
  @Test func workedExampleOfDistances() {
    #expect(editDistance("kitten", "sitting") == 3)
    #expect(editDistance("sede", "seed") == 1)
    #expect(editDistance("", "abc") == 3)
    #expect(editDistance("same", "same") == 0)
  }

  @Test func workedExampleOfNames() {
    let known = ["data", "seed", "stage-one.epochs", "stage-two.epochs"]
    #expect(nearestNames(to: "sead", among: known) == ["seed"])
    #expect(nearestNames(to: "epoch", among: known) == ["stage-one.epochs", "stage-two.epochs"])
    #expect(nearestNames(to: "stage-one.epoch", among: known) == ["stage-one.epochs"])
    #expect(nearestNames(to: "x", among: []) == [])
  }

  @Test func invariantSymmetryAndTriangle() {
    let words = ["", "a", "train", "trian", "predict", "embed", "stage-one", "über"]
    for a in words {
      for b in words {
        #expect(editDistance(a, b) == editDistance(b, a))
        #expect((editDistance(a, b) == 0) == (a == b))
        #expect(editDistance(a, b) <= max(a.count, b.count))
      }
    }
  }
}
