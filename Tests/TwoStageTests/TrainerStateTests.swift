import Files
import Images
import Kernels
import Networks
import Testing

@testable import TwoStage

@Suite("A trainer's state", .serialized)
struct TrainerStateTests {
  private static func bytes<Scalar: RealScalar>(_ trainer: Trainer<Scalar>) -> [UInt8] {
    var file = SafetensorsFile()
    trainer.store(in: &file)
    return file.encoded()
  }

  private static func restored<Scalar: RealScalar>(
    _ bytes: [UInt8], _ configuration: Configuration
  ) throws -> Trainer<Scalar> {
    try Trainer(configuration, images: .toy, from: SafetensorsFile(bytes: bytes, name: "state"))
  }

  private static var trainableHeads: Configuration {
    var configuration = Configuration.tiny
    configuration.stageTwo.headsAreTrainable = true
    configuration.encoder.streams = [.plain, .sobel]
    return configuration
  }

  /// Stops after each step in turn, goes on from the bytes alone, and compares the state at the end.
  private func expectTheSameRunFromEveryStep<Scalar: RealScalar>(
    _ configuration: Configuration, as type: Scalar.Type, every stride: Int
  ) throws {
    var straight = try Trainer<Scalar>(configuration, images: .toy)
    var states = [Self.bytes(straight)]
    while try straight.runStep() != nil { states.append(Self.bytes(straight)) }
    #expect(states.count == 22)
    for (step, state) in states.enumerated() where step % stride == 0 || step == 21 {
      var resumed: Trainer<Scalar> = try Self.restored(state, configuration)
      #expect(resumed.stepsMade == step)
      // Compared before the expectation, which would print every byte.
      let isSameState = Self.bytes(resumed) == state
      #expect(isSameState, "step \(step)")
      try resumed.run()
      let isSameRun = Self.bytes(resumed) == states[21]
      #expect(isSameRun, "step \(step)")
    }
  }

  @Test func invariantGoingOnFromTheBytesOfAnyStepIsTheSameRun() throws {
    try expectTheSameRunFromEveryStep(.tiny, as: Float.self, every: 1)
    try expectTheSameRunFromEveryStep(Self.trainableHeads, as: Double.self, every: 5)
    var strong = Configuration.tiny
    (strong.stageOne.views, strong.stageTwo.views) = (.tinyRandAugment, .tinyRandAugment)
    try expectTheSameRunFromEveryStep(strong, as: Float.self, every: 7)
  }

  @Test func invariantThreadsChangeNoByte() throws {
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    let states = try [1, 3].map { threads in
      Parallel.threadCount = threads
      var trainer = try Trainer<Float>(.tiny, images: .toy)
      for _ in 0..<14 { _ = try trainer.runStep() }
      return Self.bytes(trainer)
    }
    #expect(states[0] == states[1])
  }

  // The 14th step is the second of stage 2: 12 steps of stage 1, of which the encoder keeps the count.
  @Test func workedExampleOfNames() throws {
    var trainer = try Trainer<Float>(Self.trainableHeads, images: .toy)
    for _ in 0..<14 { _ = try trainer.runStep() }
    var file = SafetensorsFile()
    trainer.store(in: &file)
    #expect(try file.integers(named: "encoder.streams.1.bn1.num_batches_tracked").values == [14])
    #expect(try file.integers(named: "stage_one.encoder.streams.1.bn1.num_batches_tracked").values == [12])
    #expect(file.description(of: "memory_bank")?.shape == [24, 5])
    #expect(file.description(of: "anchors")?.shape == [6])
    #expect(file.description(of: "neighbours")?.shape == [6, 2])
    #expect(file.description(of: "velocity.heads.1.weight")?.shape == [5, 3])
    #expect(file.description(of: "epoch.sums")?.type == "F64")
    #expect(file.description(of: "best.losses") == nil)
    #expect(
      file.metadata["position"]?.hasPrefix("{\"best\":null,\"epoch\":0,\"round\":0,\"stage\":2,\"step\":2,") == true)
    #expect(file.metadata["random numbers"] == Trainer<Float>.randomNumbers)
  }

  @Test func stopsOnPositionsOfNoRun() throws {
    var trainer = try Trainer<Float>(.tiny, images: .toy)
    for _ in 0..<16 { _ = try trainer.runStep() }
    var file = SafetensorsFile()
    trainer.store(in: &file)
    func text(_ stage: Int, _ round: Int, _ epoch: Int, _ step: Int, _ terms: String, best: String = "null") -> String {
      "{\"best\":\(best),\"epoch\":\(epoch),\"round\":\(round),\"stage\":\(stage),\"step\":\(step),\"terms\":[\(terms)]}"
    }
    let wrong = [
      "", "{}", "[]", "{\"stage\":1}", text(3, 0, 0, 0, ""), text(0, 0, 0, 0, ""), text(1, 2, 0, 0, ""),
      text(1, -1, 0, 0, ""), text(1, 0, 2, 0, ""), text(2, 1, 0, 0, ""), text(2, 0, 4, 0, ""),
      text(2, 0, 3, 1, "\"a\""),
      text(1, 0, 0, 1, ""), text(1, 0, 0, 0, "\"a\""), text(1, 0, 0, -1, "\"a\""), text(2, 0, 1, 0, ""),
      text(2, 0, 1, 0, "", best: "1"), text(2, 0, 1, 0, "", best: "-1"), text(1, 0, 0, 0, "", best: "0"),
      text(1, 0, 0, 3, "\"a\""), text(1, 0, 0, 9_223_372_036_854_775_807, "\"a\""), text(1, 0, 0, 1, "\"a\",\"b\""),
    ]
    for position in wrong {
      file.metadata["position"] = position
      #expect(throws: (any Error).self, "\(position)") {
        _ = try Trainer<Float>(.tiny, images: .toy, from: file)
      }
    }
  }

  @Test func stopsOnTensorsOfNoRun() throws {
    var trainer = try Trainer<Float>(.tiny, images: .toy)
    for _ in 0..<16 { _ = try trainer.runStep() }
    var whole = SafetensorsFile()
    trainer.store(in: &whole)
    _ = try Trainer<Float>(.tiny, images: .toy, from: whole)
    // Each tensor that is not there is missed, but for the counts of batches.
    for missing in whole.names where !missing.hasSuffix("num_batches_tracked") {
      let file = try Self.copy(of: whole, without: missing)
      #expect(throws: (any Error).self, "\(missing)") { _ = try Trainer<Float>(.tiny, images: .toy, from: file) }
    }
    for (anchors, neighbours) in [
      ([24], [0, 1]), ([-1], [0, 1]), ([3, 3], [0, 1, 0, 1]), ([3], [0, 24]), ([3], [0]),
    ] {
      var file = try Self.copy(of: whole, without: "anchors", "neighbours")
      file.append(integers: anchors, shape: [anchors.count], named: "anchors")
      file.append(integers: neighbours, shape: [anchors.count, neighbours.count / anchors.count], named: "neighbours")
      #expect(throws: TrainerStateError.self) { _ = try Trainer<Float>(.tiny, images: .toy, from: file) }
    }
    var file = whole
    file.metadata["random numbers"] = "dice"
    let error = #expect(throws: TrainerStateError.self) { _ = try Trainer<Float>(.tiny, images: .toy, from: file) }
    #expect(error?.description.contains("drawn by dice, and this program's by Philox4x32-10") == true)
    #expect(throws: (any Error).self) { _ = try Trainer<Double>(.tiny, images: .toy, from: whole) }
  }

  private static func copy(of file: SafetensorsFile, without names: String...) throws -> SafetensorsFile {
    var copy = SafetensorsFile(metadata: file.metadata)
    for name in file.names where !names.contains(name) {
      switch file.description(of: name)?.type {
      case "I64":
        let integers = try file.integers(named: name)
        copy.append(integers: integers.values, shape: integers.shape, named: name)
      case "F64": copy.append(try file.tensor(named: name, as: Double.self), named: name)
      default: copy.append(try file.tensor(named: name, as: Float.self), named: name)
      }
    }
    return copy
  }
}
