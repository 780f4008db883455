import Commands
import Files
import Foundation
import Images
import Kernels
import Networks
import Testing
import TwoStage

@testable import tsuc

@Suite("Training state")
struct TrainingStateTests {
  /// A run of twelve digits, three steps long so far, so small that all of its bytes can be tried.
  private static func trained() throws -> Trained {
    var configuration = Configuration.digits
    configuration.encoder = EncoderConfiguration(
      inputChannels: 1, streams: [.plain], widths: [1], blocks: [1], strides: [2], stemStride: 2, embeddingSize: 2)
    configuration.stageOne.rounds = 1
    configuration.stageOne.epochsPerRound = 2
    configuration.stageOne.batchSize = 6
    configuration.stageOne.neighbourCount = 1
    configuration.stageTwo.epochs = 1
    configuration.stageTwo.batchSize = 12
    configuration.stageTwo.headCount = 1
    var trained = Trained(trainer: try Trainer<Float>(configuration, images: try ImageSet.load("digits", count: 12)))
    for _ in 0..<3 { if let epoch = try trained.trainer.runStep()?.epoch { trained.reports.append(epoch) } }
    trained.seconds.stageOne = 0.1
    return trained
  }

  private static func bytes(_ trained: Trained, seconds: Double = 0.1) throws -> [UInt8] {
    let images = trained.trainer.images
    var times = trained.seconds
    times.stageOne = seconds
    return try TrainingState.encoded(
      trained.trainer,
      description: .init(
        encoder: trained.trainer.configuration.encoder, channels: 1, height: 8, width: 8,
        standardisation: Standardisation(of: images), dataName: "digits", dataCount: 12, dataChecksum: images.checksum,
        seed: 0, chosenHead: 0, headTemperature: 0.05, headAxis: .classes), reports: trained.reports, seconds: times)
  }

  @Test func invariantWhatIsReadIsWhatWasWritten() throws {
    let trained = try Self.trained()
    let bytes = try Self.bytes(trained)
    let state = try TrainingState(bytes: bytes, "state")
    #expect(state.configuration == trained.trainer.configuration)
    #expect(state.reports == trained.reports && state.reports.count == 1)
    #expect(state.seconds == trained.seconds && state.test == nil)
    let images = trained.trainer.images
    let record = TestSet(images: images, data: DataChoice(name: "there", labels: "l", count: 12)).record
    let judged = try TrainingState.encoded(
      trained.trainer, description: state.description, test: record, reports: [], seconds: trained.seconds)
    #expect(try TrainingState(bytes: judged, "s").test == record && record.checksum == images.checksum)
    #expect(state.warning == nil)
    #expect(state.progress == "1 epochs, 3 steps")
    var again = trained
    again.trainer = try state.trainer(on: trained.trainer.images)
    #expect(try Self.bytes(again) == bytes)
    let digits = try ImageSet.load("digits", count: 3)
    #expect(try state.checkpoint().encoder.embed(digits) == trained.trainer.stageOne.encoder.embed(digits))
    #expect(try state.checkpoint().heads == nil)
  }

  @Test func invariantTheDigestTellsWhatIsLearntAndNotHowLongItTook() throws {
    let trained = try Self.trained()
    let (first, second) = (try Self.bytes(trained), try Self.bytes(trained, seconds: 77))
    func digest(_ bytes: [UInt8]) throws -> String? { try SafetensorsFile(bytes: bytes, name: "s").metadata["digest"] }
    #expect(try digest(first) == digest(second))
    #expect(first != second)
  }

  // Every 53rd length and one bit of every 29th byte; TSUC_EVERY_BYTE=1 tries each length and each bit.
  @Test func invariantNoDamageIsAccepted() throws {
    let bytes = try Self.bytes(try Self.trained())
    let tryAll = ProcessInfo.processInfo.environment["TSUC_EVERY_BYTE"] == "1"
    for length in stride(from: 0, to: bytes.count, by: tryAll ? 1 : 53) {
      #expect(throws: DamagedState.self, "length \(length)") {
        _ = try TrainingState(bytes: Array(bytes[..<length]), "s")
      }
    }
    for progress in stride(from: 0, to: bytes.count, by: tryAll ? 1 : 29) {
      for bit in tryAll ? 0..<8 : progress % 8..<progress % 8 + 1 {
        var damaged = bytes
        damaged[progress] ^= 1 << UInt8(bit)
        #expect(throws: DamagedState.self, "byte \(progress)") { _ = try TrainingState(bytes: damaged, "s") }
      }
    }
    #expect(throws: DamagedState.self) { _ = try TrainingState(bytes: bytes + [0], "s") }
  }

  @Test func workedExampleOfOtherFilesAndData() throws {
    let trained = try Self.trained()
    let bytes = try Self.bytes(trained)
    func changed(_ key: String, _ value: String) throws -> [UInt8] {
      var file = try SafetensorsFile(bytes: bytes, name: "s")
      file.metadata[key] = value
      file.seal()
      return file.encoded()
    }
    let future = #expect(throws: RunError.self) {
      _ = try TrainingState(bytes: try changed("format", "tsuc training state 2"), "s")
    }
    #expect(future?.description.contains("\"tsuc training state 2\", not \"tsuc training state 1\"") == true)
    for key in ["configuration", "history", "session", "description", "test"] {
      let error = #expect(throws: RunError.self) { _ = try TrainingState(bytes: try changed(key, "{}"), "s") }
      #expect(error?.description.contains("resume with the version that wrote it (1.0.0)") == true)
    }
    let portable = try TrainingState(bytes: try changed("arithmetic", "an abacus"), "s")
    #expect(portable.warning?.contains("began with an abacus") == true)
    let state = try TrainingState(bytes: bytes, "s")
    let images = trained.trainer.images
    let others = ImageSet(
      name: "others", channels: 1, height: 8, width: 8, pixels: images.pixels.reversed(), maximumValue: 16,
      labels: images.labels)
    let error = #expect(throws: RunError.self) { _ = try state.trainer(on: others) }
    #expect(error?.description.contains("others does not hold the images of the run") == true)
    let relabelled = ImageSet(
      name: "relabelled", channels: 1, height: 8, width: 8, pixels: images.pixels, maximumValue: 16)
    let other = #expect(throws: RunError.self) { _ = try state.trainer(on: relabelled) }
    #expect(other?.description.contains("the labels of relabelled are not those") == true)
  }
}
