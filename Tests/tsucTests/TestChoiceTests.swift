import Commands
import Foundation
import Images
import TestSupport
import Testing
import TwoStage

@testable import tsuc

@Suite("Choice of test images")
struct TestChoiceTests {
  private func choice(_ words: [String]) throws -> TestChoice? {
    let arguments = try Arguments(words, for: .train)
    return try TestChoice(arguments, training: TrainingChoice(arguments).data)
  }

  @Test func workedExampleOfChoices() throws {
    #expect(try choice([]) == nil)
    let own = try #require(
      try choice(["--data", "folder", "--labelling", "coarse", "--count", "9", "--test-split", "test"]))
    #expect(own.data.name.hasSuffix("/folder") && own.data.split == .test && own.data.labelling == .coarse)
    #expect(own.data.count == nil && own.data.labels == nil)
    let other = try #require(try choice(["--data", "folder", "--size", "8x8", "--test", "more", "--labels", "l"]))
    #expect(other.data.name.hasSuffix("/more") && other.data.split == nil && other.data.size == ImageSize("8x8"))
    #expect(other.data.labels == nil)
    #expect(throws: UsageError.self) { try choice(["--test-split", "tests"]) }
    #expect(try choice(["--test", "more", "--test-labels", "l"])?.data.labels?.hasSuffix("/l") == true)
    #expect(throws: UsageError("--test-labels needs --test, the images that they are of, or --test-split")) {
      try choice(["--test-labels", "l"])
    }
  }

  // Classes are the same where their names are; one that training does not have can never be found.
  @Test func workedExampleOfClassesByName() throws {
    try withTemporaryFolder { folder in
      let digits = try ImageSet.load("digits", count: 4)
      func pictures(_ classes: [String]) throws -> String {
        let place = "\(folder)/\(classes.joined())"
        for (image, name) in classes.enumerated() {
          try FileManager.default.createDirectory(atPath: "\(place)/\(name)", withIntermediateDirectories: true)
          let pixels = Array(digits.pixels[image * 64..<image * 64 + 64])
          try Data(PNG.encode(pixels, width: 8, height: 8)).write(
            to: URL(fileURLWithPath: "\(place)/\(name)/\(image).png"))
        }
        return place
      }
      let training = try ImageSet.load(pictures(["cat", "dog", "horse"]))
      let recorder = ConsoleRecorder()
      func load(_ classes: [String]) throws -> TestSet {
        try #require(try choice(["--test", pictures(classes)])).load(besides: training, on: recorder.console())
      }
      #expect(try load(["cat", "horse"]).images.classNames == ["cat", "horse"])
      let error = #expect(throws: RunError.self) { try load(["bird", "cat", "fish"]) }
      #expect(
        error?.description.hasSuffix(
          "/birdcatfish have the classes bird and fish, but the classes of the training images are cat, dog, horse; none of "
            + "these can be the right answer: leave those test images out, or give the class its training name")
          == true,
        "\(String(describing: error))")
    }
  }

  @Test func workedExampleOfRefusals() throws {
    let console = ConsoleRecorder().console()
    let (few, digits) = (try ImageSet.load("digits", count: 20), try ImageSet.load("digits"))
    let test = try #require(try choice(["--test", "digits"]))
    #expect(try test.load(besides: few, on: console).images.count == 1797)
    func message(_ test: TestChoice, _ training: ImageSet) -> String {
      do {
        _ = try test.load(besides: training, on: console)
        return ""
      } catch { return String(describing: error) }
    }
    #expect(message(test, digits).hasPrefix("the test images are those of the training; name others with --test"))
    let fashion = try #require(try choice(["--test", "fashion"]))
    #expect(message(fashion, few).contains("are 1 x 28 x 28 with values to 255, but those of the training 1 x 8 x 8"))
  }
}
