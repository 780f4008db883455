import Commands
import Files
import Foundation
import Images
import Kernels
import Networks
import TestSupport
import Testing
import TwoStage

@testable import tsuc

@Suite("Checkpoint")
struct CheckpointTests {
  private static func checkpoint() -> Checkpoint {
    Checkpoint(
      description: .init(
        encoder: .compact, channels: 1, height: 8, width: 8,
        standardisation: Standardisation(mean: [0.1], standardDeviation: [0.3]), dataName: "digits", dataCount: 100,
        dataChecksum: "00", seed: 7, chosenHead: 1, headTemperature: 0.05, headAxis: .classes),
      encoder: ImageEncoder(.compact, seed: 5), heads: ClusterHeads(features: 64, classes: 10, heads: 2, seed: 6),
      configuration: .object(["stageOne": .object(["epochs": .integer(3)])]))
  }

  private func message(_ bytes: [UInt8]) throws -> String? {
    try withTemporaryFolder { folder in
      try Data(bytes).write(to: URL(fileURLWithPath: folder + "/c"))
      do {
        _ = try Checkpoint(reading: folder + "/c")
        return nil
      } catch {
        return String(describing: error)
      }
    }
  }

  // Numbers are no names: of them nothing is written, as in files of earlier versions.
  @Test func workedExampleOfNamesOfClasses() throws {
    var named = Self.checkpoint()
    #expect(!String(decoding: try named.encoded(), as: UTF8.self).contains("dataClasses"))
    named.description.dataClasses = ["cat", "dog"]
    try withTemporaryFolder { folder in
      try Data(named.encoded()).write(to: URL(fileURLWithPath: folder + "/c"))
      #expect(try Checkpoint(reading: folder + "/c").description.dataClasses == ["cat", "dog"])
    }
  }

  @Test func invariantWhatIsReadIsWhatWasWritten() throws {
    let written = Self.checkpoint()
    try withTemporaryFolder { folder in
      try Data(written.encoded()).write(to: URL(fileURLWithPath: folder + "/c"))
      let read = try Checkpoint(reading: folder + "/c")
      #expect(read.description == written.description)
      #expect(read.configuration == written.configuration)
      #expect(read.heads?.weights == written.heads?.weights)
      let images = Tensor<Float>(shape: [3, 1, 8, 8], values: (0..<192).map { Float($0 % 7) })
      #expect(read.encoder.embed(images) == written.encoder.embed(images))
      #expect(try read.encoded() == written.encoded())
    }
  }

  @Test func invariantEveryDamageIsToldInASentence() throws {
    let bytes = try Self.checkpoint().encoded()
    #expect(try message(bytes) == nil)
    for length in [0, 1, 7, 8, 9, 100, bytes.count - 1] {
      let text = try #require(try message(Array(bytes[..<length])))
      #expect(!text.isEmpty)
    }
    // Bits of the length, the header and the numbers; the header may have spaces at its end that mean nothing.
    for index in [0, 3, 8, 9, 40, 200, 1000, bytes.count / 2, bytes.count - 1] {
      var damaged = bytes
      damaged[index] ^= 4
      #expect(try message(damaged) != nil, "byte \(index)")
    }
    #expect(try message(Array("not a checkpoint at all".utf8)) != nil)
  }

  @Test func workedExampleOfMessages() throws {
    #expect(throws: RunError("/no/c does not exist; name the folder of a finished run of \"tsuc train\"")) {
      _ = try Checkpoint(reading: "/no/c")
    }
    var file = SafetensorsFile(metadata: ["format": "other"])
    file.append(Tensor<Float>(shape: [1]), named: "x")
    #expect(try message(file.encoded())?.contains("is no checkpoint of this program") == true)
    var damaged = try Self.checkpoint().encoded()
    damaged[damaged.count - 3] ^= 1
    #expect(try message(damaged)?.contains("is damaged: its digest is not that of its contents") == true)
  }

  // A run from before there was a choice names the head alone; an answer that does not fit the heads is told.
  @Test func invariantTheFinalAnswerIsReadBackAndChecked() throws {
    var written = Self.checkpoint()
    #expect(!String(decoding: try written.encoded(), as: UTF8.self).contains("lowestLoss"))
    written.description.answer = HeadAnswer(
      .consensus, clusters: [[0, 1, 2], [1, 0, 2]], classCount: 10, losses: [-1, -1.01])
    try withTemporaryFolder { folder in
      try Data(written.encoded()).write(to: URL(fileURLWithPath: folder + "/c"))
      #expect(try Checkpoint(reading: folder + "/c").description.answer == written.description.answer)
    }
    written.description.answer = HeadAnswer(
      .consensus, clusters: [[0, 1, 2], [1, 0, 2]], classCount: 9, losses: [-1, -1.01])
    #expect(try message(written.encoded())?.contains("map 0 is not one to one between 10 clusters") == true)
    written.description.answer = HeadAnswer(head: 2)
    #expect(try message(written.encoded())?.contains("it chooses head 2 of 2") == true)
  }

  @Test func workedExampleOfImagesOfAnotherShape() throws {
    let images = ImageSet(name: "small", channels: 1, height: 4, width: 8, pixels: Array(repeating: 1, count: 64))
    #expect(
      throws: RunError(
        "small has images of 1 x 4 x 8 (channels x height x width), but the run was trained on 1 x 8 x 8 (digits); "
          + "\"--size 8x8\" brings them to that size")
    ) { try Self.checkpoint().check(images) }
    let fitting = ImageSet(name: "fit", channels: 1, height: 8, width: 8, pixels: Array(repeating: 1, count: 128))
    try Self.checkpoint().check(fitting)
  }
}
