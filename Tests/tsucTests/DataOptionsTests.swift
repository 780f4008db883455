import Commands
import Foundation
import Images
import TestSupport
import Testing

@testable import tsuc

@Suite("Which images a command line asks for")
struct DataOptionsTests {
  private static let command = Command(
    name: "test", summary: "", details: "", options: Option.images + [.labels, .threads]
  ) { _, _ in }

  private func choice(_ words: String..., given: DataChoice) throws -> DataChoice {
    try DataChoice(try Arguments(words, for: Self.command), given: given)
  }

  /// What a run of CIFAR-100 was trained on.
  private var given: DataChoice {
    var given = DataChoice(name: "cifar", labels: "l", count: 90)
    (given.split, given.labelling, given.size) = (.all, .coarse, ImageSize(height: 8, width: 9))
    return given
  }

  @Test func workedExampleOptions() throws {
    let found = try choice(
      "--data", "x", "--split", "unlabelled", "--labelling", "fine", "--size", "32x48", "--count", "7", "--labels", "y",
      given: DataChoice(name: "digits"))
    var expected = DataChoice(name: "x", labels: "y", count: 7)
    (expected.split, expected.labelling, expected.size) = (.unlabelled, .fine, ImageSize(height: 32, width: 48))
    #expect(found == expected)
  }

  @Test func invariantARunFindsItsOwnImagesAgain() throws {
    #expect(try choice(given: given) == given)
    #expect(try choice("--data", "cifar", given: given) == given)
    // Other data keep the size, which the network needs, and nothing else.
    var other = DataChoice(name: "mine")
    other.size = given.size
    #expect(try choice("--data", "mine", given: given) == other)
    // Another part has another number of images and other labels.
    var test = given
    (test.split, test.count, test.labels) = (.test, nil, nil)
    #expect(try choice("--split", "test", given: given) == test)
    var fine = given
    (fine.labelling, fine.labels) = (.fine, nil)
    #expect(try choice("--labelling", "fine", given: given) == fine)
  }

  @Test func goldenSentences() throws {
    for (words, message) in [
      (["--split", "train"], "option --split takes training, test, unlabelled, all, not \"train\""),
      (["--labelling", "x"], "option --labelling takes fine, coarse, not \"x\""),
      (["--size", "0x3"], "option --size takes a height and a width from 1 to 1024, as 32x32, not \"0x3\""),
    ] {
      #expect(throws: UsageError(message)) {
        try DataChoice(try Arguments(words, for: Self.command), given: DataChoice(name: "digits"))
      }
    }
  }

  @Test func invariantEveryCommandThatReadsImagesHasTheOptions() {
    for command in [Command.train, .sort, .evaluate, .predict, .embed] {
      for option in Option.images where command.name != "sort" || option != .data {
        #expect(command.options.contains(option), "\(command.name) --\(option.name)")
      }
    }
  }

  // Pictures of two sizes in two folders, made by a user: a clear sentence, then a result.
  @Test func goldenAFolderOfPictures() throws {
    try withTemporaryFolder { folder in
      for (number, name) in ["a", "a", "b", "b"].enumerated() {
        try FileManager.default.createDirectory(atPath: "\(folder)/in/\(name)", withIntermediateDirectories: true)
        let side = 6 + number
        let pixels = (0..<3 * side * side).map { UInt8(truncatingIfNeeded: $0 * (number + 3)) }
        try PNG.write(pixels, width: side, height: side, channels: 3, to: "\(folder)/in/\(name)/\(number).png")
      }
      expectComplaint(
        try runProgram(["train", "--data", "\(folder)/in"]), code: 1, containing: "7x7", "6x6", "--size 6x6")
      expectComplaint(
        try runProgram(["train", "--data", "\(folder)/in", "--split", "test"]), code: 1, containing: "has no splits")
      expectComplaint(try runProgram(["train", "--size", "big"]), code: 2, containing: "--size", "32x32")
    }
  }
}
