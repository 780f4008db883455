import Foundation
import Kernels
import TestSupport
import Testing

@testable import Images

@Suite("SVHN and MAT files")
struct SVHNTests {
  @Test(arguments: FormatsFile.sets { $0.hasSuffix(".mat") })
  func goldenAgainstSciPy(file: FormatsFile.SetCase) throws {
    try withTemporaryFolder { folder in
      try write(file.bytes, to: "\(folder)/\(file.name)")
      let set = try ImageSet.load("\(folder)/\(file.name)")
      #expect(set.count == file.count && set.channels == 3 && set.height == 32 && set.width == 32)
      #expect(set.labels == file.labels && set.classNames == (0..<10).map(String.init))
      #expect(set.checksum == file.digest)
    }
  }

  @Test func goldenAFolder() throws {
    let files = FormatsFile.sets { $0.hasSuffix("32x32.mat") }
    #expect(files.count == 2)
    try withTemporaryFolder { folder in
      for file in files { try write(file.bytes, to: "\(folder)/\(file.name)") }
      let training = try ImageSet.load(folder)
      #expect(training.labels == [0, 1, 9, 0, 5] && training.split == .training)
      let all = try ImageSet.load(folder, count: 6, split: .all)
      #expect(all.labels == [0, 1, 9, 0, 5, 3] && all.split == .all)
      #expect(Array(all.pixels[..<training.pixels.count]) == training.pixels)
      #expect(loadingProblem(folder, split: .unlabelled)?.contains("SVHN has no split unlabelled") == true)
      try FileManager.default.removeItem(atPath: "\(folder)/test_32x32.mat")
      #expect(
        loadingProblem(folder, split: .all)
          == "test_32x32.mat is missing: the split all of SVHN is train_32x32.mat, test_32x32.mat; a single file can be "
          + "named instead of the folder")
    }
  }

  /// An element, padded to 8 bytes, or a small one.
  private func element(_ type: Int, _ data: [UInt8], small: Bool = false) -> [UInt8] {
    if small {
      return littleEndian(data.count << 16 | type, bytes: 4) + data + Array(repeating: 0, count: 4 - data.count)
    }
    return littleEndian(type, bytes: 4) + littleEndian(data.count, bytes: 4) + data
      + Array(repeating: 0, count: (8 - data.count % 8) % 8)
  }

  private func matrix(_ name: String, _ dimensions: [Int], type: Int = 2, _ data: [UInt8], kind: UInt8 = 9) -> [UInt8] {
    let flags = element(6, [kind, 0, 0, 0, 0, 0, 0, 0])
    let lengths = element(5, dimensions.flatMap { littleEndian($0, bytes: 4) })
    return element(14, flags + lengths + element(1, Array(name.utf8), small: true) + element(type, data))
  }

  private func file(_ elements: [UInt8], version: UInt8 = 1, order: String = "IM") -> [UInt8] {
    var text: [UInt8] = Array("MATLAB 5.0 MAT-file".utf8)
    text += Array(repeating: 32, count: 124 - text.count)
    return text + [0, version] + Array(order.utf8) + elements
  }

  @Test func workedExampleTypesOfLabels() throws {
    let values: [(type: Int, bytes: [UInt8], integers: [Int]?)] = [
      (1, [255, 3], [-1, 3]), (2, [255, 3], [255, 3]), (3, [254, 255, 1, 0], [-2, 1]), (4, [254, 255], [65534]),
      (5, [255, 255, 255, 255], [-1]), (7, [0, 0, 0x20, 0x41], [10]), (7, [0, 0, 0x21, 0x41], nil),
      (9, [0, 0, 0, 0, 0, 0, 0xF0, 0x3F], [1]), (9, [0, 0, 0, 0, 0, 0, 0xF8, 0x7F], nil),
      (13, Array(repeating: 255, count: 8), nil), (12, Array(repeating: 255, count: 8), [-1]),
    ]
    for (type, bytes, integers) in values {
      let count = integers?.count ?? 1
      let mat = try MATFile(file(matrix("y", [count, 1], type: type, bytes)))
      #expect(mat.arrays["y"]?.integers == integers, "type \(type)")
    }
    // A text and a structure are left out.
    let mat = try MATFile(file(matrix("t", [1, 1], [65], kind: 4) + matrix("s", [1, 1], [65], kind: 2)))
    #expect(mat.arrays.isEmpty)
  }

  @Test func goldenSentences() throws {
    let pixels = [UInt8](repeating: 7, count: 2 * 3072)
    let (x, y) = (matrix("X", [32, 32, 3, 2], pixels), matrix("y", [2, 1], [10, 1]))
    let cut = file(matrix("y", [2, 1], [10, 1])).dropLast(1)
    let cases: [(bytes: [UInt8], problem: String)] = [
      (file(x, order: "MI"), "the MAT file is big-endian, which is not read; save it again on a usual machine"),
      (
        file(x, version: 2),
        "this is a MAT file of version 7.3 (HDF5), which is not read; save it with \"-v7\" in MATLAB"
      ),
      (file(y), "the MAT file holds no numeric array X; SVHN's cropped format has X and y"),
      (
        file(matrix("X", [32, 32, 2, 3], pixels) + y),
        "X is 32 x 32 x 2 x 3 of MATLAB's type 2, not 32 x 32 x 3 x images of unsigned bytes"
      ),
      (
        file(matrix("X", [32, 32, 3, 3], pixels)),
        "the array X has 6144 values for the dimensions 32 x 32 x 3 x 3"
      ),
      (file(x + matrix("y", [3, 1], [1, 2, 3])), "y is 3 x 1, not one whole number for each of the 2 images"),
      (
        file(x + matrix("y", [2, 1], [11, 1])),
        "image 0 has the label 11; SVHN has 1 to 10, where 10 is the digit 0"
      ),
      (
        Array(cut),
        "the MAT file is truncated: an element of 56 bytes begins at byte 136, and 55 follow"
      ),
      (file(x) + [1, 2, 3], "the MAT file is truncated: an element was expected at byte \(file(x).count)"),
      (
        file(littleEndian(15, bytes: 4) + littleEndian(6, bytes: 4) + [0x78, 1, 0, 0, 0, 0]),
        "a compressed array is damaged: the compressed data end too early"
      ),
    ]
    try withTemporaryFolder { folder in
      for (bytes, problem) in cases {
        try write(bytes, to: "\(folder)/x.mat")
        #expect(loadingProblem("\(folder)/x.mat") == problem)
      }
      try write(file(x), to: "\(folder)/x.mat")
      #expect(try ImageSet.load("\(folder)/x.mat").labels == nil)
      try write(file(y + x), to: "\(folder)/x.mat")
      #expect(try ImageSet.load("\(folder)/x.mat").labels == [0, 1])
      try write(
        Array("MATLAB 7.3 MAT-file".utf8) + Array(repeating: 32, count: 105) + [0, 2, 0x49, 0x4D], to: "\(folder)/x.mat"
      )
      #expect(loadingProblem("\(folder)/x.mat")?.contains("version 7.3 (HDF5)") == true)
    }
  }
}
