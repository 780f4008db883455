import Images
import Testing

@testable import TwoStage

@Suite("Remarks on scores")
struct ScoreRemarksTests {
  private func remarks(
    _ labels: [Int]?, clusters: [Int], of clusterCount: Int, names: [String]? = nil, hasNeighbours: Bool = true
  ) -> [String] {
    let images = ImageSet(
      name: "s", channels: 1, height: 1, width: 1, pixels: clusters.map { _ in 1 }, labels: labels, classNames: names)
    return ScoreRemarks(
      images: images, clusters: clusters, clusterCount: clusterCount, hasNeighbours: hasNeighbours
    ).sentences
  }

  @Test func invariantNothingIsSaidOfUsualScoresAndOfNone() {
    #expect(remarks([0, 1, 2, 0], clusters: [1, 0, 2, 2], of: 3).isEmpty)
    #expect(remarks(nil, clusters: [0, 0, 0], of: 9).isEmpty)
  }

  @Test func workedExampleOfMoreClustersThanClasses() {
    #expect(
      remarks([0, 1, 0, 1], clusters: [0, 1, 2, 3], of: 4) == [
        "4 clusters are matched one to one with 2 classes for ACC, so that the images of 2 clusters count as wrong; "
          + "\"many to one\" gives each cluster its most frequent class instead"
      ])
    #expect(
      remarks([0, 1, 0], clusters: [0, 1, 2], of: 3).first?.contains("images of 1 cluster count as wrong") == true)
  }

  // Classes of 3, 2 and 1 images: two clusters hold 5 of 6.
  @Test func workedExampleOfFewerClustersThanClasses() {
    #expect(
      remarks([0, 0, 0, 1, 1, 2], clusters: [0, 0, 0, 1, 1, 1], of: 2)
        == ["2 clusters cannot hold 3 classes one to one: ACC is at most 83.33 %"])
  }

  @Test func workedExampleOfWhatIsEmpty() {
    let names = ["cat", "dog", "horse"]
    #expect(
      remarks([0, 2, 2], clusters: [0, 1, 1], of: 3, names: names) == [
        "class dog has no images, so only 2 of 3 classes are judged", "cluster 2 has no images",
      ])
    let many = remarks([0, 11], clusters: [3, 9], of: 12)
    #expect(
      many == [
        "there are fewer images (2) than classes (12): scores of so few say little",
        "classes 1, 2, 3, 4, 5, 6 and 4 others have no images, so only 2 of 12 classes are judged",
        "clusters 0, 1, 2, 4, 5, 6 and 4 others have no images",
      ])
  }

  @Test func workedExampleOfNumbersOfImages() {
    let clusters = (0..<12).map { $0 % 12 }
    #expect(
      remarks(Array(0..<12), clusters: clusters, of: 12)
        == ["each image is of a class of its own: are these labels the numbers or the names of images?"])
    #expect(remarks(Array(0..<10), clusters: Array(0..<10), of: 10).isEmpty)
  }

  @Test func workedExampleOfOneClassAndOneImage() {
    #expect(
      remarks([1, 1], clusters: [0, 1], of: 2, names: ["cat", "dog"])
        == ["all images are of one class, dog: no score of a clustering or of neighbours says anything then"])
    #expect(
      remarks([0], clusters: [0], of: 1, hasNeighbours: false) == [
        "all images are of one class, 0: no score of a clustering or of neighbours says anything then",
        "a single image has no neighbours, so none are judged",
      ])
  }
}
