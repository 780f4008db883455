import Foundation
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
      try write(idxFile([2], [1, 0]), to: "\(folder)/labels")
      let (named, own) = (ImageRequest(labels: "\(folder)/labels"), ClassLabels([5, 6], count: 10))
      #expect(
        try LabelFile.classes(named, own: ClassLabels([5, 5, 5], count: 10), total: 2, path: "p")
          == ClassLabels([1, 0], count: 2))
      #expect(try LabelFile.classes(ImageRequest(), own: own, total: 2, path: "p") == own)
      #expect(try LabelFile.classes(ImageRequest(), own: nil, total: 2, path: "p") == nil)
      #expect(throws: ImageSetError(path: "p", problem: "there are 2 labels for 3 images")) {
        try LabelFile.classes(named, own: nil, total: 3, path: "p")
      }
      #expect(try LabelFile.classes(ImageRequest(), own: own, total: 2, first: 1, path: "p")?.labels == [5])
    }
  }

  // One file of each format, told apart by its first bytes; packed ones too.
  @Test func goldenFormats() throws {
    try withTemporaryFolder { folder in
      let request = ImageRequest(labels: "\(folder)/labels")
      func classes() throws -> ClassLabels? { try LabelFile.classes(request, own: nil, total: 3, path: "p") }
      for bytes in [
        idxFile([3], [7, 5, 7]), npyFile("<f4", "3, 1", [0, 0, 0xE0, 0x40, 0, 0, 0xA0, 0x40, 0, 0, 0xE0, 0x40]),
        Array("7\n5\n7\n".utf8), Array("number,label\n1,5\n0,7\n2,7\n".utf8),
      ] {
        for packed in [bytes, gzipFile(bytes)] {
          try write(packed, to: "\(folder)/labels")
          #expect(try classes()?.labels == [1, 0, 1])
          #expect(try classes()?.names == ["5", "7"])
        }
      }
      for (text, rest) in [
        ("0\n1\n2\n1\n", "4 labels for 3 images; if its first line, \"0\", is a heading, remove it"),
        ("0\n1\n", "2 labels for 3 images"),
      ] {
        try write(Array(text.utf8), to: "\(folder)/labels")
        #expect(throws: ImageSetError(path: "\(folder)/labels", problem: "there are \(rest)")) { try classes() }
      }
      try write([], to: "\(folder)/labels")
      #expect(throws: ImageSetError(path: "\(folder)/labels", problem: "the file is empty; labels were expected")) {
        try classes()
      }
    }
  }

  // What is no list of labels is said to be what it is, and is not read into memory first.
  @Test func workedExampleOfOtherFiles() throws {
    try withTemporaryFolder { folder in
      try write(npyFile("|u1", "2, 1, 1", [1, 2]), to: "\(folder)/x.npy")
      func problem(_ bytes: [UInt8]) throws -> String? {
        try write(bytes, to: "\(folder)/labels")
        return loadingProblem("\(folder)/x.npy", labels: "\(folder)/labels")
      }
      #expect(try problem(Array("PK\u{3}\u{4}".utf8) + [0, 0])?.contains("this is a zip archive") == true)
      let mat = Array("MATLAB 5.0 MAT-file".utf8) + [UInt8](repeating: 32, count: 105) + [0, 1, 0x49, 0x4D]
      #expect(try problem(mat)?.contains("scipy.io.loadmat(\"\(folder)/labels\")[\"y\"]") == true)
      #expect(try problem(Array("a\nb\n".utf8)) == nil)
      let handle = try #require(FileHandle(forWritingAtPath: "\(folder)/labels"))
      try handle.truncate(atOffset: UInt64(LabelFile.largestText + 1))
      try handle.close()
      #expect(
        loadingProblem("\(folder)/x.npy", labels: "\(folder)/labels")
          == "a text of 67108865 bytes is no list of the labels of 2 images; at most 67108864 bytes are read")
    }
  }
}
