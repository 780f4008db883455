import Foundation
import TestSupport
import Testing

@testable import Images

@Suite("Folders of data sets")
struct DataSetFolderTests {
  private func writeMNIST(_ folder: String, value: UInt8 = 1) throws {
    try makeFolder(folder)
    try write(idxFile([2, 1, 2], [value, 2, 3, 4]), to: "\(folder)/train-images-idx3-ubyte")
    try write(idxFile([2], [4, 5]), to: "\(folder)/train-labels-idx1-ubyte")
  }

  // torchvision's root is two levels above its files.
  @Test func workedExampleOfTorchvision() throws {
    try withTemporaryFolder { folder in
      try writeMNIST("\(folder)/data/MNIST/raw")
      for root in ["data/MNIST/raw", "data/MNIST", "data", ""].map({ "\(folder)/\($0)" }) {
        let set = try ImageSet.load(root)
        #expect(set.labels == [0, 1] && set.classNames == ["4", "5"])
      }
      // What is hidden or left behind by a system holds no data set.
      try writeMNIST("\(folder)/__MACOSX/MNIST", value: 9)
      try writeMNIST("\(folder)/data/MNIST/.old", value: 9)
      #expect(try ImageSet.load(folder).pixels.first == 1)
      try writeMNIST("\(folder)/FashionMNIST/raw")
      #expect(
        loadingProblem(folder)
          == "the folder holds several data sets; name one of them: \(folder)/FashionMNIST/raw, \(folder)/data/MNIST/raw"
      )
    }
  }

  @Test func workedExampleOfTheOthers() throws {
    for (inner, name, bytes) in [
      ("cifar-10-batches-bin", "data_batch_1.bin", cifarFile([[3], [4]])),
      ("cifar-100-binary", "train.bin", cifarFile([[3, 4], [5, 6]])),
      ("stl10_binary", "train_X.bin", stl10File(2)), ("any/name", "test_X.bin", stl10File(2)),
    ] {
      try withTemporaryFolder { folder in
        try makeFolder("\(folder)/\(inner)")
        try write(bytes, to: "\(folder)/\(inner)/\(name)")
        let problem = loadingProblem(folder)
        // The other batches of CIFAR-10 are asked for, so its folder was found.
        #expect(problem == nil || problem?.hasPrefix("data_batch_2.bin is missing") == true)
      }
    }
  }

  @Test func workedExampleOfLeftovers() throws {
    try withTemporaryFolder { folder in
      let picture = PNG.encode([1, 2], width: 2, height: 1)
      for name in ["a", "b", "__MACOSX/a", "__MACOSX/b"] { try makeFolder("\(folder)/\(name)") }
      for name in ["a", "b"] {
        try write(picture, to: "\(folder)/\(name)/1.png")
        for other in ["._1.png", ".DS_Store", "Thumbs.db", "desktop.ini", "Icon\r"] {
          try write([0, 5, 0x16, 7], to: "\(folder)/\(name)/\(other)")
        }
        try write([0, 5, 0x16, 7], to: "\(folder)/__MACOSX/\(name)/._1.png")
      }
      try write([1], to: "\(folder)/Desktop.ini")
      try makeFolder("\(folder)/@eaDir")
      let set = try ImageSet.load(folder)
      #expect(set.classNames == ["a", "b"] && set.count == 2 && set.remarks == [])
      #expect(try ImageSet.load("\(folder)/a").remarks == [])
    }
  }
}
