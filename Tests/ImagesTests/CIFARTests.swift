import Kernels
import TestSupport
import Testing

@testable import Images

@Suite("CIFAR-10 and CIFAR-100")
struct CIFARTests {
  // Image k begins with the byte k and goes on by 1: red ends at k + 1023, green begins at k + 1024 = k modulo 256.
  @Test func workedExampleAFile() throws {
    try withTemporaryFolder { folder in
      try write(cifarFile([[3], [0], [9]]), to: "\(folder)/data_batch_2.bin")
      let set = try ImageSet.load("\(folder)/data_batch_2.bin")
      #expect(set.count == 3 && set.channels == 3 && set.height == 32 && set.width == 32)
      #expect(set.labels == [3, 0, 9] && set.classCount == 10 && set.classNames == nil && set.split == .training)
      #expect(Array(set.pixels[..<3]) == [0, 1, 2] && set.pixels[3071] == 255)
      #expect(Array(set.pixels[3072..<3074]) == [1, 2] && set.pixels[2 * 3072 + 1024] == 2)
      try write(Array("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n".utf8), to: "\(folder)/batches.meta.txt")
      try write(gzipFile(cifarFile([[3], [0], [9]])), to: "\(folder)/other.gz")
      let other = try ImageSet.load("\(folder)/other.gz", count: 2)
      #expect(other.split == nil && other.classNames?.last == "j" && other.labels == [3, 0])
      #expect(other.pixels == Array(set.pixels[..<(2 * 3072)]))
      #expect(other.remarks == ["\(folder)/other.gz: the first 2 of 3 images are of 2 classes, the whole set has 10"])
      try write(idxFile([3], [1, 1, 0]), to: "\(folder)/mine")
      let mine = try ImageSet.load("\(folder)/other.gz", labels: "\(folder)/mine", count: 2)
      #expect(mine.labels == [1, 1] && mine.classCount == 2 && mine.classNames == nil)
      #expect(
        mine.remarks.first?.contains("the first 2 of 3 images are all of the class 1, the whole set has 2") == true)
    }
  }

  @Test func workedExampleAFolderOfCIFAR10() throws {
    try withTemporaryFolder { parent in
      let folder = "\(parent)/cifar-10-batches-bin"
      try makeFolder(folder)
      for batch in 1...5 {
        try write(cifarFile([[UInt8(batch)], [0]], slope: batch), to: "\(folder)/data_batch_\(batch).bin")
      }
      try write(cifarFile([[8], [9], [7]], slope: 9), to: "\(folder)/test_batch.bin")
      for path in [parent, folder] {
        let training = try ImageSet.load(path)
        #expect(training.labels == [1, 0, 2, 0, 3, 0, 4, 0, 5, 0] && training.split == .training)
        #expect(training.pixels[4 * 3072 + 1] == 3)
        let test = try ImageSet.load(path, split: .test)
        #expect(test.labels == [8, 9, 7] && test.split == .test && test.pixels[1] == 9)
        let all = try ImageSet.load(path, split: .all)
        #expect(all.pixels == training.pixels + test.pixels && all.split == .all && all.count == 13)
        #expect(try ImageSet.load(path, count: 3).pixels == Array(training.pixels[..<(3 * 3072)]))
        #expect(try ImageSet.load(path, count: 12, split: .all).pixels == Array(all.pixels[..<(12 * 3072)]))
      }
    }
  }

  @Test func workedExampleBothLabellingsOfCIFAR100() throws {
    try withTemporaryFolder { folder in
      try write(cifarFile([[19, 99], [4, 0]]), to: "\(folder)/train.bin")
      try write(cifarFile([[1, 2], [3, 4]], slope: 5), to: "\(folder)/test.bin")
      try write(Array((0..<100).map { "f\($0)\n" }.joined().utf8), to: "\(folder)/fine_label_names.txt")
      try write(Array((0..<20).map { "c\($0)\n" }.joined().utf8), to: "\(folder)/coarse_label_names.txt")
      let fine = try ImageSet.load(folder)
      #expect(fine.labels == [99, 0] && fine.classCount == 100 && fine.classNames?[99] == "f99")
      #expect(Array(fine.pixels[..<2]) == [0, 1])
      let coarse = try ImageSet.load(folder, split: .all, labelling: .coarse)
      #expect(coarse.labels == [19, 4, 1, 3] && coarse.classCount == 20 && coarse.classNames?[19] == "c19")
      #expect(try ImageSet.load(folder, labelling: .fine).labels == fine.labels)
      #expect(try ImageSet.load("\(folder)/test.bin").labels == [2, 4])
    }
  }

  // 3,074 records of CIFAR-10 have as many bytes as 3,073 of CIFAR-100.
  @Test func goldenTheAmbiguousSize() throws {
    try withTemporaryFolder { folder in
      let zeros = [UInt8](repeating: 0, count: 3073 * 3074)
      var (ten, hundred, neither) = (zeros, zeros, zeros)
      ten[3073 * 5] = 9  // the label of image 5; of CIFAR-100 a pixel
      ten[3074] = 20  // a pixel of image 1; of CIFAR-100 a coarse label that does not exist
      hundred[3073] = 250
      hundred[3074 * 2 + 1] = 99
      (neither[3073], neither[3074]) = (10, 20)
      try write(ten, to: "\(folder)/a")
      try write(hundred, to: "\(folder)/b")
      try write(neither, to: "\(folder)/c")
      try write(zeros, to: "\(folder)/d")
      try write(ten, to: "\(folder)/data_batch_1.bin")
      #expect(try CIFAR.recognised(DataFile(opening: "\(folder)/a"))?.name == "CIFAR-10")
      #expect(try CIFAR.recognised(DataFile(opening: "\(folder)/b"))?.name == "CIFAR-100")
      #expect(try CIFAR.recognised(DataFile(opening: "\(folder)/data_batch_1.bin"))?.name == "CIFAR-10")
      for (name, fit) in [("c", "neither"), ("d", "both")] {
        #expect(
          loadingProblem("\(folder)/\(name)")
            == "9446402 bytes are whole records of CIFAR-10 and of CIFAR-100, and the labels fit \(fit); "
            + "name the file data_batch_1.bin (CIFAR-10) or train.bin (CIFAR-100)")
      }
    }
  }

  @Test func goldenSentences() throws {
    try withTemporaryFolder { folder in
      func problem(_ bytes: [UInt8], _ name: String, labelling: ClassLabelling? = nil, split: DataSplit? = nil) throws
        -> String?
      {
        try write(bytes, to: "\(folder)/\(name)")
        return loadingProblem("\(folder)/\(name)", split: split, labelling: labelling)
      }
      let file = cifarFile([[3], [0], [9]])
      #expect(
        try problem(Array(file.dropLast(7)), "data_batch_1.bin")
          == "9212 bytes are 2 records of CIFAR-10 (3073 bytes each) and 3066 bytes more; "
          + "the file is truncated or no file of CIFAR-10")
      #expect(try problem([], "train.bin") == "the file is empty")
      #expect(try problem(cifarFile([[3], [10]]), "x") == "image 1 has the label 10; CIFAR-10 has 0 to 9")
      #expect(
        try problem(cifarFile([[3, 5], [20, 5]]), "x") == "image 1 has the coarse label 20; CIFAR-100 has 0 to 19")
      #expect(
        try problem(cifarFile([[3, 5], [1, 100]]), "x") == "image 1 has the fine label 100; CIFAR-100 has 0 to 99")
      #expect(try problem(cifarFile([[3]]), "x") == nil)
      #expect(
        try problem(file, "x", labelling: .coarse)
          == "the coarse labels were asked for, which only CIFAR-100 has; this is CIFAR-10")
      #expect(
        try problem(file, "x", split: .test)
          == "the split test was asked for, but this is a single file and what it holds is not known; name its folder")
      try write(file, to: "\(folder)/data_batch_1.bin")
      #expect(
        loadingProblem(folder)
          == "data_batch_2.bin is missing: the split training of CIFAR-10 is data_batch_1.bin, data_batch_2.bin, "
          + "data_batch_3.bin, data_batch_4.bin, data_batch_5.bin; a single file can be named instead of the folder")
      #expect(
        loadingProblem(folder, split: .unlabelled)
          == "CIFAR-10 has no split unlabelled; there are training, test, all")
      try write(Array("cat\ndog\n".utf8), to: "\(folder)/batches.meta.txt")
      #expect(
        loadingProblem("\(folder)/data_batch_1.bin")
          == "the file names 2 classes, one in a line; 10 were expected")
      #expect(loadingProblem("\(folder)/data_batch_1.bin", size: ImageSize(height: 0, width: 9)) != nil)
    }
  }

  // Mean colours of the first training images, from the description of the channels' means (0.491, 0.482, 0.447 over the
  // whole set): the mean of 4,000 images strays by about 0.25 / √4000 · √(correlation within an image), well below 0.02.
  @Test(.enabled(if: realPictures != nil, "the real pictures are not there"))
  func goldenRealPictures() throws {
    try withTemporaryFolder { folder in
      try write(try #require(realPictures), to: "\(folder)/first4000")
      let set = try ImageSet.load("\(folder)/first4000", count: 500, size: ImageSize(height: 16, width: 16))
      #expect(set.count == 500 && set.channels == 3 && set.height == 16)
      // The labels of the first five training images: frog, truck, truck, deer, automobile.
      #expect(set.labels?.prefix(5) == [6, 9, 9, 4, 1])
      for (channel, mean) in [0.491, 0.482, 0.447].enumerated() {
        let sum = (0..<500).reduce(0) { sum, image in
          sum + set.pixels[(3 * image + channel) * 256..<(3 * image + channel + 1) * 256].reduce(0) { $0 + Int($1) }
        }
        #expect(abs(Double(sum) / (500 * 256 * 255) - mean) < 0.02)
      }
    }
  }
}
