import Files
import Kernels
import TestSupport
import Testing

@testable import Images

@Suite("STL-10")
struct STL10Tests {
  /// A small data set: 3 training images, 2 test images, 2 unlabelled images; all pictures differ.
  private func makeFolder(_ folder: String) throws {
    try ImagesTests.makeFolder(folder)
    try write(stl10File(3), to: "\(folder)/train_X.bin")
    try write([1, 10, 3], to: "\(folder)/train_y.bin")
    try write(stl10File(2, first: 3), to: "\(folder)/test_X.bin")
    try write([9, 2], to: "\(folder)/test_y.bin")
    try write(stl10File(2, first: 5), to: "\(folder)/unlabeled_X.bin")
    try write(Array((1...10).map { "class \($0)\n" }.joined().utf8), to: "\(folder)/class_names.txt")
  }

  @Test func goldenAgainstNumPy() throws {
    let expected = try #require(FormatsFile.sets { $0 == "train_X.bin" }.first)
    let file = stl10File(3)
    #expect(SHA256.hexDigest(of: file) == expected.fileDigest)
    try withTemporaryFolder { folder in
      try write(file, to: "\(folder)/anything")
      let set = try ImageSet.load("\(folder)/anything")
      #expect(set.count == 3 && set.channels == 3 && set.height == 96 && set.width == 96 && set.labels == nil)
      #expect(set.checksum == expected.digest)
      // As one truth each: a failure would print thousands of numbers.
      let isFirst = Array(set.pixels[..<27648]) == slope(0, channels: 3, height: 96, width: 96)
      #expect(isFirst)
    }
  }

  @Test func workedExampleSplits() throws {
    try withTemporaryFolder { parent in
      let folder = "\(parent)/stl10_binary"
      try makeFolder(folder)
      let training = try ImageSet.load(parent)
      #expect(training.labels == [0, 9, 2] && training.split == .training && training.classCount == 10)
      #expect(training.classNames?[9] == "class 10" && training.remarks.isEmpty)
      let test = try ImageSet.load(folder, split: .test)
      #expect(test.labels == [8, 1] && test.split == .test)
      let all = try ImageSet.load(folder, split: .all)
      let isBoth = all.pixels == training.pixels + test.pixels
      #expect(all.labels == [0, 9, 2, 8, 1] && isBoth)
      let unlabelled = try ImageSet.load(folder, split: .unlabelled)
      #expect(unlabelled.count == 5 && unlabelled.labels == nil && unlabelled.classNames == nil)
      let isTrainingLast = Array(unlabelled.pixels[(2 * 27648)...]) == training.pixels
      let isUnlabelledFirst = Array(unlabelled.pixels[..<27648]) == slope(5, channels: 3, height: 96, width: 96)
      #expect(isTrainingLast && isUnlabelledFirst)
      let small = try ImageSet.load(folder, count: 4, split: .unlabelled, size: ImageSize(height: 32, width: 32))
      #expect(small.count == 4 && small.pixels.count == 4 * 3072)
      #expect(try ImageSet.load("\(folder)/test_X.bin").labels == [8, 1])
      #expect(try ImageSet.load("\(folder)/unlabeled_X.bin").split == nil)
    }
  }

  @Test func goldenSentences() throws {
    try withTemporaryFolder { folder in
      try makeFolder(folder)
      try write([1, 10], to: "\(folder)/train_y.bin")
      #expect(loadingProblem(folder) == "there are 2 labels for the 3 images of train_X.bin")
      try write([1, 10, 0], to: "\(folder)/train_y.bin")
      #expect(loadingProblem(folder) == "image 2 has the label 0; STL-10 has 1 to 10")
      #expect(loadingProblem(folder, split: .unlabelled) == nil)
      try write(Array(stl10File(2).dropLast()), to: "\(folder)/train_X.bin")
      #expect(
        loadingProblem(folder)
          == "55295 bytes are 1 images of STL-10 (27648 bytes each) and 27647 bytes more; the file is truncated or no file of "
          + "STL-10")
      #expect(loadingProblem(folder, labelling: .fine)?.contains("only CIFAR-100 has") == true)
      #expect(loadingProblem("\(folder)/test_X.bin", split: .training)?.contains("it holds the split test") == true)
    }
    try withTemporaryFolder { folder in
      try write(stl10File(2), to: "\(folder)/test_X.bin")
      #expect(try ImageSet.load(folder).split == .test)
      #expect(
        loadingProblem(folder, split: .unlabelled)
          == "unlabeled_X.bin is missing: the split unlabelled of STL-10 is unlabeled_X.bin, train_X.bin; a single file "
          + "can be named instead of the folder")
    }
  }
}
