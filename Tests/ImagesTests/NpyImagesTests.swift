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

  @Test func workedExampleLabels() throws {
    try withTemporaryFolder { folder in
      try write(npyFile("|u1", "2, 1, 1", [5, 6]), to: "\(folder)/x.npy")
      for (type, bytes) in [
        ("|u1", [3, 200]), ("<i2", [3, 0, 200, 0]), ("<i8", littleEndian(3, bytes: 8) + littleEndian(200, bytes: 8)),
      ] as [(String, [UInt8])] {
        try write(npyFile(type, "2,", bytes), to: "\(folder)/y.npy")
        #expect(try ImageSet.load("\(folder)/x.npy", labels: "\(folder)/y.npy").labels == [3, 200])
      }
      for (type, bytes) in [("|i1", [3, 200]), ("<u2", [0, 0, 0x10, 0x27])] as [(String, [UInt8])] {
        try write(npyFile(type, "2,", bytes), to: "\(folder)/y.npy")
        #expect(
          loadingProblem("\(folder)/x.npy", labels: "\(folder)/y.npy")
            == "label 1 is negative or above 9999, the most that is read")
      }
      try write(npyFile("|u1", "2, 1", [1, 2]), to: "\(folder)/y.npy")
      #expect(
        loadingProblem("\(folder)/x.npy", labels: "\(folder)/y.npy")
          == "the array of labels is 2 x 1, not one number for each image")
    }
  }

  @Test func goldenSentences() throws {
    try withTemporaryFolder { folder in
      for (bytes, problem) in [
        (npyFile("<f4", "2, 1, 1", Array(repeating: 0, count: 8)), "the file holds values of type <f4, not |u1"),
        (
          npyFile("|u1", "2, 3, 1, 1", Array(repeating: 0, count: 6)), nil
        ),
        (
          npyFile("|u1", "2, 3, 1, 2", Array(repeating: 0, count: 12)),
          "the array is 2 x 3 x 1 x 2, not images x height x width or images x height x width x 1 or 3 channels; move the "
            + "channels to the end with numpy.moveaxis(array, 1, 3)"
        ),
        (
          npyFile("|u1", "4, 3", Array(repeating: 0, count: 12)),
          "the array is 4 x 3, not images x height x width or images x height x width x 1 or 3 channels"
        ),
        (
          npyFile("|u1", "2, 2, 2", [1, 2, 3]),
          "the array is 2 x 2 x 2 of 1 bytes each, but 3 bytes follow the header; the file may be truncated"
        ),
        (npyFile("|u1", "0, 2, 2", []), "the array of shape (0 x 2 x 2) holds nothing"),
        (
          npyFile("|u1", "4294967296, 4294967296, 4294967296", [1]),
          "the array is 4294967296 x 4294967296 x 4294967296 of 1 bytes each, but 1 bytes follow the header; the file may be "
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
