import Kernels
import Networks
import TestSupport
import Testing
import TwoStage

@Suite("Relation loss (L_AUG)")
struct RelationLossTests {
  // Bank rows (3, 0) and (0, 4): relations of (1, 0) and (0, 1) are e1 and e2 whatever the rows' lengths, so the loss is
  // that of orthogonal pairs: 3 log(e + 2) − 1 − 2 log(e + 1) at τ = 1.
  @Test func workedExampleOfAnAxisAlignedBank() {
    let gram = Tensor<Double>(rows: [[9, 0], [0, 16]])
    let views = Tensor<Double>(rows: [[1, 0], [0, 1], [1, 0], [0, 1]])
    let loss = RelationLoss(batchLoss: BatchLoss<Double>(temperature: 1)).evaluate(embeddings: views, gram: gram).loss
    let e = Double.exp(1)
    expectClose(loss, 3 * Double.log(e + 2) - 1 - 2 * Double.log(e + 1), tolerance: 4e-15)
  }

  // The gradient is orthogonal to each view, because a relation vector has no length.
  @Test func invariantLengthsDoNotMatter() {
    let (bank, views) = (Tensor<Double>.random([20, 5], seed: 1), unit(.random([8, 5], seed: 2)))
    let gram = bank.multiplied(by: bank, transposed: true)
    let plain = RelationLoss<Double>().evaluate(embeddings: views, gram: gram)
    let doubled = Tensor(shape: views.shape, values: views.values.map { 2 * $0 })
    #expect(RelationLoss<Double>().evaluate(embeddings: doubled, gram: gram).loss == plain.loss)
    for product in dotProductsOfRows(views.values, plain.embeddingsGradient.values, columns: 5) {
      #expect(abs(product) < 1e-14)
    }
  }

  @Test(arguments: [true, false], BatchLoss<Double>.Denominator.allCases)
  func invariantGramFormIsTheDefinition(stops: Bool, denominator: BatchLoss<Double>.Denominator) {
    let bank = MemoryBank<Double>(images: 40, features: 6, seed: 3)
    let views = unit(.random([10, 6], seed: 4))
    let loss = RelationLoss(
      batchLoss: BatchLoss<Double>(temperature: 0.3, stopsGradient: stops, denominator: denominator))
    let fast = loss.evaluate(embeddings: views, gram: bank.gram)
    let slow = referenceRelationLoss(arrays(views), bank: arrays(bank.rows)) { r in
      let found = loss.batchLoss.evaluate(Tensor(rows: r))
      return (found.loss, arrays(found.rowsGradient))
    }
    // The loss has ten terms a row, each sensitive to cosines by 1/τ_b.
    expectClose(fast.loss, slow.loss, tolerance: 1e-14)
    expectClose(fast.embeddingsGradient, Tensor(rows: slow.gradient), tolerance: 1e-13)
  }

  @Test func invariantAViewWithoutRelationsHasNoGradient() {
    let gram = Tensor<Float>(rows: [[4, 0], [0, 0]])
    let evaluation = RelationLoss<Float>().evaluate(
      embeddings: Tensor(rows: [[0, 1], [1, 0], [1, 0], [1, 0]]), gram: gram)
    #expect(evaluation.loss.isFinite)
    #expect(evaluation.embeddingsGradient.values.allSatisfy { $0.isFinite })
    #expect(Array(evaluation.embeddingsGradient.row(0)) == [0, 0])
  }

  @Test(arguments: [1, 2.5], BatchLoss<Double>.Denominator.allCases)
  func gradientsInFull(weight: Double, denominator: BatchLoss<Double>.Denominator) {
    let bank = MemoryBank<Double>(images: 30, features: 6, seed: 5)
    let views = unit(.random([8, 6], seed: 6))
    let loss = RelationLoss(
      batchLoss: BatchLoss<Double>(
        temperature: 0.2, negativeWeight: denominator == .paper ? 1 : weight, stopsGradient: false,
        denominator: denominator))
    let gradient = loss.evaluate(embeddings: views, gram: bank.gram).embeddingsGradient
    let check = DirectionalDifference(at: views, gradient: gradient) {
      loss.evaluate(embeddings: $0, gram: bank.gram).loss
    }
    #expect(check.relativeDistance < 1e-7, "\(check)")
  }

  @Test func goldenStageOne() throws {
    try goldenStageOne(Double.self)
    try goldenStageOne(Float.self)
  }

  private func goldenStageOne<Scalar: RealScalar>(_ type: Scalar.Type) throws {
    let fixture = try StageOneFixture<Scalar>()
    for (stops, key) in [(true, "dLaugrel_dV"), (false, "dLaugrel_full_dV")] {
      let loss = RelationLoss(batchLoss: BatchLoss<Scalar>(temperature: 0.5, stopsGradient: stops))
      let evaluation = loss.evaluate(embeddings: fixture.embeddings, gram: fixture.bank.gram)
      expectClose(
        evaluation.loss, try fixture.golden.number("A_stage1", "L_aug_relation"),
        tolerance: lossTolerance(type, temperature: 0.5))
      expectClose(
        evaluation.embeddingsGradient, try fixture.golden.matrix("A_stage1", key),
        tolerance: lossTolerance(type, temperature: 0.5, gradient: true))
    }
    for (stops, key) in [(true, "dLaugemb_dV"), (false, "dLaugemb_full_dV")] {
      let evaluation = BatchLoss<Scalar>(temperature: 0.5, stopsGradient: stops).evaluate(fixture.embeddings)
      expectClose(
        evaluation.loss, try fixture.golden.number("A_stage1", "L_aug_embedding"),
        tolerance: lossTolerance(type, temperature: 0.5))
      expectClose(
        evaluation.rowsGradient, try fixture.golden.matrix("A_stage1", key),
        tolerance: lossTolerance(type, temperature: 0.5, gradient: true))
    }
  }

  @Test(arguments: ["oneSided", "full", "paperFull"]) func goldenWitness(name: String) throws {
    let golden = try GoldenValues("losses.json")
    let paper = name == "paperFull"
    let loss = RelationLoss(
      batchLoss: BatchLoss<Double>(
        temperature: 0.3, negativeWeight: paper ? 1 : 2, stopsGradient: name == "oneSided",
        denominator: paper ? .paper : .released))
    let bank = MemoryBank(rows: try golden.matrix("relation", "bank"))
    let evaluation = loss.evaluate(embeddings: try golden.matrix("relation", "embeddings"), gram: bank.gram)
    expectClose(evaluation.loss, try golden.number("relation", paper ? "paperLoss" : "loss"), tolerance: 1e-12)
    expectClose(evaluation.embeddingsGradient, try golden.matrix("relation", name), tolerance: 1e-12)
  }

  @Test func stopsOnMistakes() async {
    await #expect(processExitsWith: .failure) {
      _ = RelationLoss<Float>().evaluate(embeddings: Tensor(shape: [4, 3]), gram: Tensor(shape: [4, 4]))
    }
  }
}
