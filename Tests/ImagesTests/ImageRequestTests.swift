import Testing

@testable import Images

@Suite("What is asked of a data set")
struct ImageRequestTests {
  @Test func workedExampleSizes() {
    #expect(ImageSize("32") == ImageSize(height: 32, width: 32))
    #expect(ImageSize("32x48") == ImageSize(height: 32, width: 48))
    #expect(ImageSize("1x1024")?.description == "1x1024")
    for text in ["", "x", "32x", "x32", "0", "1025", "32x0", "3x4x5", "32X32", "32 x 32", "-3", "1e2"] {
      #expect(ImageSize(text) == nil, "\(text)")
    }
  }

  @Test func goldenCounts() throws {
    #expect(try ImageRequest().count(of: 7, path: "p") == 7)
    #expect(try ImageRequest(count: 2).count(of: 7, path: "p") == 2)
    #expect(try ImageRequest().count(of: 1, path: "p") == 1)
    for (total, count, problem) in [
      (0, 3, "there are no images"),
      (7, 8, "8 images were asked for; it must be 1 to 7, as many as there are"),
      (7, 0, "0 images were asked for; it must be 1 to 7, as many as there are"),
    ] {
      #expect(throws: ImageSetError(path: "p", problem: problem)) {
        try ImageRequest(count: count).count(of: total, path: "p")
      }
    }
  }

  @Test func goldenSplits() throws {
    func chosen(_ split: DataSplit?, _ available: [DataSplit]) throws -> DataSplit {
      try ImageRequest(split: split).chosenSplit(
        available: available, possible: [.training, .test, .all], format: "X", path: "p")
    }
    #expect(try chosen(nil, [.training, .test]) == .training)
    #expect(try chosen(nil, [.test]) == .test)
    #expect(try chosen(.all, [.test]) == .all)
    #expect(
      throws: ImageSetError(path: "p", problem: "X has no split unlabelled; there are training, test, all")
    ) { try chosen(.unlabelled, [.training]) }
    try ImageRequest(split: .test).refuseSplit(otherThan: .test, path: "p")
    try ImageRequest().refuseSplit(otherThan: nil, path: "p")
    #expect(
      throws: ImageSetError(
        path: "p",
        problem: "the split all was asked for, but this is a single file and it holds the split test; name its folder")
    ) { try ImageRequest(split: .all).refuseSplit(otherThan: .test, path: "p") }
    #expect(throws: ImageSetError.self) { try ImageRequest(labelling: .fine).refuseLabelling(path: "p", format: "X") }
  }
}
