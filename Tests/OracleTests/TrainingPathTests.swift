import Files
import Images
import Kernels
import Networks
import Testing
import TwoStage

@testable import Oracle

@Suite("The path of a real run")
struct TrainingPathTests {
  private static let images: ImageSet = {
    var stream = RandomStream(seed: 12, purpose: .test)
    let pixels = (0..<24 * 3 * 36).map { i in UInt8((i / 108 % 3) * 60 + stream.integer(below: 100)) }
    return ImageSet(name: "noise", channels: 3, height: 6, width: 6, pixels: pixels)
  }()

  private static let configuration: Configuration = {
    var configuration = Configuration.paperCIFAR10
    configuration.encoder = EncoderConfiguration(
      inputChannels: 3, streams: [.plain, .sobel], widths: [2, 3], blocks: [1, 1], strides: [1, 2], stemStride: 1,
      embeddingSize: 4)
    configuration.stageOne.batchSize = 10
    configuration.stageTwo.batchSize = 10
    configuration.stageOne.neighbourCount = 2
    return configuration
  }()

  private static let path = Result { try TrainingPath(configuration, images: images, steps: 2, warmUp: 3) }

  /// The trainer itself at the beginning of a part.
  private func trainer(_ part: String) throws -> Trainer<Float> {
    var trainer = try Trainer<Float>(Self.configuration, images: Self.images)
    guard part != "stage-one" else { return trainer }
    for _ in 0..<3 { _ = try trainer.runStep() }
    trainer.epoch = nil
    trainer.stageOne.begin(round: 2)
    trainer.position =
      part == "stage-two"
      ? TrainingPosition(stage: 2, round: 0, epoch: 0) : TrainingPosition(stage: 1, round: 2, epoch: 80)
    return trainer
  }

  // What is asked is the run itself: Float's losses are the trainer's, bit for bit, step after step.
  @Test(arguments: ["stage-one", "stage-one-anchors", "stage-two"]) func invariantThePathIsTheTrainers(
    name: String
  ) throws {
    let part = try #require(try Self.path.get().parts.first { $0.name == name })
    var trainer = try trainer(name)
    let totals = try (0..<2).map { _ in try #require(try trainer.runStep()?.step.terms.first { $0.name == "total" }) }
    guard
      case .real(let losses)? = try Operations.named(part.prompt.operation).answer(part.prompt, as: Float.self)[
        "losses"]
    else {
      Issue.record("no losses")
      return
    }
    #expect(losses.values == totals.map(\.value), "\(name)")
  }

  // In the part with anchors all three losses act, and S of some image of a batch has neighbours.
  @Test func workedExampleOfThePrompts() throws {
    let casePrompts = try Self.path.get().prompts()
    #expect(
      casePrompts.map { $0.id }
        == ["stage-one", "stage-one-anchors", "stage-two"].flatMap {
          ["trajectory/\($0)", "loss/\($0)-after-0", "trajectory/\($0)-after-1", "loss/\($0)-after-1"]
        })
    for casePrompt in casePrompts {
      for case .real(let tensor) in casePrompt.prompt.inputs.values {
        #expect(tensor.values.allSatisfy { Double(Float($0)) == $0 }, "\(casePrompt.slug)")
      }
    }
    func named(_ name: String) throws -> CasePrompt {
      try #require(casePrompts.first { $0.id == name })
    }
    let first = try named("trajectory/stage-one").prompt
    #expect(first.inputs["neighbours"] == nil && first.inputs["linear.bias.velocity"] == nil)
    #expect(first.parameters["entropyWeight"] == .number(0) && first.parameters["learningRate"] == .number(0.03))
    let later = try named("trajectory/stage-one-anchors").prompt
    #expect(later.parameters["entropyWeight"] == .number(0.2) && later.inputs["linear.bias.velocity"] != nil)
    let (neighbours, images) = (try later.integers("neighbours"), try later.integers("images"))
    #expect(neighbours.count == 48 && stride(from: 0, to: 48, by: 2).count { neighbours[$0] >= 0 } == 12)
    #expect(images.contains { neighbours[2 * $0] >= 0 } && Set(images).count == 20)
    #expect(try named("loss/stage-one-anchors-after-1").answer(as: Double.self)["ue"] != nil)
    let second = try named("trajectory/stage-two").prompt
    #expect(second.inputs["heads"]?.shape == [5, 4, 10] && second.inputs["linear.bias.velocity"] == nil)
  }

  // The state and the embeddings of step 2 are those of the Double run: rounded to Float, its loss moves by as much.
  @Test func invariantSingleStepsContinueThePath() throws {
    let casePrompts = try Self.path.get().prompts()
    for name in ["stage-one", "stage-one-anchors", "stage-two"] {
      func total(_ id: String, _ output: String, _ index: Int) throws -> Double {
        let casePrompt = try #require(casePrompts.first { $0.id == id })
        guard case .real(let tensor)? = try casePrompt.answer(as: Double.self)[output] else { return .nan }
        return tensor.values[index]
      }
      let whole = try total("trajectory/\(name)", "losses", 1)
      for (id, output) in [("trajectory/\(name)-after-1", "losses"), ("loss/\(name)-after-1", "total")] {
        let apart = abs(try total(id, output, 0) - whole)
        #expect(apart > 0 && apart < 1e-4 * whole.magnitude, "\(id): \(apart) of \(whole)")
      }
    }
  }

  @Test func mistakesAreOneSentence() throws {
    expectError("at least 1 step, not 0") {
      try TrainingPath(Self.configuration, images: Self.images, steps: 0, warmUp: 0)
    }
    expectError("3 steps of 10 images in stage 1 need 30 images, and there are 24") {
      try TrainingPath(Self.configuration, images: Self.images, steps: 3, warmUp: 0)
    }
    var configuration = Self.configuration
    configuration.stageOne.batchSize = 30
    expectError("1 steps of 30 images in stage 1 need 30 images, and there are 24") {
      try TrainingPath(configuration, images: Self.images, steps: 1, warmUp: 0)
    }
    configuration = Self.configuration
    configuration.encoder.inputChannels = 1
    expectError("the images have 3 channels") {
      try TrainingPath(configuration, images: Self.images, steps: 1, warmUp: 0)
    }
    configuration = Self.configuration
    configuration.stageOne.epochsPerRound = 80
    expectError("never rises in 80 epochs") {
      try TrainingPath(configuration, images: Self.images, steps: 1, warmUp: 0)
    }
    configuration.isJoint = true
    expectError("a path needs two stages") {
      try TrainingPath(configuration, images: Self.images, steps: 1, warmUp: 0)
    }
  }
}
