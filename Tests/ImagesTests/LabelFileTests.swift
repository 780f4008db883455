import TestSupport
import Testing

@testable import Images

@Suite("Files of labels and of class names")
struct LabelFileTests {
  @Test func workedExampleClassNames() throws {
    try withTemporaryFolder { folder in
      try write(Array("cat\r\n  small dog \n\n  \nbird\n\n".utf8), to: "\(folder)/names")
      #expect(try LabelFile.classNames("\(folder)/names", expected: 3) == ["cat", "small dog", "bird"])
      #expect(try LabelFile.classNames("\(folder)/none", expected: 3) == nil)
      #expect(
        throws: ImageSetError(
          path: "\(folder)/names", problem: "the file names 3 classes, one in a line; 4 were expected")
      ) { try LabelFile.classNames("\(folder)/names", expected: 4) }
    }
  }

  @Test func goldenLabels() throws {
    try withTemporaryFolder { folder in
      try write(idxFile([2], [3, 9]), to: "\(folder)/labels")
      let named = ImageRequest(labels: "\(folder)/labels")
      #expect(try LabelFile.labels(named, own: [5, 5, 5], total: 2, path: "p") == [3, 9])
      #expect(try LabelFile.labels(ImageRequest(), own: [5, 6], total: 2, path: "p") == [5, 6])
      #expect(try LabelFile.labels(ImageRequest(), own: nil, total: 2, path: "p") == nil)
      #expect(throws: ImageSetError(path: "p", problem: "there are 2 labels for 3 images")) {
        try LabelFile.labels(named, own: nil, total: 3, path: "p")
      }
    }
  }
}
