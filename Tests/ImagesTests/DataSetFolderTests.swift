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

  // Another program's file that is called like a data set's, among pictures: in their folder, beside classes, in a class.
  @Test(arguments: DataSetFolder.all.flatMap { kind in kind.files.map { (kind.format, $0) } })
  func workedExampleOfAStrayFile(format: String, name: String) throws {
    for (pictures, stray) in [
      (["a", "b"], ""), (["x/a", "y/b"], ""), (["x/a", "y/b"], "y/"), (["a", "b"], "runs/model/"),
    ] {
      try withTemporaryFolder { folder in
        for path in ["x", "y", "runs/model"] where (pictures + [stray]).contains(where: { $0.hasPrefix(path) }) {
          try makeFolder("\(folder)/\(path)")
        }
        for picture in pictures {
          try write(PNG.encode([1, 2], width: 2, height: 1), to: "\(folder)/\(picture).png")
        }
        try write([1, 2, 3, 4, 5], to: "\(folder)/\(stray)\(name)")
        guard stray != "runs/model/" else {
          #expect(loadingProblem(folder)?.hasPrefix("the folder holds pictures (a.png) and sub-folders (runs)") == true)
          return
        }
        let set = try ImageSet.load(folder)
        #expect(set.imageNames == pictures.map { "\($0).png" })
        #expect(set.remarks.contains { $0.contains("\(folder)/\(stray)\(name)") })
        #expect(
          set.remarks.contains { $0.hasPrefix("\(folder): \(name) is called like a file of \(format) but is not ") }
            == stray.isEmpty)
      }
    }
  }

  // A file that has the format of its name is a data set also beside pictures, wherever these are.
  @Test func workedExampleOfADataSetBesidePictures() throws {
    for (name, bytes) in [
      ("train.bin", cifarFile([[3, 4], [5, 6]])), ("train_X.bin", stl10File(2)),
      ("t10k-images.idx3-ubyte.gz", gzipFile(idxFile([2, 1, 2], [1, 2, 3, 4]))),
    ] {
      try withTemporaryFolder { folder in
        try makeFolder("\(folder)/set")
        try write(bytes, to: "\(folder)/set/\(name)")
        // Of another data set only the name.
        try write([1], to: "\(folder)/set/test_32x32.mat")
        try write([1], to: "\(folder)/set/test_batch.bin")
        try write(Array("%PDF-1.4".utf8), to: "\(folder)/set/readme.pdf")
        #expect(try ImageSet.load(folder).remarks == [])
        for picture in ["a.png", "set/b.png"] {
          try write(PNG.encode([1, 2], width: 2, height: 1), to: "\(folder)/\(picture)")
          let set = try ImageSet.load(folder)
          #expect(set.count == 2 && set.imageNames == nil)
          #expect(
            set.remarks == [
              "\(folder)/set: the data set there is read and not the pictures, such as \(folder)/\(picture); to have these "
                + "read, move them to a folder of their own"
            ])
          try FileManager.default.removeItem(atPath: "\(folder)/\(picture)")
        }
        try write([1], to: "\(folder)/set/\(name)")
        #expect(loadingProblem(folder) != nil)
      }
    }
  }
}
