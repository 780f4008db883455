import TestSupport
import Testing

@testable import Images

@Suite("Images in IDX files")
struct IDXImagesTests {
  @Test func workedExampleSplitsOfAFolder() throws {
    try withTemporaryFolder { folder in
      try write(idxFile([2, 1, 2], [1, 2, 3, 4]), to: "\(folder)/train-images-idx3-ubyte")
      try write(idxFile([2], [7, 8]), to: "\(folder)/train-labels-idx1-ubyte")
      try write(gzipFile(idxFile([3, 1, 2], [5, 6, 7, 8, 9, 10])), to: "\(folder)/t10k-images-idx3-ubyte.gz")
      let all = try ImageSet.load(folder, split: .all)
      #expect(all.pixels == Array(1...10) && all.labels == nil && all.split == .all)
      try write(idxFile([3], [0, 1, 2]), to: "\(folder)/t10k-labels-idx1-ubyte")
      let both = try ImageSet.load(folder, split: .all)
      #expect(both.labels == [3, 4, 0, 1, 2] && both.classNames == ["0", "1", "2", "7", "8"])
      let training = try ImageSet.load(folder)
      #expect(training.labels == [0, 1] && training.classCount == 2 && training.classNames == ["7", "8"])
      #expect(
        training.remarks == ["\(folder): the labels 7, 8 are 2 classes, numbered from 0; their names are the labels"])
      let test = try ImageSet.load(folder, split: .test)
      #expect(test.pixels == Array(5...10) && test.labels == [0, 1, 2] && test.split == .test)
      #expect(try ImageSet.load(folder).split == .training)
      #expect(try ImageSet.load("\(folder)/t10k-images-idx3-ubyte.gz", split: .test).split == .test)
      #expect(try ImageSet.load(folder, size: ImageSize(height: 2, width: 2)).pixels.count == 8)
    }
  }

  @Test func goldenSentences() throws {
    try withTemporaryFolder { folder in
      try write(idxFile([2, 1, 2], [1, 2, 3, 4]), to: "\(folder)/train-images-idx3-ubyte")
      #expect(
        loadingProblem(folder, split: .test)
          == "the split test needs t10k-images-idx3-ubyte (or with .gz, or a dot before idx3), which is not there")
      #expect(
        loadingProblem(folder, labelling: .coarse)
          == "the coarse labels were asked for, which only CIFAR-100 has; this is IDX")
      try write(idxFile([3, 2, 2], Array(0..<12)), to: "\(folder)/t10k-images-idx3-ubyte")
      #expect(
        loadingProblem(folder, split: .all)
          == "the training images have 1 x 2 pixels, the test images 2 x 2")
      #expect(loadingProblem(folder, split: .unlabelled)?.contains("has no split unlabelled") == true)
      try write(idxFile([4], [1, 2, 3, 4]), to: "\(folder)/t10k-labels-idx1-ubyte")
      #expect(loadingProblem(folder, split: .test) == "there are 4 labels for 3 images")
      #expect(
        loadingProblem("digits", split: .test) == "the bundled sets have no split test, they are used whole")
      #expect(try ImageSet.load("digits", count: 9, split: .all).count == 9)
    }
  }

  // As some programs unpack MNIST: each file in a folder of its own name, with or without a file of another name beside it.
  @Test func workedExampleOfFilesInFoldersOfTheirNames() throws {
    try withTemporaryFolder { folder in
      for (name, file) in [
        ("train-images-idx3-ubyte", idxFile([2, 1, 1], [7, 8])), ("train-labels-idx1-ubyte", idxFile([2], [1, 0])),
      ] {
        try makeFolder("\(folder)/\(name)")
        try write(file, to: "\(folder)/\(name)/\(name)")
      }
      let set = try ImageSet.load(folder)
      #expect(set.pixels == [7, 8] && set.labels == [1, 0])
      try write(idxFile([2, 1, 1], [3, 4]), to: "\(folder)/train-images.idx3-ubyte")
      try write(idxFile([2], [0, 1]), to: "\(folder)/train-labels.idx1-ubyte")
      let flat = try ImageSet.load(folder)
      #expect(flat.pixels == [3, 4] && flat.labels == [0, 1])
    }
  }
}
