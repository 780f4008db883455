// The built program as a user runs it: one sentence and an exit code for every mistake, nothing overwritten, no trap.
import Commands
import Files
import Foundation
import Images
import Networks
import TestSupport
import Testing
import TwoStage

@testable import tsuc

@Suite("The program as a process: finished runs")
struct FinishedRunProcessTests {
  /// A run folder of an untrained network on forty digits.
  private static func makeRun(
    in parent: String, classes: [String]? = nil, rule: FinalAnswer? = nil
  ) throws -> String {
    let run = try UntrainedRun(rule: rule ?? .lowestLoss)
    let images = try ImageSet.load("digits", count: 40)
    let folder = try RunFolder(creating: parent + "/run")
    var checkpoint = Checkpoint(
      description: .init(
        encoder: .compact, channels: 1, height: 8, width: 8, standardisation: Standardisation(of: images),
        dataName: "digits", dataCount: 40, dataChecksum: images.checksum, dataClasses: classes, seed: 0, chosenHead: 1,
        headTemperature: Float(run.heads.temperature), headAxis: run.heads.axis),
      encoder: run.encoder, heads: run.heads, configuration: .object([:]))
    if rule != nil { checkpoint.description.answer = run.evaluation.answer }
    try folder.write(checkpoint.encoded(), to: RunFolder.checkpointName)
    var stageOne = checkpoint
    stageOne.heads = nil
    (stageOne.description.chosenHead, stageOne.description.answer) = (0, nil)
    try folder.write(stageOne.encoded(), to: RunFolder.stageOneName)
    return folder.path
  }

  @Test func workedExampleOfAllThree() throws {
    try withTemporaryFolder { parent in
      let run = try Self.makeRun(in: parent)
      let expected = try UntrainedRun().evaluation
      let evaluated = try runProgram(["evaluate", run, "--threads", "1"])
      #expect(evaluated.code == 0, "\(evaluated)")
      #expect(evaluated.output == expected.resultText)
      let predicted = try runProgram(["predict", run])
      #expect(predicted.code == 0, "\(predicted)")
      #expect(predicted.output == expected.predictionsCSV(names: nil))
      let toFile = try runProgram(["predict", run, "--out", parent + "/p.csv", "--data", "digits", "--count", "7"])
      #expect(toFile.code == 0, "\(toFile)")
      #expect(try String(contentsOfFile: parent + "/p.csv", encoding: .utf8).split(separator: "\n").count == 8)
      let embedded = try runProgram(["embed", run, "--out", parent + "/e.npy"])
      #expect(embedded.code == 0, "\(embedded)")
      let rows: Tensor<Float> = try Npy.read(parent + "/e.npy")
      #expect(rows.shape == [40, 64])
    }
  }

  // The run knows cat, dog and horse; others have been sorted into cat, bird and horse, or are a single cat.
  @Test func workedExampleOfOtherClasses() throws {
    try withTemporaryFolder { parent in
      let run = try Self.makeRun(in: parent, classes: ["cat", "dog", "horse"])
      let digits = try ImageSet.load("digits", count: 6)
      for (image, name) in ["cat", "bird", "horse", "cat", "bird", "horse"].enumerated() {
        for place in image == 0 ? ["one", "six"] : ["six"] {
          let folder = "\(parent)/\(place)/\(name)"
          try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
          let pixels = Array(digits.pixels[image * 64..<image * 64 + 64])
          try Data(PNG.encode(pixels, width: 8, height: 8)).write(to: URL(fileURLWithPath: "\(folder)/\(image).png"))
        }
      }
      let six = try runProgram(["evaluate", run, "--data", parent + "/six"])
      #expect(six.code == 0, "\(six)")
      #expect(
        six.errors
          == "tsuc: the training images had no images of the class bird; scores count them as further classes\n")
      #expect(six.output.contains("Note: class dog has no images, so only 3 of 4 classes are judged.\n"))
      #expect(six.output.contains("Note: 10 clusters are matched one to one with 4 classes"))
      try "x\ny\nx\ny\nx\ny\n".write(toFile: parent + "/others", atomically: true, encoding: .utf8)
      let others = try runProgram(["evaluate", run, "--data", parent + "/six", "--labels", parent + "/others"])
      #expect(
        others.code == 0 && others.output.contains("10 clusters are matched one to one with 2 classes"), "\(others)")
      #expect(
        others.errors
          == "tsuc: none of the classes of \(parent)/six has the name of a class of the training images, so they are scored "
          + "as they are\n")
      let one = try runProgram(["evaluate", run, "--data", parent + "/one"])
      #expect(one.code == 0 && one.errors == "", "\(one)")
      #expect(one.output.contains("Note: all images are of one class, cat: no score"))
      #expect(one.output.hasSuffix("Note: a single image has no neighbours, so none are judged.\n"))
    }
  }

  // The vote was learnt once: other images, and fewer, get what they got among all.
  @Test func workedExampleOfAConsensus() throws {
    try withTemporaryFolder { parent in
      let run = try Self.makeRun(in: parent, rule: .consensus)
      let expected = try UntrainedRun(rule: .consensus).evaluation
      let evaluated = try runProgram(["evaluate", run, "--threads", "1"])
      #expect(evaluated.code == 0 && evaluated.output == expected.resultText, "\(evaluated)")
      let few = try runProgram(["predict", run, "--data", "digits", "--count", "7"])
      #expect(few.code == 0, "\(few)")
      #expect(expected.predictionsCSV(names: nil).hasPrefix(few.output))
    }
  }

  @Test func invariantMistakesAreToldAndNothingIsOverwritten() throws {
    try withTemporaryFolder { parent in
      let run = try Self.makeRun(in: parent)
      let other = parent + "/there"
      try "mine".write(toFile: other, atomically: true, encoding: .utf8)
      for command in ["predict", "embed"] {
        expectComplaint(
          try runProgram([command, run, "--out", other]), code: 1,
          containing: "\(other) exists already and is not overwritten")
        expectComplaint(try runProgram([command, run, "--out", "/dev/full"]), code: 1, containing: "/dev/full")
        expectComplaint(
          try runProgram([command, run, "--out", parent + "/no/such/x"]), code: 1, containing: "cannot be written")
        expectComplaint(
          try runProgram([command, run, "--out", parent + "/x", "--data", "fashion"]), code: 1,
          containing: "1 x 28 x 28", "1 x 8 x 8")
      }
      #expect(try String(contentsOfFile: other, encoding: .utf8) == "mine")
      expectComplaint(
        try runProgram(["predict", run], output: "/dev/full"), code: 1, containing: "the disk may be full")
      expectComplaint(
        try runProgram(["evaluate", run], output: "/dev/full"), code: 1, containing: "the disk may be full")
      expectComplaint(try runProgram(["evaluate", run, "--data", "no-such"]), code: 1, containing: "no-such")
      expectComplaint(try runProgram(["evaluate", run, "--labels", "/no/labels"]), code: 1, containing: "/no/labels")
      expectComplaint(try runProgram(["evaluate", run, "--count", "0"]), code: 2, containing: "--count", "from 1")
      expectComplaint(try runProgram(["evaluate", run, "--count", "5000"]), code: 1, containing: "5000", "1797")
      expectComplaint(
        try runProgram(["evaluate", run, "--threads", "0"]), code: 2, containing: "--threads", "1 to 4096")
      expectComplaint(try runProgram(["evaluate", parent]), code: 1, containing: "does not exist")
      #expect(try FileManager.default.contentsOfDirectory(atPath: parent).sorted() == ["run", "there"])
    }
  }

  @Test func invariantDamagedCheckpointsAreTold() throws {
    try withTemporaryFolder { parent in
      let run = try Self.makeRun(in: parent)
      let path = run + "/" + RunFolder.checkpointName
      let good = try Data(contentsOf: URL(fileURLWithPath: path))
      var flipped = good
      flipped[good.count / 2] ^= 16
      for damaged in [Data(), good.prefix(5), good.prefix(good.count / 2), good.dropLast(), flipped, good + [0]] {
        try damaged.write(to: URL(fileURLWithPath: path))
        for command in [["evaluate", run], ["predict", run], ["embed", run, "--out", parent + "/e.npy"]] {
          expectComplaint(try runProgram(command), code: 1, containing: RunFolder.checkpointName)
        }
      }
      try FileManager.default.removeItem(atPath: path)
      expectComplaint(try runProgram(["evaluate", run]), code: 1, containing: "does not exist")
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      expectComplaint(try runProgram(["evaluate", run]), code: 1, containing: RunFolder.checkpointName)
    }
  }
}
