import Foundation
import TestSupport
import Testing

@testable import Images

@Suite("Folders of pictures")
struct PictureFolderTests {
  /// A picture of 1 x 2 pixels.
  private func grey(_ first: UInt8, _ second: UInt8) -> [UInt8] { PNG.encode([first, second], width: 2, height: 1) }

  @Test func workedExampleGreyAndColourTogether() throws {
    try withTemporaryFolder { folder in
      try write(grey(1, 2), to: "\(folder)/b.png")
      try write(Array("P6 2 1 255\n".utf8) + [3, 4, 5, 6, 7, 8], to: "\(folder)/a.ppm")
      try write(Array("notes".utf8), to: "\(folder)/c.txt")
      try write(Array("hidden".utf8), to: "\(folder)/.png")
      let set = try ImageSet.load(folder)
      #expect(set.count == 2 && set.channels == 3 && set.height == 1 && set.width == 2)
      #expect(set.pixels == [3, 6, 4, 7, 5, 8, 1, 2, 1, 2, 1, 2])
      #expect(set.labels == nil && set.classNames == nil && set.split == nil)
      #expect(set.remarks == ["\(folder): 1 file that is no picture was left out, \(folder)/c.txt"])
      try write(idxFile([2], [4, 1]), to: "\(folder)/.labels")
      let labelled = try ImageSet.load(folder, labels: "\(folder)/.labels")
      #expect(labelled.labels == [1, 0] && labelled.classNames == ["1", "4"])
      try write(Array("file,label\r\nb.png,dog\r\na.ppm,cat\r\n".utf8), to: "\(folder)/.labels")
      let named = try ImageSet.load(folder, labels: "\(folder)/.labels")
      #expect(named.labels == [0, 1] && named.classNames == ["cat", "dog"])
      #expect(try ImageSet.load(folder, labels: "\(folder)/.labels", count: 1).imageNames == ["a.ppm"])
      #expect(try ImageSet.load(folder, size: ImageSize(height: 3, width: 3)).pixels.count == 54)
    }
  }

  // In files of labels these words mean a missing label; folders are called so only by somebody who means it.
  @Test func workedExampleOfClassesCalledLikeMissingLabels() throws {
    try withTemporaryFolder { folder in
      for name in ["nan", "null"] {
        try makeFolder("\(folder)/\(name)")
        try write(grey(1, 2), to: "\(folder)/\(name)/a.png")
      }
      #expect(try ImageSet.load(folder).classNames == ["nan", "null"])
    }
  }

  @Test func workedExampleClasses() throws {
    try withTemporaryFolder { folder in
      for (name, value) in [("tulip/2", 5), ("tulip/10", 4), ("rose/x", 1), ("Aster/y", 9)] as [(String, UInt8)] {
        try makeFolder("\(folder)/\(name.split(separator: "/")[0])")
        try write(grey(value, 0), to: "\(folder)/\(name).png")
      }
      let set = try ImageSet.load(folder)
      #expect(set.classNames == ["Aster", "rose", "tulip"] && set.classCount == 3 && set.channels == 1)
      // 2.png before 10.png.
      #expect(set.labels == [0, 1, 2, 2] && set.pixels == [9, 0, 1, 0, 5, 0, 4, 0] && set.remarks.isEmpty)
      #expect(set.imageNames == ["Aster/y.png", "rose/x.png", "tulip/2.png", "tulip/10.png"])
      #expect(try ImageSet.load(folder + "/").imageNames == set.imageNames)
      // Two of four, evenly spread: the first and the third.
      let some = try ImageSet.load(folder, count: 2)
      #expect(some.labels == [0, 2] && some.classCount == 3 && some.imageNames == ["Aster/y.png", "tulip/2.png"])
      #expect(
        some.remarks == ["\(folder): 2, evenly spread over 4 images, are of 2 classes, the whole set has 3"])
      #expect(try ImageSet.load(folder, count: 3).labels == [0, 1, 2])
    }
  }

  @Test func goldenSentences() throws {
    try withTemporaryFolder { folder in
      try write(grey(1, 2), to: "\(folder)/a.png")
      #expect(try ImageSet.load(folder).count == 1)
      try write(PNG.encode([1, 2], width: 1, height: 2), to: "\(folder)/b.png")
      #expect(
        loadingProblem(folder)
          == "the pictures have 2 sizes (height x width): 1x2 (a.png), 2x1 (b.png); \"--size 1x2\" brings all to one size"
      )
      #expect(loadingProblem(folder, size: ImageSize(height: 2, width: 2)) == nil)
      #expect(
        loadingProblem(folder, split: .test)
          == "a folder of pictures has no splits, so there is no split test; name the folder of that part")
      #expect(loadingProblem(folder, labelling: .fine)?.contains("only CIFAR-100 has") == true)
      // A single picture is a set of one.
      let one = try ImageSet.load("\(folder)/a.png")
      #expect(one.count == 1 && one.pixels == [1, 2] && one.imageNames == ["a.png"] && one.labels == nil)
      try makeFolder("\(folder)/c")
      // Nothing is in it yet.
      #expect(try ImageSet.load(folder, size: ImageSize(height: 2, width: 2)).count == 2)
      try write(grey(1, 2), to: "\(folder)/c/x.png")
      #expect(
        loadingProblem(folder)
          == "the folder holds pictures (a.png) and sub-folders (c); pictures must stand either all in the folder or all in "
          + "sub-folders, one for each class")
    }
    try withTemporaryFolder { folder in
      try makeFolder("\(folder)/a/deep")
      try makeFolder("\(folder)/b")
      #expect(
        loadingProblem(folder)?.hasPrefix("the sub-folder a holds a folder itself, deep; sub-folders are classes")
          == true)
      try FileManager.default.removeItem(atPath: "\(folder)/a/deep")
      #expect(loadingProblem(folder)?.hasPrefix("the folder holds no images; looked for") == true)
      try write(grey(1, 2), to: "\(folder)/a/x.png")
      try write(grey(1, 2), to: "\(folder)/a/y.png")
      #expect(loadingProblem(folder) == "the sub-folder b holds no pictures; every sub-folder must be a class")
      try write([0xFF, 0xD8, 0xFF, 0xE0], to: "\(folder)/b/z.jpg")
      #expect(loadingProblem(folder)?.hasPrefix("the folder holds 1 JPEG and 2 PNG pictures; of these, JPEG") == true)
      try write(Array(grey(1, 2).dropLast(20)), to: "\(folder)/b/z.jpg")
      #expect(loadingProblem(folder)?.hasPrefix("the PNG file is damaged: the file is truncated") == true)
    }
  }

  // Parts of a data set are no classes, and are not silently taken for some.
  @Test func workedExampleOfParts() throws {
    try withTemporaryFolder { folder in
      for part in ["train", "test"] {
        try makeFolder("\(folder)/\(part)")
        try write(grey(1, 2), to: "\(folder)/\(part)/a.png")
      }
      let set = try ImageSet.load(folder)
      #expect(set.classNames == ["test", "train"])
      #expect(
        set.remarks == [
          "\(folder): the sub-folders test, train are taken for classes; if they are parts of a data set, name one of them as "
            + "the data"
        ])
      for part in ["train", "test"] {
        try makeFolder("\(folder)/\(part)/cat")
        try write(grey(1, 2), to: "\(folder)/\(part)/cat/a.png")
      }
      #expect(loadingProblem(folder)?.hasSuffix("name it: \(folder)/train") == true)
    }
  }
}
