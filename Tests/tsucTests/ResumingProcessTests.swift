// The built program killed, told to stop, and resumed: the same bytes as if it had never stopped, and a sentence for every
// mistake. The proof with many kills is .ci/kill-and-resume.
import Commands
import Evaluation
import Files
import Foundation
import Images
import Networks
import TestSupport
import Testing

@testable import tsuc

@Suite("The program as a process: resuming", .serialized)
struct ResumingProcessTests {
  /// Four steps of stage 1 and 24 of stage 2, a state after each: long enough to be stopped in time.
  private static let options =
    replacing("--stage-two.epochs", by: "12", in: tiny) + ["--checkpoint-minutes", "0"]
  private static let files = [
    "checkpoint.safetensors", "checkpoint-stage-one.safetensors", "history.csv", "predictions.csv",
    "states/state-000000028.safetensors",
  ]

  /// Starts a training of many epochs' length by `options` and sends it a signal once it has made so many steps.
  private func stop(
    _ run: String, after steps: Int, by signal: Int32, _ options: [String], command: [String]? = nil,
    in folder: String? = nil
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = try programURL()
    process.arguments = (command ?? ["train", "--out", run]) + options
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    let errors = Pipe()
    process.standardError = errors
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    while process.isRunning && StateFolder.states(of: run).first.map({ Self.steps($0) < steps }) ?? true { usleep(300) }
    kill(process.processIdentifier, signal)
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return Outcome(
      code: process.terminationStatus, wasStopped: process.terminationReason == .uncaughtSignal, output: "",
      errors: text)
  }

  private static func replacing(_ option: String, by value: String, in options: [String]) -> [String] {
    options.indices.map { $0 > 0 && options[$0 - 1] == option ? value : options[$0] }
  }

  private static func steps(_ path: String) -> Int {
    Int(URL(fileURLWithPath: path).lastPathComponent.filter(\.isNumber)) ?? 0
  }

  private func contents(_ run: String, _ file: String) -> Data? {
    // The session's seconds differ; the digest is that of all else.
    guard file.hasPrefix("states/") else { return FileManager.default.contents(atPath: "\(run)/\(file)") }
    return (try? Safetensors.read("\(run)/\(file)"))?.metadata["digest"].map { Data($0.utf8) }
  }

  private func expectSameRuns(_ a: String, _ b: String) throws {
    for file in Self.files {
      #expect(contents(a, file) != nil && contents(a, file) == contents(b, file), "\(file)")
    }
    let (first, second) = (try metrics(a), try metrics(b))
    #expect(first.heads == second.heads && first.nearestNeighbours == second.nearestNeighbours)
    #expect(first.configuration == second.configuration && first.clusterSizes == second.clusterSizes)
    #expect(first.test == second.test && first.rounds == second.rounds)
  }

  private func metrics(_ run: String) throws -> Metrics {
    try JSONDecoder().decode(Metrics.self, from: Data(contentsOf: URL(fileURLWithPath: run + "/metrics.json")))
  }

  @Test func invariantAKilledRunGoesOnWithTheSameBits() throws {
    try withTemporaryFolder { parent in
      let whole = parent + "/whole"
      #expect(try runProgram(["train", "--out", whole] + Self.options).code == 0)
      for steps in [1, 4, 8] {
        let run = "\(parent)/run\(steps)"
        let killed = try stop(run, after: steps, by: SIGKILL, Self.options)
        #expect(killed.wasStopped, "\(killed)")
        let resumed = try runProgram(["train", "--resume", run, "--threads", "1"])
        #expect(resumed.code == 0 && resumed.errors.contains("tsuc: resuming \(run) from state-"), "\(resumed)")
        try expectSameRuns(whole, run)
      }
    }
  }

  // Every round after the kill is judged on the test images too, which nobody names again; and the strong views of stage 2
  // are those of an uninterrupted run.
  @Test func invariantAResumedRunKeepsItsTestImagesAndRandAugment() throws {
    try withTemporaryFolder { parent in
      let (whole, run) = (parent + "/whole", parent + "/run")
      let options =
        Self.options + ["--test", "digits", "--stage-two.views.kind", "randAugment"]
        + ["--stage-two.views.cutout-side", "3", "--stage-two.views.magnitude", "9"]
      #expect(try runProgram(["train", "--out", whole] + options).code == 0)
      #expect(try metrics(whole).test?.data.count == 1797)
      let killed = try stop(run, after: 1, by: SIGKILL, options)
      #expect(killed.wasStopped, "\(killed)")
      let resumed = try runProgram(["train", "--resume", run])
      #expect(resumed.code == 0 && resumed.output.contains("% of the test images"), "\(resumed)")
      try expectSameRuns(whole, run)
    }
  }

  // Started among the pictures, stopped, and what is said then followed to the letter.
  @Test func invariantSortingThatIsToldToStopSaysHowToGoOn() throws {
    try withTemporaryFolder { parent in
      let digits = try ImageSet.load("digits", count: 20)
      for index in 0..<20 {
        try PNG.write(
          digits.pixels[index * 64..<(index + 1) * 64].map { $0 * 15 }, width: 8, height: 8,
          to: "\(parent)/\(index).png")
      }
      let options = Self.replacing("--stage-two.epochs", by: "400", in: Array(tiny.dropFirst(2))) + ["--classes", "3"]
      let told = try stop(
        parent + "/out", after: 4, by: SIGTERM, options, command: ["sort", ".", "--into", "out"], in: parent)
      #expect(told.code == 143 && !told.wasStopped, "\(told)")
      let advice =
        "\"tsuc train --resume out\" goes on, and then \"tsuc predict out --copy-to DIR\" sorts the pictures\n"
      #expect(told.errors.hasSuffix(advice), "\(told)")
      let resumed = try runProgram(["train", "--resume", "out"], in: parent)
      #expect(resumed.code == 0, "\(resumed)")
      let sorted = try runProgram(["predict", "out", "--copy-to", "DIR"], in: parent)
      #expect(sorted.code == 0 && sorted.output.contains("20 pictures copied into DIR"), "\(sorted)")
    }
  }

  @Test func invariantARunThatIsToldToStopSaysHowToGoOn() throws {
    try withTemporaryFolder { parent in
      let run = parent + "/run"
      let options = Self.replacing("--stage-two.epochs", by: "400", in: tiny)
      let told = try stop(run, after: 4, by: SIGINT, options)
      #expect(told.code == 130 && !told.wasStopped, "\(told)")
      #expect(told.errors.contains("tsuc: stopped by SIGINT after "), "\(told)")
      #expect(told.errors.contains("\"tsuc train --resume \(run)\" goes on\n"), "\(told)")
      // What there is so far can be used.
      let embedded = try runProgram(["embed", run, "--out", parent + "/e.npy"])
      #expect(embedded.code == 0 && embedded.errors.contains("\(run) is not finished; using "), "\(embedded)")
      let rows: Tensor<Float> = try Npy.read(parent + "/e.npy")
      #expect(rows.shape == [20, 8])
      let predicted = try runProgram(["predict", StateFolder.states(of: run)[0]])
      #expect(predicted.code == 0 && predicted.output.split(separator: "\n").count == 21, "\(predicted)")
      // What is said besides must not differ.
      func complain(_ words: [String], _ code: Int32, _ text: String) throws {
        expectComplaint(try runProgram(["train", "--resume", run] + words), code: code, containing: text)
      }
      try complain(["--seed", "1"], 2, "--seed is 1, but the run in \(run) began with 0 and keeps it")
      try complain(["--count", "30"], 2, "--count is 30, but the run in \(run) began with 20")
      try complain(["--classes", "3"], 2, "--classes is 3, but the run in \(run) began with 10 and keeps it")
      try complain(["--out", parent + "/x"], 2, "--out is \(parent)/x")
      try complain(["--preset", "digits"], 2, "--preset cannot be given with --resume")
      try complain(["--encoder-from", "x"], 2, "--encoder-from cannot be given with --resume")
      try complain(["--stage-two.epochs", "3"], 2, "--stage-two.epochs is 3, but the run in \(run) began with 400")
      try complain(["--data", "fashion"], 1, "fashion does not hold the images of the run")
      try complain(["--data", "/nowhere"], 1, "if the data of the run has moved, name its place with --data")
      // Of two that would go on at once one is refused.
      let lock = try StateFolder(of: run)
      try complain([], 1, "\(run) is in use by another process")
      withExtendedLifetime(lock) {}
    }
  }

  @Test func invariantDamagedStatesAreToldAndTheOneBeforeIsUsed() throws {
    try withTemporaryFolder { parent in
      let (whole, run) = (parent + "/whole", parent + "/run")
      #expect(try runProgram(["train", "--out", whole] + Self.options).code == 0)
      expectComplaint(try runProgram(["train", "--resume", whole]), code: 1, containing: "\(whole) is finished")
      expectComplaint(try runProgram(["train", "--resume", parent + "/no"]), code: 1, containing: "does not exist")
      expectComplaint(try runProgram(["train", "--resume", parent]), code: 1, containing: "has no state to go on from")
      let killed = try stop(run, after: 3, by: SIGKILL, Self.options)
      #expect(killed.wasStopped, "\(killed)")
      let newest = StateFolder.states(of: run)[0]
      let good = try Data(contentsOf: URL(fileURLWithPath: newest))
      try good.dropLast(9).write(to: URL(fileURLWithPath: newest))
      let resumed = try runProgram(["train", "--resume", run])
      #expect(resumed.code == 0, "\(resumed)")
      #expect(resumed.errors.contains("tsuc: \(newest) is cut off or damaged"), "\(resumed)")
      #expect(resumed.errors.contains("tsuc: going on from the older state \(run)/states/"), "\(resumed)")
      try expectSameRuns(whole, run)
      // Stopped after all steps, while the results were being written: they are written again.
      try FileManager.default.removeItem(atPath: run + "/metrics.json")
      let judged = try runProgram(["train", "--resume", run])
      #expect(judged.code == 0, "\(judged)")
      try expectSameRuns(whole, run)
      // The last state of all, damaged: nothing is left.
      try FileManager.default.removeItem(atPath: run + "/metrics.json")
      let last = StateFolder.states(of: run)[0]
      var flipped = try Data(contentsOf: URL(fileURLWithPath: last))
      flipped[flipped.count - 5] ^= 1
      try flipped.write(to: URL(fileURLWithPath: last))
      let refused = try runProgram(["train", "--resume", run])
      #expect(refused.code == 1 && refused.errors.contains("\(last) is damaged"), "\(refused)")
      #expect(refused.errors.contains("\(run) has no good state left"), "\(refused)")
    }
  }

  @Test func workedExampleOfAnEncoderTrainedElsewhere() throws {
    try withTemporaryFolder { parent in
      let first = parent + "/first"
      #expect(try runProgram(["train", "--out", first] + tiny).code == 0)
      let start = ["--encoder-from", first + "/checkpoint-stage-one.safetensors"]
      let rounds = Self.replacing("--stage-one.rounds", by: "0", in: tiny)
      // Stage 2 of the first run again, without its stage 1.
      let second = try runProgram(["train", "--out", parent + "/second"] + rounds + start)
      #expect(second.code == 0, "\(second)")
      let description = try Checkpoint(reading: parent + "/second/checkpoint.safetensors").description
      #expect(description.initialEncoder?.path == start[1])
      #expect(description.initialEncoder?.checksum.count == 64)
      #expect(try metrics(parent + "/second").initialEncoder == description.initialEncoder)
      #expect(try metrics(first).initialEncoder == nil)
      let narrow = Self.replacing("--encoder.embedding-size", by: "4", in: tiny)
      let other = try runProgram(["train", "--out", parent + "/third"] + narrow + start)
      expectComplaint(other, code: 1, containing: "linear.weight has shape [8, 4] instead of [4, 4]")
      #expect(!FileManager.default.fileExists(atPath: parent + "/third"))
    }
  }
}
