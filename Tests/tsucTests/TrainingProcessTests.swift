// Training by the built program: one tiny run from end to end, and the catalogue of what can be wrong before it.
import Commands
import Evaluation
import Files
import Foundation
import Images
import Networks
import TestSupport
import Testing
import TwoStage

@testable import tsuc

/// Options of a run that takes about a second: twenty digits, a network of a few hundred weights, four epochs.
let tiny = [
  "--count", "20", "--encoder.widths", "4,4", "--encoder.blocks", "1,1", "--encoder.strides", "2,2",
  "--encoder.embedding-size", "8", "--stage-one.rounds", "2", "--stage-one.epochs-per-round", "1",
  "--stage-one.batch-size", "10", "--stage-one.neighbour-count", "2", "--stage-two.epochs", "2",
  "--stage-two.batch-size", "10",
]

/// An IDX file of bytes: axes of the given lengths.
func idx(sizes: [UInt32], _ values: [UInt8]) -> Data {
  let axes = sizes.flatMap { size in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: size >> $0) } }
  return Data([0, 0, 8, UInt8(sizes.count)] + axes + values)
}

@Suite("The program as a process: training")
struct TrainingProcessTests {
  @Test func workedExampleOfARunAndItsUses() throws {
    try withTemporaryFolder { parent in
      let run = parent + "/runs/first"
      let trained = try runProgram(["train", "--out", run, "--seed", "3", "--threads", "2"] + tiny)
      #expect(trained.code == 0, "\(trained)")
      #expect(trained.output.contains("stage 2, consensus of 5 heads"))
      #expect(trained.errors.contains("stage 1, round 1, epoch 0"))
      #expect(trained.errors.contains("stage 2, epoch 1  100 %"))
      #expect(!trained.errors.contains("\u{1B}"))
      let names = try FileManager.default.contentsOfDirectory(atPath: run).sorted()
      #expect(
        names == [
          "checkpoint-stage-one.safetensors", "checkpoint.safetensors", "clusters", "history.csv", "metrics.json",
          "neighbours.csv", "predictions.csv", "report.html", "states",
        ])
      // Twenty images: two steps an epoch, and of a finished run only the last state is kept.
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: run + "/states").sorted() == [
          "lock", "state-000000008.safetensors",
        ])
      try checkFiles(of: run)
      let table = trained.output.split(separator: "\n").dropLast()
      let evaluated = try runProgram(["evaluate", run])
      #expect(evaluated.code == 0, "\(evaluated)")
      #expect(evaluated.output.split(separator: "\n") == Array(table))
      let predicted = try runProgram(["predict", run])
      #expect(predicted.code == 0, "\(predicted)")
      #expect(predicted.output == (try String(contentsOfFile: run + "/predictions.csv", encoding: .utf8)))
      let embedded = try runProgram(["embed", run, "--out", parent + "/e.npy", "--data", "digits", "--count", "30"])
      #expect(embedded.code == 0, "\(embedded)")
      let rows: Tensor<Float> = try Npy.read(parent + "/e.npy")
      #expect(rows.shape == [30, 8])
      // The page again: the same bytes, into a new file.
      let report = try runProgram(["report", run, "--threads", "1"])
      #expect(report.code == 0 && report.errors == "tsuc: wrote \(run)/report-2.html\n", "\(report)")
      let pages = ["report.html", "report-2.html"].map { FileManager.default.contents(atPath: "\(run)/\($0)") }
      #expect(pages[0] != nil && pages[0] == pages[1])
      expectComplaint(
        try runProgram(["report", run, "--data", "digits", "--count", "21"]), code: 1,
        containing: "does not hold the images of the run")
      expectComplaint(
        try runProgram(["train", "--out", run] + tiny), code: 1,
        containing: "\(run) exists already and is not overwritten")
    }
  }

  private func checkFiles(of run: String) throws {
    let metrics = try JSONDecoder().decode(
      Metrics.self, from: Data(contentsOf: URL(fileURLWithPath: run + "/metrics.json")))
    #expect(metrics.seed == 3)
    #expect(metrics.threads == 2)
    #expect(metrics.data.name == "digits")
    #expect(metrics.data.count == 20)
    #expect(metrics.data.checksum.count == 64)
    #expect(metrics.heads?.count == 5)
    #expect(metrics.finalAnswer == .consensus && metrics.accuracy != nil)
    #expect(metrics.configuration[["encoder", "widths"][...]] == .array([.integer(4), .integer(4)]))
    #expect(metrics.configuration[["seed"][...]] == .integer(3))
    #expect(metrics.seconds.total >= metrics.seconds.stageOne)
    let history = try String(contentsOfFile: run + "/history.csv", encoding: .utf8).split(separator: "\n")
    #expect(history.count == 5)
    #expect(history[0].hasPrefix("stage,round,epoch,learningRate,"))
    #expect(history[0].contains(",accuracy of head 4"))
    let sheets = try FileManager.default.contentsOfDirectory(atPath: run + "/clusters")
    #expect(sheets.count == metrics.clusterSizes.count { $0 > 0 } + 1)
  }

  @Test func invariantOneSeedGivesTheSameBitsForAnyNumberOfThreads() throws {
    try withTemporaryFolder { parent in
      for (name, threads) in [("a", "1"), ("b", "2")] {
        let outcome = try runProgram(["--out", name, "--threads", threads] + tiny, in: parent)
        #expect(outcome.code == 0, "\(outcome)")
      }
      for file in ["checkpoint.safetensors", "checkpoint-stage-one.safetensors", "history.csv", "predictions.csv"] {
        let (a, b) = (
          FileManager.default.contents(atPath: "\(parent)/a/\(file)"),
          FileManager.default.contents(atPath: "\(parent)/b/\(file)")
        )
        #expect(a != nil && a == b, "\(file)")
      }
    }
  }

  // Twenty digits are trained on; all others, and those, are the test images.
  @Test func workedExampleOfTestImages() throws {
    try withTemporaryFolder { parent in
      let run = parent + "/run"
      let outcome = try runProgram(["train", "--out", run, "--test", "digits"] + tiny)
      #expect(outcome.code == 0, "\(outcome)")
      #expect(outcome.output.contains("% of the training images") && outcome.output.contains("% of the test images"))
      #expect(outcome.errors.contains("tsuc: after round 1: nearest neighbours"))
      #expect(outcome.errors.contains("% of the test images, anchors' neighbours of the same class"))
      let metrics = try JSONDecoder().decode(
        Metrics.self, from: Data(contentsOf: URL(fileURLWithPath: run + "/metrics.json")))
      #expect(metrics.data.count == 20 && metrics.test?.data.count == 1797 && metrics.test?.accuracy != nil)
      #expect(metrics.rounds?.count == 2)
      let history = try String(contentsOfFile: run + "/history.csv", encoding: .utf8)
      #expect(history.split(separator: "\n")[0].contains(",nearestNeighbours"))
    }
  }

  // A method without a stage 1 of its own: nothing of stage 1 is told, and a joint run ends with its rounds.
  @Test(arguments: ["iic", "joint"]) func workedExampleOfMethods(method: String) throws {
    try withTemporaryFolder { parent in
      // IIC has no rounds, which the short options would give it back.
      let words = tiny.enumerated().map { index, word in
        index > 0 && tiny[index - 1] == "--stage-one.rounds" && method == "iic" ? "0" : word
      }
      let outcome = try runProgram(["train", "--out", parent + "/run", "--method", method] + words)
      #expect(outcome.code == 0, "\(outcome)")
      #expect(outcome.output.contains("stage 2, consensus of 5 heads"))
      #expect(!FileManager.default.fileExists(atPath: parent + "/run/checkpoint-stage-one.safetensors"))
      let evaluated = try runProgram(["evaluate", parent + "/run"])
      #expect(evaluated.code == 0 && outcome.output.hasPrefix(evaluated.output), "\(evaluated)")
    }
  }

  @Test func workedExampleWithoutLabels() throws {
    try withTemporaryFolder { parent in
      let digits = try ImageSet.load("digits", count: 20)
      try idx(sizes: [20, 8, 8], digits.pixels.map { $0 * 15 }).write(to: URL(fileURLWithPath: parent + "/mine"))
      let outcome = try runProgram(["train", "--data", "mine", "--stage-two.class-count", "3"] + tiny, in: parent)
      #expect(outcome.code == 0, "\(outcome)")
      #expect(outcome.output.contains("accuracy cannot be reported"))
      #expect(outcome.errors.contains("tsuc: there are no labels, so no accuracy will be told"))
      let json = try String(contentsOfFile: parent + "/runs/mine-seed0/metrics.json", encoding: .utf8)
      #expect(!json.contains("\"accuracy\""))
      let evaluated = try runProgram(["evaluate", "runs/mine-seed0"], in: parent)
      #expect(evaluated.code == 0, "\(evaluated)")
    }
  }

  @Test func workedExampleOfPlacesThatCannotHoldARun() throws {
    for index in ["/dev/full", "/dev/full/run", "/proc/run", "/dev/null/run"] {
      expectComplaint(try runProgram(["train", "--out", index] + tiny), code: 1, containing: index)
    }
    try withTemporaryFolder { parent in
      let outcome = try runProgram(["train", "--out", parent + "/run"] + tiny, output: "/dev/full")
      #expect(outcome.code == 1 && !outcome.wasStopped, "\(outcome)")
      #expect(outcome.errors.contains("tsuc: standard output cannot be written; the disk may be full"))
      #expect(FileManager.default.fileExists(atPath: parent + "/run/metrics.json"))
    }
  }

  // What cannot be written at the end of a run is not lost: the advice, followed.
  @Test func workedExampleOfAnEndThatCannotBeWritten() throws {
    try withTemporaryFolder { parent in
      let path = parent + "/run"
      do {
        let arguments = try Arguments(tiny, for: .train)
        let choice = try TrainingChoice(arguments)
        let console = ConsoleRecorder().console()
        let run = try TrainingRun(
          choice, arguments, images: try choice.data.load(on: console), folder: path,
          policy: try StatePolicy(arguments), console: console)
        try Data("mine".utf8).write(to: URL(fileURLWithPath: path + "/predictions.csv"))
        let error = #expect(throws: RunError.self) { try run.perform() }
        #expect(error?.description.contains("predictions.csv exists already and is not overwritten") == true)
        #expect(error?.description.hasSuffix("\"tsuc train --resume \(path)\" finishes the run") == true)
        #expect(FileManager.default.contents(atPath: path + "/predictions.csv") == Data("mine".utf8))
      }
      try FileManager.default.removeItem(atPath: path + "/predictions.csv")
      let resumed = try runProgram(["train", "--resume", path])
      #expect(resumed.code == 0 && resumed.output.contains("stage 2, "), "\(resumed)")
    }
  }

  // A limit on the size of files is told as a full disk would be, and does not end the program by a signal.
  @Test func workedExampleOfFilesThatMayNotGrow() throws {
    try withTemporaryFolder { parent in
      let shell = Process()
      shell.executableURL = URL(fileURLWithPath: "/bin/sh")
      shell.currentDirectoryURL = URL(fileURLWithPath: parent)
      shell.arguments =
        ["-c", "ulimit -f 4; exec \"$0\" \"$@\"", try programURL().path, "train", "--out", "run"] + tiny
      let errors = Pipe()
      (shell.standardError, shell.standardOutput) = (errors, FileHandle.nullDevice)
      try shell.run()
      let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      shell.waitUntilExit()
      #expect(shell.terminationReason == .exit && shell.terminationStatus == 1, "\(text)")
      #expect(text.contains("cannot be written"))
    }
  }

  // Weight decay times this rate is 500: every step multiplies the weights by about −500, past Float within epochs.
  @Test func workedExampleOfALossThatIsNoNumber() throws {
    try withTemporaryFolder { parent in
      let huge = ["--stage-one.learning-rate", "1000000"]
      let patient = tiny.map { $0 == "1" ? "20" : $0 }
      let outcome = try runProgram(["train", "--out", parent + "/run"] + patient + huge)
      #expect(outcome.code == 1 && !outcome.wasStopped, "\(outcome)")
      #expect(outcome.errors.contains("tsuc: The loss is no longer a finite number at stage 1"), "\(outcome)")
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: parent + "/run").sorted() == ["history.csv", "states"])
      // The states of the epochs before are good, and going on from them ends in the same place.
      let again = try runProgram(["train", "--resume", parent + "/run"])
      #expect(again.code == 1 && again.errors.contains("tsuc: The loss is no longer a finite number"), "\(again)")
    }
  }

  @Test func workedExampleOfDamagedData() throws {
    try withTemporaryFolder { parent in
      let good = idx(sizes: [20, 8, 8], (0..<1280).map { UInt8($0 % 200) })
      var wrongMagic = good
      wrongMagic[2] = 0x0D
      var flipped = gzipped(good)
      flipped[60] ^= 8
      let files: [(String, Data)] = [
        ("empty", Data()), ("short", good.prefix(3)), ("truncated", good.dropLast(5)),
        ("magic", wrongMagic), ("gzip", flipped), ("gzip-cut", gzipped(good).dropLast(20)),
        ("text", Data("hello".utf8)),
        ("none", idx(sizes: [0, 8, 8], [])),
        ("flat", idx(sizes: [20, 0, 8], [])), ("huge", idx(sizes: [0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF], [1])),
      ]
      for (name, data) in files {
        try data.write(to: URL(fileURLWithPath: "\(parent)/\(name)"))
        expectComplaint(try runProgram(["train", "--data", name], in: parent), code: 1, containing: name)
      }
      try idx(sizes: [1, 8, 8], Array(repeating: 1, count: 64)).write(to: URL(fileURLWithPath: parent + "/one"))
      expectComplaint(
        try runProgram(["train", "--data", "one"], in: parent), code: 2, containing: "training needs at least 2 images")
      try good.write(to: URL(fileURLWithPath: parent + "/good"))
      try idx(sizes: [19], Array(repeating: 1, count: 19)).write(to: URL(fileURLWithPath: parent + "/labels"))
      expectComplaint(
        try runProgram(["train", "--data", "good", "--labels", "labels"], in: parent), code: 1, containing: "19", "20")
      expectComplaint(
        try runProgram(["train", "--data", "good", "--labels", "good"], in: parent), code: 1, containing: "good")
      expectComplaint(try runProgram(["train", "--data", "absent"], in: parent), code: 1, containing: "absent")
      expectComplaint(
        try runProgram(["train", "--data", "."], in: parent), code: 1, containing: "single files in it can be named")
      #expect(!FileManager.default.fileExists(atPath: parent + "/runs"))
    }
  }

  /// A gzip file with one stored block.
  private func gzipped(_ data: Data) -> Data {
    func littleEndian(_ value: UInt32, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    var checksum: UInt32 = 0xFFFF_FFFF
    for byte in data {
      checksum ^= UInt32(byte)
      for _ in 0..<8 { checksum = checksum >> 1 ^ (checksum & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    let size = UInt32(data.count)
    return Data([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 1] + littleEndian(size, 2) + littleEndian(~size, 2)) + data
      + littleEndian(~checksum, 4) + littleEndian(size, 4)
  }
}
