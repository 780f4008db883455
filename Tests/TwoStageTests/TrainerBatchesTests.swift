import Images
import Kernels
import Networks
import Testing
import TwoStage

@Suite("What a step is given")
struct TrainerBatchesTests {
  private func position(_ stage: Int, _ round: Int, _ epoch: Int) -> TrainingPosition {
    TrainingPosition(stage: stage, round: round, epoch: epoch)
  }

  // TwoStage.docc/Differences.md, rows 7 and 8: the first drop of the rate is at epoch 120 of a round, w is 0.2 ⌊t / 80⌋.
  @Test func workedExampleOfThePapersConstants() {
    let paper = Configuration.paperCIFAR10
    let rates = [0, 119, 120, 160].map { paper.learningRate(at: position(1, 3, $0)) }
    for (rate, expected) in zip(rates, [0.03, 0.03, 0.003, 0.0003]) { #expect(abs(rate - expected) < 1e-12) }
    #expect([0, 79, 80, 160].map { paper.entropyWeight(at: position(1, 3, $0)) } == [0, 0, 0.2, 0.4])
    #expect(paper.learningRate(at: position(2, 0, 0)) == 0.01 && paper.entropyWeight(at: position(2, 0, 100)) == 0)
  }

  // Every epoch has an order and views of its own; the views of a batch are those of its images, the first above the second.
  @Test func invariantViewsAreThoseOfTheEpoch() throws {
    let trainer = try Trainer<Float>(.tinyColour, images: .colouredToy)
    let batches = trainer.batches(at: position(1, 1, 0))
    #expect(batches.map(\.count) == [8, 8, 8] && Set(batches.joined()) == Set(0..<24))
    #expect(batches != trainer.batches(at: position(1, 0, 0)))
    // Rounds of two epochs: this is epoch 2 of the run, and the first of stage 2 is epoch 4.
    for (index, epoch) in [(position(1, 1, 0), 2), (position(2, 0, 0), 4)] {
      let views = trainer.views(of: batches[1], at: index)
      let kind = trainer.configuration.stageOne.views
      let halves = (0..<2).flatMap { view -> [Float] in
        kind.batch(
          of: .colouredToy, images: batches[1], seed: 5, epoch: epoch, view: view, standardisedBy: .cifar10)
      }
      #expect(views.shape == [16, 3, 4, 4] && views.values == halves, "\(index)")
    }
  }
}
