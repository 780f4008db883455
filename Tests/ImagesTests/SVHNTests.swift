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

  @Test func goldenSentences() throws {
    let pixels = [UInt8](repeating: 7, count: 2 * 3072)
    let (x, y) = (MATFixtures.matrix("X", [32, 32, 3, 2], pixels), MATFixtures.matrix("y", [2, 1], [10, 1]))
    let cut = MATFixtures.file(MATFixtures.matrix("y", [2, 1], [10, 1])).dropLast(1)
    let cases: [(bytes: [UInt8], problem: String)] = [
      (
        MATFixtures.file(x, order: "MI"),
        "the MAT file is big-endian, which is not read; save it again on a usual machine"
      ),
      (
        MATFixtures.file(x, version: 2),
        "this is a MAT file of version 7.3 (HDF5), which is not read; save it with \"-v7\" in MATLAB"
      ),
      (MATFixtures.file(y), "the MAT file holds no numeric array X; SVHN's cropped format has X and y"),
      (
        MATFixtures.file(MATFixtures.matrix("X", [32, 32, 2, 3], pixels) + y),
        "X is 32 x 32 x 2 x 3 of MATLAB's type 2, not 32 x 32 x 3 x images of unsigned bytes"
      ),
      (
        MATFixtures.file(MATFixtures.matrix("X", [32, 32, 3, 3], pixels)),
        "the array X has 6144 values for the dimensions 32 x 32 x 3 x 3"
      ),
      (
        MATFixtures.file(x + MATFixtures.matrix("y", [3, 1], [1, 2, 3])),
        "y is 3 x 1, not one whole number for each of the 2 images"
      ),
      (
        MATFixtures.file(x + MATFixtures.matrix("y", [2, 1], [11, 1])),
        "image 0 has the label 11; SVHN has 1 to 10, where 10 is the digit 0"
      ),
      (
        Array(cut),
        "the MAT file is truncated: an element of 56 bytes begins at byte 136, and 55 follow"
      ),
      (
        MATFixtures.file(x) + [1, 2, 3],
        "the MAT file is truncated: an element was expected at byte \(MATFixtures.file(x).count)"
      ),
      (
        MATFixtures.file(littleEndian(15, bytes: 4) + littleEndian(6, bytes: 4) + [0x78, 1, 0, 0, 0, 0]),
        "a compressed array is damaged: it does not begin with an element"
      ),
    ]
    try withTemporaryFolder { folder in
      for (bytes, problem) in cases {
        try write(bytes, to: "\(folder)/x.mat")
        #expect(loadingProblem("\(folder)/x.mat") == problem)
      }
      try write(MATFixtures.file(x), to: "\(folder)/x.mat")
      #expect(try ImageSet.load("\(folder)/x.mat").labels == nil)
      try write(MATFixtures.file(y + x), to: "\(folder)/x.mat")
      #expect(try ImageSet.load("\(folder)/x.mat").labels == [0, 1])
      try write(
        Array("MATLAB 7.3 MAT-file".utf8) + Array(repeating: 32, count: 105) + [0, 2, 0x49, 0x4D], to: "\(folder)/x.mat"
      )
      #expect(loadingProblem("\(folder)/x.mat")?.contains("version 7.3 (HDF5)") == true)
      // Known by its name alone, as in a folder.
      for (bytes, problem) in [
        ([1, 2, 3], "the file has 3 bytes and does not begin as a MAT file of version 5 does; fetch it again"),
        (Array("<!DOCTYPE html>".utf8), "this is a web page (HTML), perhaps one that was saved instead of the file; "),
      ] {
        try makeFolder("\(folder)/SVHN")
        try write(bytes, to: "\(folder)/SVHN/train_32x32.mat")
        #expect(loadingProblem("\(folder)/SVHN")?.hasPrefix(problem) == true)
      }
    }
  }
}
