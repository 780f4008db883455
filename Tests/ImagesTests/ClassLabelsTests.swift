import Testing

@testable import Images

@Suite("Classes of labels")
struct ClassLabelsTests {
  private func problem(_ make: () throws(ImageSetError) -> ClassLabels) -> String? {
    do {
      _ = try make()
      return nil
    } catch { return error.problem }
  }

  // Labels without gaps from 0 are what they are; others are numbered anew, told once, and keep their names.
  @Test func workedExampleOfNumbers() throws {
    let plain = try ClassLabels(numbers: [2, 0, 1, 1], path: "y")
    #expect(plain == ClassLabels([2, 0, 1, 1], count: 3))
    let fromOne = try ClassLabels(numbers: [3, 1, 2, 1], path: "y")
    #expect(fromOne.labels == [2, 0, 1, 0] && fromOne.count == 3 && fromOne.names == ["1", "2", "3"])
    #expect(fromOne.remarks == ["y: the labels 1, 2, 3 are 3 classes, numbered from 0; their names are the labels"])
    let apart = try ClassLabels(numbers: [200, 3, 65, 200], path: "y")
    #expect(apart.labels == [2, 0, 1, 2] && apart.names == ["3", "65", "200"])
    let many = try ClassLabels(numbers: Array(1...26), path: "y")
    #expect(many.remarks == ["y: the labels from 1 to 26 are 26 classes, numbered from 0; their names are the labels"])
    #expect(try ClassLabels(numbers: [7, 7], path: "y").names == ["7"])
  }

  // Ten comes behind nine where all are numbers, and names are kept to the letter where they are not.
  @Test func workedExampleOfTexts() throws {
    #expect(try ClassLabels(texts: ["10", "9", "10"], path: "y").names == ["9", "10"])
    #expect(try ClassLabels(texts: ["1.0", "0.0", "2.0"], path: "y") == ClassLabels([1, 0, 2], count: 3))
    let names = try ClassLabels(texts: ["rose", "Aster", "rose"], path: "y")
    #expect(names == ClassLabels([1, 0, 1], count: 2, names: ["Aster", "rose"]))
    #expect(try ClassLabels(texts: ["007", "010"], path: "y").names == ["007", "010"])
    #expect(try ClassLabels(texts: ["3", "x"], path: "y").names == ["3", "x"])
  }

  @Test func goldenSentences() {
    #expect(
      problem { () throws(ImageSetError) in try ClassLabels(numbers: [0, -1], path: "y") }
        == "label 1 is -1; a class cannot be negative, and often that means \"not known\": leave those images out, or give "
        + "them a class of its own")
    #expect(problem { () throws(ImageSetError) in try ClassLabels(texts: ["-1", "2"], path: "y") } != nil)
    #expect(
      problem { () throws(ImageSetError) in try ClassLabels(numbers: Array(0...10_000), path: "y") }?
        .hasPrefix("there are 10001 different labels, but at most 10000 classes are read; ") == true)
    #expect(problem { () throws(ImageSetError) in try ClassLabels(numbers: Array(1...10_000), path: "y") } == nil)
  }

  // A part keeps the classes of the whole; the ones that it lacks are told.
  @Test func workedExampleOfParts() {
    let whole = ClassLabels([0, 0, 1, 1, 2], count: 3, names: ["a", "b", "c"])
    let one = whole.of(0..<2, "the first 2 of 5 images", path: "p")
    #expect(one.labels == [0, 0] && one.count == 3 && one.names == ["a", "b", "c"])
    #expect(
      one.remarks == [
        "p: the first 2 of 5 images are all of the class a, the whole set has 3 classes; scores of one class say nothing"
      ])
    let two = whole.of([0, 2], "2 images", path: "p")
    #expect(two.labels == [0, 1] && two.remarks == ["p: 2 images are of 2 classes, the whole set has 3"])
    #expect(whole.of([0, 2, 4], "3 images", path: "p").remarks.isEmpty)
    #expect(ClassLabels([1, 1], count: 10).of(0..<2, "2 images", path: "p", whole: 10).remarks.count == 1)
    #expect(whole.of([4], "1 image", path: "p").remarks.isEmpty)
    // A class that occurs nowhere is not missing in a part.
    #expect(ClassLabels([0, 1], count: 10).of(0..<2, "all", path: "p").remarks.isEmpty)
  }
}
