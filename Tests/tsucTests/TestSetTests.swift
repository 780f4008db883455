import Commands
import Foundation
import Images
import TestSupport
import Testing
import TwoStage

@testable import tsuc

@Suite("Test images of a run that goes on")
struct TestSetTests {
  private let console = ConsoleRecorder().console()
  private let training = DataChoice(name: "digits", labels: nil, count: 20)

  private func images() throws -> ImageSet { try ImageSet.load("digits", count: 20) }

  /// The record of the first so many digits.
  private func record(_ count: Int, name: String = "digits") throws -> TestSet.Record {
    TestSet(
      images: try ImageSet.load("digits", count: count), data: DataChoice(name: name, labels: nil, count: count)
    ).record
  }

  private func resumed(_ words: [String], _ record: TestSet.Record?, training: DataChoice? = nil) throws
    -> TestSet?
  {
    try TestSet.resumed(
      Arguments(["--resume", "run"] + words, for: .train), record, own: self.training,
      training: training ?? self.training, images: images(), on: console)
  }

  @Test func workedExampleOfTheSameImagesWithoutSayingSo() throws {
    let record = try record(30)
    let test = try #require(try resumed([], record))
    #expect(test.images.count == 30 && test.record == record)
    #expect(try resumed(["--test", "digits"], record)?.record == record)
    #expect(try resumed(["--test", "none"], record) == nil)
    // A run that began without may be given some.
    #expect(try resumed([], nil) == nil)
    #expect(try resumed(["--test", "digits"], nil)?.images.count == 1797)
  }

  // Rounds judged on other images than those to come are told, either way round; those of a run that has had none are not.
  @Test func workedExampleOfRoundsJudgedOnOtherImages() throws {
    func reports(_ parts: [String?]) throws -> [EpochReport] {
      let numbers =
        #"{"position": {"stage": 1, "round": 0, "epoch": 0}, "learningRate": 1, "steps": 1, "images": 1, "terms": []}"#
      return try parts.map {
        var report = try JSONDecoder().decode(EpochReport.self, from: Data(numbers.utf8))
        report.neighbourPart = $0
        return report
      }
    }
    let test = try resumed([], record(30))
    let text = try TestSet.warning(test, after: reports(["training", nil]))
    #expect(text == "the rounds so far were judged on the training images, those to come are on the test images")
    #expect(try TestSet.warning(nil, after: reports(["test"]))?.contains("to come are on the training") == true)
    #expect(try TestSet.warning(test, after: reports(["test", nil])) == nil)
    #expect(try TestSet.warning(nil, after: reports(["training"])) == nil)
    #expect(
      try TestSet.warning(test, after: reports([nil, nil])) == nil && TestSet.warning(nil, after: []) == nil)
  }

  // Test images in the training's own folder are where that is now.
  @Test func workedExampleOfAFolderThatMoved() throws {
    try withTemporaryFolder { parent in
      let digits = try ImageSet.load("digits", count: 40)
      func write(_ part: String, _ pixels: ArraySlice<UInt8>, _ labels: ArraySlice<Int>) throws {
        let (count, folder) = (UInt32(labels.count), URL(fileURLWithPath: parent))
        try idx(sizes: [count, 8, 8], Array(pixels)).write(
          to: folder.appendingPathComponent("\(part)-images-idx3-ubyte"))
        try idx(sizes: [count], labels.map(UInt8.init)).write(
          to: folder.appendingPathComponent("\(part)-labels-idx1-ubyte"))
      }
      let labels = try #require(digits.labels)
      try write("train", digits.pixels[..<1280], labels[..<20])
      try write("t10k", digits.pixels[1280...], labels[20...])
      var (before, now) = (DataChoice(name: "/moved/away"), DataChoice(name: parent))
      (before.split, now.split) = (.test, .test)
      let record = TestSet(images: try now.load(on: console), data: before).record
      let own = DataChoice(name: "/moved/away")
      let test = try TestSet.resumed(
        Arguments(["--data", parent], for: .train), record, own: own, training: DataChoice(name: parent),
        images: try ImageSet.load(parent), on: console)
      #expect(test?.images.count == 20 && test?.record.data.name == parent && test?.record.data.split == .test)
      #expect(test?.record.checksum == record.checksum)
    }
  }

  // Earlier versions kept labels with gaps as they were: a run that began so knows its labels again.
  @Test func workedExampleOfLabelsOfOlderRuns() throws {
    func set(_ labels: [Int], _ names: [String]?) -> ImageSet {
      ImageSet(
        name: "s", channels: 1, height: 1, width: 1, pixels: labels.map { _ in 0 }, labels: labels, classNames: names)
    }
    let (older, now) = (set([1, 3, 2, 3], nil), set([0, 2, 1, 2], ["1", "2", "3"]))
    #expect(now.hasLabels(ofChecksum: older.labelChecksum) && now.hasLabels(ofChecksum: now.labelChecksum))
    #expect(!now.hasLabels(ofChecksum: set([1, 2, 2, 3], nil).labelChecksum) && !now.hasLabels(ofChecksum: nil))
    #expect(!set([0, 2, 1, 2], ["a", "b", "c"]).hasLabels(ofChecksum: older.labelChecksum))
  }

  @Test func invariantImagesThatAreGoneOrOthersAreTold() throws {
    func message(_ words: [String], _ record: TestSet.Record) -> String {
      do {
        _ = try resumed(words, record)
        return ""
      } catch { return String(describing: error) }
    }
    let advice = "name the place of the run's test images with --test, or continue without them by --test none"
    let gone = message([], try record(30, name: "/gone"))
    #expect(gone.hasPrefix("/gone: there is no such file or folder; ") && gone.hasSuffix(advice))
    var other = TestSet.Record(data: try record(30).data, checksum: "4711", labels: try record(30).labels)
    let changed = message([], other)
    #expect(changed.hasPrefix("digits does not hold the test images that the run began with, or not their labels: "))
    #expect(changed.contains("and that of the run's is 4711; ") && changed.hasSuffix(advice))
    other = TestSet.Record(data: try record(30).data, checksum: try record(30).checksum, labels: "4711")
    #expect(message([], other).hasPrefix("digits does not hold the test images that the run began with"))
  }
}
