import Commands
import Images
import Testing
import TwoStage

@testable import tsuc

@Suite("What a command line of training asks for")
struct TrainingChoiceTests {
  private func configuration(_ words: [String], _ images: ImageSet) throws -> Configuration {
    let arguments = try Arguments(words, for: .train)
    return try TrainingChoice(arguments).configuration(arguments, for: images)
  }

  private func images(_ count: Int, labels: [Int]? = nil) -> ImageSet {
    ImageSet(
      name: "mine", channels: 1, height: 8, width: 8, pixels: (0..<count * 64).map { UInt8($0 % 251) }, labels: labels)
  }

  @Test func theNumberOfClusters() throws {
    #expect(try configuration(["--classes", "7"], images(300)).stageTwo.classCount == 7)
    #expect(try configuration(["--stage-two.class-count", "6"], images(300)).stageTwo.classCount == 6)
    #expect(
      try configuration(["--classes", "6", "--stage-two.class-count", "6"], images(300)).stageTwo.classCount == 6)
    let labelled = images(300, labels: (0..<300).map { $0 % 4 })
    #expect(try configuration([], labelled).stageTwo.classCount == 4)
    #expect(try configuration(["--classes", "5"], labelled).stageTwo.classCount == 5)
  }

  @Test func withoutLabelsItMustBeGiven() throws {
    for (images, reason) in [
      (images(300), "has no labels"),
      (images(300, labels: [Int](repeating: 0, count: 300)), "has labels of one class only"),
    ] {
      #expect(
        throws: UsageError(
          "mine \(reason), so the number of clusters must be given: --classes K, for instance --classes 10")
      ) { try configuration([], images) }
    }
    // The paper's presets are of data whose number of classes is known.
    #expect(
      try configuration(["--preset", "paper-cifar10", "--encoder.widths", "4,4,4,4"], DryRunTests.colours).stageTwo
        .classCount == 10)
  }

  @Test func fewImagesMakeSmallerBatchesAndItIsTold() throws {
    let few = images(9)
    let arguments = try Arguments(["--classes", "3"], for: .train)
    let choice = try TrainingChoice(arguments)
    let configuration = try choice.configuration(arguments, for: few)
    #expect(configuration.stageOne.batchSize == 9 && configuration.stageTwo.batchSize == 9)
    #expect(configuration.stageOne.neighbourCount == 8)
    #expect(
      choice.remarks(on: configuration, arguments, for: few) == [
        "there are only 9 images: --stage-one.batch-size is 9 instead of 128, --stage-two.batch-size is 9 instead of 256, "
          + "--stage-one.neighbour-count is 8 instead of 10"
      ])
    #expect(
      choice.remarks(on: try choice.configuration(arguments, for: images(256)), arguments, for: images(256)) == [])
    // What the command line says stays, right or wrong.
    let own = try Arguments(["--classes", "3", "--stage-two.batch-size", "6"], for: .train)
    let ownChoice = try TrainingChoice(own)
    let changed = try ownChoice.configuration(own, for: few)
    #expect(changed.stageTwo.batchSize == 6)
    #expect(!ownChoice.remarks(on: changed, own, for: few)[0].contains("stage-two"))
    #expect(throws: UsageError.self) {
      try self.configuration(["--classes", "3", "--stage-two.batch-size", "10"], few)
    }
    #expect(try self.configuration(["--classes", "2"], images(2)).stageOne.neighbourCount == 1)
  }

  @Test func whereTheNumbersAreFrom() throws {
    func origin(_ words: [String], _ images: ImageSet, _ name: String) throws -> [String]? {
      let arguments = try Arguments(words, for: .train)
      let choice = try TrainingChoice(arguments)
      let run = try DryRun(
        choice, arguments, configuration: try choice.configuration(arguments, for: images), images: images)
      return run.constants.first { $0[0] == name }.map { Array($0.dropFirst()) }
    }
    let (name, labelled) = ("--stage-two.class-count", images(300, labels: (0..<300).map { $0 % 4 }))
    #expect(try origin(["--classes", "10"], images(300), name) == ["10", "the command line"])
    #expect(try origin(["--classes", "4"], labelled, name) == ["4", "the command line"])
    #expect(try origin([], labelled, name) == ["4", "the data"])
    // As many as the preset has, all the same from the labels.
    #expect(try origin([], images(300, labels: (0..<300).map { $0 % 10 }), name) == ["10", "the data"])
    #expect(try origin(["--classes", "3"], images(9), "--stage-two.batch-size") == ["9", "the data"])
  }

  @Test(arguments: [
    ("/data/flowers", "flowers"), ("/data/flowers/", "flowers"), ("/data/flowers/.", "flowers"),
    ("/data/x/../flowers", "flowers"), ("/", "images"), ("digits", "digits"), ("/a/set.npy", "set.npy"),
  ]) func resultsAreCalledAfterTheRealPath(path: String, name: String) {
    #expect(DataChoice(name: path).shortName == name)
  }

  @Test func theFolderOneIsInHasAName() {
    #expect(!DataChoice(name: ".").shortName.hasPrefix("."))
    #expect(!DataChoice(name: "..").shortName.hasPrefix("."))
    #expect(!DataChoice(name: "./").shortName.isEmpty)
  }
}
