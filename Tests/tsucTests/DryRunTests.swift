import Files
import Commands
import Foundation
import Images
import TestSupport
import Testing
import TwoStage

@testable import tsuc

@Suite("Dry run")
struct DryRunTests {
  private func dryRun(_ words: [String], _ images: ImageSet) throws -> DryRun {
    let arguments = try Arguments(words, for: .train)
    let choice = try TrainingChoice(arguments)
    return try DryRun(
      choice, arguments, configuration: try choice.configuration(arguments, for: images), images: images)
  }

  /// What the run would be refused for, the dry run is refused for.
  @Test(arguments: [
    (["--encoder-from", "/no/such.safetensors"], "does not exist"),
    (["--test-labels", "labels"], "--test-labels needs --test"),
  ])
  func refusesWhatARunRefuses(words: [String], says: String) throws {
    try withTemporaryFolder { folder in
      for beginning in [["train", "--dry-run"], ["train", "--out", folder + "/run"]] {
        let outcome = try runProgram(beginning + tiny + words)
        #expect((outcome.code == 1 || outcome.code == 2) && outcome.errors.contains(says), "\(outcome)")
      }
    }
  }

  static let colours = ImageSet(
    name: "colours", channels: 3, height: 2, width: 2, pixels: (0..<300 * 12).map { UInt8($0 % 251) })

  @Test func workedExampleOfThePaper() throws {
    let run = try dryRun(["--preset", "paper-cifar10", "--released"], Self.colours)
    #expect(
      run.sizes.map { "\($0.0): \($0.1)" } == [
        "images: 300 of colours, 3 x 2 x 2, without labels: no accuracy is told",
        "preset: paper-cifar10, method two-stage, as released",
        "encoder: 22468312 parameters, 24 of them fixed", "heads: 6400 parameters, fixed",
        "stage 1: 5 rounds of 200 epochs of 2 steps of 128 images, 2 views each", "anchors: 0, 75, 150, 225, 300",
        "stage 2: 300 epochs of 2 steps of 128 images, 2 views each",
      ])
    let lines = Dictionary(uniqueKeysWithValues: run.constants.map { ($0[0], Array($0.dropFirst())) })
    #expect(lines["--standardisation.mean"] == ["0.4914,0.4822,0.4465", "released program"])
    #expect(lines["--stage-two.head-axis"] == ["features", "released program, as asked for"])
    #expect(lines["--encoder.embedding-size"] == ["128", "paper"])
  }

  @Test func invariantEveryOptionIsToldOnce() throws {
    let run = try dryRun([], try ImageSet.load("digits"))
    let names = run.constants.map { $0[0] }
    #expect(Set(names).count == names.count && names == names.sorted())
    let leaves = try JSON(of: Configuration.digits).leaves.map { "--" + ConfigurationOptions.name(of: $0.path) }
    #expect(Set(names) == Set(leaves + ["--standardisation.mean", "--standardisation.standard-deviation"]))
  }

  @Test func workedExampleOfTheText() throws {
    let recorder = ConsoleRecorder()
    try withTemporaryFolder { folder in
      let words =
        ["--dry-run", "--count", "40", "--encoder.widths", "4,4,4", "--out", folder + "/run"]
        + ["--stage-one.batch-size", "16", "--stage-two.batch-size", "16"]
      #expect(Main.program.run(words, on: recorder.console()) == 0, "\(recorder.noted)")
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(names == [])
    }
    #expect(recorder.written.hasPrefix("A dry run: nothing is trained or written.\n"))
    #expect(recorder.written.contains("--stage-one.batch-size"))
    #expect(recorder.written.contains("the command line\n"))
    #expect(recorder.written.contains("By single steps with 8 and 16 images, measured now"))
    #expect(recorder.written.contains("  training in all"))
    let machine = decimals(Double(ProcessInfo.processInfo.physicalMemory) / 1e9, 2)
    #expect(recorder.written.hasSuffix(" GB of this machine's \(machine) GB, computed from the sizes\n"))
  }
}
