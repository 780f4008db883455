import Files
import Foundation
import Kernels
import TestSupport
import Testing

@testable import Images

@Suite("Image sets")
struct ImageSetTests {
  private func problem(_ body: () throws(ImageSetError) -> ImageSet) -> String? {
    do {
      _ = try body()
      return nil
    } catch { return error.problem }
  }

  // Pixels 0, 0, 255, 255 and 0, 255, 255, 255 of 255: mean 5/8, variance 5/8 · 3/8.
  @Test func workedExampleMoments() {
    let set = ImageSet(
      name: "two", channels: 1, height: 2, width: 2, pixels: [0, 0, 255, 255, 0, 255, 255, 255], labels: [3, 0])
    #expect(set.count == 2)
    #expect(set.standardisation.mean == [5.0 / 8])
    #expect(abs(set.standardisation.standardDeviation[0] - (15.0 / 64).squareRoot()) < 1e-15)
    #expect(set.classCount == 4)
    let batch: [Double] = set.evaluationBatch([1, 0])
    #expect(
      batch
        == [0, 1, 1, 1, 0, 0, 1, 1].map {
          ($0 - set.standardisation.mean[0]) / set.standardisation.standardDeviation[0]
        })
  }

  @Test func invariantAConstantSetStandardisesToZeros() {
    let set = ImageSet(name: "flat", channels: 1, height: 2, width: 2, pixels: Array(repeating: 77, count: 12))
    #expect(set.standardisation.standardDeviation == [1])
    let batch: [Float] = set.evaluationBatch([0, 1, 2])
    #expect(batch.allSatisfy { abs($0) < 1e-7 })
  }

  @Test(arguments: [("digits", 1797, 8, 16), ("fashion", 2000, 28, 255)])
  func goldenEmbeddedSets(name: String, count: Int, side: Int, maximum: Int) throws {
    let set = try ImageSet.load(name)
    #expect(set.name == name)
    #expect(set.count == count && set.channels == 1 && set.height == side && set.width == side)
    #expect(set.pixels.count == count * side * side)
    #expect(set.maximumValue == maximum)
    #expect(set.pixels.max() == UInt8(maximum))
    #expect(set.classCount == 10)
    let labels = try #require(set.labels)
    let sizes = (0..<10).map { label in labels.count { $0 == label } }
    let expected =
      name == "digits" ? [178, 182, 177, 183, 181, 182, 181, 179, 174, 180] : Array(repeating: 200, count: 10)
    #expect(sizes == expected)
    let all: [Double] = set.evaluationBatch(Array(0..<count))
    // The mean of 1.5 million standardised numbers, summed in order: rounding below 1e-9.
    #expect(abs(all.reduce(0, +) / Double(all.count)) < 1e-9)
    let squares = all.reduce(0.0) { (sum: Double, x: Double) -> Double in sum + x * x }
    #expect(abs(squares / Double(all.count) - 1) < 1e-9)
    #expect(set.checksum == SHA256.hexDigest(of: set.pixels))
  }

  @Test func goldenFirstImagesOnly() throws {
    let (all, some) = (try ImageSet.load("digits"), try ImageSet.load("digits", count: 20))
    #expect(some.count == 20)
    #expect(some.pixels == Array(all.pixels[..<(20 * 64)]))
    #expect(some.labels == all.labels.map { Array($0[..<20]) })
    #expect(some.checksum != all.checksum)
    for count in [-1, 0, 1798] {
      #expect(
        problem { () throws(ImageSetError) in try ImageSet.load("digits", count: count) }
          == "\(count) images were asked for; it must be 1 to 1797, as many as there are")
    }
  }

  @Test func goldenAnEmbeddedFileWithAFlippedBitIsRefused() throws {
    try withTemporaryFolder { folder in
      let digits = BundledImages.all[0]
      #expect(throws: ImageSetError.self) { try digits.read(from: [folder]) }
      var images = try IDX.contents(
        of: PackageFiles.root.appendingPathComponent("Fixtures/data/\(digits.imagesFile)").path)
      let labels = try IDX.contents(
        of: PackageFiles.root.appendingPathComponent("Fixtures/data/\(digits.labelsFile)").path)
      try write(images, to: "\(folder)/\(digits.imagesFile)")
      try write(labels, to: "\(folder)/\(digits.labelsFile)")
      #expect(try digits.read(from: ["/nowhere", folder]).images.shape == [1797, 8, 8])
      images[5000] ^= 1
      try write(images, to: "\(folder)/\(digits.imagesFile)")
      let error = #expect(throws: ImageSetError.self) { try digits.read(from: [folder]) }
      #expect(error?.problem.hasPrefix("the embedded file was changed: its SHA-256 is ") == true)
    }
  }

  @Test(arguments: [
    ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"), ("train-images.idx3-ubyte", "train-labels.idx1-ubyte"),
    ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"),
    ("train-images-idx3-ubyte", "train-labels-idx1-ubyte.gz"),
  ])
  func goldenFolders(imagesName: String, labelsName: String) throws {
    try withTemporaryFolder { folder in
      let (images, labels) = (idxFile([3, 2, 2], Array(0..<12)), idxFile([3], [4, 5, 6]))
      try write(imagesName.hasSuffix("gz") ? gzipFile(images) : images, to: "\(folder)/\(imagesName)")
      #expect(try ImageSet.load(folder).labels == nil)
      try write(labelsName.hasSuffix("gz") ? gzipFile(labels) : labels, to: "\(folder)/\(labelsName)")
      for path in [folder, "\(folder)/\(imagesName)"] {
        let set = try ImageSet.load(path)
        #expect(set.pixels == Array(0..<12))
        #expect(set.labels == [0, 1, 2] && set.classNames == ["4", "5", "6"])
        #expect(set.maximumValue == 255)
      }
    }
  }

  @Test func goldenTrainingFilesArePreferredAndLabelsMayBeNamed() throws {
    try withTemporaryFolder { folder in
      try write(idxFile([2, 1, 1], [1, 2]), to: "\(folder)/t10k-images-idx3-ubyte")
      try write(idxFile([2, 1, 1], [3, 4]), to: "\(folder)/train-images-idx3-ubyte")
      try write(idxFile([2], [7, 8]), to: "\(folder)/answers")
      #expect(try ImageSet.load(folder).pixels == [3, 4])
      #expect(try ImageSet.load(folder, labels: "\(folder)/answers").classNames == ["7", "8"])
    }
  }

  @Test func goldenSentences() throws {
    #expect(
      problem { () throws(ImageSetError) in try ImageSet.load("digts") }
        == "there is no such file or folder; the bundled data sets are called digits and fashion")
    try withTemporaryFolder { folder in
      #expect(
        problem { () throws(ImageSetError) in try ImageSet.load(folder) }
          == "the folder holds no images; looked for the files of MNIST (train-images-idx3-ubyte), CIFAR-10 "
          + "(data_batch_1.bin), CIFAR-100 (train.bin), STL-10 (train_X.bin) and SVHN (train_32x32.mat), and for PNG, PPM and "
          + "PGM pictures")
      try makeFolder("\(folder)/other")
      try write(npyFile("|u1", "1, 1, 1", [1]), to: "\(folder)/other/x.npy")
      #expect(
        problem { () throws(ImageSetError) in try ImageSet.load("\(folder)/other") }
          == "the folder is no data set of a known kind, but single files in it can be named: \(folder)/other/x.npy; labels are "
          + "named with --labels")
      try write(idxFile([1, 1, 1], [1]), to: "\(folder)/one")
      #expect(try ImageSet.load("\(folder)/one").count == 1)
      try write(idxFile([2, 1, 1], [1, 2]), to: "\(folder)/two")
      try write(idxFile([3], [1, 2, 3]), to: "\(folder)/three")
      #expect(
        problem { () throws(ImageSetError) in try ImageSet.load("\(folder)/two", labels: "\(folder)/three") }
          == "there are 3 labels for 2 images")
      #expect(
        problem { () throws(ImageSetError) in try ImageSet.load("\(folder)/two", labels: "\(folder)/none") }
          == "there is no such file")
      #expect(try ImageSet.load("\(folder)/two").labels == nil)
    }
  }

  @Test func stopsOnPixelsThatMakeNoImages() async {
    await #expect(processExitsWith: .failure) {
      _ = ImageSet(name: "x", channels: 1, height: 2, width: 2, pixels: [1, 2, 3, 4, 5])
    }
    await #expect(processExitsWith: .failure) {
      _ = ImageSet(name: "x", channels: 1, height: 1, width: 1, pixels: [1, 20], maximumValue: 16)
    }
  }
}
