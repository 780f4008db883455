import Testing

@testable import Images

@Suite("Matching of classes by their names")
struct ClassMatchingTests {
  private func set(_ labels: [Int]?, _ names: [String]? = nil, count: Int? = nil) -> ImageSet {
    ImageSet(
      name: "s", channels: 1, height: 1, width: 1, pixels: Array(repeating: 1, count: labels?.count ?? 2),
      labels: labels, classNames: names, classCount: count)
  }

  // horse is 1 among two classes and 2 among three.
  @Test func workedExampleOfAMissingClass() {
    let test = set([0, 1, 1], ["cat", "horse"]).numberingClasses(as: ["cat", "dog", "horse"])
    #expect(test.labels == [0, 2, 2] && test.classCount == 3 && test.classNames == ["cat", "dog", "horse"])
    #expect(set([0, 1], ["cat", "horse"]).classNames(missingIn: ["cat", "dog", "horse"]).isEmpty)
  }

  @Test func workedExampleOfAFurtherClass() {
    let other = set([0, 1, 2, 0], ["ant", "cat", "bee"])
    #expect(other.classNames(missingIn: ["cat", "dog"]) == ["ant", "bee"])
    let numbered = other.numberingClasses(as: ["cat", "dog"])
    #expect(numbered.labels == [2, 0, 3, 2] && numbered.classNames == ["cat", "dog", "ant", "bee"])
    // A class without images is not missed.
    let empty = set([1, 1], ["ant", "cat"])
    #expect(empty.classNames(missingIn: ["cat", "dog"]).isEmpty)
    #expect(empty.numberingClasses(as: ["cat", "dog"]).classNames == ["cat", "dog"])
  }

  // Labels 1 and 3 of a set with 1, 2, 3; labels that are numbers only, of the same numbers.
  @Test func workedExampleOfNumbers() {
    #expect(set([0, 1], ["1", "3"]).numberingClasses(as: ["1", "2", "3"]).labels == [0, 2])
    let few = set([0, 1]).numberingClasses(as: ["0", "1", "2"])
    #expect(few.labels == [0, 1] && few.classCount == 3 && few.classNames == nil)
    #expect(set([0, 3]).classNames(missingIn: ["0", "1", "2"]) == ["3"])
    // 0 is none of 1, 2, 3, however many there are.
    #expect(set([0, 1, 2]).classNames(missingIn: ["1", "2", "3"]) == ["0"])
  }

  // As many numbers as names, such as of a data set whose file of names is there only once.
  @Test func workedExampleOfNumbersAgainstNames() {
    #expect(set([2, 0], count: 3).numberingClasses(as: ["cat", "dog", "horse"]).labels == [2, 0])
    #expect(set([2, 0], ["cat", "dog", "horse"]).numberingClasses(as: ["0", "1", "2"]).labels == [2, 0])
    #expect(set([1, 0], count: 2).classNames(missingIn: ["cat", "dog", "horse"]) == ["0", "1"])
  }

  @Test func invariantWithoutLabelsThereIsNothingToMatch() {
    #expect(set(nil).numberingClasses(as: ["cat"]).labels == nil && set(nil).classNames(missingIn: ["cat"]).isEmpty)
    #expect(set(nil).namesOfClasses == nil && set([0, 2]).namesOfClasses == ["0", "1", "2"])
  }
}
