import Foundation
import Testing

@testable import TwoStage

/// The values of a configuration's JSON document, as text, by their paths.
func leaves(of configuration: Configuration) throws -> [String: String] {
  func flat(_ value: Any, _ path: String) -> [(String, String)] {
    guard let members = value as? [String: Any] else { return [(path, "\(value)")] }
    return members.flatMap { flat($0.value, path.isEmpty ? $0.key : "\(path).\($0.key)") }
  }
  let document = try JSONSerialization.jsonObject(with: JSONEncoder().encode(configuration))
  return Dictionary(uniqueKeysWithValues: flat(document, ""))
}

@Suite("Provenance")
struct ProvenanceTests {
  @Test(arguments: Configuration.presetNames.filter { $0.hasPrefix("paper-") })
  func invariantEveryConstantHasOneAndNothingElse(preset: String) throws {
    let paths = try leaves(of: try #require(Configuration.preset(preset))).keys
    for path in paths { #expect(Provenance.of(path, preset: preset) != nil, "\(path)") }
    for path in Provenance.table.keys { #expect(paths.contains(path), "\(path)") }
  }

  @Test func workedExampleOfTexts() {
    #expect(Provenance.of("stageOne.rounds")?.text == "paper")
    #expect(Provenance.of("stageTwo.learningRate")?.source == .supplement)
    #expect(Provenance.of("stageOne.learningRate")?.text == "released program: the supplement tells stage 2's alone")
    #expect(Provenance.of("stageOne.batchSize", preset: "paper-stl10")?.source == .choice)
    #expect(Provenance.of("stageOne.batchSize", preset: "paper-cifar100")?.source == .released)
    #expect(Provenance.of("stageOne.speed") == nil)
  }

  // What the table calls the paper's, the supplement's and the released program's are the numbers that stand there.
  @Test func goldenConstants() throws {
    let constants = try leaves(of: .paperCIFAR10)
    for (path, value) in [
      ("stageOne.rounds", "5"), ("stageOne.epochsPerRound", "200"), ("stageOne.batchSize", "128"),
      ("stageOne.learningRate", "0.03"), ("stageOne.bankTemperature", "0.1"), ("stageOne.bankMomentum", "0.5"),
      ("stageOne.anchorRate", "0.25"), ("stageOne.neighbourCount", "1"), ("stageOne.entropyWeightStep", "0.2"),
      ("stageOne.augmentationLoss.temperature", "0.1"), ("stageOne.optimiser.momentum", "0.9"),
      ("stageTwo.epochs", "300"), ("stageTwo.batchSize", "128"), ("stageTwo.learningRate", "0.01"),
      ("stageTwo.headCount", "5"), ("stageTwo.headTemperature", "0.1"), ("stageTwo.consistencyWeight", "1"),
      ("encoder.embeddingSize", "128"), ("stageOne.views.jitterProbability", "1"),
      ("stageTwo.views.greyscaleProbability", "0.2"), ("stageTwo.views.flipProbability", "0.5"),
    ] {
      #expect(constants[path] == value, "\(path)")
    }
    // Binary fractions of 5e-4 print in many ways.
    #expect(Configuration.paperCIFAR10.stageTwo.optimiser.weightDecay == 5e-4)
    #expect([10, 20, 100, 10] == Configuration.presets.suffix(4).map(\.configuration.stageTwo.classCount))
  }
}
