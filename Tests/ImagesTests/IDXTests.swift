import TestSupport
import Testing

@testable import Images

@Suite("IDX files")
struct IDXTests {
  private func problem(_ bytes: [UInt8], axes: Int = 3) -> String? {
    do {
      _ = try IDX.parse(bytes, axes: axes, path: "file")
      return nil
    } catch { return error.problem }
  }

  @Test func workedExampleImagesAndLabels() throws {
    let images = try IDX.parse(idxFile([2, 1, 3], [1, 2, 3, 4, 5, 6]), axes: 3, path: "file")
    #expect(images.shape == [2, 1, 3])
    #expect(images.values == [1, 2, 3, 4, 5, 6])
    let labels = try IDX.parse(gzipFile(idxFile([300], Array(repeating: 9, count: 300))), axes: 1, path: "file")
    #expect(labels.shape == [300])
    #expect(labels.values == Array(repeating: 9, count: 300))
  }

  @Test func goldenSentences() {
    #expect(problem([]) == "the file is empty; an IDX file of images was expected")
    #expect(problem([], axes: 1) == "the file is empty; an IDX file of labels was expected")
    #expect(problem([0, 0, 8]) == "the file ends inside its header: 3 bytes; an IDX file of images was expected")
    #expect(
      problem([0x89, 0x50, 0x4E, 0x47])
        == "this is no IDX file: it begins with 89 50 4e 47; an IDX file of images begins with 00 00 08 03")
    #expect(problem([0, 0, 0x0D, 3]) == "the IDX type is 0d; only 08, unsigned bytes, is supported")
    #expect(problem(idxFile([2], [1, 2])) == "the IDX file has 1 axes; a file of images has 3")
    #expect(problem([0, 0, 8, 3, 0, 0]) == "the file ends inside its header: 6 bytes instead of 16")
    #expect(problem(idxFile([0, 2, 2], [])) == "the file holds no images")
    #expect(problem(idxFile([0], []), axes: 1) == "the file holds no labels")
    #expect(problem(idxFile([2, 0, 2], [])) == "the header announces 2 x 0 x 2 values, images without pixels")
    #expect(
      problem(idxFile([2, 1, 2], [1, 2, 3]))
        == "the file is truncated: its header announces 2 x 1 x 2 values, 4 bytes, but 3 follow")
    let vast = Int(UInt32.max)
    #expect(
      problem(idxFile([vast, vast, vast], [1]))
        == "the file is truncated: its header announces 4294967295 x 4294967295 x 4294967295 values, "
        + "more than any file can hold, but 1 follow")
    #expect(
      problem([0x1F, 0x8B, 8, 0]) == "the gzip file is damaged: the gzip file ends too early")
  }

  @Test func workedExampleOfWhatFollows() throws {
    let longer = try IDX.parse(idxFile([2, 1, 1], [1, 2, 3]), axes: 3, path: "file")
    #expect(longer.values == [1, 2])
    #expect(
      longer.remarks == ["file: 1 byte follows the 2 x 1 x 1 values that the header announces and was passed over"])
    let padded = gzipFile(idxFile([2, 1, 1], [1, 2])) + [0, 0, 0]
    #expect(
      try IDX.parse(padded, axes: 3, path: "file").remarks == [
        "file: 3 bytes follow the gzip data and were passed over"
      ])
    try withTemporaryFolder { folder in
      try write(padded, to: "\(folder)/train-images-idx3-ubyte.gz")
      try write(gzipFile(idxFile([2], [1, 0])) + [0], to: "\(folder)/train-labels-idx1-ubyte.gz")
      for path in [folder, "\(folder)/train-images-idx3-ubyte.gz"] {
        let set = try ImageSet.load(path)
        #expect(set.pixels == [1, 2] && set.labels == [1, 0])
        #expect(set.remarks.count == 2 && set.remarks.allSatisfy { $0.contains(" the gzip data and ") })
      }
    }
  }

  @Test func goldenMissingFile() {
    #expect(throws: ImageSetError(path: "/nowhere/at-all", problem: "there is no such file")) {
      try IDX.read("/nowhere/at-all", axes: 3)
    }
  }

  @Test func invariantEveryPrefixIsAnError() {
    let file = idxFile([2, 2, 3], Array(0..<12))
    for length in 0..<file.count { #expect(problem(Array(file[..<length])) != nil) }
    #expect(problem(file) == nil)
  }
}
