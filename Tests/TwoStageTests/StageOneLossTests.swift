import Kernels
import Networks
import TestSupport
import Testing
import TwoStage

@Suite("Stage 1's loss")
struct StageOneLossTests {
  // L_UE is neither computed nor counted at w = 0.
  @Test func invariantTotalsAddUp() throws {
    let fixture = try StageOneFixture<Double>()
    let loss = StageOneLoss<Double>()
    func evaluate(_ weight: Double) throws -> StageOneLoss<Double>.Evaluation {
      loss.evaluate(
        embeddings: fixture.embeddings, images: fixture.images, bank: fixture.bank,
        neighbourhoods: try fixture.neighbourhoods(), entropyWeight: weight)
    }
    let (without, with) = (try evaluate(0), try evaluate(0.4))
    #expect(without.entropy == nil)
    #expect(without.total == (try #require(without.neighbourhood)) + (try #require(without.augmentation)))
    let entropy = try #require(with.entropy)
    expectClose(with.total, without.total + 0.4 * entropy, tolerance: 1e-15)
  }

  @Test(arguments: StageOneLoss<Double>.AugmentationSpace.allCases)
  func gradientsOfEmbeddings(space: StageOneLoss<Double>.AugmentationSpace) {
    let bank = MemoryBank<Double>(images: 20, features: 6, seed: 1)
    let views = unit(.random([8, 6], seed: 2))
    let neighbourhoods = NeighbourhoodDiscovery(neighbourCount: 3).discover(in: bank, round: 2)
    let loss = StageOneLoss<Double>(augmentation: BatchLoss(stopsGradient: false), augmentationSpace: space)
    func evaluate(_ views: Tensor<Double>) -> StageOneLoss<Double>.Evaluation {
      loss.evaluate(
        embeddings: views, images: [4, 19, 0, 7], bank: bank, neighbourhoods: neighbourhoods, entropyWeight: 0.4)
    }
    let check = DirectionalDifference(at: views, gradient: evaluate(views).embeddingsGradient, step: 1e-6) {
      evaluate($0).total
    }
    // τ = 0.1 makes third derivatives a thousand times larger: hence the step 1e-6, and rounding 20 eps / 1e-6 ≈ 5e-9.
    #expect(check.relativeDistance < 1e-7, "\(check)")
  }

  // 2 (L_AND + 0.2 L_UE) + 3 L_AUG; without a term, the rest; of single views, L_AND of each row alone.
  @Test func workedExampleOfWeights() throws {
    let fixture = try StageOneFixture<Double>()
    let neighbourhoods = try fixture.neighbourhoods()
    func evaluate(
      _ neighbourhoodWeight: Double, _ augmentationWeight: Double, _ entropyWeight: Double,
      rows: Range<Int> = 0..<8
    ) -> StageOneLoss<Double>.Evaluation {
      StageOneLoss(neighbourhoodWeight: neighbourhoodWeight, augmentationWeight: augmentationWeight).evaluate(
        embeddings: fixture.embeddings.rows(rows), images: fixture.images, bank: fixture.bank,
        neighbourhoods: neighbourhoods, entropyWeight: entropyWeight)
    }
    let whole = evaluate(1, 1, 0.4)
    let (and, ue, aug) = (
      try #require(whole.neighbourhood), try #require(whole.entropy), try #require(whole.augmentation)
    )
    let weighted = evaluate(2, 3, 0.4)
    expectClose(weighted.total, 2 * and + 0.4 * ue + 3 * aug, tolerance: 1e-13)
    let (alone, pairs) = (evaluate(1, 0, 0), evaluate(0, 1, 0))
    #expect(alone.total == and && alone.augmentation == nil && pairs.total == aug && pairs.neighbourhood == nil)
    let sum = zip(evaluate(1, 0, 0.2).embeddingsGradient.values, pairs.embeddingsGradient.values).map {
      2 * $0 + 3 * $1
    }
    expectClose(weighted.embeddingsGradient, Tensor(shape: [8, 8], values: sum), tolerance: 1e-13)
    // Means over 4 rows each make the mean over 8.
    let (first, second) = (evaluate(1, 0, 0, rows: 0..<4), evaluate(1, 0, 0, rows: 4..<8))
    expectClose((first.total + second.total) / 2, and, tolerance: 1e-14)
  }

  @Test(arguments: zip(StageOneLoss<Double>.AugmentationSpace.allCases, ["relation", "embedding"]))
  func goldenTotals(space: StageOneLoss<Double>.AugmentationSpace, name: String) throws {
    let fixture = try StageOneFixture<Double>()
    let golden = fixture.golden
    let loss = StageOneLoss<Double>(augmentation: BatchLoss(temperature: 0.5), augmentationSpace: space)
    let evaluation = loss.evaluate(
      embeddings: fixture.embeddings, images: fixture.images, bank: fixture.bank,
      neighbourhoods: try fixture.neighbourhoods(), entropyWeight: 0.4)
    expectClose(evaluation.total, try golden.number("A_stage1", "L_stage1_\(name)_w04"), tolerance: 1e-9)
    let terms = [
      (1, try golden.matrix("A_stage1", "dLand_dV")), (0.4, try golden.matrix("A_stage1", "dLue_dV")),
      (1, try golden.matrix("A_stage1", space == .relation ? "dLaugrel_dV" : "dLaugemb_dV")),
    ]
    var expected = Tensor<Double>(shape: [8, 8])
    for (weight, term) in terms { for i in 0..<64 { expected.values[i] += weight * term.values[i] } }
    expectClose(evaluation.embeddingsGradient, expected, tolerance: 1e-9)
  }

  @Test func stopsOnMistakes() async {
    await #expect(processExitsWith: .failure) {
      _ = StageOneLoss<Float>().evaluate(
        embeddings: Tensor(shape: [3, 2]), images: [0, 1], bank: MemoryBank(images: 4, features: 2, seed: 1),
        neighbourhoods: .instances(imageCount: 4), entropyWeight: 0)
    }
    await #expect(processExitsWith: .failure) {
      _ = StageOneLoss<Float>().evaluate(
        embeddings: Tensor(shape: [4, 2]), images: [0, 1], bank: MemoryBank(images: 4, features: 2, seed: 1),
        neighbourhoods: .instances(imageCount: 4), entropyWeight: -1)
    }
    // One view of each image has no partner.
    await #expect(processExitsWith: .failure) {
      _ = StageOneLoss<Float>().evaluate(
        embeddings: Tensor(shape: [2, 2]), images: [0, 1], bank: MemoryBank(images: 4, features: 2, seed: 1),
        neighbourhoods: .instances(imageCount: 4), entropyWeight: 0)
    }
  }
}
