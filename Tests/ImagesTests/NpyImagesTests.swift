import Kernels
import TestSupport
import Testing

@testable import Images

/// An npy file of a given header.
func npyFile(_ type: String, _ shape: String, _ data: [UInt8]) -> [UInt8] {
  let header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(shape)), }"
  return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8) + data
}

@Suite("Images in npy files")
struct NpyImagesTests {
  @Test(arguments: FormatsFile.sets { $0.hasSuffix(".npy") })
  func goldenAgainstNumPy(file: FormatsFile.SetCase) throws {
    try withTemporaryFolder { folder in
      try write(file.bytes, to: "\(folder)/images")
      let set = try ImageSet.load("\(folder)/images")
      #expect(set.count == file.count && set.channels == file.channels)
      #expect(set.height == file.height && set.width == file.width && set.labels == nil)
      #expect(set.checksum == file.digest)
      try write(gzipFile(file.bytes), to: "\(folder)/packed")
      #expect(
        try ImageSet.load("\(folder)/packed", count: 2).pixels == Array(set.pixels.prefix(2 * set.valuesPerImage)))
    }
  }

  // The classes are those of all labels, of which the first images may lack some.
  @Test func workedExampleLabels() throws {
    try withTemporaryFolder { folder in
      try write(npyFile("|u1", "3, 1, 1", [5, 6, 7]), to: "\(folder)/x.npy")
      try write(npyFile("<i2", "3, 1", [3, 0, 3, 0, 200, 0]), to: "\(folder)/y.npy")
      let set = try ImageSet.load("\(folder)/x.npy", labels: "\(folder)/y.npy")
      #expect(set.labels == [0, 0, 1] && set.classCount == 2 && set.classNames == ["3", "200"])
      #expect(set.remarks.count == 1 && set.remarks[0].contains("y.npy: the labels 3, 200 are 2 classes"))
      let first = try ImageSet.load("\(folder)/x.npy", labels: "\(folder)/y.npy", count: 2)
      #expect(first.labels == [0, 0] && first.classCount == 2)
      #expect(
        first.remarks.last?.contains("the first 2 of 3 images are all of the class 3, the whole set has 2") == true)
    }
  }

  @Test func workedExampleOfTypesVersionsAndOrders() throws {
    try withTemporaryFolder { folder in
      func read(_ bytes: [UInt8]) throws -> ImageSet {
        try write(bytes, to: "\(folder)/x.npy")
        return try ImageSet.load("\(folder)/x.npy")
      }
      for type in ["<u1", ">u1", "=u1", "u1", "B", "uint8"] {
        #expect(try read(npyFile(type, "2, 1, 1", [5, 6])).pixels == [5, 6])
      }
      let first = npyFile("|u1", "2, 1, 1", [5, 6])
      #expect(try read(Array(first[..<6]) + [2, 0, first[8], 0, 0, 0] + first[10...]).pixels == [5, 6])
      // numpy.asfortranarray(numpy.arange(24).reshape(2, 2, 2, 3)): the first index is the fastest.
      let values: [UInt8] = [0, 12, 6, 18, 3, 15, 9, 21, 1, 13, 7, 19, 4, 16, 10, 22, 2, 14, 8, 20, 5, 17, 11, 23]
      var fortran = npyFile("|u1", "2, 2, 2, 3", values)
      let place = try #require(fortran.firstRange(of: Array("False".utf8)))
      fortran.replaceSubrange(place, with: Array("True ".utf8))
      let set = try read(fortran)
      #expect(set.pixels == (try read(npyFile("|u1", "2, 2, 2, 3", Array(0..<24)))).pixels)
      #expect(set.pixels.prefix(4) == [0, 3, 6, 9])
    }
  }

  @Test func workedExampleOfWhatFollows() throws {
    try withTemporaryFolder { folder in
      try write(npyFile("|u1", "2, 1, 1", [5, 6, 7]), to: "\(folder)/x.npy")
      let set = try ImageSet.load("\(folder)/x.npy")
      #expect(
        set.pixels == [5, 6] && set.remarks == ["\(folder)/x.npy: 1 byte follows the array and was passed over"])
      try write(npyFile("|u1", "2,", [5, 6, 7]), to: "\(folder)/y.npy")
      let labelled = try ImageSet.load("\(folder)/x.npy", labels: "\(folder)/y.npy")
      #expect(labelled.labels == [0, 1] && labelled.classNames == ["5", "6"])
      #expect(labelled.remarks.contains("\(folder)/y.npy: 1 byte follows the labels and was passed over"))
      try write(gzipFile(idxFile([2], [5, 6, 7])) + [0], to: "\(folder)/y")
      let zipped = try ImageSet.load("\(folder)/x.npy", labels: "\(folder)/y")
      #expect(zipped.labels == [0, 1])
      #expect(zipped.remarks.count(where: { $0.hasPrefix("\(folder)/y: 1 byte follows the ") }) == 2)
    }
  }

  @Test func goldenSentences() throws {
    try withTemporaryFolder { folder in
      for (bytes, problem) in [
        (
          npyFile("|u1", "2, 3, 1, 1", Array(repeating: 0, count: 6)), nil
        ),
        (
          npyFile("|u1", "2, 2, 2", [1, 2, 3]),
          "the array is 2 x 2 x 2 of 1 bytes each, but 3 bytes follow the header; the file is truncated"
        ),
        (npyFile("|u1", "0, 2, 2", []), "the array of shape (0 x 2 x 2) holds nothing"),
        (
          npyFile("|u1", "4294967296, 4294967296, 4294967296", [1]),
          "the array is 4294967296 x 4294967296 x 4294967296 of 1 bytes each, but 1 bytes follow the header; the file is "
            + "truncated"
        ),
        (npyFile("|u1", "1, 1, 1", [1]), nil),
      ] as [([UInt8], String?)] {
        try write(bytes, to: "\(folder)/x.npy")
        #expect(loadingProblem("\(folder)/x.npy") == problem)
      }
      try write(npyFile("|u1", "2, 1, 1", [1, 2]), to: "\(folder)/x.npy")
      #expect(loadingProblem("\(folder)/x.npy", split: .training)?.contains("what it holds is not known") == true)
    }
  }
}
