// The images that a run is judged on besides its own, and what its states remember of them.
// Tests    tsucTests/TestSetTests.swift
import Commands
import Files
import Images
import Kernels
import TwoStage

/// Test images, read.
struct TestSet {
  /// What gives the same images again.
  struct Record: Codable, Equatable {
    /// Where they were.
    let data: DataChoice
    /// The SHA-256 of their pixels.
    let checksum: String
    /// The SHA-256 of their labels.
    let labels: String?
  }

  let images: ImageSet
  let record: Record

  /// Images that `data` has given.
  init(images: ImageSet, data: DataChoice) {
    self.images = images
    record = Record(data: data, checksum: images.checksum, labels: images.labelChecksum)
  }

  /// What rounds of stage 1 are judged on.
  static func part(_ test: TestSet?) -> String { test == nil ? "training" : "test" }

  /// What to say where the rounds to come are not judged on what the rounds so far were; nil where they are.
  static func warning(_ test: TestSet?, after reports: [EpochReport]) -> String? {
    let coming = part(test)
    guard let before = reports.compactMap(\.neighbourPart).last, before != coming else { return nil }
    return "the rounds so far were judged on the \(before) images, those to come are on the \(coming) images"
  }

  /// Those of a run that goes on: the ones that it began with, wherever they are now.
  ///
  /// - Parameters:
  ///   - arguments: Another place, or "none" for no test; a run that began without test images may be given some.
  ///   - record: Of those that the run began with.
  ///   - own: Where the training images were when the run began.
  ///   - training: Where they are now.
  ///   - images: The training images.
  ///   - console: Where it is told what was loaded.
  /// - Returns: The test images; nil if the run has none.
  /// - Throws: A sentence, if they are gone or no longer the same.
  static func resumed(
    _ arguments: Arguments, _ record: Record?, own: DataChoice, training: DataChoice, images: ImageSet,
    on console: Console
  ) throws -> TestSet? {
    if arguments["test"] == "none" { return nil }
    guard let record else { return try TestChoice(arguments, training: training)?.load(besides: images, on: console) }
    var data = record.data
    // A part of the training's own folder moves with it.
    data.name = arguments["test"] ?? (data.name == own.name ? training.name : data.name)
    data.split = try arguments.choice("test-split") ?? data.split
    data.labels = arguments["test-labels"] ?? data.labels
    data = data.fromAnywhere
    let advice = "name the place of the run's test images with --test, or continue without them by --test none"
    let test: TestSet
    do {
      test = try TestChoice(data: data).load(besides: images, on: console)
    } catch {
      throw RunError("\(error); \(advice)")
    }
    guard test.record.checksum == record.checksum && test.images.hasLabels(ofChecksum: record.labels) else {
      throw RunError(
        "\(data.name) does not hold the test images that the run began with, or not their labels: the SHA-256 of its "
          + "pixels is \(test.record.checksum), and that of the run's is \(record.checksum); \(advice)")
    }
    return test
  }
}

extension ImageSet {
  /// The SHA-256 of the labels; nil without any.
  var labelChecksum: String? { labels.map { SHA256.hexDigest(of: Array("\($0)".utf8)) } }

  /// Whether a run began with these labels; earlier versions of the program kept labels with gaps, as 1 to 26, as they were.
  func hasLabels(ofChecksum checksum: String?) -> Bool {
    if labelChecksum == checksum { return true }
    guard let labels, let numbers = classNames?.compactMap({ Int($0) }), numbers.count == classCount else {
      return false
    }
    return SHA256.hexDigest(of: Array("\(labels.map { numbers[$0] })".utf8)) == checksum
  }
}
